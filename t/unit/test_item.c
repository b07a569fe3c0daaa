
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Answers, most of them recorded from Redis 7.0, whole and cut at every byte.
 */


#include <stdlib.h>
#include "../../src/codec/trv_reader.h"
#include "tap.h"


#define NOW  1700000500123

#include "play.h"

#define HEX  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

#define ID1  "$15\r\n1700000000001-0\r\n"
#define ID2  "$15\r\n1700000000002-0\r\n"

#define ALICE  "*2\r\n" ID1 "*2\r\n$3\r\nsub\r\n$5\r\nalice\r\n"
#define TTL    "\r\n$3\r\nttl\r\n$2\r\n60\r\n"
#define TOKEN  "*2\r\n" ID2 "*4\r\n$5\r\ntoken\r\n$64\r\n" HEX TTL

#define XREAD  "*1\r\n*2\r\n$7\r\nrevoked\r\n"

#define LENGTH3     "$6\r\nlength\r\n:3\r\n"
#define GENERATED2  "$17\r\nlast-generated-id\r\n" ID2
#define FIRST1      "$11\r\nfirst-entry\r\n" ALICE
#define LAST2       "$10\r\nlast-entry\r\n" TOKEN
#define ADDED3      "$13\r\nentries-added\r\n:3\r\n"
#define RECORDED1   "$23\r\nrecorded-first-entry-id\r\n" ID1
#define GROUPS0     "$6\r\ngroups\r\n:0\r\n"

#define RADIX                                                                 \
    "$15\r\nradix-tree-keys\r\n:1\r\n$16\r\nradix-tree-nodes\r\n:2\r\n"

#define MAX_DELETED                                                           \
    "$20\r\nmax-deleted-entry-id\r\n$3\r\n0-0\r\n"

#define TEXT50  "01234567890123456789abcdefghijklmnopqrstuvwxyz...."

#define TEXT300  TEXT50 TEXT50 TEXT50 TEXT50 TEXT50 TEXT50

/* six names that are not known, with values of every kind */

#define ANYTHING                                                              \
    "$1\r\na\r\n*2\r\n*1\r\n*1\r\n$-1\r\n:1\r\n$1\r\nb\r\n$-1\r\n"            \
    "$1\r\nc\r\n+s\r\n$1\r\nd\r\n*0\r\n$1\r\ne\r\n-E\r\n$1\r\nf\r\n*-1\r\n"


typedef struct {
    const char         *name;
    const char         *bytes;
    trv_ask_t           ask;
    trv_answer_type_t   type;
    size_t              entries;
    uint64_t            last;             /* milliseconds of the ID */
    const char         *error;
} answer_case_t;


