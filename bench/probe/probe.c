
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Measures the time inside the handler of the module, in a histogram: what
 * CPU of a whole request cannot show below a microsecond.  It is loaded behind
 * the module, whose handler is the first one of the preaccess phase, and takes
 * its place there.
 *
 *     location = /probe { token_revoke_probe; }
 *
 * answers with "count p25 p50 p75 p99", nanoseconds without the time that two
 * looks at the clock take, and begins again.  For benchmarks only: it is built
 * with the headers that the module was configured with, and says itself what
 * nginx's configure script writes for others.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


#define NGX_HTTP_TOKEN_REVOKE_PROBE_MAX   200000    /* nanoseconds */
#define NGX_HTTP_TOKEN_REVOKE_PROBE_LOOK  1000


static char *ngx_http_token_revoke_probe(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_token_revoke_probe_init(ngx_conf_t *cf);


static ngx_http_handler_pt  ngx_http_token_revoke_probed;
static uint64_t             ngx_http_token_revoke_probe_count;
static uint32_t
    ngx_http_token_revoke_probe_times[NGX_HTTP_TOKEN_REVOKE_PROBE_MAX];


static ngx_command_t  ngx_http_token_revoke_probe_commands[] = {

    { ngx_string("token_revoke_probe"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_token_revoke_probe,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_token_revoke_probe_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_token_revoke_probe_init,      /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_token_revoke_probe_module = {
    NGX_MODULE_V1,
    &ngx_http_token_revoke_probe_module_ctx,
    ngx_http_token_revoke_probe_commands,
    NGX_HTTP_MODULE,
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* what nginx looks for in a file that it loads */

ngx_module_t  *ngx_modules[] = {
    &ngx_http_token_revoke_probe_module,
    NULL
};


char  *ngx_module_names[] = {
    (char *) "ngx_http_token_revoke_probe_module",
    NULL
};


char  *ngx_module_order[] = {
    NULL
};


static uint64_t
ngx_http_token_revoke_probe_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}


/* what two looks at the clock take, at best */

static uint64_t
ngx_http_token_revoke_probe_cost(void)
{
    uint64_t    t, best;
    ngx_uint_t  i;

    best = NGX_HTTP_TOKEN_REVOKE_PROBE_MAX;

    for (i = 0; i < NGX_HTTP_TOKEN_REVOKE_PROBE_LOOK; i++) {
        t = ngx_http_token_revoke_probe_now();
        t = ngx_http_token_revoke_probe_now() - t;
        best = ngx_min(best, t);
    }

    return best;
}


static ngx_int_t
ngx_http_token_revoke_probe_phase(ngx_http_request_t *r)
{
    uint64_t   t;
    ngx_int_t  rc;

    t = ngx_http_token_revoke_probe_now();

    rc = ngx_http_token_revoke_probed(r);

    t = ngx_http_token_revoke_probe_now() - t;
    t = ngx_min(t, NGX_HTTP_TOKEN_REVOKE_PROBE_MAX - 1);

    ngx_http_token_revoke_probe_times[t]++;
    ngx_http_token_revoke_probe_count++;

    return rc;
}


/* the time below which so many of a hundred are */

static uint64_t
ngx_http_token_revoke_probe_quantile(ngx_uint_t percent, uint64_t cost)
{
    uint64_t    n, wanted;
    ngx_uint_t  i;

    wanted = ngx_http_token_revoke_probe_count * percent / 100;
    n = 0;

    for (i = 0; i < NGX_HTTP_TOKEN_REVOKE_PROBE_MAX - 1; i++) {
        n += ngx_http_token_revoke_probe_times[i];

        if (n > wanted) {
            break;
        }
    }

    return i > cost ? i - cost : 0;
}


static ngx_int_t
ngx_http_token_revoke_probe_handler(ngx_http_request_t *r)
{
    u_char                     *p;
    uint64_t                    cost;
    ngx_int_t                   rc;
    ngx_str_t                   type;
    ngx_http_complex_value_t    cv;

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_pnalloc(r->pool, 5 * NGX_INT64_LEN + 5);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cost = ngx_http_token_revoke_probe_cost();

    ngx_memzero(&cv, sizeof(cv));
    cv.value.data = p;
    cv.value.len = ngx_sprintf(p, "%uL %uL %uL %uL %uL\n",
                               ngx_http_token_revoke_probe_count,
                               ngx_http_token_revoke_probe_quantile(25, cost),
                               ngx_http_token_revoke_probe_quantile(50, cost),
                               ngx_http_token_revoke_probe_quantile(75, cost),
                               ngx_http_token_revoke_probe_quantile(99, cost))
                   - p;

    ngx_memzero(ngx_http_token_revoke_probe_times,
                sizeof(ngx_http_token_revoke_probe_times));
    ngx_http_token_revoke_probe_count = 0;

    ngx_str_set(&type, "text/plain");

    return ngx_http_send_response(r, NGX_HTTP_OK, &type, &cv);
}


static char *
ngx_http_token_revoke_probe(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_token_revoke_probe_handler;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_token_revoke_probe_init(ngx_conf_t *cf)
{
    ngx_array_t                *handlers;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    handlers = &cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers;

    if (handlers->nelts == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "token_revoke_probe needs the module before it");
        return NGX_ERROR;
    }

    h = handlers->elts;
    ngx_http_token_revoke_probed = h[0];
    h[0] = ngx_http_token_revoke_probe_phase;

    return NGX_OK;
}
