
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Who may write a zone.  A robust mutex decides: when a writer is killed, the
 * next one gets it and is told.  It is only ever tried, never waited for, and
 * who takes it among many is decided by core/trv_owner.c.
 */


#include "ngx_http_token_revoke_zone.h"


ngx_int_t
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


void
ngx_http_token_revoke_zone_post(ngx_http_token_revoke_zone_t *zone)
{
    uint64_t  posted;

    posted = __atomic_load_n(&zone->sh->posted, __ATOMIC_RELAXED);

    while (posted < zone->owner.mine
           && !__atomic_compare_exchange_n(&zone->sh->posted, &posted,
                                           zone->owner.mine, 0,
                                           __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    {
        /* void */
    }
}


ngx_int_t
ngx_http_token_revoke_zone_lock(ngx_http_token_revoke_zone_t *zone)
{
    int                  rc;
    uint64_t             posted;
    trv_owner_action_t   action;

    /* an older one that took the mutex in between has posted its own */

    ngx_http_token_revoke_zone_post(zone);

    rc = pthread_mutex_trylock(&zone->sh->writer);

    if (rc == EOWNERDEAD) {

        /*
         * Whatever the dead writer was doing, the table is whole between any
         * two of its stores: there is nothing to repair here
         */

        rc = pthread_mutex_consistent(&zone->sh->writer);
    }

    if (rc != 0 && rc != EBUSY) {
        return NGX_ERROR;
    }

    posted = __atomic_load_n(&zone->sh->posted, __ATOMIC_RELAXED);
    action = trv_owner_try(&zone->owner, posted, rc == 0);

    if (action == TRV_OWNER_DO_TAKE) {
        __atomic_store_n(&zone->sh->posted, zone->owner.mine,
                         __ATOMIC_RELAXED);
        return NGX_OK;
    }

    if (rc == 0) {
        (void) pthread_mutex_unlock(&zone->sh->writer);
    }

    return NGX_DECLINED;
}


ngx_uint_t
ngx_http_token_revoke_zone_wanted(ngx_http_token_revoke_zone_t *zone)
{
    uint64_t  posted;

    posted = __atomic_load_n(&zone->sh->posted, __ATOMIC_RELAXED);

    return trv_owner_wanted(&zone->owner, posted);
}


void
ngx_http_token_revoke_zone_unlock(ngx_http_token_revoke_zone_t *zone)
{
    trv_owner_release(&zone->owner);

    (void) pthread_mutex_unlock(&zone->sh->writer);
}
