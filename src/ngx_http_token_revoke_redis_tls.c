
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a directive says of TLS to a Redis: "rediss://", "ca=", "cert=" and
 * "key=".  A certificate is always verified.
 */


#include "ngx_http_token_revoke.h"


#if (NGX_SSL)

static char *ngx_http_token_revoke_redis_tls_load(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis);
static char *ngx_http_token_revoke_redis_tls_trust(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis);

#endif


char *
ngx_http_token_revoke_redis_tls(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis)
{
    if (!redis->tls) {

        if (redis->ca.len) {
            return "has \"ca=\" without TLS, expected \"redis=rediss://...\"";
        }

        if (redis->cert.len) {
            return "has \"cert=\" without TLS, expected "
                   "\"redis=rediss://...\"";
        }

        if (redis->key.len) {
            return "has \"key=\" without TLS, expected \"redis=rediss://...\"";
        }

        return NGX_CONF_OK;
    }

    if (redis->cert.len && redis->key.len == 0) {
        return "has \"cert=\" without \"key=\"";
    }

    if (redis->key.len && redis->cert.len == 0) {
        return "has \"key=\" without \"cert=\"";
    }

#if (NGX_SSL)
    return ngx_http_token_revoke_redis_tls_load(cf, redis);
#else
    (void) cf;
    return "has \"redis=rediss://...\", and this nginx was built without TLS";
#endif
}


#if (NGX_SSL)

static char *
ngx_http_token_revoke_redis_tls_load(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis)
{
    ngx_pool_cleanup_t  *cln;

    redis->ssl = ngx_pcalloc(cf->pool, sizeof(ngx_ssl_t));
    if (redis->ssl == NULL) {
        return NGX_CONF_ERROR;
    }

    redis->ssl->log = cf->log;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_ssl_create(redis->ssl, NGX_SSL_TLSv1_2|NGX_SSL_TLSv1_3, NULL)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_ssl_cleanup_ctx;
    cln->data = redis->ssl;

    if (redis->cert.len
        && ngx_ssl_certificate(cf, redis->ssl, &redis->cert, &redis->key, NULL)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_token_revoke_redis_tls_trust(cf, redis);
}


/* "ca=", or what the system trusts */

static char *
ngx_http_token_revoke_redis_tls_trust(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis)
{
    SSL_CTX  *ctx;

    ctx = redis->ssl->ctx;

    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);

    if (redis->ca.len == 0) {

        if (SSL_CTX_set_default_verify_paths(ctx) == 0) {
            ngx_ssl_error(NGX_LOG_EMERG, cf->log, 0,
                          "SSL_CTX_set_default_verify_paths() failed");
            return NGX_CONF_ERROR;
        }

        return NGX_CONF_OK;
    }

    if (ngx_conf_full_name(cf->cycle, &redis->ca, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (SSL_CTX_load_verify_locations(ctx, (char *) redis->ca.data, NULL) == 0)
    {
        ngx_ssl_error(NGX_LOG_EMERG, cf->log, 0,
                      "cannot load \"ca=%V\" of \"%V\" directive", &redis->ca,
                      &redis->directive);
        return NGX_CONF_ERROR;
    }

    /* it may have failed in part and say that it has not */

    ERR_clear_error();

    return NGX_CONF_OK;
}

#endif
