
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What operators are told in Redis: who follows this log and how far it is,
 * once a second in the hash "{revoked}:edges" and when that has changed, which
 * names the claims of tokens have, in the hash "{revoked}:names", and that an
 * entry is in force, in the list "{revoked}:ack:<nonce>" (docs/redis.md).  It
 * is written to the master, over a link of its own: the follower's may lead to
 * a replica, and is blocked most of the time.
 */


#include "ngx_http_token_revoke_registry.h"


/* milliseconds between two reports */

#define NGX_HTTP_TOKEN_REVOKE_REPORTING  1000

/* an entry that is older has nobody who waits for its nonce, milliseconds */

#define NGX_HTTP_TOKEN_REVOKE_ACK_AGE    60000

/* answers and pieces from the socket in a turn */

#define NGX_HTTP_TOKEN_REVOKE_REGISTRY_PIECES  16


static void ngx_http_token_revoke_registry_answer(
    ngx_http_token_revoke_registry_t *registry, trv_answer_t *answer);
static void ngx_http_token_revoke_registry_due(
    ngx_http_token_revoke_registry_t *registry);
static void ngx_http_token_revoke_registry_ready(void *data);
static void ngx_http_token_revoke_registry_readable(void *data);
static void ngx_http_token_revoke_registry_failed(void *data,
    const char *reason);
static void ngx_http_token_revoke_registry_exiting(void *data);
static void ngx_http_token_revoke_registry_tick_handler(ngx_event_t *ev);
static void ngx_http_token_revoke_registry_turn_handler(ngx_event_t *ev);


static const ngx_http_token_revoke_link_owner_t
    ngx_http_token_revoke_registry_owner =
{
    ngx_http_token_revoke_registry_ready,
    ngx_http_token_revoke_registry_readable,
    ngx_http_token_revoke_registry_failed,
    ngx_http_token_revoke_registry_exiting
};


ngx_int_t
ngx_http_token_revoke_registry_init(
    ngx_http_token_revoke_follower_t *follower, ngx_cycle_t *cycle)
{
    ngx_http_token_revoke_registry_t  *registry;

    registry = ngx_pcalloc(cycle->pool,
                           sizeof(ngx_http_token_revoke_registry_t));
    if (registry == NULL) {
        return NGX_ERROR;
    }

    registry->plan = ngx_pcalloc(cycle->pool, trv_plan_size());
    if (registry->plan == NULL) {
        return NGX_ERROR;
    }

    follower->apply.registry = registry;

    registry->follower = follower;

    registry->link.redis = follower->zone->redis;
    registry->link.want = NGX_HTTP_TOKEN_REVOKE_WANT_MASTER;
    registry->link.owner = &ngx_http_token_revoke_registry_owner;
    registry->link.data = registry;

    ngx_http_token_revoke_link_init(&registry->link, cycle->log);

    registry->turn.data = registry;
    registry->turn.log = cycle->log;
    registry->turn.handler = ngx_http_token_revoke_registry_turn_handler;

    registry->tick.data = registry;
    registry->tick.log = cycle->log;
    registry->tick.handler = ngx_http_token_revoke_registry_tick_handler;
    registry->tick.cancelable = 1;

    return ngx_http_token_revoke_registry_id(registry);
}


void
ngx_http_token_revoke_registry_start(
    ngx_http_token_revoke_registry_t *registry)
{
    if (!registry->forbidden) {
        ngx_http_token_revoke_link_open(&registry->link);
    }
}


/* idempotent */

void
ngx_http_token_revoke_registry_stop(ngx_http_token_revoke_registry_t *registry)
{
    ngx_http_token_revoke_link_stop(&registry->link);

    if (registry->tick.timer_set) {
        ngx_del_timer(&registry->tick);
    }

    if (registry->turn.posted) {
        ngx_delete_posted_event(&registry->turn);
    }

    registry->nacks = 0;
    registry->due = 0;
}


void
ngx_http_token_revoke_registry_changed(
    ngx_http_token_revoke_registry_t *registry)
{
    registry->due = 1;

    if (registry->link.state == TRV_LINK_READY) {
        ngx_post_event(&registry->turn, &ngx_posted_events);
    }
}


/*
 * In the turn in which the entry was applied; what does not fit, or comes
 * before the link is ready and is old by then, has nobody who waits for it.
 */

void
ngx_http_token_revoke_registry_applied(
    ngx_http_token_revoke_registry_t *registry, const trv_entry_t *entry,
    ngx_uint_t refused)
{
    uint64_t                      now;
    ngx_http_token_revoke_ack_t  *ack;

    now = ngx_http_token_revoke_wall_msec()
          + registry->follower->link.skew;

    if (registry->forbidden
        || registry->nacks == NGX_HTTP_TOKEN_REVOKE_ACKS
        || entry->id.ms + NGX_HTTP_TOKEN_REVOKE_ACK_AGE < now)
    {
        return;
    }

    ack = &registry->acks[registry->nacks++];

    ngx_memcpy(ack->nonce, entry->ack.data, entry->ack.len);
    ack->len = entry->ack.len;

    ack->result = refused ? "refused"
                  : registry->follower->zone->sh->overflow ? "overflow" : "ok";

    registry->due = 1;

    ngx_post_event(&registry->turn, &ngx_posted_events);
}


