
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Redis's answers, read by hiredis's reader with object functions of our own.
 *
 * hiredis only wants to know that what they return is not NULL: it is the
 * reader itself.  The depth of an item is the index of hiredis's current task.
 */


#include "../core/trv_number.h"
#include "trv_item.h"
#include "trv_memory.h"


#if (HIREDIS_MAJOR >= 1)
#define trv_reader_task(redis)  ((redis)->task[(redis)->ridx])
typedef size_t  trv_elements_t;
#else
#define trv_reader_task(redis)  (&(redis)->rstack[(redis)->ridx])
typedef int  trv_elements_t;
#endif


/* a buffer that is empty and larger than this is given back by hiredis */

#define TRV_READER_KEEP  (256 * 1024)

/* a string is not cut before so much of it has come */

#define TRV_READER_CUT   (4 * TRV_ENTRY_VALUE_LEN)

/* room for questions at first */

#define TRV_READER_ASKS_MIN  16

/* more than a length in digits and two line ends */

#define TRV_READER_HEAD  64


static void *trv_reader_string(const redisReadTask *task, char *data,
    size_t len);
static void *trv_reader_array(const redisReadTask *task,
    trv_elements_t elements);
static void *trv_reader_integer(const redisReadTask *task, long long number);
static void *trv_reader_nil(const redisReadTask *task);
#if (HIREDIS_MAJOR >= 1)
static void *trv_reader_double(const redisReadTask *task, double number,
    char *text, size_t len);
static void *trv_reader_bool(const redisReadTask *task, int number);
#endif
static void trv_reader_free(void *object);
static void *trv_reader_item(const redisReadTask *task, trv_item_t *item);
static int trv_reader_cut(trv_reader_t *reader);
static trv_rc_t trv_reader_grow(trv_reader_t *reader);


/* not const: hiredis wants it so, and leaves it as it is */

static redisReplyObjectFunctions  trv_reader_functions = {
    .createString = trv_reader_string,
    .createArray = trv_reader_array,
    .createInteger = trv_reader_integer,
    .createNil = trv_reader_nil,
#if (HIREDIS_MAJOR >= 1)
    .createDouble = trv_reader_double,
    .createBool = trv_reader_bool,
#endif
    .freeObject = trv_reader_free,
};


trv_reader_t *
trv_reader_create(trv_batch_t *batch)
{
    trv_reader_t  *reader;

    reader = trv_alloc(sizeof(trv_reader_t));

    if (reader == NULL) {
        return NULL;
    }

    memset(reader, 0, sizeof(trv_reader_t));

    reader->batch = batch;
    reader->redis = redisReaderCreateWithFunctions(&trv_reader_functions);

    if (reader->redis == NULL) {
        trv_free(reader);
        return NULL;
    }

    reader->redis->privdata = reader;
    reader->redis->maxbuf = TRV_READER_KEEP;

    return reader;
}


void
trv_reader_destroy(trv_reader_t *reader)
{
    if (reader == NULL) {
        return;
    }

    redisReaderFree(reader->redis);
    trv_free(reader->asks);
    trv_free(reader->text);
    trv_free(reader);
}


trv_rc_t
trv_reader_expect(trv_reader_t *reader, trv_ask_t ask)
{
    trv_rc_t  rc;

    if (reader->nasks == reader->size) {
        rc = trv_reader_grow(reader);

        if (rc != TRV_OK) {
            return rc;
        }
    }

    reader->asks[(reader->first + reader->nasks) & (reader->size - 1)]
        = (uint8_t) ask;
    reader->nasks++;

    return TRV_OK;
}


/*
 * Called when the ring is full:
 *
 *     before     3 4|0 1 2            first is at the bar
 *     after      . .|0 1 2|3 4 . .
 */

static trv_rc_t
trv_reader_grow(trv_reader_t *reader)
{
    uint8_t   *asks;
    unsigned   size;

    if (reader->size == TRV_READER_ASKS) {
        return TRV_LIMIT;
    }

    size = reader->size != 0 ? reader->size * 2 : TRV_READER_ASKS_MIN;
    asks = trv_realloc(reader->asks, size);

    if (asks == NULL) {
        return TRV_NOMEM;
    }

    memcpy(asks + reader->size, asks, reader->first);

    reader->asks = asks;
    reader->size = size;

    return TRV_OK;
}


trv_rc_t
trv_reader_feed(trv_reader_t *reader, const uint8_t *data, size_t len)
{
    size_t        n;
    redisReader  *redis;

    redis = reader->redis;

    if (reader->failed != TRV_OK) {
        return reader->failed;
    }

    if (reader->drop == 0 && !trv_reader_cut(reader)
        && redis->len - redis->pos > TRV_READER_BULK_MAX + TRV_READER_HEAD)
    {
        reader->failed = TRV_LIMIT;
        return TRV_LIMIT;
    }

    n = reader->drop < len ? (size_t) reader->drop : len;

    reader->drop -= n;

    if (redisReaderFeed(redis, (const char *) data + n, len - n) != REDIS_OK) {
        reader->failed = TRV_NOMEM;
        return TRV_NOMEM;
    }

    return TRV_OK;
}


