
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Finding slots.  A rule has two home lines; when both are full, a rule of
 * one of them can go to its own other home, if that has a hole, or if one of
 * its rules can go, and so on.  The shortest way is searched breadth first,
 * and walked backwards from the hole:
 *
 *     home         full line       line with a hole
 *     +--------+   +--------+      +--------+
 *     | x      |   |   y    |      |     .  |     y moves to the hole,
 *     +-|------+   +-^-|----+      +-----^--+     then x to where y was:
 *       +------------+ +-----------------+        no rule is ever absent
 */


#include "trv_writer_private.h"


#define TRV_NO_PARENT  UINT16_MAX


static unsigned trv_place_holes(unsigned mask);
static uint64_t *trv_place_search(trv_writer_t *writer, trv_part_t *part,
    trv_block_t block);
static unsigned trv_place_reach(trv_search_t *s, uint32_t line, unsigned slot,
    unsigned parent);
static uint64_t *trv_place_walk(trv_writer_t *writer, trv_part_t *part,
    trv_block_t block, unsigned hole);
static void trv_place_move(const trv_writer_t *writer, trv_part_t *part,
    uint64_t *from, uint64_t *to);


uint64_t *
trv_place_find(const trv_writer_t *writer, trv_block_t block, uint64_t a,
    trv_term_t term)
{
    unsigned   i, mask;
    uint32_t   home[2];
    uint64_t  *line, *slot;

    if (block.lines == 0) {
        return NULL;
    }

    trv_homes(a, block.lines, home);

    for (i = 0; i < 2; i++) {
        line = trv_line(&writer->table, block.map, home[i]);

        for (mask = trv_line_match(line, a); mask != 0; mask &= mask - 1) {
            slot = line + __builtin_ctz(mask);

            if (trv_term_same(trv_load(trv_slot_term(&writer->table, slot)),
                              term))
            {
                return slot;
            }
        }
    }

    return NULL;
}


void
trv_place_store(const trv_writer_t *writer, uint64_t *slot, uint64_t a,
    trv_term_t term)
{
    /*
     * Release fence: the slot may just have lost another rule; a reader that
     * sees this T, and then has an acquire fence, sees that F was cleared.
     */

    trv_fence_release();
    trv_store(trv_slot_term(&writer->table, slot), term);

    /* release: who sees F sees T.  A writer that dies before: a free slot */

    trv_store_release(slot, a);
}


uint64_t *
trv_place_room(trv_writer_t *writer, trv_part_t *part, trv_block_t block,
    uint64_t a)
{
    unsigned       free0, free1;
    uint32_t       home[2];
    uint64_t      *line0, *line1;
    trv_search_t  *s;

    if (block.lines == 0) {
        return NULL;
    }

    trv_homes(a, block.lines, home);

    line0 = trv_line(&writer->table, block.map, home[0]);
    line1 = trv_line(&writer->table, block.map, home[1]);

    free0 = trv_line_match(line0, 0);
    free1 = trv_line_match(line1, 0);

    if ((free0 | free1) == 0) {
        s = &writer->search;
        s->n = 0;
        memset(s->seen, 0, (block.lines + 63) / 64 * sizeof(s->seen[0]));

        (void) trv_place_reach(s, home[0], 0, TRV_NO_PARENT);
        (void) trv_place_reach(s, home[1], 0, TRV_NO_PARENT);

        return trv_place_search(writer, part, block);
    }

    /* the emptier line */

    if (trv_place_holes(free0) >= trv_place_holes(free1)) {
        return line0 + __builtin_ctz(free0);
    }

    return line1 + __builtin_ctz(free1);
}


/* bits in a byte; the compiler's own may be a call */

static unsigned
trv_place_holes(unsigned mask)
{
    mask = (mask & 0x55) + (mask >> 1 & 0x55);
    mask = (mask & 0x33) + (mask >> 2 & 0x33);

    return (mask & 0x0f) + (mask >> 4);
}


static uint64_t *
trv_place_search(trv_writer_t *writer, trv_part_t *part, trv_block_t block)
{
    unsigned       i, n, first, free;
    uint32_t       home[2], other;
    uint64_t       a, *line;
    trv_search_t  *s;

    s = &writer->search;

    for (n = 0; n < s->n; n++) {
        line = trv_line(&writer->table, block.map, s->node[n].line);
        first = s->n;

        /* all lines begin to load before the first one is looked at */

        for (i = 0; i < TRV_LINE_SLOTS; i++) {
            a = trv_load(&line[i]);
            trv_homes(a, block.lines, home);
            other = home[0] == s->node[n].line ? home[1] : home[0];

            if (trv_place_reach(s, other, i, n)) {
                __builtin_prefetch(trv_line(&writer->table, block.map, other));
            }
        }

        for (i = first; i < s->n; i++) {
            line = trv_line(&writer->table, block.map, s->node[i].line);
            free = trv_line_match(line, 0);

            if (free != 0) {
                s->hole = i;
                return trv_place_walk(writer, part, block,
                                      (unsigned) __builtin_ctz(free));
            }
        }
    }

    return NULL;
}


/* true if the line is new; a line is not walked through twice */

static unsigned
trv_place_reach(trv_search_t *s, uint32_t line, unsigned slot, unsigned parent)
{
    uint64_t     bit;
    trv_node_t  *node;

    bit = UINT64_C(1) << line % 64;

    if (s->n == TRV_SEARCH_NODES || s->seen[line / 64] & bit) {
        return 0;
    }

    s->seen[line / 64] |= bit;

    node = &s->node[s->n++];

    node->line = (uint16_t) line;
    node->slot = (uint16_t) slot;
    node->parent = (uint16_t) parent;

    return 1;
}


/* moves rules along the way that was found; returns the hole at its begin */

static uint64_t *
trv_place_walk(trv_writer_t *writer, trv_part_t *part, trv_block_t block,
    unsigned hole)
{
    uint64_t          *from, *to;
    const trv_node_t  *node;

    node = &writer->search.node[writer->search.hole];
    to = trv_line(&writer->table, block.map, node->line) + hole;

    while (node->parent != TRV_NO_PARENT) {
        hole = node->slot;
        node = &writer->search.node[node->parent];

        from = trv_line(&writer->table, block.map, node->line) + hole;
        trv_place_move(writer, part, from, to);

        to = from;
    }

    return to;
}


/*
 * The rule is in both places before it leaves the first.  A writer that dies
 * in between leaves a duplicate: trv_sweep_claim() removes it.
 */

static void
trv_place_move(const trv_writer_t *writer, trv_part_t *part, uint64_t *from,
    uint64_t *to)
{
    trv_place_store(writer, to, trv_load(from),
                    trv_load(trv_slot_term(&writer->table, from)));

    if (part != NULL) {
        trv_root_bump(part);
    }

    trv_store(from, 0);
}
