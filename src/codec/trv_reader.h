
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Redis's answers, read by hiredis's reader with object functions of our
 * own: entries of the log go into a batch as they arrive, and no reply tree
 * is built (317 ns a rule and 17 ms in one step with hiredis's own).
 */


#ifndef _TRV_READER_H_INCLUDED_
#define _TRV_READER_H_INCLUDED_


#include "trv_entry.h"


#pragma GCC visibility push(hidden)


/*
 * A longer bulk string is not waited for, nor kept: hiredis is told that it
 * ends early, and the rest is dropped as it comes.  What is left is still
 * longer than any name or value may be, so that its entry is refused as any
 * other over a limit.  (Closing the link would not do: XINFO STREAM shows the
 * first and the last entry again and again, and nothing would be confirmed.)
 */

#define TRV_READER_BULK_MAX  (1024 * 1024)

/* questions that may be outstanding: queries are pipelined by thousands */

#define TRV_READER_ASKS  65536

/* a longer text is cut */

#define TRV_READER_TEXT_MAX  (64 * 1024)


typedef enum {
    TRV_ASK_ANY = 0,              /* AUTH, SELECT: only whether it worked */
    TRV_ASK_XREAD,                /* XREAD ... STREAMS one-key id */
    TRV_ASK_XINFO,                /* XINFO STREAM key */
    TRV_ASK_XRANGE,               /* XRANGE key id id COUNT 1 */
    TRV_ASK_TEXT,                 /* INFO section */
    TRV_ASK_TIME,                 /* TIME */
    TRV_ASK_ADDRESS,              /* SENTINEL GET-MASTER-ADDR-BY-NAME name */
    TRV_ASK_INTEGER,              /* WAIT, HSET, RPUSH, ... */
    TRV_ASK_YESNO,                /* whatever token_revoke_query says */
    TRV_ASK_NKINDS
} trv_ask_t;


typedef enum {
    TRV_ANSWER_OK = 0,
    TRV_ANSWER_NIL,               /* XREAD: nothing new; ADDRESS: no such */
    TRV_ANSWER_ERROR,             /* Redis said no: see "error" */
    TRV_ANSWER_UNEXPECTED,        /* not of the form that was asked for */
    TRV_ANSWER_NTYPES
} trv_answer_type_t;


/*
 * What stands is what the kind of question has; all else is zero.
 *
 * YESNO: nil, 0 and false are no; a string, even an empty one, a status, any
 * other number and true are yes; an array is yes if one of its elements is,
 * which may be arrays themselves.  An error within an array and what else
 * there is are UNEXPECTED.
 */

typedef struct {
    trv_ask_t          ask;
    trv_answer_type_t  type;

    size_t             entries;           /* XREAD: put into the batch;
                                             XRANGE: found, not in the batch */
    trv_id_t           last;              /* XREAD, XRANGE: ID of the last */
    uint64_t           digest;            /* XRANGE: as that of trv_entry_t */

    /* XINFO STREAM */

    uint64_t           length;
    trv_id_t           last_generated;
    trv_id_t           first_entry;       /* 0-0 if the stream is empty */
    trv_id_t           last_entry;        /* 0-0 if the stream is empty */
    uint64_t           first_digest;      /* 0 if the stream is empty */
    uint64_t           last_digest;
    uint64_t           entries_added;     /* since Redis 7.0, else 0 */
    trv_id_t           max_deleted;       /* since Redis 7.0, else 0-0 */

    /*
     * TEXT, and the host of ADDRESS: of the reader, until the next call of
     * trv_reader_feed() or trv_reader_next()
     */

    trv_str_t          text;
    uint16_t           port;              /* ADDRESS */

    uint64_t           time;              /* TIME: Unix milliseconds */
    int64_t            number;            /* INTEGER */
    unsigned           yes:1;             /* YESNO */

    /*
     * ERROR, UNEXPECTED: text, control bytes replaced, NUL-terminated; a
     * redirection to the longest host is whole
     */

    char               error[320];
} trv_answer_t;


typedef struct trv_reader_s  trv_reader_t;


/*
 * NULL without memory; the batch is borrowed, and may be NULL if XREAD is
 * never asked.
 */

trv_reader_t *trv_reader_create(trv_batch_t *batch);
void trv_reader_destroy(trv_reader_t *reader);


/*
 * Says what the next question was.  TRV_OK; TRV_LIMIT if too many are
 * outstanding, or TRV_NOMEM: nothing was changed, the question must not be
 * sent.
 */

trv_rc_t trv_reader_expect(trv_reader_t *reader, trv_ask_t ask);


/*
 * Gives bytes to hiredis, which copies them.  Entries of the batch are made
 * in trv_reader_next(), so a caller who feeds small pieces and empties the
 * batch in between bounds both memory and time.  Call it when
 * trv_reader_next() has returned TRV_NONE, or before the first call of it.
 *
 * TRV_OK, TRV_NOMEM, or TRV_LIMIT: something other than a bulk string, a line
 * without an end, is longer than we wait for.  After the last two the reader
 * is of no use but to be destroyed.
 */

trv_rc_t trv_reader_feed(trv_reader_t *reader, const uint8_t *data,
    size_t len);


/*
 * Reads on with what was fed; "now" as in trv_batch_finish().  Returns
 *
 *     TRV_OK          an answer is complete: *answer is filled in
 *     TRV_NONE        more bytes are needed
 *     TRV_MALFORMED   not RESP, or an answer to no question
 *     TRV_NOMEM       an entry may be lost: close, and read again
 *
 * After the last two the reader is of no use but to be destroyed.
 */

trv_rc_t trv_reader_next(trv_reader_t *reader, int64_t now,
    trv_answer_t *answer);


#pragma GCC visibility pop


#endif /* _TRV_READER_H_INCLUDED_ */
