
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Blocks of zones that lie about: those of older cycles, and those that
 * another nginx has handed down, found among the descriptors of this process
 * by the names that ..._zone_memory.c gives them.  A name proves nothing, so
 * what is behind it is looked at before it is mapped.
 */


#include "ngx_http_token_revoke_zone.h"

#include "core/trv_siphash.h"


#define NGX_HTTP_TOKEN_REVOKE_LINK   "/memfd:token_revoke:"


typedef ngx_int_t (*ngx_http_token_revoke_found_pt)(int fd, char *link,
    void *data);


typedef struct {
    ngx_http_token_revoke_zone_t   *zone;
    ngx_http_token_revoke_found_t  *found;
    char                            link[sizeof(NGX_HTTP_TOKEN_REVOKE_LINK)
                                         + NGX_HTTP_TOKEN_REVOKE_NAME_MAX
                                         + sizeof(" (deleted)")];
} ngx_http_token_revoke_search_t;


#if (NGX_HTTP_TOKEN_REVOKE_MEMFD)

static void ngx_http_token_revoke_found_each(
    ngx_http_token_revoke_found_pt handler, void *data);
static ngx_int_t ngx_http_token_revoke_found_look(int fd, char *link,
    void *data);
static ngx_int_t ngx_http_token_revoke_found_unused(int fd, char *link,
    void *data);

#endif


void
ngx_http_token_revoke_found_identity(ngx_http_token_revoke_zone_t *zone,
    uint64_t identity[2])
{
    trv_hash128_t  name, log;

    name = trv_siphash128(0, 0, zone->name.data, zone->name.len);
    log = trv_siphash128(name.w[0], name.w[1], zone->log.data, zone->log.len);

    identity[0] = log.w[0];
    identity[1] = log.w[1];
}


#if (NGX_HTTP_TOKEN_REVOKE_MEMFD)


/*
 * A process that was not started by another nginx has nothing to find, and
 * what it may have inherited from somewhere else is none of its business.
 */

void
ngx_http_token_revoke_found_find(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_found_t *found)
{
    ngx_http_token_revoke_search_t  search;

    ngx_memzero(found, sizeof(ngx_http_token_revoke_found_t));

    found->newest.fd = -1;
    found->confirmed.fd = -1;

    if (ngx_test_config
        || (ngx_is_init_cycle(ngx_cycle) && !ngx_inherited))
    {
        return;
    }

    search.zone = zone;
    search.found = found;

    (void) ngx_snprintf((u_char *) search.link, sizeof(search.link),
                        "%s%*s (deleted)%Z", NGX_HTTP_TOKEN_REVOKE_LINK,
                        ngx_min(zone->name.len, NGX_HTTP_TOKEN_REVOKE_NAME_MAX),
                        zone->name.data);

    ngx_http_token_revoke_found_each(ngx_http_token_revoke_found_look,
                                     &search);
}


/* calls the handler for each descriptor with a name of ours */

static void
ngx_http_token_revoke_found_each(ngx_http_token_revoke_found_pt handler,
    void *data)
{
    DIR            *dir;
    char            link[sizeof(NGX_HTTP_TOKEN_REVOKE_LINK) + 255];
    ssize_t         n;
    ngx_int_t       fd;
    struct dirent  *entry;

    dir = opendir("/proc/self/fd");

    if (dir == NULL) {
        return;
    }

    for ( ;; ) {
        entry = readdir(dir);

        if (entry == NULL) {
            break;
        }

        fd = ngx_atoi((u_char *) entry->d_name, ngx_strlen(entry->d_name));

        if (fd == NGX_ERROR) {
            continue;
        }

        n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);

        if (n <= 0) {
            continue;
        }

        link[n] = '\0';

        if (ngx_strncmp(link, NGX_HTTP_TOKEN_REVOKE_LINK,
                        sizeof(NGX_HTTP_TOKEN_REVOKE_LINK) - 1)
            == 0
            && handler(fd, link, data) != NGX_OK)
        {
            break;
        }
    }

    (void) closedir(dir);
}


/* of several with this name that are ours the one that was made last */

static ngx_int_t
ngx_http_token_revoke_found_look(int fd, char *link, void *data)
{
    ngx_http_token_revoke_search_t *search = data;

    int                              seals;
    uint64_t                         identity[2];
    struct stat                      st;
    ngx_http_token_revoke_found_t   *found;
    ngx_http_token_revoke_shared_t   sh;

    found = search->found;

    if (ngx_strcmp(link, search->link) != 0) {
        return NGX_OK;
    }

    seals = fcntl(fd, F_GET_SEALS);

    if (seals == -1 || !(seals & F_SEAL_SHRINK) || fstat(fd, &st) == -1
        || st.st_uid != geteuid()
        || pread(fd, &sh, sizeof(sh), 0) != sizeof(sh))
    {
        return NGX_OK;
    }

    if (sh.layout != NGX_HTTP_TOKEN_REVOKE_LAYOUT
        || sh.size != (uint64_t) st.st_size)
    {
        found->reason = "another version of the module laid them out";
        return NGX_OK;
    }

    ngx_http_token_revoke_found_identity(search->zone, identity);

    if (ngx_memcmp(sh.identity, identity, sizeof(identity)) != 0) {
        found->reason = "they are those of another log";
        return NGX_OK;
    }

    if (sh.serial > found->newest.serial) {
        found->newest.fd = fd;
        found->newest.size = sh.size;
        found->newest.serial = sh.serial;
    }

    if (sh.confirmed.boot && sh.serial > found->confirmed.serial) {
        found->confirmed.fd = fd;
        found->confirmed.size = sh.size;
        found->confirmed.serial = sh.serial;
    }

    return NGX_OK;
}


/* what the nginx before has handed down is ours now, or nobody's */

void
ngx_http_token_revoke_found_settle(ngx_array_t *zones)
{
    if (ngx_test_config || !ngx_is_init_cycle(ngx_cycle) || !ngx_inherited) {
        return;
    }

    ngx_http_token_revoke_found_each(ngx_http_token_revoke_found_unused,
                                     zones);
}


static ngx_int_t
ngx_http_token_revoke_found_unused(int fd, char *link, void *data)
{
    ngx_array_t *zones = data;

    ngx_uint_t                      i;
    ngx_http_token_revoke_zone_t  **zone;

    (void) link;

    if (zones) {
        zone = zones->elts;

        for (i = 0; i < zones->nelts; i++) {
            if (fd == zone[i]->memory.fd || fd == zone[i]->old.fd) {
                return NGX_OK;
            }
        }
    }

    (void) close(fd);

    return NGX_OK;
}


#else


void
ngx_http_token_revoke_found_find(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_found_t *found)
{
    ngx_memzero(found, sizeof(ngx_http_token_revoke_found_t));

    found->newest.fd = -1;
    found->confirmed.fd = -1;
}


void
ngx_http_token_revoke_found_settle(ngx_array_t *zones)
{
    /* void */
}


#endif
