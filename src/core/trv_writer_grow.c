
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A block is never changed in size: a copy is built where no reader looks,
 * and then the root names it.
 */


#include "trv_writer_private.h"


static trv_rc_t trv_grow_copy(trv_writer_t *writer, trv_block_t from,
    trv_block_t to);
static trv_rc_t trv_grow_add(trv_writer_t *writer, trv_block_t to,
    uint64_t *from);
static void trv_grow_clear(const trv_writer_t *writer, trv_block_t block);
static void trv_grow_publish(trv_writer_t *writer, trv_part_t *part,
    uint32_t lines);


uint32_t
trv_grow_next(const trv_writer_t *writer, uint32_t lines)
{
    uint32_t  chunk;

    chunk = UINT32_C(1) << writer->table.shift;

    if (lines < chunk) {
        return lines ? lines * 2 : 1;
    }

    return lines < chunk * TRV_MAP_LEN ? lines + chunk : 0;
}


trv_rc_t
trv_grow_rebuild(trv_writer_t *writer, uint32_t index, uint32_t lines)
{
    trv_rc_t      rc;
    trv_part_t   *part;
    trv_block_t   from, to;

    part = trv_part_at(&writer->table, index);
    from = trv_part_block(part);

    if (lines != 0) {
        rc = trv_alloc_take(writer, lines, writer->map);

        if (rc != TRV_OK) {
            return rc;
        }

        to.lines = lines;
        to.map = writer->map;

        trv_grow_clear(writer, to);

        rc = trv_grow_copy(writer, from, to);

        if (rc != TRV_OK) {
            trv_alloc_give(writer, to);
            return rc;
        }
    }

    /* "from" stays readable: the other side of the map is written */

    trv_grow_publish(writer, part, lines);
    trv_alloc_give(writer, from);

    return TRV_OK;
}


/*
 * Memory of a block may hold anything, and readers that come late may look at
 * it: they will see that the root has changed.
 */

static void
trv_grow_clear(const trv_writer_t *writer, trv_block_t block)
{
    unsigned   i;
    uint32_t   j;
    uint64_t  *line;

    for (j = 0; j < block.lines; j++) {
        line = trv_line(&writer->table, block.map, j);

        for (i = 0; i < TRV_LINE_SLOTS; i++) {
            trv_store(&line[i], 0);
        }
    }
}


static trv_rc_t
trv_grow_copy(trv_writer_t *writer, trv_block_t from, trv_block_t to)
{
    unsigned   mask;
    uint32_t   j;
    uint64_t  *line;
    trv_rc_t   rc;

    memset(writer->fill, 0, to.lines);

    for (j = 0; j < from.lines; j++) {
        line = trv_line(&writer->table, from.map, j);
        mask = trv_line_match(line, 0) ^ ((1u << TRV_LINE_SLOTS) - 1);

        for ( /* void */; mask != 0; mask &= mask - 1) {
            rc = trv_grow_add(writer, to, line + __builtin_ctz(mask));

            if (rc != TRV_OK) {
                return rc;
            }
        }
    }

    return TRV_OK;
}


/*
 * The lines of the copy are filled from their first slot on, and "fill" says
 * how far: most rules are placed without reading a line.
 */

static trv_rc_t
trv_grow_add(trv_writer_t *writer, trv_block_t to, uint64_t *from)
{
    uint8_t   *fill;
    uint32_t   home[2], j;
    uint64_t   a, *slot;

    a = trv_load(from);
    fill = writer->fill;

    trv_homes(a, to.lines, home);
    j = fill[home[1]] < fill[home[0]] ? home[1] : home[0];

    if (fill[j] < TRV_LINE_SLOTS) {
        slot = trv_line(&writer->table, to.map, j) + fill[j];

    } else {
        slot = trv_place_room(writer, NULL, to, a);

        if (slot == NULL) {
            return TRV_FULL;
        }

        /* the last line of the way got one more, the others are still full */

        j = writer->search.node[writer->search.hole].line;
    }

    fill[j]++;
    trv_place_store(writer, slot, a,
                    trv_load(trv_slot_term(&writer->table, from)));

    return TRV_OK;
}


static void
trv_grow_publish(trv_writer_t *writer, trv_part_t *part, uint32_t lines)
{
    uint32_t  i, n;
    uint64_t  root;

    root = trv_load(&part->root);
    root ^= UINT64_C(1) << TRV_ROOT_SEL;
    root = (root & ~TRV_ROOT_LINES) | lines;

    n = (lines + (1u << writer->table.shift) - 1) >> writer->table.shift;

    for (i = 0; i < n; i++) {
        trv_store(&part->map[trv_root_sel(root)][i], writer->map[i]);
    }

    /*
     * The release of the new root stands behind the block and the map, its
     * fence before the next use of the old ones.
     */

    trv_root_change(part, root + TRV_ROOT_VERSION);
}
