
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What is said first on a new connection, all in one write.
 */


#include "ngx_http_token_revoke_link.h"


static ngx_int_t ngx_http_token_revoke_link_auth(
    ngx_http_token_revoke_link_t *link);
static ngx_int_t ngx_http_token_revoke_link_select(
    ngx_http_token_revoke_link_t *link);


void
ngx_http_token_revoke_link_greet(ngx_http_token_revoke_link_t *link)
{
    (void) ngx_tcp_nodelay(link->connection);

    if (ngx_http_token_revoke_link_auth(link) != NGX_OK
        || ngx_http_token_revoke_link_select(link) != NGX_OK)
    {
        return;
    }

    if (link->asked == 0) {
        ngx_http_token_revoke_link_event(link, TRV_LINK_GREETED, NULL);
        return;
    }

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

    if (redis->password.len == 0) {
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


/* ready when all of it was answered */

void
ngx_http_token_revoke_link_greeted(ngx_http_token_revoke_link_t *link)
{
    ngx_int_t     rc;
    trv_answer_t  answer;

    while (link->asked) {
        rc = ngx_http_token_revoke_link_answer(link, &answer);

        if (rc == NGX_OK && answer.type != TRV_ANSWER_OK) {
            ngx_http_token_revoke_link_fail(link, answer.error);
            return;
        }

        if (rc == NGX_AGAIN) {
            rc = ngx_http_token_revoke_link_fill(link);
        }

        if (rc == NGX_ERROR) {
            return;
        }

        if (rc == NGX_AGAIN) {
            if (ngx_handle_read_event(link->connection->read, 0) != NGX_OK) {
                ngx_http_token_revoke_link_fail(link, "no event for reading");
            }

            return;
        }
    }

    ngx_http_token_revoke_link_event(link, TRV_LINK_GREETED, NULL);
}
