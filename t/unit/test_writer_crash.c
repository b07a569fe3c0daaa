
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The writer dies before each of its stores to shared memory, and another one
 * opens the table.  Then every rule that was acknowledged is there with its
 * terms, the one in progress is there or not, no other is; the successor
 * finishes the work and counts right.
 *
 * The files of the writer are included with a hook before each store, under
 * other names, because the objects that all tests are linked with have none.
 *
 * What makes it fail: in trv_place_move() clearing the source before the copy;
 * in trv_place_store() F before T; in trv_grow_rebuild() the root before the
 * copy, or giving "from" back before the root; in trv_grow_publish() writing
 * the side of the map that holds; in trv_sweep_count() no search for
 * duplicates; in trv_alloc_mark() a chunk that is forgotten.
 */


#include <setjmp.h>

static void crash_hook(void);

#define TRV_TABLE_STORE_HOOK  crash_hook

#define trv_writer_size       crash_writer_size
#define trv_writer_open       crash_writer_open
#define trv_writer_prefetch   crash_writer_prefetch
#define trv_writer_put        crash_writer_put
#define trv_writer_remove     crash_writer_remove
#define trv_writer_sweep      crash_writer_sweep
#define trv_writer_shapes     crash_writer_shapes
#define trv_writer_usage      crash_writer_usage
#define trv_alloc_init        crash_alloc_init
#define trv_alloc_mark        crash_alloc_mark
#define trv_alloc_ready       crash_alloc_ready
#define trv_alloc_take        crash_alloc_take
#define trv_alloc_give        crash_alloc_give
#define trv_place_find        crash_place_find
#define trv_place_room        crash_place_room
#define trv_place_store       crash_place_store
#define trv_grow_next         crash_grow_next
#define trv_grow_rebuild      crash_grow_rebuild
#define trv_sweep_claim       crash_sweep_claim

#include "trv_writer.c"
#include "trv_writer_alloc.c"
#include "trv_writer_grow.c"
#include "trv_writer_place.c"
#include "trv_writer_sweep.c"

#include "zone.h"


#define KEYS    640
#define SHAPE   5
#define DYING   INT64_C(1750000000)     /* some rules end here */
#define EDGE    40                      /* stores to die at, first and last */
#define STRIDE  7                       /* in between */


typedef enum {
    OP_NUMBER = 0,        /* put a cut-off */
    OP_ALWAYS,
    OP_MORTAL,            /* put "always" that ends at DYING */
    OP_REMOVE,
    OP_SWEEP              /* one partition, when the mortal are dead */
} op_t;


/* what should be there: 0 or the term */

typedef struct {
    trv_term_t  number;
    trv_term_t  always;
} model_t;


typedef struct {
    op_t        op;
    uint32_t    key;
    uint32_t    cutoff;
    model_t     was;              /* of the key */
    int64_t     now;
} work_t;


static jmp_buf   crash_jump;
static uint64_t  crash_at;        /* 0 never */
static uint64_t  crash_stores;

static zone_t    zone;
static model_t   model[KEYS];
static trv_fp_t  keys[2 * KEYS];
static int64_t   moment = DYING - 1000;
static uint64_t  deaths, duplicates;
static uint64_t  bad_rule, bad_term, bad_unknown, bad_count;


static void
crash_hook(void)
{
    if (++crash_stores == crash_at) {
        longjmp(crash_jump, 1);
    }
}


static void
work_do(const work_t *w)
{
    int64_t   end;
    unsigned  wrapped;

    end = w->op == OP_MORTAL ? DYING : TRV_END_NEVER;

    switch (w->op) {

    case OP_NUMBER:
    case OP_ALWAYS:
    case OP_MORTAL:
        (void) trv_writer_put(zone.writer, keys[w->key],
                              trv_term_make(w->cutoff, end, SHAPE));
        break;

    case OP_REMOVE:
        (void) trv_writer_remove(zone.writer, keys[w->key], SHAPE);
        break;

    case OP_SWEEP:
        (void) trv_writer_sweep(zone.writer, w->now, 1, &wrapped);
        break;
    }
}


static void
work_model(const work_t *w, model_t *m)
{
    trv_term_t  term;

    switch (w->op) {

    case OP_NUMBER:
        term = trv_term_make(w->cutoff, TRV_END_NEVER, SHAPE);
        m->number = m->number ? trv_term_merge(m->number, term) : term;
        break;

    case OP_ALWAYS:
        m->always = trv_term_make(w->cutoff, TRV_END_NEVER, SHAPE);
        break;

    case OP_MORTAL:
        term = trv_term_make(w->cutoff, DYING, SHAPE);
        m->always = m->always ? trv_term_merge(m->always, term) : term;
        break;

    case OP_REMOVE:
        m->number = 0;
        m->always = 0;
        break;

    case OP_SWEEP:
        break;
    }
}


/* what the table says of a key, asked so that both rules are told apart */

static model_t
ask(uint32_t key)
{
    int64_t     at;
    model_t     m;
    trv_term_t  term;

    m.number = 0;
    m.always = 0;

    if (trv_table_lookup(&zone.table, keys[key], SHAPE, INT64_MAX, moment,
                         &term) == TRV_OK)
    {
        m.always = term;
    }

    /* the numeric one stands behind "always" or before it */

    at = 0;

    if (trv_table_lookup(&zone.table, keys[key], SHAPE, at, moment, &term)
        == TRV_OK && trv_term_cutoff(term) != TRV_CUTOFF_ALWAYS)
    {
        m.number = term;
    }

    return m;
}


