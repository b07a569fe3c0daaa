
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_siphash.h"
#include "trv_table_layout.h"


/* what a zero "a", which would be a free slot, is replaced with */

#define TRV_FP_ZERO  UINT64_C(0x9e3779b97f4a7c15)


/* what a look-up asks for */

typedef struct {
    uint64_t  a;
    int64_t   issued;
    int64_t   now;
    unsigned  shape;
} trv_question_t;


static trv_rc_t trv_table_measure(trv_table_t *table, uint8_t *base,
    size_t size);
static trv_rc_t trv_table_scan(const trv_table_t *table, trv_part_t *part,
    uint64_t root, const trv_question_t *q, trv_term_t *term);
static int trv_table_scan_line(const trv_table_t *table, uint64_t *line,
    const trv_question_t *q, trv_term_t *term);


/* where everything is follows from the size alone */

static trv_rc_t
trv_table_measure(trv_table_t *table, uint8_t *base, size_t size)
{
    size_t    head, chunk;
    uint64_t  n;

    if (size < TRV_SIZE_MIN) {
        return TRV_LIMIT;
    }

    table->base = base;
    table->size = size;
    table->shift = size < TRV_LARGE_ZONE ? TRV_SHIFT_SMALL : TRV_SHIFT_LARGE;

    chunk = (size_t) 1 << (table->shift + TRV_SHIFT_BYTES);
    n = size / chunk / TRV_PART_CHUNKS;

    /* the number of a line has 32 bits */

    if (size / chunk >= UINT64_C(1) << (32 - table->shift)) {
        return TRV_LIMIT;
    }

    table->nparts = n ? (uint32_t) n : 1;

    head = TRV_HEADER_SIZE + table->nparts * sizeof(trv_part_t);
    head = (head + TRV_PAGE - 1) & ~(size_t) (TRV_PAGE - 1);

    table->parts = base + TRV_HEADER_SIZE;
    table->chunks = base + head;
    table->nchunks = (uint32_t) ((size - head) / chunk);

    return TRV_OK;
}


trv_rc_t
trv_table_format(uint8_t *base, size_t size, const uint8_t key[TRV_KEY_LEN])
{
    trv_rc_t       rc;
    trv_table_t    table;
    trv_header_t  *header;

    rc = trv_table_measure(&table, base, size);

    if (rc != TRV_OK) {
        return rc;
    }

    header = (trv_header_t *) base;

    header->size = size;
    header->layout = TRV_TABLE_LAYOUT;
    header->nparts = table.nparts;
    header->nchunks = table.nchunks;
    header->shift = table.shift;
    memcpy(header->key, key, TRV_KEY_LEN);

    /* release: whoever sees the magic sees what stands above */

    trv_store_release(&header->magic, TRV_TABLE_MAGIC);

    return TRV_OK;
}


trv_rc_t
trv_table_attach(trv_table_t *table, uint8_t *base, size_t size)
{
    trv_header_t  *header;

    if (trv_table_measure(table, base, size) != TRV_OK) {
        return TRV_MALFORMED;
    }

    header = (trv_header_t *) base;

    if (trv_load_acquire(&header->magic) != TRV_TABLE_MAGIC
        || header->layout != TRV_TABLE_LAYOUT
        || header->size != size
        || header->nparts != table->nparts
        || header->nchunks != table->nchunks
        || header->shift != table->shift)
    {
        return TRV_MALFORMED;
    }

    table->k0 = trv_load64(header->key);
    table->k1 = trv_load64(header->key + 8);

    return TRV_OK;
}


trv_fp_t
trv_table_fingerprint(const trv_table_t *table, const uint8_t *data, size_t len)
{
    trv_fp_t       fp;
    trv_hash128_t  hash;

    hash = trv_siphash128(table->k0, table->k1, data, len);

    fp.a = hash.w[0] ? hash.w[0] : TRV_FP_ZERO;
    fp.g = (uint32_t) hash.w[1];

    return fp;
}


