
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The sum of an entry is the same whatever shows it.
 */


#include <stdlib.h>
#include "../../src/codec/trv_reader.h"
#include "tap.h"


#define NOW  1700000500123

#include "play.h"

#define ID1  "$15\r\n1700000000001-7\r\n"

#define ALICE  "*2\r\n$3\r\nsub\r\n$5\r\nalice\r\n"
#define BOB    "*2\r\n$3\r\nsub\r\n$3\r\nbob\r\n"


/* one reader for all: nothing of an entry is left for the next one */

static trv_batch_t   *batch;
static trv_reader_t  *reader;


static uint64_t
digest_of(trv_ask_t ask, const char *before,
    const char *pairs, trv_answer_t *answer)
{
    char      bytes[1024];
    uint64_t  sum;
    trv_rc_t  rc;

    (void) trv_reader_expect(reader, ask);

    sprintf(bytes, "%s" ID1 "%s", before, pairs);
    rc = play(reader, bytes, strlen(bytes), 1, 1, answer);

    if (rc != TRV_OK || answer->type != TRV_ANSWER_OK) {
        return 0;
    }

    if (trv_batch_first(batch) == NULL) {
        return answer->digest;
    }

    sum = trv_batch_first(batch)->digest;
    trv_batch_shift(batch);

    return sum;
}


#define XREAD  "*1\r\n*2\r\n$1\r\nr\r\n*1\r\n*2\r\n"

#define INFO                                                                  \
    "*8\r\n$6\r\nlength\r\n:2\r\n$17\r\nlast-generated-id\r\n" ID1

#define BOB_FIRST  "$11\r\nfirst-entry\r\n*2\r\n" ID1 BOB
#define BOB_LAST   "$10\r\nlast-entry\r\n*2\r\n" ID1 BOB

/* the entry that is looked at follows */

#define FIRST  INFO BOB_LAST "$11\r\nfirst-entry\r\n*2\r\n"
#define LAST   INFO BOB_FIRST "$10\r\nlast-entry\r\n*2\r\n"


static const char *const  entries[] = {
    ALICE,
    BOB,
    "*4\r\n$3\r\nsub\r\n$5\r\nalice\r\n$6\r\nreason\r\n$1\r\nx\r\n",
    "*4\r\n$3\r\nsub\r\n$5\r\nalice\r\n$6\r\nreason\r\n$1\r\ny\r\n",
    "*2\r\n$6\r\naction\r\n$4\r\nlift\r\n",
    "*3\r\n$3\r\nsub\r\n$5\r\nalice\r\n$3\r\nsub\r\n",
    "*2\r\n$5\r\ntoken\r\n$0\r\n\r\n",
    "*2\r\n$0\r\n\r\n$0\r\n\r\n",
};

#define ENTRIES  (sizeof(entries) / sizeof(entries[0]))


static void
test_digests(void)
{
    size_t         i, j;
    uint64_t       sums[ENTRIES], sum;
    trv_answer_t   answer;

    for (i = 0; i < ENTRIES; i++) {
        sums[i] = digest_of(TRV_ASK_XREAD, XREAD, entries[i], &answer);

        tap_ok(sums[i] != 0 && answer.entries == 1, "entry %zu by XREAD", i);

        for (j = 0; j < i; j++) {
            if (sums[i] == sums[j]) {
                tap_ok(0, "entries %zu and %zu have one sum", j, i);
            }
        }
    }

    for (i = 0; i < ENTRIES; i++) {
        sum = digest_of(TRV_ASK_XRANGE, "*1\r\n*2\r\n", entries[i],
                        &answer);

        tap_ok(sum == sums[i] && answer.entries == 1
               && answer.last.ms == 1700000000001 && answer.last.seq == 7,
               "by XRANGE");

        (void) digest_of(TRV_ASK_XINFO, LAST, entries[i], &answer);

        tap_ok(answer.type == TRV_ANSWER_OK && answer.last_digest == sums[i]
               && answer.first_digest == sums[1], "by XINFO, the last");

        (void) digest_of(TRV_ASK_XINFO, FIRST, entries[i], &answer);

        tap_ok(answer.first_digest == sums[i]
               && answer.last_digest == sums[1], "by XINFO, the first");
    }
}


static void
test_xinfo(void)
{
    trv_answer_t  answer;

    (void) digest_of(TRV_ASK_XINFO,
                     "*10\r\n$6\r\nlength\r\n:0\r\n"
                     "$11\r\nfirst-entry\r\n$-1\r\n"
                     "$10\r\nlast-entry\r\n*-1\r\n$20\r\n"
                     "max-deleted-entry-id\r\n$3\r\n5-9\r\n"
                     "$17\r\nlast-generated-id\r\n", "", &answer);

    tap_ok(answer.type == TRV_ANSWER_OK && answer.max_deleted.ms == 5
           && answer.max_deleted.seq == 9 && answer.first_digest == 0
           && answer.last_digest == 0 && answer.last_generated.seq == 7,
           "what was deleted from an empty stream");

    (void) digest_of(TRV_ASK_XINFO,
                     "*2\r\n$20\r\nmax-deleted-entry-id\r\n*2\r\n:1\r\n", "",
                     &answer);

    tap_ok(answer.type == TRV_ANSWER_UNEXPECTED, "not an ID");

    (void) digest_of(TRV_ASK_XINFO, LAST, "*2\r\n$1\r\na\r\n:1\r\n", &answer);

    tap_ok(answer.type == TRV_ANSWER_UNEXPECTED, "not a value");
}


int
main(void)
{
    trv_digest_t  *digest;

    digest = trv_digest_create();
    batch = trv_batch_create(digest);
    reader = trv_reader_create(batch);

    test_digests();
    test_xinfo();

    trv_reader_destroy(reader);
    trv_batch_destroy(batch);
    trv_digest_destroy(digest);

    return tap_done();
}
