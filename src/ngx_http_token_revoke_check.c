
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The decision on a request: finds its tokens, looks them up, and does what
 * the location says.
 */


#include "ngx_http_token_revoke.h"

#include "core/trv_rule.h"


static ngx_http_token_revoke_ctx_t *ngx_http_token_revoke_create_ctx(
    ngx_http_request_t *r, ngx_http_token_revoke_zone_t *zone);
static void ngx_http_token_revoke_cleanup(void *data);
static ngx_int_t ngx_http_token_revoke_check_tokens(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found);
static ngx_int_t ngx_http_token_revoke_check_match(
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found);
static ngx_int_t ngx_http_token_revoke_check_identity(
    ngx_http_token_revoke_zone_t *zone, trv_token_t *token);
static ngx_msec_t ngx_http_token_revoke_check_left(
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf);
static ngx_int_t ngx_http_token_revoke_check_revoked(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf);
static ngx_int_t ngx_http_token_revoke_check_unavailable(
    ngx_http_request_t *r, ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_loc_conf_t *trlcf, uint64_t age);
static ngx_int_t ngx_http_token_revoke_check_limit(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf);
static void ngx_http_token_revoke_check_stale(ngx_http_request_t *r,
    ngx_http_token_revoke_loc_conf_t *trlcf, uint64_t age);


/* one for each worker: OpenSSL's context is not shared */

static trv_digest_t  *ngx_http_token_revoke_digest;


ngx_int_t
ngx_http_token_revoke_check_init(ngx_cycle_t *cycle,
    ngx_http_token_revoke_main_conf_t *trmcf)
{
    ngx_http_token_revoke_digest = trv_digest_create();

    if (ngx_http_token_revoke_digest == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "no SHA-256 in OpenSSL");
        return NGX_ERROR;
    }

    /* half of the connections may wait, the others are for what is decided */

    ngx_http_token_revoke_wait_init(cycle, cycle->connection_n / 2);

    return NGX_OK;
}


void
ngx_http_token_revoke_check_done(void)
{
    if (ngx_http_token_revoke_digest) {
        trv_digest_destroy(ngx_http_token_revoke_digest);
        ngx_http_token_revoke_digest = NULL;
    }
}


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
        return ngx_http_token_revoke_check_limit(r, ctx, trlcf);
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

    rc = ngx_http_token_revoke_check_match(ctx, trlcf, found);

    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    facts.matched = (rc == NGX_OK);
    ctx->age = facts.age;

    switch (trv_decide(&facts)) {

    case TRV_VERDICT_REVOKED:
        return ngx_http_token_revoke_check_revoked(r, ctx, trlcf);

    case TRV_VERDICT_PASS:
        ctx->status = NGX_HTTP_TOKEN_REVOKE_PASSED;
        return NGX_DECLINED;

    case TRV_VERDICT_WAIT:
        rc = ngx_http_token_revoke_wait(ctx, left);

        if (rc != NGX_DECLINED) {
            return rc;
        }

        break;

    default:  /* TRV_VERDICT_UNAVAILABLE */
        break;
    }

    return ngx_http_token_revoke_check_unavailable(r, ctx, trlcf, facts.age);
}


/* NGX_OK: one of the tokens is revoked; NGX_DECLINED: none; NGX_ERROR */

