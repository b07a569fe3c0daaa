
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The decision on a request: finds its tokens, looks them up, and does what
 * the location says.
 */


#include "ngx_http_token_revoke.h"


static ngx_http_token_revoke_ctx_t *ngx_http_token_revoke_create_ctx(
    ngx_http_request_t *r, ngx_http_token_revoke_zone_t *zone);
static void ngx_http_token_revoke_cleanup(void *data);
static ngx_int_t ngx_http_token_revoke_check_tokens(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found);
static void ngx_http_token_revoke_check_fresh(
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_facts_t *facts);
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

    if (ctx->zone != trlcf->zone) {
        ctx->zone = trlcf->zone;
        ngx_memzero(&ctx->wish, sizeof(trv_wish_t));
    }

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
    ctx->zone = zone;
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

    ngx_http_token_revoke_check_fresh(ctx, trlcf, &facts);

    ngx_str_null(&ctx->match);

    facts.may_wait = (left != 0);
    facts.matched = 0;
    facts.unreadable = 0;

    if (ngx_http_token_revoke_judge(r, ctx, trlcf, found, &facts)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    switch (trv_decide(&facts)) {

    case TRV_VERDICT_REVOKED:
        return ngx_http_token_revoke_verdict_revoked(r, ctx, trlcf);

    case TRV_VERDICT_PASS:
        ctx->status = NGX_HTTP_TOKEN_REVOKE_PASSED;
        return NGX_DECLINED;

    case TRV_VERDICT_WAIT:

        if (ctx->fresh == TRV_FRESH_PENDING) {
            ngx_http_token_revoke_strict_want(ctx);
        }

        rc = ngx_http_token_revoke_wait(ctx, left);

        if (rc != NGX_DECLINED) {
            return rc;
        }

        /* too many wait already: what is known decides */

        if (facts.matched) {
            return ngx_http_token_revoke_verdict_revoked(r, ctx, trlcf);
        }

        ctx->crowded = 1;
        break;

    case TRV_VERDICT_MALFORMED:
        return ngx_http_token_revoke_verdict_malformed(r, ctx, trlcf);

    default:  /* TRV_VERDICT_UNAVAILABLE */
        break;
    }

    return ngx_http_token_revoke_verdict_unavailable(r, ctx, trlcf);
}


/* what has to be read before the rules, and in this order: see trv_fresh.h */

static void
ngx_http_token_revoke_check_fresh(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_loc_conf_t *trlcf, trv_facts_t *facts)
{
    ctx->decides = ngx_http_token_revoke_zone_decides(trlcf->zone);

    facts->age = ngx_http_token_revoke_zone_age(ctx->decides);
    facts->max_stale = trlcf->max_stale;
    facts->strict = TRV_PROOF_OFF;

    /* rules of before that are too old: the new ones are worth waiting for */

    if (ctx->decides != trlcf->zone
        && (trlcf->strict || facts->age > facts->max_stale))
    {
        facts->age = TRV_AGE_NEVER;
    }

    if (trlcf->strict && !trlcf->dry_run) {
        facts->strict = ngx_http_token_revoke_strict_look(ctx);
    }

    facts->overflow = __atomic_load_n(&ctx->decides->sh->overflow,
                                      __ATOMIC_ACQUIRE);

    ctx->age = facts->age;
    ctx->fresh = trv_fresh_state(facts);
    ctx->crowded = 0;

    if (ctx->fresh == TRV_FRESH_ANSWERED) {
        ngx_http_token_revoke_strict_again(trlcf->zone);
    }
}


/*
 * Milliseconds for which the request may still wait, wherever it has waited
 * before; a dry run never does.
 */

static ngx_msec_t
ngx_http_token_revoke_check_left(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_loc_conf_t *trlcf)
{
    if (trlcf->dry_run || ctx->waited >= trlcf->wait) {
        return 0;
    }

    return trlcf->wait - ctx->waited;
}