void
trv_table_prefetch(const trv_table_t *table, trv_fp_t fp)
{
    uint32_t     lines, home[2];
    uint64_t     root;
    trv_part_t  *part;

    part = trv_part_at(table, trv_part_index(table, fp.g));

    /*
     * Only a hint: without acquire the map may be older than the root, and
     * then another line is loaded, for nothing, inside the zone.
     */

    root = trv_load(&part->root);
    lines = trv_root_lines(root);

    if (lines == 0) {
        return;
    }

    trv_homes(fp.a, lines, home);

    __builtin_prefetch(trv_line(table, part->map[trv_root_sel(root)], home[0]));
    __builtin_prefetch(trv_line(table, part->map[trv_root_sel(root)], home[1]));
}


trv_rc_t
trv_table_lookup(const trv_table_t *table, trv_fp_t fp, unsigned shape,
    int64_t issued, int64_t now, trv_term_t *term)
{
    uint64_t        root;
    trv_rc_t        rc;
    trv_part_t     *part;
    trv_question_t  q;

    q.a = fp.a;
    q.issued = issued;
    q.now = now;
    q.shape = shape;

    part = trv_part_at(table, trv_part_index(table, fp.g));

    for ( ; ; ) {

        /*
         * Acquire: pairs with the release store of a root, so the map, the
         * block and the copies of moved rules that this root stands for are
         * visible to the scan.
         */

        root = trv_load_acquire(&part->root);

        if (trv_root_lines(root) == 0) {
            return TRV_NONE;
        }

        rc = trv_table_scan(table, part, root, &q, term);

        /*
         * Acquire fence: if the scan read anything that was stored after a
         * later change of the root (the cleared source of a move, the other
         * side of the map, a block that was given away), it pairs with the
         * writer's release fence behind that change, and the load below sees
         * the change.  Without the fence the processor may load the root
         * before the lines.  A repeat needs a change in just this partition
         * and just now; a dead or stopped writer causes none.
         */

        trv_fence_acquire();

        if (trv_load(&part->root) == root) {
            return rc;
        }
    }
}


static trv_rc_t
trv_table_scan(const trv_table_t *table, trv_part_t *part, uint64_t root,
    const trv_question_t *q, trv_term_t *term)
{
    uint32_t   home[2];
    uint32_t  *map;
    uint64_t  *line[2];

    map = part->map[trv_root_sel(root)];
    trv_homes(q->a, trv_root_lines(root), home);

    line[0] = trv_line(table, map, home[0]);
    line[1] = trv_line(table, map, home[1]);

    __builtin_prefetch(line[1]);

    if (trv_table_scan_line(table, line[0], q, term)
        || (home[1] != home[0]
            && trv_table_scan_line(table, line[1], q, term)))
    {
        return TRV_OK;
    }

    return TRV_NONE;
}


/*
 * A slot that has the fingerprint but does not refuse is not the end: the
 * same match may have a second rule, one with a cut-off and one "always".
 */

static int
trv_table_scan_line(const trv_table_t *table, uint64_t *line,
    const trv_question_t *q, trv_term_t *term)
{
    unsigned    mask;
    uint32_t    cutoff;
    uint64_t   *slot;
    trv_term_t  t;

    for (mask = trv_line_match(line, q->a); mask != 0; mask &= mask - 1) {
        slot = line + __builtin_ctz(mask);

        /*
         * Acquire: pairs with the release store of F, so T is at least as new
         * as the rule that the slot held.
         */

        trv_fence_acquire();

        t = trv_load(trv_slot_term(table, slot));

        /*
         * Acquire: if T is that of the slot's next rule, this pairs with the
         * release fence that stands before each T, behind the store that
         * cleared F, and the load below does not see the old F.  That F was
         * the same again in between is excluded by the root: see I3 and
         * trv_writer_private.h.
         */

        trv_fence_acquire();

        if (trv_load(slot) != q->a
            || trv_term_shape(t) != q->shape
            || trv_term_dead(t, q->now))
        {
            continue;
        }

        cutoff = trv_term_cutoff(t);

        if (cutoff == TRV_CUTOFF_ALWAYS
            || q->issued == INT64_MIN
            || q->issued <= (int64_t) cutoff)
        {
            *term = t;
            return 1;
        }
    }

    return 0;
}
