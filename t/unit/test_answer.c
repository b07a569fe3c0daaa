
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Answers other than entries: what they are, and what they must not be.  Each
 * is read whole and cut at every byte, and the next answer must be read, too.
 */


#include <stdlib.h>
#include <hiredis/hiredis.h>
#include "../../src/codec/trv_reader.h"
#include "tap.h"


#define NOW  1700000500123

#include "play.h"

#define OK          TRV_ANSWER_OK
#define NIL         TRV_ANSWER_NIL
#define ERROR       TRV_ANSWER_ERROR
#define UNEXPECTED  TRV_ANSWER_UNEXPECTED

#define ID1  "$15\r\n1700000000001-7\r\n"

#define ALICE  "*2\r\n$3\r\nsub\r\n$5\r\nalice\r\n"
#define BOB    "*2\r\n$3\r\nsub\r\n$3\r\nbob\r\n"


typedef struct {
    const char         *bytes;
    trv_answer_type_t   type;
    uint64_t            value;        /* number, time, port or yes */
    const char         *text;
} answer_case_t;


static const answer_case_t  yesno[] = {
    { "$-1\r\n",                          OK, 0, NULL },
    { "*-1\r\n",                          OK, 0, NULL },
    { ":0\r\n",                           OK, 0, NULL },
    { "*0\r\n",                           OK, 0, NULL },
    { "*1\r\n:0\r\n",                     OK, 0, NULL },
    { "*3\r\n:0\r\n$-1\r\n*-1\r\n",       OK, 0, NULL },
    { "*2\r\n*0\r\n*1\r\n:0\r\n",         OK, 0, NULL },

    { ":1\r\n",                           OK, 1, NULL },
    { ":-1\r\n",                          OK, 1, NULL },
    { ":4294967296\r\n",                  OK, 1, NULL },
    { "$0\r\n\r\n",                       OK, 1, NULL },
    { "$1\r\n0\r\n",                      OK, 1, NULL },
    { "$5\r\nfalse\r\n",                  OK, 1, NULL },
    { "+OK\r\n",                          OK, 1, NULL },
    { "+\r\n",                            OK, 1, NULL },
    { "*3\r\n:0\r\n:1\r\n:0\r\n",         OK, 1, NULL },
    { "*2\r\n$-1\r\n$0\r\n\r\n",          OK, 1, NULL },
    { "*2\r\n$1\r\na\r\n$-1\r\n",         OK, 1, NULL },
    { "*2\r\n:0\r\n*2\r\n:0\r\n:1\r\n",   OK, 1, NULL },

    { "-ERR no\r\n",                      ERROR, 0, NULL },
    { "-MOVED 1 h:1\r\n",                 ERROR, 0, NULL },
    { "*2\r\n:1\r\n-ERR no\r\n",          UNEXPECTED, 1, NULL },
    { "*2\r\n-ERR no\r\n:1\r\n",          UNEXPECTED, 0, NULL },
    { "*1\r\n*1\r\n-ERR no\r\n",          UNEXPECTED, 0, NULL },

#if (HIREDIS_MAJOR >= 1)
    { "_\r\n",                            OK, 0, NULL },
    { "#f\r\n",                           OK, 0, NULL },
    { "#t\r\n",                           OK, 1, NULL },
    { ",0\r\n",                           OK, 0, NULL },
    { ",-0.0\r\n",                        OK, 0, NULL },
    { ",0.5\r\n",                         OK, 1, NULL },
    { ",nan\r\n",                         OK, 1, NULL },
    { "*2\r\n#f\r\n#t\r\n",               OK, 1, NULL },
    { "%1\r\n+a\r\n:1\r\n",               UNEXPECTED, 0, NULL },
    { "~1\r\n:1\r\n",                     UNEXPECTED, 0, NULL },
    { "(1\r\n",                           UNEXPECTED, 0, NULL },
    { "=5\r\ntxt:a\r\n",                  UNEXPECTED, 0, NULL },
#endif
};


