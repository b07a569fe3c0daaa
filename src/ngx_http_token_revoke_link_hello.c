
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What is said first on a new connection, all in one write: who we are, and
 * what kind of Redis is this?
 *
 *     AUTH [user] password     if there is one
 *     SELECT db                if it is not 0
 *     INFO replication         role, history, link to the master
 *     INFO server              version, run ID
 *     INFO memory              (curious) may it evict the log?
 *     INFO persistence         (curious) may it lose the log?
 *     TIME                     (curious) is its clock ours?
 *
 * A user who may not ask what comes after SELECT may follow the log: what
 * INFO would have said is not known then.
 */


#include "ngx_http_token_revoke_link.h"


typedef struct {
    const char  *command;
    const char  *section;
    trv_ask_t    ask;
    unsigned     curious:1;
} ngx_http_token_revoke_fact_t;


static ngx_int_t ngx_http_token_revoke_link_auth(
    ngx_http_token_revoke_link_t *link);
static ngx_int_t ngx_http_token_revoke_link_select(
    ngx_http_token_revoke_link_t *link);
static ngx_int_t ngx_http_token_revoke_link_facts(
    ngx_http_token_revoke_link_t *link);
static ngx_int_t ngx_http_token_revoke_link_learn(
    ngx_http_token_revoke_link_t *link, trv_answer_t *answer);
static const char *ngx_http_token_revoke_link_unfit(
    ngx_http_token_revoke_link_t *link);


static const ngx_http_token_revoke_fact_t  ngx_http_token_revoke_facts[] = {
    { "INFO", "replication", TRV_ASK_TEXT, 0 },
    { "INFO", "server", TRV_ASK_TEXT, 0 },
    { "INFO", "memory", TRV_ASK_TEXT, 1 },
    { "INFO", "persistence", TRV_ASK_TEXT, 1 },
    { "TIME", NULL, TRV_ASK_TIME, 1 },
    { NULL, NULL, TRV_ASK_ANY, 0 }
};


void
ngx_http_token_revoke_link_greet(ngx_http_token_revoke_link_t *link)
{
    (void) ngx_tcp_nodelay(link->connection);

    trv_info_clear(&link->info);
    link->skew = 0;
    link->skewed = 0;

    if (ngx_http_token_revoke_link_auth(link) != NGX_OK
        || ngx_http_token_revoke_link_select(link) != NGX_OK
        || ngx_http_token_revoke_link_facts(link) != NGX_OK)
    {
        return;
    }

    if (link->asked == 0) {
        ngx_http_token_revoke_link_event(link, TRV_LINK_GREETED, NULL);
        return;
    }

    link->greeted = ngx_http_token_revoke_wall_msec();

    (void) ngx_http_token_revoke_link_flush(link, 0);
}


static ngx_int_t
ngx_http_token_revoke_link_auth(ngx_http_token_revoke_link_t *link)
{
    int                             argc;
    size_t                          lens[3];
    const char                     *argv[3];
    ngx_http_token_revoke_redis_t  *redis;

    redis = link->redis;

    if (redis->password.len == 0 || (redis->sentinel && !link->auth)) {
        return NGX_OK;
    }

    argc = 0;
    argv[argc] = "AUTH";
    lens[argc++] = 4;

    if (redis->user.len) {
        argv[argc] = (char *) redis->user.data;
        lens[argc++] = redis->user.len;
    }

    argv[argc] = (char *) redis->password.data;
    lens[argc++] = redis->password.len;

    return ngx_http_token_revoke_link_ask(link, TRV_ASK_ANY, argc, argv, lens);
}


static ngx_int_t
ngx_http_token_revoke_link_select(ngx_http_token_revoke_link_t *link)
{
    size_t                          lens[2];
    const char                     *argv[2];
    ngx_http_token_revoke_redis_t  *redis;

    redis = link->redis;

    if (redis->db.len == 0) {
        return NGX_OK;
    }

    argv[0] = "SELECT";
    lens[0] = 6;
    argv[1] = (char *) redis->db.data;
    lens[1] = redis->db.len;

    return ngx_http_token_revoke_link_ask(link, TRV_ASK_ANY, 2, argv, lens);
}


