
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Who writes a zone.  Many processes may want to: each cycle of nginx has one
 * candidate, two when a worker is respawned, and after a binary upgrade there
 * are the candidates of two nginxes.  A mutex lets one of them write; this
 * decides which one, so that the newest wins and nobody fights:
 *
 *     - each cycle has a number, its generation, larger than those before;
 *     - a candidate that is ready posts its own in the zone, if it is larger;
 *     - a writer that sees a larger one than its own gives way;
 *     - a candidate that sees one takes the mutex only when it found it free
 *       again and again: then the newer one has gone (a rollback, or it was
 *       killed), and the number that is posted becomes the candidate's own.
 */


#ifndef _TRV_OWNER_H_INCLUDED_
#define _TRV_OWNER_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


/* tries of its own, one after the other, that found the mutex free */

#define TRV_OWNER_PATIENCE  20


typedef enum {
    TRV_OWNER_CANDIDATE = 0,
    TRV_OWNER_WRITER,
    TRV_OWNER_NSTATES
} trv_owner_state_t;


/* the number that is posted, compared with one's own */

typedef enum {
    TRV_OWNER_OLDER = 0,      /* or none */
    TRV_OWNER_OURS,
    TRV_OWNER_NEWER,
    TRV_OWNER_NPOSTED
} trv_owner_posted_t;


/* the mutex, as this candidate found it */

typedef enum {
    TRV_OWNER_BUSY = 0,
    TRV_OWNER_FREE,
    TRV_OWNER_ABANDONED,      /* free for TRV_OWNER_PATIENCE tries */
    TRV_OWNER_NMUTEX
} trv_owner_mutex_t;


typedef enum {
    TRV_OWNER_DO_WAIT = 0,    /* try again; a mutex that was got is let go */
    TRV_OWNER_DO_TAKE,        /* write, and post one's own number */
    TRV_OWNER_DO_KEEP,        /* go on writing */
    TRV_OWNER_DO_GIVE_WAY,    /* let go when the entry is finished */
    TRV_OWNER_NACTIONS
} trv_owner_action_t;


/* one process's view; zero but for "mine" when it begins */

typedef struct {
    uint64_t           mine;      /* the generation of its cycle, not 0 */
    unsigned           tries;     /* that found the mutex free */
    trv_owner_state_t  state;
} trv_owner_t;


/* what is right in each of the cases */

trv_owner_action_t trv_owner_decide(trv_owner_state_t state,
    trv_owner_posted_t posted, trv_owner_mutex_t mutex);

/*
 * A candidate has tried the mutex, and got it if "isfree"; with
 * TRV_OWNER_DO_TAKE it is the writer from now on.
 */

trv_owner_action_t trv_owner_try(trv_owner_t *owner, uint64_t posted,
    int isfree);

/* true if a writer has to give way */

int trv_owner_wanted(const trv_owner_t *owner, uint64_t posted);

/* it does not write any more */

void trv_owner_release(trv_owner_t *owner);


#pragma GCC visibility pop


#endif /* _TRV_OWNER_H_INCLUDED_ */
