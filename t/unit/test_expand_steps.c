
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * An entry that is applied in steps: how many of them, up to which limits, when
 * its shape comes into use, and what there is when something runs out.
 *
 * What makes it fail: in trv_expand_publish() looking for the shape only in
 * the first step; in trv_expand_hash() long values that cost nothing; in
 * trv_expand_put() one full table for all entries; in trv_expand_count() no
 * limit, or one less.
 */


#include "engine.h"
#include "trv_memory.h"


#define STEPS  1000000


/* an entry of n values "a" and m values "b", each of "len" bytes */

static const trv_entry_t *
large(engine_t *en, unsigned n, unsigned m, unsigned tokens, size_t len)
{
    trv_id_t   id;
    unsigned   i;
    uint8_t    text[TRV_ENTRY_VALUE_LEN];
    trv_str_t  name, value;

    id.ms = ENGINE_MS;
    id.seq = 0;

    memset(text, 'v', sizeof(text));

    name.len = 1;
    value.len = len;
    value.data = text;

    (void) trv_batch_begin(en->batch, id);

    for (i = 0; i < n + m + tokens; i++) {
        memcpy(text + 1, &i, sizeof(i));

        name.data = (const uint8_t *) (i < n ? "a" : "b");

        if (i >= n + m) {
            name.data = (const uint8_t *) "token";
            name.len = 5;
        }

        (void) trv_batch_name(en->batch, name);
        (void) trv_batch_value(en->batch, value);
    }

    (void) trv_batch_finish(en->batch, ENGINE_MS);

    return trv_batch_first(en->batch);
}


typedef struct {
    unsigned     a, b, tokens;
    size_t       len;
    unsigned     max;             /* rules in a step */
    trv_rc_t     rc;
    uint64_t     rules;
    unsigned     steps;           /* it takes so many, at least */
    unsigned     most;
} large_case_t;


static const large_case_t  larges[] = {
    { 256,   256,  0,     4,    1000,   TRV_OK,    65536, 66,   67 },
    { 257,   256,  0,     4,    1000,   TRV_LIMIT, 0,     0,    0 },
    { 8192,  8,    0,     4,    100000, TRV_OK,    65536, 1,    1 },
    { 8193,  8,    0,     4,    1000,   TRV_LIMIT, 0,     0,    0 },
    { 8192,  8192, 0,     4,    1000,   TRV_LIMIT, 0,     0,    0 },
    { 16384, 0,    0,     4,    256,    TRV_OK,    16384, 128,  129 },
    { 32,    0,    0,     8192, 33,     TRV_OK,    32,    32,   34 },
    { 32,    0,    0,     8192, 1,      TRV_OK,    32,    64,   66 },
    { 32,    0,    0,     8192, 0,      TRV_OK,    32,    64,   66 },
    { 0,     0,    1000,  4,    64,     TRV_OK,    1000,  16,   16 },
    { 0,     0,    1000,  4,    7,      TRV_OK,    1000,  143,  143 },
    { 0,     0,    16384, 4,    16384,  TRV_OK,    16384, 1,    1 },
    { 2,     0,    1000,  4,    500,    TRV_OK,    2000,  6,    7 },
};


static void
test_large(const large_case_t *c)
{
    engine_t  en;
    trv_rc_t  rc;
    unsigned  steps;

    engine_open(&en, 4 * MB);

    steps = 0;
    rc = trv_expand_begin(en.expand, &en.with,
                          large(&en, c->a, c->b, c->tokens, c->len));

    if (rc == TRV_OK) {
        do {
            rc = trv_expand_step(en.expand, &en.with, c->max);
            steps++;
        } while (rc == TRV_NONE && steps < STEPS);
    }

    tap_ok(rc == c->rc && rules(&en.zone) == c->rules
           && steps >= c->steps && steps <= c->most,
           "%u x %u values of %zu bytes, %u tokens, %u in a step: %u steps",
           c->a, c->b, c->len, c->tokens, c->max, steps);

    engine_close(&en);
}


/* a thousand tokens, applied in turns, again, and lifted in turns */

static void
test_tokens(void)
{
    engine_t      en;
    trv_rc_t      rc;
    trv_entry_t   entry;
    uint32_t      left;
    unsigned      wrong;

    engine_open(&en, 4 * MB);

    entry = *large(&en, 0, 0, 1000, 4);
    wrong = 0;

    (void) engine_expand(&en, &entry, 64);
    (void) engine_expand(&en, &entry, 1000);

    tap_uint(rules(&en.zone), 1000, "tokens: twice is once");

    entry.action = TRV_ACTION_RESTORE;
    entry.id.ms += 1000;

    (void) trv_expand_begin(en.expand, &en.with, &entry);

    for (left = 1000; left > 0; left -= left > 7 ? 7 : left) {
        wrong += rules(&en.zone) != left;
        rc = trv_expand_step(en.expand, &en.with, 7);
        wrong += (rc == TRV_OK) != (left <= 7);
    }

    tap_uint(wrong, 0, "lifted in turns of 7");
    tap_uint(rules(&en.zone), 0, "nobody is refused any more");
    tap_uint(trv_shapes_generation(en.shapes), 0, "no shape had to change");

    engine_close(&en);
}


