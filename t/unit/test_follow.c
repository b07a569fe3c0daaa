
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Every pair of state and event of the follower and of the link: what is not
 * listed here must change nothing and ask for nothing.
 */


#include "tap.h"

#include "trv_follow.h"
#include "trv_link.h"


typedef struct {
    unsigned  from;
    unsigned  event;
    unsigned  to;
    unsigned  action;
} edge_t;


static const edge_t  follow[] = {
    { TRV_FOLLOW_COLD, TRV_FOLLOW_READY,
      TRV_FOLLOW_CHECKING, TRV_FOLLOW_DO_CHECK },
    { TRV_FOLLOW_COLD, TRV_FOLLOW_FAILED,
      TRV_FOLLOW_COLD, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_CHECKING, TRV_FOLLOW_SAME,
      TRV_FOLLOW_SYNCING, TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_CHECKING, TRV_FOLLOW_AGAIN,
      TRV_FOLLOW_COLLECTING, TRV_FOLLOW_DO_COLLECT },
    { TRV_FOLLOW_CHECKING, TRV_FOLLOW_FAILED,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_CHECKING, TRV_FOLLOW_LEFT,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_SYNCING, TRV_FOLLOW_ENTRIES,
      TRV_FOLLOW_SYNCING, TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_SYNCING, TRV_FOLLOW_END,
      TRV_FOLLOW_SYNCING, TRV_FOLLOW_DO_INFO },
    { TRV_FOLLOW_SYNCING, TRV_FOLLOW_CONFIRMED,
      TRV_FOLLOW_LIVE, TRV_FOLLOW_DO_WAIT },
    { TRV_FOLLOW_SYNCING, TRV_FOLLOW_DOUBTED,
      TRV_FOLLOW_UNSURE, TRV_FOLLOW_DO_WAIT },
    { TRV_FOLLOW_SYNCING, TRV_FOLLOW_BEHIND,
      TRV_FOLLOW_SYNCING, TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_SYNCING, TRV_FOLLOW_AGAIN,
      TRV_FOLLOW_COLLECTING, TRV_FOLLOW_DO_COLLECT },
    { TRV_FOLLOW_SYNCING, TRV_FOLLOW_FAILED,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_SYNCING, TRV_FOLLOW_LEFT,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_COLLECTING, TRV_FOLLOW_ENTRIES,
      TRV_FOLLOW_COLLECTING, TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_COLLECTING, TRV_FOLLOW_END,
      TRV_FOLLOW_REPLAYING, TRV_FOLLOW_DO_REPLAY },
    { TRV_FOLLOW_COLLECTING, TRV_FOLLOW_FAILED,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_COLLECTING, TRV_FOLLOW_LEFT,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_REPLAYING, TRV_FOLLOW_ENTRIES,
      TRV_FOLLOW_REPLAYING, TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_REPLAYING, TRV_FOLLOW_END,
      TRV_FOLLOW_SYNCING, TRV_FOLLOW_DO_SETTLE },
    { TRV_FOLLOW_REPLAYING, TRV_FOLLOW_FAILED,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_REPLAYING, TRV_FOLLOW_LEFT,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_LIVE, TRV_FOLLOW_CONFIRMED,
      TRV_FOLLOW_LIVE, TRV_FOLLOW_DO_WAIT },
    { TRV_FOLLOW_LIVE, TRV_FOLLOW_DOUBTED,
      TRV_FOLLOW_UNSURE, TRV_FOLLOW_DO_WAIT },
    { TRV_FOLLOW_LIVE, TRV_FOLLOW_BEHIND,
      TRV_FOLLOW_SYNCING, TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_LIVE, TRV_FOLLOW_AGAIN,
      TRV_FOLLOW_COLLECTING, TRV_FOLLOW_DO_COLLECT },
    { TRV_FOLLOW_LIVE, TRV_FOLLOW_FAILED,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_LIVE, TRV_FOLLOW_LEFT,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_UNSURE, TRV_FOLLOW_CONFIRMED,
      TRV_FOLLOW_LIVE, TRV_FOLLOW_DO_WAIT },
    { TRV_FOLLOW_UNSURE, TRV_FOLLOW_DOUBTED,
      TRV_FOLLOW_UNSURE, TRV_FOLLOW_DO_WAIT },
    { TRV_FOLLOW_UNSURE, TRV_FOLLOW_BEHIND,
      TRV_FOLLOW_SYNCING, TRV_FOLLOW_DO_READ },
    { TRV_FOLLOW_UNSURE, TRV_FOLLOW_AGAIN,
      TRV_FOLLOW_COLLECTING, TRV_FOLLOW_DO_COLLECT },
    { TRV_FOLLOW_UNSURE, TRV_FOLLOW_FAILED,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_UNSURE, TRV_FOLLOW_LEFT,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
    { TRV_FOLLOW_DETACHED, TRV_FOLLOW_READY,
      TRV_FOLLOW_CHECKING, TRV_FOLLOW_DO_CHECK },
    { TRV_FOLLOW_DETACHED, TRV_FOLLOW_FAILED,
      TRV_FOLLOW_DETACHED, TRV_FOLLOW_DO_NOTHING },
};


static const edge_t  link_edges[] = {
    { TRV_LINK_DOWN, TRV_LINK_OPEN,
      TRV_LINK_FINDING, TRV_LINK_DO_FIND },
    { TRV_LINK_FINDING, TRV_LINK_FOUND,
      TRV_LINK_CONNECTING, TRV_LINK_DO_CONNECT },
    { TRV_LINK_FINDING, TRV_LINK_FAILED,
      TRV_LINK_DOWN, TRV_LINK_DO_RETRY },
    { TRV_LINK_FINDING, TRV_LINK_STOP,
      TRV_LINK_DOWN, TRV_LINK_DO_CLOSE },
    { TRV_LINK_CONNECTING, TRV_LINK_CONNECTED,
      TRV_LINK_SECURING, TRV_LINK_DO_SECURE },
    { TRV_LINK_CONNECTING, TRV_LINK_FAILED,
      TRV_LINK_DOWN, TRV_LINK_DO_RETRY },
    { TRV_LINK_CONNECTING, TRV_LINK_STOP,
      TRV_LINK_DOWN, TRV_LINK_DO_CLOSE },
    { TRV_LINK_SECURING, TRV_LINK_SECURED,
      TRV_LINK_GREETING, TRV_LINK_DO_GREET },
    { TRV_LINK_SECURING, TRV_LINK_FAILED,
      TRV_LINK_DOWN, TRV_LINK_DO_RETRY },
    { TRV_LINK_SECURING, TRV_LINK_STOP,
      TRV_LINK_DOWN, TRV_LINK_DO_CLOSE },
    { TRV_LINK_GREETING, TRV_LINK_GREETED,
      TRV_LINK_READY, TRV_LINK_DO_SERVE },
    { TRV_LINK_GREETING, TRV_LINK_FAILED,
      TRV_LINK_DOWN, TRV_LINK_DO_RETRY },
    { TRV_LINK_GREETING, TRV_LINK_STOP,
      TRV_LINK_DOWN, TRV_LINK_DO_CLOSE },
    { TRV_LINK_READY, TRV_LINK_FAILED,
      TRV_LINK_DOWN, TRV_LINK_DO_RETRY },
    { TRV_LINK_READY, TRV_LINK_STOP,
      TRV_LINK_DOWN, TRV_LINK_DO_CLOSE },
};


static unsigned
follow_step(unsigned *state, unsigned event)
{
    unsigned            action;
    trv_follow_state_t  s;

    s = (trv_follow_state_t) *state;
    action = trv_follow_step(&s, (trv_follow_event_t) event);
    *state = s;

    return action;
}


static unsigned
link_step(unsigned *state, unsigned event)
{
    unsigned          action;
    trv_link_state_t  s;

    s = (trv_link_state_t) *state;
    action = trv_link_step(&s, (trv_link_event_t) event);
    *state = s;

    return action;
}


static void
every_pair(const char *name, const edge_t *edges, size_t n, unsigned nstates,
    unsigned nevents, unsigned (*step)(unsigned *state, unsigned event))
{
    size_t    i;
    unsigned  from, event, to, action, state, did;

    for (from = 0; from < nstates; from++) {
        for (event = 0; event < nevents; event++) {

            to = from;
            action = 0;

            for (i = 0; i < n; i++) {
                if (edges[i].from == from && edges[i].event == event) {
                    to = edges[i].to;
                    action = edges[i].action;
                }
            }

            state = from;
            did = step(&state, event);

            tap_ok(state == to && did == action,
                   "%s: state %u, event %u: to %u (is %u), action %u (is %u)",
                   name, from, event, to, state, action, did);
        }
    }
}


int
main(void)
{
    every_pair("follower", follow, sizeof(follow) / sizeof(follow[0]),
               TRV_FOLLOW_NSTATES, TRV_FOLLOW_NEVENTS, follow_step);

    every_pair("link", link_edges, sizeof(link_edges) / sizeof(link_edges[0]),
               TRV_LINK_NSTATES, TRV_LINK_NEVENTS, link_step);

    return tap_done();
}
