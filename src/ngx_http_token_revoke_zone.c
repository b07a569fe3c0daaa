
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The shared memory of a zone: who lays it out, and who may write it.
 *
 *     +----------------+-------+--------+--------+----------------------+
 *     | ngx_slab_pool  | text  | shared | shapes | table                |
 *     +----------------+-------+--------+--------+----------------------+
 *
 * The slab pool is there because nginx puts it there.  After these four
 * pieces nothing is allocated from it.
 */


#include <openssl/rand.h>

#include "ngx_http_token_revoke.h"


static ngx_int_t ngx_http_token_revoke_zone_inherit(
    ngx_http_token_revoke_zone_t *zone, ngx_http_token_revoke_zone_t *ozone,
    ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_create(
    ngx_http_token_revoke_zone_t *zone, ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_table(
    ngx_http_token_revoke_zone_t *zone, ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_mutex(
    ngx_http_token_revoke_zone_t *zone, ngx_log_t *log);


ngx_int_t
ngx_http_token_revoke_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_token_revoke_zone_t *ozone = data;

    ngx_http_token_revoke_zone_t  *zone;

    zone = shm_zone->data;

    if (ozone) {
        return ngx_http_token_revoke_zone_inherit(zone, ozone,
                                                  shm_zone->shm.log);
    }

    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    return ngx_http_token_revoke_zone_create(zone, shm_zone->shm.log);
}


/* a reload: the same memory, seen by a new configuration */

static ngx_int_t
ngx_http_token_revoke_zone_inherit(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_zone_t *ozone, ngx_log_t *log)
{
    if (zone->log.len != ozone->log.len
        || ngx_strncmp(zone->log.data, ozone->log.data, zone->log.len) != 0)
    {
        ngx_log_error(NGX_LOG_EMERG, log, 0,
                      "token_revoke_zone \"%V\" uses log \"%V\" while "
                      "previously it used log \"%V\"",
                      &zone->name, &zone->log, &ozone->log);
        return NGX_ERROR;
    }

    zone->shpool = ozone->shpool;
    zone->sh = zone->shpool->data;

    /* the module can have been replaced by a newer one before the reload */

    if (zone->sh->layout != NGX_HTTP_TOKEN_REVOKE_LAYOUT
        || trv_table_attach(&zone->table, zone->sh->table,
                            zone->sh->table_size)
           != TRV_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, log, 0,
                      "token_revoke_zone \"%V\" was laid out by another "
                      "version of the module, nginx has to be restarted",
                      &zone->name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_token_revoke_zone_create(ngx_http_token_revoke_zone_t *zone,
    ngx_log_t *log)
{
    size_t                           len;
    ngx_http_token_revoke_shared_t  *sh;

    len = sizeof(" in token_revoke_zone \"\"") + zone->name.len;

    zone->shpool->log_ctx = ngx_slab_alloc(zone->shpool, len);
    if (zone->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->shpool->log_ctx, " in token_revoke_zone \"%V\"%Z",
                &zone->name);

    sh = ngx_slab_calloc(zone->shpool, sizeof(ngx_http_token_revoke_shared_t));
    if (sh == NULL) {
        return NGX_ERROR;
    }

    zone->sh = sh;
    zone->shpool->data = sh;

    sh->layout = NGX_HTTP_TOKEN_REVOKE_LAYOUT;

    if (ngx_http_token_revoke_zone_mutex(zone, log) != NGX_OK) {
        return NGX_ERROR;
    }

    /* whole pages: aligned, and zero as the table is */

    sh->shapes = ngx_slab_alloc(zone->shpool,
                                ngx_align(trv_shapes_size(), ngx_pagesize));
    if (sh->shapes == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_token_revoke_zone_table(zone, log);
}


/*
 * Whole pages are not touched by the slab allocator, and fresh memory of the
 * system is zero: the table costs only the pages that it fills.
 */

static ngx_int_t
ngx_http_token_revoke_zone_table(ngx_http_token_revoke_zone_t *zone,
    ngx_log_t *log)
{
    uint8_t                          key[TRV_KEY_LEN];
    ngx_http_token_revoke_shared_t  *sh;

    sh = zone->sh;

    sh->table_size = zone->shpool->pfree * ngx_pagesize;
    sh->table = ngx_slab_alloc(zone->shpool, sh->table_size);

    if (sh->table == NULL) {
        return NGX_ERROR;
    }

    if (RAND_bytes(key, TRV_KEY_LEN) != 1) {
        ngx_log_error(NGX_LOG_EMERG, log, 0,
                      "RAND_bytes() failed for token_revoke_zone \"%V\"",
                      &zone->name);
        return NGX_ERROR;
    }

    if (trv_table_format(sh->table, sh->table_size, key) != TRV_OK) {
        ngx_log_error(NGX_LOG_EMERG, log, 0,
                      "token_revoke_zone \"%V\" of %z bytes is too small",
                      &zone->name, zone->size);
        return NGX_ERROR;
    }

    if (trv_table_attach(&zone->table, sh->table, sh->table_size) != TRV_OK) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * Robust: when a writer is killed, the next one gets the mutex and is told.
 * It is only ever tried, never waited for.
 */

static ngx_int_t
ngx_http_token_revoke_zone_mutex(ngx_http_token_revoke_zone_t *zone,
    ngx_log_t *log)
{
    int                  rc;
    pthread_mutexattr_t  attr;

    rc = pthread_mutexattr_init(&attr);

    if (rc == 0) {
        rc = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    }

    if (rc == 0) {
        rc = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    }

    if (rc == 0) {
        rc = pthread_mutex_init(&zone->sh->writer, &attr);
    }

    if (rc != 0) {
        ngx_log_error(NGX_LOG_EMERG, log, rc,
                      "no robust mutex for token_revoke_zone \"%V\"",
                      &zone->name);
        return NGX_ERROR;
    }

    (void) pthread_mutexattr_destroy(&attr);

    return NGX_OK;
}


ngx_int_t
ngx_http_token_revoke_zone_lock(ngx_http_token_revoke_zone_t *zone)
{
    int  rc;

    rc = pthread_mutex_trylock(&zone->sh->writer);

    if (rc == EOWNERDEAD) {

        /*
         * Whatever the dead writer was doing, the table is whole between any
         * two of its stores: there is nothing to repair here
         */

        rc = pthread_mutex_consistent(&zone->sh->writer);
    }

    if (rc == 0) {
        return NGX_OK;
    }

    return rc == EBUSY ? NGX_DECLINED : NGX_ERROR;
}


void
ngx_http_token_revoke_zone_unlock(ngx_http_token_revoke_zone_t *zone)
{
    (void) pthread_mutex_unlock(&zone->sh->writer);
}


uint64_t
ngx_http_token_revoke_boot_msec(void)
{
    struct timespec  ts;

    /* CLOCK_MONOTONIC stands still while the machine sleeps */

    (void) clock_gettime(CLOCK_BOOTTIME, &ts);

    return (uint64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


uint64_t
ngx_http_token_revoke_wall_msec(void)
{
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    return (uint64_t) tp->sec * 1000 + tp->msec;
}


uint64_t
ngx_http_token_revoke_zone_age(ngx_http_token_revoke_zone_t *zone)
{
    return trv_moment_age(&zone->sh->confirmed,
                          ngx_http_token_revoke_boot_msec(),
                          ngx_http_token_revoke_wall_msec());
}