static const answer_case_t  cases[] = {

    { "XREAD: an entry", XREAD "*1\r\n" ALICE,
      TRV_ASK_XREAD, TRV_ANSWER_OK, 1, 1700000000001, "" },

    { "XREAD: several entries", XREAD "*3\r\n" ALICE
      "*2\r\n$15\r\n1700000000001-1\r\n*6\r\n$9\r\nclient_id\r\n$6\r\ntv-app"
      "\r\n$11\r\napp.version\r\n$3\r\n4.2\r\n$6\r\nreason\r\n$6\r\nl\xc3\xa4"
      "\r\nk\r\n" TOKEN,
      TRV_ASK_XREAD, TRV_ANSWER_OK, 3, 1700000000002, "" },

    { "XREAD: nothing new", "*-1\r\n",
      TRV_ASK_XREAD, TRV_ANSWER_NIL, 0, 0, "" },

    { "XREAD: nothing new, as a string", "$-1\r\n",
      TRV_ASK_XREAD, TRV_ANSWER_NIL, 0, 0, "" },

    { "XREAD: no stream", "*0\r\n",
      TRV_ASK_XREAD, TRV_ANSWER_NIL, 0, 0, "" },

    { "XREAD: no entries", XREAD "*0\r\n",
      TRV_ASK_XREAD, TRV_ANSWER_OK, 0, 0, "" },

    { "XREAD: an entry that was deleted",
      XREAD "*2\r\n*2\r\n" ID1 "*-1\r\n" TOKEN,
      TRV_ASK_XREAD, TRV_ANSWER_OK, 2, 1700000000002, "" },

    { "XREAD: an entry without pairs", XREAD "*1\r\n*2\r\n" ID1 "*0\r\n",
      TRV_ASK_XREAD, TRV_ANSWER_OK, 1, 1700000000001, "" },

    { "XREAD: a name without a value",
      XREAD "*1\r\n*2\r\n" ID1 "*3\r\n$3\r\nsub\r\n$1\r\na\r\n$3\r\nsub\r\n",
      TRV_ASK_XREAD, TRV_ANSWER_OK, 1, 1700000000001, "" },

    { "XREAD: not a stream",
      "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
      TRV_ASK_XREAD, TRV_ANSWER_ERROR, 0, 0,
      "WRONGTYPE Operation against a key holding the wrong kind of value" },

    { "an error with control bytes", "-ERR \x1b[2J\xc3\xa4\x7f\t \r\n",
      TRV_ASK_ANY, TRV_ANSWER_ERROR, 0, 0, "ERR ?[2J???? " },

    { "a long error",
      "-ERR AUTH <password> called without any password configured for the "
      "default user. Are you sure your configuration is correct?\r\n",
      TRV_ASK_ANY, TRV_ANSWER_ERROR, 0, 0,
      "ERR AUTH <password> called without any password configured for the "
      "default user. Are you sure your configuration is correct?" },

    { "an error that is too long", "-" TEXT300 TEXT50 "\r\n",
      TRV_ASK_ANY, TRV_ANSWER_ERROR, 0, 0, TEXT300 "0123456789012345678" },

    { "an empty error", "-\r\n", TRV_ASK_ANY, TRV_ANSWER_ERROR, 0, 0, "" },

    { "AUTH", "+OK\r\n", TRV_ASK_ANY, TRV_ANSWER_OK, 0, 0, "" },

    { "ROLE", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n",
      TRV_ASK_ANY, TRV_ANSWER_OK, 0, 0, "" },

    { "EXEC", "*2\r\n-ERR one\r\n*-1\r\n",
      TRV_ASK_ANY, TRV_ANSWER_OK, 0, 0, "" },

    { "any nil", "$-1\r\n", TRV_ASK_ANY, TRV_ANSWER_OK, 0, 0, "" },

    { "XINFO: Redis 7",
      "*20\r\n" LENGTH3 RADIX GENERATED2 MAX_DELETED ADDED3 RECORDED1 GROUPS0
      FIRST1 LAST2,
      TRV_ASK_XINFO, TRV_ANSWER_OK, 0, 0, "" },

    { "XINFO: Redis 5",
      "*14\r\n" LENGTH3 RADIX GROUPS0 GENERATED2 FIRST1 LAST2,
      TRV_ASK_XINFO, TRV_ANSWER_OK, 0, 0, "" },

    { "XINFO: names in another order, and values of every kind",
      "*20\r\n" LAST2 FIRST1 ANYTHING GENERATED2 LENGTH3,
      TRV_ASK_XINFO, TRV_ANSWER_OK, 0, 0, "" },

    { "XINFO: no such key", "-ERR no such key\r\n",
      TRV_ASK_XINFO, TRV_ANSWER_ERROR, 0, 0, "ERR no such key" },
};


/* of the right form for something else */

typedef struct {
    const char  *name;
    const char  *bytes;
    trv_ask_t    ask;
} surprise_case_t;


