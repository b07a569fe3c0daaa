
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the log says, taken literally: a list of rules, each of them a value or
 * nothing for every field there is, and a token that is compared with all of
 * them.  It shares no code with what it is compared with.
 */


#ifndef _NAIVE_H_INCLUDED_
#define _NAIVE_H_INCLUDED_


#include <stdint.h>
#include <string.h>


#define NAIVE_RULES   4096
#define NAIVE_PAIRS   12
#define NAIVE_VALUES  4           /* that there are; sets are bits */
#define NAIVE_ANY     0xff        /* no value: the field does not matter */
#define NAIVE_UNIT    16          /* an end is rounded up to so many seconds */
#define NAIVE_NEVER   INT64_MAX
#define NAIVE_NO_IAT  INT64_MIN


typedef enum {
    F_TOKEN = 0,
    F_KID,
    F_SUB,
    F_AUD,
    F_CLAIM_KID,
    F_CLAIM_DEVICE,
    F_REALM,
    F_DEVICE,
    F_ALL,
    NFIELDS
} naive_field_t;


typedef struct {
    const char     *text;
    naive_field_t   field;
    unsigned        lasting;      /* revokes for ever unless it says when */
} naive_name_t;


static const naive_name_t  naive_names[] = {
    { "sub",          F_SUB,          0 },
    { "claim.sub",    F_SUB,          0 },
    { "aud",          F_AUD,          0 },
    { "kid",          F_KID,          1 },
    { "header.kid",   F_KID,          1 },
    { "claim.kid",    F_CLAIM_KID,    0 },
    { "device",       F_DEVICE,       0 },
    { "attr.device",  F_DEVICE,       0 },
    { "claim.device", F_CLAIM_DEVICE, 0 },
    { "realm.r",      F_REALM,        0 },
    { "token",        F_TOKEN,        1 },
    { "all",          F_ALL,          0 },
};

#define NAIVE_NAMES  (sizeof(naive_names) / sizeof(naive_names[0]))


static const char *const  naive_values[NAIVE_VALUES] = {
    "a", "b", "12", "true"
};


typedef struct {
    uint8_t  name;
    uint8_t  value;
} naive_pair_t;


typedef struct {
    unsigned      restore:1;
    unsigned      always:1;       /* "before always" */
    unsigned      dated:1;        /* "before" and a number */
    unsigned      ended:1;        /* "until" */
    int64_t       before;
    int64_t       until;
    uint64_t      ms;             /* when it was written */
    unsigned      npairs;
    naive_pair_t  pairs[NAIVE_PAIRS];
} naive_entry_t;


typedef struct {
    uint8_t  value[NFIELDS];
    int      always;
    int64_t  cutoff;
    int64_t  end;
} naive_rule_t;


typedef struct {
    unsigned      n;
    naive_rule_t  rule[NAIVE_RULES];
} naive_t;


typedef struct {
    uint8_t  values[NFIELDS];     /* bit i: naive_values[i] */
    int64_t  issued;
} naive_token_t;


static inline void
naive_one(naive_t *naive, const naive_entry_t *e, const naive_rule_t *new)
{
    unsigned       i, n;
    naive_rule_t  *r;

    for (i = 0, n = 0; i < naive->n; i++) {
        r = &naive->rule[i];

        if (memcmp(r->value, new->value, NFIELDS) == 0) {

            if (e->restore) {
                continue;
            }

            if (r->always == new->always) {
                r->cutoff = r->cutoff > new->cutoff ? r->cutoff : new->cutoff;
                r->end = r->end > new->end ? r->end : new->end;
                return;
            }
        }

        naive->rule[n++] = *r;
    }

    naive->n = n;

    if (!e->restore) {
        naive->rule[naive->n++] = *new;
    }
}


/* chooses one of the values that the entry has for each of its fields */

static inline void
naive_each(naive_t *naive, const naive_entry_t *e, unsigned field,
    naive_rule_t *rule)
{
    unsigned  i, any;

    if (field == NFIELDS) {

        /* beside anything else "all" says nothing, and its value never does */

        for (i = 0, any = 0; i < F_ALL; i++) {
            any |= rule->value[i] != NAIVE_ANY;
        }

        rule->value[F_ALL] = any ? NAIVE_ANY : 0;

        naive_one(naive, e, rule);
        return;
    }

    for (i = 0, any = 0; i < e->npairs; i++) {

        if (naive_names[e->pairs[i].name].field == field) {
            rule->value[field] = e->pairs[i].value;
            naive_each(naive, e, field + 1, rule);
            any = 1;
        }
    }

    if (!any) {
        rule->value[field] = NAIVE_ANY;
        naive_each(naive, e, field + 1, rule);
    }
}


static inline void
naive_apply(naive_t *naive, const naive_entry_t *e, int64_t retain,
    int64_t now)
{
    unsigned      i, lasting;
    naive_rule_t  rule;

    for (i = 0, lasting = 0; i < e->npairs; i++) {
        lasting |= naive_names[e->pairs[i].name].lasting;
    }

    rule.always = e->always || (lasting && !e->dated);
    rule.cutoff = e->dated ? e->before : (int64_t) (e->ms / 1000);
    rule.end = e->ended ? e->until
               : retain ? (int64_t) ((e->ms + 999) / 1000) + retain
               : NAIVE_NEVER;

    if (rule.end != NAIVE_NEVER) {
        rule.end = (rule.end + NAIVE_UNIT - 1) / NAIVE_UNIT * NAIVE_UNIT;
    }

    if (!e->restore && rule.end <= now) {
        return;
    }

    naive_each(naive, e, 0, &rule);
}


/* 1: refused; *dated: not only because it has no issue time */

static inline int
naive_refuses(const naive_t *naive, const naive_token_t *token, int64_t leeway,
    int64_t now, int *dated)
{
    int                  found;
    unsigned             i, f;
    const naive_rule_t  *r;

    found = 0;
    *dated = 0;

    for (i = 0; i < naive->n; i++) {
        r = &naive->rule[i];

        for (f = 0; f < NFIELDS; f++) {

            if (f == F_ALL || r->value[f] == NAIVE_ANY) {
                continue;
            }

            if ((token->values[f] >> r->value[f] & 1) == 0) {
                break;
            }
        }

        if (f < NFIELDS || r->end <= now) {
            continue;
        }

        if (r->always) {
            found = 1;
            *dated = 1;

        } else if (token->issued == NAIVE_NO_IAT) {
            found = 1;

        } else if (token->issued <= r->cutoff + leeway) {
            found = 1;
            *dated = 1;
        }
    }

    return found;
}


#endif /* _NAIVE_H_INCLUDED_ */
