
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The only file that writes a zone: rules, the applied position, the moment
 * of the confirmation.  The order is always the same: rules, then the
 * position, then the moment.
 */


#include "ngx_http_token_revoke_follow.h"


/* percent: the operator is warned once */

#define NGX_HTTP_TOKEN_REVOKE_NEARLY_FULL  80

/* bytes of the table that are swept in one step, which takes about 50 us */

#define NGX_HTTP_TOKEN_REVOKE_SWEEP  (200 * 1024)


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
static ngx_uint_t ngx_http_token_revoke_apply_isnew(
    ngx_http_token_revoke_apply_t *apply, const trv_entry_t *entry);
static void ngx_http_token_revoke_apply_done(
    ngx_http_token_revoke_apply_t *apply, const trv_entry_t *entry,
    ngx_uint_t refused);
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

    ngx_http_token_revoke_apply_forget(apply);

    ngx_http_token_revoke_apply_names(apply);

    return NGX_OK;
}


void
ngx_http_token_revoke_apply_close(ngx_http_token_revoke_apply_t *apply)
{
    if (apply->writer == NULL) {
        return;
    }

    ngx_http_token_revoke_apply_forget(apply);

    apply->writer = NULL;
    ngx_free(apply->memory);

    ngx_http_token_revoke_zone_unlock(apply->zone);
}


/*
 * With other attributes a bare name can mean something else: the log has to be
 * read again, by our successor if we are killed in between.
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

        sh->again = 1;
        ngx_memory_barrier();
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
        ngx_http_token_revoke_again_full(apply, entry);
    }

    ngx_http_token_revoke_apply_done(apply, entry,
                                     entry->refused || rc == TRV_LIMIT
                                     || rc == TRV_MALFORMED);

    apply->applying = 0;
    trv_batch_shift(batch);

    return trv_batch_first(batch) ? NGX_AGAIN : NGX_OK;
}


/* when the log is read again, the operator has been told of what was seen */

static ngx_uint_t
ngx_http_token_revoke_apply_isnew(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry)
{
    return apply->mode == TRV_EXPAND_APPLY
           || (apply->mode == TRV_EXPAND_REPLAY
               && trv_id_cmp(entry->id, apply->seen) > 0);
}


/* its rules are in force: now the position may say so */

static void
ngx_http_token_revoke_apply_done(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry, ngx_uint_t refused)
{
    trv_mark_t  mark;

    mark = ngx_http_token_revoke_apply_position(apply);

    mark.id = entry->id;
    mark.digest = entry->digest;

    if (mark.added != 0) {
        mark.added++;
    }

    ngx_http_token_revoke_apply_seek(apply, mark);

    if (entry->ack.len && apply->mode != TRV_EXPAND_COLLECT) {
        ngx_http_token_revoke_registry_applied(apply->registry, entry,
                                               refused);
    }

    if (entry->action == TRV_ACTION_ACCEPT && !entry->refused
        && apply->mode != TRV_EXPAND_COLLECT)
    {
        ngx_http_token_revoke_accept(apply, entry->id);
    }
}


