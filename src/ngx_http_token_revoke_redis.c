
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The parameters with which a directive says where a Redis is.
 */


#include "ngx_http_token_revoke.h"


/* the longest password that a file may hold, and what a URL says at most */

#define NGX_HTTP_TOKEN_REVOKE_PASSWORD  4096


typedef char *(*ngx_http_token_revoke_redis_param_pt)(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_str_t *value);


typedef struct {
    ngx_str_t                             name;       /* with the "=" */
    ngx_http_token_revoke_redis_param_pt  set;
    size_t                                offset;     /* without "set" */
} ngx_http_token_revoke_redis_param_t;


static void ngx_http_token_revoke_redis_share(
    ngx_http_token_revoke_redis_t *redis);
static char *ngx_http_token_revoke_redis_set_timeout(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_str_t *value);
static char *ngx_http_token_revoke_redis_set_password(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_str_t *value);
static ngx_int_t ngx_http_token_revoke_redis_find(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_http_token_revoke_host_t *host);


static ngx_http_token_revoke_redis_param_t
    ngx_http_token_revoke_redis_params[] =
{
    { ngx_string("redis="), ngx_http_token_revoke_redis_url, 0 },
    { ngx_string("timeout="), ngx_http_token_revoke_redis_set_timeout, 0 },
    { ngx_string("password_file="), ngx_http_token_revoke_redis_set_password,
      0 },
    { ngx_string("ca="), NULL, offsetof(ngx_http_token_revoke_redis_t, ca) },
    { ngx_string("cert="), NULL,
      offsetof(ngx_http_token_revoke_redis_t, cert) },
    { ngx_string("key="), NULL, offsetof(ngx_http_token_revoke_redis_t, key) },
    { ngx_null_string, NULL, 0 }
};


ngx_http_token_revoke_redis_t *
ngx_http_token_revoke_redis_create(ngx_conf_t *cf)
{
    ngx_http_token_revoke_redis_t      *redis, **r;
    ngx_http_token_revoke_main_conf_t  *trmcf;

    redis = ngx_pcalloc(cf->pool, sizeof(ngx_http_token_revoke_redis_t));
    if (redis == NULL) {
        return NULL;
    }

    redis->timeout = 2000;
    redis->directive = *(ngx_str_t *) cf->args->elts;
    redis->file = cf->conf_file->file.name.data;
    redis->line = cf->conf_file->line;

    trmcf = ngx_http_conf_get_module_main_conf(cf,
                                               ngx_http_token_revoke_module);

    r = ngx_array_push(&trmcf->redis);
    if (r == NULL) {
        return NULL;
    }

    *r = redis;

    return redis;
}


ngx_int_t
ngx_http_token_revoke_redis_param(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_str_t *arg)
{
    char                                 *rv;
    ngx_str_t                             value;
    ngx_uint_t                            i;
    ngx_http_token_revoke_redis_param_t  *param;

    for (i = 0; /* void */; i++) {
        param = &ngx_http_token_revoke_redis_params[i];

        if (param->name.len == 0) {
            return NGX_DECLINED;
        }

        if (arg->len >= param->name.len
            && ngx_strncmp(arg->data, param->name.data, param->name.len) == 0)
        {
            break;
        }
    }

    if (ngx_http_token_revoke_value_once(cf, arg, param->name.len,
                                         (ngx_uint_t) 1 << i, &redis->seen,
                                         &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (param->set == NULL) {
        *(ngx_str_t *) ((u_char *) redis + param->offset) = value;
        return NGX_OK;
    }

    rv = param->set(cf, redis, &value);

    if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" directive %s",
                           cf->args->elts, rv);
    }

    return rv == NGX_CONF_OK ? NGX_OK : NGX_ERROR;
}


char *
ngx_http_token_revoke_redis_check(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis)
{
    char  *rv;

    if (redis->text.len == 0) {
        return "needs \"redis=URL\"";
    }

    rv = ngx_http_token_revoke_redis_tls(cf, redis);

    if (rv == NGX_CONF_OK && redis->sentinels) {
        ngx_http_token_revoke_redis_share(redis);
    }

    return rv;
}


