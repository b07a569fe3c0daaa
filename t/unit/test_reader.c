
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Several questions, long strings, and no memory.
 */


#include <stdlib.h>
#include "../../src/codec/trv_memory.h"
#include "../../src/codec/trv_reader.h"
#include "tap.h"


#define NOW  1700000500123

#include "play.h"

#define ID1  "$15\r\n1700000000001-0\r\n"
#define ID2  "$15\r\n1700000000002-0\r\n"

#define ALICE  "*2\r\n" ID1 "*2\r\n$3\r\nsub\r\n$5\r\nalice\r\n"
#define XREAD  "*1\r\n*2\r\n$7\r\nrevoked\r\n"


static const char *const  garbage[] = {
    "HTTP/1.1 400 Bad Request\r\n", "$x\r\n", "*x\r\n", "$-2\r\n", ":1x\r\n",
};


static trv_digest_t  *digest;


static void
test_garbage(const char *bytes)
{
    size_t         len;
    trv_batch_t   *batch;
    trv_reader_t  *reader;
    trv_answer_t   answer;

    batch = trv_batch_create(digest);
    reader = trv_reader_create(batch);
    len = strlen(bytes);

    (void) trv_reader_expect(reader, TRV_ASK_XREAD);

    tap_ok(play(reader, bytes, len, 1, 1, &answer) == TRV_MALFORMED
           && trv_reader_feed(reader, (const uint8_t *) "+", 1) == TRV_MALFORMED
           && trv_reader_next(reader, NOW, &answer) == TRV_MALFORMED,
           "garbage: %.4s", bytes);

    trv_reader_destroy(reader);
    trv_batch_destroy(batch);
}


/* several questions at once are answered in their order */

typedef struct {
    trv_ask_t           ask;
    const char         *bytes;
    trv_answer_type_t   type;
} question_t;


static const question_t  questions[] = {
    { TRV_ASK_ANY,    "+OK\r\n",                TRV_ANSWER_OK },
    { TRV_ASK_ANY,    "-ERR no\r\n",            TRV_ANSWER_ERROR },
    { TRV_ASK_XREAD,  "*-1\r\n",                TRV_ANSWER_NIL },
    { TRV_ASK_XINFO,  "-ERR no such key\r\n",   TRV_ANSWER_ERROR },
    { TRV_ASK_XREAD,  XREAD "*1\r\n" ALICE,     TRV_ANSWER_OK },
    { TRV_ASK_XREAD,  "+OK\r\n",                TRV_ANSWER_UNEXPECTED },
    { TRV_ASK_XINFO,  "*-1\r\n",                TRV_ANSWER_UNEXPECTED },
    { TRV_ASK_ANY,    "*1\r\n:1\r\n",         TRV_ANSWER_OK },
};


#define QUESTIONS  (int) (sizeof(questions) / sizeof(questions[0]))


static void
test_questions(void)
{
    int            i, round;
    size_t         len, wrong;
    char           bytes[1024];
    trv_batch_t   *batch;
    trv_reader_t  *reader;
    trv_answer_t   answer;

    batch = trv_batch_create(digest);
    reader = trv_reader_create(batch);
    wrong = 0;

    for (round = 0; round < 3; round++) {
        len = 0;

        for (i = 0; i < QUESTIONS; i++) {
            wrong += trv_reader_expect(reader, questions[i].ask) != TRV_OK;
            strcpy(bytes + len, questions[i].bytes);
            len += strlen(questions[i].bytes);
        }

        wrong += trv_reader_feed(reader, (uint8_t *) bytes, len) != TRV_OK;

        for (i = 0; i < QUESTIONS; i++) {
            wrong += trv_reader_next(reader, NOW, &answer) != TRV_OK
                     || answer.ask != questions[i].ask
                     || answer.type != questions[i].type;
        }

        /* keeps the position of the ring odd */

        wrong += trv_reader_expect(reader, TRV_ASK_ANY) != TRV_OK
                 || play(reader, "+OK\r\n", 5, 1, 1, &answer) != TRV_OK;
    }

    tap_uint(wrong, 0, "questions are answered in their order");

    tap_ok(trv_reader_feed(reader, (const uint8_t *) "+OK\r\n", 5) == TRV_OK
           && trv_reader_next(reader, NOW, &answer) == TRV_MALFORMED,
           "an answer to no question");

    trv_reader_destroy(reader);
    trv_reader_destroy(NULL);
    trv_batch_destroy(batch);
}


/* an answer around a string of that length, and what becomes of it */

