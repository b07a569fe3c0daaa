
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * How the shapes lie in shared memory: private to trv_shape*.c.  A set is
 * words, each written and read as one:
 *
 *     +------+------+-----------+--------+-----------+----------+----------+
 *     | used | last | selectors | words  | shapes    | selector | names .. |
 *     |      |      | in use    | of     | 64 of 16  | 512 of 8 | 128 KB   |
 *     |      |      |           | names  | bytes     | bytes    |          |
 *     +------+------+-----------+--------+-----------+----------+----------+
 *
 * What is in use stands at the front of each part, so few shapes use few
 * pages.  A shape is up to eight numbers of selectors, plus 1, of 16 bits
 * each; a selector is its origin, the length of its name and where that is.
 */


#ifndef _TRV_SHAPE_SET_H_INCLUDED_
#define _TRV_SHAPE_SET_H_INCLUDED_


#include "trv_shape.h"


#pragma GCC visibility push(hidden)


/* the tests let the writer die before each store, and write before each load */

#ifndef TRV_SHAPE_STORE_HOOK
#define TRV_SHAPE_STORE_HOOK()
#endif

#ifndef TRV_SHAPE_LOAD_HOOK
#define TRV_SHAPE_LOAD_HOOK()  ((void) 0)
#endif

#define trv_set_store(p, v)                                                   \
    do {                                                                      \
        TRV_SHAPE_STORE_HOOK();                                               \
        __atomic_store_n(p, v, __ATOMIC_RELAXED);                             \
    } while (0)

#define trv_set_load(p)                                                       \
    (TRV_SHAPE_LOAD_HOOK(), __atomic_load_n(p, __ATOMIC_RELAXED))


#define TRV_WORD            sizeof(uint64_t)
#define TRV_NAME_WORDS      (TRV_SELECTOR_NAME_LEN / TRV_WORD)
#define TRV_NAMES_WORDS     (TRV_SELECTORS * TRV_NAME_WORDS)
#define TRV_SHAPE_WORDS     2
#define TRV_WORD_FIELDS     (TRV_SHAPE_FIELDS / TRV_SHAPE_WORDS)
#define TRV_FIELD_BITS      16
#define TRV_FIELD_MASK      UINT64_C(0xffff)

#define TRV_SHAPES_ALWAYS   (UINT64_C(1) << TRV_SHAPE_TOKEN)


typedef struct {
    uint64_t  used;                   /* without TRV_SHAPES_ALWAYS */
    uint64_t  last;                   /* the number that was given last */
    uint64_t  nselectors;
    uint64_t  nwords;
    uint64_t  shape[TRV_SHAPES][TRV_SHAPE_WORDS];
    uint64_t  selector[TRV_SELECTORS];
    uint64_t  names[TRV_NAMES_WORDS];
} trv_set_t;


/* the lowest bit of the generation says which set holds */

struct trv_shapes_s {
    uint64_t   generation;
    uint64_t   reserved[7];
    trv_set_t  set[2];
};


/* number of the i-th selector of a shape, plus 1; 0: it has no more */

static inline unsigned
trv_set_field(const trv_set_t *set, unsigned shape, unsigned i)
{
    uint64_t  word;

    word = set->shape[shape][i / TRV_WORD_FIELDS];

    return (unsigned) (word >> i % TRV_WORD_FIELDS * TRV_FIELD_BITS
                       & TRV_FIELD_MASK);
}


static inline trv_selector_t
trv_set_selector(const trv_set_t *set, unsigned i)
{
    uint64_t        packed;
    trv_selector_t  selector;

    packed = set->selector[i];

    selector.origin = (trv_origin_t) (packed & 0xff);
    selector.name.len = (size_t) (packed >> 8 & 0xffff);
    selector.name.data = (const uint8_t *) &set->names[packed >> 32];

    return selector;
}


#pragma GCC visibility pop


#endif /* _TRV_SHAPE_SET_H_INCLUDED_ */
