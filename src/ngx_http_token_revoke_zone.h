
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A zone: the memory that all processes share, and what of it one cycle's
 * configuration sees.  Nothing here knows of locations or requests.
 */


#ifndef _NGX_HTTP_TOKEN_REVOKE_ZONE_H_INCLUDED_
#define _NGX_HTTP_TOKEN_REVOKE_ZONE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <pthread.h>

#include "ngx_http_token_revoke_redis.h"

#include "core/trv_fresh.h"
#include "core/trv_lineage.h"
#include "core/trv_log.h"
#include "core/trv_names.h"
#include "core/trv_owner.h"
#include "core/trv_shape.h"
#include "core/trv_table.h"


/* whose address is the tag of a zone */

extern ngx_module_t  ngx_http_token_revoke_module;


#pragma GCC visibility push(hidden)


typedef struct ngx_http_token_revoke_follower_s
    ngx_http_token_revoke_follower_t;
typedef struct ngx_http_token_revoke_strict_s
    ngx_http_token_revoke_strict_t;


/* changes with the structure below or with what its fields mean */

#define NGX_HTTP_TOKEN_REVOKE_LAYOUT  0x7472763000bULL


/* tokens that were looked up in a zone; see _count.c */

typedef struct {
    uint64_t                           tokens;
    uint64_t                           dateless;   /* without an issue time */
    uint64_t                           had[TRV_SHAPES];
} ngx_http_token_revoke_counts_t;


/* entries that were refused last, of which the IDs are kept */

#define NGX_HTTP_TOKEN_REVOKE_REFUSALS  4


/* what an operator has to look at, until he accepts it */

typedef enum {
    NGX_HTTP_TOKEN_REVOKE_LOSS = 0,
    NGX_HTTP_TOKEN_REVOKE_GAP,
    NGX_HTTP_TOKEN_REVOKE_REFUSED,
    NGX_HTTP_TOKEN_REVOKE_KINDS
} ngx_http_token_revoke_report_e;


/*
 * The head of a zone's block, see ..._zone.c: behind it are the shapes and the
 * table.  No address is in it: two nginxes may have it in different places.
 * It is zero when new, which means: nothing applied, nothing confirmed.
 *
 * The owner of "writer" writes; everybody reads with atomic loads.
 */

typedef struct {
    uint64_t                           layout;     /* written last */
    uint64_t                           size;       /* of the block */
    uint64_t                           serial;     /* higher: made later */
    uint64_t                           identity[2];    /* zone and log */
    uint64_t                           cycles;     /* that have used it */
    uint64_t                           posted;     /* generation, ready */
    pthread_mutex_t                    writer;     /* robust, shared */

    uint64_t                           names;      /* of attributes; 0: new */

    trv_position_t                     applied;
    trv_moment_t                       confirmed;
    trv_lineage_t                      followed;   /* server, at that moment */
    uint32_t                           again;      /* the log is to be read */
    uint32_t                           stale;      /* said in the log */
    uint32_t                           strict_lost;     /* said, too */
    uint64_t                           strict_failed;   /* last, boot ms */
    uint32_t                           overflow;   /* a rule did not fit, */
    trv_id_t                           unfit;      /* of this entry first */

    uint32_t                           reports;    /* bits: not accepted yet */
    trv_id_t                           reported[NGX_HTTP_TOKEN_REVOKE_KINDS];
    uint64_t                           refused;    /* entries not applied, */
    trv_id_t                           refusals[NGX_HTTP_TOKEN_REVOKE_REFUSALS];
    uint32_t                           suffix;     /* of the edge's name */
    ngx_http_token_revoke_counts_t     counts;
    uint64_t                           undated;    /* tokens, for want of iat */

    trv_names_t                        claims;     /* that tokens had */
} ngx_http_token_revoke_shared_t;


/* the longest name of a zone in that of a memfd, of which 249 bytes may be */

#define NGX_HTTP_TOKEN_REVOKE_NAME_MAX  200


/* memory of a descriptor, both owned by a cycle; fd -1: of no descriptor */

typedef struct {
    int                                fd;
    uint8_t                           *base;
    size_t                             size;
    size_t                             huge;       /* asked for, in bytes, */
    size_t                             reach;      /* of so many when last */
                                                   /* looked at */
} ngx_http_token_revoke_memory_t;


/*
 * Blocks that were found: the one that was made last, and that one of those
 * that were ever confirmed; fd -1: none, and perhaps why.
 */

typedef struct {
    int                                fd;
    size_t                             size;
    uint64_t                           serial;     /* 0: none */
} ngx_http_token_revoke_block_t;


typedef struct {
    ngx_http_token_revoke_block_t      newest;
    ngx_http_token_revoke_block_t      confirmed;
    const char                        *reason;
} ngx_http_token_revoke_found_t;


typedef struct ngx_http_token_revoke_zone_s  ngx_http_token_revoke_zone_t;


/* a zone as one cycle's configuration sees it */

struct ngx_http_token_revoke_zone_s {
    ngx_str_t                          name;
    ssize_t                            size;
    ngx_str_t                          log;        /* the stream's key */
    ngx_http_token_revoke_redis_t     *redis;
    time_t                             retain;     /* 0: without an end */
    ngx_str_t                          edge;       /* empty: made up */
    ngx_uint_t                         dry_run;    /* a location only records */

    ngx_msec_t                         max_stale;  /* smallest in use */
    ngx_uint_t                         asks;       /* a location is strict */
    ngx_array_t                       *attributes; /* names, trv_str_t */
    ngx_uint_t                         index;      /* among the zones */

