
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The age on two clocks, the states, and the decision for every combination of
 * facts.
 */


#include "tap.h"

#include "trv_fresh.h"


typedef struct {
    const char  *name;
    uint64_t     boot;
    uint64_t     wall;
    uint64_t     now_boot;
    uint64_t     now_wall;
    uint64_t     age;
} age_case_t;


static const age_case_t  ages[] = {
    { "zero memory was never confirmed", 0, 0, 5000, 5000, TRV_AGE_NEVER },
    { "at once", 1000, 9000, 1000, 9000, 0 },
    { "both clocks agree", 1000, 9000, 1250, 9250, 250 },
    { "the wall clock was set back", 1000, 9000, 1250, 100, 250 },
    { "the wall clock was set forward", 1000, 9000, 1250, 99000, 90000 },
    { "a frozen machine: only the wall clock went on",
      1000, 9000, 1001, 12000, 3000 },
    { "dated a little ahead", 1000, 9000, 990, 8990, 0 },
};


static void
every_age(void)
{
    size_t        i;
    trv_moment_t  moment;

    for (i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
        memset(&moment, 0, sizeof(moment));
        trv_moment_store(&moment, ages[i].boot, ages[i].wall);

        tap_uint(trv_moment_age(&moment, ages[i].now_boot, ages[i].now_wall),
                 ages[i].age, ages[i].name);
    }
}


/*
 * The same in other words, those of the promise: a match is refused whatever
 * else, but half a log may not have lifted it yet; what is not known to be
 * whole and new enough does not pass; and only for what may become known is it
 * worth to wait.
 */

static trv_verdict_t
expected(const trv_facts_t *facts)
{
    int  synced, whole, known, hope;

    synced = facts->age != TRV_AGE_NEVER;
    whole = synced && !facts->overflow;

    known = facts->strict == TRV_PROOF_OFF ? facts->age <= facts->max_stale
                                           : facts->strict == TRV_PROOF_DONE;
    hope = !synced || (whole && facts->strict == TRV_PROOF_PENDING);

    if (facts->matched) {
        return synced || !facts->may_wait ? TRV_VERDICT_REVOKED
                                          : TRV_VERDICT_WAIT;
    }

    if (whole && known) {
        return facts->unreadable ? TRV_VERDICT_MALFORMED : TRV_VERDICT_PASS;
    }

    return hope && facts->may_wait ? TRV_VERDICT_WAIT
                                   : TRV_VERDICT_UNAVAILABLE;
}


static void
every_decision(void)
{
    size_t       i;
    unsigned     bits, strict;
    trv_facts_t  facts;

    static const uint64_t  age[] = { 0, 999, 1000, 1001, TRV_AGE_NEVER };

    for (i = 0; i < sizeof(age) / sizeof(age[0]); i++) {
        for (bits = 0; bits < 16 * TRV_NPROOFS; bits++) {
            strict = bits >> 4;

            facts.age = age[i];
            facts.max_stale = 1000;
            facts.strict = (trv_proof_t) strict;
            facts.matched = bits & 1;
            facts.overflow = (bits >> 1) & 1;
            facts.may_wait = (bits >> 2) & 1;
            facts.unreadable = (bits >> 3) & 1;

            tap_ok(trv_decide(&facts) == expected(&facts),
                   "age %" PRIu64 ", proof %u%s%s%s%s: verdict %d", facts.age,
                   strict,
                   facts.matched ? ", matched" : "",
                   facts.overflow ? ", overflow" : "",
                   facts.may_wait ? ", may wait" : "",
                   facts.unreadable ? ", unreadable" : "",
                   (int) expected(&facts));
        }
    }
}


typedef struct {
    uint64_t           age;
    trv_proof_t        strict;
    unsigned           overflow;
    trv_fresh_state_t  state;
    const char        *name;
} state_case_t;


static const state_case_t  states[] = {
    { TRV_AGE_NEVER, TRV_PROOF_OFF, 0, TRV_FRESH_COLD, "never confirmed" },
    { TRV_AGE_NEVER, TRV_PROOF_OFF, 1, TRV_FRESH_COLD,
      "never confirmed, and full already" },
    { TRV_AGE_NEVER, TRV_PROOF_DONE, 0, TRV_FRESH_COLD,
      "never confirmed, whatever a strict answer says" },
    { 5, TRV_PROOF_OFF, 1, TRV_FRESH_OVERFLOW, "full" },
    { 5, TRV_PROOF_DONE, 1, TRV_FRESH_OVERFLOW, "full, and a strict answer" },
    { 5, TRV_PROOF_PENDING, 1, TRV_FRESH_OVERFLOW,
      "full: no answer would help" },
    { 1001, TRV_PROOF_OFF, 1, TRV_FRESH_OVERFLOW, "full and old" },
    { 1000, TRV_PROOF_OFF, 0, TRV_FRESH_FRESH, "as old as it may be" },
    { 1001, TRV_PROOF_OFF, 0, TRV_FRESH_STALE, "too old" },
    { 5, TRV_PROOF_PENDING, 0, TRV_FRESH_PENDING, "new, but not strictly" },
    { 5, TRV_PROOF_DONE, 0, TRV_FRESH_ANSWERED, "a strict answer" },
    { 1001, TRV_PROOF_DONE, 0, TRV_FRESH_ANSWERED,
      "a strict answer is newer than the age" },
    { 1001, TRV_PROOF_PENDING, 0, TRV_FRESH_PENDING, "old, and asked" },
    { 5, TRV_PROOF_IMPOSSIBLE, 0, TRV_FRESH_IMPOSSIBLE, "no strict answer" },
};


static void
every_state(void)
{
    size_t       i;
    trv_facts_t  facts;

    memset(&facts, 0, sizeof(facts));
    facts.max_stale = 1000;

    for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        facts.age = states[i].age;
        facts.strict = states[i].strict;
        facts.overflow = states[i].overflow;

        tap_uint(trv_fresh_state(&facts), states[i].state, states[i].name);
    }
}


/* from the weakest to the strongest, where errors are allowed and denied */

static void
every_pair(void)
{
    int       deny, i, k;
    unsigned  expected;

    static const trv_verdict_t  order[2][TRV_NVERDICTS] = {
        { TRV_VERDICT_PASS, TRV_VERDICT_MALFORMED, TRV_VERDICT_UNAVAILABLE,
          TRV_VERDICT_WAIT, TRV_VERDICT_REVOKED },
        { TRV_VERDICT_PASS, TRV_VERDICT_WAIT, TRV_VERDICT_MALFORMED,
          TRV_VERDICT_UNAVAILABLE, TRV_VERDICT_REVOKED },
    };

    for (deny = 0; deny < 2; deny++) {
        for (i = 0; i < TRV_NVERDICTS; i++) {
            for (k = 0; k < TRV_NVERDICTS; k++) {
                expected = order[deny][i > k ? i : k];

                tap_uint(trv_decide_both(order[deny][i], order[deny][k], deny),
                         expected, deny ? "two, denied" : "two, allowed");
            }
        }
    }
}


int
main(void)
{
    every_pair();
    every_age();
    every_state();
    every_decision();

    return tap_done();
}
