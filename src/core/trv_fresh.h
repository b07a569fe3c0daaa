
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * How old the rules are, and what that means for a token.
 *
 * A token that a known rule matches is refused whatever the state; but while it
 * is cold it waits like others first, since half a log may not have lifted the
 * rule yet.  What is done with one that no rule matches:
 *
 *     state        what it means                                then
 *
 *     cold         the log was never confirmed                  wait
 *     overflow     a rule did not fit into the zone             on_error
 *     fresh        confirmed within max_stale                   pass
 *     stale        confirmed longer ago than that               on_error
 *
 *     and where a location is strict, instead of fresh or stale:
 *
 *     pending      what Redis had when the request came is not  wait
 *                  known yet, or not all of it is applied
 *     answered     it is known, and all of it is applied: no    pass
 *                  confirmation could be fresher
 *     impossible   it cannot be found out now                   on_error
 *
 * A request that waits and has no time left is left to on_error, and so is a
 * token that would pass but cannot be compared with all rules.
 */


#ifndef _TRV_FRESH_H_INCLUDED_
#define _TRV_FRESH_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


/*
 * The moment, in shared memory, for which Redis confirmed that everything in
 * the log had been applied.  Two clocks, because each can be wrong alone: the
 * boot clock does not jump and counts sleep, the wall clock goes on while a
 * virtual machine is frozen.  Milliseconds; zero memory is "never".
 *
 * One writer.  A reader that sees one clock of the older moment gets a larger
 * age, which is safe.
 */

typedef struct {
    uint64_t  boot;
    uint64_t  wall;
} trv_moment_t;


#define TRV_AGE_NEVER  UINT64_MAX


void trv_moment_store(trv_moment_t *moment, uint64_t boot, uint64_t wall);

/* milliseconds, never negative; TRV_AGE_NEVER if nothing was confirmed yet */

uint64_t trv_moment_age(const trv_moment_t *moment, uint64_t boot,
    uint64_t wall);


typedef enum {
    TRV_VERDICT_PASS = 0,
    TRV_VERDICT_REVOKED,
    TRV_VERDICT_WAIT,             /* ask again soon */
    TRV_VERDICT_UNAVAILABLE,      /* token_revoke_on_error decides */
    TRV_VERDICT_MALFORMED,        /* the same: it cannot be read */
    TRV_NVERDICTS
} trv_verdict_t;


/* what the request may rely on: see above */

typedef enum {
    TRV_FRESH_COLD = 0,
    TRV_FRESH_OVERFLOW,
    TRV_FRESH_FRESH,
    TRV_FRESH_STALE,
    TRV_FRESH_PENDING,
    TRV_FRESH_ANSWERED,
    TRV_FRESH_IMPOSSIBLE,
    TRV_FRESH_NSTATES
} trv_fresh_state_t;


/* that all is applied that Redis had when the request came */

typedef enum {
    TRV_PROOF_OFF = 0,            /* nobody wants to know */
    TRV_PROOF_PENDING,
    TRV_PROOF_DONE,
    TRV_PROOF_IMPOSSIBLE,
    TRV_NPROOFS
} trv_proof_t;


typedef struct {
    uint64_t     age;             /* trv_moment_age() */
    uint64_t     max_stale;       /* milliseconds */
    trv_proof_t  strict;
    unsigned     overflow:1;      /* a rule did not fit into the zone */
    unsigned     matched:1;       /* a known rule refuses the token */
    unsigned     unreadable:1;    /* a rule might match what cannot be read */
    unsigned     may_wait:1;      /* the request has time left */
} trv_facts_t;


/*
 * The state by age, proof and overflow.  All three are read before
 * the rules, and overflow after the other two: a confirmation that comes in
 * between does not speak for a look-up that was made before it.
 */

trv_fresh_state_t trv_fresh_state(const trv_facts_t *facts);


/* The verdict, by the table of states. */

trv_verdict_t trv_decide(const trv_facts_t *facts);


/*
 * The verdict on a token of which two have been found, independently.  Both
 * have to let it pass, one is enough to refuse it.  What is not known (or not
 * read) refuses it, too, if errors "deny"; where they do not, what is still
 * waited for comes first: it can be a refusal.
 */

trv_verdict_t trv_decide_both(trv_verdict_t one, trv_verdict_t two, int deny);


#pragma GCC visibility pop


#endif /* _TRV_FRESH_H_INCLUDED_ */
