
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Requests that wait, as limit_req's do: for the first sync, until all is
 * applied that Redis had when they came, or for answers to queries.  Their own
 * timer is the end of their patience and is not cancelable, so that a worker
 * that is told to quit answers them first.  There is no wake-up between
 * workers; a timer of this worker looks at the shared memory for all that are
 * "watched".
 *
 *     watched ---+
 *                +---> woken ---> decided
 *     patient ---+
 */


#include "ngx_http_token_revoke.h"


/* milliseconds between two looks, requests that are woken by one */

#define NGX_HTTP_TOKEN_REVOKE_LOOK   1
#define NGX_HTTP_TOKEN_REVOKE_WOKEN  64


static void ngx_http_token_revoke_wait_handler(ngx_http_request_t *r);
static void ngx_http_token_revoke_wait_look(ngx_event_t *ev);
static void ngx_http_token_revoke_wait_rouse(ngx_event_t *ev);
static ngx_uint_t ngx_http_token_revoke_wait_over(
    ngx_http_token_revoke_ctx_t *ctx);


static ngx_queue_t  ngx_http_token_revoke_waiting;     /* watched */
static ngx_queue_t  ngx_http_token_revoke_patient;     /* the others */
static ngx_queue_t  ngx_http_token_revoke_woken;
static ngx_uint_t   ngx_http_token_revoke_nwaiting;
static ngx_uint_t   ngx_http_token_revoke_max_waiting;
static ngx_event_t  ngx_http_token_revoke_look;
static ngx_event_t  ngx_http_token_revoke_alarm;

/* nginx's debug log shows the descriptor of what a timer belongs to */

static ngx_connection_t  ngx_http_token_revoke_nobody;


void
ngx_http_token_revoke_wait_init(ngx_cycle_t *cycle, ngx_uint_t max)
{
    ngx_queue_init(&ngx_http_token_revoke_waiting);
    ngx_queue_init(&ngx_http_token_revoke_patient);
    ngx_queue_init(&ngx_http_token_revoke_woken);

    ngx_http_token_revoke_max_waiting = max;

    ngx_http_token_revoke_nobody.fd = (ngx_socket_t) -1;

    ngx_http_token_revoke_look.log = cycle->log;
    ngx_http_token_revoke_look.data = &ngx_http_token_revoke_nobody;
    ngx_http_token_revoke_look.handler = ngx_http_token_revoke_wait_look;
    ngx_http_token_revoke_look.cancelable = 1;

    ngx_http_token_revoke_alarm.log = cycle->log;
    ngx_http_token_revoke_alarm.data = &ngx_http_token_revoke_nobody;
    ngx_http_token_revoke_alarm.handler = ngx_http_token_revoke_wait_rouse;
}


ngx_int_t
ngx_http_token_revoke_wait(ngx_http_token_revoke_ctx_t *ctx, ngx_msec_t left,
    ngx_uint_t watched)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ngx_http_token_revoke_nwaiting >= ngx_http_token_revoke_max_waiting) {
        return NGX_DECLINED;
    }

    /* what was reported already is not reported again: the client has left */

    if (r->connection->read->ready) {
        ngx_post_event(r->connection->read, &ngx_posted_events);

    } else if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_queue_insert_tail(watched ? &ngx_http_token_revoke_waiting
                                  : &ngx_http_token_revoke_patient,
                          &ctx->queue);
    ngx_http_token_revoke_nwaiting++;
    ctx->waiting = 1;
    ctx->watched = watched;
    ctx->wait_start = ngx_current_msec;

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_token_revoke_wait_handler;

    r->connection->write->delayed = 1;
    ngx_add_timer(r->connection->write, left);

    if (watched && !ngx_http_token_revoke_look.timer_set) {
        ngx_add_timer(&ngx_http_token_revoke_look, NGX_HTTP_TOKEN_REVOKE_LOOK);
    }

    return NGX_AGAIN;
}


/* also from the cleanup of a request whose client has gone; idempotent */

void
ngx_http_token_revoke_wait_forget(ngx_http_token_revoke_ctx_t *ctx)
{
    if (!ctx->waiting) {
        return;
    }

    ctx->waiting = 0;
    ctx->woken = 0;

    if (ctx->watched) {
        ctx->waited += ngx_current_msec - ctx->wait_start;
    }

    ngx_queue_remove(&ctx->queue);
    ngx_http_token_revoke_nwaiting--;
}


/* idempotent, and harmless for one that does not wait */

