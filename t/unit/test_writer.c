
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The writer: filling, overflow, sweeping, succession.  Its death between two
 * stores is in test_writer_crash.c.
 */


#include "zone.h"


typedef struct {
    size_t    size;
    uint64_t  rules;
} size_case_t;


static const size_case_t  sizes[] = {
    { 32 * KB,         500 },
    { 32 * KB + 64,    500 },
    { 64 * KB,         1500 },
    { 100 * KB + 7,    2000 },
    { 256 * KB,        8000 },
    { MB,              40000 },
    { MB + 4095,       40000 },
    { 4 * MB,          200000 },
    { 16 * MB,         900000 },
};


/* until it is full, then all of it, then with a third of it removed */

static void
test_full(const size_case_t *c)
{
    zone_t    z;
    uint64_t  n, i, was;

    z = zone_open(c->size);

    n = fill(&z, NEVER);

    printf("# %zu bytes: %" PRIu64 " rules, %.1f bytes each\n", c->size, n,
           (double) c->size / (double) n);

    tap_ok(n >= c->rules, "%zu bytes hold enough", c->size);
    tap_ok(present(&z, 0, n) == n, "all of it is found");
    tap_ok(present(&z, n, n) == 0, "and nothing else");
    tap_uint(rules(&z), n, "they are counted");

    tap_uint(put(&z, n, 1, NEVER), TRV_FULL, "full once more");
    tap_uint(put(&z, 0, ALWAYS, NEVER), TRV_OK, "a merge needs no room");

    zone_reopen(&z);
    tap_uint(put(&z, n, 1, NEVER), TRV_FULL, "full for a successor");

    for (i = 0; i < n; i += 3) {
        (void) trv_writer_remove(z.writer, key(&z, i), 5);
    }

    for (i = 0; i < n && look(&z, i, 0, NOW) == (i % 3 ? TRV_OK : TRV_NONE);
         i++)
    {
        /* void */
    }

    tap_uint(i, n, "a third is removed, the others stay");

    /* half of them: another order may not fill to the very same number */

    was = present(&z, 0, n);

    for (i = 0; i < n && put(&z, i, ALWAYS, NEVER) == TRV_OK; i += 6) {
        /* void */
    }

    tap_ok(i >= n && present(&z, 0, n) == was + (n + 5) / 6,
           "and there is room again");

    zone_close(&z);
}


static void
test_sweep(void)
{
    zone_t    z;
    uint64_t  i, n, removed, was;
    unsigned  wrapped;

    z = zone_open(MB);
    n = 45000;

    for (i = 0; i < n; i++) {
        (void) put(&z, i, ALWAYS, i % 10 ? NOW + 16 : NEVER);
    }

    was = used(&z);

    tap_uint(sweep(&z, NOW + 15), 0, "nothing is dead yet");
    tap_uint(used(&z), was, "no memory is given back");

    removed = sweep(&z, NOW + 16);
    tap_uint(removed, n - n / 10, "the dead are swept");
    tap_ok(used(&z) * 3 < was, "and most of the memory is given back");

    for (i = 0; i < n && look(&z, i, 0, NOW) == (i % 10 ? TRV_NONE : TRV_OK);
         i++)
    {
        /* void */
    }

    tap_uint(i, n, "the living are found");
    tap_uint(rules(&z), n / 10, "and counted");

    for (i = 0; i < n; i += 10) {
        (void) trv_writer_remove(z.writer, key(&z, i), 5);
    }

    (void) sweep(&z, NOW);
    tap_uint(used(&z), 0, "an empty table uses no memory");

    n = fill(&z, NEVER);
    tap_ok(n > 45000 && present(&z, 0, n) == n, "the memory is used again");

    removed = trv_writer_sweep(z.writer, NOW, UINT32_MAX, &wrapped);
    tap_ok(removed == 0 && wrapped, "a call ends with its round");
    (void) trv_writer_sweep(z.writer, NOW, 1, &wrapped);
    tap_ok(!wrapped, "the next one begins another");

    zone_close(&z);
}


