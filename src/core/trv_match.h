
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Does a rule refuse this token?  A token has traits: for each selector of
 * the plan the digests of its values.  A shape gives one fingerprint for each
 * combination of them, which is looked up in the table: the cost depends on
 * the shapes in use, not on the number of rules.
 */


#ifndef _TRV_MATCH_H_INCLUDED_
#define _TRV_MATCH_H_INCLUDED_


#include "trv_shape.h"
#include "trv_table.h"


#pragma GCC visibility push(hidden)


#define TRV_IDS              3        /* identities of one token */
#define TRV_TRAITS           96       /* values of one token in all */
#define TRV_MATCH_LOOKUPS    512      /* combinations of one token in all */
#define TRV_PROBES           16       /* combinations that are kept */

#define TRV_ISSUED_UNKNOWN   INT64_MIN


/* a keyed digest of the bytes of a value: TRV_FROM_TOKEN: of an identity */

typedef struct {
    uint64_t  w[2];
} trv_value_t;


typedef struct {
    uint16_t     selector;            /* index into the plan's */
    trv_value_t  value;
} trv_trait_t;


/* what is looked up: the fingerprint of a rule that would match; 16 bytes */

typedef struct {
    uint64_t     a;
    uint32_t     g;
    uint32_t     shape;
} trv_probe_t;


typedef struct {
    int64_t      issued;              /* Unix seconds, TRV_ISSUED_UNKNOWN */
    unsigned     unreadable:1;        /* a JWS whose claims cannot be read */
    unsigned     crowded:1;           /* more values than TRV_TRAITS */
    unsigned     probed:1;            /* "probe" and "had" stand for traits */
    uint16_t     nids;
    uint16_t     ntraits;
    uint16_t     nprobes;
    uint64_t     had;                 /* as in trv_match_t */
    uint8_t      id[TRV_IDS][TRV_SHA256_LEN];
    trv_probe_t  probe[TRV_PROBES];   /* valid up to nprobes */
    trv_trait_t  trait[TRV_TRAITS];   /* valid up to ntraits */
} trv_traits_t;


/* the same bytes give the same digest, under the key of the table */

trv_value_t trv_match_value(const trv_table_t *table, trv_str_t bytes);

/* no values yet, no identity, and no issue time */

static inline void
trv_traits_open(trv_traits_t *traits)
{
    memset(traits, 0, offsetof(trv_traits_t, id));
    traits->issued = TRV_ISSUED_UNKNOWN;
}


/* adds a value; a repeated one is not added; sets "crowded" if it is full */

void trv_traits_add(trv_traits_t *traits, unsigned selector,
    trv_value_t value);


/*
 * The fingerprint of a rule of this shape, for writing and reading.  values[i]
 * is of the i-th selector of the shape.  Shape 0 has its own: trv_rule_token().
 */

trv_fp_t trv_match_fingerprint(const trv_table_t *table, uint64_t shape,
    const trv_value_t *values, unsigned n);


typedef struct {
    unsigned    shape;
    trv_term_t  term;
    unsigned    undated:1;            /* by want of an issue time */
    uint64_t    had;                  /* bit i: it has all fields of shape i,
                                         of those that were looked at; also set
                                         if nothing refuses it */
} trv_match_t;


/*
 * Computes once what trv_match_lookup() looks up under this plan, so that it
 * can be kept without the traits.  Nothing is done if there are more than
 * TRV_PROBES, or if attributes may still be added to the traits.
 */

void trv_match_probe(const trv_table_t *table, const trv_plan_t *plan,
    trv_traits_t *traits);


/*
 * Looks for a rule that refuses the token.  Returns
 *
 *     TRV_OK      there is one: *match
 *     TRV_NONE    there is none, and everything was looked at
 *     TRV_LIMIT   there may be one: too many values or combinations
 *
 * A token whose claims are unreadable is compared by what is known of it; it
 * is for the caller to see traits->unreadable and what the plan wants of them.
 */

trv_rc_t trv_match_lookup(const trv_table_t *table, const trv_plan_t *plan,
    const trv_traits_t *traits, int64_t leeway, int64_t now,
    trv_match_t *match);


#pragma GCC visibility pop


#endif /* _TRV_MATCH_H_INCLUDED_ */
