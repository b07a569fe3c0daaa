
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The life of an edge that follows the log, as a table.
 *
 *     cold ------> syncing ----> live ----> detached
 *                  ^     ^        |            |
 *                  |     +--------+------------+
 *                  |     entries to catch up with, connected again
 *                  |
 *                  +-- replaying <-- collecting      the log is read again
 *
 *     cold        nothing was ever confirmed, no link yet
 *     checking    is this the log that was applied?
 *     syncing     reading up to the end of the log
 *     collecting  reading the log again: what was restored in it?
 *     replaying   reading it once more: what is not restored is applied
 *     live        waiting at the end of the log, confirmed again and again
 *     unsure      the same, at a replica that is cut off: nothing is confirmed
 *     detached    the link is lost: the rules stay, their age grows
 *
 * Checking, collecting and replaying are parts of syncing for whoever asks
 * from outside, and unsure is detached.  The state says what the follower
 * does.  What a request may rely on is the moment of the last confirmation
 * (trv_fresh.h), whatever the state.
 */


#ifndef _TRV_FOLLOW_H_INCLUDED_
#define _TRV_FOLLOW_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


typedef enum {
    TRV_FOLLOW_COLD = 0,
    TRV_FOLLOW_CHECKING,
    TRV_FOLLOW_SYNCING,
    TRV_FOLLOW_COLLECTING,
    TRV_FOLLOW_REPLAYING,
    TRV_FOLLOW_LIVE,
    TRV_FOLLOW_UNSURE,
    TRV_FOLLOW_DETACHED,
    TRV_FOLLOW_NSTATES
} trv_follow_state_t;


typedef enum {
    TRV_FOLLOW_READY = 0,     /* this process writes, the link may be asked */
    TRV_FOLLOW_SAME,          /* the log that was applied, maybe trimmed */
    TRV_FOLLOW_ENTRIES,       /* a piece of the log was read and applied */
    TRV_FOLLOW_END,           /* a read found nothing new */
    TRV_FOLLOW_CONFIRMED,     /* the same log, with nothing after ours */
    TRV_FOLLOW_DOUBTED,       /* nothing after ours, says who cannot know */
    TRV_FOLLOW_BEHIND,        /* the same log, with entries after ours */
    TRV_FOLLOW_AGAIN,         /* it has to be read again: another log, ... */
    TRV_FOLLOW_FAILED,        /* the link is lost, silent or refused */
    TRV_FOLLOW_LEFT,          /* another process writes now */
    TRV_FOLLOW_PART,          /* an answer that another one completes */
    TRV_FOLLOW_NEVENTS
} trv_follow_event_t;


typedef enum {
    TRV_FOLLOW_DO_NOTHING = 0,
    TRV_FOLLOW_DO_CHECK,      /* XRANGE of the applied ID, and XINFO STREAM */
    TRV_FOLLOW_DO_READ,       /* XREAD from the position */
    TRV_FOLLOW_DO_INFO,       /* XINFO STREAM: is this the end? */
    TRV_FOLLOW_DO_WAIT,       /* XREAD BLOCK, followed by XINFO STREAM */
    TRV_FOLLOW_DO_COLLECT,    /* begin to read again, from the start */
    TRV_FOLLOW_DO_REPLAY,     /* and once more */
    TRV_FOLLOW_DO_SETTLE,     /* the position is here now; then as INFO */
    TRV_FOLLOW_NACTIONS
} trv_follow_action_t;


/*
 * Moves *state and returns what is to be done.  A pair of state and event
 * that is not in the table changes nothing and asks for nothing.
 */

trv_follow_action_t trv_follow_step(trv_follow_state_t *state,
    trv_follow_event_t event);


#pragma GCC visibility pop


#endif /* _TRV_FOLLOW_H_INCLUDED_ */
