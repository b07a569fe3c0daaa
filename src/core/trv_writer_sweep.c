
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Partition by partition: taking over what another writer left, and
 * freeing what is dead.  Readers test the end of a rule themselves: sweeping
 * gives memory back, it decides nothing.
 */


#include "trv_writer_private.h"


/* of 100: a block that is emptier is replaced by one filled up to the other */

#define TRV_SHRINK_BELOW  60
#define TRV_SHRINK_TO     80


static unsigned trv_sweep_count(trv_writer_t *writer, trv_block_t block,
    uint32_t j, uint32_t *count);
static unsigned trv_sweep_twice(trv_writer_t *writer, trv_block_t block,
    uint32_t j, uint64_t *slot);
static uint32_t trv_sweep_part(trv_writer_t *writer, uint32_t index,
    int64_t now);
static uint32_t trv_sweep_line(trv_writer_t *writer, uint64_t *line,
    int64_t now);
static void trv_sweep_shrink(trv_writer_t *writer, uint32_t index);


void
trv_sweep_claim(trv_writer_t *writer, uint32_t index)
{
    unsigned     removed;
    uint32_t     j, count;
    trv_part_t  *part;
    trv_block_t  block;

    part = trv_part_at(&writer->table, index);
    block = trv_part_block(part);

    /*
     * The predecessor may have died behind F = 0, or behind the copy of a
     * move, in both cases before the root was changed.
     */

    trv_root_bump(part);

    count = 0;
    removed = 0;

    for (j = 0; j < block.lines; j++) {
        removed |= trv_sweep_count(writer, block, j, &count);
    }

    if (removed) {
        trv_root_bump(part);
    }

    writer->count[index] = count;
    writer->rules += count;
}


/* counts the rules of a line; true if one was there for the second time */

static unsigned
trv_sweep_count(trv_writer_t *writer, trv_block_t block, uint32_t j,
    uint32_t *count)
{
    unsigned   i, removed;
    uint64_t  *line;

    removed = 0;
    line = trv_line(&writer->table, block.map, j);

    for (i = 0; i < TRV_LINE_SLOTS; i++) {

        if (trv_load(&line[i]) == 0) {
            continue;
        }

        if (block.lines > 1 && trv_sweep_twice(writer, block, j, &line[i])) {
            removed = 1;
            continue;
        }

        (*count)++;
    }

    return removed;
}


/*
 * Removes the rule from this slot if its other home has it too: the source and
 * the copy of a move.  The later terms stand, in the slot that stays, before
 * this one is cleared.
 */

static unsigned
trv_sweep_twice(trv_writer_t *writer, trv_block_t block, uint32_t j,
    uint64_t *slot)
{
    unsigned    mask;
    uint32_t    home[2];
    uint64_t    a, *line, *other;
    trv_term_t  term;

    a = trv_load(slot);
    trv_homes(a, block.lines, home);

    line = trv_line(&writer->table, block.map,
                    home[0] == j ? home[1] : home[0]);
    mask = trv_line_match(line, a);

    if (mask == 0) {
        return 0;
    }

    term = trv_load(trv_slot_term(&writer->table, slot));

    for ( /* void */; mask != 0; mask &= mask - 1) {
        other = trv_slot_term(&writer->table, line + __builtin_ctz(mask));

        if (trv_term_same(trv_load(other), term)) {
            trv_store(other, trv_term_merge(trv_load(other), term));
            trv_store(slot, 0);
            return 1;
        }
    }

    return 0;
}


size_t
trv_writer_sweep(trv_writer_t *writer, int64_t now, unsigned partitions,
    unsigned *wrapped)
{
    size_t    removed;
    uint32_t  n;

    *wrapped = 0;
    removed = 0;

    while (partitions-- > 0 && !*wrapped) {
        n = trv_sweep_part(writer, writer->cursor, now);

        writer->count[writer->cursor] -= n;
        writer->rules -= n;
        removed += n;

        trv_sweep_shrink(writer, writer->cursor);

        if (++writer->cursor == writer->table.nparts) {
            writer->cursor = 0;
            writer->shapes = writer->shapes_now;
            writer->shapes_now = 0;
            *wrapped = 1;
        }
    }

    return removed;
}


static uint32_t
trv_sweep_part(trv_writer_t *writer, uint32_t index, int64_t now)
{
    uint32_t     j, removed;
    trv_part_t  *part;
    trv_block_t  block;

    if (writer->count[index] == TRV_COUNT_UNKNOWN) {
        trv_sweep_claim(writer, index);
    }

    part = trv_part_at(&writer->table, index);
    block = trv_part_block(part);
    removed = 0;

    for (j = 0; j < block.lines; j++) {
        removed += trv_sweep_line(writer,
                                  trv_line(&writer->table, block.map, j), now);
    }

    if (removed) {
        trv_root_bump(part);
    }

    return removed;
}


static uint32_t
trv_sweep_line(trv_writer_t *writer, uint64_t *line, int64_t now)
{
    unsigned    i;
    uint32_t    removed;
    trv_term_t  term;

    removed = 0;

    for (i = 0; i < TRV_LINE_SLOTS; i++) {

        if (trv_load(&line[i]) == 0) {
            continue;
        }

        term = trv_load(trv_slot_term(&writer->table, &line[i]));

        if (trv_term_dead(term, now)) {
            trv_store(&line[i], 0);
            removed++;
            continue;
        }

        writer->shapes_now |= UINT64_C(1) << trv_term_shape(term);
    }

    return removed;
}


/* without room for the copy the block stays as it is, until the next round */

static void
trv_sweep_shrink(trv_writer_t *writer, uint32_t index)
{
    uint32_t     lines, next;
    uint64_t     count;
    trv_block_t  block;

    count = (uint64_t) writer->count[index] * 100;
    block = trv_part_block(trv_part_at(&writer->table, index));

    if (count >= (uint64_t) block.lines * TRV_LINE_SLOTS * TRV_SHRINK_BELOW) {
        return;
    }

    for (lines = 0; lines < block.lines; lines = next) {
        next = trv_grow_next(writer, lines);

        if (count <= (uint64_t) lines * TRV_LINE_SLOTS * TRV_SHRINK_TO) {
            (void) trv_grow_rebuild(writer, index, lines);
            return;
        }
    }
}
