
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The life of the follower: it connects, becomes the writer of the zone, and
 * then only reacts: an answer is an event, an event is an action
 * (core/trv_follow.c), an action is a question.
 */


#include "ngx_http_token_revoke_follow.h"


/* milliseconds */

#define NGX_HTTP_TOKEN_REVOKE_SWEEPING   100


static void ngx_http_token_revoke_follow_ready(void *data);
static void ngx_http_token_revoke_follow_failed(void *data,
    const char *reason);
static void ngx_http_token_revoke_follow_exiting(void *data);
static void ngx_http_token_revoke_follow_confirmed(
    ngx_http_token_revoke_follower_t *follower);
static trv_follow_event_t ngx_http_token_revoke_follow_again(
    ngx_http_token_revoke_follower_t *follower, trv_follow_event_t event);
static void ngx_http_token_revoke_follow_act(
    ngx_http_token_revoke_follower_t *follower, trv_follow_action_t action);
static void ngx_http_token_revoke_follow_forget(
    ngx_http_token_revoke_follower_t *follower);
static void ngx_http_token_revoke_follow_sweep_handler(ngx_event_t *ev);
static void ngx_http_token_revoke_follow_timer(
    ngx_http_token_revoke_follower_t *follower, ngx_event_t *ev,
    ngx_event_handler_pt handler);


static const ngx_http_token_revoke_link_owner_t
    ngx_http_token_revoke_follow_owner =
{
    ngx_http_token_revoke_follow_ready,
    ngx_http_token_revoke_turn,
    ngx_http_token_revoke_follow_failed,
    ngx_http_token_revoke_follow_exiting
};