static const surprise_case_t  surprises[] = {

    { "a status", "+OK\r\n", TRV_ASK_XREAD },
    { "a number", ":1\r\n", TRV_ASK_XREAD },
    { "a string", "$2\r\nno\r\n", TRV_ASK_XREAD },
    { "two streams", "*2\r\n*2\r\n$1\r\na\r\n*0\r\n*2\r\n$1\r\nb\r\n*0\r\n",
      TRV_ASK_XREAD },
    { "a stream that is a string", "*1\r\n$1\r\na\r\n", TRV_ASK_XREAD },
    { "a stream that is nil", "*1\r\n*-1\r\n", TRV_ASK_XREAD },
    { "a stream of three", "*1\r\n*3\r\n:1\r\n:2\r\n:3\r\n", TRV_ASK_XREAD },
    { "a key that is a list", "*1\r\n*2\r\n*1\r\n:1\r\n*0\r\n",
      TRV_ASK_XREAD },
    { "entries that are nil", XREAD "$-1\r\n", TRV_ASK_XREAD },
    { "an entry that is nil", XREAD "*1\r\n*-1\r\n", TRV_ASK_XREAD },
    { "an entry that is a string", XREAD "*1\r\n$1\r\na\r\n", TRV_ASK_XREAD },
    { "an entry of one", XREAD "*1\r\n*1\r\n" ID1, TRV_ASK_XREAD },
    { "an entry of three", XREAD "*1\r\n*3\r\n" ID1 "*0\r\n*0\r\n",
      TRV_ASK_XREAD },
    { "an ID that is none", XREAD "*1\r\n*2\r\n$1\r\na\r\n*0\r\n",
      TRV_ASK_XREAD },
    { "an ID that is a number", XREAD "*1\r\n*2\r\n:1\r\n*0\r\n",
      TRV_ASK_XREAD },
    { "an ID that is an error", XREAD "*1\r\n*2\r\n-1-1\r\n*0\r\n",
      TRV_ASK_XREAD },
    { "pairs that are a string", XREAD "*1\r\n*2\r\n" ID1 "$1\r\na\r\n",
      TRV_ASK_XREAD },
    { "a name that is a number",
      XREAD "*1\r\n*2\r\n" ID1 "*2\r\n:1\r\n$1\r\na\r\n", TRV_ASK_XREAD },
    { "a value that is nil",
      XREAD "*1\r\n*2\r\n" ID1 "*2\r\n$3\r\nsub\r\n$-1\r\n", TRV_ASK_XREAD },
    { "a value that is a list",
      XREAD "*1\r\n*2\r\n" ID1 "*2\r\n$3\r\nsub\r\n*1\r\n$1\r\na\r\n",
      TRV_ASK_XREAD },
    { "an error for a value",
      XREAD "*1\r\n*2\r\n" ID1 "*2\r\n$3\r\nsub\r\n-ERR\r\n", TRV_ASK_XREAD },

    { "nil", "*-1\r\n", TRV_ASK_XINFO },
    { "a status", "+OK\r\n", TRV_ASK_XINFO },
    { "an empty list", "*0\r\n", TRV_ASK_XINFO },
    { "no length", "*6\r\n" GENERATED2 FIRST1 LAST2, TRV_ASK_XINFO },
    { "no last ID", "*6\r\n" LENGTH3 FIRST1 LAST2, TRV_ASK_XINFO },
    { "no first entry", "*6\r\n" LENGTH3 GENERATED2 LAST2, TRV_ASK_XINFO },
    { "no last entry", "*6\r\n" LENGTH3 GENERATED2 FIRST1, TRV_ASK_XINFO },
    { "a name without a value", "*7\r\n" LENGTH3 GENERATED2 FIRST1
      "$10\r\nlast-entry\r\n", TRV_ASK_XINFO },
    { "a name that is a number", "*2\r\n:1\r\n:1\r\n", TRV_ASK_XINFO },
    { "a length below 0", "*8\r\n$6\r\nlength\r\n:-1\r\n" GENERATED2 FIRST1
      LAST2, TRV_ASK_XINFO },
    { "a length that is a string", "*8\r\n$6\r\nlength\r\n$1\r\n1\r\n"
      GENERATED2 FIRST1 LAST2, TRV_ASK_XINFO },
    { "a last ID that is none",
      "*8\r\n$17\r\nlast-generated-id\r\n$1\r\nx\r\n" LENGTH3 FIRST1 LAST2,
      TRV_ASK_XINFO },
    { "a last ID that is nil",
      "*8\r\n$17\r\nlast-generated-id\r\n$-1\r\n" LENGTH3 FIRST1 LAST2,
      TRV_ASK_XINFO },
    { "a first entry that is empty", "*8\r\n" LENGTH3 GENERATED2
      "$11\r\nfirst-entry\r\n*0\r\n" LAST2, TRV_ASK_XINFO },
    { "a first entry that is a string", "*8\r\n" LENGTH3 GENERATED2
      "$11\r\nfirst-entry\r\n" ID1 LAST2, TRV_ASK_XINFO },
    { "a last entry with a bad ID", "*8\r\n" LENGTH3 GENERATED2 FIRST1
      "$10\r\nlast-entry\r\n*2\r\n$1\r\nx\r\n*0\r\n", TRV_ASK_XINFO },
};


static trv_digest_t  *digest;


/* a sum over everything that entries say: equal entries have equal sums */

static uint64_t
sum_bytes(uint64_t sum, const void *data, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        sum = (sum ^ ((const uint8_t *) data)[i]) * 0x100000001b3ULL;
    }

    return (sum ^ len) * 0x100000001b3ULL;
}


