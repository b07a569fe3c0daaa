
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a zone is told: token_revoke_zone.
 */


#include "ngx_http_token_revoke.h"

#include "core/trv_url.h"


/* the longest password that a file may hold, and what a URL says at most */

#define NGX_HTTP_TOKEN_REVOKE_PASSWORD  4096

/* a zone: the shapes take 300 KB of it, though not of memory */

#define NGX_HTTP_TOKEN_REVOKE_SIZE_MIN  (1024 * 1024)


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
static char *ngx_http_token_revoke_zone_set_redis(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value);
static char *ngx_http_token_revoke_zone_set_log(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value);
static char *ngx_http_token_revoke_zone_set_timeout(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value);
static char *ngx_http_token_revoke_zone_set_retain(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value);
static char *ngx_http_token_revoke_zone_set_password(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value);
static const char *ngx_http_token_revoke_zone_later(const trv_url_t *url);
static char *ngx_http_token_revoke_zone_resolve(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, trv_url_t *url);
static ngx_int_t ngx_http_token_revoke_zone_copy(ngx_conf_t *cf,
    ngx_str_t *to, trv_str_t from);
static char *ngx_http_token_revoke_zone_add(ngx_conf_t *cf,
    ngx_http_token_revoke_main_conf_t *trmcf,
    ngx_http_token_revoke_zone_t *zone);


