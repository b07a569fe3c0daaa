
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Who follows.  Every worker with number 0 is a candidate: it connects, tells
 * the writer of the zone that it is ready, and tries the lock.  A writer of an
 * older cycle gives way and is a candidate again: the newer one may die.
 */


#include "ngx_http_token_revoke_follow.h"


/* milliseconds */

#define NGX_HTTP_TOKEN_REVOKE_CANDIDATE  5


static void ngx_http_token_revoke_candidate_handler(ngx_event_t *ev);
static void ngx_http_token_revoke_candidate_try(
    ngx_http_token_revoke_follower_t *follower);


void
ngx_http_token_revoke_candidate_start(
    ngx_http_token_revoke_follower_t *follower)
{
    ngx_event_t  *ev;

    ev = &follower->candidate;

    ev->data = follower;
    ev->log = follower->log;
    ev->handler = ngx_http_token_revoke_candidate_handler;
    ev->cancelable = 1;

    /* at once, but not before the worker is initialized */

    ngx_add_timer(ev, 0);
}


void
ngx_http_token_revoke_candidate_stop(
    ngx_http_token_revoke_follower_t *follower)
{
    if (follower->candidate.timer_set) {
        ngx_del_timer(&follower->candidate);
    }
}


void
ngx_http_token_revoke_candidate_ready(
    ngx_http_token_revoke_follower_t *follower)
{
    ngx_http_token_revoke_zone_post(follower->zone);

    ngx_http_token_revoke_candidate_try(follower);
}


static void
ngx_http_token_revoke_candidate_handler(ngx_event_t *ev)
{
    ngx_http_token_revoke_follower_t  *follower;

    follower = ev->data;

    if (ngx_exiting) {
        ngx_http_token_revoke_follow_stop(follower->zone);
        return;
    }

    ngx_add_timer(ev, NGX_HTTP_TOKEN_REVOKE_CANDIDATE);

    /* who cannot read the log need not try to write the zone */

    if (follower->link.state == TRV_LINK_READY) {
        ngx_http_token_revoke_candidate_try(follower);
        return;
    }

    if (follower->link.state == TRV_LINK_DOWN
        && !follower->link.retry.timer_set)
    {
        ngx_http_token_revoke_link_open(&follower->link);
    }
}


static void
ngx_http_token_revoke_candidate_try(ngx_http_token_revoke_follower_t *follower)
{
    if (ngx_http_token_revoke_apply_open(&follower->apply) != NGX_OK) {
        return;
    }

    ngx_http_token_revoke_candidate_stop(follower);
    ngx_http_token_revoke_follow_begin(follower);
}


/* between two entries only */

ngx_uint_t
ngx_http_token_revoke_candidate_left(
    ngx_http_token_revoke_follower_t *follower)
{
    if (follower->apply.writer == NULL
        || follower->apply.applying
        || !ngx_http_token_revoke_zone_wanted(follower->zone))
    {
        return 0;
    }

    ngx_http_token_revoke_follow_leave(follower);

    ngx_add_timer(&follower->candidate, NGX_HTTP_TOKEN_REVOKE_CANDIDATE);

    return 1;
}
