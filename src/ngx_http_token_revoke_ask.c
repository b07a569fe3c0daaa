
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The questions a follower asks Redis about the log, and what the answers
 * mean:
 *
 *     XREAD [BLOCK ms] COUNT n STREAMS log id     what comes after "id"
 *     XINFO STREAM log                            is this still that log,
 *                                                 and is "id" its end
 *     XRANGE log id id COUNT 1                    is "id" still in it: asked
 *                                                 after XREAD, or what that
 *                                                 has read proves nothing
 *     INFO replication                            how old is what a replica
 *                                                 says
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

/* a master is asked whether it still is one so often, milliseconds */

#define NGX_HTTP_TOKEN_REVOKE_ASK_ROLE   1000

/* so long a replica that is cut off is read while there are other hosts */

#define NGX_HTTP_TOKEN_REVOKE_ASK_OTHERS  2000


static ngx_int_t ngx_http_token_revoke_ask_xread(
    ngx_http_token_revoke_follower_t *follower, ngx_msec_t block);
static ngx_int_t ngx_http_token_revoke_ask_xrange(
    ngx_http_token_revoke_follower_t *follower);
static ngx_int_t ngx_http_token_revoke_ask_end(
    ngx_http_token_revoke_follower_t *follower);
static ngx_int_t ngx_http_token_revoke_ask_role(
    ngx_http_token_revoke_follower_t *follower);
static void ngx_http_token_revoke_ask_adapt(
    ngx_http_token_revoke_follower_t *follower);
static trv_follow_event_t ngx_http_token_revoke_ask_is_end(
    ngx_http_token_revoke_follower_t *follower);
static trv_follow_event_t ngx_http_token_revoke_ask_is_known(
    ngx_http_token_revoke_follower_t *follower);