static ngx_http_token_revoke_param_t  ngx_http_token_revoke_params[] = {
    { ngx_string("zone="), ngx_http_token_revoke_zone_set_name },
    { ngx_string("redis="), ngx_http_token_revoke_zone_set_redis },
    { ngx_string("log="), ngx_http_token_revoke_zone_set_log },
    { ngx_string("retain="), ngx_http_token_revoke_zone_set_retain },
    { ngx_string("timeout="), ngx_http_token_revoke_zone_set_timeout },
    { ngx_string("password_file="), ngx_http_token_revoke_zone_set_password },
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

    ngx_str_set(&zone->log, "revoked");
    zone->timeout = 2000;
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

    if (zone->naddrs == 0) {
        return "needs \"redis=URL\"";
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

    name.data = arg->data;
    name.len = strcspn((char *) arg->data, "=:");

    for (i = 0; ngx_http_token_revoke_params[i].name.len; i++) {
        param = &ngx_http_token_revoke_params[i];

        if (arg->len < param->name.len
            || ngx_strncmp(arg->data, param->name.data, param->name.len) != 0)
        {
            continue;
        }

        if (*seen & ((ngx_uint_t) 1 << i)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate parameter \"%V\" in "
                               "\"token_revoke_zone\" directive", &name);
            return NGX_CONF_ERROR;
        }

        *seen |= (ngx_uint_t) 1 << i;

        value.data = arg->data + param->name.len;
        value.len = arg->len - param->name.len;

        if (value.len == 0) {
            return ngx_http_token_revoke_value_invalid(cf, arg,
                                                       "a value after \"=\"");
        }

        return param->set(cf, zone, &value);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\" in \"token_revoke_zone\" "
                       "directive, expected \"zone=\", \"redis=\", \"log=\", "
                       "\"timeout=\" or \"password_file=\"", &name);

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


/* the URL is not repeated in messages: it may have a password in it */

static char *
ngx_http_token_revoke_zone_set_redis(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value)
{
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

    if (trv_url_parse(text, buf, &url, &error) == TRV_OK) {
        error = ngx_http_token_revoke_zone_later(&url);
    }

    if (error) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"redis=\" URL in \"token_revoke_zone\" "
                           "directive: %s", error);
        return NGX_CONF_ERROR;
    }

    zone->redis.data = ngx_pnalloc(cf->pool, trv_url_format_len(&url));
    if (zone->redis.data == NULL) {
        return NGX_CONF_ERROR;
    }

    zone->redis.len = trv_url_format(&url, zone->redis.data);

    if (url.db) {
        zone->db.data = ngx_pnalloc(cf->pool, NGX_INT32_LEN);
        if (zone->db.data == NULL) {
            return NGX_CONF_ERROR;
        }

        zone->db.len = ngx_sprintf(zone->db.data, "%uD", url.db)
                       - zone->db.data;
    }

    if (ngx_http_token_revoke_zone_copy(cf, &zone->user, url.user) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (url.password.len) {

        if (zone->password.len) {
            return "has a password in \"redis=\" and a \"password_file=\"";
        }

        if (ngx_http_token_revoke_zone_copy(cf, &zone->password, url.password)
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return ngx_http_token_revoke_zone_resolve(cf, zone, &url);
}


/* what a URL may say and this version does not do */

static const char *
ngx_http_token_revoke_zone_later(const trv_url_t *url)
{
    if (url->kind == TRV_URL_SENTINEL) {
        return "Sentinel (redis+sentinel://) is not supported by this version";
    }

    if (url->tls) {
        return "TLS (rediss://) is not supported by this version";
    }

    if (url->nhosts > 1) {
        return "several hosts are not supported by this version";
    }

    return NULL;
}


/* names are resolved when the configuration is read */

static char *
ngx_http_token_revoke_zone_resolve(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, trv_url_t *url)
{
    size_t           len;
    u_char          *p;
    ngx_url_t        u;
    trv_url_host_t  *host;

    ngx_memzero(&u, sizeof(ngx_url_t));

    host = &url->hosts[0];

    if (url->kind == TRV_URL_UNIX) {
        len = sizeof("unix:") - 1 + url->path.len;

    } else {
        len = sizeof("[]") - 1 + host->host.len;
        u.default_port = host->port;
    }

    /* ngx_parse_url() wants a NUL behind the path of a socket */

    u.url.data = ngx_pnalloc(cf->pool, len + 1);
    if (u.url.data == NULL) {
        return NGX_CONF_ERROR;
    }

    if (url->kind == TRV_URL_UNIX) {
        p = ngx_sprintf(u.url.data, "unix:%*s%Z", url->path.len,
                        url->path.data);
        p--;

    } else if (host->ipv6) {
        p = ngx_sprintf(u.url.data, "[%*s]", host->host.len, host->host.data);

    } else {
        p = ngx_cpymem(u.url.data, host->host.data, host->host.len);
    }

    u.url.len = p - u.url.data;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "%s in \"redis=%V\" of \"token_revoke_zone\" "
                           "directive", u.err ? u.err : "invalid address",
                           &zone->redis);
        return NGX_CONF_ERROR;
    }

    zone->addrs = u.addrs;
    zone->naddrs = u.naddrs;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_token_revoke_zone_copy(ngx_conf_t *cf, ngx_str_t *to, trv_str_t from)
{
    to->len = from.len;
    to->data = ngx_pnalloc(cf->pool, from.len + 1);

    if (to->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(to->data, from.data, from.len);

    return NGX_OK;
}


static char *
ngx_http_token_revoke_zone_set_log(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value)
{
    zone->log = *value;

    return NGX_CONF_OK;
}


static char *
ngx_http_token_revoke_zone_set_timeout(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value)
{
    ngx_int_t  msec;

    msec = ngx_parse_time(value, 0);

    if (msec == NGX_ERROR || msec < 10 || msec > 60000) {
        return ngx_http_token_revoke_value_invalid(cf, value,
                                    "a time from 10ms to 60s in \"timeout=\"");
    }

    zone->timeout = msec;

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


/* the first line of the file, without its end */

static char *
ngx_http_token_revoke_zone_set_password(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *value)
{
    ssize_t     n;
    ngx_fd_t    fd;
    ngx_str_t   name, text;
    u_char      buf[NGX_HTTP_TOKEN_REVOKE_PASSWORD];

    if (zone->password.len) {
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

    zone->password.len = text.len;
    zone->password.data = ngx_pstrdup(cf->pool, &text);

    ngx_explicit_memzero(buf, sizeof(buf));

    return zone->password.data ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_token_revoke_zone_add(ngx_conf_t *cf,
    ngx_http_token_revoke_main_conf_t *trmcf,
    ngx_http_token_revoke_zone_t *zone)
{
    ngx_http_token_revoke_zone_t  **z;

    zone->shm_zone = ngx_shared_memory_add(cf, &zone->name, zone->size,
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
