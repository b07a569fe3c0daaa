
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * From traits to fingerprints, and the look-up of them all.
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


#include "trv_match.h"
#include "trv_rule.h"
#include "trv_siphash.h"


/* as many as memory is asked for at the same time */

#define TRV_MATCH_GROUP   32

#define TRV_MATCH_EXTRA   (TRV_IDS + 1)
#define TRV_MATCH_VALUES  (TRV_TRAITS + TRV_MATCH_EXTRA)

/* no index of a value: the end of a chain */

#define TRV_MATCH_END     UINT8_MAX


/*
 * Digests of values are made under another key than fingerprints: as if
 * SipHash had other initial constants.  The bits of pi and of e.
 */

#define TRV_VALUE_K0      UINT64_C(0x243f6a8885a308d3)
#define TRV_VALUE_K1      UINT64_C(0xb7e151628aed2a6a)


typedef struct {
    const trv_table_t   *table;
    const trv_plan_t    *plan;
    const trv_traits_t  *traits;
    int64_t              issued;          /* less the leeway */
    int64_t              now;
    unsigned             left;            /* combinations that may be made */
    unsigned             n;               /* fingerprints in the group */
    trv_fp_t             fp[TRV_MATCH_GROUP];
    uint8_t              shape[TRV_MATCH_GROUP];
    trv_value_t          extra[TRV_MATCH_EXTRA];
    uint8_t              next[TRV_MATCH_VALUES];
    uint8_t              head[TRV_SELECTORS];
} trv_search_t;


static int64_t trv_match_issued(int64_t issued, int64_t leeway);
static void trv_match_chain(trv_search_t *search);
static void trv_match_extra(trv_search_t *search, unsigned selector);
static trv_value_t trv_match_at(const trv_search_t *search, unsigned i);
static trv_rc_t trv_match_ids(trv_search_t *search, trv_match_t *match);
static trv_rc_t trv_match_shapes(trv_search_t *search, trv_match_t *match);
static unsigned trv_match_count(const trv_search_t *search,
    const trv_shape_t *shape);
static trv_rc_t trv_match_shape(trv_search_t *search, unsigned number,
    trv_match_t *match);
static trv_rc_t trv_match_push(trv_search_t *search, trv_fp_t fp,
    unsigned shape, trv_match_t *match);
static trv_rc_t trv_match_flush(trv_search_t *search, trv_match_t *match);


trv_value_t
trv_match_value(const trv_table_t *table, trv_str_t bytes)
{
    trv_value_t    value;
    trv_hash128_t  hash;

    hash = trv_siphash128(table->k0 ^ TRV_VALUE_K0, table->k1 ^ TRV_VALUE_K1,
                          bytes.data, bytes.len);

    value.w[0] = hash.w[0];
    value.w[1] = hash.w[1];

    return value;
}


void
trv_traits_add(trv_traits_t *traits, unsigned selector, trv_value_t value)
{
    unsigned      i;
    trv_trait_t  *trait;

    for (i = 0; i < traits->ntraits; i++) {
        trait = &traits->trait[i];

        if (trait->selector == selector
            && trait->value.w[0] == value.w[0]
            && trait->value.w[1] == value.w[1])
        {
            return;
        }
    }

    if (traits->ntraits == TRV_TRAITS) {
        traits->crowded = 1;
        return;
    }

    trait = &traits->trait[traits->ntraits++];

    trait->selector = (uint16_t) selector;
    trait->value = value;
}


/*
 * 8 bytes of the shape's number and 16 of each value.  The length differs from
 * that of an identity, which is what the fingerprints of shape 0 are made of.
 */

trv_fp_t
trv_match_fingerprint(const trv_table_t *table, uint64_t shape,
    const trv_value_t *values, unsigned n)
{
    unsigned  i;
    uint8_t   buf[8 + 16 * TRV_SHAPE_FIELDS];

    trv_store64(buf, shape);

    for (i = 0; i < n; i++) {
        trv_store64(buf + 8 + 16 * i, values[i].w[0]);
        trv_store64(buf + 16 + 16 * i, values[i].w[1]);
    }

    return trv_table_fingerprint(table, buf, 8 + 16 * n);
}


trv_rc_t
trv_match_lookup(const trv_table_t *table, const trv_plan_t *plan,
    const trv_traits_t *traits, int64_t leeway, int64_t now, trv_match_t *match)
{
    trv_rc_t      rc;
    trv_search_t  search;

    search.table = table;
    search.plan = plan;
    search.traits = traits;
    search.issued = trv_match_issued(traits->issued, leeway);
    search.now = now;
    search.left = TRV_MATCH_LOOKUPS;
    search.n = 0;

    match->had = UINT64_C(1) << TRV_SHAPE_TOKEN;

    rc = trv_match_ids(&search, match);

    if (rc != TRV_OK && plan->nselectors != 0) {
        trv_match_chain(&search);
        rc = trv_match_shapes(&search, match);
    }

    if (rc == TRV_OK) {
        return TRV_OK;
    }

    if (trv_match_flush(&search, match) == TRV_OK) {
        return TRV_OK;
    }

    return traits->crowded ? TRV_LIMIT : rc;
}


/* a later cut-off is an earlier issue time; unknown stays older than all */

static int64_t
trv_match_issued(int64_t issued, int64_t leeway)
{
    if (issued == TRV_ISSUED_UNKNOWN || leeway <= 0) {
        return issued;
    }

    if (issued <= TRV_ISSUED_UNKNOWN + leeway) {
        return TRV_ISSUED_UNKNOWN + 1;
    }

    return issued - leeway;
}


static trv_rc_t
trv_match_ids(trv_search_t *search, trv_match_t *match)
{
    unsigned  i;
    trv_fp_t  fp;

    for (i = 0; i < search->traits->nids; i++) {
        fp = trv_rule_token(search->table, search->traits->id[i]);

        if (trv_match_push(search, fp, TRV_SHAPE_TOKEN, match) == TRV_OK) {
            return TRV_OK;
        }
    }

    return TRV_NONE;
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


/*
 * A shape that has too many combinations must not keep the others from being
 * looked up: those that can be completed come first.
 */

static trv_rc_t
trv_match_shapes(trv_search_t *search, trv_match_t *match)
{
    unsigned  i, n;
    uint64_t  used, late;

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


/* TRV_OK: the group was full, and there was a match in it */

static trv_rc_t
trv_match_push(trv_search_t *search, trv_fp_t fp, unsigned shape,
    trv_match_t *match)
{
    trv_table_prefetch(search->table, fp);

    search->fp[search->n] = fp;
    search->shape[search->n] = (uint8_t) shape;
    search->n++;

    if (search->n < TRV_MATCH_GROUP) {
        return TRV_NONE;
    }

    return trv_match_flush(search, match);
}


static trv_rc_t
trv_match_flush(trv_search_t *search, trv_match_t *match)
{
    unsigned  i, n;

    n = search->n;
    search->n = 0;

    for (i = 0; i < n; i++) {

        if (trv_table_lookup(search->table, search->fp[i], search->shape[i],
                             search->issued, search->now, &match->term)
            == TRV_OK)
        {
            match->shape = search->shape[i];
            match->undated = search->issued == TRV_ISSUED_UNKNOWN
                             && trv_term_cutoff(match->term)
                                != TRV_CUTOFF_ALWAYS;
            return TRV_OK;
        }
    }

    return TRV_NONE;
}
