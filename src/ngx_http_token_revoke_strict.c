
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Strict answers: what Redis has now, asked over a link of this worker's own
 * for all requests that came before the question (core/trv_strict.h).  XREAD
 * would not do: it finds nothing, too, when the log is another one.  And what
 * a replica has is not what its master has: each question asks for the role
 * as well, which can change under a connection.
 */


#include "ngx_http_token_revoke_link.h"

#include "core/trv_strict.h"


/* pieces of an answer that are read before anything else may run */

#define NGX_HTTP_TOKEN_REVOKE_STRICT_PIECES  8

/* milliseconds without a failure, and it is said that answers are had again */

#define NGX_HTTP_TOKEN_REVOKE_STRICT_QUIET   1000


struct ngx_http_token_revoke_strict_s {
    ngx_http_token_revoke_zone_t  *zone;
    trv_strict_t                   strict;
    ngx_http_token_revoke_link_t   link;

    ngx_event_t                    turn;       /* posted: send, or read on */
    ngx_event_t                    pause;
    off_t                          received;   /* when the question was sent */
    trv_log_end_t                  log;        /* as it was answered */

    u_char                         reason[NGX_HTTP_TOKEN_REVOKE_REASON];
};


static void ngx_http_token_revoke_strict_event(
    ngx_http_token_revoke_strict_t *strict, trv_strict_event_t event);
static void ngx_http_token_revoke_strict_ask(
    ngx_http_token_revoke_strict_t *strict);
static void ngx_http_token_revoke_strict_gap(
    ngx_http_token_revoke_strict_t *strict);
static void ngx_http_token_revoke_strict_answer(
    ngx_http_token_revoke_strict_t *strict, trv_answer_t *answer);
static void ngx_http_token_revoke_strict_answered(
    ngx_http_token_revoke_strict_t *strict);
static void ngx_http_token_revoke_strict_ready(void *data);
static void ngx_http_token_revoke_strict_readable(void *data);
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
    strict->link.want = NGX_HTTP_TOKEN_REVOKE_WANT_MASTER;
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
    trv_proof_t                    proof;
    ngx_http_token_revoke_zone_t  *zone;

    zone = ctx->zone;

    proof = trv_wish_look(&ctx->wish, &zone->strict->strict,
                          trv_position_load(&zone->sh->applied));

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


static void
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
        ngx_http_token_revoke_strict_ask(strict);
        break;

    case TRV_STRICT_DO_PAUSE:
        ngx_http_token_revoke_strict_gap(strict);
        break;

    default:
        break;
    }
}


