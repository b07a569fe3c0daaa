
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * How the table lies in shared memory: private to trv_table*.c and
 * trv_writer*.c.
 *
 *     base                                                    base + size
 *     +--------+-----------------------+-------+-------+-----+-------+
 *     | header | partition 0 .. P - 1  | chunk | chunk | ... | chunk |
 *     | 128 B  | 128 B each            | 4 or 16 KB, C of them       |
 *     +--------+-----------------------+-------+-------+-----+-------+
 *                                      ^ a multiple of 4 KB
 *
 * A rule belongs to one partition, by the 32 bits "g" of its fingerprint; P is
 * fixed, about C / 11.  A partition owns one block of lines, which is replaced
 * by a larger copy when it fills:
 *
 *     partition                 63           17   16   15        0
 *     +---------------+        +---------------+-----+-----------+
 *     | root          | -----> | version       | sel | lines     |
 *     | map[0][0..14] |        +---------------+-----+-----------+
 *     | map[1][0..14] |
 *     +---------------+        map[sel][i]: number of a line, where the
 *                              i-th piece of the block begins
 *
 * The root names the side of the map that holds; the other one is free to be
 * written.  A block has no lines, or 1, 2, 4 .. lines in a chunk that it
 * shares with blocks of its size, or up to 15 whole chunks.  A chunk of L
 * lines (32 or 128):
 *
 *     +--------+--------+-----+----------+--------+-----+----------+
 *     | line 0 | line 1 | ... | line L-1 | terms  | ... | terms of |
 *     | F0..F7 | F0..F7 |     | F0..F7   | T0..T7 |     | line L-1 |
 *     +--------+--------+-----+----------+--------+-----+----------+
 *      64 bytes each                     ^ the second half
 *
 * F is 64 bits "a" of a fingerprint, 0 if the slot is free; T is its term: a
 * miss never reads terms.  Numbers of lines count through all chunks.  All
 * zero is an empty table.
 *
 * What always holds, whenever the writer stops:
 *
 * I1. A present rule is in one of the two home lines of its "a" in the block
 *     that the root names.
 * I2. F and T are each one atomic word; if F is not 0, T is its term.
 * I3. A slot that a reader may be looking at gets another rule only after the
 *     root has changed: see trv_writer_private.h for who changes it when.
 */


#ifndef _TRV_TABLE_LAYOUT_H_INCLUDED_
#define _TRV_TABLE_LAYOUT_H_INCLUDED_


#include "trv_table.h"


#pragma GCC visibility push(hidden)


#define TRV_TABLE_MAGIC      UINT64_C(0x31656c6261545254)   /* "TRTable1" */
#define TRV_TABLE_LAYOUT     2

#define TRV_HEADER_SIZE      128
#define TRV_PAGE             4096
#define TRV_SIZE_MIN         (8 * TRV_PAGE)

#define TRV_LINE_SLOTS       8
#define TRV_LINE_SIZE        64
#define TRV_SHIFT_SMALL      5        /* chunks of 4 KB */
#define TRV_SHIFT_LARGE      7        /* chunks of 16 KB */
#define TRV_SHIFT_BYTES      7        /* a line and its terms: 128 bytes */

/*
 * Zones from here on have large chunks: of a fourth of the partitions more are
 * in the caches of a processor, and each look-up reads one of them first.
 */

#ifndef TRV_LARGE_ZONE
#define TRV_LARGE_ZONE       (16 * 1024 * 1024)
#endif

#define TRV_MAP_LEN          15
#define TRV_LINES_MAX        (TRV_MAP_LEN << TRV_SHIFT_LARGE)
#define TRV_PART_CHUNKS      11       /* chunks for each partition */

#define TRV_ROOT_LINES       UINT64_C(0xffff)
#define TRV_ROOT_SEL         16
#define TRV_ROOT_VERSION     (UINT64_C(1) << 17)


typedef struct {
    uint64_t  magic;
    uint64_t  size;
    uint32_t  layout;
    uint32_t  nparts;
    uint32_t  nchunks;
    uint32_t  shift;
    uint8_t   key[TRV_KEY_LEN];
} trv_header_t;


typedef struct {
    uint64_t  root;
    uint32_t  map[2][TRV_MAP_LEN];
} trv_part_t;


