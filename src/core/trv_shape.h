
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The shapes in use: the sets of selectors of the rules in a zone, in shared
 * memory, and a worker's own copy of them, its plan.
 *
 *     shared:  selector ---> set[0]   the set that holds
 *                            set[1]   being written
 *
 * The writer fills the other set and then publishes it by a new generation; a
 * reader copies, and copies again if the generation has changed meanwhile.  A
 * writer that is killed leaves the set that held.  Zero memory is the empty
 * set, in which shape 0, {token}, is always in use.
 */


#ifndef _TRV_SHAPE_H_INCLUDED_
#define _TRV_SHAPE_H_INCLUDED_


#include "trv_wanted.h"


#pragma GCC visibility push(hidden)


#define TRV_SHAPES        64
#define TRV_SHAPE_TOKEN   0
#define TRV_SHAPE_FIELDS  8


typedef char  trv_selectors_t[TRV_SELECTORS / TRV_SHAPE_FIELDS == TRV_SHAPES
                              ? 1 : -1];


/* indices into the selectors of a plan, in the order of trv_selector_cmp() */

typedef struct {
    uint16_t  n;
    uint16_t  selector[TRV_SHAPE_FIELDS];
} trv_shape_t;


/*
 * What a worker has to compute of a token.  Owned by the caller, allocated
 * once with trv_plan_size() bytes; the names of selectors are views into it.
 */

typedef struct {
    uint64_t        generation;
    uint64_t        used;             /* bit i: shape i is in use */
    trv_shape_t     shape[TRV_SHAPES];
    unsigned        nselectors;       /* each of them once */
    trv_selector_t  selector[TRV_SELECTORS];

    /* what follows from the selectors: of which there are any */

    unsigned        attributes:1;
    trv_wanted_t    claims;
    trv_wanted_t    headers;          /* of the JOSE header */
} trv_plan_t;


typedef struct trv_shapes_s  trv_shapes_t;


/* bytes of shared memory, 64-byte aligned, zero when new */

size_t trv_shapes_size(void);

/* changes whenever the set does; acquire: call it after the age was read */

uint64_t trv_shapes_generation(const trv_shapes_t *shapes);

size_t trv_plan_size(void);

/* copies the set that holds; the plan had better not be used meanwhile */

void trv_plan_load(trv_plan_t *plan, const trv_shapes_t *shapes);

/* adds a selector, which is not there yet, to a plan that is made by hand */

void trv_plan_add(trv_plan_t *plan, trv_selector_t selector);


/*
 * The writer's side; one writer.  "selectors" are sorted and different from
 * each other (trv_shape_normalize).
 */

/* TRV_OK and the number of the shape that has just these, or TRV_NONE */

trv_rc_t trv_shapes_find(const trv_shapes_t *shapes,
    const trv_selector_t *selectors, unsigned n, unsigned *shape);

/*
 * Adds a shape, and publishes it before it returns: rules may follow.  TRV_OK
 * and its number, or TRV_LIMIT: TRV_SHAPES are in use.
 */

trv_rc_t trv_shapes_add(trv_shapes_t *shapes, const trv_selector_t *selectors,
    unsigned n, unsigned *shape);

/* removes the shapes of "gone" (bit i: shape i); publishes if that changes */

void trv_shapes_retire(trv_shapes_t *shapes, uint64_t gone);

uint64_t trv_shapes_used(const trv_shapes_t *shapes);

/*
 * Sorts, removes repetitions, and drops TRV_FROM_ALL if there is anything
 * else.  Returns how many are left.
 */

unsigned trv_shape_normalize(trv_selector_t *selectors, unsigned n);


#pragma GCC visibility pop


#endif /* _TRV_SHAPE_H_INCLUDED_ */
