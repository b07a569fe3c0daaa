
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Chunks and blocks.  What no root names is free: nothing of this is in
 * shared memory, and a successor rebuilds it from the roots.
 *
 * A block that is given back may be taken at once, also while readers look at
 * it: the root has changed, and they look again.
 */


#include "trv_writer_private.h"


static void trv_alloc_reach(trv_writer_t *writer, uint32_t chunk);
static uint32_t trv_alloc_pop(trv_writer_t *writer);
static void trv_alloc_push(trv_writer_t *writer, uint32_t n);
static void trv_alloc_link(trv_writer_t *writer, uint32_t n);
static void trv_alloc_unlink(trv_writer_t *writer, uint32_t n);
static unsigned trv_alloc_find(const trv_chunk_t *chunk, unsigned blocks);
static unsigned trv_alloc_full(const trv_chunk_t *chunk, unsigned blocks);
static trv_rc_t trv_alloc_small(trv_writer_t *writer, uint32_t lines,
    uint32_t *id);


static inline unsigned
trv_alloc_class(uint32_t lines)
{
    return (unsigned) __builtin_ctz(lines);
}


/* how many blocks of a class a chunk has */

static inline unsigned
trv_alloc_blocks(const trv_writer_t *writer, unsigned class)
{
    return 1u << (writer->table.shift - class);
}


void
trv_alloc_init(trv_writer_t *writer)
{
    unsigned  i;

    writer->fresh = 0;
    writer->nfree = 0;
    writer->free = TRV_NIL;

    for (i = 0; i < TRV_CLASSES; i++) {
        writer->room[i] = TRV_NIL;
    }
}


/* the records of chunks are made as far as they are needed */

static void
trv_alloc_reach(trv_writer_t *writer, uint32_t chunk)
{
    trv_chunk_t  *c;

    while (writer->fresh <= chunk) {
        c = &writer->chunk[writer->fresh++];

        c->used[0] = 0;
        c->used[1] = 0;
        c->class = TRV_CHUNK_FREE;
    }
}


void
trv_alloc_mark(trv_writer_t *writer, trv_block_t block)
{
    uint32_t      i, n, id, chunk;
    unsigned      unit;
    trv_chunk_t  *c;

    n = (block.lines + (1u << writer->table.shift) - 1) >> writer->table.shift;

    for (i = 0; i < n; i++) {
        id = trv_load(&block.map[i]);
        chunk = id >> writer->table.shift;

        trv_alloc_reach(writer, chunk);
        c = &writer->chunk[chunk];

        if (block.lines >> writer->table.shift) {
            c->class = TRV_CHUNK_WHOLE;
            continue;
        }

        c->class = trv_alloc_class(block.lines);

        unit = (id & ((1u << writer->table.shift) - 1)) >> c->class;
        c->used[unit / 64] |= UINT64_C(1) << unit % 64;
    }
}


void
trv_alloc_ready(trv_writer_t *writer)
{
    uint32_t      i;
    trv_chunk_t  *c;

    /* downwards: the first of the list is the lowest */

    for (i = writer->fresh; i-- > 0; /* void */ ) {
        c = &writer->chunk[i];

        if (c->class == TRV_CHUNK_FREE) {
            trv_alloc_push(writer, i);

        } else if (c->class != TRV_CHUNK_WHOLE
                   && !trv_alloc_full(c, trv_alloc_blocks(writer, c->class)))
        {
            trv_alloc_link(writer, i);
        }
    }
}


trv_rc_t
trv_alloc_take(trv_writer_t *writer, uint32_t lines, uint32_t *map)
{
    uint32_t  i, n, chunk;

    n = lines >> writer->table.shift;

    if (n == 0) {
        return trv_alloc_small(writer, lines, map);
    }

    if (n > writer->nfree + (writer->table.nchunks - writer->fresh)) {
        return TRV_FULL;
    }

    for (i = 0; i < n; i++) {
        chunk = trv_alloc_pop(writer);

        writer->chunk[chunk].class = TRV_CHUNK_WHOLE;
        map[i] = chunk << writer->table.shift;
    }

    return TRV_OK;
}