static void
test_shapes(void)
{
    zone_t    z;
    unsigned  wrapped;

    z = zone_open(MB);

    tap_uint(trv_writer_shapes(z.writer), UINT64_MAX,
             "any shape before the first round");
    (void) sweep(&z, NOW);
    tap_uint(trv_writer_shapes(z.writer), 0, "no shape after it");

    (void) trv_writer_put(z.writer, key(&z, 1), trv_term_make(1, NOW + 16, 63));
    (void) trv_writer_sweep(z.writer, NOW, 22, &wrapped);
    (void) trv_writer_put(z.writer, key(&z, 2), trv_term_make(1, NEVER, 0));

    tap_uint(trv_writer_shapes(z.writer), UINT64_C(1) << 63 | 1,
             "those put in this round");
    (void) sweep(&z, NOW);
    tap_uint(trv_writer_shapes(z.writer), UINT64_C(1) << 63 | 1,
             "they stay when it ends");
    (void) sweep(&z, NOW);
    tap_uint(trv_writer_shapes(z.writer), UINT64_C(1) << 63 | 1,
             "and when the next finds them");
    (void) sweep(&z, NOW + 16);
    (void) sweep(&z, NOW + 16);
    tap_uint(trv_writer_shapes(z.writer), 1, "a dead one leaves");

    zone_close(&z);
}


/* another writer after each piece of work: nothing but the table is kept */

static void
test_reopen(void)
{
    zone_t    z;
    uint64_t  i, n, was;

    z = zone_open(512 * KB);
    n = 0;

    for (i = 0; i < 22000; i++) {

        if (i % 97 == 0) {
            was = used(&z);
            zone_reopen(&z);

            if (used(&z) != was) {
                break;
            }
        }

        n += put(&z, i, ALWAYS, NEVER) == TRV_OK;

        if (i % 5 == 4) {
            n -= trv_writer_remove(z.writer, key(&z, i - 4), 5) == TRV_OK;
        }

        if (i % 601 == 0) {
            (void) sweep(&z, NOW);
        }
    }

    tap_uint(i, 22000, "memory in use is the same for each successor");

    (void) sweep(&z, NOW);
    tap_ok(rules(&z) == n && n == 22000 - 22000 / 5,
           "rules are counted by then");

    for (i = 0; i < 22000; i++) {
        if (look(&z, i, 0, NOW) != (i % 5 ? TRV_OK : TRV_NONE)) {
            break;
        }
    }

    tap_uint(i, 22000, "all are where they should be");

    zone_close(&z);
}


/* a zone of which little is used, at an address that is not a page's */

static void
test_large(void)
{
    zone_t    z;
    uint64_t  n;

    z.size = (size_t) 512 * MB;
    z.base = calloc(1, z.size + 64);
    z.memory = NULL;

    if (z.base == NULL
        || trv_table_format(z.base + 48, z.size, secret) != TRV_OK
        || trv_table_attach(&z.table, z.base + 48, z.size) != TRV_OK)
    {
        tap_ok(0, "a large zone");
        return;
    }

    zone_reopen(&z);

    for (n = 0; n < 300000; n++) {
        (void) put(&z, n % 150000, n < 150000 ? 1000 : 2000, NEVER);
    }

    zone_reopen(&z);
    (void) sweep(&z, NOW);

    tap_uint(z.table.shift, TRV_SHIFT_LARGE, "a large zone has large chunks");
    tap_uint(rules(&z), 150000, "and works as others do");
    tap_uint(present(&z, 0, 150000), 150000, "all found");
    tap_uint(present(&z, 150000, 1000), 0, "no other");

    zone_close(&z);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < nelts(sizes); i++) {
        test_full(&sizes[i]);
    }

    test_sweep();
    test_shapes();
    test_reopen();
    test_large();

    return tap_done();
}
