
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_link.h"


typedef struct {
    trv_link_state_t   from;
    trv_link_event_t   event;
    trv_link_state_t   to;
    trv_link_action_t  action;
} trv_link_edge_t;


static const trv_link_edge_t  trv_link_edges[] = {

    { TRV_LINK_DOWN,        TRV_LINK_OPEN,       TRV_LINK_FINDING,
      TRV_LINK_DO_FIND },

    { TRV_LINK_FINDING,     TRV_LINK_FOUND,      TRV_LINK_CONNECTING,
      TRV_LINK_DO_CONNECT },
    { TRV_LINK_FINDING,     TRV_LINK_FAILED,     TRV_LINK_DOWN,
      TRV_LINK_DO_RETRY },
    { TRV_LINK_FINDING,     TRV_LINK_STOP,       TRV_LINK_DOWN,
      TRV_LINK_DO_CLOSE },

    { TRV_LINK_CONNECTING,  TRV_LINK_CONNECTED,  TRV_LINK_SECURING,
      TRV_LINK_DO_SECURE },
    { TRV_LINK_CONNECTING,  TRV_LINK_FAILED,     TRV_LINK_DOWN,
      TRV_LINK_DO_RETRY },
    { TRV_LINK_CONNECTING,  TRV_LINK_STOP,       TRV_LINK_DOWN,
      TRV_LINK_DO_CLOSE },

    { TRV_LINK_SECURING,    TRV_LINK_SECURED,    TRV_LINK_GREETING,
      TRV_LINK_DO_GREET },
    { TRV_LINK_SECURING,    TRV_LINK_FAILED,     TRV_LINK_DOWN,
      TRV_LINK_DO_RETRY },
    { TRV_LINK_SECURING,    TRV_LINK_STOP,       TRV_LINK_DOWN,
      TRV_LINK_DO_CLOSE },

    { TRV_LINK_GREETING,    TRV_LINK_GREETED,    TRV_LINK_READY,
      TRV_LINK_DO_SERVE },
    { TRV_LINK_GREETING,    TRV_LINK_FAILED,     TRV_LINK_DOWN,
      TRV_LINK_DO_RETRY },
    { TRV_LINK_GREETING,    TRV_LINK_STOP,       TRV_LINK_DOWN,
      TRV_LINK_DO_CLOSE },

    { TRV_LINK_READY,       TRV_LINK_FAILED,     TRV_LINK_DOWN,
      TRV_LINK_DO_RETRY },
    { TRV_LINK_READY,       TRV_LINK_STOP,       TRV_LINK_DOWN,
      TRV_LINK_DO_CLOSE },
};


trv_link_action_t
trv_link_step(trv_link_state_t *state, trv_link_event_t event)
{
    size_t                  i;
    const trv_link_edge_t  *edge;

    for (i = 0; i < sizeof(trv_link_edges) / sizeof(trv_link_edges[0]); i++) {
        edge = &trv_link_edges[i];

        if (edge->from == *state && edge->event == event) {
            *state = edge->to;
            return edge->action;
        }
    }

    return TRV_LINK_DO_NOTHING;
}
