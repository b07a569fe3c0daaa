
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the operator is told of strict answers: once that they cannot be had,
 * and once that they can again, by whichever worker finds it out first.
 */


#include "ngx_http_token_revoke_strict.h"


/* milliseconds without a failure, and it is said that answers are had again */

#define NGX_HTTP_TOKEN_REVOKE_STRICT_QUIET  1000


void
ngx_http_token_revoke_strict_lost(ngx_http_token_revoke_ctx_t *ctx,
    const char *what)
{
    u_char                          *reason;
    ngx_http_token_revoke_zone_t    *zone;
    ngx_http_token_revoke_shared_t  *sh;

    zone = ctx->zone;
    sh = zone->sh;
    reason = zone->strict->reason;

    __atomic_store_n(&sh->strict_failed, ngx_http_token_revoke_boot_msec(),
                     __ATOMIC_RELAXED);

    if (__atomic_exchange_n(&sh->strict_lost, 1, __ATOMIC_RELAXED)) {
        return;
    }

    if (ctx->crowded) {
        reason = (u_char *) "too many requests wait";

    } else if (ctx->wish.answered) {
        reason = (u_char *) "not all that redis has was applied in time";

    } else if (reason[0] == '\0') {
        reason = (u_char *) "redis did not answer in time";
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "token revoke zone \"%V\": strict answers of redis "
                  "\"%V\" cannot be had: %s; rules were confirmed %uL ms "
                  "ago, requests with a token that no rule matches are %s",
                  &zone->name, &zone->redis->text, reason, ctx->age, what);
}


void
ngx_http_token_revoke_strict_again(ngx_http_token_revoke_zone_t *zone)
{
    uint64_t                         quiet;
    ngx_http_token_revoke_shared_t  *sh;

    sh = zone->sh;

    if (!__atomic_load_n(&sh->strict_lost, __ATOMIC_RELAXED)) {
        return;
    }

    /* with some that fail and some that do not there is no end to be told */

    quiet = ngx_http_token_revoke_boot_msec()
            - __atomic_load_n(&sh->strict_failed, __ATOMIC_RELAXED);

    if (quiet >= NGX_HTTP_TOKEN_REVOKE_STRICT_QUIET
        && __atomic_exchange_n(&sh->strict_lost, 0, __ATOMIC_RELAXED))
    {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "token revoke zone \"%V\" has strict answers of redis "
                      "\"%V\" again", &zone->name, &zone->redis->text);
    }
}
