
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What follows from a decision: the status, a line in the error log, and the
 * answer.
 */


#include "ngx_http_token_revoke.h"


static ngx_int_t ngx_http_token_revoke_verdict_say(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf);
static void ngx_http_token_revoke_verdict_reason(
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf);


ngx_int_t
ngx_http_token_revoke_verdict_revoked(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf)
{
    if (ngx_http_token_revoke_verdict_say(r, ctx, trlcf) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (trlcf->dry_run) {
        ctx->status = NGX_HTTP_TOKEN_REVOKE_REVOKED_DRY_RUN;
        return NGX_DECLINED;
    }

    ctx->status = NGX_HTTP_TOKEN_REVOKE_REVOKED;
    ctx->refused = 1;

    return ngx_http_token_revoke_answer_revoked(r, trlcf->status);
}


static ngx_int_t
ngx_http_token_revoke_verdict_say(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf)
{
    uint8_t    hex[2 * TRV_SHA256_LEN];
    ngx_log_t  log;

    if (ngx_http_token_revoke_identify(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    trv_digest_to_hex(ctx->id, hex);

    /*
     * nginx adds the request line to what is logged for a request, and with
     * it a token that came as an argument: this line speaks for itself
     */

    log = *r->connection->log;
    log.handler = NULL;

    if (ctx->query) {
        ngx_log_error(trlcf->log_level, &log, 0,
                      "token revoke: token \"%*s\" of \"%V\" is revoked by "
                      "\"%V\", client: %V",
                      sizeof(hex), hex, &ctx->source, &ctx->match,
                      &r->connection->addr_text);
        return NGX_OK;
    }

    ngx_log_error(trlcf->log_level, &log, 0,
                  "token revoke: token \"%*s\" of \"%V\" is revoked by a rule "
                  "on \"%V\" in zone \"%V\"%s, client: %V",
                  sizeof(hex), hex, &ctx->source, &ctx->match,
                  &trlcf->zone->name, trlcf->dry_run ? ", dry run" : "",
                  &r->connection->addr_text);

    return NGX_OK;
}


ngx_int_t
ngx_http_token_revoke_verdict_unavailable(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf)
{
    if (!ctx->vain) {
        ngx_http_token_revoke_verdict_reason(ctx, trlcf);
    }

    if (trlcf->dry_run || trlcf->on_error == NGX_HTTP_TOKEN_REVOKE_ALLOW) {
        ctx->status = NGX_HTTP_TOKEN_REVOKE_UNAVAILABLE_ALLOWED;
        return NGX_DECLINED;
    }

    ctx->status = NGX_HTTP_TOKEN_REVOKE_UNAVAILABLE;
    ctx->refused = 1;

    return ngx_http_token_revoke_answer_unavailable(r);
}


/* what cannot be read must not pass unnoticed */

ngx_int_t
ngx_http_token_revoke_verdict_malformed(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf)
{
    ctx->status = NGX_HTTP_TOKEN_REVOKE_MALFORMED;

    if (trlcf->dry_run || trlcf->on_error == NGX_HTTP_TOKEN_REVOKE_ALLOW) {
        return NGX_DECLINED;
    }

    ctx->refused = 1;

    return ngx_http_token_revoke_answer_unavailable(r);
}


ngx_int_t
ngx_http_token_revoke_verdict_limit(ngx_http_request_t *r,
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
ngx_http_token_revoke_verdict_reason(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_loc_conf_t *trlcf)
{
    const char                    *what;
    ngx_http_token_revoke_zone_t  *zone;

    zone = trlcf->zone;

    what = (trlcf->dry_run || trlcf->on_error == NGX_HTTP_TOKEN_REVOKE_ALLOW)
           ? "allowed" : "denied";

    if (ctx->fresh == TRV_FRESH_PENDING || ctx->fresh == TRV_FRESH_IMPOSSIBLE) {
        ngx_http_token_revoke_strict_lost(ctx, what);
        return;
    }

    if ((ctx->fresh != TRV_FRESH_COLD && ctx->fresh != TRV_FRESH_STALE)
        || __atomic_exchange_n(&zone->sh->stale, 1, __ATOMIC_RELAXED))
    {
        return;
    }

    if (ctx->fresh == TRV_FRESH_COLD) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "token revoke zone \"%V\" has not been synced yet: "
                      "requests with a token are %s", &zone->name, what);
        return;
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "token revoke zone \"%V\" was confirmed %uL ms ago, longer "
                  "than token_revoke_max_stale of %M ms: requests with a "
                  "token that no rule matches are %s",
                  &zone->name, ctx->age, trlcf->max_stale, what);
}
