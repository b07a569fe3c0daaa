
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Strict answers: what Redis has now, asked over a link of this worker's own
 * for all requests that came before the question (core/trv_strict.h).
 */


#include "ngx_http_token_revoke_strict.h"


static void ngx_http_token_revoke_strict_gap(
    ngx_http_token_revoke_strict_t *strict);
static void ngx_http_token_revoke_strict_ready(void *data);
static void ngx_http_token_revoke_strict_failed(void *data,
    const char *reason);
static void ngx_http_token_revoke_strict_exiting(void *data);
static void ngx_http_token_revoke_strict_turn_handler(ngx_event_t *ev);
static void ngx_http_token_revoke_strict_pause_handler(ngx_event_t *ev);
static uint64_t ngx_http_token_revoke_strict_clock(void);


static const ngx_http_token_revoke_link_owner_t
    ngx_http_token_revoke_strict_owner =
{
    ngx_http_token_revoke_strict_ready,
    ngx_http_token_revoke_strict_readable,
    ngx_http_token_revoke_strict_failed,
    ngx_http_token_revoke_strict_exiting
};


ngx_int_t
ngx_http_token_revoke_strict_start(ngx_http_token_revoke_zone_t *zone,
    ngx_cycle_t *cycle)
{
    ngx_http_token_revoke_strict_t  *strict;

    strict = ngx_pcalloc(cycle->pool, sizeof(ngx_http_token_revoke_strict_t));
    if (strict == NULL) {
        return NGX_ERROR;
    }

    zone->strict = strict;

    strict->zone = zone;

    strict->link.redis = zone->redis;
    strict->link.owner = &ngx_http_token_revoke_strict_owner;
    strict->link.data = strict;
    strict->link.want = NGX_HTTP_TOKEN_REVOKE_WANT_MASTER;

    ngx_http_token_revoke_link_init(&strict->link, cycle->log);

    strict->turn.data = strict;
    strict->turn.log = cycle->log;
    strict->turn.handler = ngx_http_token_revoke_strict_turn_handler;

    strict->pause.data = strict;
    strict->pause.log = cycle->log;
    strict->pause.handler = ngx_http_token_revoke_strict_pause_handler;
    strict->pause.cancelable = 1;

    /* when the worker is initialized, so that no request waits for the link */

    ngx_add_timer(&strict->pause, 0);

    return NGX_OK;
}


/* idempotent; a request that still comes opens the link again */

void
ngx_http_token_revoke_strict_stop(ngx_http_token_revoke_zone_t *zone)
{
    ngx_http_token_revoke_strict_t  *strict;

    strict = zone->strict;

    if (strict == NULL) {
        return;
    }

    ngx_http_token_revoke_link_stop(&strict->link);

    if (strict->turn.posted) {
        ngx_delete_posted_event(&strict->turn);
    }

    if (strict->pause.timer_set) {
        ngx_del_timer(&strict->pause);
    }

    ngx_http_token_revoke_strict_event(strict, TRV_STRICT_STOP);
}


trv_proof_t
ngx_http_token_revoke_strict_look(ngx_http_token_revoke_ctx_t *ctx)
{
    trv_id_t                         applied;
    trv_proof_t                      proof;
    trv_lineage_t                    followed;
    ngx_http_token_revoke_zone_t    *zone;
    ngx_http_token_revoke_strict_t  *strict;

    zone = ctx->zone;
    strict = zone->strict;

    /* in this order: see core/trv_strict.h */

    applied = trv_position_load(&zone->sh->applied);
    followed = trv_lineage_load(&zone->sh->followed);

    proof = trv_wish_look(&ctx->wish, &strict->strict, applied, followed.id);

    /* another server is followed: what it answered before does not count */

    if (ctx->wish.number > strict->strict.asked) {
        ngx_http_token_revoke_strict_event(strict, TRV_STRICT_WANT);
    }

    /*
     * The position does not tell of the rules that decide if they are those of
     * older memory, or if the log has to be read again: after a loss, or with
     * other attributes
     */

    if (proof == TRV_PROOF_DONE
        && (ctx->decides != zone
            || __atomic_load_n(&zone->sh->again, __ATOMIC_ACQUIRE)))
    {
        proof = TRV_PROOF_PENDING;
    }

    return proof;
}