ngx_int_t
ngx_http_token_revoke_follow_start(ngx_http_token_revoke_zone_t *zone,
    ngx_cycle_t *cycle)
{
    ngx_http_token_revoke_follower_t  *follower;

    follower = ngx_pcalloc(cycle->pool,
                           sizeof(ngx_http_token_revoke_follower_t));
    if (follower == NULL) {
        return NGX_ERROR;
    }

    zone->follower = follower;

    follower->zone = zone;
    follower->log = cycle->log;

    follower->apply.zone = zone;
    follower->apply.log = cycle->log;

    follower->digest = trv_digest_create();
    if (follower->digest == NULL) {
        return NGX_ERROR;
    }

    follower->batch = trv_batch_create(follower->digest);
    if (follower->batch == NULL) {
        return NGX_ERROR;
    }

    follower->apply.expand = trv_expand_create();
    if (follower->apply.expand == NULL) {
        return NGX_ERROR;
    }

    follower->link.redis = zone->redis;
    follower->link.owner = &ngx_http_token_revoke_follow_owner;
    follower->link.data = follower;
    follower->link.batch = follower->batch;
    follower->link.curious = 1;

    ngx_http_token_revoke_link_init(&follower->link, cycle->log);

    ngx_http_token_revoke_follow_timer(follower, &follower->sweep,
                                  ngx_http_token_revoke_follow_sweep_handler);
    ngx_http_token_revoke_follow_timer(follower, &follower->turn,
                                       ngx_http_token_revoke_turn_handler);

    if (ngx_http_token_revoke_registry_init(follower, cycle) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_token_revoke_candidate_start(follower);

    return NGX_OK;
}


/* no timer of a follower keeps a worker from exiting */

static void
ngx_http_token_revoke_follow_timer(ngx_http_token_revoke_follower_t *follower,
    ngx_event_t *ev, ngx_event_handler_pt handler)
{
    ev->data = follower;
    ev->log = follower->log;
    ev->handler = handler;
    ev->cancelable = 1;
}


/* idempotent; after it this process does not write the zone any more */

void
ngx_http_token_revoke_follow_stop(ngx_http_token_revoke_zone_t *zone)
{
    ngx_http_token_revoke_follower_t  *follower;

    follower = zone->follower;

    if (follower == NULL) {
        return;
    }

    zone->follower = NULL;

    ngx_http_token_revoke_link_stop(&follower->link);

    if (follower->turn.posted) {
        ngx_delete_posted_event(&follower->turn);
    }

    ngx_http_token_revoke_candidate_stop(follower);

    if (follower->apply.registry) {
        ngx_http_token_revoke_registry_stop(follower->apply.registry);
    }

    if (follower->sweep.timer_set) {
        ngx_del_timer(&follower->sweep);
    }

    ngx_http_token_revoke_apply_close(&follower->apply);

    if (follower->apply.expand) {
        trv_expand_destroy(follower->apply.expand);
    }

    if (follower->batch) {
        trv_batch_destroy(follower->batch);
    }

    if (follower->digest) {
        trv_digest_destroy(follower->digest);
    }
}


void
ngx_http_token_revoke_follow_begin(ngx_http_token_revoke_follower_t *follower)
{
    if (ngx_http_token_revoke_zone_age(follower->zone) != TRV_AGE_NEVER) {
        follower->state = TRV_FOLLOW_DETACHED;
    }

    ngx_add_timer(&follower->sweep, NGX_HTTP_TOKEN_REVOKE_SWEEPING);

    ngx_http_token_revoke_registry_start(follower->apply.registry);
    ngx_http_token_revoke_report_redis(follower);

    ngx_http_token_revoke_follow_event(follower, TRV_FOLLOW_READY);
}


/* a question may be outstanding: the link cannot be kept */

void
ngx_http_token_revoke_follow_leave(ngx_http_token_revoke_follower_t *follower)
{
    ngx_http_token_revoke_link_stop(&follower->link);
    ngx_http_token_revoke_registry_stop(follower->apply.registry);

    if (follower->sweep.timer_set) {
        ngx_del_timer(&follower->sweep);
    }

    ngx_http_token_revoke_follow_forget(follower);
    ngx_http_token_revoke_follow_event(follower, TRV_FOLLOW_LEFT);
    ngx_http_token_revoke_apply_close(&follower->apply);

    follower->live = 0;
}


static void
ngx_http_token_revoke_follow_sweep_handler(ngx_event_t *ev)
{
    ngx_http_token_revoke_follower_t  *follower;

    follower = ev->data;

    if (ngx_exiting) {
        ngx_http_token_revoke_follow_stop(follower->zone);
        return;
    }

    if (ngx_http_token_revoke_candidate_left(follower)) {
        return;
    }

    ngx_http_token_revoke_apply_sweep(&follower->apply);

    ngx_add_timer(ev, NGX_HTTP_TOKEN_REVOKE_SWEEPING);
}


static void
ngx_http_token_revoke_follow_exiting(void *data)
{
    ngx_http_token_revoke_follower_t *follower = data;

    ngx_http_token_revoke_follow_stop(follower->zone);
}


static void
ngx_http_token_revoke_follow_ready(void *data)
{
    ngx_http_token_revoke_follower_t *follower = data;

    follower->asked_at = 0;
    follower->role_asked = ngx_current_msec;

    if (follower->apply.writer == NULL) {
        ngx_http_token_revoke_candidate_ready(follower);
        return;
    }

    ngx_http_token_revoke_report_redis(follower);
    ngx_http_token_revoke_follow_event(follower, TRV_FOLLOW_READY);
}


static void
ngx_http_token_revoke_follow_failed(void *data, const char *reason)
{
    ngx_http_token_revoke_follower_t *follower = data;

    ngx_http_token_revoke_follow_forget(follower);
    ngx_http_token_revoke_follow_event(follower, TRV_FOLLOW_FAILED);

    /* MOVED: nothing was lost */

    if (!follower->link.moved) {
        ngx_http_token_revoke_report_failed(follower, reason);
    }
}


/*
 * Entries that were read but not applied are forgotten with the link: the
 * position says where to read again.
 */

static void
ngx_http_token_revoke_follow_forget(ngx_http_token_revoke_follower_t *follower)
{
    trv_batch_clear(follower->batch);
    ngx_http_token_revoke_apply_forget(&follower->apply);

    follower->answered = 0;
    follower->torn = 0;

    if (follower->turn.posted) {
        ngx_delete_posted_event(&follower->turn);
    }
}


void
ngx_http_token_revoke_follow_event(ngx_http_token_revoke_follower_t *follower,
    trv_follow_event_t event)
{
    trv_follow_action_t  action;

    /* a refusal of Redis: the link is closed, which comes back as an event */

    if (event == TRV_FOLLOW_FAILED && follower->link.state == TRV_LINK_READY) {
        ngx_http_token_revoke_link_fail(&follower->link,
                                        follower->answer.error);
        return;
    }

    if (event == TRV_FOLLOW_READY) {
        ngx_http_token_revoke_apply_follow(&follower->apply,
                                           trv_lineage(&follower->link.info));
    }

    if (event == TRV_FOLLOW_CONFIRMED) {
        ngx_http_token_revoke_follow_confirmed(follower);
    }

    event = ngx_http_token_revoke_follow_again(follower, event);

    action = trv_follow_step(&follower->state, event);

    ngx_http_token_revoke_registry_moved(follower->apply.registry);
    ngx_http_token_revoke_follow_act(follower, action);
}


/* whoever had to read the log again may have been killed before he did */

static trv_follow_event_t
ngx_http_token_revoke_follow_again(ngx_http_token_revoke_follower_t *follower,
    trv_follow_event_t event)
{
    if ((event == TRV_FOLLOW_SAME || event == TRV_FOLLOW_CONFIRMED)
        && ngx_http_token_revoke_again_needed(&follower->apply))
    {
        return TRV_FOLLOW_AGAIN;
    }

    return event;
}


static void
ngx_http_token_revoke_follow_act(ngx_http_token_revoke_follower_t *follower,
    trv_follow_action_t action)
{
    switch (action) {

    case TRV_FOLLOW_DO_CHECK:
        (void) ngx_http_token_revoke_ask_check(follower);
        break;

    case TRV_FOLLOW_DO_COLLECT:
        if (ngx_http_token_revoke_again_collect(&follower->apply) != NGX_OK) {
            ngx_http_token_revoke_link_fail(&follower->link, "no memory");
            break;
        }

        (void) ngx_http_token_revoke_ask_read(follower);
        break;

    case TRV_FOLLOW_DO_REPLAY:
        ngx_http_token_revoke_again_replay(&follower->apply);
        (void) ngx_http_token_revoke_ask_read(follower);
        break;

    case TRV_FOLLOW_DO_READ:
        (void) ngx_http_token_revoke_ask_read(follower);
        break;

    case TRV_FOLLOW_DO_SETTLE:
        ngx_http_token_revoke_again_settle(&follower->apply);
        (void) ngx_http_token_revoke_ask_info(follower);
        break;

    case TRV_FOLLOW_DO_INFO:
        (void) ngx_http_token_revoke_ask_info(follower);
        break;

    case TRV_FOLLOW_DO_WAIT:
        (void) ngx_http_token_revoke_ask_wait(follower);
        break;

    default:
        break;
    }
}


/*
 * Dated when the question was sent.  If XREAD was blocked and found nothing,
 * XINFO was answered after it: no earlier than the end of the block.  What a
 * replica says is older by its lag.
 */

static void
ngx_http_token_revoke_follow_confirmed(
    ngx_http_token_revoke_follower_t *follower)
{
    uint64_t  boot, wall;

    /* an XREAD can be unblocked early, and no moment is in the future */

    boot = ngx_http_token_revoke_boot_msec();
    wall = ngx_http_token_revoke_wall_msec();

    boot = ngx_min(boot, follower->asked_boot + follower->block);
    wall = ngx_min(wall, follower->asked_wall + follower->block);

    boot -= ngx_min(boot - 1, follower->lag);
    wall -= ngx_min(wall, follower->lag);

    ngx_http_token_revoke_apply_confirm(&follower->apply, boot, wall,
                                        follower->answer.entries_added,
                                        trv_lineage(&follower->link.info));

    follower->confirmed = 1;
    follower->deleted = follower->answer.max_deleted;

    ngx_http_token_revoke_link_proved(&follower->link);
    ngx_http_token_revoke_report_live(follower);
}