typedef struct {
    const char         *name;
    trv_ask_t           ask;
    const char         *before;
    size_t              len;
    const char         *after;
    trv_answer_type_t   type;
    trv_fault_t         fault;            /* of the first entry */
    const char         *ack;              /* and its nonce */
} long_case_t;


#define ACKED(name)  XREAD "*2\r\n*2\r\n" ID1 "*4\r\n" name

#define AFTER                                                                 \
    "$3\r\nack\r\n$1\r\nn\r\n*2\r\n" ID2                                       \
    "*2\r\n$3\r\nsub\r\n$3\r\nbob\r\n"

#define INFO                                                                  \
    "*8\r\n$6\r\nlength\r\n:1\r\n$17\r\nlast-generated-id\r\n" ID1           \
    "$11\r\nfirst-entry\r\n" ALICE "$10\r\nlast-entry\r\n*2\r\n" ID1          \
    "*2\r\n$3\r\nsub\r\n"


static const long_case_t  longs[] = {

    { "the longest value", TRV_ASK_XREAD, ACKED("$3\r\nsub\r\n"),
      TRV_ENTRY_VALUE_LEN, AFTER, TRV_ANSWER_OK, TRV_FAULT_NONE, "n" },

    { "a value over the limit", TRV_ASK_XREAD, ACKED("$3\r\nsub\r\n"),
      TRV_ENTRY_VALUE_LEN + 1, AFTER, TRV_ANSWER_OK, TRV_FAULT_VALUE, "n" },

    { "the longest string that is waited for", TRV_ASK_XREAD,
      ACKED("$3\r\nsub\r\n"), TRV_READER_BULK_MAX, AFTER, TRV_ANSWER_OK,
      TRV_FAULT_VALUE, "n" },

    { "a value of one byte more", TRV_ASK_XREAD, ACKED("$3\r\nsub\r\n"),
      TRV_READER_BULK_MAX + 1, AFTER, TRV_ANSWER_OK, TRV_FAULT_VALUE, "n" },

    { "a value of many megabytes", TRV_ASK_XREAD, ACKED("$3\r\nsub\r\n"),
      10000000, AFTER, TRV_ANSWER_OK, TRV_FAULT_VALUE, "n" },

    { "a token of many megabytes", TRV_ASK_XREAD, ACKED("$5\r\ntoken\r\n"),
      10000000, AFTER, TRV_ANSWER_OK, TRV_FAULT_VALUE, "n" },

    { "a name of many megabytes", TRV_ASK_XREAD,
      XREAD "*2\r\n*2\r\n" ID1 "*4\r\n", 10000000, "$1\r\nv\r\n" AFTER,
      TRV_ANSWER_OK, TRV_FAULT_NAME, "n" },

    { "an ID of many megabytes", TRV_ASK_XREAD, XREAD "*1\r\n*2\r\n",
      10000000, "*0\r\n", TRV_ANSWER_UNEXPECTED, TRV_FAULT_NONE, NULL },

    { "a long value in the last entry", TRV_ASK_XINFO, INFO, 10000000, "",
      TRV_ANSWER_OK, TRV_FAULT_NONE, NULL },

    { "a long answer to anything", TRV_ASK_ANY, "", 10000000, "",
      TRV_ANSWER_OK, TRV_FAULT_NONE, NULL },
};


static void
test_long_entries(trv_batch_t *batch, const long_case_t *c)
{
    const trv_entry_t  *e;

    e = trv_batch_first(batch);

    if (c->ack == NULL) {
        tap_ok(e == NULL, "is no entry");
        return;
    }

    tap_ok(e != NULL && e->fault == c->fault
           && e->refused == (c->fault != TRV_FAULT_NONE)
           && e->ack.len == 1 && e->ack.data[0] == c->ack[0]
           && e->npairs == (c->fault == TRV_FAULT_NONE),
           "is refused or not, and acknowledged");

    trv_batch_shift(batch);
    e = trv_batch_first(batch);

    tap_ok(e != NULL && e->fault == TRV_FAULT_NONE && e->npairs == 1,
           "and the entry after it is whole");

    trv_batch_shift(batch);
}