ngx_int_t
ngx_http_token_revoke_ask_read(ngx_http_token_revoke_follower_t *follower)
{
    if (ngx_http_token_revoke_ask_xread(follower, 0) != NGX_OK
        || ngx_http_token_revoke_ask_xrange(follower) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_token_revoke_link_flush(&follower->link, 0);
}


/* before anything is read: is the entry that was applied last still there? */

ngx_int_t
ngx_http_token_revoke_ask_check(ngx_http_token_revoke_follower_t *follower)
{
    follower->block = 0;

    if (ngx_http_token_revoke_ask_xrange(follower) != NGX_OK
        || ngx_http_token_revoke_ask_end(follower) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_token_revoke_link_flush(&follower->link, 0);
}


ngx_int_t
ngx_http_token_revoke_ask_info(ngx_http_token_revoke_follower_t *follower)
{
    follower->block = 0;

    if (ngx_http_token_revoke_ask_end(follower) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_token_revoke_link_flush(&follower->link, 0);
}


/*
 * All in one write: Redis answers the others as soon as the first is no longer
 * blocked, without a round trip in between.
 */

ngx_int_t
ngx_http_token_revoke_ask_wait(ngx_http_token_revoke_follower_t *follower)
{
    follower->block = ngx_min(NGX_HTTP_TOKEN_REVOKE_ASK_BLOCK,
                              follower->zone->max_stale / 3);

    if (ngx_http_token_revoke_ask_xread(follower, follower->block) != NGX_OK
        || ngx_http_token_revoke_ask_xrange(follower) != NGX_OK
        || ngx_http_token_revoke_ask_end(follower) != NGX_OK)
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
    trv_mark_t   mark;
    u_char       ms[NGX_INT_T_LEN], count[NGX_INT_T_LEN];
    uint8_t      id[TRV_ID_LEN];
    const char  *argv[8];

    if (follower->count == 0) {
        follower->count = NGX_HTTP_TOKEN_REVOKE_ASK_COUNT;
    }

    follower->asked_at = follower->link.received;

    mark = ngx_http_token_revoke_apply_position(&follower->apply);
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
    lens[argc++] = trv_id_format(mark.id, id);

    return ngx_http_token_revoke_link_ask(&follower->link, TRV_ASK_XREAD,
                                          argc, argv, lens);
}


static ngx_int_t
ngx_http_token_revoke_ask_xrange(ngx_http_token_revoke_follower_t *follower)
{
    size_t       lens[6];
    uint8_t      id[TRV_ID_LEN];
    trv_mark_t   mark;
    const char  *argv[6];

    mark = ngx_http_token_revoke_history_mark(follower);

    follower->before = mark;

    argv[0] = "XRANGE";
    lens[0] = 6;
    argv[1] = (char *) follower->zone->log.data;
    lens[1] = follower->zone->log.len;
    argv[2] = (char *) id;
    lens[2] = trv_id_format(mark.id, id);
    argv[3] = argv[2];
    lens[3] = lens[2];
    argv[4] = "COUNT";
    lens[4] = 5;
    argv[5] = "1";
    lens[5] = 1;

    return ngx_http_token_revoke_link_ask(&follower->link, TRV_ASK_XRANGE,
                                          6, argv, lens);
}


/* the role first: what a replica says is as old as its link, or older */

static ngx_int_t
ngx_http_token_revoke_ask_end(ngx_http_token_revoke_follower_t *follower)
{
    size_t       lens[3];
    const char  *argv[3];

    if (ngx_http_token_revoke_ask_role(follower) != NGX_OK) {
        return NGX_ERROR;
    }

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


static ngx_int_t
ngx_http_token_revoke_ask_role(ngx_http_token_revoke_follower_t *follower)
{
    ngx_msec_t   since;
    trv_info_t  *info;

    static size_t       lens[] = { 4, 11 };
    static const char  *argv[] = { "INFO", "replication" };

    info = &follower->link.info;

    if (info->role == TRV_ROLE_UNKNOWN) {
        return NGX_OK;
    }

    since = ngx_current_msec - follower->role_asked;

    if (info->role == TRV_ROLE_MASTER
        && since < NGX_HTTP_TOKEN_REVOKE_ASK_ROLE)
    {
        return NGX_OK;
    }

    follower->role_asked = ngx_current_msec;

    return ngx_http_token_revoke_link_ask(&follower->link, TRV_ASK_TEXT,
                                          2, argv, lens);
}


/* entries can have one token or a thousand: the last piece tells */

static void
ngx_http_token_revoke_ask_adapt(ngx_http_token_revoke_follower_t *follower)
{
    off_t  bytes;

    bytes = follower->link.received - follower->asked_at;

    if (follower->answer.entries == 0 || bytes <= 0) {
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

    if (answer->ask == TRV_ASK_XINFO) {
        return ngx_http_token_revoke_ask_is_end(follower);
    }

    if (answer->ask == TRV_ASK_XREAD && answer->type == TRV_ANSWER_NIL) {
        follower->read = TRV_FOLLOW_END;
        return TRV_FOLLOW_PART;
    }

    if (answer->type != TRV_ANSWER_OK) {
        return TRV_FOLLOW_FAILED;
    }

    switch (answer->ask) {

    case TRV_ASK_XREAD:
        ngx_http_token_revoke_ask_adapt(follower);
        follower->block = 0;
        follower->read = TRV_FOLLOW_ENTRIES;
        break;

    case TRV_ASK_XRANGE:
        follower->found = answer->entries != 0;
        follower->found_digest = answer->digest;

        if (follower->state == TRV_FOLLOW_CHECKING) {
            break;
        }

        ngx_http_token_revoke_history_before(follower);

        return follower->read;

    default:  /* TRV_ASK_TEXT */
        trv_info_parse(&follower->link.info, answer->text);
        ngx_http_token_revoke_apply_follow(&follower->apply,
                                           trv_lineage(&follower->link.info));
        break;
    }

    return TRV_FOLLOW_PART;
}


/* a log that does not exist is an empty log */

static trv_follow_event_t
ngx_http_token_revoke_ask_is_end(ngx_http_token_revoke_follower_t *follower)
{
    trv_answer_t        *answer;
    trv_follow_event_t   event;

    answer = &follower->answer;

    if (answer->type != TRV_ANSWER_OK
        && (answer->type != TRV_ANSWER_ERROR
            || ngx_strncmp(answer->error, "ERR no such key", 15) != 0))
    {
        return TRV_FOLLOW_FAILED;
    }

    event = ngx_http_token_revoke_history(follower);

    return event == TRV_FOLLOW_CONFIRMED
           ? ngx_http_token_revoke_ask_is_known(follower) : event;
}


/*
 * What a replica says is as old as its link to the master.  If that is down
 * it is read on, but what it knows is not confirmed; and if there are others,
 * one of them may know better.
 */

static trv_follow_event_t
ngx_http_token_revoke_ask_is_known(ngx_http_token_revoke_follower_t *follower)
{
    int64_t      lag;
    uint64_t     since;
    trv_info_t  *info;

    static char  reason[] = "the replica has lost its master";

    info = &follower->link.info;

    /* one that does not say what it is is taken for a master */

    lag = info->role == TRV_ROLE_UNKNOWN ? 0 : trv_info_lag(info);

    if (lag >= 0) {
        follower->lag = (uint64_t) lag;
        follower->doubted = 0;
        return TRV_FOLLOW_CONFIRMED;
    }

    if (follower->doubted == 0) {
        follower->doubted = ngx_http_token_revoke_boot_msec();
    }

    since = ngx_http_token_revoke_boot_msec() - follower->doubted;

    if (since > NGX_HTTP_TOKEN_REVOKE_ASK_OTHERS
        && follower->zone->redis->nhosts > 1)
    {
        follower->doubted = 0;
        ngx_memcpy(follower->answer.error, reason, sizeof(reason));
        return TRV_FOLLOW_FAILED;
    }

    ngx_http_token_revoke_report_failed(follower, reason);

    return TRV_FOLLOW_DOUBTED;
}