static void
ngx_http_token_revoke_strict_ask(ngx_http_token_revoke_strict_t *strict)
{
    size_t                         lens[3];
    const char                    *argv[3];
    ngx_http_token_revoke_zone_t  *zone;

    zone = strict->zone;

    trv_strict_ask(&strict->strict, ngx_http_token_revoke_strict_clock(),
                   trv_position_mark(&zone->sh->applied));

    strict->received = strict->link.received;

    argv[0] = "XINFO";
    lens[0] = 5;
    argv[1] = "STREAM";
    lens[1] = 6;
    argv[2] = (char *) zone->log.data;
    lens[2] = zone->log.len;

    if (ngx_http_token_revoke_link_ask(&strict->link, TRV_ASK_XINFO, 3, argv,
                                       lens)
        != NGX_OK)
    {
        return;
    }

    argv[0] = "INFO";
    lens[0] = 4;
    argv[1] = "replication";
    lens[1] = 11;

    if (ngx_http_token_revoke_link_ask(&strict->link, TRV_ASK_TEXT, 2, argv,
                                       lens)
        == NGX_OK)
    {
        (void) ngx_http_token_revoke_link_flush(&strict->link, 0);
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
ngx_http_token_revoke_strict_readable(void *data)
{
    ngx_http_token_revoke_strict_t *strict = data;

    ngx_int_t     rc;
    ngx_uint_t    n;
    trv_answer_t  answer;

    for (n = 0; n < NGX_HTTP_TOKEN_REVOKE_STRICT_PIECES; n++) {
        rc = ngx_http_token_revoke_link_answer(&strict->link, &answer);

        if (rc == NGX_OK) {
            ngx_http_token_revoke_strict_answer(strict, &answer);
            rc = strict->link.state == TRV_LINK_READY ? NGX_OK : NGX_ERROR;

        } else if (rc == NGX_AGAIN) {
            rc = ngx_http_token_revoke_link_fill(&strict->link);
        }

        if (rc != NGX_OK) {
            return;
        }
    }

    ngx_post_event(&strict->turn, &ngx_posted_next_events);
}


/* the log, and then who it was that said it: both, or nothing is known */

static void
ngx_http_token_revoke_strict_answer(ngx_http_token_revoke_strict_t *strict,
    trv_answer_t *answer)
{
    trv_log_end_t  *log;

    log = &strict->log;

    if (answer->ask == TRV_ASK_TEXT && answer->type == TRV_ANSWER_OK) {
        trv_info_parse(&strict->link.info, answer->text);

        if (strict->link.info.role != TRV_ROLE_MASTER) {
            ngx_http_token_revoke_link_fail(&strict->link,
                                         "a replica, and a master is wanted");
            return;
        }

        log->bytes = (size_t) (strict->link.received - strict->received);

        ngx_http_token_revoke_strict_answered(strict);
        return;
    }

    ngx_memzero(log, sizeof(trv_log_end_t));

    if (answer->type == TRV_ANSWER_OK) {
        log->last_generated = answer->last_generated;
        log->first_entry = answer->first_entry;
        log->last_entry = answer->last_entry;
        log->first_digest = answer->first_digest;
        log->last_digest = answer->last_digest;
        log->added = answer->entries_added;
        return;
    }

    /* a log that does not exist is an empty log */

    if (answer->type != TRV_ANSWER_ERROR
        || ngx_strncmp(answer->error, "ERR no such key", 15) != 0)
    {
        ngx_http_token_revoke_link_fail(&strict->link, answer->error);
    }
}


static void
ngx_http_token_revoke_strict_answered(ngx_http_token_revoke_strict_t *strict)
{
    const char          *reason;
    trv_strict_event_t   event;

    ngx_http_token_revoke_link_proved(&strict->link);

    event = trv_strict_compare(&strict->strict, &strict->log);

    reason = event == TRV_STRICT_LOSS
             ? "the log is not the one that was applied" : "";

    ngx_cpystrn(strict->reason, (u_char *) reason,
                NGX_HTTP_TOKEN_REVOKE_REASON);

    ngx_http_token_revoke_strict_event(strict, event);

    ngx_http_token_revoke_wait_now();
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


void
ngx_http_token_revoke_strict_lost(ngx_http_token_revoke_ctx_t *ctx,
    const char *what)
{
    u_char                          *reason;
    ngx_http_token_revoke_zone_t    *zone;
    ngx_http_token_revoke_shared_t  *sh;

    zone = ctx->zone;
    sh = zone->sh;
    reason = zone->strict->reason;

    __atomic_store_n(&sh->strict_failed, ngx_http_token_revoke_boot_msec(),
                     __ATOMIC_RELAXED);

    if (__atomic_exchange_n(&sh->strict_lost, 1, __ATOMIC_RELAXED)) {
        return;
    }

    if (ctx->crowded) {
        reason = (u_char *) "too many requests wait";

    } else if (ctx->wish.answered) {
        reason = (u_char *) "not all that redis has was applied in time";

    } else if (reason[0] == '\0') {
        reason = (u_char *) "redis did not answer in time";
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "token revoke zone \"%V\": strict answers of redis "
                  "\"%V\" cannot be had: %s; rules were confirmed %uL ms "
                  "ago, requests with a token that no rule matches are %s",
                  &zone->name, &zone->redis->text, reason, ctx->age, what);
}


void
ngx_http_token_revoke_strict_again(ngx_http_token_revoke_zone_t *zone)
{
    uint64_t                         quiet;
    ngx_http_token_revoke_shared_t  *sh;

    sh = zone->sh;

    if (!__atomic_load_n(&sh->strict_lost, __ATOMIC_RELAXED)) {
        return;
    }

    /* with some that fail and some that do not there is no end to be told */

    quiet = ngx_http_token_revoke_boot_msec()
            - __atomic_load_n(&sh->strict_failed, __ATOMIC_RELAXED);

    if (quiet >= NGX_HTTP_TOKEN_REVOKE_STRICT_QUIET
        && __atomic_exchange_n(&sh->strict_lost, 0, __ATOMIC_RELAXED))
    {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "token revoke zone \"%V\" has strict answers of redis "
                      "\"%V\" again", &zone->name, &zone->redis->text);
    }
}


/* microseconds; nginx's own clock stands still during a pass */

static uint64_t
ngx_http_token_revoke_strict_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