/*
 * Returns true if a string is being waited for.  If it is longer than we wait
 * for, tells hiredis that it is as long as what has come of it, and what is
 * still to come, up to the line end behind it, is dropped.
 *
 *     before   pos                                      len
 *               |2097152\r\n|xxxxxxxxxxxxxxxxxxxxxxxxxxxx|
 *
 *     after         pos                                 len
 *                    |32760\r\n|xxxxxxxxxxxxxxxxxxxxxxxxx|
 *
 * The type byte was read before, and the new length has no more digits than
 * the old one; no byte of the buffer moves.
 */

static int
trv_reader_cut(trv_reader_t *reader)
{
    size_t        have, unread;
    int64_t       len;
    uint8_t      *head, *p;
    trv_str_t     digits;
    redisReader  *redis;

    redis = reader->redis;
    unread = redis->len - redis->pos;

    if (unread <= TRV_READER_CUT || redis->ridx < 0
        || trv_reader_task(redis)->type != REDIS_REPLY_STRING)
    {
        return 0;
    }

    head = (uint8_t *) redis->buf + redis->pos;
    p = memchr(head, '\r', TRV_READER_HEAD);

    if (p == NULL) {
        return 0;
    }

    digits.data = head;
    digits.len = (size_t) (p - head);

    if (trv_number_parse(digits, &len) != TRV_OK) {
        return 0;
    }

    have = unread - digits.len - 2;

    if (len <= TRV_READER_BULK_MAX || (uint64_t) len <= have) {
        return 1;
    }

    reader->drop = (uint64_t) len - have;

    for ( /* void */; have != 0; have /= 10) {
        *--p = (uint8_t) ('0' + have % 10);
    }

    redis->pos += (size_t) (p - head);

    return 1;
}


trv_rc_t
trv_reader_next(trv_reader_t *reader, int64_t now, trv_answer_t *answer)
{
    void  *reply;

    if (reader->failed != TRV_OK) {
        return reader->failed;
    }

    reader->now = now;

    if (redisReaderGetReply(reader->redis, &reply) != REDIS_OK) {

        if (reader->failed == TRV_OK) {
            reader->failed = reader->redis->err == REDIS_ERR_OOM
                             ? TRV_NOMEM : TRV_MALFORMED;
        }

        return reader->failed;
    }

    if (reply == NULL) {
        return TRV_NONE;
    }

    trv_item_finish(reader);

    reader->first = (reader->first + 1) & (reader->size - 1);
    reader->nasks--;

    *answer = reader->answer;

    return TRV_OK;
}


static void *
trv_reader_string(const redisReadTask *task, char *data, size_t len)
{
    trv_item_t  item;

    item.text.data = (const uint8_t *) data;
    item.text.len = len;
    item.number = 0;

    return trv_reader_item(task, &item);
}


static void *
trv_reader_array(const redisReadTask *task, trv_elements_t elements)
{
    trv_item_t  item;

    item.text.data = NULL;
    item.text.len = 0;
    item.number = (int64_t) elements;

    return trv_reader_item(task, &item);
}


static void *
trv_reader_integer(const redisReadTask *task, long long number)
{
    trv_item_t  item;

    item.text.data = NULL;
    item.text.len = 0;
    item.number = number;

    return trv_reader_item(task, &item);
}


/* the type of a nil is that of the string or the array in whose place it is */

static void *
trv_reader_nil(const redisReadTask *task)
{
    trv_item_t     item;
    redisReadTask  nil;

    item.text.data = NULL;
    item.text.len = 0;
    item.number = 0;

    nil = *task;
    nil.type = REDIS_REPLY_NIL;

    return trv_reader_item(&nil, &item);
}


#if (HIREDIS_MAJOR >= 1)

/* RESP3 only, and not a number is not 0 */

static void *
trv_reader_double(const redisReadTask *task, double number, char *text,
    size_t len)
{
    trv_item_t  item;

    item.text.data = (const uint8_t *) text;
    item.text.len = len;
    item.number = number != 0;

    return trv_reader_item(task, &item);
}


static void *
trv_reader_bool(const redisReadTask *task, int number)
{
    trv_item_t  item;

    item.text.data = NULL;
    item.text.len = 0;
    item.number = number != 0;

    return trv_reader_item(task, &item);
}

#endif


static void
trv_reader_free(void *object)
{
    (void) object;
}


/* NULL is taken by hiredis for a lack of memory, and ends the reading */

static void *
trv_reader_item(const redisReadTask *task, trv_item_t *item)
{
    trv_rc_t       rc;
    trv_reader_t  *reader;

    reader = task->privdata;

    item->type = task->type;
    item->depth = reader->redis->ridx;
    item->index = task->idx;
    item->last = task->parent != NULL
                 && task->idx + 1 == task->parent->elements;

    rc = trv_item_take(reader, item);

    if (rc != TRV_OK) {
        reader->failed = rc;
        return NULL;
    }

    return reader;
}
