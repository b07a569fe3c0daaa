
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The questions a follower asks Redis about the log, and what the answers
 * mean.  Two commands are enough:
 *
 *     XREAD [BLOCK ms] COUNT n STREAMS log id     what comes after "id"
 *     XINFO STREAM log                            is this still that log,
 *                                                 and is "id" its end
 *
 * An empty XREAD alone proves nothing: after DEL, FLUSHALL, SET over the
 * key or a new log with lower IDs a blocked XREAD answers nil, too.
 */


#include "ngx_http_token_revoke_follow.h"


/* a piece of the log: bytes aimed at, and entries at first and at most */

#define NGX_HTTP_TOKEN_REVOKE_ASK_BYTES  (1024 * 1024)
#define NGX_HTTP_TOKEN_REVOKE_ASK_COUNT  100
#define NGX_HTTP_TOKEN_REVOKE_ASK_MAX    10000

/* the longest wait at the end of the log, milliseconds */

#define NGX_HTTP_TOKEN_REVOKE_ASK_BLOCK  1000


static ngx_int_t ngx_http_token_revoke_ask_xread(
    ngx_http_token_revoke_follower_t *follower, ngx_msec_t block);
static ngx_int_t ngx_http_token_revoke_ask_xinfo(
    ngx_http_token_revoke_follower_t *follower);
static void ngx_http_token_revoke_ask_adapt(
    ngx_http_token_revoke_follower_t *follower);
static trv_follow_event_t ngx_http_token_revoke_ask_compare(
    ngx_http_token_revoke_follower_t *follower);
static void ngx_http_token_revoke_ask_advance(
    ngx_http_token_revoke_follower_t *follower, trv_id_t id);


