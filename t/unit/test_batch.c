
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The queue of entries, and what is left of it without memory.
 */


#include <stdlib.h>
#include "../../src/codec/trv_batch.h"
#include "../../src/codec/trv_memory.h"
#include "feed.h"
#include "tap.h"


#define NOW  1700000500123        /* the edge's clock, milliseconds */


static trv_digest_t  *digest;


/* the counted allocations fail from the given one on, or only that one */

static unsigned  allocations;
static unsigned  fail_at;
static unsigned  fail_on;


static void *
failing_realloc(void *p, size_t size)
{
    allocations++;

    if (allocations == fail_at || (fail_on && allocations > fail_at)) {
        return NULL;
    }

    return realloc(p, size);
}


/* pairs and tokens enough to make every array and the blocks grow */

static trv_rc_t
build_large(trv_batch_t *batch, uint64_t ms)
{
    int       i;
    char      pair[1024];
    trv_rc_t  rc;
    trv_id_t  id;

    id.ms = ms;
    id.seq = 0;

    rc = trv_batch_begin(batch, id);

    for (i = 0; rc == TRV_OK && i < 40; i++) {
        snprintf(pair, sizeof(pair), "%s=%0*d", i % 2 ? "token" : "sub",
                 i % 2 ? 64 : 700, i);
        rc = feed(batch, pair);
    }

    return rc == TRV_OK ? trv_batch_finish(batch, NOW) : rc;
}


static int
is_large(const trv_entry_t *e, uint64_t ms)
{
    uint32_t  i;
    uint8_t   digits[2];

    if (e == NULL || e->id.ms != ms || e->ntokens != 20 || e->npairs != 20
        || e->fault != TRV_FAULT_NONE || e->refused)
    {
        return 0;
    }

    for (i = 0; i < 20; i++) {
        digits[0] = (uint8_t) ('0' + 2 * i / 10);
        digits[1] = (uint8_t) ('0' + 2 * i % 10);

        if (!equals(e->pairs[i].name, "sub") || e->pairs[i].value.len != 700
            || memcmp(e->pairs[i].value.data + 698, digits, 2) != 0
            || e->tokens[i][31] != (2 * i + 1) / 10 * 16 + (2 * i + 1) % 10)
        {
            return 0;
        }
    }

    return 1;
}


/*
 * At every point: the entries that were finished are whole, the one that was
 * being built is not there, nothing comes after it, and a cleared batch works.
 */

static unsigned
chaos(unsigned at, unsigned on)
{
    unsigned      i, n, wrong;
    trv_rc_t      rc;
    trv_id_t      id = { 1, 1 };
    trv_batch_t  *batch;

    allocations = 0;
    fail_at = at;
    fail_on = on;
    wrong = 0;

    batch = trv_batch_create(digest);

    if (batch == NULL) {
        return at != 1;
    }

    rc = TRV_OK;

    for (n = 0; rc == TRV_OK && n < 3; n++) {
        rc = build_large(batch, 100 + n);
    }

    if (rc != TRV_OK) {
        n--;
        wrong += rc != TRV_NOMEM;
        wrong += build_large(batch, 200) != TRV_NOMEM;
    }

    fail_at = 0;
    fail_on = 0;

    if (rc != TRV_OK) {
        wrong += trv_batch_begin(batch, id) != TRV_NOMEM;
    }

    for (i = 0; i < n; i++) {
        wrong += !is_large(trv_batch_first(batch), 100 + i);
        trv_batch_shift(batch);
    }

    wrong += trv_batch_first(batch) != NULL;

    trv_batch_clear(batch);

    wrong += build_large(batch, 300) != TRV_OK
             || !is_large(trv_batch_first(batch), 300);

    trv_batch_destroy(batch);

    return wrong;
}


static void
test_chaos(void)
{
    unsigned  at, total;

    trv_memory_realloc = failing_realloc;

    (void) chaos(0, 0);
    total = allocations;

    tap_ok(total > 20, "there are %u allocations", total);

    for (at = 1; at <= total; at++) {
        tap_ok(chaos(at, 0) == 0, "allocation %u fails", at);
        tap_ok(chaos(at, 1) == 0, "and all after it");
    }

    trv_memory_realloc = realloc;
}


/* what a finished entry points to stays while others are built and shifted */

static void
test_queue(void)
{
    unsigned            i, wrong;
    char                token[80];
    trv_id_t            id = { 5, 5 };
    trv_batch_t        *batch;
    const trv_entry_t  *first;

    batch = trv_batch_create(digest);
    wrong = 0;

    (void) build_large(batch, 0);
    first = trv_batch_first(batch);

    for (i = 1; i < 100; i++) {
        wrong += build_large(batch, i) != TRV_OK
                 || trv_batch_first(batch) != first || !is_large(first, 0);
    }

    tap_ok(wrong == 0, "the first entry stays as it was");

    (void) trv_batch_begin(batch, id);
    (void) feed(batch, "aud=forgotten");

    snprintf(token, sizeof(token), "token=%064d", 0);

    for (i = 0; i < 1000; i++) {
        (void) feed(batch, token);
    }

    wrong = build_large(batch, 100) != TRV_OK;

    for (i = 0; i <= 100; i++) {
        wrong += !is_large(trv_batch_first(batch), i);
        trv_batch_shift(batch);
        wrong += i % 3 == 0 && build_large(batch, 101 + i / 3) != TRV_OK;
    }

    tap_ok(wrong == 0, "first in, first out, without the unfinished one");

    for (i = 0; i <= 33; i++) {
        wrong += !is_large(trv_batch_first(batch), 101 + i);
        trv_batch_shift(batch);
    }

    tap_ok(wrong == 0 && trv_batch_first(batch) == NULL, "and those after it");

    (void) trv_batch_begin(batch, id);
    trv_batch_clear(batch);

    tap_ok(trv_batch_name(batch, str("sub")) == TRV_NOMEM
           && trv_batch_value(batch, str("alice")) == TRV_NOMEM
           && trv_batch_finish(batch, NOW) == TRV_NOMEM,
           "nothing is open after clear");

    tap_ok(batch->spare_size <= TRV_BATCH_SPARE, "little memory is kept");

    trv_batch_destroy(batch);
}


int
main(void)
{
    digest = trv_digest_create();

    test_queue();
    test_chaos();

    trv_digest_destroy(digest);

    return tap_done();
}
