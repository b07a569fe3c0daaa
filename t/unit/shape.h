
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The shapes in use, and beside them a model of what they should be.
 */


#ifndef _SHAPE_H_INCLUDED_
#define _SHAPE_H_INCLUDED_


#include <stdlib.h>

#include "trv_shape.h"
#include "tap.h"


#define NAMES  24


/* a set as it should be: bit i of a shape: names[i] */

typedef struct {
    uint64_t  generation;
    uint64_t  used;
    uint32_t  shape[TRV_SHAPES];
} model_t;


static trv_shapes_t   *shapes;
static trv_plan_t     *plan;
static model_t         model;
static trv_selector_t  names[NAMES];


static inline void *
aligned(size_t size)
{
    void  *p;

    if (posix_memalign(&p, 64, size) != 0) {
        exit(2);
    }

    memset(p, 0, size);

    return p;
}


static inline unsigned
choose(uint32_t set, trv_selector_t *selectors)
{
    unsigned  i, n;

    for (n = 0, i = 0; i < NAMES; i++) {
        if (set >> i & 1) {
            selectors[n++] = names[i];
        }
    }

    return n;
}


/* is the plan what the model says? */

static inline int
agrees(const model_t *m)
{
    uint32_t              set;
    unsigned              i, j, k, n;
    trv_selector_t        want[TRV_SHAPE_FIELDS];
    const trv_shape_t    *s;

    if (plan->generation != m->generation || plan->used != (m->used | 1)
        || plan->shape[0].n != 0)
    {
        return 0;
    }

    set = 0;

    for (i = 1; i < TRV_SHAPES; i++) {
        s = &plan->shape[i];

        if ((m->used >> i & 1) == 0) {
            continue;
        }

        n = choose(m->shape[i], want);
        set |= m->shape[i];

        if (s->n != n) {
            return 0;
        }

        for (j = 0; j < n; j++) {
            if (s->selector[j] >= plan->nselectors
                || trv_selector_cmp(&plan->selector[s->selector[j]], &want[j])
                   != 0)
            {
                return 0;
            }
        }
    }

    for (i = 0, j = 0, k = 0; i < NAMES; i++) {
        j += set >> i & 1;
        k |= (set >> i & 1) << names[i].origin;
    }

    return plan->nselectors == j
           && (plan->headers.n != 0) == (k >> TRV_FROM_HEADER & 1)
           && (plan->claims.n != 0) == (k >> TRV_FROM_CLAIM & 1)
           && plan->attributes == (k >> TRV_FROM_ATTRIBUTE & 1);
}


#endif /* _SHAPE_H_INCLUDED_ */
