
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * One search for a token's rules: what trv_match*.c share.
 */


#ifndef _TRV_MATCH_PRIVATE_H_INCLUDED_
#define _TRV_MATCH_PRIVATE_H_INCLUDED_


#include "trv_match.h"


#pragma GCC visibility push(hidden)


/* as many as memory is asked for at the same time */

#define TRV_MATCH_GROUP   32

#define TRV_MATCH_EXTRA   (TRV_IDS + 1)
#define TRV_MATCH_VALUES  (TRV_TRAITS + TRV_MATCH_EXTRA)

/* no index of a value: the end of a chain */

#define TRV_MATCH_END     UINT8_MAX


typedef struct {
    const trv_table_t   *table;
    const trv_plan_t    *plan;
    const trv_traits_t  *traits;
    int64_t              issued;          /* less the leeway */
    int64_t              now;
    unsigned             left;            /* combinations that may be made */
    unsigned             limit;           /* probes in a full group */
    unsigned             n;               /* in the group */
    unsigned             collect:1;       /* a full group ends it */
    trv_probe_t          probe[TRV_MATCH_GROUP];
    trv_value_t          extra[TRV_MATCH_EXTRA];
    uint8_t              next[TRV_MATCH_VALUES];
    uint8_t              head[TRV_SELECTORS];
} trv_search_t;


/*
 * Adds a fingerprint to the group.  TRV_OK ends the search: the group was full,
 * and has a match or is not to be looked up.
 */

trv_rc_t trv_match_push(trv_search_t *search, trv_fp_t fp, unsigned shape,
    trv_match_t *match);

/*
 * Adds those of all shapes of the plan but {token}, and says in match->had
 * which the token can have.  TRV_OK as above; TRV_NONE, or TRV_LIMIT: there
 * were more combinations than may be made.
 */

trv_rc_t trv_match_shapes(trv_search_t *search, trv_match_t *match);


#pragma GCC visibility pop


#endif /* _TRV_MATCH_PRIVATE_H_INCLUDED_ */