static const answer_case_t  integers[] = {
    { ":0\r\n",                           OK, 0, NULL },
    { ":42\r\n",                          OK, 42, NULL },
    { ":-1\r\n",                          OK, UINT64_MAX, NULL },
    { "$2\r\n42\r\n",                     UNEXPECTED, 0, NULL },
    { "$-1\r\n",                          UNEXPECTED, 0, NULL },
    { "+OK\r\n",                          UNEXPECTED, 0, NULL },
    { "*1\r\n:1\r\n",                     UNEXPECTED, 0, NULL },
    { "-ERR no\r\n",                      ERROR, 0, NULL },
};


static const answer_case_t  texts[] = {
    { "$12\r\nrole:master\n\r\n",         OK, 0, "role:master\n" },
    { "$0\r\n\r\n",                       OK, 0, "" },
    { "+PONG\r\n",                        OK, 0, "PONG" },
    { "$-1\r\n",                          UNEXPECTED, 0, NULL },
    { ":1\r\n",                           UNEXPECTED, 0, NULL },
    { "*1\r\n$1\r\na\r\n",                UNEXPECTED, 0, NULL },
    { "-NOPERM no\r\n",                   ERROR, 0, NULL },
};


static const answer_case_t  times[] = {
    { "*2\r\n$10\r\n1700000000\r\n$6\r\n123999\r\n",
      OK, 1700000000123, NULL },
    { "*2\r\n$1\r\n0\r\n$1\r\n0\r\n",     OK, 0, NULL },
    { "*2\r\n$1\r\n1\r\n$6\r\n999999\r\n", OK, 1999, NULL },
    { "*2\r\n$1\r\n1\r\n$7\r\n1000000\r\n", UNEXPECTED, 0, NULL },
    { "*2\r\n$19\r\n9223372036854775807\r\n$1\r\n0\r\n",
      UNEXPECTED, 0, NULL },
    { "*2\r\n$2\r\n-1\r\n$1\r\n0\r\n",    UNEXPECTED, 0, NULL },
    { "*2\r\n$1\r\nx\r\n$1\r\n0\r\n",     UNEXPECTED, 0, NULL },
    { "*2\r\n$1\r\n1\r\n$1\r\nx\r\n",     UNEXPECTED, 0, NULL },
    { "*2\r\n:1\r\n:1\r\n",               UNEXPECTED, 0, NULL },
    { "*1\r\n$1\r\n1\r\n",                UNEXPECTED, 0, NULL },
    { "*3\r\n:1\r\n:1\r\n:1\r\n",         UNEXPECTED, 0, NULL },
    { "*-1\r\n",                          UNEXPECTED, 0, NULL },
    { ":1\r\n",                           UNEXPECTED, 0, NULL },
    { "*2\r\n*1\r\n:1\r\n:1\r\n",         UNEXPECTED, 0, NULL },
};


static const answer_case_t  addresses[] = {
    { "*2\r\n$9\r\n127.0.0.1\r\n$4\r\n6380\r\n", OK, 6380, "127.0.0.1" },
    { "*2\r\n$3\r\n::1\r\n$5\r\n65535\r\n", OK, 65535, "::1" },
    { "*2\r\n$7\r\nredis-1\r\n$1\r\n1\r\n", OK, 1, "redis-1" },
    { "*-1\r\n",                          NIL, 0, NULL },
    { "$-1\r\n",                          NIL, 0, NULL },
    { "*2\r\n$1\r\nh\r\n$1\r\n0\r\n",     UNEXPECTED, 0, NULL },
    { "*2\r\n$1\r\nh\r\n$5\r\n65536\r\n", UNEXPECTED, 0, NULL },
    { "*2\r\n$1\r\nh\r\n$1\r\nx\r\n",     UNEXPECTED, 0, NULL },
    { "*2\r\n$1\r\nh\r\n:1\r\n",          UNEXPECTED, 0, NULL },
    { "*2\r\n$1\r\nh\r\n$0\r\n\r\n",      UNEXPECTED, 0, NULL },
    { "*2\r\n$0\r\n\r\n$1\r\n1\r\n",      UNEXPECTED, 0, NULL },
    { "*2\r\n$3\r\na b\r\n$1\r\n1\r\n",   UNEXPECTED, 0, NULL },
    { "*2\r\n$3\r\nh:i\r\n$1\r\n1\r\n",   UNEXPECTED, 0, NULL },
    { "*2\r\n$-1\r\n$1\r\n1\r\n",         UNEXPECTED, 0, NULL },
    { "*2\r\n*1\r\n$1\r\nh\r\n$1\r\n1\r\n", UNEXPECTED, 0, NULL },
    { "*1\r\n$1\r\nh\r\n",                UNEXPECTED, 0, NULL },
    { "*0\r\n",                           UNEXPECTED, 0, NULL },
    { "$1\r\nh\r\n",                      UNEXPECTED, 0, NULL },
    { "-ERR No such master with that name\r\n", ERROR, 0, NULL },
};


