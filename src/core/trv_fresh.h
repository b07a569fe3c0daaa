
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * How old the rules are, and what that means for a token.
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


typedef struct {
    uint64_t  age;                /* trv_moment_age(), read before the rules */
    uint64_t  max_stale;          /* milliseconds */
    unsigned  matched:1;          /* a known rule refuses the token */
    unsigned  overflow:1;         /* a rule did not fit into the zone */
    unsigned  may_wait:1;         /* the request has time left */
    unsigned  unreadable:1;       /* a rule might match what cannot be read */
} trv_facts_t;


/*
 * A token that a known rule matches is refused whatever the state.  For one
 * that no rule matches: before the first sync it waits, with a fresh and
 * whole table it passes if it could be read, otherwise nobody can say.
 */

trv_verdict_t trv_decide(const trv_facts_t *facts);


#pragma GCC visibility pop


#endif /* _TRV_FRESH_H_INCLUDED_ */
