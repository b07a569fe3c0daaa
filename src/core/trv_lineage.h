
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Whose data a Redis has.  A master has an ID for their history
 * (master_replid), and its replicas have the same; one that is promoted begins
 * a history of its own, and says which was the one before (master_replid2).
 *
 *     master  A ------------------------ deposed, and goes on:  A
 *              \
 *     replica   A ------ promoted: B, and before that A
 *
 * What was applied from the one is not what the other has.
 */


#ifndef _TRV_LINEAGE_H_INCLUDED_
#define _TRV_LINEAGE_H_INCLUDED_


#include "trv_info.h"


#pragma GCC visibility push(hidden)


/* an ID that nobody has: what was applied can be of two histories */

#define TRV_LINEAGE_TWO  1


/* 64 bits of each ID; 0: not known.  Zero memory knows nothing */

typedef struct {
    uint64_t  id;
    uint64_t  before;
} trv_lineage_t;


typedef enum {
    TRV_LINEAGE_SAME = 0,         /* or not known to be another one */
    TRV_LINEAGE_OTHER,
    TRV_LINEAGE_DEPOSED           /* that from which the other one was made */
} trv_lineage_kin_t;


/* of the Redis that said this of itself */

trv_lineage_t trv_lineage(const trv_info_t *info);


/* what "asked" is to the one that is followed */

trv_lineage_kin_t trv_lineage_compare(trv_lineage_t followed,
    trv_lineage_t asked);


/*
 * In shared memory: one writer.  A reader can get one ID of before and one of
 * after a change; who acts on what he has read loads the ID once more then.
 */

void trv_lineage_store(trv_lineage_t *shared, trv_lineage_t lineage);
trv_lineage_t trv_lineage_load(const trv_lineage_t *shared);


#pragma GCC visibility pop


#endif /* _TRV_LINEAGE_H_INCLUDED_ */
