
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Is the log that Redis shows the one that was applied?  Last ID and number of
 * entries alone do not show a failover that lost three entries and went on
 * with five, and what was read last is of course an entry of the log that it
 * was read from: after each reading it is asked for the entry behind which it
 * began.  On every new connection:
 *
 *     XRANGE log applied applied COUNT 1      is the last entry there?
 *     XINFO STREAM log                        what else can be known
 *
 * in this order: what is trimmed in between is then seen as trimmed, not as
 * lost.  On a connection that stays:
 *
 *     XREAD ... log position                  what is new
 *     XRANGE log position position COUNT 1    is what was read before there?
 *     XINFO STREAM log
 *
 * and if it was not there, it is judged by itself, as one that was "passed".
 */


#ifndef _TRV_HISTORY_H_INCLUDED_
#define _TRV_HISTORY_H_INCLUDED_


#include "trv_log.h"


#pragma GCC visibility push(hidden)


typedef enum {
    TRV_HISTORY_SAME = 0,     /* read on behind the position */
    TRV_HISTORY_GAP,          /* the same, but entries that were never seen
                                 were trimmed: report it, and read on */
    TRV_HISTORY_BEHIND,       /* a replica that has not got there yet: it
                                 confirms nothing, ask again; one that stays so
                                 is LOST */
    TRV_HISTORY_LOST,         /* another log, or in doubt: report it, and read
                                 from the start */
    TRV_HISTORY_NVERDICTS
} trv_history_verdict_t;


/*
 * "applied" is the last entry that was read, "position" where reading goes on:
 * the same, or later if there was nothing in between, since it had been
 * deleted.  (On a new connection go on behind "applied": applying twice
 * changes nothing.)
 *
 * "added" is what entries-added was at least, at the position: what the last
 * confirmation said, and one for each entry read since.
 */

typedef struct {

    /* what the edge knows */

    trv_id_t    applied;          /* 0-0: nothing was */
    uint64_t    digest;           /* of that entry; 0: not known */
    trv_id_t    position;         /* 0-0 stands for "applied" */
    uint64_t    added;            /* 0: not known */
    unsigned    confirmed:1;      /* before, by the same process */
    unsigned    passed:1;         /* all behind it was read, up to there */
    trv_id_t    deleted;          /* max_deleted at that moment */

    /* XRANGE */

    unsigned    asked:1;
    unsigned    found:1;
    uint64_t    found_digest;

    /* XINFO STREAM */

    unsigned    exists:1;         /* zero with "ERR no such key" */
    unsigned    replica:1;        /* it was a replica that said all this */
    uint64_t    length;
    trv_id_t    last_generated;
    trv_id_t    first_entry;
    trv_id_t    last_entry;
    uint64_t    first_digest;
    uint64_t    last_digest;
    uint64_t    entries_added;    /* 0: not known, before Redis 7.0 */
    trv_id_t    max_deleted;
} trv_history_t;


/*
 * The verdict, and in *why a static text for the log that goes on after 'the
 * log "revoked" ...'.
 */

trv_history_verdict_t trv_history_judge(const trv_history_t *history,
    const char **why);


#pragma GCC visibility pop


#endif /* _TRV_HISTORY_H_INCLUDED_ */
