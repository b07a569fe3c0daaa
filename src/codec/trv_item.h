
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * An answer of Redis, item by item, in the order of the bytes.  Nothing is
 * built: what an item means follows from the question, from its depth and
 * from its place in the array that it is in.
 *
 *     XREAD   *1  *2  key  *entries  *2  id  *pairs  name  value ...
 *     depth    0   1    2    2        3   4    4       5      5
 *
 *     XINFO   *n  name  value  name  *2  id  *pairs  name  value ...
 *     depth    0     1      1     1   1   2    2       3      3
 */


#ifndef _TRV_ITEM_H_INCLUDED_
#define _TRV_ITEM_H_INCLUDED_


#include <hiredis/hiredis.h>
#include "trv_reader.h"


#pragma GCC visibility push(hidden)


/* what XINFO STREAM says and we look at */

typedef enum {
    TRV_XINFO_LENGTH = 0,
    TRV_XINFO_LAST_GENERATED,
    TRV_XINFO_FIRST_ENTRY,
    TRV_XINFO_LAST_ENTRY,
    TRV_XINFO_ENTRIES_ADDED,
    TRV_XINFO_OTHER
} trv_xinfo_t;


typedef struct {
    int        type;              /* REDIS_REPLY_... */
    int        depth;
    long       index;             /* in the array that it is in */
    unsigned   last:1;            /* of that array */
    trv_str_t  text;              /* strings, statuses and errors */
    int64_t    number;            /* integers, and the length of arrays */
} trv_item_t;


struct trv_reader_s {
    redisReader  *redis;
    trv_batch_t  *batch;
    int64_t       now;
    uint64_t      drop;           /* bytes to come that are not wanted */
    trv_rc_t      failed;         /* TRV_OK: not yet */

    trv_ask_t     asks[TRV_READER_ASKS];
    unsigned      first;          /* of the questions, which are a ring */
    unsigned      nasks;

    trv_answer_t  answer;         /* the one that is being read */
    trv_id_t      id;             /* of the entry that is being read */
    trv_xinfo_t    info;           /* the name whose value comes next */
    unsigned      seen;           /* bits of trv_xinfo_t */
};


/*
 * Takes in the next item.  Returns TRV_OK, also for what was not expected, or
 * TRV_MALFORMED (an answer to no question) or TRV_NOMEM.
 */

trv_rc_t trv_item_take(trv_reader_t *reader, const trv_item_t *item);


/* the last item was taken in: completes reader->answer */

void trv_item_finish(trv_reader_t *reader);


#pragma GCC visibility pop


#endif /* _TRV_ITEM_H_INCLUDED_ */
