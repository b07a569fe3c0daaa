
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What an edge says of itself once a second, as JSON (RFC 8259): the value of
 * its field in the hash "{revoked}:edges" (docs/redis.md).
 */


#ifndef _TRV_EDGE_H_INCLUDED_
#define _TRV_EDGE_H_INCLUDED_


#include "../core/trv_log.h"
#include "../core/trv_names.h"
#include "../core/trv_shape.h"


#pragma GCC visibility push(hidden)


typedef struct {
    const char        *version;
    const char        *state;         /* cold, syncing, live, detached */
    trv_str_t          log;
    uint64_t           time;          /* Unix ms, Redis's clock as we know it */
    trv_id_t           applied;
    uint64_t           age;           /* ms; UINT64_MAX: never confirmed */
    uint64_t           rules;
    unsigned           percent;       /* of the zone's memory */
    unsigned           overflow:1;
    unsigned           dry_run:1;     /* some location only records */
    uint64_t           retain;        /* seconds, 0: for ever */
    uint64_t           refused;       /* entries, not accepted yet */
    size_t             nrefusals;
    const trv_id_t    *refusals;      /* the last of them */
    size_t             nreports;
    const char       **reports;       /* loss, gap, refused */
    uint64_t           tokens;        /* that were looked up */
    uint64_t           dateless;      /* of them without an issue time */
    const trv_plan_t  *plan;          /* shapes in use */
    const uint64_t    *had;           /* for each: tokens with all its fields */
    size_t             nattributes;
    const trv_str_t   *attributes;
    unsigned           names;         /* how many trv_edge_names() tells */
    unsigned           names_full:1;  /* and there were others */
} trv_edge_t;


/* bytes that trv_edge_format() writes at most */

size_t trv_edge_size(const trv_edge_t *edge);

/*
 * Returns the number of bytes, without NUL.  Names that are no UTF-8 have "?"
 * for each byte that is not.
 */

size_t trv_edge_format(const trv_edge_t *edge, uint8_t *buf);

/*
 * The names of claims that tokens had, as an array: the value of the edge's
 * field in the hash "{revoked}:names".  Returns the number of bytes, which is
 * TRV_EDGE_NAMES at most.
 */

#define TRV_EDGE_NAMES  (TRV_NAMES * (6 * TRV_NAMES_LEN + 3) + 2)

size_t trv_edge_names(const trv_names_t *names, uint8_t *buf);


#pragma GCC visibility pop


#endif /* _TRV_EDGE_H_INCLUDED_ */