    ngx_shm_zone_t                    *shm_zone;
    ngx_slab_pool_t                   *shpool;

    /* views of the block, and this cycle's candidate for writing it */

    ngx_http_token_revoke_shared_t    *sh;
    trv_shapes_t                      *shapes;
    trv_table_t                        table;
    trv_owner_t                        owner;

    ngx_pool_t                        *pool;       /* of the cycle */
    ngx_http_token_revoke_memory_t     memory;     /* of the block, its fd */

    /* what was before this memory, if that was made afresh: read only */

    ngx_http_token_revoke_memory_t     old;
    ngx_http_token_revoke_zone_t      *previous;

    ngx_http_token_revoke_follower_t  *follower;   /* of this worker */
    ngx_http_token_revoke_strict_t    *strict;     /* too; NULL: none asks */
};


/* _zone.c */

ngx_int_t ngx_http_token_revoke_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);

/* milliseconds of a clock that counts sleep, and of the wall clock */

uint64_t ngx_http_token_revoke_boot_msec(void);
uint64_t ngx_http_token_revoke_wall_msec(void);

/* milliseconds since the zone's position was confirmed; TRV_AGE_NEVER */

uint64_t ngx_http_token_revoke_zone_age(ngx_http_token_revoke_zone_t *zone);

/*
 * By whose rules, age and overflow a request is decided: the zone's own, or
 * those of "previous" until it was confirmed for the first time.  Ask once
 * for each decision, first of all.
 */

ngx_http_token_revoke_zone_t *ngx_http_token_revoke_zone_decides(
    ngx_http_token_revoke_zone_t *zone);

/* _zone_owner.c: nothing of it waits.  New memory gets its mutex */

ngx_int_t ngx_http_token_revoke_zone_mutex(ngx_http_token_revoke_zone_t *zone,
    ngx_log_t *log);

/*
 * What follows is said by a cycle's follower while it is no writer.  "Post":
 * it is ready to write, so an older cycle's writer is to give way; harmless
 * when repeated.  "Lock" makes this process the writer: NGX_OK, or
 * NGX_DECLINED: try again in 5 ms, another one writes, or a newer one that
 * has posted will in a moment (see core/trv_owner.h), or NGX_ERROR.
 */

void ngx_http_token_revoke_zone_post(ngx_http_token_revoke_zone_t *zone);
ngx_int_t ngx_http_token_revoke_zone_lock(ngx_http_token_revoke_zone_t *zone);

/*
 * And while it is: true if a newer cycle's follower is ready, and this one
 * has to finish its entry, unlock, and be a candidate again.
 */

ngx_uint_t ngx_http_token_revoke_zone_wanted(
    ngx_http_token_revoke_zone_t *zone);
void ngx_http_token_revoke_zone_unlock(ngx_http_token_revoke_zone_t *zone);

/*
 * _zone_memory.c: the descriptors of a zone are closed with the pool of the
 * configuration that it is in, or by "close", for a process that starts no
 * other nginx; what is mapped stays.
 */

ngx_int_t ngx_http_token_revoke_memory_init(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone);
void ngx_http_token_revoke_memory_close(ngx_http_token_revoke_zone_t *zone);

/*
 * Puts memory behind a block in which nothing is yet: that of a new
 * descriptor, and if there can be none what is there stays, or that of one
 * that was found, of which a copy is taken.  NGX_OK, NGX_DECLINED: nothing was
 * done, NGX_ERROR: there is no memory at all.
 */

ngx_int_t ngx_http_token_revoke_memory_make(ngx_http_token_revoke_zone_t *zone,
    uint8_t *base, size_t size, ngx_log_t *log);
ngx_int_t ngx_http_token_revoke_memory_take(ngx_http_token_revoke_zone_t *zone,
    int fd, uint8_t *base, size_t size, ngx_log_t *log);

/* the same memory, of an older cycle: a descriptor of one's own */

void ngx_http_token_revoke_memory_keep(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_zone_t *ozone, ngx_log_t *log);

/* maps one that was found as the zone's "old" memory, to be read */

ngx_int_t ngx_http_token_revoke_memory_view(ngx_http_token_revoke_zone_t *zone,
    int fd, size_t size);

/*
 * _zone_pages.c: what a zone of this size has to be larger for its block to be
 * aligned to huge pages, 0: it has none; and where the block begins then.
 */

size_t ngx_http_token_revoke_pages_extra(size_t size);
uint8_t *ngx_http_token_revoke_pages_align(uint8_t *base, size_t extra);

/*
 * For the writer, now and then: the table reaches so far, from its base.  Asks
 * for the next huge page if it does not have one there, and if it has not
 * grown since the last call.
 */

void ngx_http_token_revoke_pages_want(ngx_http_token_revoke_zone_t *zone,
    size_t reach);

/* _zone_found.c: blocks have the name of their zone and its log in them */

void ngx_http_token_revoke_found_identity(ngx_http_token_revoke_zone_t *zone,
    uint64_t identity[2]);

/*
 * Looks for blocks of this zone among the descriptors of this process; they go
 * on belonging to whom they belong.
 */

void ngx_http_token_revoke_found_find(ngx_http_token_revoke_zone_t *zone,
    ngx_http_token_revoke_found_t *found);

/* closes what another nginx has handed down and no zone wants; NULL: none */

void ngx_http_token_revoke_found_settle(ngx_array_t *zones);


#pragma GCC visibility pop


#endif /* _NGX_HTTP_TOKEN_REVOKE_ZONE_H_INCLUDED_ */
