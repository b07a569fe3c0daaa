
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

/* the first rule of a kind, in words, at most so many bytes */

#define NGX_HTTP_TOKEN_REVOKE_WORDS  1024

/* partitions swept in one step */

#define NGX_HTTP_TOKEN_REVOKE_SWEEP  4


static void ngx_http_token_revoke_apply_names(
    ngx_http_token_revoke_apply_t *apply);
static void ngx_http_token_revoke_apply_zone(
    ngx_http_token_revoke_apply_t *apply, trv_expand_zone_t *zone);
static trv_rc_t ngx_http_token_revoke_apply_step(
    ngx_http_token_revoke_apply_t *apply, const trv_entry_t *entry,
    const trv_expand_zone_t *zone);
static trv_rc_t ngx_http_token_revoke_apply_begin(
    ngx_http_token_revoke_apply_t *apply, const trv_entry_t *entry,
    const trv_expand_zone_t *zone);
static void ngx_http_token_revoke_apply_words(
    ngx_http_token_revoke_apply_t *apply, const trv_entry_t *entry);
static void ngx_http_token_revoke_apply_complain(
    ngx_http_token_revoke_apply_t *apply, const trv_entry_t *entry,
    trv_fault_t fault, ngx_uint_t refused);
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

    ngx_http_token_revoke_apply_names(apply);

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


/*
 * With other attributes a bare name can mean something else: the log has to be
 * read again.  The position moves first, in case we are killed in between.
 */

static void
ngx_http_token_revoke_apply_names(ngx_http_token_revoke_apply_t *apply)
{
    uint64_t                         names;
    ngx_http_token_revoke_shared_t  *sh;

    sh = apply->zone->sh;
    names = ngx_http_token_revoke_attribute_names(apply->zone);

    if (sh->names == names) {
        return;
    }

    if (sh->names != 0) {
        ngx_log_error(NGX_LOG_NOTICE, apply->log, 0,
                      "token revoke zone \"%V\" has other attributes than "
                      "before: log \"%V\" is read from its start",
                      &apply->zone->name, &apply->zone->log);

        ngx_http_token_revoke_apply_restart(apply);
    }

    sh->names = names;
}


ngx_int_t
ngx_http_token_revoke_apply_some(ngx_http_token_revoke_apply_t *apply,
    trv_batch_t *batch)
{
    trv_rc_t            rc;
    const trv_entry_t  *entry;
    trv_expand_zone_t   zone;

    entry = trv_batch_first(batch);

    if (entry == NULL) {
        return NGX_OK;
    }

    ngx_http_token_revoke_apply_zone(apply, &zone);

    rc = ngx_http_token_revoke_apply_step(apply, entry, &zone);

    if (rc == TRV_NONE) {
        return NGX_AGAIN;
    }

    if (rc == TRV_NOMEM) {
        return NGX_ERROR;
    }

    if (rc == TRV_FULL) {
        ngx_http_token_revoke_apply_full(apply, entry);
    }

    ngx_http_token_revoke_apply_seek(apply, entry->id);

    apply->applying = 0;
    trv_batch_shift(batch);

    return trv_batch_first(batch) ? NGX_AGAIN : NGX_OK;
}


static void
ngx_http_token_revoke_apply_zone(ngx_http_token_revoke_apply_t *apply,
    trv_expand_zone_t *zone)
{
    ngx_array_t  *attributes;

    attributes = apply->zone->attributes;

    zone->table = &apply->zone->table;
    zone->shapes = apply->zone->shapes;
    zone->writer = apply->writer;
    zone->attributes = attributes ? attributes->elts : NULL;
    zone->nattributes = attributes ? attributes->nelts : 0;
    zone->retain = apply->zone->retain;
    zone->now = ngx_time();
}


/* TRV_NONE: there is more to do; TRV_NOMEM; else the entry is done */

