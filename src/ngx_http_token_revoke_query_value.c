
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The words of a query, for one token.  nginx's complex values would not do:
 * they do not say that one of their variables is empty.
 */


#include "ngx_http_token_revoke_query.h"


static ngx_int_t ngx_http_token_revoke_query_part(ngx_conf_t *cf,
    ngx_str_t *text, size_t *at, ngx_http_token_revoke_part_t *part);
static size_t ngx_http_token_revoke_query_name(u_char *p, u_char *last);
static ngx_int_t ngx_http_token_revoke_query_word(ngx_http_request_t *r,
    ngx_http_token_revoke_phrase_t *word, ngx_str_t *value);
static ngx_int_t ngx_http_token_revoke_query_get(ngx_http_request_t *r,
    ngx_http_token_revoke_part_t *part, ngx_str_t *value);


ngx_int_t
ngx_http_token_revoke_query_compile(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_token_revoke_phrase_t *word)
{
    size_t                         at;
    ngx_http_token_revoke_part_t  *part;

    if (ngx_array_init(&word->parts, cf->pool, 1,
                       sizeof(ngx_http_token_revoke_part_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    at = 0;

    do {
        part = ngx_array_push(&word->parts);

        if (part == NULL
            || ngx_http_token_revoke_query_part(cf, text, &at, part) != NGX_OK)
        {
            return NGX_ERROR;
        }

        word->varies |= part->index != NGX_ERROR;

    } while (at < text->len);

    return NGX_OK;
}


/* the text up to a variable, or a variable: $name or ${name} */

static ngx_int_t
ngx_http_token_revoke_query_part(ngx_conf_t *cf, ngx_str_t *text, size_t *at,
    ngx_http_token_revoke_part_t *part)
{
    u_char      *p, *last;
    ngx_str_t    name;
    ngx_uint_t   brace;

    p = text->data + *at;
    last = text->data + text->len;

    if (p == last || *p != '$') {
        part->index = NGX_ERROR;
        part->text.data = p;

        while (p < last && *p != '$') {
            p++;
        }

        part->text.len = p - part->text.data;
        *at += part->text.len;

        return NGX_OK;
    }

    p++;
    brace = (p < last && *p == '{');

    name.data = p + brace;
    name.len = ngx_http_token_revoke_query_name(name.data, last);

    p = name.data + name.len;

    if (name.len == 0 || (name.data[0] >= '0' && name.data[0] <= '9')
        || (brace && (p == last || *p != '}')))
    {
        (void) ngx_http_token_revoke_value_invalid(cf, text,
                                     "variables to be \"$name\" or "
                                     "\"${name}\", and captures to be named");
        return NGX_ERROR;
    }

    part->index = ngx_http_get_variable_index(cf, &name);
    *at = p + brace - text->data;

    return part->index == NGX_ERROR ? NGX_ERROR : NGX_OK;
}


static size_t
ngx_http_token_revoke_query_name(u_char *p, u_char *last)
{
    u_char  c, *start;

    for (start = p; p < last; p++) {
        c = *p;

        if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z')
            && !(c >= '0' && c <= '9') && c != '_')
        {
            break;
        }
    }

    return p - start;
}


ngx_int_t
ngx_http_token_revoke_query_evaluate(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_query_t *query, ngx_str_t *words)
{
    size_t      bytes;
    ngx_int_t   rc;
    ngx_uint_t  i;

    bytes = 0;
    rc = NGX_OK;

    ctx->evaluating = 1;
    ctx->unreadable = 0;

    for (i = 0; i < query->nwords && rc == NGX_OK; i++) {
        rc = ngx_http_token_revoke_query_word(ctx->request, &query->words[i],
                                              &words[i]);
        bytes += words[i].len;
    }

    ctx->evaluating = 0;

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (ctx->unreadable || bytes > NGX_HTTP_TOKEN_REVOKE_QUERY_BYTES) {
        return NGX_ABORT;
    }

    return rc;
}


static ngx_int_t
ngx_http_token_revoke_query_word(ngx_http_request_t *r,
    ngx_http_token_revoke_phrase_t *word, ngx_str_t *value)
{
    size_t                         len;
    u_char                        *p;
    ngx_int_t                      rc;
    ngx_str_t                     *text;
    ngx_uint_t                     i, n;
    ngx_http_token_revoke_part_t  *part;

    value->len = 0;

    part = word->parts.elts;
    n = word->parts.nelts;

    if (n == 1) {
        return ngx_http_token_revoke_query_get(r, part, value);
    }

    text = ngx_palloc(r->pool, n * sizeof(ngx_str_t));
    if (text == NULL) {
        return NGX_ERROR;
    }

    len = 0;

    for (i = 0; i < n; i++) {
        rc = ngx_http_token_revoke_query_get(r, &part[i], &text[i]);

        if (rc != NGX_OK) {
            return rc;
        }

        len += text[i].len;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;
    value->len = len;

    for (i = 0; i < n; i++) {
        p = ngx_cpymem(p, text[i].data, text[i].len);
    }

    return NGX_OK;
}


/* NGX_DECLINED: it is empty */

static ngx_int_t
ngx_http_token_revoke_query_get(ngx_http_request_t *r,
    ngx_http_token_revoke_part_t *part, ngx_str_t *value)
{
    ngx_http_variable_value_t  *vv;

    if (part->index == NGX_ERROR) {
        *value = part->text;
        return NGX_OK;
    }

    vv = ngx_http_get_flushed_variable(r, part->index);

    if (vv == NULL) {
        return NGX_ERROR;
    }

    if (vv->not_found || vv->len == 0) {
        value->len = 0;
        return NGX_DECLINED;
    }

    value->data = vv->data;
    value->len = vv->len;

    return NGX_OK;
}