/* value: how many were found */

static const answer_case_t  ranges[] = {
    { "*1\r\n*2\r\n" ID1 ALICE,           OK, 1, NULL },
    { "*0\r\n",                           OK, 0, NULL },
    { "*1\r\n*2\r\n" ID1 "*0\r\n",        OK, 1, NULL },
    { "*-1\r\n",                          UNEXPECTED, 0, NULL },
    { "$-1\r\n",                          UNEXPECTED, 0, NULL },
    { "*2\r\n*2\r\n" ID1 ALICE "*2\r\n" ID1 BOB, UNEXPECTED, 0, NULL },
    { "*1\r\n" ID1,                       UNEXPECTED, 0, NULL },
    { "*1\r\n*1\r\n" ID1,                 UNEXPECTED, 0, NULL },
    { "*1\r\n*2\r\n$1\r\nx\r\n" ALICE,    UNEXPECTED, 0, NULL },
    { "*1\r\n*2\r\n:1\r\n" ALICE,         UNEXPECTED, 0, NULL },
    { "*1\r\n*2\r\n" ID1 "$-1\r\n",       UNEXPECTED, 1, NULL },
    { "*1\r\n*2\r\n" ID1 "*2\r\n:1\r\n:1\r\n", UNEXPECTED, 1, NULL },
    { "*1\r\n*2\r\n" ID1 "*1\r\n*1\r\n:1\r\n", UNEXPECTED, 1, NULL },
    { "*1\r\n*2\r\n" ID1 "*1\r\n-ERR\r\n", UNEXPECTED, 1, NULL },
    { "-WRONGTYPE no\r\n",                ERROR, 0, NULL },
};


typedef struct {
    const char           *name;
    trv_ask_t             ask;
    const answer_case_t  *cases;
    size_t                n;
} kind_t;


#define CASES(cases)  cases, sizeof(cases) / sizeof(cases[0])


static const kind_t  kinds[] = {
    { "YESNO",    TRV_ASK_YESNO,    CASES(yesno) },
    { "INTEGER",  TRV_ASK_INTEGER,  CASES(integers) },
    { "TEXT",     TRV_ASK_TEXT,     CASES(texts) },
    { "TIME",     TRV_ASK_TIME,     CASES(times) },
    { "ADDRESS",  TRV_ASK_ADDRESS,  CASES(addresses) },
    { "XRANGE",   TRV_ASK_XRANGE,   CASES(ranges) },
};


static uint64_t
value(const trv_answer_t *answer)
{
    switch (answer->ask) {

    case TRV_ASK_YESNO:
        return answer->yes;

    case TRV_ASK_INTEGER:
        return (uint64_t) answer->number;

    case TRV_ASK_TIME:
        return answer->time;

    case TRV_ASK_ADDRESS:
        return answer->port;

    case TRV_ASK_XRANGE:
        return answer->entries;

    default:
        return 0;
    }
}


/* what is said besides the type counts only with OK */