static void
ngx_http_token_revoke_registry_turn_handler(ngx_event_t *ev)
{
    ngx_uint_t                         i;
    ngx_http_token_revoke_registry_t  *registry;

    registry = ev->data;

    if (registry->link.state != TRV_LINK_READY) {
        return;
    }

    for (i = 0; i < registry->nacks; i++) {
        ngx_http_token_revoke_registry_ack(registry, &registry->acks[i]);

        if (registry->link.state != TRV_LINK_READY) {
            return;
        }
    }

    if (registry->nacks) {
        registry->nacks = 0;

        if (ngx_http_token_revoke_link_flush(&registry->link, 0) != NGX_OK) {
            return;
        }
    }

    ngx_http_token_revoke_registry_due(registry);
}


/* one report at a time, so that a slow Redis does not make them pile up */

static void
ngx_http_token_revoke_registry_due(ngx_http_token_revoke_registry_t *registry)
{
    if (registry->due && registry->link.state == TRV_LINK_READY
        && registry->link.asked == 0)
    {
        ngx_http_token_revoke_registry_report(registry);
    }
}


static void
ngx_http_token_revoke_registry_tick_handler(ngx_event_t *ev)
{
    ngx_http_token_revoke_registry_t  *registry;

    registry = ev->data;

    if (ngx_exiting) {
        ngx_http_token_revoke_registry_stop(registry);
        return;
    }

    ngx_add_timer(ev, NGX_HTTP_TOKEN_REVOKE_REPORTING);

    registry->due = 1;
    ngx_http_token_revoke_registry_due(registry);
}


static void
ngx_http_token_revoke_registry_ready(void *data)
{
    ngx_http_token_revoke_registry_t *registry = data;

    /* it may be another Redis */

    registry->quiet = NGX_HTTP_TOKEN_REVOKE_QUIET;

    ngx_http_token_revoke_registry_tick_handler(&registry->tick);

    if (registry->nacks) {
        ngx_post_event(&registry->turn, &ngx_posted_events);
    }
}


static void
ngx_http_token_revoke_registry_readable(void *data)
{
    ngx_http_token_revoke_registry_t *registry = data;

    ngx_int_t     rc;
    ngx_uint_t    n;
    trv_answer_t  answer;

    for (n = 0; n < NGX_HTTP_TOKEN_REVOKE_REGISTRY_PIECES; n++) {
        rc = ngx_http_token_revoke_link_answer(&registry->link, &answer);

        if (rc == NGX_OK) {
            ngx_http_token_revoke_registry_answer(registry, &answer);
            rc = registry->link.state == TRV_LINK_READY ? NGX_OK : NGX_ERROR;

        } else if (rc == NGX_AGAIN) {
            rc = ngx_http_token_revoke_link_fill(&registry->link);
        }

        if (rc == NGX_AGAIN) {
            ngx_http_token_revoke_registry_due(registry);
        }

        if (rc != NGX_OK) {
            return;
        }
    }

    ngx_post_event(registry->link.connection->read, &ngx_posted_next_events);
}


static void
ngx_http_token_revoke_registry_answer(
    ngx_http_token_revoke_registry_t *registry, trv_answer_t *answer)
{
    if (answer->type != TRV_ANSWER_ERROR) {
        registry->complained = 0;
        ngx_http_token_revoke_link_proved(&registry->link);
        return;
    }

    if (ngx_strncmp(answer->error, "NOPERM", 6) == 0) {
        registry->forbidden = 1;
    }

    ngx_http_token_revoke_link_fail(&registry->link, answer->error);
}


/*
 * The follower says what is wrong with a Redis; here is said only what keeps
 * this edge from being seen by operators.
 */

static void
ngx_http_token_revoke_registry_failed(void *data, const char *reason)
{
    ngx_http_token_revoke_registry_t *registry = data;

    ngx_http_token_revoke_zone_t  *zone;

    zone = registry->follower->zone;

    if (registry->tick.timer_set) {
        ngx_del_timer(&registry->tick);
    }

    if (registry->forbidden) {
        ngx_http_token_revoke_registry_stop(registry);

    } else if (registry->follower->state != TRV_FOLLOW_LIVE
               || registry->link.attempts < 3)
    {
        return;
    }

    if (registry->complained) {
        return;
    }

    registry->complained = 1;

    ngx_log_error(NGX_LOG_WARN, registry->follower->log, 0,
                  "token revoke zone \"%V\" cannot register with redis \"%V\": "
                  "%s; it follows the log, but token-revoke does not see edge "
                  "\"%*s\"",
                  &zone->name, &zone->redis->text, reason, registry->idlen,
                  registry->id);
}


static void
ngx_http_token_revoke_registry_exiting(void *data)
{
    ngx_http_token_revoke_registry_stop(data);
}
