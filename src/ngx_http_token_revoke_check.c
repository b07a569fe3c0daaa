
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
static ngx_int_t ngx_http_token_revoke_check_rules(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found, trv_verdict_t *verdict, ngx_msec_t *left);
static ngx_int_t ngx_http_token_revoke_check_queries(
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found, trv_verdict_t rules, trv_verdict_t *answers,
    ngx_msec_t *left);
static trv_verdict_t ngx_http_token_revoke_check_both(
    ngx_http_token_revoke_loc_conf_t *trlcf, trv_verdict_t rules,
    trv_verdict_t answers);
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

    if ((trlcf->zone == NULL && trlcf->queries == NULL) || r != r->main
        || r->post_action)
    {
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

    ctx->token.len = 0;
    ctx->identified = 0;
    ctx->query = NULL;

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
    ngx_http_token_revoke_query_forget(data);
}


/* a rule that is known refuses without asking anybody */

static ngx_int_t
ngx_http_token_revoke_check_tokens(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found)
{
    ngx_int_t      rc;
    ngx_msec_t     left, patience;
    trv_verdict_t  rules, answers, verdict;

    if (ngx_http_token_revoke_check_rules(r, ctx, trlcf, found, &rules, &left)
        != NGX_OK
        || ngx_http_token_revoke_check_queries(ctx, trlcf, found, rules,
                                               &answers, &patience)
           != NGX_OK)
    {
        ngx_http_token_revoke_query_forget(ctx);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    verdict = ngx_http_token_revoke_check_both(trlcf, rules, answers);

    if (verdict == TRV_VERDICT_WAIT) {

        if (rules != TRV_VERDICT_WAIT) {
            left = patience;

        } else if (answers == TRV_VERDICT_WAIT) {
            left = ngx_min(left, patience);
        }

        if (rules == TRV_VERDICT_WAIT && ctx->fresh == TRV_FRESH_PENDING) {
            ngx_http_token_revoke_strict_want(ctx);
        }

        rc = ngx_http_token_revoke_wait(ctx, left, rules == TRV_VERDICT_WAIT);

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        if (rc != NGX_DECLINED) {
            ngx_http_token_revoke_query_forget(ctx);
            return rc;
        }

        ngx_http_token_revoke_query_crowded(ctx);

        /* too many wait already: what is known decides */

        ctx->crowded = 1;
        verdict = ctx->match.len ? TRV_VERDICT_REVOKED
                                 : TRV_VERDICT_UNAVAILABLE;
    }

    ngx_http_token_revoke_query_forget(ctx);

    switch (verdict) {

    case TRV_VERDICT_REVOKED:
        return ngx_http_token_revoke_verdict_revoked(r, ctx, trlcf);

    case TRV_VERDICT_PASS:
        ctx->status = NGX_HTTP_TOKEN_REVOKE_PASSED;
        return NGX_DECLINED;

    case TRV_VERDICT_MALFORMED:
        return ngx_http_token_revoke_verdict_malformed(r, ctx, trlcf);

    default:  /* TRV_VERDICT_UNAVAILABLE */
        break;
    }

    /* is it for the zone to say why? */

    ctx->vain = rules == TRV_VERDICT_PASS || rules == TRV_VERDICT_MALFORMED
                || (rules == TRV_VERDICT_WAIT
                    && answers == TRV_VERDICT_UNAVAILABLE);

    return ngx_http_token_revoke_verdict_unavailable(r, ctx, trlcf);
}


/* "left" is for how long the request may wait for its zone */

static ngx_int_t
ngx_http_token_revoke_check_rules(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found, trv_verdict_t *verdict, ngx_msec_t *left)
{
    trv_facts_t                      facts;
    ngx_http_token_revoke_source_t  *source;

    ngx_str_null(&ctx->match);

    if (trlcf->zone == NULL) {
        source = trlcf->sources->elts;

        ctx->token = found->item[0].value;
        ctx->source = source[found->item[0].source].text;
        ctx->age = TRV_AGE_NEVER;

        *verdict = TRV_VERDICT_PASS;

        return NGX_OK;
    }

    *left = ngx_http_token_revoke_check_left(ctx, trlcf);

    ngx_http_token_revoke_check_fresh(ctx, trlcf, &facts);

    facts.may_wait = (*left != 0);
    facts.matched = 0;
    facts.unreadable = 0;

    if (ngx_http_token_revoke_judge(r, ctx, trlcf, found, &facts)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    *verdict = trv_decide(&facts);

    return NGX_OK;
}


/* a dry run waits for nothing, so it asks nothing */

static ngx_int_t
ngx_http_token_revoke_check_queries(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_loc_conf_t *trlcf, trv_candidates_t *found,
    trv_verdict_t rules, trv_verdict_t *answers, ngx_msec_t *left)
{
    *answers = TRV_VERDICT_PASS;

    /* can what they say make a difference? */

    if (trlcf->queries == NULL || trlcf->dry_run
        || ngx_http_token_revoke_check_both(trlcf, rules, TRV_VERDICT_WAIT)
           != TRV_VERDICT_WAIT)
    {
        return NGX_OK;
    }

    return ngx_http_token_revoke_query_look(ctx, trlcf, found, answers, left);
}


static trv_verdict_t
ngx_http_token_revoke_check_both(ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_verdict_t rules, trv_verdict_t answers)
{
    return trv_decide_both(rules, answers,
                           trlcf->on_error == NGX_HTTP_TOKEN_REVOKE_DENY);
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