static trv_rc_t
ngx_http_token_revoke_apply_step(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry, const trv_expand_zone_t *zone)
{
    int       isnew;
    trv_rc_t  rc;

    if (!apply->applying) {
        rc = ngx_http_token_revoke_apply_begin(apply, entry, zone);

        if (rc != TRV_OK) {
            return rc;
        }

        apply->applying = 1;
    }

    rc = trv_expand_step(apply->expand, zone, NGX_HTTP_TOKEN_REVOKE_RULES);

    if (rc == TRV_LIMIT) {
        ngx_http_token_revoke_apply_complain(apply, entry, TRV_FAULT_SHAPES,
                                             1);
        return rc;
    }

    if (rc != TRV_NONE) {
        (void) trv_expand_shape(apply->expand, &isnew);

        if (isnew) {
            ngx_http_token_revoke_apply_words(apply, entry);
        }
    }

    return rc;
}


/* TRV_OK: steps follow; TRV_NOMEM; else nothing of the entry is applied */

static trv_rc_t
ngx_http_token_revoke_apply_begin(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry, const trv_expand_zone_t *zone)
{
    trv_rc_t     rc;
    trv_fault_t  fault;

    if (entry->fault != TRV_FAULT_NONE) {
        ngx_http_token_revoke_apply_complain(apply, entry, entry->fault,
                                             entry->refused);
    }

    rc = trv_expand_begin(apply->expand, zone, entry);

    if (rc == TRV_LIMIT || rc == TRV_MALFORMED) {
        fault = rc == TRV_LIMIT ? TRV_FAULT_RULES : TRV_FAULT_PREFIX;
        ngx_http_token_revoke_apply_complain(apply, entry, fault, 1);
    }

    return rc;
}


/* an AND that matches nothing is the usual mistake: said in words, once */

static void
ngx_http_token_revoke_apply_words(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry)
{
    size_t   len, idlen;
    uint8_t  id[TRV_ID_LEN], words[NGX_HTTP_TOKEN_REVOKE_WORDS];

    len = trv_expand_words(apply->expand, words, sizeof(words));
    idlen = trv_id_format(entry->id, id);

    ngx_log_error(NGX_LOG_NOTICE, apply->log, 0,
                  "token revoke zone \"%V\": entry %*s is the first of its "
                  "kind and refuses %*s",
                  &apply->zone->name, idlen, id, len, words);
}


static void
ngx_http_token_revoke_apply_complain(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry, trv_fault_t fault, ngx_uint_t refused)
{
    size_t   len;
    uint8_t  id[TRV_ID_LEN];

    if (refused) {
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

    ngx_log_error(NGX_LOG_WARN, apply->log, 0,
                  "token revoke zone \"%V\": entry %*s of log \"%V\" %s, %s%s",
                  &apply->zone->name, len, id, &apply->zone->log,
                  trv_fault_text(fault),
                  refused ? "it is not applied" : "the rest of it is applied",
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
ngx_http_token_revoke_apply_restart(ngx_http_token_revoke_apply_t *apply)
{
    trv_id_t  start;

    start.ms = 0;
    start.seq = 0;

    apply->zone->sh->added = 0;

    ngx_http_token_revoke_apply_seek(apply, start);
}


void
ngx_http_token_revoke_apply_confirm(ngx_http_token_revoke_apply_t *apply,
    uint64_t boot, uint64_t wall, uint64_t added)
{
    apply->zone->sh->added = added;

    trv_moment_store(&apply->zone->sh->confirmed, boot, wall);

    __atomic_store_n(&apply->zone->sh->stale, 0, __ATOMIC_RELAXED);
}


void
ngx_http_token_revoke_apply_sweep(ngx_http_token_revoke_apply_t *apply)
{
    unsigned  wrapped;

    (void) trv_writer_sweep(apply->writer, ngx_time(),
                            NGX_HTTP_TOKEN_REVOKE_SWEEP, &wrapped);

    /*
     * A shape goes when a whole round has found none of it; not while an entry
     * is being applied, whose shape is published but may have no rule yet
     */

    if (wrapped && !apply->applying) {
        trv_shapes_retire(apply->zone->shapes,
                          ~trv_writer_shapes(apply->writer));
    }

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
