
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the operator can log and pass on.  Nothing here is a token: the
 * identity is a SHA-256.
 */


#include "ngx_http_token_revoke.h"

#include "codec/trv_claims.h"


/* the longest value of $token_revoke_claim_NAME */

#define NGX_HTTP_TOKEN_REVOKE_CLAIM  1024


static ngx_int_t ngx_http_token_revoke_variable_status(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_token_revoke_variable_match(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_token_revoke_variable_token(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_token_revoke_variable_source(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_token_revoke_variable_age(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_token_revoke_variable_claim(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_token_revoke_variable_sha256(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_token_revoke_variable_raw(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_http_token_revoke_ctx_t *ngx_http_token_revoke_variable_query(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_token_revoke_variable_hex(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, const uint8_t hash[TRV_SHA256_LEN]);
static void ngx_http_token_revoke_variable_set(ngx_http_variable_value_t *v,
    ngx_str_t *value);


static ngx_str_t
    ngx_http_token_revoke_statuses[NGX_HTTP_TOKEN_REVOKE_NSTATUSES] =
{
    ngx_string("NONE"),
    ngx_string("PASSED"),
    ngx_string("REVOKED"),
    ngx_string("REVOKED_DRY_RUN"),
    ngx_string("UNAVAILABLE"),
    ngx_string("UNAVAILABLE_ALLOWED"),
    ngx_string("MALFORMED")
};


/* a decision can be made again after an internal redirect: no caching */

static ngx_http_variable_t  ngx_http_token_revoke_variables[] = {

    { ngx_string("token_revoke_status"), NULL,
      ngx_http_token_revoke_variable_status, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("token_revoke_match"), NULL,
      ngx_http_token_revoke_variable_match, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("token_revoke_token"), NULL,
      ngx_http_token_revoke_variable_token, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("token_revoke_source"), NULL,
      ngx_http_token_revoke_variable_source, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("token_revoke_age"), NULL,
      ngx_http_token_revoke_variable_age, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    /* the rest of the name is that of a claim */

    { ngx_string("token_revoke_claim_"), NULL,
      ngx_http_token_revoke_variable_claim, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

    /* in words of a query only */

    { ngx_string("token_revoke_token_sha256"), NULL,
      ngx_http_token_revoke_variable_sha256, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("token_revoke_token_raw"), NULL,
      ngx_http_token_revoke_variable_raw, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_token_revoke_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_token_revoke_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static void
ngx_http_token_revoke_variable_set(ngx_http_variable_value_t *v,
    ngx_str_t *value)
{
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->len = value->len;
    v->data = value->data;
}


/* "NONE" where tokens are looked for, not found where they are not */

static ngx_int_t
ngx_http_token_revoke_variable_status(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_token_revoke_ctx_t  *ctx;

    ctx = ngx_http_token_revoke_get_ctx(r->main);

    if (ctx) {
        ngx_http_token_revoke_variable_set(v,
                                 &ngx_http_token_revoke_statuses[ctx->status]);
        return NGX_OK;
    }

    if (!ngx_http_token_revoke_is_none(r->main)) {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_token_revoke_variable_set(v,
                 &ngx_http_token_revoke_statuses[NGX_HTTP_TOKEN_REVOKE_NONE]);
    return NGX_OK;
}


static ngx_int_t
ngx_http_token_revoke_variable_match(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_token_revoke_ctx_t  *ctx;

    ctx = ngx_http_token_revoke_get_ctx(r->main);

    if (ctx == NULL
        || (ctx->status != NGX_HTTP_TOKEN_REVOKE_REVOKED
            && ctx->status != NGX_HTTP_TOKEN_REVOKE_REVOKED_DRY_RUN))
    {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_token_revoke_variable_set(v, &ctx->match);
    return NGX_OK;
}


static ngx_int_t
ngx_http_token_revoke_variable_token(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_token_revoke_ctx_t  *ctx;

    ctx = ngx_http_token_revoke_get_ctx(r->main);

    if (ctx == NULL || ctx->token.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    if (ngx_http_token_revoke_identify(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_token_revoke_variable_hex(r, v, ctx->id);
}


static ngx_int_t
ngx_http_token_revoke_variable_hex(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, const uint8_t hash[TRV_SHA256_LEN])
{
    ngx_str_t  hex;

    hex.len = 2 * TRV_SHA256_LEN;
    hex.data = ngx_pnalloc(r->pool, hex.len);
    if (hex.data == NULL) {
        return NGX_ERROR;
    }

    trv_digest_to_hex(hash, hex.data);

    ngx_http_token_revoke_variable_set(v, &hex);
    return NGX_OK;
}


static ngx_int_t
ngx_http_token_revoke_variable_source(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_token_revoke_ctx_t  *ctx;

    ctx = ngx_http_token_revoke_get_ctx(r->main);

    if (ctx == NULL || ctx->token.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_token_revoke_variable_set(v, &ctx->source);
    return NGX_OK;
}


/* at the decision; without one, now */

static ngx_int_t
ngx_http_token_revoke_variable_age(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    uint64_t                           age;
    ngx_str_t                          text;
    ngx_http_token_revoke_ctx_t       *ctx;
    ngx_http_token_revoke_loc_conf_t  *trlcf;

    ctx = ngx_http_token_revoke_get_ctx(r->main);
    trlcf = ngx_http_get_module_loc_conf(r, ngx_http_token_revoke_module);

    if (ctx && ctx->token.len) {
        age = ctx->age;

    } else if (trlcf->zone) {
        age = ngx_http_token_revoke_zone_age(trlcf->zone);

    } else {
        age = TRV_AGE_NEVER;
    }

    if (age == TRV_AGE_NEVER) {
        v->not_found = 1;
        return NGX_OK;
    }

    text.data = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    text.len = ngx_sprintf(text.data, "%uL", age) - text.data;

    ngx_http_token_revoke_variable_set(v, &text);
    return NGX_OK;
}


/*
 * Of the token that is being judged, or that decided.  Bytes of a client must
 * not become header lines: a value with control bytes is not found.
 */

static ngx_int_t
ngx_http_token_revoke_variable_claim(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t *name = (ngx_str_t *) data;

    size_t                        i, len;
    trv_str_t                     claim;
    ngx_str_t                     value;
    ngx_http_token_revoke_ctx_t  *ctx;

    ctx = ngx_http_token_revoke_get_ctx(r->main);

    v->not_found = 1;

    if (ctx == NULL || ctx->token.len == 0) {
        return NGX_OK;
    }

    value.data = ngx_pnalloc(r->pool, NGX_HTTP_TOKEN_REVOKE_CLAIM);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    claim.data = name->data + sizeof("token_revoke_claim_") - 1;
    claim.len = name->len - (sizeof("token_revoke_claim_") - 1);

    switch (trv_claims_value(ctx->token, claim, value.data,
                             NGX_HTTP_TOKEN_REVOKE_CLAIM, &len))
    {

    case TRV_OK:
        break;

    case TRV_NONE:
        return NGX_OK;

    default:
        ctx->unreadable = 1;
        return NGX_OK;
    }

    for (i = 0; i < len; i++) {
        if (value.data[i] < 0x20 || value.data[i] == 0x7f) {
            ctx->unreadable = 1;
            return NGX_OK;
        }
    }

    value.len = len;

    ngx_http_token_revoke_variable_set(v, &value);
    return NGX_OK;
}


/* what can be sent to a Redis can be a secret everywhere else */

static ngx_http_token_revoke_ctx_t *
ngx_http_token_revoke_variable_query(ngx_http_request_t *r)
{
    ngx_http_token_revoke_ctx_t  *ctx;

    ctx = ngx_http_token_revoke_get_ctx(r->main);

    return ctx && ctx->evaluating ? ctx : NULL;
}


static ngx_int_t
ngx_http_token_revoke_variable_sha256(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    uint8_t                       hash[TRV_SHA256_LEN];
    ngx_http_token_revoke_ctx_t  *ctx;

    ctx = ngx_http_token_revoke_variable_query(r);

    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    if (ngx_http_token_revoke_traits_sha256(ctx->token, hash) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_token_revoke_variable_hex(r, v, hash);
}


static ngx_int_t
ngx_http_token_revoke_variable_raw(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                     raw;
    ngx_http_token_revoke_ctx_t  *ctx;

    ctx = ngx_http_token_revoke_variable_query(r);

    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    raw.data = (u_char *) ctx->token.data;
    raw.len = ctx->token.len;

    ngx_http_token_revoke_variable_set(v, &raw);
    return NGX_OK;
}