ngx_int_t
ngx_http_token_revoke_ask_read(ngx_http_token_revoke_follower_t *follower)
{
    if (ngx_http_token_revoke_ask_xread(follower, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_token_revoke_link_flush(&follower->link, 0);
}


ngx_int_t
ngx_http_token_revoke_ask_info(ngx_http_token_revoke_follower_t *follower)
{
    follower->block = 0;

    if (ngx_http_token_revoke_ask_xinfo(follower) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_token_revoke_link_flush(&follower->link, 0);
}


/*
 * Both in one write: Redis answers the second as soon as the first is no
 * longer blocked, without a round trip in between.
 */

ngx_int_t
ngx_http_token_revoke_ask_wait(ngx_http_token_revoke_follower_t *follower)
{
    follower->block = ngx_min(NGX_HTTP_TOKEN_REVOKE_ASK_BLOCK,
                              follower->zone->max_stale / 3);

    if (ngx_http_token_revoke_ask_xread(follower, follower->block) != NGX_OK
        || ngx_http_token_revoke_ask_xinfo(follower) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_token_revoke_link_flush(&follower->link, follower->block);
}


static ngx_int_t
ngx_http_token_revoke_ask_xread(ngx_http_token_revoke_follower_t *follower,
    ngx_msec_t block)
{
    int          argc;
    size_t       lens[8];
    trv_id_t     applied;
    u_char       ms[NGX_INT_T_LEN], count[NGX_INT_T_LEN];
    uint8_t      id[TRV_ID_LEN];
    const char  *argv[8];

    ngx_http_token_revoke_ask_adapt(follower);

    applied = ngx_http_token_revoke_apply_position(&follower->apply);
    argc = 0;

    argv[argc] = "XREAD";
    lens[argc++] = 5;

    if (block) {
        argv[argc] = "BLOCK";
        lens[argc++] = 5;
        argv[argc] = (char *) ms;
        lens[argc++] = ngx_sprintf(ms, "%M", block) - ms;
    }

    argv[argc] = "COUNT";
    lens[argc++] = 5;
    argv[argc] = (char *) count;
    lens[argc++] = ngx_sprintf(count, "%ui", follower->count) - count;
    argv[argc] = "STREAMS";
    lens[argc++] = 7;
    argv[argc] = (char *) follower->zone->log.data;
    lens[argc++] = follower->zone->log.len;
    argv[argc] = (char *) id;
    lens[argc++] = trv_id_format(applied, id);

    return ngx_http_token_revoke_link_ask(&follower->link, TRV_ASK_XREAD,
                                          argc, argv, lens);
}


static ngx_int_t
ngx_http_token_revoke_ask_xinfo(ngx_http_token_revoke_follower_t *follower)
{
    size_t       lens[3];
    const char  *argv[3];

    argv[0] = "XINFO";
    lens[0] = 5;
    argv[1] = "STREAM";
    lens[1] = 6;
    argv[2] = (char *) follower->zone->log.data;
    lens[2] = follower->zone->log.len;

    follower->asked_boot = ngx_http_token_revoke_boot_msec();
    follower->asked_wall = ngx_http_token_revoke_wall_msec();

    return ngx_http_token_revoke_link_ask(&follower->link, TRV_ASK_XINFO,
                                          3, argv, lens);
}


/* entries can have one token or a thousand: the last piece tells */

static void
ngx_http_token_revoke_ask_adapt(ngx_http_token_revoke_follower_t *follower)
{
    off_t  bytes;

    bytes = follower->link.received - follower->asked_at;
    follower->asked_at = follower->link.received;

    if (follower->answer.ask != TRV_ASK_XREAD || follower->answer.entries == 0
        || bytes <= 0)
    {
        if (follower->count == 0) {
            follower->count = NGX_HTTP_TOKEN_REVOKE_ASK_COUNT;
        }

        return;
    }

    follower->count = NGX_HTTP_TOKEN_REVOKE_ASK_BYTES
                      * follower->answer.entries / bytes;

    if (follower->count < 1) {
        follower->count = 1;
    }

    if (follower->count > NGX_HTTP_TOKEN_REVOKE_ASK_MAX) {
        follower->count = NGX_HTTP_TOKEN_REVOKE_ASK_MAX;
    }
}


trv_follow_event_t
ngx_http_token_revoke_ask_meaning(ngx_http_token_revoke_follower_t *follower)
{
    trv_answer_t  *answer;

    answer = &follower->answer;

    if (answer->ask == TRV_ASK_XREAD) {

        switch (answer->type) {

        case TRV_ANSWER_OK:
            ngx_http_token_revoke_ask_advance(follower, answer->last);
            follower->block = 0;
            return TRV_FOLLOW_ENTRIES;

        case TRV_ANSWER_NIL:
            return TRV_FOLLOW_END;

        default:
            return TRV_FOLLOW_FAILED;
        }
    }

    if (answer->type == TRV_ANSWER_OK) {
        return ngx_http_token_revoke_ask_compare(follower);
    }

    /* a log that does not exist is an empty log */

    if (answer->type == TRV_ANSWER_ERROR
        && ngx_strncmp(answer->error, "ERR no such key", 15) == 0)
    {
        answer->last_generated.ms = 0;
        answer->last_generated.seq = 0;
        answer->last_entry = answer->last_generated;

        return ngx_http_token_revoke_ask_compare(follower);
    }

    return TRV_FOLLOW_FAILED;
}


/*
 *     fewer entries were added than before      another log
 *     applied > last generated                  another log
 *     applied < last entry                      there is more to read
 *     last entry <= applied <= last generated   nothing after ours; what was
 *                                               in between has been deleted
 */

static trv_follow_event_t
ngx_http_token_revoke_ask_compare(ngx_http_token_revoke_follower_t *follower)
{
    trv_id_t       applied;
    trv_answer_t  *answer;

    answer = &follower->answer;
    applied = ngx_http_token_revoke_apply_position(&follower->apply);

    if (trv_id_cmp(applied, answer->last_generated) > 0
        || (answer->entries_added != 0
            && answer->entries_added < follower->zone->sh->added))
    {
        return TRV_FOLLOW_LOSS;
    }

    if (trv_id_cmp(applied, answer->last_entry) < 0) {
        return TRV_FOLLOW_BEHIND;
    }

    ngx_http_token_revoke_ask_advance(follower, answer->last_generated);

    return TRV_FOLLOW_CONFIRMED;
}


/* past what is gone or left nothing to apply; never back */

static void
ngx_http_token_revoke_ask_advance(ngx_http_token_revoke_follower_t *follower,
    trv_id_t id)
{
    trv_id_t  applied;

    applied = ngx_http_token_revoke_apply_position(&follower->apply);

    if (trv_id_cmp(applied, id) < 0) {
        ngx_http_token_revoke_apply_seek(&follower->apply, id);
    }
}