void
ngx_http_token_revoke_strict_want(ngx_http_token_revoke_ctx_t *ctx)
{
    if (ctx->wish.number == 0) {
        trv_wish_make(&ctx->wish, &ctx->zone->strict->strict);
    }

    ngx_http_token_revoke_strict_event(ctx->zone->strict, TRV_STRICT_WANT);
}


void
ngx_http_token_revoke_strict_event(ngx_http_token_revoke_strict_t *strict,
    trv_strict_event_t event)
{
    switch (trv_strict_step(&strict->strict, event)) {

    case TRV_STRICT_DO_OPEN:
        ngx_http_token_revoke_link_open(&strict->link);
        break;

    case TRV_STRICT_DO_POST:
        ngx_post_event(&strict->turn, &ngx_posted_events);
        break;

    case TRV_STRICT_DO_ASK:
        trv_strict_ask(&strict->strict, ngx_http_token_revoke_strict_clock(),
                       trv_position_mark(&strict->zone->sh->applied),
                       trv_lineage_load(&strict->zone->sh->followed));
        ngx_http_token_revoke_strict_ask(strict);
        break;

    case TRV_STRICT_DO_PAUSE:
        ngx_http_token_revoke_strict_gap(strict);
        break;

    default:
        break;
    }
}


/* nginx's timers may fire up to a millisecond early */

static void
ngx_http_token_revoke_strict_gap(ngx_http_token_revoke_strict_t *strict)
{
    uint64_t  left;

    left = trv_strict_left(&strict->strict,
                           ngx_http_token_revoke_strict_clock());

    if (left == 0) {
        ngx_http_token_revoke_strict_event(strict, TRV_STRICT_LATER);
        return;
    }

    ngx_add_timer(&strict->pause, (ngx_msec_t) (left + 999) / 1000);
}


static void
ngx_http_token_revoke_strict_pause_handler(ngx_event_t *ev)
{
    ngx_http_token_revoke_strict_t  *strict;

    strict = ev->data;

    if (strict->strict.state == TRV_STRICT_CLOSED) {
        ngx_http_token_revoke_strict_event(strict, TRV_STRICT_WANT);
        return;
    }

    ngx_http_token_revoke_strict_gap(strict);
}


static void
ngx_http_token_revoke_strict_turn_handler(ngx_event_t *ev)
{
    ngx_uint_t                       wanted;
    ngx_http_token_revoke_strict_t  *strict;

    strict = ev->data;

    if (strict->strict.state != TRV_STRICT_DUE) {
        ngx_http_token_revoke_strict_readable(strict);
        return;
    }

    /* after a failure it is found out whether Redis answers again */

    wanted = strict->strict.failures != 0
             || ngx_http_token_revoke_wait_any(strict->zone,
                                               strict->strict.answered);

    ngx_http_token_revoke_strict_event(strict, wanted ? TRV_STRICT_TURN
                                                      : TRV_STRICT_NOBODY);
}


static void
ngx_http_token_revoke_strict_ready(void *data)
{
    ngx_http_token_revoke_strict_t *strict = data;

    ngx_http_token_revoke_strict_event(strict, TRV_STRICT_READY);
}


static void
ngx_http_token_revoke_strict_failed(void *data, const char *reason)
{
    ngx_http_token_revoke_strict_t *strict = data;

    if (!strict->link.moved) {
        ngx_cpystrn(strict->reason, (u_char *) reason,
                    NGX_HTTP_TOKEN_REVOKE_REASON);
    }

    if (strict->turn.posted) {
        ngx_delete_posted_event(&strict->turn);
    }

    if (strict->pause.timer_set) {
        ngx_del_timer(&strict->pause);
    }

    ngx_http_token_revoke_strict_event(strict,
                                       strict->link.moved ? TRV_STRICT_MOVED
                                                          : TRV_STRICT_FAILED);

    /* the second time nobody waits any more */

    ngx_http_token_revoke_wait_now();
}


/* a worker that leaves answers first who waits */

static void
ngx_http_token_revoke_strict_exiting(void *data)
{
    ngx_http_token_revoke_strict_t *strict = data;

    if (!ngx_http_token_revoke_wait_any(strict->zone,
                                        strict->strict.answered))
    {
        ngx_http_token_revoke_strict_stop(strict->zone);
        return;
    }

    if (strict->link.connection) {
        strict->link.connection->close = 0;
        return;
    }

    ngx_http_token_revoke_link_open(&strict->link);
}


/* microseconds; nginx's own clock stands still during a pass */

static uint64_t
ngx_http_token_revoke_strict_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
