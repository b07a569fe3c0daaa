
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * "redis=URL".  The URL is not repeated in messages: it may have a password
 * in it.
 */


#include "ngx_http_token_revoke.h"

#include "core/trv_url.h"


static char *ngx_http_token_revoke_redis_url_user(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, trv_url_t *url);
static char *ngx_http_token_revoke_redis_url_sentinels(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, trv_url_t *url);
static char *ngx_http_token_revoke_redis_url_hosts(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, trv_url_t *url);
static ngx_int_t ngx_http_token_revoke_redis_url_host(ngx_conf_t *cf,
    ngx_http_token_revoke_host_t *host, trv_url_host_t *from);
static ngx_int_t ngx_http_token_revoke_redis_url_copy(ngx_conf_t *cf,
    ngx_str_t *to, trv_str_t from);


char *
ngx_http_token_revoke_redis_url(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_str_t *value)
{
    char        *rv;
    u_char      *buf;
    trv_str_t    text;
    trv_url_t    url;
    const char  *error;

    buf = ngx_pnalloc(cf->pool, value->len);
    if (buf == NULL) {
        return NGX_CONF_ERROR;
    }

    text.data = value->data;
    text.len = value->len;

    if (trv_url_parse(text, buf, &url, &error) != TRV_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"redis=\" URL in \"%V\" directive: %s",
                           cf->args->elts, error);
        return NGX_CONF_ERROR;
    }

    redis->text.data = ngx_pnalloc(cf->pool, trv_url_format_len(&url));
    if (redis->text.data == NULL) {
        return NGX_CONF_ERROR;
    }

    redis->text.len = trv_url_format(&url, redis->text.data);

    redis->tls = url.tls;

    rv = ngx_http_token_revoke_redis_url_user(cf, redis, &url);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (url.kind == TRV_URL_SENTINEL) {
        return ngx_http_token_revoke_redis_url_sentinels(cf, redis, &url);
    }

    return ngx_http_token_revoke_redis_url_hosts(cf, redis, &url);
}


/* what is said when the connection has been made: AUTH, SELECT */

static char *
ngx_http_token_revoke_redis_url_user(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, trv_url_t *url)
{
    if (url->db) {
        redis->db.data = ngx_pnalloc(cf->pool, NGX_INT32_LEN);
        if (redis->db.data == NULL) {
            return NGX_CONF_ERROR;
        }

        redis->db.len = ngx_sprintf(redis->db.data, "%uD", url->db)
                        - redis->db.data;
    }

    if (ngx_http_token_revoke_redis_url_copy(cf, &redis->user, url->user)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (url->password.len == 0) {
        return NGX_CONF_OK;
    }

    if (redis->password.len) {
        return "has a password in \"redis=\" and a \"password_file=\"";
    }

    if (ngx_http_token_revoke_redis_url_copy(cf, &redis->password,
                                             url->password)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* the hosts are those whom the master's address is asked for */

static char *
ngx_http_token_revoke_redis_url_sentinels(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, trv_url_t *url)
{
    redis->sentinels = ngx_http_token_revoke_redis_create(cf);

    if (redis->sentinels == NULL
        || ngx_http_token_revoke_redis_url_copy(cf, &redis->master,
                                                url->master)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    redis->sentinels->text = redis->text;
    redis->sentinels->sentinel = 1;

    return ngx_http_token_revoke_redis_url_hosts(cf, redis->sentinels, url);
}


static char *
ngx_http_token_revoke_redis_url_hosts(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, trv_url_t *url)
{
    ngx_uint_t                     i;
    ngx_http_token_revoke_host_t  *host;

    redis->nhosts = ngx_max(url->nhosts, 1);
    redis->hosts = ngx_pcalloc(cf->pool, redis->nhosts
                               * sizeof(ngx_http_token_revoke_host_t));
    if (redis->hosts == NULL) {
        return NGX_CONF_ERROR;
    }

    host = redis->hosts;

    if (url->kind == TRV_URL_UNIX) {
        host->name.data = ngx_pnalloc(cf->pool,
                                      sizeof("unix:") + url->path.len);
        if (host->name.data == NULL) {
            return NGX_CONF_ERROR;
        }

        host->name.len = ngx_sprintf(host->name.data, "unix:%*s%Z",
                                     url->path.len, url->path.data)
                         - host->name.data - 1;
        return NGX_CONF_OK;
    }

    for (i = 0; i < url->nhosts; i++) {

        if (ngx_http_token_revoke_redis_url_host(cf, &host[i], &url->hosts[i])
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_token_revoke_redis_url_host(ngx_conf_t *cf,
    ngx_http_token_revoke_host_t *host, trv_url_host_t *from)
{
    host->name.data = ngx_pnalloc(cf->pool, from->host.len + sizeof("[]"));

    if (host->name.data == NULL) {
        return NGX_ERROR;
    }

    host->port = from->port;
    host->name.len = ngx_sprintf(host->name.data,
                                 from->ipv6 ? "[%*s]%Z" : "%*s%Z",
                                 from->host.len, from->host.data)
                     - host->name.data - 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_token_revoke_redis_url_copy(ngx_conf_t *cf, ngx_str_t *to,
    trv_str_t from)
{
    to->len = from.len;
    to->data = ngx_pnalloc(cf->pool, from.len + 1);

    if (to->data == NULL) {
        return NGX_ERROR;
    }

    if (from.len) {
        ngx_memcpy(to->data, from.data, from.len);
    }

    return NGX_OK;
}