static ngx_int_t
ngx_http_token_revoke_check_match(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_loc_conf_t *trlcf, trv_candidates_t *found)
{
    ngx_int_t                        rc;
    ngx_uint_t                       i;
    trv_token_t                      token;
    ngx_http_token_revoke_source_t  *source;

    source = trlcf->sources->elts;

    for (i = 0; i < found->n; i++) {

        if (trv_token_identify(ngx_http_token_revoke_digest,
                               found->item[i].value, &token)
            != TRV_OK)
        {
            return NGX_ERROR;
        }

        rc = ngx_http_token_revoke_check_identity(trlcf->zone, &token);

        if (i == 0 || rc == NGX_OK) {
            ctx->identified = 1;
            ctx->source = source[found->item[i].source].text;
            ngx_memcpy(ctx->id, token.id[0], TRV_SHA256_LEN);
        }

        if (rc == NGX_OK) {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_token_revoke_check_identity(ngx_http_token_revoke_zone_t *zone,
    trv_token_t *token)
{
    unsigned    i;
    trv_fp_t    fp[TRV_TOKEN_IDS];
    trv_term_t  term;

    for (i = 0; i < token->nids; i++) {
        fp[i] = trv_rule_token(&zone->table, token->id[i]);
        trv_table_prefetch(&zone->table, fp[i]);
    }

    for (i = 0; i < token->nids; i++) {

        /* a token rule with a cut-off in time: the issue time is not read */

        if (trv_table_lookup(&zone->table, fp[i], TRV_SHAPE_TOKEN, INT64_MIN,
                             ngx_time(), &term)
            == TRV_OK)
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
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


static ngx_int_t
ngx_http_token_revoke_check_revoked(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf)
{
    uint8_t    hex[2 * TRV_SHA256_LEN];
    ngx_log_t  log;

    trv_digest_to_hex(ctx->id, hex);

    /*
     * nginx adds the request line to what is logged for a request, and with
     * it a token that came as an argument: this line speaks for itself
     */

    log = *r->connection->log;
    log.handler = NULL;

    ngx_log_error(trlcf->log_level, &log, 0,
                  "token revoke: token \"%*s\" of \"%V\" is revoked in zone "
                  "\"%V\"%s, client: %V", sizeof(hex), hex, &ctx->source,
                  &trlcf->zone->name, trlcf->dry_run ? ", dry run" : "",
                  &r->connection->addr_text);

    if (trlcf->dry_run) {
        ctx->status = NGX_HTTP_TOKEN_REVOKE_REVOKED_DRY_RUN;
        return NGX_DECLINED;
    }

    ctx->status = NGX_HTTP_TOKEN_REVOKE_REVOKED;
    ctx->refused = 1;

    return ngx_http_token_revoke_answer_revoked(r, trlcf->status);
}


static ngx_int_t
ngx_http_token_revoke_check_unavailable(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    uint64_t age)
{
    ngx_http_token_revoke_check_stale(r, trlcf, age);

    if (trlcf->dry_run || trlcf->on_error == NGX_HTTP_TOKEN_REVOKE_ALLOW) {
        ctx->status = NGX_HTTP_TOKEN_REVOKE_UNAVAILABLE_ALLOWED;
        return NGX_DECLINED;
    }

    ctx->status = NGX_HTTP_TOKEN_REVOKE_UNAVAILABLE;
    ctx->refused = 1;

    return ngx_http_token_revoke_answer_unavailable(r);
}


static ngx_int_t
ngx_http_token_revoke_check_limit(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf)
{
    ctx->status = NGX_HTTP_TOKEN_REVOKE_MALFORMED;

    if (trlcf->dry_run) {
        return NGX_DECLINED;
    }

    ctx->refused = 1;

    return NGX_HTTP_BAD_REQUEST;
}


/*
 * Said once by whichever worker finds out first, and again only after the
 * next confirmation: by request it would fill the disk during an outage.  A
 * full zone was reported by the follower.
 */

static void
ngx_http_token_revoke_check_stale(ngx_http_request_t *r,
    ngx_http_token_revoke_loc_conf_t *trlcf, uint64_t age)
{
    const char                    *what;
    ngx_http_token_revoke_zone_t  *zone;

    zone = trlcf->zone;

    if (age <= trlcf->max_stale
        || __atomic_exchange_n(&zone->sh->stale, 1, __ATOMIC_RELAXED))
    {
        return;
    }

    what = (trlcf->dry_run || trlcf->on_error == NGX_HTTP_TOKEN_REVOKE_ALLOW)
           ? "allowed" : "denied";

    if (age == TRV_AGE_NEVER) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "token revoke zone \"%V\" has not been synced yet: "
                      "requests with a token are %s", &zone->name, what);
        return;
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "token revoke zone \"%V\" was confirmed %uL ms ago, longer "
                  "than token_revoke_max_stale of %M ms: requests with a "
                  "token that no rule matches are %s",
                  &zone->name, age, trlcf->max_stale, what);
}