static void
ngx_http_token_revoke_apply_zone(ngx_http_token_revoke_apply_t *apply,
    trv_expand_zone_t *zone)
{
    ngx_array_t  *attributes;

    attributes = apply->zone->attributes;

    zone->mode = apply->mode;
    zone->lifted = apply->lifted;
    zone->seen = apply->seen;
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
    unsigned  shape;

    if (!apply->applying) {
        rc = ngx_http_token_revoke_apply_begin(apply, entry, zone);

        if (rc != TRV_OK) {
            return rc;
        }

        apply->applying = 1;
    }

    rc = trv_expand_step(apply->expand, zone, NGX_HTTP_TOKEN_REVOKE_RULES);

    if (rc == TRV_LIMIT) {
        ngx_http_token_revoke_entry_complain(apply, entry, TRV_FAULT_SHAPES,
                                             1);
        return rc;
    }

    if (rc != TRV_NONE && apply->mode != TRV_EXPAND_COLLECT) {
        shape = trv_expand_shape(apply->expand, &isnew);

        if (isnew) {
            __atomic_store_n(&apply->zone->sh->counts.had[shape], 0,
                             __ATOMIC_RELAXED);
            ngx_http_token_revoke_entry_words(apply, entry);
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

    if (entry->fault != TRV_FAULT_NONE
        && ngx_http_token_revoke_apply_isnew(apply, entry))
    {
        ngx_http_token_revoke_entry_complain(apply, entry, entry->fault,
                                             entry->refused);
    }

    rc = trv_expand_begin(apply->expand, zone, entry);

    if ((rc == TRV_LIMIT || rc == TRV_MALFORMED)
        && ngx_http_token_revoke_apply_isnew(apply, entry))
    {
        fault = rc == TRV_LIMIT ? TRV_FAULT_RULES : TRV_FAULT_PREFIX;
        ngx_http_token_revoke_entry_complain(apply, entry, fault, 1);
    }

    return rc;
}


/* while the log is read again, the shared position stays where it is */

trv_mark_t
ngx_http_token_revoke_apply_position(ngx_http_token_revoke_apply_t *apply)
{
    if (apply->mode != TRV_EXPAND_APPLY) {
        return apply->cursor;
    }

    return trv_position_mark(&apply->zone->sh->applied);
}


void
ngx_http_token_revoke_apply_seek(ngx_http_token_revoke_apply_t *apply,
    trv_mark_t mark)
{
    if (apply->mode != TRV_EXPAND_APPLY) {
        apply->cursor = mark;
        return;
    }

    trv_position_store(&apply->zone->sh->applied, mark);
}


void
ngx_http_token_revoke_apply_confirm(ngx_http_token_revoke_apply_t *apply,
    uint64_t boot, uint64_t wall, uint64_t added, trv_lineage_t followed)
{
    trv_mark_t  mark;

    mark = ngx_http_token_revoke_apply_position(apply);

    if (mark.added != added) {
        mark.added = added;
        ngx_http_token_revoke_apply_seek(apply, mark);
    }

    trv_lineage_store(&apply->zone->sh->followed, followed);
    trv_moment_store(&apply->zone->sh->confirmed, boot, wall);

    __atomic_store_n(&apply->zone->sh->stale, 0, __ATOMIC_RELAXED);
}


void
ngx_http_token_revoke_apply_follow(ngx_http_token_revoke_apply_t *apply,
    trv_lineage_t followed)
{
    trv_lineage_t   two = { TRV_LINEAGE_TWO, 0 };
    trv_lineage_t  *shared;

    shared = &apply->zone->sh->followed;

    if (trv_lineage_load(shared).id != followed.id) {
        trv_lineage_store(shared, two);
    }
}


void
ngx_http_token_revoke_apply_forget(ngx_http_token_revoke_apply_t *apply)
{
    apply->applying = 0;
    apply->mode = TRV_EXPAND_APPLY;

    if (apply->lifted) {
        trv_lifted_destroy(apply->lifted);
        apply->lifted = NULL;
    }
}


void
ngx_http_token_revoke_apply_sweep(ngx_http_token_revoke_apply_t *apply)
{
    unsigned      n, wrapped;
    trv_usage_t   usage;
    trv_table_t  *table;

    table = &apply->zone->table;
    n = NGX_HTTP_TOKEN_REVOKE_SWEEP / (table->size / table->nparts);

    (void) trv_writer_sweep(apply->writer, ngx_time(), ngx_max(n, 1),
                            &wrapped);

    /*
     * A shape goes when a whole round has found none of it; not while an entry
     * is being applied, whose shape is published but may have no rule yet
     */

    if (wrapped && !apply->applying) {
        trv_shapes_retire(apply->zone->shapes,
                          ~trv_writer_shapes(apply->writer));
    }

    trv_writer_usage(apply->writer, &usage);
    ngx_http_token_revoke_pages_want(apply->zone, usage.reach);

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
