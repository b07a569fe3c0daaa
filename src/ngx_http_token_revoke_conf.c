
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a location is told: token_revoke, token_revoke_from, and how the
 * levels of the configuration inherit.
 */


#include "ngx_http_token_revoke.h"


#define NGX_HTTP_TOKEN_REVOKE_SOURCES                                         \
    "\"bearer\", \"basic\", \"auth:SCHEME\", \"cookie:NAME\", "               \
    "\"header:NAME\", \"arg:NAME\" or \"$variable\""


typedef struct {
    ngx_str_t                       text;
    ngx_http_token_revoke_source_e  type;
} ngx_http_token_revoke_word_t;


static char *ngx_http_token_revoke_source_parse(ngx_conf_t *cf,
    ngx_str_t *value, ngx_http_token_revoke_source_t *source);
static ngx_uint_t ngx_http_token_revoke_source_is_token(ngx_str_t *name);
static ngx_int_t ngx_http_token_revoke_conf_zone(ngx_conf_t *cf,
    ngx_http_token_revoke_loc_conf_t *trlcf);
static ngx_int_t ngx_http_token_revoke_conf_bearer(ngx_conf_t *cf,
    ngx_http_token_revoke_loc_conf_t *trlcf);


/* a word with a colon is followed by a name */

static ngx_http_token_revoke_word_t  ngx_http_token_revoke_words[] = {
    { ngx_string("bearer"), NGX_HTTP_TOKEN_REVOKE_BEARER },
    { ngx_string("basic"), NGX_HTTP_TOKEN_REVOKE_BASIC },
    { ngx_string("auth:"), NGX_HTTP_TOKEN_REVOKE_AUTH },
    { ngx_string("cookie:"), NGX_HTTP_TOKEN_REVOKE_COOKIE },
    { ngx_string("header:"), NGX_HTTP_TOKEN_REVOKE_HEADER },
    { ngx_string("arg:"), NGX_HTTP_TOKEN_REVOKE_ARG },
    { ngx_null_string, 0 }
};


/* token_revoke zone=name | off */

char *
ngx_http_token_revoke(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_token_revoke_loc_conf_t *trlcf = conf;

    ngx_str_t  *value;

    if (trlcf->zone_name.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        ngx_str_set(&trlcf->zone_name, "");
        return NGX_CONF_OK;
    }

    if (value[1].len <= 5 || ngx_strncmp(value[1].data, "zone=", 5) != 0) {
        return ngx_http_token_revoke_value_invalid(cf, &value[1],
                                                   "\"zone=NAME\" or \"off\"");
    }

    trlcf->zone_name.data = value[1].data + 5;
    trlcf->zone_name.len = value[1].len - 5;

    return NGX_CONF_OK;
}


/* token_revoke_from source ... */

