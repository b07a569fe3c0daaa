
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a Redis says of itself: the text of its answer to INFO.
 */


#ifndef _TRV_INFO_H_INCLUDED_
#define _TRV_INFO_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


#define TRV_INFO_ID_LEN    40
#define TRV_INFO_HOST_LEN  255


typedef enum {
    TRV_ROLE_UNKNOWN = 0,
    TRV_ROLE_MASTER,
    TRV_ROLE_REPLICA
} trv_role_t;


/* texts end with NUL; what was not said, or is longer than its room, is "" */

typedef struct {
    trv_role_t  role;
    unsigned    version;              /* major << 16 | minor << 8 | patch */

    char        run_id[TRV_INFO_ID_LEN + 1];
    char        replid[TRV_INFO_ID_LEN + 1];
    char        replid2[TRV_INFO_ID_LEN + 1];   /* of the master before */
    int64_t     second_offset;        /* up to which replid2 holds, or -1 */

    /* of a replica */

    unsigned    link_up:1;            /* master_link_status */
    unsigned    syncing:1;            /* master_sync_in_progress */
    int64_t     last_io;              /* whole seconds, -1: not known */
    char        master_host[TRV_INFO_HOST_LEN + 1];
    uint16_t    master_port;

    unsigned    cluster:1;            /* cluster_enabled */
    unsigned    loading:1;

    /* what may lose the log */

    uint64_t    maxmemory;            /* 0: no limit */
    unsigned    evicts:1;             /* allkeys-*: the log, too */
    unsigned    persistence_known:1;
    unsigned    aof:1;
} trv_info_t;


/* nothing is known: to be called for each connection */

void trv_info_clear(trv_info_t *info);


/*
 * Takes in what the text says.  INFO before 7.0 gives one section at a time,
 * so what it does not say stays as it was; but "role" begins anew with what
 * is said of a replica.  Unknown lines are ignored; it never fails.
 */

void trv_info_parse(trv_info_t *info, trv_str_t text);


/*
 * What is to be taken off a confirmation that this server gave, milliseconds:
 * 0 on a master; on a replica the time since it heard of its master, which
 * Redis rounds down to whole seconds.  -1: what it says confirms nothing,
 * because its link is down, because it is loading, or because it is not known
 * what it is.
 */

int64_t trv_info_lag(const trv_info_t *info);


#pragma GCC visibility pop


#endif /* _TRV_INFO_H_INCLUDED_ */
