
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Thousands of questions outstanding.
 */


#include <stdlib.h>
#include "../../src/codec/trv_memory.h"
#include "../../src/codec/trv_reader.h"
#include "tap.h"


#define NOW  1700000500123

#include "play.h"


/*
 * The ring grows while it is turned: each answer has the number of its
 * question, and every third question asks for something else.
 */

static trv_ask_t
nth(unsigned n)
{
    return n % 3 == 0 ? TRV_ASK_YESNO : TRV_ASK_INTEGER;
}


static unsigned
answered(trv_reader_t *reader, unsigned from, unsigned to)
{
    char          bytes[32];
    unsigned      wrong;
    trv_answer_t  answer;

    for (wrong = 0; from < to; from++) {
        sprintf(bytes, ":%u\r\n", from);

        wrong += play(reader, bytes, strlen(bytes), strlen(bytes), 1, &answer)
                 != TRV_OK || answer.ask != nth(from)
                 || (nth(from) == TRV_ASK_INTEGER && answer.number != from);
    }

    return wrong;
}


static void
test_ring(void)
{
    unsigned       asked, done, n, wrong;
    trv_reader_t  *reader;

    reader = trv_reader_create(NULL);
    asked = 0;
    done = 0;
    wrong = 0;

    for (n = 1; n < 3000; n += n / 2 + 1) {

        while (asked - done < n) {
            wrong += trv_reader_expect(reader, nth(asked)) != TRV_OK;
            asked++;
        }

        wrong += answered(reader, done, done + n / 2 + 1);
        done += n / 2 + 1;
    }

    tap_uint(wrong, 0, "the ring grows while it is turned");

    while (trv_reader_expect(reader, nth(asked)) == TRV_OK) {
        asked++;
    }

    tap_uint(asked - done, TRV_READER_ASKS, "so many may be outstanding");
    tap_ok(trv_reader_expect(reader, TRV_ASK_ANY) == TRV_LIMIT, "not one more");

    wrong += answered(reader, done, done + 1);
    wrong += trv_reader_expect(reader, nth(asked++)) != TRV_OK;
    wrong += answered(reader, done + 1, asked);

    tap_uint(wrong, 0, "and all are answered in their order");

    trv_reader_destroy(reader);
}


static unsigned  allocations;
static unsigned  fail_at;


static void *
failing_realloc(void *p, size_t size)
{
    return ++allocations == fail_at ? NULL : realloc(p, size);
}


/* without memory a question is not counted, and a text is no answer */

static void
test_chaos(void)
{
    unsigned       n;
    trv_reader_t  *reader;
    trv_answer_t   answer;

    trv_memory_realloc = failing_realloc;

    reader = trv_reader_create(NULL);

    for (n = 0; n < 16; n++) {
        (void) trv_reader_expect(reader, nth(n));
    }

    fail_at = allocations + 1;

    tap_ok(trv_reader_expect(reader, TRV_ASK_ANY) == TRV_NOMEM,
           "no memory for another question");
    tap_ok(trv_reader_expect(reader, nth(16)) == TRV_OK
           && answered(reader, 0, 17) == 0, "those before are answered");

    (void) trv_reader_expect(reader, TRV_ASK_TEXT);
    fail_at = allocations + 1;

    tap_ok(play(reader, "+PONG\r\n", 7, 7, 1, &answer) == TRV_NOMEM
           && trv_reader_next(reader, NOW, &answer) == TRV_NOMEM,
           "no memory for a text");

    trv_reader_destroy(reader);
    trv_memory_realloc = realloc;
}


int
main(void)
{
    test_ring();
    test_chaos();

    return tap_done();
}
