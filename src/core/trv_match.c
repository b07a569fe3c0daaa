
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * From traits to fingerprints, and the look-up of them all.
 */


#include "trv_match_private.h"
#include "trv_rule.h"
#include "trv_siphash.h"


/*
 * Digests of values are made under another key than fingerprints: as if
 * SipHash had other initial constants.  The bits of pi and of e.
 */

#define TRV_VALUE_K0      UINT64_C(0x243f6a8885a308d3)
#define TRV_VALUE_K1      UINT64_C(0xb7e151628aed2a6a)


static void trv_match_open(trv_search_t *search, const trv_table_t *table,
    const trv_plan_t *plan, const trv_traits_t *traits);
static trv_rc_t trv_match_all(trv_search_t *search, trv_match_t *match);
static trv_rc_t trv_match_kept(trv_search_t *search, trv_match_t *match);
static int64_t trv_match_issued(int64_t issued, int64_t leeway);
static trv_rc_t trv_match_ids(trv_search_t *search, trv_match_t *match);
static trv_rc_t trv_match_flush(trv_search_t *search, trv_match_t *match);


static inline trv_fp_t
trv_probe_fp(const trv_probe_t *probe)
{
    trv_fp_t  fp;

    fp.a = probe->a;
    fp.g = probe->g;

    return fp;
}


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

    trv_match_open(&search, table, plan, traits);
    search.issued = trv_match_issued(traits->issued, leeway);
    search.now = now;

    rc = traits->probed ? trv_match_kept(&search, match)
                        : trv_match_all(&search, match);

    if (rc == TRV_OK) {
        return TRV_OK;
    }

    if (trv_match_flush(&search, match) == TRV_OK) {
        return TRV_OK;
    }

    return traits->crowded ? TRV_LIMIT : rc;
}


void
trv_match_probe(const trv_table_t *table, const trv_plan_t *plan,
    trv_traits_t *traits)
{
    trv_match_t   match;
    trv_search_t  search;

    if (plan->attributes || traits->crowded || traits->probed) {
        return;
    }

    trv_match_open(&search, table, plan, traits);
    search.collect = 1;
    search.limit = TRV_PROBES + 1;

    if (trv_match_all(&search, &match) != TRV_NONE) {
        return;
    }

    memcpy(traits->probe, search.probe, search.n * sizeof(trv_probe_t));

    traits->nprobes = (uint16_t) search.n;
    traits->had = match.had;
    traits->probed = 1;
}


static void
trv_match_open(trv_search_t *search, const trv_table_t *table,
    const trv_plan_t *plan, const trv_traits_t *traits)
{
    search->table = table;
    search->plan = plan;
    search->traits = traits;
    search->left = TRV_MATCH_LOOKUPS;
    search->limit = TRV_MATCH_GROUP;
    search->n = 0;
    search->collect = 0;
}


/*
 * TRV_OK ends it: there was a match in a full group, or the group was only to
 * be collected; the last group is not looked up yet.
 */

static trv_rc_t
trv_match_all(trv_search_t *search, trv_match_t *match)
{
    match->had = UINT64_C(1) << TRV_SHAPE_TOKEN;

    if (trv_match_ids(search, match) == TRV_OK) {
        return TRV_OK;
    }

    if (search->plan->nselectors == 0) {
        return TRV_NONE;
    }

    return trv_match_shapes(search, match);
}


/* what trv_match_probe() has collected */

static trv_rc_t
trv_match_kept(trv_search_t *search, trv_match_t *match)
{
    unsigned             i;
    const trv_traits_t  *traits;

    traits = search->traits;
    match->had = traits->had;

    for (i = 0; i < traits->nprobes; i++) {
        (void) trv_match_push(search, trv_probe_fp(&traits->probe[i]),
                              traits->probe[i].shape, match);
    }

    return TRV_NONE;
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


trv_rc_t
trv_match_push(trv_search_t *search, trv_fp_t fp, unsigned shape,
    trv_match_t *match)
{
    trv_probe_t  *probe;

    if (!search->collect) {
        trv_table_prefetch(search->table, fp);
    }

    probe = &search->probe[search->n++];

    probe->a = fp.a;
    probe->g = fp.g;
    probe->shape = shape;

    if (search->n < search->limit) {
        return TRV_NONE;
    }

    return search->collect ? TRV_OK : trv_match_flush(search, match);
}


static trv_rc_t
trv_match_flush(trv_search_t *search, trv_match_t *match)
{
    unsigned      i, n;
    trv_probe_t  *probe;

    n = search->n;
    search->n = 0;

    for (i = 0; i < n; i++) {

        probe = &search->probe[i];

        if (trv_table_lookup(search->table, trv_probe_fp(probe), probe->shape,
                             search->issued, search->now, &match->term)
            == TRV_OK)
        {
            match->shape = probe->shape;
            match->undated = search->issued == TRV_ISSUED_UNKNOWN
                             && trv_term_cutoff(match->term)
                                != TRV_CUTOFF_ALWAYS;
            return TRV_OK;
        }
    }

    return TRV_NONE;
}