typedef char  trv_part_size_t[sizeof(trv_part_t) == 128 ? 1 : -1];


/*
 * Every access to what others may be writing or reading.  The tests let the
 * writer die before each store, and write before each load of a reader.
 */

#ifndef TRV_TABLE_STORE_HOOK
#define TRV_TABLE_STORE_HOOK()
#endif

#ifndef TRV_TABLE_LOAD_HOOK
#define TRV_TABLE_LOAD_HOOK()  ((void) 0)
#endif

#define trv_store(p, v)                                                       \
    do {                                                                      \
        TRV_TABLE_STORE_HOOK();                                               \
        __atomic_store_n(p, v, __ATOMIC_RELAXED);                             \
    } while (0)

#define trv_store_release(p, v)                                               \
    do {                                                                      \
        TRV_TABLE_STORE_HOOK();                                               \
        __atomic_store_n(p, v, __ATOMIC_RELEASE);                             \
    } while (0)

#define trv_load(p)                                                           \
    (TRV_TABLE_LOAD_HOOK(), __atomic_load_n(p, __ATOMIC_RELAXED))

#define trv_load_acquire(p)                                                   \
    (TRV_TABLE_LOAD_HOOK(), __atomic_load_n(p, __ATOMIC_ACQUIRE))

#define trv_fence_acquire()  __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define trv_fence_release()  __atomic_thread_fence(__ATOMIC_RELEASE)


static inline uint32_t
trv_root_lines(uint64_t root)
{
    return (uint32_t) (root & TRV_ROOT_LINES);
}


static inline unsigned
trv_root_sel(uint64_t root)
{
    return (unsigned) (root >> TRV_ROOT_SEL & 1);
}


static inline uint32_t
trv_part_index(const trv_table_t *table, uint32_t g)
{
    return (uint32_t) ((uint64_t) g * table->nparts >> 32);
}


static inline trv_part_t *
trv_part_at(const trv_table_t *table, uint32_t index)
{
    return (trv_part_t *) table->parts + index;
}


/* the two lines, different if there are two, where a rule may be */

static inline void
trv_homes(uint64_t a, uint32_t lines, uint32_t home[2])
{
    uint32_t  step;

    home[0] = (uint32_t) ((a >> 32) * lines >> 32);
    step = (uint32_t) ((a & UINT32_MAX) * (lines - 1) >> 32) + 1;

    home[1] = home[0] + step;

    if (home[1] >= lines) {
        home[1] -= lines;
    }
}


/*
 * Fingerprints of line j of a block.  A reader may combine a root with an
 * entry of the map that is newer: the sum is kept within the chunk, so that
 * whatever it reads before it notices is inside the zone.
 */

static inline uint64_t *
trv_line(const trv_table_t *table, const uint32_t *map, uint32_t j)
{
    size_t    offset;
    uint32_t  n, mask;

    n = trv_load(&map[j >> table->shift]);
    mask = (UINT32_C(1) << table->shift) - 1;

    offset = (size_t) (n >> table->shift) << (table->shift + TRV_SHIFT_BYTES);
    offset += ((n + j) & mask) * TRV_LINE_SIZE;

    return (uint64_t *) (table->chunks + offset);
}


/* the term of a slot */

static inline uint64_t *
trv_slot_term(const trv_table_t *table, uint64_t *slot)
{
    return slot + ((size_t) TRV_LINE_SLOTS << table->shift);
}


#define trv_slot_match(line, i, a)                                             \
    ((unsigned) (trv_load(&(line)[i]) == (a)) << (i))


/*
 * Which slots of a line hold "a": bit i for slot i.  Written out, since it is
 * what a look-up does most of the time.
 */

static inline unsigned
trv_line_match(const uint64_t *line, uint64_t a)
{
    return trv_slot_match(line, 0, a) | trv_slot_match(line, 1, a)
           | trv_slot_match(line, 2, a) | trv_slot_match(line, 3, a)
           | trv_slot_match(line, 4, a) | trv_slot_match(line, 5, a)
           | trv_slot_match(line, 6, a) | trv_slot_match(line, 7, a);
}


typedef char  trv_line_slots_t[TRV_LINE_SLOTS == 8 ? 1 : -1];


#pragma GCC visibility pop


#endif /* _TRV_TABLE_LAYOUT_H_INCLUDED_ */
