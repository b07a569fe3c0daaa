
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The shared memory of a zone: who lays it out.
 *
 *     +----------------+-------+---+--------------------------------------+
 *     | ngx_slab_pool  | text  |   | block                                |
 *     +----------------+-------+---+--------+--------+--------------------+
 *                                  | shared | shapes | table              |
 *                                  +--------+--------+--------------------+
 *
 * The slab pool is there because nginx puts it there.  After these two pieces
 * nothing is allocated from it.  The block begins at a page, in a large zone
 * at a huge one, and the shapes and the table in it at a page; there is no
 * address in it.  What is behind it is in ..._zone_memory.c.
 */


#include "ngx_http_token_revoke_zone.h"

#include <openssl/rand.h>


static ngx_http_token_revoke_zone_t *ngx_http_token_revoke_zone_before(
    ngx_http_token_revoke_zone_t *zone);
static ngx_int_t ngx_http_token_revoke_zone_log(
    ngx_http_token_revoke_zone_t *zone, ngx_http_token_revoke_zone_t *ozone,
    ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_inherit(
    ngx_http_token_revoke_zone_t *zone, ngx_http_token_revoke_zone_t *ozone,
    ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_create(
    ngx_http_token_revoke_zone_t *zone, ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_adopt(
    ngx_http_token_revoke_zone_t *zone, ngx_http_token_revoke_found_t *found,
    uint8_t *base, size_t size, ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_format(
    ngx_http_token_revoke_zone_t *zone, uint8_t *base, size_t size,
    ngx_log_t *log);
static ngx_int_t ngx_http_token_revoke_zone_attach(
    ngx_http_token_revoke_zone_t *zone, uint8_t *base, ngx_log_t *log);
static void ngx_http_token_revoke_zone_look_back(
    ngx_http_token_revoke_zone_t *zone, ngx_http_token_revoke_found_t *found,
    ngx_log_t *log);
static size_t ngx_http_token_revoke_zone_shapes(void);
static size_t ngx_http_token_revoke_zone_table(void);


ngx_int_t
ngx_http_token_revoke_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_token_revoke_zone_t *ozone = data;

    ngx_int_t                      rc;
    ngx_http_token_revoke_zone_t  *zone;

    zone = shm_zone->data;

    if (ngx_http_token_revoke_zone_log(zone,
                       ozone ? ozone : ngx_http_token_revoke_zone_before(zone),
                       shm_zone->shm.log)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

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


/* the zone of this name in the cycle before, also of another size, or NULL */

static ngx_http_token_revoke_zone_t *
ngx_http_token_revoke_zone_before(ngx_http_token_revoke_zone_t *zone)
{
    ngx_uint_t        i;
    ngx_shm_zone_t   *shm_zone;
    ngx_list_part_t  *part;

    if (ngx_is_init_cycle(ngx_cycle)) {
        return NULL;
    }

    part = (ngx_list_part_t *) &ngx_cycle->shared_memory.part;

    for ( /* void */ ; part; part = part->next) {
        shm_zone = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (shm_zone[i].tag == &ngx_http_token_revoke_module
                && shm_zone[i].shm.name.len == zone->name.len
                && ngx_strncmp(shm_zone[i].shm.name.data, zone->name.data,
                               zone->name.len)
                   == 0)
            {
                return shm_zone[i].data;
            }
        }
    }

    return NULL;
}


/* a zone has one log for life */

static ngx_int_t
ngx_http_token_revoke_zone_log(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_zone_t *ozone, ngx_log_t *log)
{
    if (ozone == NULL
        || (zone->log.len == ozone->log.len
            && ngx_strncmp(zone->log.data, ozone->log.data, zone->log.len)
               == 0))
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, log, 0,
                  "token_revoke_zone \"%V\" uses log \"%V\" while "
                  "previously it used log \"%V\"",
                  &zone->name, &zone->log, &ozone->log);

    return NGX_ERROR;
}


/* a reload: the same memory, seen by a new configuration */

static ngx_int_t
ngx_http_token_revoke_zone_inherit(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_zone_t *ozone, ngx_log_t *log)
{
    ngx_http_token_revoke_found_t  found;

    zone->shpool = ozone->shpool;

    if (ngx_http_token_revoke_zone_attach(zone, zone->shpool->data, log)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_token_revoke_memory_keep(zone, ozone, log);

    if (ngx_http_token_revoke_zone_age(zone) == TRV_AGE_NEVER) {
        ngx_http_token_revoke_found_find(zone, &found);
        ngx_http_token_revoke_zone_look_back(zone, &found, log);
    }

    return NGX_OK;
}


/* another size, or a new process */

static ngx_int_t
ngx_http_token_revoke_zone_create(ngx_http_token_revoke_zone_t *zone,
    ngx_log_t *log)
{
    size_t                          len, size, extra;
    uint8_t                        *base;
    ngx_int_t                       rc;
    ngx_http_token_revoke_found_t   found;

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

    extra = ngx_http_token_revoke_pages_extra(zone->size);
    base = ngx_http_token_revoke_pages_align(base, extra);
    size -= extra;

    zone->shpool->data = base;

    ngx_http_token_revoke_found_find(zone, &found);

    rc = ngx_http_token_revoke_zone_adopt(zone, &found, base, size, log);

    if (rc == NGX_DECLINED) {
        rc = ngx_http_token_revoke_memory_make(zone, base, size, log);

        if (rc == NGX_OK) {
            rc = ngx_http_token_revoke_zone_format(zone, base, size, log);
        }

        if (rc == NGX_OK) {
            zone->sh->serial = found.newest.serial + 1;
        }
    }

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_http_token_revoke_zone_look_back(zone, &found, log);

    return NGX_OK;
}


/* the block that another nginx has, if it is one for this zone */

static ngx_int_t
ngx_http_token_revoke_zone_adopt(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_found_t *found, uint8_t *base, size_t size,
    ngx_log_t *log)
{
    ngx_int_t  rc;

    if (found->newest.fd == -1) {

        if (found->reason) {
            ngx_log_error(NGX_LOG_NOTICE, log, 0,
                          "token revoke zone \"%V\" cannot go on with the "
                          "rules of before: %s", &zone->name, found->reason);
        }

        return NGX_DECLINED;
    }

    if (found->newest.size != size) {
        return NGX_DECLINED;
    }

    rc = ngx_http_token_revoke_memory_take(zone, found->newest.fd, base, size,
                                           log);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_token_revoke_zone_attach(zone, base, log) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_NOTICE, log, 0,
                  "token revoke zone \"%V\" goes on with the rules of before",
                  &zone->name);

    return NGX_OK;
}


/*
 * A zone that was never confirmed does not decide while there is one that
 * was: other memory, of another size or of an nginx before, with the rules of
 * the same log up to then.  Nobody writes it for us: its age grows.
 */

static void
ngx_http_token_revoke_zone_look_back(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_found_t *found, ngx_log_t *log)
{
    ngx_http_token_revoke_zone_t  *previous;

    if (ngx_http_token_revoke_zone_age(zone) != TRV_AGE_NEVER
        || found->confirmed.fd == -1
        || found->confirmed.serial == zone->sh->serial)
    {
        return;
    }

    previous = ngx_palloc(zone->pool, sizeof(ngx_http_token_revoke_zone_t));

    if (previous == NULL
        || ngx_http_token_revoke_memory_view(zone, found->confirmed.fd,
                                             found->confirmed.size)
           != NGX_OK)
    {
        return;
    }

    *previous = *zone;

    if (ngx_http_token_revoke_zone_attach(previous, zone->old.base, log)
        != NGX_OK)
    {
        return;
    }

    zone->previous = previous;

    ngx_log_error(NGX_LOG_NOTICE, log, 0,
                  "token revoke zone \"%V\" of %z bytes is new: the rules of "
                  "before decide until it is synced",
                  &zone->name, zone->size);
}


ngx_http_token_revoke_zone_t *
ngx_http_token_revoke_zone_decides(ngx_http_token_revoke_zone_t *zone)
{
    if (zone->previous == NULL
        || ngx_http_token_revoke_zone_age(zone) != TRV_AGE_NEVER)
    {
        return zone;
    }

    return zone->previous;
}


/*
 * Whole pages are not touched by the slab allocator, and fresh memory of the
 * system is zero: the table costs only the pages that it fills.
 */

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
    ngx_http_token_revoke_found_identity(zone, zone->sh->identity);

    if (ngx_http_token_revoke_zone_mutex(zone, log) != NGX_OK) {
        return NGX_ERROR;
    }

    __atomic_store_n(&zone->sh->layout, NGX_HTTP_TOKEN_REVOKE_LAYOUT,
                     __ATOMIC_RELEASE);

    return ngx_http_token_revoke_zone_attach(zone, base, log);
}


/* the module can have been replaced by a newer one before a reload */

static ngx_int_t
ngx_http_token_revoke_zone_attach(ngx_http_token_revoke_zone_t *zone,
    uint8_t *base, ngx_log_t *log)
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
        ngx_log_error(NGX_LOG_EMERG, log, 0,
                      "token_revoke_zone \"%V\" was laid out by another "
                      "version of the module, nginx has to be restarted",
                      &zone->name);
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
