
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A worker's plan: a copy of the shapes in use.
 */


#include "trv_shape_set.h"


static void trv_set_copy(trv_set_t *to, const trv_set_t *from);
static void trv_words_copy(uint64_t *to, const uint64_t *from, size_t n);
static void trv_plan_make(trv_plan_t *plan, const trv_set_t *set);


size_t
trv_shapes_size(void)
{
    return (sizeof(trv_shapes_t) + 63) & ~(size_t) 63;
}


uint64_t
trv_shapes_generation(const trv_shapes_t *shapes)
{
    TRV_SHAPE_LOAD_HOOK();

    return __atomic_load_n(&shapes->generation, __ATOMIC_ACQUIRE);
}


/* the plan's own copy of the set stands behind it, and the names are in it */

size_t
trv_plan_size(void)
{
    return sizeof(trv_plan_t) + sizeof(trv_set_t);
}


void
trv_plan_load(trv_plan_t *plan, const trv_shapes_t *shapes)
{
    uint64_t    generation;
    trv_set_t  *copy;

    copy = (trv_set_t *) (plan + 1);

    for ( ; ; ) {

        /*
         * Acquire: pairs with the release store of a generation, so all of
         * the set that it stands for is visible to the copy.
         */

        generation = trv_shapes_generation(shapes);

        trv_set_copy(copy, &shapes->set[generation & 1]);

        /*
         * Acquire fence: if the copy read anything that was stored into this
         * set since, by the publication after the next one, it pairs with the
         * writer's release fence before those stores, and the load below sees
         * the next generation at least.  Without it the processor may load
         * the generation before the set.  A writer that died half-way was
         * writing the other set.
         */

        __atomic_thread_fence(__ATOMIC_ACQUIRE);

        if (trv_set_load(&shapes->generation) == generation) {
            break;
        }
    }

    plan->generation = generation;

    trv_plan_make(plan, copy);
}


/* the numbers may be torn: what they say is kept within the set */

static void
trv_set_copy(trv_set_t *to, const trv_set_t *from)
{
    to->used = trv_set_load(&from->used);
    to->nselectors = trv_set_load(&from->nselectors);
    to->nwords = trv_set_load(&from->nwords);

    if (to->nselectors > TRV_SELECTORS) {
        to->nselectors = TRV_SELECTORS;
    }

    if (to->nwords > TRV_NAMES_WORDS) {
        to->nwords = TRV_NAMES_WORDS;
    }

    trv_words_copy(to->shape[0], from->shape[0], TRV_SHAPES * TRV_SHAPE_WORDS);
    trv_words_copy(to->selector, from->selector, to->nselectors);
    trv_words_copy(to->names, from->names, to->nwords);
}


static void
trv_words_copy(uint64_t *to, const uint64_t *from, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        to[i] = trv_set_load(&from[i]);
    }
}


static void
trv_plan_make(trv_plan_t *plan, const trv_set_t *set)
{
    unsigned  i, j, n;

    plan->used = set->used | TRV_SHAPES_ALWAYS;
    plan->nselectors = 0;
    plan->attributes = 0;
    plan->claims.n = 0;
    plan->headers.n = 0;

    memset(plan->shape, 0, sizeof(plan->shape));

    for (i = 0; i < set->nselectors; i++) {
        trv_plan_add(plan, trv_set_selector(set, i));
    }

    for (i = 0; i < TRV_SHAPES; i++) {

        if ((set->used >> i & 1) == 0) {
            continue;
        }

        for (j = 0; j < TRV_SHAPE_FIELDS; j++) {
            n = trv_set_field(set, i, j);

            if (n == 0) {
                break;
            }

            plan->shape[i].selector[j] = (uint16_t) (n - 1);
            plan->shape[i].n++;
        }
    }
}


void
trv_plan_add(trv_plan_t *plan, trv_selector_t selector)
{
    unsigned  i;

    i = plan->nselectors++;
    plan->selector[i] = selector;

    plan->claims.selector = plan->selector;
    plan->headers.selector = plan->selector;

    switch (selector.origin) {

    case TRV_FROM_CLAIM:
        trv_wanted_add(&plan->claims, i);
        break;

    case TRV_FROM_HEADER:
        trv_wanted_add(&plan->headers, i);
        break;

    case TRV_FROM_ATTRIBUTE:
        plan->attributes = 1;
        break;

    default:
        break;
    }
}
