
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Reading the log again: because it is another one, because names mean
 * something else now, or because there is room again for rules that did not
 * fit.  It is read twice (trv_expand.h), and the position of the zone stays
 * where it is until the end: who takes over in the middle begins anew.
 */


#include "ngx_http_token_revoke_follow.h"


/* percent of the zone below which rules that did not fit are tried again */

#define NGX_HTTP_TOKEN_REVOKE_EASED  75


ngx_uint_t
ngx_http_token_revoke_again_needed(ngx_http_token_revoke_apply_t *apply)
{
    ngx_uint_t                       percent;
    ngx_http_token_revoke_shared_t  *sh;

    sh = apply->zone->sh;
    percent = ngx_http_token_revoke_apply_percent(apply);

    return sh->again
           || (sh->overflow && percent < NGX_HTTP_TOKEN_REVOKE_EASED);
}


void
ngx_http_token_revoke_again_order(ngx_http_token_revoke_apply_t *apply)
{
    apply->zone->sh->again = 1;
}


ngx_int_t
ngx_http_token_revoke_again_collect(ngx_http_token_revoke_apply_t *apply)
{
    size_t                           len;
    uint8_t                          id[TRV_ID_LEN];
    ngx_http_token_revoke_shared_t  *sh;

    sh = apply->zone->sh;

    ngx_http_token_revoke_apply_forget(apply);

    apply->lifted = trv_lifted_create();
    if (apply->lifted == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&apply->from, sizeof(trv_mark_t));

    if (!sh->again) {
        len = trv_id_format(sh->unfit, id);

        ngx_log_error(NGX_LOG_NOTICE, apply->log, 0,
                      "token revoke zone \"%V\" has room again, %ui%% of it in "
                      "use: log \"%V\" is read again from entry %*s",
                      &apply->zone->name,
                      ngx_http_token_revoke_apply_percent(apply),
                      &apply->zone->log, len, id);

        apply->from.id = trv_id_before(sh->unfit);
    }

    apply->seen = trv_position_load(&sh->applied);
    apply->mode = TRV_EXPAND_COLLECT;
    apply->cursor = apply->from;

    return NGX_OK;
}


void
ngx_http_token_revoke_again_replay(ngx_http_token_revoke_apply_t *apply)
{
    if (trv_lifted_count(apply->lifted) == TRV_LIFTED_MAX) {
        ngx_log_error(NGX_LOG_WARN, apply->log, 0,
                      "token revoke zone \"%V\": log \"%V\" has more than %d "
                      "restored rules: some are in force until it is read",
                      &apply->zone->name, &apply->zone->log, TRV_LIFTED_MAX);
    }

    apply->mode = TRV_EXPAND_REPLAY;
    apply->cursor = apply->from;
    apply->unfit = 0;
}


/* the position first: it is where the rules are */

void
ngx_http_token_revoke_again_settle(ngx_http_token_revoke_apply_t *apply)
{
    trv_mark_t                       mark;
    ngx_http_token_revoke_shared_t  *sh;

    sh = apply->zone->sh;
    mark = apply->cursor;

    ngx_http_token_revoke_apply_forget(apply);
    ngx_http_token_revoke_apply_seek(apply, mark);

    __atomic_store_n(&sh->again, 0, __ATOMIC_RELEASE);

    if (sh->overflow && !apply->unfit) {
        __atomic_store_n(&sh->overflow, 0, __ATOMIC_RELEASE);

        ngx_log_error(NGX_LOG_NOTICE, apply->log, 0,
                      "token revoke zone \"%V\" holds all rules of log "
                      "\"%V\" again",
                      &apply->zone->name, &apply->zone->log);
    }
}


/*
 * Said once, and set before the position moves beyond the entry.  The first
 * entry that did not fit is where reading begins again.
 */

void
ngx_http_token_revoke_again_full(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry)
{
    size_t                           len;
    uint8_t                          id[TRV_ID_LEN];
    ngx_uint_t                       first;
    ngx_http_token_revoke_shared_t  *sh;

    sh = apply->zone->sh;
    first = apply->mode == TRV_EXPAND_REPLAY ? !apply->unfit : !sh->overflow;

    if (first) {
        apply->unfit = 1;
        sh->unfit = entry->id;
    }

    if (__atomic_exchange_n(&sh->overflow, 1, __ATOMIC_SEQ_CST)) {
        return;
    }

    len = trv_id_format(entry->id, id);

    ngx_log_error(NGX_LOG_ERR, apply->log, 0,
                  "token revoke zone \"%V\" is full at entry %*s: a token "
                  "that no rule matches is left to token_revoke_on_error "
                  "until rules have ended or the zone is made larger",
                  &apply->zone->name, len, id);
}
