
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a worker keeps for each zone to judge tokens: its plan, a copy of the
 * shapes in use, and its memo of tokens that it has seen.
 */


#include "ngx_http_token_revoke.h"

#include <openssl/rand.h>

#include "codec/trv_claims.h"
#include "core/trv_memo.h"


/* tokens that are remembered, for each worker and zone: 2 MB at most */

#define NGX_HTTP_TOKEN_REVOKE_MEMO  4096


typedef struct {
    trv_plan_t    *plan;
    trv_memo_t    *memo;
    trv_learner_t  learner;       /* of the zone that is written */
    unsigned       loaded:1;
} ngx_http_token_revoke_view_t;


static ngx_int_t ngx_http_token_revoke_view_create(
    ngx_http_token_revoke_view_t *view, ngx_http_token_revoke_zone_t *zone,
    ngx_cycle_t *cycle);


/* one for each worker: OpenSSL's context is not shared */

static trv_digest_t                  *ngx_http_token_revoke_digest;
static ngx_http_token_revoke_view_t  *ngx_http_token_revoke_views;


ngx_int_t
ngx_http_token_revoke_traits_init(ngx_cycle_t *cycle, ngx_array_t *zones)
{
    ngx_uint_t                      i, n;
    ngx_http_token_revoke_view_t   *view;
    ngx_http_token_revoke_zone_t  **zone;

    ngx_http_token_revoke_digest = trv_digest_create();

    if (ngx_http_token_revoke_digest == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "no SHA-256 in OpenSSL");
        return NGX_ERROR;
    }

    /* those of "previous" come behind: its keys and shapes are others */

    zone = zones->elts;
    n = zones->nelts;

    if (n == 0) {
        return NGX_OK;
    }

    view = ngx_pcalloc(cycle->pool,
                       2 * n * sizeof(ngx_http_token_revoke_view_t));
    if (view == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {

        if (ngx_http_token_revoke_view_create(&view[i], zone[i], cycle)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (zone[i]->previous == NULL) {
            continue;
        }

        zone[i]->previous->index = n + i;

        if (ngx_http_token_revoke_view_create(&view[n + i], zone[i], cycle)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ngx_http_token_revoke_views = view;

    return NGX_OK;
}


/*
 * Memory of the memo is touched only as tokens come.  That of "previous" can
 * only be read: what its tokens are called is told its zone.
 */

static ngx_int_t
ngx_http_token_revoke_view_create(ngx_http_token_revoke_view_t *view,
    ngx_http_token_revoke_zone_t *zone, ngx_cycle_t *cycle)
{
    void     *memory;
    uint8_t   key[TRV_KEY_LEN];

    view->learner.names = &zone->sh->claims;

    view->plan = ngx_pcalloc(cycle->pool, trv_plan_size());
    if (view->plan == NULL) {
        return NGX_ERROR;
    }

    memory = ngx_pmemalign(cycle->pool,
                           trv_memo_size(NGX_HTTP_TOKEN_REVOKE_MEMO), 64);
    if (memory == NULL) {
        return NGX_ERROR;
    }

    if (RAND_bytes(key, TRV_KEY_LEN) != 1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "RAND_bytes() failed");
        return NGX_ERROR;
    }

    view->memo = trv_memo_open(memory, NGX_HTTP_TOKEN_REVOKE_MEMO, key);

    return NGX_OK;
}


void
ngx_http_token_revoke_traits_done(void)
{
    if (ngx_http_token_revoke_digest) {
        trv_digest_destroy(ngx_http_token_revoke_digest);
        ngx_http_token_revoke_digest = NULL;
    }
}


ngx_int_t
ngx_http_token_revoke_traits_sha256(trv_str_t token,
    uint8_t hash[TRV_SHA256_LEN])
{
    return trv_digest_sha256(ngx_http_token_revoke_digest, token, hash)
           == TRV_OK ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_token_revoke_identify(ngx_http_token_revoke_ctx_t *ctx)
{
    trv_token_t  token;

    if (ctx->identified) {
        return NGX_OK;
    }

    if (trv_token_identify(ngx_http_token_revoke_digest, ctx->token, &token)
        != TRV_OK)
    {
        return NGX_ERROR;
    }

    ngx_memcpy(ctx->id, token.id[0], TRV_SHA256_LEN);
    ctx->identified = 1;

    return NGX_OK;
}


const trv_plan_t *
ngx_http_token_revoke_traits_plan(ngx_http_token_revoke_zone_t *zone)
{
    uint64_t                       generation;
    ngx_http_token_revoke_view_t  *view;

    view = &ngx_http_token_revoke_views[zone->index];
    generation = trv_shapes_generation(zone->shapes);

    if (!view->loaded || view->plan->generation != generation) {
        trv_plan_load(view->plan, zone->shapes);
        view->loaded = 1;
    }

    return view->plan;
}


/*
 * An opaque token without a dot costs less to hash than to remember; the
 * others would have to be decoded and parsed.
 */

ngx_int_t
ngx_http_token_revoke_traits_read(ngx_http_token_revoke_zone_t *zone,
    trv_str_t token, trv_traits_t *traits)
{
    ngx_uint_t                     keep;
    trv_ticket_t                   ticket;
    ngx_http_token_revoke_view_t  *view;

    view = &ngx_http_token_revoke_views[zone->index];

    keep = memchr(token.data, '.', token.len) != NULL;

    if (keep
        && trv_memo_get(view->memo, token, view->plan->generation, traits,
                        &ticket)
           == TRV_OK)
    {
        return NGX_OK;
    }

    if (trv_claims_read(ngx_http_token_revoke_digest, &zone->table, view->plan,
                        token, &view->learner, traits)
        != TRV_OK)
    {
        return NGX_ERROR;
    }

    if (keep) {
        trv_match_probe(&zone->table, view->plan, traits);
        trv_memo_put(view->memo, &ticket, view->plan->generation, traits);
    }

    return NGX_OK;
}
