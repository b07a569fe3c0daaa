
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Property: an entry is what its pairs are, however it comes.  Given to the
 * batch pair by pair, read from one answer of Redis in one piece, or in pieces
 * cut anywhere, it is the same, and so is its sum, which XRANGE gives as well;
 * it is within the limits unless it is refused; and no name or value is in it
 * that was not in the input.  Bytes that are no such answer, and answers of
 * any other kind, are taken for the same in one piece as in many.
 *
 * Input: how to cut, and either '=' and the pairs, each name and value ended
 * by a line feed, or else what is asked first ('0' for TRV_ASK_ANY and so on;
 * the kinds that follow are asked then) and answers of Redis.
 */


#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trv_reader.h"
#include "trv_sum.h"


/* the beginning of an answer to XREAD with one entry, up to its pairs */

#define FUZZ_XREAD    "*1\r\n*2\r\n$7\r\nrevoked\r\n*1\r\n*2\r\n"           \
                      "$15\r\n1700000000001-7\r\n"

/* what there is before that in an answer to XRANGE */

#define FUZZ_BEFORE   (sizeof("*1\r\n*2\r\n$7\r\nrevoked\r\n") - 1)

#define FUZZ_NOW      1700000500123
#define FUZZ_ANSWERS  64
#define FUZZ_ASKS     8


/* what came of it: entries are left in the batch */

typedef struct {
    trv_batch_t   *batch;
    unsigned       nanswers;
    trv_answer_t   answer[FUZZ_ANSWERS];
    uint64_t       text[FUZZ_ANSWERS];  /* a sum of it */
    trv_rc_t       rc;                /* of the last piece */
} fuzz_run_t;


static trv_digest_t  *digest;


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
fuzz_check(int good)
{
    if (!good) {
        abort();
    }
}


/* a view is looked at before the reader goes on */

static uint64_t
fuzz_sum(trv_str_t text)
{
    trv_sum_t  sum;

    trv_sum_clear(&sum);
    trv_sum_add(&sum, text);

    return trv_sum_value(&sum);
}


static void
fuzz_next(fuzz_run_t *run, trv_reader_t *reader)
{
    trv_answer_t  *answer;

    answer = &run->answer[run->nanswers];

    run->rc = trv_reader_next(reader, FUZZ_NOW, answer);

    if (run->rc != TRV_OK) {
        return;
    }

    fuzz_check(answer->text.len <= TRV_READER_TEXT_MAX
               && (answer->type >= TRV_ANSWER_ERROR
                   || answer->error[0] == '\0')
               && memchr(answer->error, '\0', sizeof(answer->error)) != NULL);

    run->text[run->nanswers++] = fuzz_sum(answer->text);
}


static void
fuzz_run(fuzz_run_t *run, trv_ask_t ask, const uint8_t *bytes, size_t len,
    size_t step)
{
    size_t         n;
    uint8_t       *piece;
    unsigned       i;
    trv_reader_t  *reader;

    run->batch = trv_batch_create(digest);
    reader = trv_reader_create(run->batch);
    fuzz_check(run->batch != NULL && reader != NULL);

    for (i = 0; i < FUZZ_ASKS; i++) {
        fuzz_check(trv_reader_expect(reader, (ask + i) % TRV_ASK_NKINDS)
                   == TRV_OK);
    }

    run->nanswers = 0;
    run->rc = TRV_NONE;

    while (len != 0 && run->rc == TRV_NONE) {

        n = len < step ? len : step;

        piece = malloc(n);
        fuzz_check(piece != NULL);

        memcpy(piece, bytes, n);
        run->rc = trv_reader_feed(reader, piece, n);
        free(piece);

        bytes += n;
        len -= n;

        while (run->rc == TRV_OK && run->nanswers < FUZZ_ANSWERS) {
            fuzz_next(run, reader);
        }
    }

    trv_reader_destroy(reader);
}


static int
fuzz_same_entry(const trv_entry_t *a, const trv_entry_t *b)
{
    uint32_t  i;

    if (a->id.ms != b->id.ms || a->id.seq != b->id.seq
        || a->action != b->action || a->fault != b->fault
        || a->refused != b->refused || a->cutoff != b->cutoff
        || a->end != b->end || a->ntokens != b->ntokens
        || a->npairs != b->npairs || !trv_str_eq(a->ack, b->ack)
        || a->digest != b->digest)
    {
        return 0;
    }

    for (i = 0; i < a->npairs; i++) {
        if (!trv_str_eq(a->pairs[i].name, b->pairs[i].name)
            || !trv_str_eq(a->pairs[i].value, b->pairs[i].value))
        {
            return 0;
        }
    }

    return a->ntokens == 0
           || memcmp(a->tokens, b->tokens, a->ntokens * TRV_SHA256_LEN) == 0;
}


/* views of the input: what is in the entry has to be in there */

static void
fuzz_within(const trv_entry_t *entry, const uint8_t *data, size_t size)
{
    uint32_t   i;
    trv_str_t  name, value;

    fuzz_check(entry->ack.len <= TRV_ENTRY_ACK_LEN
               && entry->npairs + entry->ntokens <= TRV_ENTRY_PAIRS
               && (!entry->refused || entry->npairs + entry->ntokens == 0));

    for (i = 0; i < entry->npairs; i++) {
        name = entry->pairs[i].name;
        value = entry->pairs[i].value;

        fuzz_check(name.len <= TRV_ENTRY_NAME_LEN
                   && value.len <= TRV_ENTRY_VALUE_LEN
                   && memmem(data, size, name.data, name.len) != NULL
                   && memmem(data, size, value.data, value.len) != NULL);
    }
}


