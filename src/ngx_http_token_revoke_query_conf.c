
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The token_revoke_query directive.
 */


#include "ngx_http_token_revoke_query.h"

#include "core/trv_command.h"


/* milliseconds, unless "timeout=" says otherwise */

#define NGX_HTTP_TOKEN_REVOKE_QUERY_TIMEOUT  100

/* and how long a connection may be silent, at least */

#define NGX_HTTP_TOKEN_REVOKE_QUERY_SILENCE  1000


static char *ngx_http_token_revoke_query_command(ngx_conf_t *cf,
    ngx_http_token_revoke_query_t *query, ngx_uint_t first);
static char *ngx_http_token_revoke_query_fit(ngx_conf_t *cf,
    ngx_http_token_revoke_query_t *query, ngx_uint_t first);
static char *ngx_http_token_revoke_query_share(ngx_conf_t *cf,
    ngx_http_token_revoke_query_t *query,
    ngx_http_token_revoke_redis_t *redis);
static ngx_uint_t ngx_http_token_revoke_query_same(
    ngx_http_token_revoke_redis_t *one, ngx_http_token_revoke_redis_t *two);


/* token_revoke_query off | redis=url [name=value ...] command [argument ...] */

char *
ngx_http_token_revoke_query(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_token_revoke_loc_conf_t *trlcf = conf;

    char                           *rv;
    ngx_int_t                       rc;
    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_token_revoke_redis_t  *redis;
    ngx_http_token_revoke_query_t  *query;

    value = cf->args->elts;

    if (trlcf->queries == NULL) {
        return "is off already";
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {

        if (trlcf->queries != NGX_CONF_UNSET_PTR) {
            return "is not off already";
        }

        trlcf->queries = NULL;

        return NGX_CONF_OK;
    }

    if (trlcf->queries == NGX_CONF_UNSET_PTR) {
        trlcf->queries = ngx_array_create(cf->pool, 2,
                                     sizeof(ngx_http_token_revoke_query_t));
        if (trlcf->queries == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    query = ngx_array_push(trlcf->queries);
    redis = ngx_http_token_revoke_redis_create(cf);

    if (query == NULL || redis == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(query, sizeof(ngx_http_token_revoke_query_t));

    redis->timeout = NGX_HTTP_TOKEN_REVOKE_QUERY_TIMEOUT;

    rc = NGX_OK;

    for (i = 1; i < cf->args->nelts; i++) {
        rc = ngx_http_token_revoke_redis_param(cf, redis, &value[i]);

        if (rc != NGX_OK) {
            break;
        }
    }

    if (rc == NGX_ERROR) {
        return NGX_CONF_ERROR;
    }

    query->timeout = redis->timeout;

    rv = ngx_http_token_revoke_redis_check(cf, redis);

    if (rv == NGX_CONF_OK) {
        rv = ngx_http_token_revoke_query_command(cf, query, i);
    }

    if (rv == NGX_CONF_OK) {
        rv = ngx_http_token_revoke_query_share(cf, query, redis);
    }

    return rv;
}


static char *
ngx_http_token_revoke_query_command(ngx_conf_t *cf,
    ngx_http_token_revoke_query_t *query, ngx_uint_t first)
{
    char        *rv;
    ngx_str_t   *value;
    ngx_uint_t   i;

    if (first == cf->args->nelts) {
        return "needs a command, like \"SISMEMBER\"";
    }

    query->nwords = cf->args->nelts - first;

    if (query->nwords > NGX_HTTP_TOKEN_REVOKE_QUERY_WORDS) {
        return "has a command of more than 64 words";
    }

    query->words = ngx_pcalloc(cf->pool,
                               query->nwords
                               * sizeof(ngx_http_token_revoke_phrase_t));
    if (query->words == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;
    value += first;

    for (i = 0; i < query->nwords; i++) {

        if (ngx_http_token_revoke_query_compile(cf, &value[i],
                                                &query->words[i])
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    rv = ngx_http_token_revoke_query_fit(cf, query, first);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    query->match.data = ngx_pnalloc(cf->pool, sizeof("query ") + value->len);
    if (query->match.data == NULL) {
        return NGX_CONF_ERROR;
    }

    query->match.len = ngx_sprintf(query->match.data, "query %V", value)
                       - query->match.data;

    query->name.data = query->match.data + sizeof("query ") - 1;
    query->name.len = value->len;

    return NGX_CONF_OK;
}


static char *
ngx_http_token_revoke_query_fit(ngx_conf_t *cf,
    ngx_http_token_revoke_query_t *query, ngx_uint_t first)
{
    uint8_t      varies[NGX_HTTP_TOKEN_REVOKE_QUERY_WORDS];
    trv_str_t    words[NGX_HTTP_TOKEN_REVOKE_QUERY_WORDS];
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;
    value += first;

    for (i = 0; i < query->nwords; i++) {
        varies[i] = query->words[i].varies;
        words[i].data = value[i].data;
        words[i].len = value[i].len;
    }

    switch (trv_command_check(words, varies, query->nwords)) {

    case TRV_COMMAND_FIT:
        return NGX_CONF_OK;

    case TRV_COMMAND_NO_NAME:
        return ngx_http_token_revoke_value_invalid(cf, value,
                                    NGX_HTTP_TOKEN_REVOKE_REDIS_PARAMS
                                    " or a command, which has no variables");

    case TRV_COMMAND_BLOCKS:
        return ngx_http_token_revoke_value_invalid(cf, value,
                               "a command that Redis answers without waiting");

    default:  /* TRV_COMMAND_CONNECTION */
        return ngx_http_token_revoke_value_invalid(cf, value,
                              "a command that leaves the connection as it is");
    }
}


/*
 * Queries of the same Redis, as the same user, have one connection.  It may be
 * silent for the longest of their times: a question that is late keeps its
 * place, and connecting again costs more than waiting a little.
 */

static char *
ngx_http_token_revoke_query_share(ngx_conf_t *cf,
    ngx_http_token_revoke_query_t *query,
    ngx_http_token_revoke_redis_t *redis)
{
    ngx_uint_t                           i;
    ngx_http_token_revoke_asked_t      **asked;
    ngx_http_token_revoke_main_conf_t   *trmcf;

    trmcf = ngx_http_conf_get_module_main_conf(cf,
                                               ngx_http_token_revoke_module);
    asked = trmcf->asked.elts;

    for (i = 0; i < trmcf->asked.nelts; i++) {

        if (ngx_http_token_revoke_query_same(asked[i]->redis, redis)) {
            query->asked = asked[i];
            break;
        }
    }

    if (query->asked == NULL) {
        query->asked = ngx_pcalloc(cf->pool,
                                   sizeof(ngx_http_token_revoke_asked_t));
        asked = ngx_array_push(&trmcf->asked);

        if (query->asked == NULL || asked == NULL) {
            return NGX_CONF_ERROR;
        }

        query->asked->redis = redis;
        *asked = query->asked;

        redis->timeout = NGX_HTTP_TOKEN_REVOKE_QUERY_SILENCE;
    }

    redis = query->asked->redis;

    if (redis->timeout < query->timeout) {
        redis->timeout = query->timeout;
    }

    if (redis->sentinels) {
        redis->sentinels->timeout = redis->timeout;
    }

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_token_revoke_query_same(ngx_http_token_revoke_redis_t *one,
    ngx_http_token_revoke_redis_t *two)
{
    size_t      i;
    ngx_str_t  *a, *b;

    static const size_t  fields[] = {
        offsetof(ngx_http_token_revoke_redis_t, text),
        offsetof(ngx_http_token_revoke_redis_t, user),
        offsetof(ngx_http_token_revoke_redis_t, password),
        offsetof(ngx_http_token_revoke_redis_t, ca),
        offsetof(ngx_http_token_revoke_redis_t, cert),
        offsetof(ngx_http_token_revoke_redis_t, key),
    };

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        a = (ngx_str_t *) ((u_char *) one + fields[i]);
        b = (ngx_str_t *) ((u_char *) two + fields[i]);

        if (a->len != b->len
            || (a->len && ngx_memcmp(a->data, b->data, a->len) != 0))
        {
            return 0;
        }
    }

    return 1;
}