/* the Sentinels are reached as the Redis is that they know */

static void
ngx_http_token_revoke_redis_share(ngx_http_token_revoke_redis_t *redis)
{
    ngx_http_token_revoke_redis_t  *sentinels;

    sentinels = redis->sentinels;

    sentinels->text = redis->text;
    sentinels->user = redis->user;
    sentinels->password = redis->password;
    sentinels->timeout = redis->timeout;
#if (NGX_SSL)
    sentinels->ssl = redis->ssl;
#endif
}


static char *
ngx_http_token_revoke_redis_set_timeout(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_str_t *value)
{
    ngx_int_t  msec;

    msec = ngx_parse_time(value, 0);

    if (msec == NGX_ERROR || msec < 10 || msec > 60000) {
        return ngx_http_token_revoke_value_invalid(cf, value,
                                    "a time from 10ms to 60s in \"timeout=\"");
    }

    redis->timeout = msec;

    return NGX_CONF_OK;
}


/* the first line of the file, without its end */

static char *
ngx_http_token_revoke_redis_set_password(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_str_t *value)
{
    ssize_t     n;
    ngx_fd_t    fd;
    ngx_str_t   name, text;
    u_char      buf[NGX_HTTP_TOKEN_REVOKE_PASSWORD];

    if (redis->password.len) {
        return "has a password in \"redis=\" and a \"password_file=\"";
    }

    name = *value;

    if (ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &name);
        return NGX_CONF_ERROR;
    }

    n = ngx_read_fd(fd, buf, sizeof(buf));

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", &name);
    }

    text.data = buf;
    text.len = 0;

    while (n > 0 && text.len < (size_t) n && buf[text.len] != LF
           && buf[text.len] != CR)
    {
        text.len++;
    }

    if (text.len == 0 || text.len == sizeof(buf)) {
        return ngx_http_token_revoke_value_invalid(cf, value,
                               "a file with a password in its first line");
    }

    redis->password.len = text.len;
    redis->password.data = ngx_pstrdup(cf->pool, &text);

    ngx_explicit_memzero(buf, sizeof(buf));

    return redis->password.data ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* the resolver of the http block: it may be named behind our directive */

ngx_int_t
ngx_http_token_revoke_redis_resolve(ngx_conf_t *cf)
{
    ngx_uint_t                           i, j;
    ngx_http_core_loc_conf_t            *clcf;
    ngx_http_token_revoke_redis_t      **redis;
    ngx_http_token_revoke_main_conf_t   *trmcf;

    trmcf = ngx_http_conf_get_module_main_conf(cf,
                                               ngx_http_token_revoke_module);
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    redis = trmcf->redis.elts;

    for (i = 0; i < trmcf->redis.nelts; i++) {

        if (clcf->resolver && clcf->resolver->connections.nelts) {
            redis[i]->resolver = clcf->resolver;
            redis[i]->resolver_timeout = clcf->resolver_timeout;

            ngx_conf_init_msec_value(redis[i]->resolver_timeout, 30000);
        }

        for (j = 0; j < redis[i]->nhosts; j++) {

            if (ngx_http_token_revoke_redis_find(cf, redis[i],
                                                 &redis[i]->hosts[j])
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


/* with a resolver a name is left to it, an address is one in any case */

static ngx_int_t
ngx_http_token_revoke_redis_find(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_http_token_revoke_host_t *host)
{
    ngx_url_t  u;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = host->name;
    u.default_port = host->port;
    u.no_resolve = redis->resolver != NULL;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "%s in \"redis=%V\" of \"%V\" directive in %s:%ui",
                      u.err ? u.err : "invalid address", &redis->text,
                      &redis->directive, redis->file, redis->line);
        return NGX_ERROR;
    }

    host->addrs = u.addrs;
    host->naddrs = u.naddrs;

    return NGX_OK;
}
