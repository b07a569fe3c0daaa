
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a zone is told: token_revoke_zone.
 */


#include "ngx_http_token_revoke.h"


/* a zone: the shapes take 300 KB of it, though not of memory */

#define NGX_HTTP_TOKEN_REVOKE_SIZE_MIN  (1024 * 1024)

/* the longest name of an edge */

#define NGX_HTTP_TOKEN_REVOKE_EDGE_MAX  128


typedef char *(*ngx_http_token_revoke_param_pt)(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value);


typedef struct {
    ngx_str_t                       name;       /* with the "=" */
    ngx_http_token_revoke_param_pt  set;
} ngx_http_token_revoke_param_t;


static char *ngx_http_token_revoke_zone_param(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *arg, ngx_uint_t *seen);
static char *ngx_http_token_revoke_zone_set_name(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value);
static char *ngx_http_token_revoke_zone_set_log(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value);
static char *ngx_http_token_revoke_zone_set_retain(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value);
static char *ngx_http_token_revoke_zone_set_edge(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value);
static char *ngx_http_token_revoke_zone_add(ngx_conf_t *cf,
    ngx_http_token_revoke_main_conf_t *trmcf,
    ngx_http_token_revoke_zone_t *zone);


static ngx_http_token_revoke_param_t  ngx_http_token_revoke_params[] = {
    { ngx_string("zone="), ngx_http_token_revoke_zone_set_name },
    { ngx_string("log="), ngx_http_token_revoke_zone_set_log },
    { ngx_string("retain="), ngx_http_token_revoke_zone_set_retain },
    { ngx_string("edge="), ngx_http_token_revoke_zone_set_edge },
    { ngx_null_string, NULL }
};


char *
ngx_http_token_revoke_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                          *rv;
    ngx_str_t                     *value;
    ngx_uint_t                     i, seen;
    ngx_http_token_revoke_zone_t  *zone;

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_token_revoke_zone_t));
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    zone->redis = ngx_http_token_revoke_redis_create(cf);
    if (zone->redis == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_str_set(&zone->log, "revoked");
    zone->max_stale = 300000;

    value = cf->args->elts;
    seen = 0;

    for (i = 1; i < cf->args->nelts; i++) {
        rv = ngx_http_token_revoke_zone_param(cf, zone, &value[i], &seen);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (zone->name.len == 0) {
        return "needs \"zone=NAME:SIZE\"";
    }

    rv = ngx_http_token_revoke_redis_check(cf, zone->redis);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_http_token_revoke_zone_add(cf, conf, zone);
}


/*
 * What is wrong is named by what is before "=" or ":": behind it is, or may
 * have been meant to be, a URL with a password.
 */

static char *
ngx_http_token_revoke_zone_param(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *arg, ngx_uint_t *seen)
{
    ngx_str_t                       value, name;
    ngx_uint_t                      i;
    ngx_http_token_revoke_param_t  *param;

    for (i = 0; ngx_http_token_revoke_params[i].name.len; i++) {
        param = &ngx_http_token_revoke_params[i];

        if (arg->len < param->name.len
            || ngx_strncmp(arg->data, param->name.data, param->name.len) != 0)
        {
            continue;
        }

        if (ngx_http_token_revoke_value_once(cf, arg, param->name.len,
                                             (ngx_uint_t) 1 << i, seen, &value)
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        return param->set(cf, zone, &value);
    }

    switch (ngx_http_token_revoke_redis_param(cf, zone->redis, arg)) {

    case NGX_OK:
        return NGX_CONF_OK;

    case NGX_ERROR:
        return NGX_CONF_ERROR;

    default:
        break;
    }

    name.data = arg->data;
    name.len = strcspn((char *) arg->data, "=:");

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\" in \"token_revoke_zone\" "
                       "directive, expected \"zone=\", "
                       NGX_HTTP_TOKEN_REVOKE_REDIS_PARAMS
                       ", \"log=\" or \"retain=\"", &name);

    return NGX_CONF_ERROR;
}


/* name:size, as in limit_req_zone, with "g" */

static char *
ngx_http_token_revoke_zone_set_name(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value)
{
    u_char     *colon;
    off_t       size;
    ngx_str_t   text;

    colon = (u_char *) ngx_strchr(value->data, ':');

    if (colon == NULL || colon == value->data) {
        return ngx_http_token_revoke_value_invalid(cf, value,
                                        "a name and a size, like \"edge:1g\"");
    }

    text.data = colon + 1;
    text.len = value->data + value->len - text.data;

    size = ngx_parse_offset(&text);

    if (size == NGX_ERROR || size < NGX_HTTP_TOKEN_REVOKE_SIZE_MIN
        || size > NGX_MAX_SIZE_T_VALUE)
    {
        return ngx_http_token_revoke_value_invalid(cf, value,
                         "a name and a size of 1m or more, like "
                         "\"edge:1g\"");
    }

    zone->name.data = value->data;
    zone->name.len = colon - value->data;
    zone->size = (ssize_t) size;

    return NGX_CONF_OK;
}


static char *
ngx_http_token_revoke_zone_set_log(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value)
{
    zone->log = *value;

    return NGX_CONF_OK;
}


/* seconds for which a rule without an end of its own is kept */

static char *
ngx_http_token_revoke_zone_set_retain(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value)
{
    zone->retain = ngx_parse_time(value, 1);

    if (zone->retain == (time_t) NGX_ERROR || zone->retain < 60) {
        return ngx_http_token_revoke_value_invalid(cf, value,
                                    "a time of 60s or more in \"retain=\"");
    }

    return NGX_CONF_OK;
}


/* shown to operators, and a word of an answer to them: no blanks */

static char *
ngx_http_token_revoke_zone_set_edge(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value)
{
    size_t  len;

    len = strspn((char *) value->data,
                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                 "0123456789.-_:/@");

    if (len != value->len || len > NGX_HTTP_TOKEN_REVOKE_EDGE_MAX) {
        return ngx_http_token_revoke_value_invalid(cf, value,
                                "up to 128 letters, digits and any of "
                                "\".-_:/@\" in \"edge=\"");
    }

    zone->edge = *value;

    return NGX_CONF_OK;
}


static char *
ngx_http_token_revoke_zone_add(ngx_conf_t *cf,
    ngx_http_token_revoke_main_conf_t *trmcf,
    ngx_http_token_revoke_zone_t *zone)
{
    size_t                          size;
    ngx_http_token_revoke_zone_t  **z;

    size = zone->size + ngx_http_token_revoke_pages_extra(zone->size);

    zone->shm_zone = ngx_shared_memory_add(cf, &zone->name, size,
                                           &ngx_http_token_revoke_module);
    if (zone->shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    if (zone->shm_zone->data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate zone \"%V\" in \"token_revoke_zone\" "
                           "directive", &zone->name);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_token_revoke_memory_init(cf, zone) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    zone->shm_zone->init = ngx_http_token_revoke_zone_init;
    zone->shm_zone->data = zone;

    z = ngx_array_push(&trmcf->zones);
    if (z == NULL) {
        return NGX_CONF_ERROR;
    }

    *z = zone;
    zone->index = trmcf->zones.nelts - 1;

    return NGX_CONF_OK;
}
