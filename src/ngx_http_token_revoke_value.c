
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Setters that say which value was wrong and what was expected: nginx's own
 * say only "invalid value" for a time, and do not list the words.
 */


#include "ngx_http_token_revoke.h"


static char *ngx_http_token_revoke_value_number(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf, ngx_int_t number);


char *
ngx_http_token_revoke_value_invalid(ngx_conf_t *cf, ngx_str_t *value,
    const char *expected)
{
    ngx_str_t  *args;

    args = cf->args->elts;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, "
                       "expected %s", value, &args[0], expected);

    return NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_token_revoke_value_once(ngx_conf_t *cf, ngx_str_t *arg,
    size_t len, ngx_uint_t bit, ngx_uint_t *seen, ngx_str_t *value)
{
    ngx_str_t  name;

    if (*seen & bit) {
        name.data = arg->data;
        name.len = len - 1;

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate parameter \"%V\" in \"%V\" directive",
                           &name, cf->args->elts);
        return NGX_ERROR;
    }

    *seen |= bit;

    value->data = arg->data + len;
    value->len = arg->len - len;

    if (value->len == 0) {
        (void) ngx_http_token_revoke_value_invalid(cf, arg,
                                                   "a value after \"=\"");
        return NGX_ERROR;
    }

    return NGX_OK;
}


char *
ngx_http_token_revoke_value_time(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    return ngx_http_token_revoke_value_number(cf, cmd, conf,
                                              ngx_parse_time(&value[1], 0));
}


char *
ngx_http_token_revoke_value_code(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    return ngx_http_token_revoke_value_number(cf, cmd, conf,
                                        ngx_atoi(value[1].data, value[1].len));
}


/* ngx_msec_t and ngx_uint_t are one type, and so are their "not set" values */

static char *
ngx_http_token_revoke_value_number(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf, ngx_int_t number)
{
    ngx_str_t                      *value;
    ngx_uint_t                     *field;
    ngx_http_token_revoke_range_t  *range;

    field = (ngx_uint_t *) ((char *) conf + cmd->offset);

    if (*field != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    range = cmd->post;

    if (number == NGX_ERROR
        || (ngx_uint_t) number < range->min
        || (ngx_uint_t) number > range->max)
    {
        return ngx_http_token_revoke_value_invalid(cf, &value[1],
                                                   range->expected);
    }

    *field = number;

    return NGX_CONF_OK;
}


char *
ngx_http_token_revoke_value_name(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_str_t                      *value;
    ngx_uint_t                     *field, i;
    ngx_http_token_revoke_names_t  *post;

    field = (ngx_uint_t *) ((char *) conf + cmd->offset);

    if (*field != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    post = cmd->post;

    for (i = 0; post->names[i].name.len; i++) {

        if (value[1].len == post->names[i].name.len
            && ngx_strcasecmp(value[1].data, post->names[i].name.data) == 0)
        {
            *field = post->names[i].value;
            return NGX_CONF_OK;
        }
    }

    return ngx_http_token_revoke_value_invalid(cf, &value[1], post->expected);
}
