
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What an operator has to look at: a loss, a gap, entries that were refused.
 * The zone shows it until an entry of the log, written after it happened, says
 * "action accept".
 */


#include "ngx_http_token_revoke_follow.h"


static const char  *ngx_http_token_revoke_reports[] = {
    "loss", "gap", "refused entries"
};


/* the ID before the bit: whoever sees the bit finds out when it was */

void
ngx_http_token_revoke_accept_report(ngx_http_token_revoke_apply_t *apply,
    ngx_http_token_revoke_report_e report, trv_id_t id)
{
    ngx_http_token_revoke_shared_t  *sh;

    sh = apply->zone->sh;

    sh->reported[report] = id;

    __atomic_fetch_or(&sh->reports, 1U << report, __ATOMIC_RELEASE);

    ngx_http_token_revoke_registry_changed(apply->registry);
}


void
ngx_http_token_revoke_accept_refused(ngx_http_token_revoke_apply_t *apply,
    trv_id_t id)
{
    uint64_t                         n;
    ngx_http_token_revoke_shared_t  *sh;

    sh = apply->zone->sh;
    n = sh->refused;

    sh->refusals[n % NGX_HTTP_TOKEN_REVOKE_REFUSALS] = id;
    __atomic_store_n(&sh->refused, n + 1, __ATOMIC_RELEASE);

    ngx_http_token_revoke_accept_report(apply, NGX_HTTP_TOKEN_REVOKE_REFUSED,
                                        id);
}


void
ngx_http_token_revoke_accept(ngx_http_token_revoke_apply_t *apply,
    trv_id_t id)
{
    size_t                           len;
    uint8_t                          text[TRV_ID_LEN];
    ngx_uint_t                       i;
    ngx_http_token_revoke_shared_t  *sh;

    sh = apply->zone->sh;
    len = trv_id_format(id, text);

    for (i = 0; i < NGX_HTTP_TOKEN_REVOKE_KINDS; i++) {

        if (!(sh->reports & (1U << i))
            || trv_id_cmp(sh->reported[i], id) >= 0)
        {
            continue;
        }

        if (i == NGX_HTTP_TOKEN_REVOKE_REFUSED) {
            __atomic_store_n(&sh->refused, 0, __ATOMIC_RELAXED);
        }

        __atomic_fetch_and(&sh->reports, ~(1U << i), __ATOMIC_RELEASE);

        ngx_http_token_revoke_registry_changed(apply->registry);

        ngx_log_error(NGX_LOG_NOTICE, apply->log, 0,
                      "token revoke zone \"%V\": entry %*s accepts %s",
                      &apply->zone->name, len, text,
                      ngx_http_token_revoke_reports[i]);
    }
}