char *
ngx_http_token_revoke_from(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_token_revoke_loc_conf_t *trlcf = conf;

    ngx_str_t                       *value;
    ngx_uint_t                       i, j;
    ngx_http_token_revoke_source_t  *source, *sources;

    if (trlcf->sources != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    trlcf->sources = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                      sizeof(ngx_http_token_revoke_source_t));
    if (trlcf->sources == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        source = ngx_array_push(trlcf->sources);
        if (source == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ngx_http_token_revoke_source_parse(cf, &value[i], source)
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }

        sources = trlcf->sources->elts;

        for (j = 0; j < i - 1; j++) {
            if (sources[j].text.len == source->text.len
                && ngx_strncmp(sources[j].text.data, source->text.data,
                               source->text.len)
                   == 0)
            {
                return ngx_http_token_revoke_value_invalid(cf, &value[i],
                                                "each source to be named once");
            }
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_token_revoke_source_parse(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_token_revoke_source_t *source)
{
    ngx_str_t                     *text;
    ngx_uint_t                     named;
    ngx_http_token_revoke_word_t  *word;

    ngx_memzero(source, sizeof(ngx_http_token_revoke_source_t));

    source->text = *value;

    if (value->len > 1 && value->data[0] == '$') {
        source->type = NGX_HTTP_TOKEN_REVOKE_VARIABLE;
        source->name.data = value->data + 1;
        source->name.len = value->len - 1;

        source->index = ngx_http_get_variable_index(cf, &source->name);

        return source->index == NGX_ERROR ? NGX_CONF_ERROR : NGX_CONF_OK;
    }

    for (word = ngx_http_token_revoke_words; word->text.len; word++) {
        text = &word->text;
        named = (text->data[text->len - 1] == ':');

        if (value->len < text->len
            || ngx_strncmp(value->data, text->data, text->len) != 0
            || (named ? value->len == text->len : value->len != text->len))
        {
            continue;
        }

        source->type = word->type;
        source->name.data = value->data + text->len;
        source->name.len = value->len - text->len;

        if (word->type != NGX_HTTP_TOKEN_REVOKE_ARG
            && !ngx_http_token_revoke_source_is_token(&source->name))
        {
            return ngx_http_token_revoke_value_invalid(cf, value,
                                         "a name of letters, digits and "
                                         "\"!#$%&'*+-.^_`|~\" after the colon");
        }

        return NGX_CONF_OK;
    }

    return ngx_http_token_revoke_value_invalid(cf, value,
                                               NGX_HTTP_TOKEN_REVOKE_SOURCES);
}


/* token, RFC 9110, section 5.6.2: what schemes, fields and cookies are named */

static ngx_uint_t
ngx_http_token_revoke_source_is_token(ngx_str_t *name)
{
    size_t  i;
    u_char  c;

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9'))
        {
            continue;
        }

        if (c == '\0' || ngx_strchr("!#$%&'*+-.^_`|~", c) == NULL) {
            return 0;
        }
    }

    return 1;
}


void *
ngx_http_token_revoke_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_token_revoke_main_conf_t  *trmcf;

    trmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_token_revoke_main_conf_t));
    if (trmcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&trmcf->zones, cf->pool, 2,
                       sizeof(ngx_http_token_revoke_zone_t *))
        != NGX_OK
        || ngx_array_init(&trmcf->redis, cf->pool, 2,
                          sizeof(ngx_http_token_revoke_redis_t *))
           != NGX_OK
        || ngx_array_init(&trmcf->asked, cf->pool, 2, sizeof(void *))
           != NGX_OK)
    {
        return NULL;
    }

    return trmcf;
}


void *
ngx_http_token_revoke_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_token_revoke_loc_conf_t  *trlcf;

    trlcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_token_revoke_loc_conf_t));
    if (trlcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc(): zone = NULL, zone_name = { 0, NULL },
     *                       issued_at = NULL
     */

    trlcf->sources = NGX_CONF_UNSET_PTR;
    trlcf->attributes = NGX_CONF_UNSET_PTR;
    trlcf->queries = NGX_CONF_UNSET_PTR;
    trlcf->leeway = NGX_CONF_UNSET_MSEC;
    trlcf->on_error = NGX_CONF_UNSET_UINT;
    trlcf->wait = NGX_CONF_UNSET_MSEC;
    trlcf->max_stale = NGX_CONF_UNSET_MSEC;
    trlcf->status = NGX_CONF_UNSET_UINT;
    trlcf->log_level = NGX_CONF_UNSET_UINT;
    trlcf->dry_run = NGX_CONF_UNSET_UINT;
    trlcf->strict = NGX_CONF_UNSET_UINT;

    return trlcf;
}


