
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The edges that follow a log, as they have written themselves into the hash
 * "{revoked}:edges" (docs/redis.md).
 */


#ifndef _CLI_EDGES_H_INCLUDED_
#define _CLI_EDGES_H_INCLUDED_


#include "../core/trv_log.h"
#include "cli_json.h"
#include "cli_redis.h"


#pragma GCC visibility push(hidden)


/* an edge writes once a second; after so many milliseconds it is silent */

#define CLI_EDGE_SILENT  5000


/* pointers are into "json", which belongs to the edge; never NULL */

typedef struct {
    trv_str_t    id;
    json_t      *json;            /* NULL: what it has written is no object */
    json_t      *names;           /* of claims, owned; see cli_names.h */
    const char  *version;
    const char  *state;           /* "live", ...; "?" if it does not say */
    const char  *applied;
    int64_t      time;            /* Unix milliseconds, 0: it does not say */
    int64_t      age;             /* milliseconds, -1: it does not say */
    int64_t      retain;          /* seconds, 0: for ever, or not known */
    int64_t      rules;
    int64_t      percent;
    int64_t      tokens;          /* that it has seen */
    double       undated;         /* share of them without issue time, 0..1 */
    unsigned     silent:1;
    unsigned     overflow:1;
    unsigned     dry_run:1;
} cli_edge_t;


typedef struct {
    size_t       n;
    cli_edge_t  *edges;           /* sorted by their ids */
    int64_t      now;             /* Redis's clock, Unix milliseconds */
    int64_t      ahead;           /* of ours, milliseconds */
    int64_t      retain;          /* the longest of all, seconds; 0: for ever */
    redisReply  *reply;           /* the ids are in it */

    /* attributes that an edge defines, each once: views into the edges */

    size_t       nattributes;
    trv_str_t   *attributes;
} cli_edges_t;


/*
 * Asks for the registry.  TRV_OK, also if it is empty; TRV_MALFORMED: it could
 * not be asked for, see cli_redis_trouble(), and *edges is empty.
 */

trv_rc_t cli_edges_load(cli_redis_t *redis, const cli_target_t *target,
    cli_edges_t *edges);

void cli_edges_free(cli_edges_t *edges);

/* NULL if there is none of this id */

cli_edge_t *cli_edges_find(const cli_edges_t *edges, trv_str_t id);

/* how many are not silent */

size_t cli_edges_live(const cli_edges_t *edges);


#pragma GCC visibility pop


#endif /* _CLI_EDGES_H_INCLUDED_ */
