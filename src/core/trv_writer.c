
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_writer_private.h"


#define trv_align(n, a)  (((n) + (a) - 1) & ~(size_t) ((a) - 1))


static trv_part_t *trv_writer_part(trv_writer_t *writer, uint32_t index);
static unsigned trv_writer_crowded(const trv_writer_t *writer, uint32_t index,
    trv_block_t block);
static trv_rc_t trv_writer_grow(trv_writer_t *writer, uint32_t index);
static uint32_t trv_writer_clear(const trv_writer_t *writer, uint64_t *line,
    uint64_t a, unsigned shape);


/*
 *     +--------------+---------------------+------------------+
 *     | trv_writer_t | chunk[0 .. nchunks) | count[0..nparts) |
 *     +--------------+---------------------+------------------+
 */

size_t
trv_writer_size(const trv_table_t *table)
{
    return trv_align(sizeof(trv_writer_t), 16)
           + (size_t) table->nchunks * sizeof(trv_chunk_t)
           + (size_t) table->nparts * sizeof(uint32_t);
}


trv_writer_t *
trv_writer_open(const trv_table_t *table, void *memory)
{
    uint8_t       *p;
    uint32_t       i;
    trv_block_t    block;
    trv_writer_t  *writer;

    writer = memory;
    memset(writer, 0, sizeof(trv_writer_t));

    p = (uint8_t *) memory + trv_align(sizeof(trv_writer_t), 16);

    writer->table = *table;
    writer->chunk = (trv_chunk_t *) p;
    writer->count = (uint32_t *) (p + table->nchunks * sizeof(trv_chunk_t));

    /* which shapes there are is known after the first round of the sweep */

    writer->shapes = UINT64_MAX;

    trv_alloc_init(writer);

    for (i = 0; i < table->nparts; i++) {
        block = trv_part_block(trv_part_at(table, i));
        writer->count[i] = 0;

        if (block.lines != 0) {
            trv_alloc_mark(writer, block);
            writer->count[i] = TRV_COUNT_UNKNOWN;
        }
    }

    trv_alloc_ready(writer);

    /*
     * Release fence: the roots of the predecessor, which may have died before
     * its own fence, stand before everything that this writer stores.
     */

    trv_fence_release();

    return writer;
}


static trv_part_t *
trv_writer_part(trv_writer_t *writer, uint32_t index)
{
    if (writer->count[index] == TRV_COUNT_UNKNOWN) {
        trv_sweep_claim(writer, index);
    }

    return trv_part_at(&writer->table, index);
}


void
trv_writer_prefetch(const trv_writer_t *writer, trv_fp_t fp)
{
    uint32_t      home[2];
    uint64_t     *line;
    unsigned      i;
    trv_block_t   block;

    block = trv_part_block(trv_part_at(&writer->table,
                                       trv_part_index(&writer->table, fp.g)));

    if (block.lines == 0) {
        return;
    }

    trv_homes(fp.a, block.lines, home);

    for (i = 0; i < 2; i++) {
        line = trv_line(&writer->table, block.map, home[i]);

        __builtin_prefetch(line, 1);
        __builtin_prefetch(trv_slot_term(&writer->table, line), 1);
    }
}


trv_rc_t
trv_writer_put(trv_writer_t *writer, trv_fp_t fp, trv_term_t term)
{
    uint32_t      index;
    uint64_t     *slot, *old;
    trv_part_t   *part;
    trv_block_t   block;

    index = trv_part_index(&writer->table, fp.g);
    part = trv_writer_part(writer, index);
    block = trv_part_block(part);

    writer->shapes_now |= UINT64_C(1) << trv_term_shape(term);

    slot = trv_place_find(writer, block, fp.a, term);

    if (slot != NULL) {
        old = trv_slot_term(&writer->table, slot);
        term = trv_term_merge(trv_load(old), term);

        /* one store: a reader has the old terms or the new ones */

        if (trv_load(old) != term) {
            trv_store(old, term);
        }

        return TRV_OK;
    }

    /* without memory to grow the block is filled on, as far as it goes */

    if (trv_writer_crowded(writer, index, block)
        && trv_writer_grow(writer, index) == TRV_OK)
    {
        block = trv_part_block(part);
    }

    slot = trv_place_room(writer, part, block, fp.a);

    if (slot == NULL) {

        if (trv_writer_grow(writer, index) != TRV_OK) {
            return TRV_FULL;
        }

        slot = trv_place_room(writer, part, trv_part_block(part), fp.a);

        if (slot == NULL) {
            return TRV_FULL;
        }
    }

    trv_place_store(writer, slot, fp.a, term);

    writer->count[index]++;
    writer->rules++;

    return TRV_OK;
}


static unsigned
trv_writer_crowded(const trv_writer_t *writer, uint32_t index,
    trv_block_t block)
{
    uint32_t  slots;

    slots = block.lines * TRV_LINE_SLOTS;

    if (block.lines >= TRV_GROW_LINES) {
        slots = (uint32_t) ((uint64_t) slots * TRV_GROW_AT / 256);
    }

    return writer->count[index] >= slots;
}


static trv_rc_t
trv_writer_grow(trv_writer_t *writer, uint32_t index)
{
    uint32_t     lines;
    trv_block_t  block;

    block = trv_part_block(trv_part_at(&writer->table, index));
    lines = trv_grow_next(writer, block.lines);

    if (lines == 0) {
        return TRV_FULL;
    }

    return trv_grow_rebuild(writer, index, lines);
}


trv_rc_t
trv_writer_remove(trv_writer_t *writer, trv_fp_t fp, unsigned shape)
{
    unsigned     i;
    uint32_t     index, home[2], removed;
    trv_part_t  *part;
    trv_block_t  block;

    index = trv_part_index(&writer->table, fp.g);
    part = trv_writer_part(writer, index);
    block = trv_part_block(part);

    if (block.lines == 0) {
        return TRV_NONE;
    }

    trv_homes(fp.a, block.lines, home);
    removed = 0;

    for (i = 0; i < 2; i++) {
        removed += trv_writer_clear(writer,
                                    trv_line(&writer->table, block.map,
                                             home[i]),
                                    fp.a, shape);
    }

    if (removed == 0) {
        return TRV_NONE;
    }

    trv_root_bump(part);

    writer->count[index] -= removed;
    writer->rules -= removed;

    return TRV_OK;
}


static uint32_t
trv_writer_clear(const trv_writer_t *writer, uint64_t *line, uint64_t a,
    unsigned shape)
{
    unsigned   mask;
    uint32_t   removed;
    uint64_t  *slot;

    removed = 0;

    for (mask = trv_line_match(line, a); mask != 0; mask &= mask - 1) {
        slot = line + __builtin_ctz(mask);

        if (trv_term_shape(trv_load(trv_slot_term(&writer->table, slot)))
            == shape)
        {
            trv_store(slot, 0);
            removed++;
        }
    }

    return removed;
}


uint64_t
trv_writer_shapes(const trv_writer_t *writer)
{
    return writer->shapes | writer->shapes_now;
}


void
trv_writer_usage(const trv_writer_t *writer, trv_usage_t *usage)
{
    unsigned  shift;

    shift = writer->table.shift + TRV_SHIFT_BYTES;

    usage->rules = writer->rules;
    usage->bytes_used = (uint64_t) (writer->fresh - writer->nfree) << shift;
    usage->bytes_total = (uint64_t) writer->table.nchunks << shift;
    usage->reach = (uint64_t) (writer->table.chunks - writer->table.base)
                   + ((uint64_t) writer->fresh << shift);
}
