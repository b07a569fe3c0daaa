
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The only file that writes a zone: rules, the applied position, the moment
 * of the confirmation.  The order is always the same: rules, then the
 * position, then the moment.
 */


#include "ngx_http_token_revoke_follow.h"


/* entries that cannot be applied and are named in the log, a second */

#define NGX_HTTP_TOKEN_REVOKE_COMPLAINTS  10

/* percent: the operator is warned once */

#define NGX_HTTP_TOKEN_REVOKE_NEARLY_FULL  80

/* partitions swept in one step */

#define NGX_HTTP_TOKEN_REVOKE_SWEEP  4


static void ngx_http_token_revoke_apply_begin(
    ngx_http_token_revoke_apply_t *apply, const trv_entry_t *entry);
static void ngx_http_token_revoke_apply_complain(
    ngx_http_token_revoke_apply_t *apply, const trv_entry_t *entry);
static void ngx_http_token_revoke_apply_full(
    ngx_http_token_revoke_apply_t *apply, const trv_entry_t *entry);
static void ngx_http_token_revoke_apply_usage(
    ngx_http_token_revoke_apply_t *apply);


ngx_int_t
ngx_http_token_revoke_apply_open(ngx_http_token_revoke_apply_t *apply)
{
    ngx_int_t  rc;

    rc = ngx_http_token_revoke_zone_lock(apply->zone);
    if (rc != NGX_OK) {
        return rc;
    }

    apply->memory = ngx_memalign(16, trv_writer_size(&apply->zone->table),
                                 apply->log);
    if (apply->memory == NULL) {
        ngx_http_token_revoke_zone_unlock(apply->zone);
        return NGX_ERROR;
    }

    apply->writer = trv_writer_open(&apply->zone->table, apply->memory);
    apply->applying = 0;

    return NGX_OK;
}


void
ngx_http_token_revoke_apply_close(ngx_http_token_revoke_apply_t *apply)
{
    if (apply->writer == NULL) {
        return;
    }

    apply->writer = NULL;
    ngx_free(apply->memory);

    ngx_http_token_revoke_zone_unlock(apply->zone);
}


ngx_int_t
ngx_http_token_revoke_apply_some(ngx_http_token_revoke_apply_t *apply,
    trv_batch_t *batch)
{
    const trv_entry_t  *entry;

    entry = trv_batch_first(batch);

    if (entry == NULL) {
        return NGX_OK;
    }

    if (!apply->applying) {
        ngx_http_token_revoke_apply_begin(apply, entry);
        apply->applying = 1;
    }

    if (trv_apply_step(apply->writer, &apply->zone->table, &apply->rules,
                       NGX_HTTP_TOKEN_REVOKE_RULES)
        != TRV_OK)
    {
        return NGX_AGAIN;
    }

    if (apply->rules.full) {
        ngx_http_token_revoke_apply_full(apply, entry);
    }

    ngx_http_token_revoke_apply_seek(apply, entry->id);

    apply->applying = 0;
    trv_batch_shift(batch);

    return trv_batch_first(batch) ? NGX_AGAIN : NGX_OK;
}


/*
 * A rule on anything but tokens alone is not applied: it would have to be
 * matched against claims, and refusing by a part of an AND would sign out
 * people who are not affected.
 */

static void
ngx_http_token_revoke_apply_begin(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry)
{
    trv_apply_t  *rules;

    rules = &apply->rules;

    ngx_memzero(rules, sizeof(trv_apply_t));

    if (entry->fault != TRV_FAULT_NONE
        || (entry->npairs && entry->action != TRV_ACTION_ACCEPT))
    {
        ngx_http_token_revoke_apply_complain(apply, entry);
    }

    if (entry->refused || entry->npairs || entry->action == TRV_ACTION_ACCEPT) {
        return;
    }

    rules->term = trv_term_make(entry->cutoff, entry->end, TRV_SHAPE_TOKEN);
    rules->restore = (entry->action == TRV_ACTION_RESTORE);

    /* what has ended already revokes nothing, and lifts nothing either */

    if (!rules->restore && trv_term_dead(rules->term, ngx_time())) {
        return;
    }

    rules->tokens = entry->tokens;
    rules->ntokens = entry->ntokens;
}


