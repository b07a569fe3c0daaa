
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The shared memory of a zone: who lays it out.
 *
 *     +----------------+-------+------------------------------------------+
 *     | ngx_slab_pool  | text  | block                                    |
 *     +----------------+-------+--------+--------+------------------------+
 *                              | shared | shapes | table                  |
 *                              +--------+--------+------------------------+
 *
 * The slab pool is there because nginx puts it there.  After these two pieces
 * nothing is allocated from it.  The block begins at a page, and so do the
 * shapes and the table in it; there is no address in it.
 */


#include <openssl/rand.h>

#include "ngx_http_token_revoke.h"


static ngx_int_t ngx_http_token_revoke_zone_inherit(
    ngx_http_token_revoke_zone_t *zone, ngx_http_token_revoke_zone_t *ozone,
    ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_create(
    ngx_http_token_revoke_zone_t *zone, ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_format(
    ngx_http_token_revoke_zone_t *zone, uint8_t *base, size_t size,
    ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_attach(
    ngx_http_token_revoke_zone_t *zone, uint8_t *base);
static size_t ngx_http_token_revoke_zone_shapes(void);
static size_t ngx_http_token_revoke_zone_table(void);


ngx_int_t
ngx_http_token_revoke_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_token_revoke_zone_t *ozone = data;

    ngx_int_t                      rc;
    ngx_http_token_revoke_zone_t  *zone;

    zone = shm_zone->data;

    if (ozone) {
        rc = ngx_http_token_revoke_zone_inherit(zone, ozone,
                                                shm_zone->shm.log);

    } else {
        zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;
        rc = ngx_http_token_revoke_zone_create(zone, shm_zone->shm.log);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    /* the rest of the cycle can still fail: it posts when it is ready */

    zone->owner.mine = __atomic_add_fetch(&zone->sh->cycles, 1,
                                          __ATOMIC_RELAXED);

    return NGX_OK;
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

    /* the module can have been replaced by a newer one before the reload */

    if (ngx_http_token_revoke_zone_attach(zone, zone->shpool->data)
        != NGX_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, log, 0,
                      "token_revoke_zone \"%V\" was laid out by another "
                      "version of the module, nginx has to be restarted",
                      &zone->name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * Whole pages are not touched by the slab allocator, and fresh memory of the
 * system is zero: the table costs only the pages that it fills.
 */

static ngx_int_t
ngx_http_token_revoke_zone_create(ngx_http_token_revoke_zone_t *zone,
    ngx_log_t *log)
{
    size_t    len, size;
    uint8_t  *base;

    len = sizeof(" in token_revoke_zone \"\"") + zone->name.len;

    zone->shpool->log_ctx = ngx_slab_alloc(zone->shpool, len);
    if (zone->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->shpool->log_ctx, " in token_revoke_zone \"%V\"%Z",
                &zone->name);

    size = zone->shpool->pfree * ngx_pagesize;

    base = ngx_slab_alloc(zone->shpool, size);
    if (base == NULL) {
        return NGX_ERROR;
    }

    zone->shpool->data = base;

    return ngx_http_token_revoke_zone_format(zone, base, size, log);
}


static ngx_int_t
ngx_http_token_revoke_zone_format(ngx_http_token_revoke_zone_t *zone,
    uint8_t *base, size_t size, ngx_log_t *log)
{
    size_t   offset;
    uint8_t  key[TRV_KEY_LEN];

    offset = ngx_http_token_revoke_zone_table();

    if (RAND_bytes(key, TRV_KEY_LEN) != 1) {
        ngx_log_error(NGX_LOG_EMERG, log, 0,
                      "RAND_bytes() failed for token_revoke_zone \"%V\"",
                      &zone->name);
        return NGX_ERROR;
    }

    if (size <= offset
        || trv_table_format(base + offset, size - offset, key) != TRV_OK)
    {
        ngx_log_error(NGX_LOG_EMERG, log, 0,
                      "token_revoke_zone \"%V\" of %z bytes is too small",
                      &zone->name, zone->size);
        return NGX_ERROR;
    }

    zone->sh = (ngx_http_token_revoke_shared_t *) base;
    zone->sh->size = size;

    if (ngx_http_token_revoke_zone_mutex(zone, log) != NGX_OK) {
        return NGX_ERROR;
    }

    __atomic_store_n(&zone->sh->layout, NGX_HTTP_TOKEN_REVOKE_LAYOUT,
                     __ATOMIC_RELEASE);

    return ngx_http_token_revoke_zone_attach(zone, base);
}


/* NGX_ERROR: it was laid out by somebody else */

static ngx_int_t
ngx_http_token_revoke_zone_attach(ngx_http_token_revoke_zone_t *zone,
    uint8_t *base)
{
    size_t                           offset;
    ngx_http_token_revoke_shared_t  *sh;

    sh = (ngx_http_token_revoke_shared_t *) base;
    offset = ngx_http_token_revoke_zone_table();

    if (__atomic_load_n(&sh->layout, __ATOMIC_ACQUIRE)
        != NGX_HTTP_TOKEN_REVOKE_LAYOUT
        || trv_table_attach(&zone->table, base + offset, sh->size - offset)
           != TRV_OK)
    {
        return NGX_ERROR;
    }

    zone->sh = sh;
    zone->shapes = (trv_shapes_t *) (base
                                     + ngx_http_token_revoke_zone_shapes());

    return NGX_OK;
}


/* where they begin in the block */

static size_t
ngx_http_token_revoke_zone_shapes(void)
{
    return ngx_align(sizeof(ngx_http_token_revoke_shared_t), ngx_pagesize);
}


static size_t
ngx_http_token_revoke_zone_table(void)
{
    return ngx_http_token_revoke_zone_shapes()
           + ngx_align(trv_shapes_size(), ngx_pagesize);
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
