
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
 *
 *     XRANGE  *1  *2  id  *pairs  name  value ...
 *     depth    0   1   2    2       3      3
 */


#ifndef _TRV_ITEM_H_INCLUDED_
#define _TRV_ITEM_H_INCLUDED_


#include <hiredis/hiredis.h>
#include "../core/trv_sum.h"
#include "trv_reader.h"


#pragma GCC visibility push(hidden)


/* hiredis before 1.0 does not read these */

#ifndef REDIS_REPLY_DOUBLE
#define REDIS_REPLY_DOUBLE  7
#define REDIS_REPLY_BOOL    8
#endif


/* what XINFO STREAM says and we look at */

typedef enum {
    TRV_XINFO_LENGTH = 0,
    TRV_XINFO_LAST_GENERATED,
    TRV_XINFO_FIRST_ENTRY,
    TRV_XINFO_LAST_ENTRY,
    TRV_XINFO_ENTRIES_ADDED,
    TRV_XINFO_MAX_DELETED,
    TRV_XINFO_OTHER
} trv_xinfo_t;


typedef struct {
    int        type;              /* REDIS_REPLY_... */
    int        depth;
    long       index;             /* in the array that it is in */
    unsigned   last:1;            /* of that array */
    trv_str_t  text;              /* strings, statuses and errors */
    int64_t    number;            /* integers, the length of arrays, and of
                                     others whether they are true */
} trv_item_t;


struct trv_reader_s {
    redisReader  *redis;
    trv_batch_t  *batch;
    int64_t       now;
    uint64_t      drop;           /* bytes to come that are not wanted */
    trv_rc_t      failed;         /* TRV_OK: not yet */

    uint8_t      *asks;           /* a ring of trv_ask_t */
    unsigned      size;           /* of it, a power of two, or 0 */
    unsigned      first;
    unsigned      nasks;

    uint8_t      *text;           /* what answer.text is a view of */
    size_t        text_size;

    trv_answer_t  answer;         /* the one that is being read */
    trv_id_t      id;             /* of the entry that is being read */
    trv_sum_t     sum;            /* of it, unless it goes into the batch */
    trv_xinfo_t   info;           /* the name whose value comes next */
    unsigned      seen;           /* bits of trv_xinfo_t */
};


/*
 * Takes in the next item.  Returns TRV_OK, also for what was not expected, or
 * TRV_MALFORMED (an answer to no question) or TRV_NOMEM.
 */

trv_rc_t trv_item_take(trv_reader_t *reader, const trv_item_t *item);


/* the last item was taken in: completes reader->answer */

void trv_item_finish(trv_reader_t *reader);


/*
 * One for each kind of question, as trv_item_take().  Those of the log are in
 * trv_item.c and trv_item_stream.c, the others in trv_item_value.c.
 */

trv_rc_t trv_item_xinfo(trv_reader_t *reader, const trv_item_t *item);
trv_rc_t trv_item_xrange(trv_reader_t *reader, const trv_item_t *item);
trv_rc_t trv_item_text(trv_reader_t *reader, const trv_item_t *item);
trv_rc_t trv_item_time(trv_reader_t *reader, const trv_item_t *item);
trv_rc_t trv_item_address(trv_reader_t *reader, const trv_item_t *item);
trv_rc_t trv_item_integer(trv_reader_t *reader, const trv_item_t *item);
trv_rc_t trv_item_yesno(trv_reader_t *reader, const trv_item_t *item);


/* the last item of an answer to XINFO STREAM: true if nothing is missing */

int trv_item_xinfo_complete(const trv_reader_t *reader);


/*
 * The answer is not of the form that was asked for; the rest of it is passed
 * over.  An entry that is being read stays unfinished, and is forgotten.
 */

trv_rc_t trv_item_unexpected(trv_reader_t *reader);


static inline trv_rc_t
trv_item_expected(trv_reader_t *reader, int expected)
{
    return expected ? TRV_OK : trv_item_unexpected(reader);
}


static inline int
trv_item_string(const trv_item_t *item)
{
    return item->type == REDIS_REPLY_STRING
           || item->type == REDIS_REPLY_STATUS;
}


static inline int
trv_item_array(const trv_item_t *item, int64_t len)
{
    return item->type == REDIS_REPLY_ARRAY && item->number == len;
}


#pragma GCC visibility pop


#endif /* _TRV_ITEM_H_INCLUDED_ */
