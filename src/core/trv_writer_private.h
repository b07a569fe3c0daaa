
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The writer's own memory, and what its files share.
 *
 * Who changes the root, and on which side of the clearing of F.  A reader
 * compares the root before and after; what it must notice is told apart by
 * whether the rule is still somewhere:
 *
 *     move of a rule        copy to the hole | root | F = 0 at the source
 *     block replaced        copy all         | root | the old block is free
 *     rule removed                      F = 0| root | the slot is free
 *     writer replaced           (slots as found)| root | the slots are free
 *
 * A move: who finds the source cleared must learn that the rule is in a line
 * that it has looked at already; so the root changes first.  The freed slot
 * may be used at once: the reader compares F once more behind T, and F can
 * become the same again only through another clearing, which changes the root.
 * A removal: whoever misses the rule is right; but the slot may get another
 * rule and then the same one again, so the root changes before it is used. A
 * writer that died between F = 0 and its root left slots for which this was
 * not done: its successor changes the root of a partition before it writes
 * there for the first time.
 *
 * Each change of a root is a release store (who sees the new root sees all
 * that was stored before), followed by a release fence (who sees anything
 * stored after, and then has an acquire fence, sees the new root).
 */


#ifndef _TRV_WRITER_PRIVATE_H_INCLUDED_
#define _TRV_WRITER_PRIVATE_H_INCLUDED_


#include "trv_table_layout.h"
#include "trv_writer.h"


#pragma GCC visibility push(hidden)


#define TRV_NIL              UINT32_MAX
#define TRV_COUNT_UNKNOWN    UINT32_MAX

/* a shared chunk has blocks of 1 << class lines; then come whole chunks */

#define TRV_CLASSES          TRV_SHIFT_LARGE
#define TRV_CHUNK_WHOLE      TRV_CLASSES
#define TRV_CHUNK_FREE       (TRV_CLASSES + 1)

#define TRV_SEARCH_NODES     160

/* of 256: a block that is fuller is replaced by the next size */

#define TRV_GROW_AT          240
#define TRV_GROW_LINES       16       /* smaller ones grow when they are full */


typedef struct {
    uint64_t  used[2];        /* blocks of a shared chunk, bit by bit */
    uint32_t  next;           /* in the free list, or in its class's list */
    uint32_t  prev;
    uint32_t  class;
} trv_chunk_t;


/* a line that the search for a hole has reached, and how */

typedef struct {
    uint16_t  line;
    uint16_t  slot;           /* whose rule can move here from the parent */
    uint16_t  parent;
} trv_node_t;


typedef struct {
    trv_node_t  node[TRV_SEARCH_NODES];
    unsigned    n;
    unsigned    hole;         /* the node where a way ended */
    uint64_t    seen[TRV_LINES_MAX / 64];
} trv_search_t;


/*
 * Chunks that were in use at any time since the writer was opened are
 * recycled first; "fresh" is the first one that was not, so that memory is
 * touched only as the table fills.
 */

struct trv_writer_s {
    trv_table_t   table;

    trv_chunk_t  *chunk;              /* [nchunks], valid below "fresh" */
    uint32_t      fresh;
    uint32_t      free;               /* list */
    uint32_t      nfree;              /* its length */
    uint32_t      room[TRV_CLASSES];  /* shared chunks with a free block */

    uint32_t     *count;              /* [nparts], rules */
    uint64_t      rules;

    uint32_t      cursor;             /* of the sweep */
    uint64_t      shapes;             /* of the last complete round */
    uint64_t      shapes_now;         /* swept or put in this one */

    trv_search_t  search;
    uint32_t      map[TRV_MAP_LEN];   /* of a block that is being built */
    uint8_t       fill[TRV_LINES_MAX];
};


/* lines of a block, and where they are */

typedef struct {
    uint32_t         lines;
    const uint32_t  *map;
} trv_block_t;


static inline trv_block_t
trv_part_block(trv_part_t *part)
{
    uint64_t     root;
    trv_block_t  block;

    root = trv_load(&part->root);
    block.lines = trv_root_lines(root);
    block.map = part->map[trv_root_sel(root)];

    return block;
}


/* the release store and the release fence of the table above */

static inline void
trv_root_change(trv_part_t *part, uint64_t root)
{
    trv_store_release(&part->root, root);
    trv_fence_release();
}


static inline void
trv_root_bump(trv_part_t *part)
{
    trv_root_change(part, trv_load(&part->root) + TRV_ROOT_VERSION);
}


/* trv_writer_alloc.c: private memory only */

void trv_alloc_init(trv_writer_t *writer);

/* the block is in use: called for all blocks, then trv_alloc_ready() */

void trv_alloc_mark(trv_writer_t *writer, trv_block_t block);
void trv_alloc_ready(trv_writer_t *writer);

/* fills map in with a block of that many lines; TRV_OK or TRV_FULL */

trv_rc_t trv_alloc_take(trv_writer_t *writer, uint32_t lines, uint32_t *map);
void trv_alloc_give(trv_writer_t *writer, trv_block_t block);


/* trv_writer_place.c */

/* the slot of the rule that "term" belongs to, or NULL */

uint64_t *trv_place_find(const trv_writer_t *writer, trv_block_t block,
    uint64_t a, trv_term_t term);

/*
 * A free slot in one of the home lines of "a"; rules are moved to their other
 * home if need be.  NULL if no way was found: then nothing has been moved.
 * "part" is NULL for a block that no reader knows yet.
 */

uint64_t *trv_place_room(trv_writer_t *writer, trv_part_t *part,
    trv_block_t block, uint64_t a);

/* writes a rule into a free slot */

void trv_place_store(const trv_writer_t *writer, uint64_t *slot, uint64_t a,
    trv_term_t term);


/* trv_writer_grow.c */

/* the sizes that blocks may have: the next one, or 0 if there is none */

uint32_t trv_grow_next(const trv_writer_t *writer, uint32_t lines);

/* a copy of the partition in a block of that size; TRV_OK or TRV_FULL */

trv_rc_t trv_grow_rebuild(trv_writer_t *writer, uint32_t index,
    uint32_t lines);


/* trv_writer_sweep.c */

/* before the first write to a partition: see above; counts its rules */

void trv_sweep_claim(trv_writer_t *writer, uint32_t index);


#pragma GCC visibility pop


#endif /* _TRV_WRITER_PRIVATE_H_INCLUDED_ */
