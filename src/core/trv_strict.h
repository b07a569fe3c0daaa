
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The questions of one worker about one log, asked for requests that want to
 * know what Redis has now: one question serves all requests that came before
 * it was sent, one is in flight, and two are at least a gap apart.
 *
 *     closed ---> opening ---> idle <------------------+
 *                  ^  |          |                     |
 *                  |  +------> due <---------------+   | later
 *                  |             |                 |   |
 *                  |           asked               |   |
 *                  |             |            pausing, |
 *            any --+             +-----------> pause --+
 *
 *     closed     nobody has wanted anything yet, or the link was stopped
 *     opening    there is no link, it is opened and opened again by itself
 *     idle       nobody wants anything
 *     due        the next question is sent at the end of this pass of the
 *                event loop, for all requests that come in it
 *     asked      a question is in flight (waited for: and another is wanted)
 *     pause      the gap is not over yet  (pausing:    and another is wanted)
 *
 * What is asked is XINFO STREAM.  Its answer was true at some time after the
 * request came; so with all entries applied up to the last one that it shows,
 * all is applied that Redis had when the request came.
 *
 * That is so if what is applied is of the history of the master that is asked
 * (trv_lineage.h).  Entries of another one can hide that some of it are
 * missing: then an answer serves only if the very entry that it shows last is
 * the one that was applied last.  And one that was deposed says nothing of
 * what the one that is followed may have already.
 */


#ifndef _TRV_STRICT_H_INCLUDED_
#define _TRV_STRICT_H_INCLUDED_


#include "trv_fresh.h"
#include "trv_lineage.h"
#include "trv_log.h"


#pragma GCC visibility push(hidden)


/*
 * Microseconds between two questions: at least; more for each byte of the
 * answer, which shows the first and the last entry whole; and as long as the
 * answers are of no use, which only the follower can change.
 */

#define TRV_STRICT_GAP       1000
#define TRV_STRICT_BYTES     32           /* bytes for each microsecond */
#define TRV_STRICT_LOSS_GAP  20000

/* so many failures without an answer, and nobody waits for one any more */

#define TRV_STRICT_FAILURES  2


typedef enum {
    TRV_STRICT_CLOSED = 0,
    TRV_STRICT_OPENING,
    TRV_STRICT_IDLE,
    TRV_STRICT_DUE,
    TRV_STRICT_ASKED,
    TRV_STRICT_ASKED_MORE,
    TRV_STRICT_PAUSE,
    TRV_STRICT_PAUSE_MORE,
    TRV_STRICT_NSTATES
} trv_strict_state_t;


typedef enum {
    TRV_STRICT_WANT = 0,          /* a request needs what is not asked yet */
    TRV_STRICT_READY,             /* the link may be asked */
    TRV_STRICT_TURN,              /* the end of the pass */
    TRV_STRICT_NOBODY,            /* the same, and all of them have gone */
    TRV_STRICT_ANSWER,            /* of the log that was applied */
    TRV_STRICT_LOSS,              /* of another log: it serves nobody */
    TRV_STRICT_SPLIT,             /* of another history: the same */
    TRV_STRICT_LATER,             /* the gap is over */
    TRV_STRICT_FAILED,            /* the link is lost */
    TRV_STRICT_MOVED,             /* the log is elsewhere: no failure */
    TRV_STRICT_STOP,              /* and not wanted any more */
    TRV_STRICT_NEVENTS
} trv_strict_event_t;


typedef enum {
    TRV_STRICT_DO_NOTHING = 0,
    TRV_STRICT_DO_OPEN,           /* open the link */
    TRV_STRICT_DO_POST,           /* give us a turn at the end of the pass */
    TRV_STRICT_DO_ASK,            /* trv_strict_ask(), and send the question */
    TRV_STRICT_DO_PAUSE,          /* say when the gap is over */
    TRV_STRICT_NACTIONS
} trv_strict_action_t;


/* zero memory is one that is closed */

typedef struct {
    trv_strict_state_t  state;
    unsigned            failures; /* since the last answer */
    uint64_t            asked;    /* number of the last question */
    uint64_t            answered; /* of the last one whose answer serves */
    uint64_t            asked_at; /* when it was sent, microseconds */
    uint64_t            gap;      /* until the next one, microseconds */
    trv_mark_t          mark;     /* of the zone, when it was sent, */
    trv_lineage_t       followed; /* and of the server that is followed */
    trv_id_t            end;      /* the last entry, by the one that serves, */
    uint64_t            under;    /* and what was followed (an ID) */
} trv_strict_t;


/* what one request wants; zero memory wants nothing yet */

typedef struct {
    uint64_t            number;   /* a question with this number, or later */
    trv_id_t            end;      /* has to be applied, */
    uint64_t            under;    /* as long as this is followed */
    unsigned            answered:1;
} trv_wish_t;


/* what an answer shows; a log that does not exist is all zero */

typedef struct {
    trv_id_t            last_generated;
    trv_id_t            first_entry;
    trv_id_t            last_entry;
    uint64_t            first_digest;
    uint64_t            last_digest;
    uint64_t            added;    /* 0: Redis does not count them */
    trv_lineage_t       lineage;  /* of who said it */
    size_t              bytes;
} trv_log_end_t;


/*
 * Moves the state and returns what is to be done.  A pair of state and event
 * that is not in the table changes nothing and asks for nothing.
 */

trv_strict_action_t trv_strict_step(trv_strict_t *strict,
    trv_strict_event_t event);


/*
 * A question is sent now (microseconds of a clock that does not jump), while
 * the zone has applied the log up to the mark, as one has it that is followed.
 */

void trv_strict_ask(trv_strict_t *strict, uint64_t now, trv_mark_t mark,
    trv_lineage_t followed);


/*
 * What the answer to it means: TRV_STRICT_ANSWER; TRV_STRICT_LOSS, if this
 * cannot be the log that had been applied when it was asked; TRV_STRICT_SPLIT,
 * if it is not known to be.  Nothing is a loss that the follower
 * (trv_history.h) would not find to be one, or a request would wait for what
 * never comes.
 */

trv_strict_event_t trv_strict_compare(trv_strict_t *strict,
    const trv_log_end_t *log);


/* microseconds until the gap is over; 0: it is */

uint64_t trv_strict_left(const trv_strict_t *strict, uint64_t now);


/* the request came now: a question that was sent already does not serve it */

void trv_wish_make(trv_wish_t *wish, const trv_strict_t *strict);


/*
 * Whether all is applied that Redis had when the wish was made.  "applied" is
 * loaded with acquire, before the ID of what is followed, and that before the
 * rules are looked up.  If that is another one than it was with the answer,
 * the wish is made again: the number is one that was not asked yet.
 */

trv_proof_t trv_wish_look(trv_wish_t *wish, const trv_strict_t *strict,
    trv_id_t applied, uint64_t followed);


#pragma GCC visibility pop


#endif /* _TRV_STRICT_H_INCLUDED_ */