char *
ngx_http_token_revoke_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_token_revoke_loc_conf_t *prev = parent;
    ngx_http_token_revoke_loc_conf_t *conf = child;

    ngx_conf_merge_uint_value(conf->on_error, prev->on_error,
                              NGX_HTTP_TOKEN_REVOKE_DENY);
    ngx_conf_merge_msec_value(conf->wait, prev->wait, 2000);
    ngx_conf_merge_msec_value(conf->max_stale, prev->max_stale, 300000);
    ngx_conf_merge_uint_value(conf->status, prev->status,
                              NGX_HTTP_UNAUTHORIZED);
    ngx_conf_merge_uint_value(conf->log_level, prev->log_level,
                              NGX_LOG_NOTICE);
    ngx_conf_merge_uint_value(conf->dry_run, prev->dry_run, 0);
    ngx_conf_merge_uint_value(conf->strict, prev->strict, 0);

    if (conf->zone_name.data == NULL) {
        conf->zone_name = prev->zone_name;
    }

    ngx_conf_merge_ptr_value(conf->sources, prev->sources, NULL);
    ngx_conf_merge_ptr_value(conf->attributes, prev->attributes, NULL);
    ngx_conf_merge_ptr_value(conf->queries, prev->queries, NULL);
    ngx_conf_merge_msec_value(conf->leeway, prev->leeway, 0);

    if (conf->issued_at == NULL) {
        conf->issued_at = prev->issued_at;
    }

    if (conf->zone_name.len == 0 && conf->queries == NULL) {
        return NGX_CONF_OK;
    }

    if (conf->sources == NULL
        && ngx_http_token_revoke_conf_bearer(cf, conf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->zone_name.len == 0) {
        return NGX_CONF_OK;
    }

    if (ngx_http_token_revoke_conf_zone(cf, conf) != NGX_OK
        || ngx_http_token_revoke_attribute_merge(cf, conf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* the default of token_revoke_from */

static ngx_int_t
ngx_http_token_revoke_conf_bearer(ngx_conf_t *cf,
    ngx_http_token_revoke_loc_conf_t *trlcf)
{
    ngx_http_token_revoke_source_t  *source;

    trlcf->sources = ngx_array_create(cf->pool, 1,
                                      sizeof(ngx_http_token_revoke_source_t));
    if (trlcf->sources == NULL) {
        return NGX_ERROR;
    }

    source = ngx_array_push(trlcf->sources);
    if (source == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(source, sizeof(ngx_http_token_revoke_source_t));

    source->type = NGX_HTTP_TOKEN_REVOKE_BEARER;
    ngx_str_set(&source->text, "bearer");

    return NGX_OK;
}


/*
 * Merging comes when the whole "http" block has been read: a zone may be
 * defined after the location that uses it.
 */

static ngx_int_t
ngx_http_token_revoke_conf_zone(ngx_conf_t *cf,
    ngx_http_token_revoke_loc_conf_t *trlcf)
{
    ngx_uint_t                          i;
    ngx_http_token_revoke_zone_t      **zone;
    ngx_http_token_revoke_main_conf_t  *trmcf;

    trmcf = ngx_http_conf_get_module_main_conf(cf,
                                               ngx_http_token_revoke_module);
    zone = trmcf->zones.elts;

    for (i = 0; i < trmcf->zones.nelts; i++) {

        if (zone[i]->name.len != trlcf->zone_name.len
            || ngx_strncmp(zone[i]->name.data, trlcf->zone_name.data,
                           zone[i]->name.len)
               != 0)
        {
            continue;
        }

        trlcf->zone = zone[i];

        if (trlcf->max_stale < zone[i]->max_stale) {
            zone[i]->max_stale = trlcf->max_stale;
        }

        zone[i]->dry_run |= trlcf->dry_run;

        /* a dry run waits for nothing, so it asks for nothing */

        if (trlcf->strict && !trlcf->dry_run) {
            zone[i]->asks = 1;
        }

        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "unknown zone \"%V\" in \"token_revoke\" directive, "
                  "expected the name of a \"token_revoke_zone\"",
                  &trlcf->zone_name);

    return NGX_ERROR;
}
