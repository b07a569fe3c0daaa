
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The decision on a request: finds its tokens, looks them up, and does what
 * the location says.
 */


#include "ngx_http_token_revoke.h"

#include "core/trv_selector.h"


static ngx_http_token_revoke_ctx_t *ngx_http_token_revoke_create_ctx(
    ngx_http_request_t *r, ngx_http_token_revoke_zone_t *zone);
static void ngx_http_token_revoke_cleanup(void *data);
static ngx_int_t ngx_http_token_revoke_check_tokens(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found);
static ngx_int_t ngx_http_token_revoke_check_match(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found, trv_facts_t *facts);
static ngx_int_t ngx_http_token_revoke_check_token(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    const trv_plan_t *plan, trv_facts_t *facts);
static ngx_int_t ngx_http_token_revoke_check_words(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, const trv_plan_t *plan,
    trv_match_t *match);
static ngx_msec_t ngx_http_token_revoke_check_left(
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf);


/* the context of every request without a token; never written */

static ngx_http_token_revoke_ctx_t  ngx_http_token_revoke_none;


ngx_int_t
ngx_http_token_revoke_handler(ngx_http_request_t *r)
{
    trv_rc_t                           rc;
    trv_candidates_t                   found;
    ngx_http_token_revoke_ctx_t       *ctx;
    ngx_http_token_revoke_loc_conf_t  *trlcf;

    trlcf = ngx_http_get_module_loc_conf(r, ngx_http_token_revoke_module);

    if (trlcf->zone == NULL || r != r->main || r->post_action) {
        return NGX_DECLINED;
    }

    /*
     * A refusal is kept across internal redirects, so that error_page can
     * show a page; a pass is not: the next location may be stricter
     */

    ctx = ngx_http_token_revoke_get_ctx(r);

    if (ctx && ctx->refused) {
        return NGX_DECLINED;
    }

    rc = ngx_http_token_revoke_source_find(r, trlcf->sources, &found);

    if (rc == TRV_NOMEM) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (found.n == 0 && rc == TRV_OK && ctx == NULL) {
        ngx_http_set_ctx(r, &ngx_http_token_revoke_none,
                         ngx_http_token_revoke_module);
        return NGX_DECLINED;
    }

    if (ctx == NULL) {
        ctx = ngx_http_token_revoke_create_ctx(r, trlcf->zone);
        if (ctx == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    ctx->zone = trlcf->zone;
    ctx->identified = 0;

    if (rc == TRV_LIMIT) {
        return ngx_http_token_revoke_verdict_limit(r, ctx, trlcf);
    }

    if (found.n == 0) {
        ctx->status = NGX_HTTP_TOKEN_REVOKE_NONE;
        return NGX_DECLINED;
    }

    return ngx_http_token_revoke_check_tokens(r, ctx, trlcf, &found);
}


/* internal redirects clear the module contexts, but not the pool's cleanups */

ngx_http_token_revoke_ctx_t *
ngx_http_token_revoke_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_token_revoke_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_token_revoke_module);

    if (ctx == &ngx_http_token_revoke_none) {
        return NULL;
    }

    if (ctx || !r->internal) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_token_revoke_cleanup) {
            return cln->data;
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_token_revoke_is_none(ngx_http_request_t *r)
{
    return ngx_http_get_module_ctx(r, ngx_http_token_revoke_module)
           == &ngx_http_token_revoke_none;
}


static ngx_http_token_revoke_ctx_t *
ngx_http_token_revoke_create_ctx(ngx_http_request_t *r,
    ngx_http_token_revoke_zone_t *zone)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_token_revoke_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_token_revoke_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_token_revoke_ctx_t));

    ctx->request = r;
    ctx->age = TRV_AGE_NEVER;

    cln->handler = ngx_http_token_revoke_cleanup;

    ngx_http_set_ctx(r, ctx, ngx_http_token_revoke_module);

    return ctx;
}


static void
ngx_http_token_revoke_cleanup(void *data)
{
    ngx_http_token_revoke_wait_forget(data);
}