static void
ngx_http_token_revoke_apply_complain(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry)
{
    size_t      len;
    ngx_str_t   what;
    uint8_t     id[TRV_ID_LEN];

    if (entry->refused || entry->npairs) {
        __atomic_fetch_add(&apply->zone->sh->refused, 1, __ATOMIC_RELAXED);
    }

    /* a log full of nonsense must not fill the disk of every edge */

    if (apply->complained != ngx_time()) {
        apply->complained = ngx_time();
        apply->complaints = 0;
    }

    if (apply->complaints++ >= NGX_HTTP_TOKEN_REVOKE_COMPLAINTS) {
        return;
    }

    len = trv_id_format(entry->id, id);

    if (entry->fault != TRV_FAULT_NONE) {
        what.data = (u_char *) trv_fault_text(entry->fault);
        what.len = ngx_strlen(what.data);

    } else {
        ngx_str_set(&what, "matches by more than \"token\"");
    }

    ngx_log_error(NGX_LOG_WARN, apply->log, 0,
                  "token revoke zone \"%V\": entry %*s of log \"%V\" %V, %s%s",
                  &apply->zone->name, len, id, &apply->zone->log, &what,
                  entry->refused || entry->npairs
                  ? "it is not applied" : "the rest of it is applied",
                  apply->complaints == NGX_HTTP_TOKEN_REVOKE_COMPLAINTS
                  ? "; more entries in this second are only counted" : "");
}


/* said once, and set before the position moves beyond the entry */

static void
ngx_http_token_revoke_apply_full(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry)
{
    size_t    len;
    uint8_t   id[TRV_ID_LEN];

    if (__atomic_exchange_n(&apply->zone->sh->overflow, 1, __ATOMIC_SEQ_CST)) {
        return;
    }

    len = trv_id_format(entry->id, id);

    ngx_log_error(NGX_LOG_ERR, apply->log, 0,
                  "token revoke zone \"%V\" is full at entry %*s: a token "
                  "that no rule matches is left to token_revoke_on_error "
                  "until the zone is made larger",
                  &apply->zone->name, len, id);
}


trv_id_t
ngx_http_token_revoke_apply_position(ngx_http_token_revoke_apply_t *apply)
{
    return trv_position_load(&apply->zone->sh->applied);
}


void
ngx_http_token_revoke_apply_seek(ngx_http_token_revoke_apply_t *apply,
    trv_id_t id)
{
    trv_position_store(&apply->zone->sh->applied, id);
}


void
ngx_http_token_revoke_apply_confirm(ngx_http_token_revoke_apply_t *apply,
    uint64_t boot, uint64_t wall)
{
    trv_moment_store(&apply->zone->sh->confirmed, boot, wall);

    __atomic_store_n(&apply->zone->sh->stale, 0, __ATOMIC_RELAXED);
}


void
ngx_http_token_revoke_apply_sweep(ngx_http_token_revoke_apply_t *apply)
{
    unsigned  wrapped;

    (void) trv_writer_sweep(apply->writer, ngx_time(),
                            NGX_HTTP_TOKEN_REVOKE_SWEEP, &wrapped);

    ngx_http_token_revoke_apply_usage(apply);
}


static void
ngx_http_token_revoke_apply_usage(ngx_http_token_revoke_apply_t *apply)
{
    ngx_uint_t  percent;

    percent = ngx_http_token_revoke_apply_percent(apply);

    if (percent < NGX_HTTP_TOKEN_REVOKE_NEARLY_FULL) {
        apply->warned = 0;
        return;
    }

    if (!apply->warned) {
        apply->warned = 1;

        ngx_log_error(NGX_LOG_WARN, apply->log, 0,
                      "token revoke zone \"%V\" of %z bytes is %ui%% full",
                      &apply->zone->name, apply->zone->size, percent);
    }
}


ngx_uint_t
ngx_http_token_revoke_apply_percent(ngx_http_token_revoke_apply_t *apply)
{
    trv_usage_t  usage;

    trv_writer_usage(apply->writer, &usage);

    return (ngx_uint_t) (usage.bytes_used * 100 / usage.bytes_total);
}
