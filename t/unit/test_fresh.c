
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The age on two clocks, and the decision for every combination of facts.
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


static trv_verdict_t
expected(const trv_facts_t *facts)
{
    unsigned  never, fresh;

    never = facts->age == TRV_AGE_NEVER;
    fresh = !never && facts->age <= facts->max_stale;

    return facts->matched                      ? TRV_VERDICT_REVOKED
           : never && facts->may_wait          ? TRV_VERDICT_WAIT
           : !fresh || facts->overflow         ? TRV_VERDICT_UNAVAILABLE
           : facts->unreadable                 ? TRV_VERDICT_MALFORMED
           : TRV_VERDICT_PASS;
}


static void
every_decision(void)
{
    size_t       i;
    unsigned     bits;
    trv_facts_t  facts;

    static const uint64_t  age[] = { 0, 999, 1000, 1001, TRV_AGE_NEVER };

    for (i = 0; i < sizeof(age) / sizeof(age[0]); i++) {
        for (bits = 0; bits < 16; bits++) {
            facts.age = age[i];
            facts.max_stale = 1000;
            facts.matched = bits & 1;
            facts.overflow = (bits >> 1) & 1;
            facts.may_wait = (bits >> 2) & 1;
            facts.unreadable = (bits >> 3) & 1;

            tap_ok(trv_decide(&facts) == expected(&facts),
                   "age %" PRIu64 "%s%s%s%s: verdict %d", facts.age,
                   facts.matched ? ", matched" : "",
                   facts.overflow ? ", overflow" : "",
                   facts.may_wait ? ", may wait" : "",
                   facts.unreadable ? ", unreadable" : "",
                   (int) expected(&facts));
        }
    }
}


int
main(void)
{
    every_age();
    every_decision();

    return tap_done();
}