static void
test_shapes(void)
{
    int         isnew;
    char        text[16];
    engine_t    en;
    unsigned    i, wrong, shape;
    uint64_t    generation;
    trv_rc_t    rc;

    engine_open(&en, 1 * MB);

    for (i = 1, wrong = 0; i < TRV_SHAPES; i++) {
        snprintf(text, sizeof(text), "claim%u=v", i);

        wrong += engine_apply(&en, text, 1) != TRV_OK;
        (void) trv_expand_shape(en.expand, &isnew);
        wrong += !isnew;
    }

    tap_uint(wrong, 0, "63 shapes come into use");

    generation = trv_shapes_generation(en.shapes);
    rc = engine_apply(&en, "claim64=v;claim64=w", 1);

    tap_ok(rc == TRV_LIMIT && rules(&en.zone) == 63
           && trv_shapes_generation(en.shapes) == generation,
           "one more: nothing of it is applied");

    rc = engine_apply(&en, "claim7=w", 1);
    shape = trv_expand_shape(en.expand, &isnew);

    tap_ok(rc == TRV_OK && !isnew && shape != 0, "a known shape goes on");
    tap_ok(engine_apply(&en, "token=w", 1) == TRV_OK, "tokens too");
    tap_ok(engine_apply(&en, "claim64=v;action=restore", 1) == TRV_OK,
           "an unknown one has nothing to restore");

    engine_close(&en);
}


/* whoever retires shapes between the steps sees none of its rules yet */

static void
test_retired(void)
{
    engine_t            en;
    trv_rc_t            rc;
    unsigned            n;
    trv_match_t         match;
    const trv_entry_t  *entry;

    engine_open(&en, 64 * KB);

    entry = engine_entry(&en, ENGINE_MS, "sub=a;sub=b;sub=c;iss=i;iss=j");

    (void) trv_expand_begin(en.expand, &en.with, entry);

    do {
        if (rules(&en.zone) == 0) {
            trv_shapes_retire(en.shapes, UINT64_MAX);
        }

        rc = trv_expand_step(en.expand, &en.with, 1);
    } while (rc == TRV_NONE);

    trv_plan_load(en.plan, en.shapes);

    n = engine_ask(&en, "sub=a;iss=i", 0, &match) == TRV_OK;
    n += engine_ask(&en, "sub=c;iss=j", 0, &match) == TRV_OK;

    tap_ok(rc == TRV_OK && n == 2, "a shape retired before its first rule");

    trv_batch_shift(en.batch);

    /* and before its first rule fits */

    (void) trv_expand_begin(en.expand, &en.with,
                            engine_entry(&en, ENGINE_MS, "a=1;a=2;a=3"));

    rc = trv_expand_step(en.expand, &en.with, 4);
    trv_shapes_retire(en.shapes, UINT64_MAX);

    while (rc == TRV_NONE) {
        rc = trv_expand_step(en.expand, &en.with, 1);
    }

    trv_plan_load(en.plan, en.shapes);

    tap_ok(engine_ask(&en, "a=3", 0, &match) == TRV_OK,
           "or in the middle of an entry");

    trv_batch_shift(en.batch);

    /* what is lifted needs no shape */

    entry = engine_entry(&en, ENGINE_MS, "a=1;a=2;action=restore");

    (void) trv_expand_begin(en.expand, &en.with, entry);

    rc = trv_expand_step(en.expand, &en.with, 2);
    trv_shapes_retire(en.shapes, UINT64_MAX);

    tap_ok(rc == TRV_NONE
           && trv_expand_step(en.expand, &en.with, 9) == TRV_OK
           && trv_shapes_used(en.shapes) == 1,
           "one that is retired while it is lifted stays so");

    engine_close(&en);
}


static void
test_full(void)
{
    engine_t     en;
    trv_rc_t     rc;
    uint64_t     n;

    engine_open(&en, 32 * KB);

    rc = engine_expand(&en, large(&en, 5000, 0, 0, 4), 100);
    n = rules(&en.zone);

    tap_ok(rc == TRV_FULL && n > 500 && n < 5000, "a full table is reported");

    trv_batch_shift(en.batch);

    rc = engine_expand(&en, large(&en, 0, 0, 5000, 4), 100);

    tap_ok(rc == TRV_FULL, "for tokens too");

    trv_batch_shift(en.batch);

    rc = engine_apply(&en, "zz=1;action=restore", 1);

    tap_ok(rc == TRV_OK, "and not again for the next entry");

    engine_close(&en);
}