void
ngx_http_token_revoke_wait_wake(ngx_http_token_revoke_ctx_t *ctx)
{
    if (!ctx->waiting || ctx->woken) {
        return;
    }

    ctx->woken = 1;

    ngx_queue_remove(&ctx->queue);
    ngx_queue_insert_tail(&ngx_http_token_revoke_woken, &ctx->queue);

    ngx_post_event(&ngx_http_token_revoke_alarm, &ngx_posted_events);
}


void
ngx_http_token_revoke_wait_now(void)
{
    if (!ngx_queue_empty(&ngx_http_token_revoke_waiting)) {
        ngx_post_event(&ngx_http_token_revoke_look, &ngx_posted_events);
    }
}


ngx_uint_t
ngx_http_token_revoke_wait_any(ngx_http_token_revoke_zone_t *zone,
    uint64_t answered)
{
    ngx_queue_t                  *q;
    ngx_http_token_revoke_ctx_t  *ctx;

    /* who came last wants the most */

    for (q = ngx_queue_last(&ngx_http_token_revoke_waiting);
         q != ngx_queue_sentinel(&ngx_http_token_revoke_waiting);
         q = ngx_queue_prev(q))
    {
        ctx = ngx_queue_data(q, ngx_http_token_revoke_ctx_t, queue);

        if (ctx->zone == zone && ctx->wish.number > answered) {
            return 1;
        }
    }

    return 0;
}


static void
ngx_http_token_revoke_wait_handler(ngx_http_request_t *r)
{
    ngx_event_t                  *wev;
    ngx_http_token_revoke_ctx_t  *ctx;

    wev = r->connection->write;

    if (wev->delayed) {

        if (ngx_handle_write_event(wev, 0) != NGX_OK) {
            ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        }

        return;
    }

    ctx = ngx_http_token_revoke_get_ctx(r);

    if (ctx) {
        ngx_http_token_revoke_wait_forget(ctx);
    }

    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}


static void
ngx_http_token_revoke_wait_look(ngx_event_t *ev)
{
    ngx_queue_t                  *q, *next;
    ngx_http_token_revoke_ctx_t  *ctx;

    for (q = ngx_queue_head(&ngx_http_token_revoke_waiting);
         q != ngx_queue_sentinel(&ngx_http_token_revoke_waiting);
         q = next)
    {
        next = ngx_queue_next(q);
        ctx = ngx_queue_data(q, ngx_http_token_revoke_ctx_t, queue);

        if (ngx_http_token_revoke_wait_over(ctx)) {
            ngx_http_token_revoke_wait_wake(ctx);
        }
    }

    if (!ngx_queue_empty(&ngx_http_token_revoke_waiting) && !ev->timer_set) {
        ngx_add_timer(ev, NGX_HTTP_TOKEN_REVOKE_LOOK);
    }
}


/*
 * A part of those that are woken, the others in the next pass.  The write
 * event of each is posted: nothing of it runs below this loop
 */

static void
ngx_http_token_revoke_wait_rouse(ngx_event_t *ev)
{
    ngx_uint_t                    n;
    ngx_queue_t                  *q;
    ngx_event_t                  *wev;
    ngx_http_token_revoke_ctx_t  *ctx;

    for (n = 0; n < NGX_HTTP_TOKEN_REVOKE_WOKEN; n++) {

        if (ngx_queue_empty(&ngx_http_token_revoke_woken)) {
            return;
        }

        q = ngx_queue_head(&ngx_http_token_revoke_woken);
        ctx = ngx_queue_data(q, ngx_http_token_revoke_ctx_t, queue);

        ngx_http_token_revoke_wait_forget(ctx);

        wev = ctx->request->connection->write;
        wev->delayed = 0;

        if (wev->timer_set) {
            ngx_del_timer(wev);
        }

        ngx_post_event(wev, &ngx_posted_events);
    }

    ngx_post_event(ev, &ngx_posted_next_events);
}


/* true if the request is decided now, one way or the other */

static ngx_uint_t
ngx_http_token_revoke_wait_over(ngx_http_token_revoke_ctx_t *ctx)
{
    if (ctx->wish.number != 0) {
        ctx->decides = ngx_http_token_revoke_zone_decides(ctx->zone);

        return ngx_http_token_revoke_strict_look(ctx) != TRV_PROOF_PENDING;
    }

    return ngx_http_token_revoke_zone_age(ctx->zone) != TRV_AGE_NEVER;
}