static trv_rc_t
trv_alloc_small(trv_writer_t *writer, uint32_t lines, uint32_t *id)
{
    uint32_t      n;
    unsigned      class, unit, blocks;
    trv_chunk_t  *c;

    class = trv_alloc_class(lines);
    blocks = trv_alloc_blocks(writer, class);
    n = writer->room[class];

    if (n == TRV_NIL) {
        n = trv_alloc_pop(writer);

        if (n == TRV_NIL) {
            return TRV_FULL;
        }

        writer->chunk[n].class = class;
        trv_alloc_link(writer, n);
    }

    c = &writer->chunk[n];
    unit = trv_alloc_find(c, blocks);
    c->used[unit / 64] |= UINT64_C(1) << unit % 64;

    if (trv_alloc_full(c, blocks)) {
        trv_alloc_unlink(writer, n);
    }

    *id = (n << writer->table.shift) + (unit << class);

    return TRV_OK;
}


void
trv_alloc_give(trv_writer_t *writer, trv_block_t block)
{
    uint32_t      i, n, id;
    unsigned      unit;
    trv_chunk_t  *c;

    if (block.lines == 0) {
        return;
    }

    n = block.lines >> writer->table.shift;

    for (i = 0; i < n; i++) {
        trv_alloc_push(writer, trv_load(&block.map[i]) >> writer->table.shift);
    }

    if (n > 0) {
        return;
    }

    id = trv_load(&block.map[0]);
    n = id >> writer->table.shift;
    c = &writer->chunk[n];

    if (trv_alloc_full(c, trv_alloc_blocks(writer, c->class))) {
        trv_alloc_link(writer, n);
    }

    unit = (id & ((1u << writer->table.shift) - 1)) >> c->class;
    c->used[unit / 64] &= ~(UINT64_C(1) << unit % 64);

    if (c->used[0] == 0 && c->used[1] == 0) {
        trv_alloc_unlink(writer, n);
        trv_alloc_push(writer, n);
    }
}


/* a free chunk, or TRV_NIL */

static uint32_t
trv_alloc_pop(trv_writer_t *writer)
{
    uint32_t  n;

    n = writer->free;

    if (n != TRV_NIL) {
        writer->free = writer->chunk[n].next;
        writer->nfree--;

        return n;
    }

    n = writer->fresh;

    if (n == writer->table.nchunks) {
        return TRV_NIL;
    }

    trv_alloc_reach(writer, n);

    return n;
}


static void
trv_alloc_push(trv_writer_t *writer, uint32_t n)
{
    writer->chunk[n].class = TRV_CHUNK_FREE;
    writer->chunk[n].next = writer->free;

    writer->free = n;
    writer->nfree++;
}


static void
trv_alloc_link(trv_writer_t *writer, uint32_t n)
{
    uint32_t     *head;
    trv_chunk_t  *c;

    c = &writer->chunk[n];
    head = &writer->room[c->class];

    c->prev = TRV_NIL;
    c->next = *head;

    if (*head != TRV_NIL) {
        writer->chunk[*head].prev = n;
    }

    *head = n;
}


static void
trv_alloc_unlink(trv_writer_t *writer, uint32_t n)
{
    trv_chunk_t  *c;

    c = &writer->chunk[n];

    if (c->prev == TRV_NIL) {
        writer->room[c->class] = c->next;

    } else {
        writer->chunk[c->prev].next = c->next;
    }

    if (c->next != TRV_NIL) {
        writer->chunk[c->next].prev = c->prev;
    }
}


/* the first free block of a chunk that has one */

static unsigned
trv_alloc_find(const trv_chunk_t *chunk, unsigned blocks)
{
    if (blocks > 64 && chunk->used[0] == UINT64_MAX) {
        return 64 + (unsigned) __builtin_ctzll(~chunk->used[1]);
    }

    return (unsigned) __builtin_ctzll(~chunk->used[0]);
}


static unsigned
trv_alloc_full(const trv_chunk_t *chunk, unsigned blocks)
{
    if (blocks > 64) {
        return (chunk->used[0] & chunk->used[1]) == UINT64_MAX;
    }

    if (blocks == 64) {
        return chunk->used[0] == UINT64_MAX;
    }

    return chunk->used[0] == (UINT64_C(1) << blocks) - 1;
}
