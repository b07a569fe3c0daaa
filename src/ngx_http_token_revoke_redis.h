
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a directive says of a Redis: where it is, who we are there, and how
 * long an answer may take.  A zone has one, and a link works with one.
 */


#ifndef _NGX_HTTP_TOKEN_REVOKE_REDIS_H_INCLUDED_
#define _NGX_HTTP_TOKEN_REVOKE_REDIS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>


#pragma GCC visibility push(hidden)


/* a host of the URL, with the addresses known when the configuration is read */

typedef struct {
    ngx_str_t               name;        /* without brackets; NUL behind it */
    in_port_t               port;
    ngx_addr_t             *addrs;
    ngx_uint_t              naddrs;      /* 0: resolved at each connect */
} ngx_http_token_revoke_host_t;


typedef struct ngx_http_token_revoke_redis_s  ngx_http_token_revoke_redis_t;


struct ngx_http_token_revoke_redis_s {
    ngx_str_t               text;        /* the URL for logs: no password */
    ngx_str_t               user;
    ngx_str_t               password;
    ngx_str_t               db;          /* digits, or empty */
    ngx_msec_t              timeout;     /* of connecting, of an answer */

    ngx_http_token_revoke_host_t  *hosts;
    ngx_uint_t              nhosts;      /* 0 with Sentinels */

    ngx_http_token_revoke_redis_t  *sentinels;
    ngx_str_t               master;      /* its name among them */

    ngx_str_t               ca;          /* paths, or empty */
    ngx_str_t               cert;
    ngx_str_t               key;
#if (NGX_SSL)
    ngx_ssl_t              *ssl;         /* NULL: without TLS */
#endif

    ngx_resolver_t         *resolver;    /* NULL: there is none */
    ngx_msec_t              resolver_timeout;

    ngx_str_t               directive;   /* and where it is */
    u_char                 *file;
    ngx_uint_t              line;
    ngx_uint_t              seen;        /* parameters, while it is read */

    unsigned                tls:1;       /* the URL says so */
    unsigned                sentinel:1;  /* these are Sentinels */
};


/*
 * A directive's Redis: a structure with its defaults, all of them known to
 * ..._redis_resolve().  NULL: no memory.
 */

ngx_http_token_revoke_redis_t *ngx_http_token_revoke_redis_create(
    ngx_conf_t *cf);

/*
 * Takes an argument "name=value" of the directive that is being read, if it
 * is one of NGX_HTTP_TOKEN_REVOKE_REDIS_PARAMS.  Returns NGX_OK,
 * NGX_DECLINED: it is another one; or NGX_ERROR: what is wrong was said.
 */

#define NGX_HTTP_TOKEN_REVOKE_REDIS_PARAMS                                    \
    "\"redis=\", \"timeout=\", \"password_file=\", \"ca=\", \"cert=\", \"key=\""

ngx_int_t ngx_http_token_revoke_redis_param(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_str_t *arg);

/*
 * When all arguments were taken.  Returns NGX_CONF_OK, or what nginx says
 * behind the name of the directive.
 */

char *ngx_http_token_revoke_redis_check(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis);

/* of the others: sets what the URL says, and checks what is said of TLS */

char *ngx_http_token_revoke_redis_url(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis, ngx_str_t *value);

char *ngx_http_token_revoke_redis_tls(ngx_conf_t *cf,
    ngx_http_token_revoke_redis_t *redis);

/*
 * When the whole configuration was read: names become addresses.  NGX_ERROR:
 * one has none, which was said.
 */

ngx_int_t ngx_http_token_revoke_redis_resolve(ngx_conf_t *cf);


#pragma GCC visibility pop


#endif /* _NGX_HTTP_TOKEN_REVOKE_REDIS_H_INCLUDED_ */