static size_t
drain(trv_batch_t *batch, uint64_t *sum)
{
    size_t              n;
    uint32_t            i;
    const trv_entry_t  *e;

    *sum = 0;

    for (n = 0; (e = trv_batch_first(batch)) != NULL; n++) {
        *sum = sum_bytes(*sum, &e->id, sizeof(e->id));
        *sum = sum_bytes(*sum, &e->end, sizeof(e->end));
        *sum = sum_bytes(*sum, &e->cutoff, sizeof(e->cutoff));
        *sum = sum_bytes(*sum, &e->fault, sizeof(e->fault));
        *sum = sum_bytes(*sum, e->tokens, e->ntokens * TRV_SHA256_LEN);

        for (i = 0; i < e->npairs; i++) {
            *sum = sum_bytes(*sum, e->pairs[i].name.data, e->pairs[i].name.len);
            *sum = sum_bytes(*sum, e->pairs[i].value.data,
                             e->pairs[i].value.len);
        }

        trv_batch_shift(batch);
    }

    return n;
}


static int
expected(const answer_case_t *c, const trv_answer_t *answer)
{
    uint64_t  added;

    if (answer->ask != c->ask || answer->type != c->type
        || answer->entries != c->entries || answer->last.ms != c->last
        || strcmp(answer->error, c->error) != 0)
    {
        return 0;
    }

    if (c->ask != TRV_ASK_XINFO || c->type != TRV_ANSWER_OK) {
        return 1;
    }

    added = strstr(c->bytes, "entries-added") != NULL ? 3 : 0;

    return answer->length == 3 && answer->last_generated.ms == 1700000000002
           && answer->first_entry.ms == 1700000000001
           && answer->last_entry.ms == 1700000000002
           && answer->entries_added == added;
}


static void
test_case(const answer_case_t *c)
{
    size_t         cut, len, step, wrong;
    uint64_t       whole, sum;
    trv_batch_t   *batch;
    trv_reader_t  *reader;
    trv_answer_t   answer;

    batch = trv_batch_create(digest);
    reader = trv_reader_create(batch);
    len = strlen(c->bytes);

    (void) trv_reader_expect(reader, c->ask);

    tap_ok(play(reader, c->bytes, len, len, 1, &answer) == TRV_OK
           && expected(c, &answer), "%s", c->name);

    tap_uint(drain(batch, &whole), c->entries, "so many entries");

    tap_ok(trv_reader_next(reader, NOW, &answer) == TRV_NONE, "nothing else");

    wrong = 0;

    for (cut = 0; cut < len; cut++) {
        for (step = 1; step <= len; step += len - 1) {
            (void) trv_reader_expect(reader, c->ask);

            wrong += play(reader, c->bytes, len, cut, step, &answer) != TRV_OK
                     || !expected(c, &answer)
                     || drain(batch, &sum) != c->entries || sum != whole;
        }
    }

    tap_uint(wrong, 0, "the same when it is cut anywhere");

    trv_reader_destroy(reader);
    trv_batch_destroy(batch);
}


/* what was not expected is passed over: the next answer is read as usual */

static void
test_surprise(const surprise_case_t *c)
{
    size_t         cut, len, wrong;
    uint64_t       sum;
    trv_batch_t   *batch;
    trv_reader_t  *reader;
    trv_answer_t   answer;

    static const char  xinfo[] = "*8\r\n" LENGTH3 GENERATED2 FIRST1 LAST2;

    batch = trv_batch_create(digest);
    reader = trv_reader_create(batch);
    len = strlen(c->bytes);
    wrong = 0;

    /* nothing of an answer before it is left */

    (void) trv_reader_expect(reader, TRV_ASK_XINFO);

    wrong += play(reader, xinfo, strlen(xinfo), 1, 1, &answer) != TRV_OK
             || answer.type != TRV_ANSWER_OK;

    for (cut = 1; cut <= len; cut++) {
        (void) trv_reader_expect(reader, c->ask);
        (void) trv_reader_expect(reader, cases[0].ask);

        wrong += play(reader, c->bytes, len, cut, len, &answer) != TRV_OK
                 || answer.type != TRV_ANSWER_UNEXPECTED
                 || strncmp(answer.error, "unexpected answer to X", 22) != 0
                 || drain(batch, &sum) != 0;

        wrong += play(reader, cases[0].bytes, strlen(cases[0].bytes), 1, 7,
                      &answer) != TRV_OK
                 || !expected(&cases[0], &answer) || drain(batch, &sum) != 1;
    }

    tap_ok(wrong == 0, "%s: unexpected, and the next answer is read", c->name);

    trv_reader_destroy(reader);
    trv_batch_destroy(batch);
}


int
main(void)
{
    size_t  i;

    digest = trv_digest_create();

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(&cases[i]);
    }

    for (i = 0; i < sizeof(surprises) / sizeof(surprises[0]); i++) {
        test_surprise(&surprises[i]);
    }

    trv_digest_destroy(digest);

    return tap_done();
}