static void
test_long(const long_case_t *c)
{
    size_t         i, len, head, cut;
    char          *bytes;
    trv_batch_t   *batch;
    trv_reader_t  *reader;
    trv_answer_t   answer;

    static const size_t  steps[] = { 50, 4096, 16384, 65536, 3000000, 1 };

    batch = trv_batch_create(digest);
    reader = trv_reader_create(batch);

    bytes = malloc(c->len + 1024);
    head = (size_t) sprintf(bytes, "%s$%zu\r\n", c->before, c->len);
    memset(bytes + head, 'x', c->len);
    len = head + c->len;
    len += (size_t) sprintf(bytes + len, "\r\n%s", c->after);

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {

        /* with the last of them only a half of the line end is missing */

        cut = steps[i] == 1 ? head + c->len + 1 : i + 1;

        if ((len - cut) / steps[i] > 30000) {
            continue;
        }

        (void) trv_reader_expect(reader, c->ask);
        (void) trv_reader_expect(reader, TRV_ASK_ANY);

        memset(&answer, 0xff, sizeof(answer));

        tap_ok(play(reader, bytes, len, cut, steps[i], &answer) == TRV_OK
               && answer.type == c->type, "%s, in pieces of %zu", c->name,
               steps[i]);

        test_long_entries(batch, c);

        tap_ok(play(reader, "+OK\r\n", 5, 1, 1, &answer) == TRV_OK
               && answer.type == TRV_ANSWER_OK, "and the next answer is read");
    }

    free(bytes);
    trv_reader_destroy(reader);
    trv_batch_destroy(batch);
}


/* a line has no length that could be looked at: it is given up */

static void
test_line(void)
{
    size_t         n;
    trv_rc_t       rc;
    uint8_t        piece[16384];
    trv_batch_t   *batch;
    trv_reader_t  *reader;
    trv_answer_t   answer;

    batch = trv_batch_create(digest);
    reader = trv_reader_create(batch);

    memset(piece, 'x', sizeof(piece));
    piece[0] = '-';

    (void) trv_reader_expect(reader, TRV_ASK_ANY);

    rc = TRV_OK;

    for (n = 0; rc == TRV_OK && n < 100; n++) {
        rc = trv_reader_feed(reader, piece, sizeof(piece));

        if (rc == TRV_OK && trv_reader_next(reader, NOW, &answer) != TRV_NONE) {
            break;
        }

        piece[0] = 'x';
    }

    tap_ok(rc == TRV_LIMIT && n > TRV_READER_BULK_MAX / sizeof(piece),
           "a line without an end");
    tap_ok(trv_reader_next(reader, NOW, &answer) == TRV_LIMIT
           && trv_reader_feed(reader, piece, 1) == TRV_LIMIT,
           "and the reader is of no use");

    trv_reader_destroy(reader);
    trv_batch_destroy(batch);
}


static unsigned  allocations;
static unsigned  fail_at;


static void *
failing_realloc(void *p, size_t size)
{
    return ++allocations == fail_at ? NULL : realloc(p, size);
}


/* an answer in which an allocation fails is never an answer */

static int
chaos(unsigned at)
{
    int            ok;
    size_t         n;
    trv_rc_t       rc;
    trv_batch_t   *batch;
    trv_reader_t  *reader;
    trv_answer_t   answer;

    static const char  bytes[] = XREAD "*3\r\n" ALICE ALICE ALICE;

    allocations = 0;
    fail_at = at;

    batch = trv_batch_create(digest);

    if (batch == NULL) {
        return at == 1;
    }

    reader = trv_reader_create(batch);

    if (reader == NULL) {
        trv_batch_destroy(batch);
        return at == 2;
    }

    if (trv_reader_expect(reader, TRV_ASK_XREAD) != TRV_OK) {
        trv_reader_destroy(reader);
        trv_batch_destroy(batch);
        return at == 3;
    }

    rc = play(reader, bytes, sizeof(bytes) - 1, 10, 10, &answer);

    for (n = 0; trv_batch_first(batch) != NULL; n++) {
        trv_batch_shift(batch);
    }

    if (at == 0) {
        ok = rc == TRV_OK && answer.entries == 3 && n == 3;

    } else {
        ok = rc == TRV_NOMEM && n < 3
             && trv_reader_next(reader, NOW, &answer) == TRV_NOMEM;
    }

    trv_reader_destroy(reader);
    trv_batch_destroy(batch);

    return ok;
}


static void
test_chaos(void)
{
    unsigned  at, total;

    trv_memory_realloc = failing_realloc;

    tap_ok(chaos(0), "with memory all is read");

    total = allocations;

    for (at = 1; at <= total; at++) {
        tap_ok(chaos(at), "allocation %u fails", at);
    }

    trv_memory_realloc = realloc;
}


int
main(void)
{
    size_t  i;

    digest = trv_digest_create();

    for (i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        test_garbage(garbage[i]);
    }

    for (i = 0; i < sizeof(longs) / sizeof(longs[0]); i++) {
        test_long(&longs[i]);
    }

    test_questions();
    test_line();
    test_chaos();

    trv_digest_destroy(digest);

    return tap_done();
}
