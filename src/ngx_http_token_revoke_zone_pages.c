
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Huge pages behind a zone.  A look-up reads a few lines of memory at random,
 * and with pages of 4 KB the processor has to look for the page first: 290 ns
 * instead of 200 for a line of a table of 180 MB (docs/performance.md).
 *
 *     | slab | ... | 2 MB | 2 MB | 2 MB | 2 MB | ...     block
 *                  ^                    ^
 *                  base, aligned        reach of the writer
 *
 * The writer asks for those that the table reaches into, so the zone uses at
 * most 2 MB more than it needs: one after the other, and only when the table
 * has not grown for a while.  One takes about a millisecond, in which requests
 * wait, and while rules arrive they wait for those already.  MADV_COLLAPSE
 * (Linux 6.1) does not care how the machine is set up for huge pages in
 * general.  Where there are none everything stays as it is.
 */


#include "ngx_http_token_revoke_zone.h"


#if (NGX_LINUX)

#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE  25
#endif

#endif


#define NGX_HTTP_TOKEN_REVOKE_HUGE  (2 * 1024 * 1024)

/* zones below that fit into the caches of processors */

#define NGX_HTTP_TOKEN_REVOKE_HUGE_ZONE  (16 * 1024 * 1024)

/*
 * Milliseconds, of which one takes less than one if there is free memory: the
 * kernel had to move that of others, which is not worth it.
 */

#define NGX_HTTP_TOKEN_REVOKE_HUGE_SLOW  20


size_t
ngx_http_token_revoke_pages_extra(size_t size)
{
#if (NGX_LINUX)

    return size < NGX_HTTP_TOKEN_REVOKE_HUGE_ZONE ? 0
                                                  : NGX_HTTP_TOKEN_REVOKE_HUGE;

#else

    return 0;

#endif
}


uint8_t *
ngx_http_token_revoke_pages_align(uint8_t *base, size_t extra)
{
    return extra ? ngx_align_ptr(base, extra) : base;
}


#if (NGX_LINUX)


void
ngx_http_token_revoke_pages_want(ngx_http_token_revoke_zone_t *zone,
    size_t reach)
{
    int       err;
    size_t    huge;
    uint8_t  *base;
    uint64_t  began, took;

    huge = zone->memory.huge;
    base = (uint8_t *) zone->sh;
    reach += zone->table.base - base;

    if (reach != zone->memory.reach) {
        zone->memory.reach = reach;
        return;
    }

    if (reach <= huge
        || zone->sh->size - huge < NGX_HTTP_TOKEN_REVOKE_HUGE
        || ngx_http_token_revoke_pages_extra(zone->size) == 0)
    {
        return;
    }

    zone->memory.huge += NGX_HTTP_TOKEN_REVOKE_HUGE;

    began = ngx_http_token_revoke_boot_msec();
    err = madvise(base + huge, NGX_HTTP_TOKEN_REVOKE_HUGE, MADV_COLLAPSE)
          ? ngx_errno : 0;
    took = ngx_http_token_revoke_boot_msec() - began;

    /* there are none, or only dear ones */

    if (err == EINVAL || took >= NGX_HTTP_TOKEN_REVOKE_HUGE_SLOW) {
        zone->memory.huge = zone->sh->size;
    }
}


#else


void
ngx_http_token_revoke_pages_want(ngx_http_token_revoke_zone_t *zone,
    size_t reach)
{
    /* void */
}


#endif