static ngx_int_t
ngx_http_token_revoke_link_facts(ngx_http_token_revoke_link_t *link)
{
    int                                  argc;
    size_t                               lens[2];
    const char                          *argv[2];
    const ngx_http_token_revoke_fact_t  *fact;

    /* of a Sentinel all that we want to know is a question of its own */

    if (link->redis->sentinel) {
        return NGX_OK;
    }

    for (fact = ngx_http_token_revoke_facts; fact->command; fact++) {

        if (fact->curious && !link->curious) {
            continue;
        }

        argc = 0;
        argv[argc] = fact->command;
        lens[argc++] = ngx_strlen(fact->command);

        if (fact->section) {
            argv[argc] = fact->section;
            lens[argc++] = ngx_strlen(fact->section);
        }

        if (ngx_http_token_revoke_link_ask(link, fact->ask, argc, argv, lens)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* ready when all of it was answered */

void
ngx_http_token_revoke_link_greeted(ngx_http_token_revoke_link_t *link)
{
    ngx_int_t      rc;
    const char    *reason;
    trv_answer_t   answer;

    while (link->asked) {
        rc = ngx_http_token_revoke_link_answer(link, &answer);

        if (rc == NGX_OK) {
            rc = ngx_http_token_revoke_link_learn(link, &answer);

        } else if (rc == NGX_AGAIN) {
            rc = ngx_http_token_revoke_link_fill(link);
        }

        if (rc != NGX_OK) {
            return;
        }
    }

    reason = ngx_http_token_revoke_link_unfit(link);

    if (reason) {
        ngx_http_token_revoke_link_fail(link, reason);
        return;
    }

    ngx_http_token_revoke_link_event(link, TRV_LINK_GREETED, NULL);
}


static ngx_int_t
ngx_http_token_revoke_link_learn(ngx_http_token_revoke_link_t *link,
    trv_answer_t *answer)
{
    uint64_t  now;

    if (answer->type != TRV_ANSWER_OK) {

        if (answer->ask != TRV_ASK_ANY
            && (ngx_strncmp(answer->error, "NOPERM ", 7) == 0
                || ngx_strncmp(answer->error, "ERR ", 4) == 0))
        {
            return NGX_OK;
        }

        ngx_http_token_revoke_link_fail(link, answer->error);
        return NGX_ERROR;
    }

    switch (answer->ask) {

    case TRV_ASK_TEXT:
        trv_info_parse(&link->info, answer->text);
        break;

    case TRV_ASK_TIME:

        /* its clock was read in between, most likely in the middle */

        now = ngx_http_token_revoke_wall_msec();

        link->skew = (int64_t) answer->time
                     - (int64_t) (link->greeted + (now - link->greeted) / 2);
        link->skewed = 1;
        break;

    default:
        break;
    }

    return NGX_OK;
}


/* why this is not a Redis for us, or NULL */

static const char *
ngx_http_token_revoke_link_unfit(ngx_http_token_revoke_link_t *link)
{
    int          ipv6;
    trv_str_t    host;
    trv_info_t  *info;

    info = &link->info;

    if (link->want == NGX_HTTP_TOKEN_REVOKE_WANT_MASTER
        || link->redis->sentinels)
    {

        if (info->role == TRV_ROLE_UNKNOWN) {
            return "whether it is a master is not known: the user may not INFO";
        }

        if (info->role == TRV_ROLE_REPLICA) {
            host.data = (const uint8_t *) info->master_host;
            host.len = ngx_strlen(info->master_host);
            ipv6 = ngx_strchr(host.data, ':') != NULL;

            if (host.len && info->master_port && !link->redis->sentinels
                && trv_url_host_valid(host, ipv6))
            {
                (void) ngx_http_token_revoke_link_name(link, host,
                                                       info->master_port);
            }

            return "a replica, and a master is wanted";
        }
    }

    if (info->role != TRV_ROLE_UNKNOWN && trv_info_lag(info) < 0
        && trv_round_pass(&link->round, link->redis->nhosts))
    {
        return info->loading ? "it is loading its data"
                             : "a replica whose link to its master is down";
    }

    return NULL;
}