/* all entries of both, which are shifted */

static void
fuzz_compare(trv_batch_t *a, trv_batch_t *b, const uint8_t *data, size_t size)
{
    const trv_entry_t  *entry, *other;

    for ( ; ; ) {

        entry = trv_batch_first(a);
        other = trv_batch_first(b);

        fuzz_check((entry == NULL) == (other == NULL));

        if (entry == NULL) {
            break;
        }

        fuzz_check(fuzz_same_entry(entry, other));
        fuzz_within(entry, data, size);

        trv_batch_shift(a);
        trv_batch_shift(b);
    }

    trv_batch_destroy(a);
    trv_batch_destroy(b);
}


static void
fuzz_compare_runs(fuzz_run_t *a, fuzz_run_t *b, const uint8_t *data,
    size_t size)
{
    unsigned  i;

    fuzz_check(a->rc == b->rc && a->nanswers == b->nanswers);

    for (i = 0; i < a->nanswers; i++) {
        a->answer[i].text.data = b->answer[i].text.data;

        fuzz_check(a->text[i] == b->text[i]
                   && memcmp(&a->answer[i], &b->answer[i],
                             offsetof(trv_answer_t, error)) == 0
                   && strcmp(a->answer[i].error, b->answer[i].error) == 0);
    }

    fuzz_compare(a->batch, b->batch, data, size);
}


/*
 * Writes the lines as one answer to XREAD, and gives them to a batch, too.
 * A last name without a value is left out.
 */

static size_t
fuzz_pairs(const uint8_t *data, size_t size, trv_batch_t *batch, char *out)
{
    size_t          n, len;
    char           *p, *body;
    trv_str_t       text;
    const uint8_t  *end, *last;

    body = malloc(size * 32 + 1);
    fuzz_check(body != NULL);

    n = 0;
    p = body;
    last = memrchr(data, '\n', size);

    for (end = data; last != NULL && data <= last; data = end + 1) {
        end = memchr(data, '\n', (size_t) (last - data + 1));

        text.data = data;
        text.len = (size_t) (end - data);

        if (n % 2 == 0 && end == last) {
            break;
        }

        fuzz_check((n++ % 2 == 0 ? trv_batch_name(batch, text)
                                 : trv_batch_value(batch, text)) == TRV_OK);

        p += sprintf(p, "$%zu\r\n", text.len);
        memcpy(p, text.data, text.len);
        p += text.len;
        p += sprintf(p, "\r\n");
    }

    len = (size_t) sprintf(out, FUZZ_XREAD "*%zu\r\n", n);
    memcpy(out + len, body, (size_t) (p - body));
    len += (size_t) (p - body);
    free(body);

    return len;
}


static void
fuzz_entry(const uint8_t *data, size_t size, size_t step)
{
    char               *bytes;
    size_t              len;
    trv_id_t            id;
    uint64_t            sum;
    trv_batch_t        *direct;

    static fuzz_run_t   whole, cut;

    id.ms = 1700000000001;
    id.seq = 7;

    direct = trv_batch_create(digest);
    bytes = malloc(size * 32 + 128);
    fuzz_check(direct != NULL && bytes != NULL);

    fuzz_check(trv_batch_begin(direct, id) == TRV_OK);
    len = fuzz_pairs(data, size, direct, bytes);
    fuzz_check(trv_batch_finish(direct, FUZZ_NOW) == TRV_OK);

    fuzz_run(&whole, TRV_ASK_XREAD, (uint8_t *) bytes, len, len);
    fuzz_check(whole.nanswers == 1 && whole.answer[0].type == TRV_ANSWER_OK
               && whole.answer[0].entries == 1);

    sum = trv_batch_first(direct)->digest;
    fuzz_compare(direct, whole.batch, data, size);

    fuzz_run(&whole, TRV_ASK_XREAD, (uint8_t *) bytes, len, len);
    fuzz_run(&cut, TRV_ASK_XREAD, (uint8_t *) bytes, len, step);
    fuzz_compare_runs(&whole, &cut, data, size);

    fuzz_run(&cut, TRV_ASK_XRANGE, (uint8_t *) bytes + FUZZ_BEFORE,
             len - FUZZ_BEFORE, step);
    fuzz_check(cut.nanswers == 1 && cut.answer[0].type == TRV_ANSWER_OK
               && cut.answer[0].entries == 1 && cut.answer[0].digest == sum
               && trv_batch_first(cut.batch) == NULL);
    trv_batch_destroy(cut.batch);

    free(bytes);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t              step;
    trv_ask_t           ask;

    static fuzz_run_t   whole, cut;

    if (digest == NULL) {
        digest = trv_digest_create();
    }

    if (size < 2) {
        return 0;
    }

    step = 1 + data[0] % 37;

    if (data[1] == '=') {
        fuzz_entry(data + 2, size - 2, step);
        return 0;
    }

    ask = (trv_ask_t) (data[1] % 16 % TRV_ASK_NKINDS);

    data += 2;
    size -= 2;

    fuzz_run(&whole, ask, data, size, size);
    fuzz_run(&cut, ask, data, size, step);
    fuzz_compare_runs(&whole, &cut, data, size);

    return 0;
}
