
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_follow.h"


typedef struct {
    trv_follow_state_t   from;
    trv_follow_event_t   event;
    trv_follow_state_t   to;
    trv_follow_action_t  action;
} trv_follow_edge_t;


/*
 * While live, a question is XREAD BLOCK and XINFO STREAM in one write: the
 * answer of the first changes nothing, that of the second decides.
 */

#define trv_edge(from, event, to, action)                                     \
    { TRV_FOLLOW_ ## from, TRV_FOLLOW_ ## event,                              \
      TRV_FOLLOW_ ## to, TRV_FOLLOW_DO_ ## action }


static const trv_follow_edge_t  trv_follow_edges[] = {

    trv_edge(COLD,       READY,     CHECKING,   CHECK),
    trv_edge(COLD,       FAILED,    COLD,       NOTHING),

    trv_edge(CHECKING,   SAME,      SYNCING,    READ),
    trv_edge(CHECKING,   AGAIN,     COLLECTING, COLLECT),
    trv_edge(CHECKING,   FAILED,    DETACHED,   NOTHING),
    trv_edge(CHECKING,   LEFT,      DETACHED,   NOTHING),

    trv_edge(SYNCING,    ENTRIES,   SYNCING,    READ),
    trv_edge(SYNCING,    END,       SYNCING,    INFO),
    trv_edge(SYNCING,    CONFIRMED, LIVE,       WAIT),
    trv_edge(SYNCING,    DOUBTED,   UNSURE,     WAIT),
    trv_edge(SYNCING,    BEHIND,    SYNCING,    READ),
    trv_edge(SYNCING,    AGAIN,     COLLECTING, COLLECT),
    trv_edge(SYNCING,    FAILED,    DETACHED,   NOTHING),
    trv_edge(SYNCING,    LEFT,      DETACHED,   NOTHING),

    trv_edge(COLLECTING, ENTRIES,   COLLECTING, READ),
    trv_edge(COLLECTING, END,       REPLAYING,  REPLAY),
    trv_edge(COLLECTING, FAILED,    DETACHED,   NOTHING),
    trv_edge(COLLECTING, LEFT,      DETACHED,   NOTHING),

    trv_edge(REPLAYING,  ENTRIES,   REPLAYING,  READ),
    trv_edge(REPLAYING,  END,       SYNCING,    SETTLE),
    trv_edge(REPLAYING,  FAILED,    DETACHED,   NOTHING),
    trv_edge(REPLAYING,  LEFT,      DETACHED,   NOTHING),

    trv_edge(LIVE,       CONFIRMED, LIVE,       WAIT),
    trv_edge(LIVE,       DOUBTED,   UNSURE,     WAIT),
    trv_edge(LIVE,       BEHIND,    SYNCING,    READ),
    trv_edge(LIVE,       AGAIN,     COLLECTING, COLLECT),
    trv_edge(LIVE,       FAILED,    DETACHED,   NOTHING),
    trv_edge(LIVE,       LEFT,      DETACHED,   NOTHING),

    trv_edge(UNSURE,     CONFIRMED, LIVE,       WAIT),
    trv_edge(UNSURE,     DOUBTED,   UNSURE,     WAIT),
    trv_edge(UNSURE,     BEHIND,    SYNCING,    READ),
    trv_edge(UNSURE,     AGAIN,     COLLECTING, COLLECT),
    trv_edge(UNSURE,     FAILED,    DETACHED,   NOTHING),
    trv_edge(UNSURE,     LEFT,      DETACHED,   NOTHING),

    trv_edge(DETACHED,   READY,     CHECKING,   CHECK),
    trv_edge(DETACHED,   FAILED,    DETACHED,   NOTHING),
};


trv_follow_action_t
trv_follow_step(trv_follow_state_t *state, trv_follow_event_t event)
{
    size_t                    i;
    const trv_follow_edge_t  *edge;

    for (i = 0; i < sizeof(trv_follow_edges) / sizeof(trv_follow_edges[0]);
         i++)
    {
        edge = &trv_follow_edges[i];

        if (edge->from == *state && edge->event == event) {
            *state = edge->to;
            return edge->action;
        }
    }

    return TRV_FOLLOW_DO_NOTHING;
}