static const char *const  entries[] = {
    "sub=a", "sub=a;sub=b;sub=c", "sub=a;iss=i;iss=j", "token=a;token=b",
    "token=a;sub=b;sub=c", "all=1", "sub=a;before=9;until=1900000000",
    "sub=a;before=always", "a=1;b=2;c=3;d=4;e=5;f=6;g=7;h=8;h=9",
    "device=a;claim.device=b", "sub=b;until=1", "claim.=a", "kid=1;before=3",
};


/* in one step and in steps of one: the same bytes */

static void
test_same(void)
{
    size_t    i;
    engine_t  a, b;

    engine_open(&a, 64 * KB);
    engine_open(&b, 64 * KB);

    for (i = 0; i < nelts(entries); i++) {
        (void) engine_apply(&a, entries[i], STEPS);
        (void) engine_apply(&b, entries[i], 1);
    }

    tap_ok(memcmp(a.zone.base, b.zone.base, a.zone.size) == 0
           && memcmp(a.shapes, b.shapes, trv_shapes_size()) == 0,
           "steps of one rule make the same table");

    engine_close(&a);
    engine_close(&b);
}


static void
test_twice(void)
{
    size_t    i;
    void     *zone, *shapes;
    engine_t  en;

    engine_open(&en, 64 * KB);

    zone = engine_alloc(en.zone.size);
    shapes = engine_alloc(trv_shapes_size());

    for (i = 0; i < 2 * nelts(entries); i++) {

        if (i == nelts(entries)) {
            memcpy(zone, en.zone.base, en.zone.size);
            memcpy(shapes, en.shapes, trv_shapes_size());
        }

        (void) engine_apply(&en, entries[i % nelts(entries)], 5);
    }

    tap_ok(memcmp(zone, en.zone.base, en.zone.size) == 0
           && memcmp(shapes, en.shapes, trv_shapes_size()) == 0,
           "a second application changes nothing");

    free(zone);
    free(shapes);
    engine_close(&en);
}


static void
test_order(void)
{
    size_t       i, j;
    engine_t     en;
    unsigned     wrong;
    trv_match_t  match;

    static const char *const  ordered[] = {
        "sub=a;before=10;until=1900000000", "sub=a;sub=b;before=20",
        "claim.sub=a;before=always;until=1800000000"
    };
    static const uint8_t      orders[][3] = {
        { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 },
        { 2, 1, 0 }
    };

    for (wrong = 0, i = 0; i < nelts(orders); i++) {

        engine_open(&en, 64 * KB);

        for (j = 0; j < nelts(orders[i]); j++) {
            (void) engine_apply(&en, ordered[orders[i][j]], 1);
        }

        wrong += rules(&en.zone) != 3;
        wrong += engine_ask(&en, "sub=a;iat=21", 0, &match) != TRV_OK
                 || trv_term_end(match.term) < 1800000000
                 || trv_term_end(match.term) > 1800000016;
        wrong += engine_ask(&en, "sub=b;iat=20", 0, &match) != TRV_OK
                 || trv_term_end(match.term) != TRV_END_NEVER;

        engine_close(&en);
    }

    tap_uint(wrong, 0, "the order of entries does not matter");
}


static void *
no_memory(void *p, size_t size)
{
    (void) p;
    (void) size;

    return NULL;
}


static void
test_memory(void)
{
    engine_t            en;
    trv_rc_t            rc;
    trv_expand_t       *expand;
    trv_realloc_pt      was;
    const trv_entry_t  *entry;

    engine_open(&en, 64 * KB);

    entry = engine_entry(&en, ENGINE_MS, "sub=a;sub=b");

    was = trv_memory_realloc;
    trv_memory_realloc = no_memory;

    expand = trv_expand_create();
    rc = trv_expand_begin(en.expand, &en.with, entry);

    trv_memory_realloc = was;

    tap_ok(expand == NULL, "without memory there is none");
    tap_ok(rc == TRV_NOMEM
           && trv_expand_step(en.expand, &en.with, 9) == TRV_OK
           && rules(&en.zone) == 0 && trv_shapes_used(en.shapes) == 1,
           "and nothing of an entry is applied");
    tap_ok(engine_expand(&en, entry, 9) == TRV_OK && rules(&en.zone) == 2,
           "until there is memory again");

    trv_expand_destroy(NULL);
    engine_close(&en);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < nelts(larges); i++) {
        test_large(&larges[i]);
    }

    test_tokens();
    test_shapes();
    test_retired();
    test_full();
    test_same();
    test_twice();
    test_order();
    test_memory();

    return tap_done();
}
