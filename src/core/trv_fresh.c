
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_fresh.h"


/*
 * Release and acquire order the moment with the rules: who sees the moment
 * sees every rule that was applied before it was confirmed.
 */

void
trv_moment_store(trv_moment_t *moment, uint64_t boot, uint64_t wall)
{
    __atomic_store_n(&moment->wall, wall, __ATOMIC_RELEASE);
    __atomic_store_n(&moment->boot, boot, __ATOMIC_RELEASE);
}


uint64_t
trv_moment_age(const trv_moment_t *moment, uint64_t boot, uint64_t wall)
{
    uint64_t  mboot, mwall, age;

    mboot = __atomic_load_n(&moment->boot, __ATOMIC_ACQUIRE);
    mwall = __atomic_load_n(&moment->wall, __ATOMIC_ACQUIRE);

    if (mboot == 0) {
        return TRV_AGE_NEVER;
    }

    age = boot > mboot ? boot - mboot : 0;

    if (wall > mwall && wall - mwall > age) {
        age = wall - mwall;
    }

    return age;
}


trv_verdict_t
trv_decide(const trv_facts_t *facts)
{
    if (facts->matched) {
        return TRV_VERDICT_REVOKED;
    }

    if (facts->age == TRV_AGE_NEVER) {
        return facts->may_wait ? TRV_VERDICT_WAIT : TRV_VERDICT_UNAVAILABLE;
    }

    if (facts->age > facts->max_stale || facts->overflow) {
        return TRV_VERDICT_UNAVAILABLE;
    }

    return facts->unreadable ? TRV_VERDICT_MALFORMED : TRV_VERDICT_PASS;
}
