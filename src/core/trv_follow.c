
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

static const trv_follow_edge_t  trv_follow_edges[] = {

    { TRV_FOLLOW_COLD,      TRV_FOLLOW_READY,      TRV_FOLLOW_SYNCING,
      TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_COLD,      TRV_FOLLOW_FAILED,     TRV_FOLLOW_COLD,
      TRV_FOLLOW_DO_RETRY },

    { TRV_FOLLOW_SYNCING,   TRV_FOLLOW_ENTRIES,    TRV_FOLLOW_SYNCING,
      TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_SYNCING,   TRV_FOLLOW_END,        TRV_FOLLOW_SYNCING,
      TRV_FOLLOW_DO_INFO },
    { TRV_FOLLOW_SYNCING,   TRV_FOLLOW_CONFIRMED,  TRV_FOLLOW_LIVE,
      TRV_FOLLOW_DO_WAIT },
    { TRV_FOLLOW_SYNCING,   TRV_FOLLOW_BEHIND,     TRV_FOLLOW_SYNCING,
      TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_SYNCING,   TRV_FOLLOW_LOSS,       TRV_FOLLOW_SYNCING,
      TRV_FOLLOW_DO_REREAD },
    { TRV_FOLLOW_SYNCING,   TRV_FOLLOW_FAILED,     TRV_FOLLOW_DETACHED,
      TRV_FOLLOW_DO_RETRY },

    { TRV_FOLLOW_LIVE,      TRV_FOLLOW_CONFIRMED,  TRV_FOLLOW_LIVE,
      TRV_FOLLOW_DO_WAIT },
    { TRV_FOLLOW_LIVE,      TRV_FOLLOW_BEHIND,     TRV_FOLLOW_SYNCING,
      TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_LIVE,      TRV_FOLLOW_LOSS,       TRV_FOLLOW_SYNCING,
      TRV_FOLLOW_DO_REREAD },
    { TRV_FOLLOW_LIVE,      TRV_FOLLOW_FAILED,     TRV_FOLLOW_DETACHED,
      TRV_FOLLOW_DO_RETRY },

    { TRV_FOLLOW_DETACHED,  TRV_FOLLOW_READY,      TRV_FOLLOW_SYNCING,
      TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_DETACHED,  TRV_FOLLOW_FAILED,     TRV_FOLLOW_DETACHED,
      TRV_FOLLOW_DO_RETRY },
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