static ngx_int_t
ngx_http_token_revoke_check_tokens(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found)
{
    ngx_int_t    rc;
    ngx_msec_t   left;
    trv_facts_t  facts;

    left = ngx_http_token_revoke_check_left(ctx, trlcf);

    /*
     * The age is read before the rules: a confirmation that comes in between
     * does not speak for a look-up that was made before it
     */

    facts.age = ngx_http_token_revoke_zone_age(trlcf->zone);
    facts.max_stale = trlcf->max_stale;
    facts.overflow = __atomic_load_n(&trlcf->zone->sh->overflow,
                                     __ATOMIC_ACQUIRE);
    facts.may_wait = (left != 0);
    facts.matched = 0;
    facts.unreadable = 0;

    if (ngx_http_token_revoke_check_match(r, ctx, trlcf, found, &facts)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->age = facts.age;

    switch (trv_decide(&facts)) {

    case TRV_VERDICT_REVOKED:
        return ngx_http_token_revoke_verdict_revoked(r, ctx, trlcf);

    case TRV_VERDICT_PASS:
        ctx->status = NGX_HTTP_TOKEN_REVOKE_PASSED;
        return NGX_DECLINED;

    case TRV_VERDICT_WAIT:
        rc = ngx_http_token_revoke_wait(ctx, left);

        if (rc != NGX_DECLINED) {
            return rc;
        }

        break;

    case TRV_VERDICT_MALFORMED:
        return ngx_http_token_revoke_verdict_malformed(r, ctx, trlcf);

    default:  /* TRV_VERDICT_UNAVAILABLE */
        break;
    }

    return ngx_http_token_revoke_verdict_unavailable(r, ctx, trlcf);
}


/*
 * Sets "matched" if one of the tokens is revoked, and "unreadable" if one could
 * not be compared with all rules.  NGX_OK, or NGX_ERROR: no memory.
 */

static ngx_int_t
ngx_http_token_revoke_check_match(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found, trv_facts_t *facts)
{
    ngx_uint_t                       i;
    const trv_plan_t                *plan;
    ngx_http_token_revoke_source_t  *source;

    plan = ngx_http_token_revoke_traits_plan(trlcf->zone);
    source = trlcf->sources->elts;

    /* the last one that is looked at is shown: the first one before it */

    for (i = found->n; i-- > 0; /* void */ ) {
        ctx->token = found->item[i].value;
        ctx->source = source[found->item[i].source].text;

        if (ngx_http_token_revoke_check_token(r, ctx, trlcf, plan, facts)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (facts->matched) {
            return NGX_OK;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_token_revoke_check_token(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    const trv_plan_t *plan, trv_facts_t *facts)
{
    trv_match_t                    match;
    trv_traits_t                   traits;
    ngx_http_token_revoke_zone_t  *zone;

    zone = trlcf->zone;

    if (ngx_http_token_revoke_traits_read(zone, ctx->token, &traits) != NGX_OK
        || ngx_http_token_revoke_attribute_add(r, trlcf, plan, &traits)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->identified = 1;
    ngx_memcpy(ctx->id, traits.id[0], TRV_SHA256_LEN);

    if (ngx_http_token_revoke_attribute_issued(r, trlcf, &traits) != NGX_OK) {
        return NGX_ERROR;
    }

    switch (trv_match_lookup(&zone->table, plan, &traits,
                             (trlcf->leeway + 999) / 1000, ngx_time(), &match))
    {

    case TRV_OK:
        facts->matched = 1;
        return ngx_http_token_revoke_check_words(r, ctx, plan, &match);

    case TRV_LIMIT:
        facts->unreadable = 1;
        break;

    default:
        break;
    }

    if (traits.unreadable && (plan->claims || plan->headers)) {
        facts->unreadable = 1;
    }

    return NGX_OK;
}


/* $token_revoke_match: "iss+sub", "sub (no iat)" */

static ngx_int_t
ngx_http_token_revoke_check_words(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, const trv_plan_t *plan,
    trv_match_t *match)
{
    u_char             *p;
    size_t              size;
    unsigned            i;
    const trv_shape_t  *shape;

    if (match->undated) {
        __atomic_fetch_add(&ctx->zone->sh->undated, 1, __ATOMIC_RELAXED);
    }

    if (match->shape == TRV_SHAPE_TOKEN && !match->undated) {
        ngx_str_set(&ctx->match, "token");
        return NGX_OK;
    }

    shape = &plan->shape[match->shape];

    size = (shape->n + 1) * (TRV_SELECTOR_TEXT_LEN + 1) + sizeof(" (no iat)");

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->match.data = p;

    if (match->shape == TRV_SHAPE_TOKEN) {
        p = ngx_cpymem(p, "token", 5);
    }

    for (i = 0; i < shape->n && match->shape != TRV_SHAPE_TOKEN; i++) {
        if (i) {
            *p++ = '+';
        }

        p += trv_selector_text(&plan->selector[shape->selector[i]], p);
    }

    if (match->undated) {
        p = ngx_cpymem(p, " (no iat)", 9);
    }

    ctx->match.len = p - ctx->match.data;

    return NGX_OK;
}


/* milliseconds for which the request may still wait; a dry run never does */

static ngx_msec_t
ngx_http_token_revoke_check_left(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_loc_conf_t *trlcf)
{
    ngx_msec_t  waited;

    if (trlcf->dry_run) {
        return 0;
    }

    if (!ctx->waited) {
        ctx->waited = 1;
        ctx->wait_start = ngx_current_msec;
    }

    waited = ngx_current_msec - ctx->wait_start;

    return waited < trlcf->wait ? trlcf->wait - waited : 0;
}
