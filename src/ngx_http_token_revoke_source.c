
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Where in a request the tokens are.  Header fields are found in the list of
 * all lines and not by nginx's pointers to the first one: every occurrence
 * counts, and the names of those pointers differ between nginx versions.
 */


#include "ngx_http_token_revoke.h"


static trv_rc_t ngx_http_token_revoke_source_headers(ngx_http_request_t *r,
    ngx_http_token_revoke_source_t *source, ngx_str_t *name,
    trv_candidates_t *found);
static trv_rc_t ngx_http_token_revoke_source_header(
    ngx_http_token_revoke_source_t *source, ngx_str_t *value,
    trv_candidates_t *found);
static trv_rc_t ngx_http_token_revoke_source_args(ngx_http_request_t *r,
    ngx_http_token_revoke_source_t *source, trv_candidates_t *found);
static trv_rc_t ngx_http_token_revoke_source_variable(ngx_http_request_t *r,
    ngx_http_token_revoke_source_t *source, trv_candidates_t *found);
static trv_str_t ngx_http_token_revoke_source_str(ngx_str_t *s);
static void *ngx_http_token_revoke_source_alloc(void *ctx, size_t size);


static ngx_str_t  ngx_http_token_revoke_authorization =
    ngx_string("Authorization");

static ngx_str_t  ngx_http_token_revoke_cookie = ngx_string("Cookie");


trv_rc_t
ngx_http_token_revoke_source_find(ngx_http_request_t *r, ngx_array_t *sources,
    trv_candidates_t *found)
{
    trv_rc_t                         rc;
    ngx_uint_t                       i;
    ngx_http_token_revoke_source_t  *source;

    found->alloc = ngx_http_token_revoke_source_alloc;
    found->ctx = r->pool;
    found->ntokens = 0;
    found->n = 0;
    found->decoded = 0;

    source = sources->elts;

    for (i = 0; i < sources->nelts; i++) {
        found->source = i;

        switch (source[i].type) {

        case NGX_HTTP_TOKEN_REVOKE_ARG:
            rc = ngx_http_token_revoke_source_args(r, &source[i], found);
            break;

        case NGX_HTTP_TOKEN_REVOKE_VARIABLE:
            rc = ngx_http_token_revoke_source_variable(r, &source[i], found);
            break;

        case NGX_HTTP_TOKEN_REVOKE_COOKIE:
            rc = ngx_http_token_revoke_source_headers(r, &source[i],
                                                &ngx_http_token_revoke_cookie,
                                                found);
            break;

        case NGX_HTTP_TOKEN_REVOKE_HEADER:
            rc = ngx_http_token_revoke_source_headers(r, &source[i],
                                                      &source[i].name, found);
            break;

        default:  /* bearer, auth:, basic */
            rc = ngx_http_token_revoke_source_headers(r, &source[i],
                                         &ngx_http_token_revoke_authorization,
                                         found);
        }

        if (rc != TRV_OK) {
            return rc;
        }
    }

    return TRV_OK;
}


static trv_rc_t
ngx_http_token_revoke_source_headers(ngx_http_request_t *r,
    ngx_http_token_revoke_source_t *source, ngx_str_t *name,
    trv_candidates_t *found)
{
    trv_rc_t          rc;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len != name->len
                || ngx_strncasecmp(h[i].key.data, name->data, name->len) != 0)
            {
                continue;
            }

            rc = ngx_http_token_revoke_source_header(source, &h[i].value,
                                                     found);
            if (rc != TRV_OK) {
                return rc;
            }
        }
    }

    return TRV_OK;
}


static trv_rc_t
ngx_http_token_revoke_source_header(ngx_http_token_revoke_source_t *source,
    ngx_str_t *value, trv_candidates_t *found)
{
    trv_str_t  text, name;

    text = ngx_http_token_revoke_source_str(value);
    name = ngx_http_token_revoke_source_str(&source->name);

    switch (source->type) {

    case NGX_HTTP_TOKEN_REVOKE_AUTH:
        return trv_extract_scheme(found, text, name);

    case NGX_HTTP_TOKEN_REVOKE_BASIC:
        return trv_extract_basic(found, text);

    case NGX_HTTP_TOKEN_REVOKE_COOKIE:
        return trv_extract_cookie(found, text, name);

    case NGX_HTTP_TOKEN_REVOKE_HEADER:
        return trv_extract_value(found, text);

    default:  /* bearer */
        return trv_extract_bearer(found, text);
    }
}


/*
 * The application may be given the arguments as nginx has them now, after
 * rewrite, or as the client sent them ($request_uri): both are looked at.
 */

static trv_rc_t
ngx_http_token_revoke_source_args(ngx_http_request_t *r,
    ngx_http_token_revoke_source_t *source, trv_candidates_t *found)
{
    u_char     *p, *last;
    trv_rc_t    rc;
    ngx_str_t   args;
    trv_str_t   name;

    name = ngx_http_token_revoke_source_str(&source->name);

    rc = trv_extract_arg(found, ngx_http_token_revoke_source_str(&r->args),
                         name);
    if (rc != TRV_OK) {
        return rc;
    }

    last = r->unparsed_uri.data + r->unparsed_uri.len;

    p = ngx_strlchr(r->unparsed_uri.data, last, '?');
    if (p == NULL) {
        return TRV_OK;
    }

    args.data = p + 1;
    args.len = last - args.data;

    if (args.len == r->args.len
        && ngx_memcmp(args.data, r->args.data, args.len) == 0)
    {
        return TRV_OK;
    }

    return trv_extract_arg(found, ngx_http_token_revoke_source_str(&args),
                           name);
}


static trv_rc_t
ngx_http_token_revoke_source_variable(ngx_http_request_t *r,
    ngx_http_token_revoke_source_t *source, trv_candidates_t *found)
{
    ngx_str_t                   value;
    ngx_http_variable_value_t  *vv;

    vv = ngx_http_get_indexed_variable(r, source->index);

    if (vv == NULL) {
        return TRV_NOMEM;
    }

    if (vv->not_found) {
        return TRV_OK;
    }

    value.data = vv->data;
    value.len = vv->len;

    return trv_extract_value(found, ngx_http_token_revoke_source_str(&value));
}


static trv_str_t
ngx_http_token_revoke_source_str(ngx_str_t *s)
{
    trv_str_t  str;

    str.len = s->len;
    str.data = s->data;

    return str;
}


static void *
ngx_http_token_revoke_source_alloc(void *ctx, size_t size)
{
    return ngx_pnalloc(ctx, size);
}
