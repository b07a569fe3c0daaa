
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The life of one connection to Redis, as a table.
 *
 *     down ---> finding ---> connecting ---> securing ---> greeting ---> ready
 *      ^           |             |              |             |            |
 *      +-----------+-------------+--------------+-------------+------------+
 */


#ifndef _TRV_LINK_H_INCLUDED_
#define _TRV_LINK_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


typedef enum {
    TRV_LINK_DOWN = 0,
    TRV_LINK_FINDING,         /* which address? */
    TRV_LINK_CONNECTING,
    TRV_LINK_SECURING,        /* TLS, if any */
    TRV_LINK_GREETING,        /* who are we, and who is it? */
    TRV_LINK_READY,
    TRV_LINK_NSTATES
} trv_link_state_t;


typedef enum {
    TRV_LINK_OPEN = 0,        /* somebody wants to ask */
    TRV_LINK_FOUND,
    TRV_LINK_CONNECTED,
    TRV_LINK_SECURED,
    TRV_LINK_GREETED,
    TRV_LINK_FAILED,          /* refused, closed, silent or not understood */
    TRV_LINK_STOP,            /* the process exits */
    TRV_LINK_NEVENTS
} trv_link_event_t;


typedef enum {
    TRV_LINK_DO_NOTHING = 0,
    TRV_LINK_DO_FIND,
    TRV_LINK_DO_CONNECT,
    TRV_LINK_DO_SECURE,
    TRV_LINK_DO_GREET,
    TRV_LINK_DO_SERVE,
    TRV_LINK_DO_RETRY,        /* close, tell the owner, connect later */
    TRV_LINK_DO_CLOSE,        /* close and stay down */
    TRV_LINK_NACTIONS
} trv_link_action_t;


/*
 * Moves *state and returns what is to be done.  A pair of state and event
 * that is not in the table changes nothing and asks for nothing.
 */

trv_link_action_t trv_link_step(trv_link_state_t *state,
    trv_link_event_t event);


#pragma GCC visibility pop


#endif /* _TRV_LINK_H_INCLUDED_ */
