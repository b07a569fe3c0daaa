
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The combinations of a token's values that the shapes in use ask for.
 *
 * The values of one selector are a chain; what is not a trait stands behind
 * the traits:
 *
 *     head[selector] --> i --> next[i] --> ...       value[i] =
 *                                                    trait[i],     i <  96
 *                                                    extra[i - 96]
 *
 * "extra" has the values of the token's identities, for a shape that joins
 * "token" to something, and the one of "all".
 */


#include "trv_match_private.h"


static void trv_match_chain(trv_search_t *search);
static void trv_match_extra(trv_search_t *search, unsigned selector);
static trv_value_t trv_match_at(const trv_search_t *search, unsigned i);
static unsigned trv_match_count(const trv_search_t *search,
    const trv_shape_t *shape);
static trv_rc_t trv_match_shape(trv_search_t *search, unsigned number,
    trv_match_t *match);


/*
 * A shape that has too many combinations must not keep the others from being
 * looked up: those that can be completed come first.
 */

trv_rc_t
trv_match_shapes(trv_search_t *search, trv_match_t *match)
{
    unsigned  i, n;
    uint64_t  used, late;

    trv_match_chain(search);

    used = search->plan->used & ~(UINT64_C(1) << TRV_SHAPE_TOKEN);
    late = 0;

    for ( /* void */ ; used != 0; used &= used - 1) {
        i = (unsigned) __builtin_ctzll(used);
        n = trv_match_count(search, &search->plan->shape[i]);

        match->had |= (uint64_t) (n != 0) << i;

        if (n > search->left) {
            late |= UINT64_C(1) << i;
            continue;
        }

        if (n != 0 && trv_match_shape(search, i, match) == TRV_OK) {
            return TRV_OK;
        }
    }

    for (used = late; used != 0; used &= used - 1) {
        i = (unsigned) __builtin_ctzll(used);

        if (trv_match_shape(search, i, match) == TRV_OK) {
            return TRV_OK;
        }
    }

    return late != 0 ? TRV_LIMIT : TRV_NONE;
}


/* the last one first, so that a chain is in the order of the values */

static void
trv_match_chain(trv_search_t *search)
{
    unsigned            i, selector;
    const trv_plan_t   *plan;
    const trv_trait_t  *trait;

    plan = search->plan;

    memset(search->head, TRV_MATCH_END, plan->nselectors);

    for (i = search->traits->ntraits; i > 0; i--) {
        trait = &search->traits->trait[i - 1];

        if (trait->selector < plan->nselectors) {
            search->next[i - 1] = search->head[trait->selector];
            search->head[trait->selector] = (uint8_t) (i - 1);
        }
    }

    for (selector = 0; selector < plan->nselectors; selector++) {
        trv_match_extra(search, selector);
    }
}


/* what is the same for every shape is not asked of the caller */

static void
trv_match_extra(trv_search_t *search, unsigned selector)
{
    unsigned   i, at;
    trv_str_t  id;

    switch (search->plan->selector[selector].origin) {

    case TRV_FROM_TOKEN:

        search->head[selector] = TRV_MATCH_END;

        for (i = search->traits->nids; i > 0; i--) {
            id.data = search->traits->id[i - 1];
            id.len = TRV_SHA256_LEN;

            at = TRV_TRAITS + i - 1;

            search->extra[i - 1] = trv_match_value(search->table, id);
            search->next[at] = search->head[selector];
            search->head[selector] = (uint8_t) at;
        }

        break;

    case TRV_FROM_ALL:

        memset(&search->extra[TRV_IDS], 0, sizeof(trv_value_t));

        search->next[TRV_TRAITS + TRV_IDS] = TRV_MATCH_END;
        search->head[selector] = TRV_TRAITS + TRV_IDS;

        break;

    default:
        break;
    }
}


static trv_value_t
trv_match_at(const trv_search_t *search, unsigned i)
{
    return i < TRV_TRAITS ? search->traits->trait[i].value
                          : search->extra[i - TRV_TRAITS];
}


/* combinations of a shape; as soon as there are too many, at least so many */

static unsigned
trv_match_count(const trv_search_t *search, const trv_shape_t *shape)
{
    unsigned  i, j, n, total;

    total = 1;

    for (i = 0; i < shape->n; i++) {

        n = 0;

        for (j = search->head[shape->selector[i]];
             j != TRV_MATCH_END;
             j = search->next[j])
        {
            n++;
        }

        if (n == 0) {
            return 0;
        }

        if (total <= TRV_MATCH_LOOKUPS) {
            total *= n;
        }
    }

    return total;
}


/* every combination, the first field changing slowest */

static trv_rc_t
trv_match_shape(trv_search_t *search, unsigned number, trv_match_t *match)
{
    int                 i;
    uint8_t             at[TRV_SHAPE_FIELDS];
    trv_fp_t            fp;
    trv_value_t         values[TRV_SHAPE_FIELDS];
    const trv_shape_t  *shape;

    shape = &search->plan->shape[number];

    for (i = 0; i < shape->n; i++) {
        at[i] = search->head[shape->selector[i]];
        values[i] = trv_match_at(search, at[i]);
    }

    while (search->left > 0) {

        search->left--;

        fp = trv_match_fingerprint(search->table, number, values, shape->n);

        if (trv_match_push(search, fp, number, match) == TRV_OK) {
            return TRV_OK;
        }

        for (i = shape->n - 1; i >= 0; i--) {

            at[i] = search->next[at[i]];

            if (at[i] != TRV_MATCH_END) {
                break;
            }

            at[i] = search->head[shape->selector[i]];
            values[i] = trv_match_at(search, at[i]);
        }

        if (i < 0) {
            break;
        }

        values[i] = trv_match_at(search, at[i]);
    }

    return TRV_NONE;
}
