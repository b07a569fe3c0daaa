
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the readers of the table see, in one process.  Readers beside a
 * writer are in stress_table.c.
 */


#include "zone.h"


/* one rule: its terms, the question, the answer */

typedef struct {
    const char  *name;
    uint32_t     cutoff;
    int64_t      end;
    int64_t      issued;
    int64_t      now;
    trv_rc_t     rc;
} question_t;


static const question_t  questions[] = {
    { "issued before the cut-off",  1000,   NEVER, 999, NOW, TRV_OK },
    { "issued at the cut-off",      1000,   NEVER, 1000, NOW, TRV_OK },
    { "issued after the cut-off",   1000,   NEVER, 1001, NOW, TRV_NONE },
    { "issue time not known",       1000,   NEVER, INT64_MIN, NOW, TRV_OK },
    { "issued before 1970",         0,      NEVER, -1, NOW, TRV_OK },
    { "issued beyond 32 bits",      ALWAYS - 1, NEVER,
      INT64_C(0x100000000), NOW, TRV_NONE },
    { "always, whenever issued",    ALWAYS, NEVER, INT64_MAX, NOW, TRV_OK },
    { "always, not known",          ALWAYS, NEVER, INT64_MIN, NOW, TRV_OK },
    { "a second before the end",    ALWAYS, NOW,   0, NOW - 1, TRV_OK },
    { "at the end",                 ALWAYS, NOW,   0, NOW, TRV_NONE },
    { "cut-off at the end",         1000,   NOW,   999, NOW, TRV_NONE },
    { "dead, issue time not known", 1000,   NOW,   INT64_MIN, NOW, TRV_NONE },
    { "the end of time",            ALWAYS, NEVER, 0, INT64_MAX, TRV_OK },
};


static void
test_questions(void)
{
    size_t             i;
    zone_t             z;
    trv_term_t         term;
    const question_t  *q;

    z = zone_open(64 * KB);

    for (i = 0; i < nelts(questions); i++) {
        q = &questions[i];

        (void) put(&z, i, q->cutoff, q->end);
        tap_uint(look(&z, i, q->issued, q->now), q->rc, q->name);
    }

    tap_ok(trv_table_lookup(&z.table, key(&z, 0), 4, 0, NOW, &term) == TRV_NONE,
           "another shape does not match");
    tap_ok(trv_table_lookup(&z.table, key(&z, 0), 5, 0, NOW, &term) == TRV_OK
           && term == trv_term_make(1000, NEVER, 5), "the term is returned");
    tap_uint(look(&z, 1000, INT64_MIN, NOW), TRV_NONE, "an unknown key");

    zone_close(&z);
}


static void
test_merge(void)
{
    zone_t  z;

    z = zone_open(64 * KB);

    tap_uint(put(&z, 1, 2000, NOW + 160), TRV_OK, "a rule is put");
    tap_uint(put(&z, 1, 1000, NOW + 320), TRV_OK, "and put again");
    tap_uint(rules(&z), 1, "still one rule");
    tap_uint(look(&z, 1, 2000, NOW + 319), TRV_OK,
             "the later cut-off and the later end stand");
    tap_uint(look(&z, 1, 2000, NOW + 320), TRV_NONE, "but no longer");

    tap_uint(put(&z, 1, ALWAYS, NOW + 16), TRV_OK, "always, for 16 seconds");
    tap_uint(rules(&z), 2, "is another rule");
    tap_uint(look(&z, 1, 9999, NOW + 15), TRV_OK, "that refuses a new token");
    tap_uint(look(&z, 1, 9999, NOW + 16), TRV_NONE, "until it ends");
    tap_uint(look(&z, 1, 2000, NOW + 16), TRV_OK, "the other one stays");
    tap_uint(sweep(&z, NOW + 16), 1, "only the dead one is swept");
    tap_uint(look(&z, 1, 2000, NOW + 16), TRV_OK, "the other one still stays");

    (void) put(&z, 1, ALWAYS, NEVER);
    tap_uint(trv_writer_remove(z.writer, key(&z, 1), 4), TRV_NONE,
             "another shape removes nothing");
    tap_uint(trv_writer_remove(z.writer, key(&z, 1), 5), TRV_OK,
             "remove takes both");
    tap_uint(look(&z, 1, INT64_MIN, NOW), TRV_NONE, "both are gone");
    tap_uint(trv_writer_remove(z.writer, key(&z, 1), 5), TRV_NONE,
             "nothing is left to remove");
    tap_uint(trv_writer_remove(z.writer, key(&z, 2), 5), TRV_NONE,
             "an unknown rule is not removed");
    tap_uint(rules(&z), 0, "no rules");

    tap_uint(trv_writer_put(z.writer, key(&z, 3), trv_term_make(1, NEVER, 6)),
             TRV_OK, "one fingerprint, two shapes");
    (void) put(&z, 3, 1, NEVER);
    tap_uint(rules(&z), 2, "are two rules");
    tap_uint(look(&z, 3, 1, NOW), TRV_OK, "the second one is found");
    (void) trv_writer_remove(z.writer, key(&z, 3), 5);
    tap_uint(rules(&z), 1, "of which one is removed");

    (void) put(&z, 4, ALWAYS, NOW + 16);
    (void) put(&z, 4, 1000, NEVER);
    tap_uint(look(&z, 4, 1000, NOW + 16), TRV_OK,
             "a rule is found behind a dead one of the same match");

    zone_close(&z);
}


static void
test_attach(void)
{
    size_t        i;
    zone_t        z;
    uint8_t       was;
    trv_table_t   t;

    static const size_t  bad[] = { 0, 1, 32 * KB - 1, 63 * KB, 65 * KB, MB };

    z = zone_open(64 * KB);

    for (i = 0; i < nelts(bad); i++) {
        tap_uint(trv_table_attach(&t, z.base, bad[i]), TRV_MALFORMED,
                 "attach with another size");
    }

    /* magic, size, layout, nparts, nchunks, shift: each byte counts */

    for (i = 0; i < offsetof(trv_header_t, key); i++) {
        was = z.base[i];
        z.base[i] ^= 0x10;

        if (trv_table_attach(&t, z.base, z.size) != TRV_MALFORMED) {
            break;
        }

        z.base[i] = was;
    }

    tap_uint(i, offsetof(trv_header_t, key), "attach with another header");
    tap_uint(trv_table_attach(&t, z.base, z.size), TRV_OK, "attach");

    memset(z.base, 0, z.size);
    tap_uint(trv_table_attach(&t, z.base, z.size), TRV_MALFORMED,
             "attach to zero memory");
    tap_uint(trv_table_format(z.base, 32 * KB - 1, secret), TRV_LIMIT,
             "format something too small");
    tap_uint(z.base[0], 0, "which is left alone");

    (void) trv_table_format(z.base, z.size, secret);

    for (i = TRV_HEADER_SIZE; i < z.size && z.base[i] == 0; i++) {
        /* void */
    }

    tap_uint(i, z.size, "format touches the header only");

    zone_close(&z);
}


int
main(void)
{
    test_questions();
    test_merge();
    test_attach();

    return tap_done();
}