static unsigned
agrees(model_t got, model_t m)
{
    if (m.always && trv_term_dead(m.always, moment)) {
        m.always = 0;
    }

    if (got.always != m.always) {
        return 0;
    }

    return got.number == m.number
           || (m.number && m.always && got.number == 0);
}


/* of two rules one has been removed */

static unsigned
halfway(const work_t *w, model_t got)
{
    model_t  m;

    if (w->op != OP_REMOVE) {
        return 0;
    }

    m = w->was;
    m.number = 0;

    if (agrees(got, m)) {
        return 1;
    }

    m = w->was;
    m.always = 0;

    return agrees(got, m);
}


static void
check(const work_t *w)
{
    uint32_t  i;
    model_t   got;

    for (i = 0; i < KEYS; i++) {
        got = ask(i);

        if (agrees(got, model[i])) {
            continue;
        }

        if (w == NULL || i != w->key) {
            bad_rule++;
            continue;
        }

        bad_term += !agrees(got, w->was) && !halfway(w, got);
    }

    for (i = KEYS; i < KEYS + 40; i++) {
        got = ask(i);
        bad_unknown += got.always || got.number;
    }
}


/* slots in use in what the roots name */

static uint64_t
slots(void)
{
    uint32_t     i, j, k;
    uint64_t     n, *line;
    trv_block_t  block;

    n = 0;

    for (i = 0; i < zone.table.nparts; i++) {
        block = trv_part_block(trv_part_at(&zone.table, i));

        for (j = 0; j < block.lines; j++) {
            line = trv_line(&zone.table, block.map, j);

            for (k = 0; k < TRV_LINE_SLOTS; k++) {
                n += line[k] != 0;
            }
        }
    }

    return n;
}


/* the predecessor died: look, go on, look */

static void
succeed(const work_t *w)
{
    uint32_t  i;
    uint64_t  n, was;

    deaths++;
    check(w);

    was = slots();
    zone_reopen(&zone);

    for (i = 0; i < zone.table.nparts; i++) {
        if (zone.writer->count[i] == TRV_COUNT_UNKNOWN) {
            trv_sweep_claim(zone.writer, i);
        }
    }

    if (zone.writer->rules != was) {
        duplicates++;
    }

    work_do(w);
    check(NULL);

    for (n = 0, i = 0; i < KEYS; i++) {
        n += (model[i].number != 0) + (model[i].always != 0);
    }

    if (w->op == OP_SWEEP || moment >= DYING) {

        /* how far the dead have been swept the model does not know */

        bad_count += rules(&zone) != slots();
        return;
    }

    bad_count += rules(&zone) != n || slots() != n;
}


/* one piece of work, interrupted everywhere, and then done */

static void
work(op_t op, uint32_t key, uint32_t cutoff)
{
    void      *table;
    work_t     w;
    uint64_t   total;

    static volatile uint64_t  at;

    w.op = op;
    w.key = key;
    w.cutoff = cutoff;
    w.was = model[key];
    w.now = moment;

    table = malloc(zone.size);

    if (table == NULL) {
        exit(2);
    }

    memcpy(table, zone.base, zone.size);

    /* how many stores it takes; the table is put back each time */

    zone_reopen(&zone);

    crash_at = 0;
    crash_stores = 0;
    work_do(&w);
    total = crash_stores;
    work_model(&w, &model[key]);

    for (at = 1; at <= total; at++) {

        if (at > EDGE && at + EDGE < total && at % STRIDE != 0) {
            continue;
        }

        memcpy(zone.base, table, zone.size);
        zone_reopen(&zone);

        crash_at = at;
        crash_stores = 0;

        if (setjmp(crash_jump) == 0) {
            work_do(&w);
        }

        crash_at = 0;
        succeed(&w);
    }

    memcpy(zone.base, table, zone.size);
    zone_reopen(&zone);
    work_do(&w);
    check(NULL);

    free(table);
}


int
main(void)
{
    uint32_t  i;

    zone = zone_open(128 * KB);

    for (i = 0; i < nelts(keys); i++) {
        keys[i] = key(&zone, i);
    }

    /* one by one, so that blocks fill, rules move and blocks are replaced */

    for (i = 0; i < KEYS; i++) {
        work(i % 3 ? OP_NUMBER : i % 2 ? OP_MORTAL : OP_ALWAYS, i,
             i % 3 ? 1000 + i : TRV_CUTOFF_ALWAYS);

        if (i % 5 == 0) {
            work(OP_NUMBER, i / 2, 2000 + i);
        }

        if (i % 11 == 0) {
            work(OP_REMOVE, i / 3, 0);
        }
    }

    moment = DYING;

    for (i = 0; i < zone.table.nparts; i++) {
        work(OP_SWEEP, 0, 0);
    }

    for (i = 0; i < KEYS; i += 2) {
        work(OP_REMOVE, i, 0);
    }

    for (i = 0; i < zone.table.nparts; i++) {
        work(OP_SWEEP, 0, 0);
    }

    for (i = 0; i < KEYS; i += 8) {
        work(OP_ALWAYS, i, TRV_CUTOFF_ALWAYS);
    }

    printf("# %" PRIu64 " deaths, %" PRIu64 " with a rule in two places\n",
           deaths, duplicates);

    tap_ok(deaths > 2000, "the writer died often");
    tap_ok(duplicates > 10, "also while it moved a rule");
    tap_uint(bad_rule, 0, "no acknowledged rule is missing or altered");
    tap_uint(bad_term, 0, "the rule in progress is there or not, never torn");
    tap_uint(bad_unknown, 0, "no other rule appears");
    tap_uint(bad_count, 0, "the successor counts right");

    zone_close(&zone);

    return tap_done();
}
