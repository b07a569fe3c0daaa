
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What is behind the block of a zone.  nginx maps the zone, and unmaps it; the
 * pages of the block in it are replaced by those of a memfd, so that whoever
 * has its descriptor can map them again: a new nginx that the old one has
 * started (a binary upgrade), and a new cycle with another size of the zone.
 *
 *     old nginx   | slab | block |     descriptor ---+
 *                            |                       |  inherited over exec
 *                         [ memfd ]                  |
 *                            |                       v
 *     new nginx         | slab | block |   "/memfd:token_revoke:NAME (deleted)"
 *
 * Each cycle has a descriptor of its own, closed with its pool: there is
 * nothing to count.  Workers have none: a program that is started by one must
 * not inherit it.  "nginx -t" makes none and looks for none.
 */


#include "ngx_http_token_revoke.h"


static void ngx_http_token_revoke_memory_cleanup(void *data);

#if (NGX_HTTP_TOKEN_REVOKE_MEMFD)

static int ngx_http_token_revoke_memory_create(
    ngx_http_token_revoke_zone_t *zone, size_t size);
static ngx_int_t ngx_http_token_revoke_memory_map(
    ngx_http_token_revoke_zone_t *zone, int fd, uint8_t *base, size_t size,
    ngx_log_t *log);
#endif


ngx_int_t
ngx_http_token_revoke_memory_init(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone)
{
    ngx_pool_cleanup_t  *cln;

    zone->memory.fd = -1;
    zone->old.fd = -1;
    zone->pool = cf->pool;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_token_revoke_memory_cleanup;
    cln->data = zone;

    return NGX_OK;
}


/* the block itself is unmapped by nginx, with the zone that it is in */

static void
ngx_http_token_revoke_memory_cleanup(void *data)
{
    ngx_http_token_revoke_zone_t *zone = data;

    ngx_http_token_revoke_memory_close(zone);

    if (zone->old.base) {
        (void) munmap(zone->old.base, zone->old.size);
        zone->old.base = NULL;
    }
}


void
ngx_http_token_revoke_memory_close(ngx_http_token_revoke_zone_t *zone)
{
    if (zone->memory.fd != -1) {
        (void) close(zone->memory.fd);
        zone->memory.fd = -1;
    }

    if (zone->old.fd != -1) {
        (void) close(zone->old.fd);
        zone->old.fd = -1;
    }
}


#if (NGX_HTTP_TOKEN_REVOKE_MEMFD)


ngx_int_t
ngx_http_token_revoke_memory_make(ngx_http_token_revoke_zone_t *zone,
    uint8_t *base, size_t size, ngx_log_t *log)
{
    int  fd;

    if (ngx_test_config) {
        return NGX_OK;
    }

    fd = ngx_http_token_revoke_memory_create(zone, size);

    if (fd == -1) {
        ngx_log_error(NGX_LOG_NOTICE, log, ngx_errno,
                      "token revoke zone \"%V\" would not outlive a binary "
                      "upgrade, its memory has no descriptor",
                      &zone->name);
        return NGX_OK;
    }

    return ngx_http_token_revoke_memory_map(zone, fd, base, size, log);
}


/*
 * Sealed: a descriptor that was cut short would kill who reads the memory.
 * Newer kernels want to be told that nothing of it is a program, older ones
 * do not know how.
 */

static int
ngx_http_token_revoke_memory_create(ngx_http_token_revoke_zone_t *zone,
    size_t size)
{
    int   fd, err;
    char  name[sizeof("token_revoke:") + NGX_HTTP_TOKEN_REVOKE_NAME_MAX];

    (void) ngx_snprintf((u_char *) name, sizeof(name), "token_revoke:%*s%Z",
                        ngx_min(zone->name.len, NGX_HTTP_TOKEN_REVOKE_NAME_MAX),
                        zone->name.data);

#ifdef MFD_NOEXEC_SEAL
    fd = memfd_create(name, MFD_ALLOW_SEALING|MFD_NOEXEC_SEAL);
#else
    fd = memfd_create(name, MFD_ALLOW_SEALING|0x0008U);
#endif

    if (fd == -1 && ngx_errno == EINVAL) {
        fd = memfd_create(name, MFD_ALLOW_SEALING);
    }

    if (fd == -1) {
        return -1;
    }

    if (ftruncate(fd, size) == -1
        || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_SEAL) == -1)
    {
        err = ngx_errno;
        (void) close(fd);
        ngx_set_errno(err);
        return -1;
    }

    return fd;
}


ngx_int_t
ngx_http_token_revoke_memory_take(ngx_http_token_revoke_zone_t *zone, int fd,
    uint8_t *base, size_t size, ngx_log_t *log)
{
    fd = fcntl(fd, F_DUPFD, 0);

    if (fd == -1) {
        return NGX_DECLINED;
    }

    return ngx_http_token_revoke_memory_map(zone, fd, base, size, log);
}


/* takes the descriptor, also if it fails: then there is no memory any more */

static ngx_int_t
ngx_http_token_revoke_memory_map(ngx_http_token_revoke_zone_t *zone, int fd,
    uint8_t *base, size_t size, ngx_log_t *log)
{
    if (zone->memory.fd != -1) {
        (void) close(zone->memory.fd);
    }

    zone->memory.fd = fd;

    if (mmap(base, size, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_FIXED, fd, 0)
        == MAP_FAILED)
    {
        ngx_log_error(NGX_LOG_EMERG, log, ngx_errno,
                      "mmap() of token_revoke_zone \"%V\" failed",
                      &zone->name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_http_token_revoke_memory_keep(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_zone_t *ozone, ngx_log_t *log)
{
    if (ozone->memory.fd == -1) {
        return;
    }

    zone->memory.fd = fcntl(ozone->memory.fd, F_DUPFD, 0);

    if (zone->memory.fd == -1) {
        ngx_log_error(NGX_LOG_NOTICE, log, ngx_errno,
                      "token revoke zone \"%V\" would not outlive a binary "
                      "upgrade, its memory has no descriptor",
                      &zone->name);
    }
}


ngx_int_t
ngx_http_token_revoke_memory_view(ngx_http_token_revoke_zone_t *zone, int fd,
    size_t size)
{
    void  *base;

    fd = fcntl(fd, F_DUPFD, 0);

    if (fd == -1) {
        return NGX_ERROR;
    }

    base = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

    if (base == MAP_FAILED) {
        (void) close(fd);
        return NGX_ERROR;
    }

    zone->old.fd = fd;
    zone->old.base = base;
    zone->old.size = size;

    return NGX_OK;
}


#else  /* the memory of nginx stays as it is, and a new one begins cold */


ngx_int_t
ngx_http_token_revoke_memory_make(ngx_http_token_revoke_zone_t *zone,
    uint8_t *base, size_t size, ngx_log_t *log)
{
    return NGX_OK;
}


ngx_int_t
ngx_http_token_revoke_memory_take(ngx_http_token_revoke_zone_t *zone, int fd,
    uint8_t *base, size_t size, ngx_log_t *log)
{
    return NGX_DECLINED;
}


void
ngx_http_token_revoke_memory_keep(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_zone_t *ozone, ngx_log_t *log)
{
    /* void */
}


ngx_int_t
ngx_http_token_revoke_memory_view(ngx_http_token_revoke_zone_t *zone, int fd,
    size_t size)
{
    return NGX_ERROR;
}


#endif
