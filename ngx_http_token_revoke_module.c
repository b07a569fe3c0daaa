
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The door: what nginx knows of us.
 */


#include "ngx_http_token_revoke.h"


static ngx_int_t ngx_http_token_revoke_postconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_token_revoke_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_token_revoke_init_process(ngx_cycle_t *cycle);
static void ngx_http_token_revoke_exit_process(ngx_cycle_t *cycle);


#define NGX_HTTP_TOKEN_REVOKE_ANY                                             \
    (NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF)


static ngx_conf_enum_t  ngx_http_token_revoke_on_error_names[] = {
    { ngx_string("deny"), NGX_HTTP_TOKEN_REVOKE_DENY },
    { ngx_string("allow"), NGX_HTTP_TOKEN_REVOKE_ALLOW },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_token_revoke_log_level_names[] = {
    { ngx_string("info"), NGX_LOG_INFO },
    { ngx_string("notice"), NGX_LOG_NOTICE },
    { ngx_string("warn"), NGX_LOG_WARN },
    { ngx_string("error"), NGX_LOG_ERR },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_token_revoke_flag_names[] = {
    { ngx_string("on"), 1 },
    { ngx_string("off"), 0 },
    { ngx_null_string, 0 }
};


static ngx_http_token_revoke_names_t  ngx_http_token_revoke_on_error = {
    ngx_http_token_revoke_on_error_names, "\"deny\" or \"allow\""
};


static ngx_http_token_revoke_names_t  ngx_http_token_revoke_log_level = {
    ngx_http_token_revoke_log_level_names,
    "\"info\", \"notice\", \"warn\" or \"error\""
};


static ngx_http_token_revoke_names_t  ngx_http_token_revoke_flag = {
    ngx_http_token_revoke_flag_names, "\"on\" or \"off\""
};


static ngx_http_token_revoke_range_t  ngx_http_token_revoke_wait_range = {
    0, 60 * 1000, "a time from 0 to 60s, like \"2s\" or \"500ms\""
};


static ngx_http_token_revoke_range_t  ngx_http_token_revoke_leeway_range = {
    0, 24 * 3600 * 1000, "a time from 0 to 1d, like \"30s\""
};


static ngx_http_token_revoke_range_t  ngx_http_token_revoke_stale_range = {
    100, (ngx_msec_t) 365 * 86400 * 1000,
    "a time from 100ms to 365d, like \"5m\""
};


static ngx_http_token_revoke_range_t  ngx_http_token_revoke_status_range = {
    400, 599, "a status code from 400 to 599"
};


static ngx_command_t  ngx_http_token_revoke_commands[] = {

    { ngx_string("token_revoke_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_token_revoke_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("token_revoke"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE1,
      ngx_http_token_revoke,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("token_revoke_from"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_1MORE,
      ngx_http_token_revoke_from,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("token_revoke_attribute"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE2,
      ngx_http_token_revoke_attribute,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("token_revoke_issued_at"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_token_revoke_loc_conf_t, issued_at),
      NULL },

    { ngx_string("token_revoke_leeway"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE1,
      ngx_http_token_revoke_value_time,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_token_revoke_loc_conf_t, leeway),
      &ngx_http_token_revoke_leeway_range },

    { ngx_string("token_revoke_on_error"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE1,
      ngx_http_token_revoke_value_name,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_token_revoke_loc_conf_t, on_error),
      &ngx_http_token_revoke_on_error },

    { ngx_string("token_revoke_wait"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE1,
      ngx_http_token_revoke_value_time,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_token_revoke_loc_conf_t, wait),
      &ngx_http_token_revoke_wait_range },

    { ngx_string("token_revoke_max_stale"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE1,
      ngx_http_token_revoke_value_time,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_token_revoke_loc_conf_t, max_stale),
      &ngx_http_token_revoke_stale_range },

    { ngx_string("token_revoke_status"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE1,
      ngx_http_token_revoke_value_code,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_token_revoke_loc_conf_t, status),
      &ngx_http_token_revoke_status_range },

    { ngx_string("token_revoke_dry_run"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE1,
      ngx_http_token_revoke_value_name,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_token_revoke_loc_conf_t, dry_run),
      &ngx_http_token_revoke_flag },

    { ngx_string("token_revoke_strict"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE1,
      ngx_http_token_revoke_value_name,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_token_revoke_loc_conf_t, strict),
      &ngx_http_token_revoke_flag },

    { ngx_string("token_revoke_query"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_1MORE,
      ngx_http_token_revoke_query,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("token_revoke_log_level"),
      NGX_HTTP_TOKEN_REVOKE_ANY|NGX_CONF_TAKE1,
      ngx_http_token_revoke_value_name,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_token_revoke_loc_conf_t, log_level),
      &ngx_http_token_revoke_log_level },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_token_revoke_module_ctx = {
    ngx_http_token_revoke_add_variables,       /* preconfiguration */
    ngx_http_token_revoke_postconfiguration,   /* postconfiguration */

    ngx_http_token_revoke_create_main_conf,    /* create main conf */
    NULL,                                      /* init main conf */

    NULL,                                      /* create server conf */
    NULL,                                      /* merge server conf */

    ngx_http_token_revoke_create_loc_conf,     /* create location conf */
    ngx_http_token_revoke_merge_loc_conf       /* merge location conf */
};


ngx_module_t  ngx_http_token_revoke_module = {
    NGX_MODULE_V1,
    &ngx_http_token_revoke_module_ctx,         /* module context */
    ngx_http_token_revoke_commands,            /* module directives */
    NGX_HTTP_MODULE,                           /* module type */
    NULL,                                      /* init master */
    ngx_http_token_revoke_init_module,         /* init module */
    ngx_http_token_revoke_init_process,        /* init process */
    NULL,                                      /* init thread */
    NULL,                                      /* exit thread */
    ngx_http_token_revoke_exit_process,        /* exit process */
    NULL,                                      /* exit master */
    NGX_MODULE_V1_PADDING
};


/*
 * The handlers of a phase run last to first, so ours goes to the front of the
 * array: behind limit_conn, limit_req and realip, whether the module is
 * linked in or loaded.  In front of them a flood would make us work unlimited.
 */

static ngx_int_t
ngx_http_token_revoke_postconfiguration(ngx_conf_t *cf)
{
    ngx_array_t                *handlers;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    handlers = &cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers;

    h = ngx_array_push(handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h = handlers->elts;
    ngx_memmove(&h[1], &h[0], (handlers->nelts - 1) * sizeof(h[0]));
    h[0] = ngx_http_token_revoke_handler;

    return ngx_http_token_revoke_redis_resolve(cf);
}


/* after the zones, and only if all of them were initialized */

static ngx_int_t
ngx_http_token_revoke_init_module(ngx_cycle_t *cycle)
{
    ngx_http_token_revoke_main_conf_t  *trmcf;

    trmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                                ngx_http_token_revoke_module);

    ngx_http_token_revoke_found_settle(trmcf ? &trmcf->zones : NULL);

    return NGX_OK;
}


/*
 * Number 0 follows the logs, and each worker asks where a location is strict
 * or has queries.
 * Helpers (the cache manager) have number 0 too, so the kind of process is
 * looked at as well.
 */

static ngx_int_t
ngx_http_token_revoke_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                          i;
    ngx_http_token_revoke_zone_t      **zone;
    ngx_http_token_revoke_main_conf_t  *trmcf;

    trmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                                ngx_http_token_revoke_module);

    if (trmcf == NULL
        || (trmcf->zones.nelts == 0 && trmcf->asked.nelts == 0))
    {
        return NGX_OK;
    }

    zone = trmcf->zones.elts;

    for (i = 0; i < trmcf->zones.nelts; i++) {
        ngx_http_token_revoke_memory_close(zone[i]);
    }

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    ngx_http_token_revoke_count_init(cycle, trmcf->zones.nelts);

    if (ngx_http_token_revoke_traits_init(cycle, &trmcf->zones)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* half of the connections may wait, the others are for what is decided */

    ngx_http_token_revoke_wait_init(cycle, cycle->connection_n / 2);

    for (i = 0; i < trmcf->zones.nelts; i++) {

        if (zone[i]->asks
            && ngx_http_token_revoke_strict_start(zone[i], cycle) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (ngx_worker == 0
            && ngx_http_token_revoke_follow_start(zone[i], cycle) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_token_revoke_query_start(&trmcf->asked, cycle);
}


static void
ngx_http_token_revoke_exit_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                          i;
    ngx_http_token_revoke_zone_t      **zone;
    ngx_http_token_revoke_main_conf_t  *trmcf;

    trmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                                ngx_http_token_revoke_module);

    if (trmcf == NULL) {
        return;
    }

    zone = trmcf->zones.elts;

    for (i = 0; i < trmcf->zones.nelts; i++) {
        ngx_http_token_revoke_follow_stop(zone[i]);
        ngx_http_token_revoke_strict_stop(zone[i]);
    }

    ngx_http_token_revoke_query_stop(&trmcf->asked);

    ngx_http_token_revoke_traits_done();
}