static int
expected(const answer_case_t *c, trv_ask_t ask, const trv_answer_t *answer)
{
    const char  *text;

    if (answer->ask != ask || answer->type != c->type
        || (answer->error[0] != '\0') != (c->type >= TRV_ANSWER_ERROR))
    {
        return 0;
    }

    if (c->type != TRV_ANSWER_OK) {
        return 1;
    }

    text = c->text != NULL ? c->text : "";

    return value(answer) == c->value && answer->text.len == strlen(text)
           && (answer->text.len == 0
               || memcmp(answer->text.data, text, answer->text.len) == 0);
}


static void
test_case(const kind_t *kind, const answer_case_t *c)
{
    size_t         cut, len, step, wrong;
    trv_reader_t  *reader;
    trv_answer_t   answer;

    reader = trv_reader_create(NULL);
    len = strlen(c->bytes);
    wrong = 0;

    for (cut = 1; cut <= len; cut++) {
        for (step = 1; step <= len; step += len - 1) {
            (void) trv_reader_expect(reader, kind->ask);
            (void) trv_reader_expect(reader, TRV_ASK_INTEGER);

            wrong += play(reader, c->bytes, len, cut, step, &answer) != TRV_OK
                     || !expected(c, kind->ask, &answer);

            wrong += play(reader, ":7\r\n", 4, 1, 1, &answer) != TRV_OK
                     || answer.type != TRV_ANSWER_OK || answer.number != 7
                     || answer.text.len != 0 || answer.yes
                     || answer.error[0] != '\0';
        }
    }

    tap_ok(wrong == 0, "%s: case %zu", kind->name, (size_t) (c - kind->cases));

    trv_reader_destroy(reader);
}


static void
test_long_text(void)
{
    char          *bytes;
    size_t         head, len;
    trv_reader_t  *reader;
    trv_answer_t   answer;

    static const size_t  lens[] = {
        TRV_READER_TEXT_MAX - 1, TRV_READER_TEXT_MAX, TRV_READER_TEXT_MAX + 1,
        900000, 10, 0
    };

    size_t  i;

    bytes = malloc(1000000);
    reader = trv_reader_create(NULL);

    for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        head = (size_t) sprintf(bytes, "$%zu\r\n", lens[i]);
        memset(bytes + head, 'a' + (int) i, lens[i]);
        len = head + lens[i];
        len += (size_t) sprintf(bytes + len, "\r\n");

        (void) trv_reader_expect(reader, TRV_ASK_TEXT);

        tap_ok(play(reader, bytes, len, 4096, 4096, &answer) == TRV_OK
               && answer.type == TRV_ANSWER_OK
               && answer.text.len == (lens[i] < TRV_READER_TEXT_MAX
                                      ? lens[i] : TRV_READER_TEXT_MAX)
               && (answer.text.len == 0
                   || (answer.text.data[0] == 'a' + (int) i
                       && answer.text.data[answer.text.len - 1]
                          == 'a' + (int) i)), "a text of %zu", lens[i]);
    }

    trv_reader_destroy(reader);
    free(bytes);
}


/* a redirection to the longest host name is whole */

static void
test_long_error(void)
{
    char           bytes[400];
    trv_reader_t  *reader;
    trv_answer_t   answer;

    memset(bytes, 'h', sizeof(bytes));
    memcpy(bytes, "-MOVED 16383 ", 13);
    strcpy(bytes + 13 + 255, ":65535\r\n");

    reader = trv_reader_create(NULL);
    (void) trv_reader_expect(reader, TRV_ASK_YESNO);

    tap_ok(play(reader, bytes, strlen(bytes), 1, 1, &answer) == TRV_OK
           && answer.type == TRV_ANSWER_ERROR
           && strlen(answer.error) == 12 + 255 + 6
           && strcmp(answer.error + 12 + 255, ":65535") == 0,
           "a long host name is whole");

    trv_reader_destroy(reader);
}


int
main(void)
{
    size_t  i, k;

    for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (i = 0; i < kinds[k].n; i++) {
            test_case(&kinds[k], &kinds[k].cases[i]);
        }
    }

    test_long_text();
    test_long_error();

    return tap_done();
}
