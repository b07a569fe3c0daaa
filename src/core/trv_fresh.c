
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_fresh.h"


/* what the judge found */

typedef enum {
    TRV_FOUND_NOTHING = 0,
    TRV_FOUND_UNREADABLE,
    TRV_FOUND_RULE,
    TRV_NFOUND
} trv_found_t;


#define REVOKED      TRV_VERDICT_REVOKED
#define WAIT         TRV_VERDICT_WAIT
#define UNAVAILABLE  TRV_VERDICT_UNAVAILABLE
#define MALFORMED    TRV_VERDICT_MALFORMED
#define PASS         TRV_VERDICT_PASS


/*
 * By state, by what was found (nothing, something unreadable, a rule), and by
 * whether there is time left (no, yes).
 */

static const trv_verdict_t  trv_verdicts[TRV_FRESH_NSTATES][TRV_NFOUND][2] = {

    [TRV_FRESH_COLD]       = { { UNAVAILABLE, WAIT },
                               { UNAVAILABLE, WAIT },
                               { REVOKED,     WAIT } },

    [TRV_FRESH_OVERFLOW]   = { { UNAVAILABLE, UNAVAILABLE },
                               { UNAVAILABLE, UNAVAILABLE },
                               { REVOKED,     REVOKED } },

    [TRV_FRESH_FRESH]      = { { PASS,        PASS },
                               { MALFORMED,   MALFORMED },
                               { REVOKED,     REVOKED } },

    [TRV_FRESH_STALE]      = { { UNAVAILABLE, UNAVAILABLE },
                               { UNAVAILABLE, UNAVAILABLE },
                               { REVOKED,     REVOKED } },

    [TRV_FRESH_PENDING]    = { { UNAVAILABLE, WAIT },
                               { UNAVAILABLE, WAIT },
                               { REVOKED,     REVOKED } },

    [TRV_FRESH_ANSWERED]   = { { PASS,        PASS },
                               { MALFORMED,   MALFORMED },
                               { REVOKED,     REVOKED } },

    [TRV_FRESH_IMPOSSIBLE] = { { UNAVAILABLE, UNAVAILABLE },
                               { UNAVAILABLE, UNAVAILABLE },
                               { REVOKED,     REVOKED } }
};


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


trv_fresh_state_t
trv_fresh_state(const trv_facts_t *facts)
{
    if (facts->age == TRV_AGE_NEVER) {
        return TRV_FRESH_COLD;
    }

    if (facts->overflow) {
        return TRV_FRESH_OVERFLOW;
    }

    switch (facts->strict) {

    case TRV_PROOF_PENDING:
        return TRV_FRESH_PENDING;

    case TRV_PROOF_DONE:
        return TRV_FRESH_ANSWERED;

    case TRV_PROOF_IMPOSSIBLE:
        return TRV_FRESH_IMPOSSIBLE;

    default:
        break;
    }

    return facts->age <= facts->max_stale ? TRV_FRESH_FRESH : TRV_FRESH_STALE;
}


trv_verdict_t
trv_decide(const trv_facts_t *facts)
{
    trv_found_t  found;

    found = facts->matched ? TRV_FOUND_RULE
            : facts->unreadable ? TRV_FOUND_UNREADABLE
            : TRV_FOUND_NOTHING;

    return trv_verdicts[trv_fresh_state(facts)][found][facts->may_wait];
}


/* the higher one of two stands */

trv_verdict_t
trv_decide_both(trv_verdict_t one, trv_verdict_t two, int deny)
{
    static const uint8_t  ranks[2][TRV_NVERDICTS] = {

        { [PASS] = 0, [MALFORMED] = 1, [UNAVAILABLE] = 2, [WAIT] = 3,
          [REVOKED] = 4 },

        { [PASS] = 0, [WAIT] = 1, [MALFORMED] = 2, [UNAVAILABLE] = 3,
          [REVOKED] = 4 }
    };

    const uint8_t  *rank;

    rank = ranks[deny != 0];

    return rank[two] > rank[one] ? two : one;
}
