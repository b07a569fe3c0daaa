
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The shapes in use: adding, finding and retiring; all limits at once; a
 * writer that dies before each of its stores; and a reader between whose loads
 * the writer works.  Whatever a plan holds was the set of its generation.
 *
 * What makes it fail: in trv_build_publish() the generation before the rest,
 * or one that stays; in trv_build_begin() writing the set that holds; in
 * trv_plan_load() no second look at the generation; in trv_shapes_add() giving
 * a number at once that became free; in trv_build_selector() names that are
 * compared by their length.
 */


#include <setjmp.h>
#include <stdlib.h>

static void store_hook(void);
static void load_hook(void);

#define TRV_SHAPE_STORE_HOOK   store_hook
#define TRV_SHAPE_LOAD_HOOK    load_hook

#define trv_shapes_size        hook_shapes_size
#define trv_shapes_generation  hook_shapes_generation
#define trv_plan_size          hook_plan_size
#define trv_plan_load          hook_plan_load
#define trv_plan_add           hook_plan_add
#define trv_shapes_find        hook_shapes_find
#define trv_shapes_add         hook_shapes_add
#define trv_shapes_retire      hook_shapes_retire
#define trv_shapes_used        hook_shapes_used
#define trv_shape_normalize    hook_shape_normalize

#include "trv_shape.c"
#include "trv_shape_write.c"

#undef trv_shapes_add
#undef trv_shapes_retire

trv_rc_t trv_shapes_add(trv_shapes_t *shapes, const trv_selector_t *selectors,
    unsigned n, unsigned *shape);
void trv_shapes_retire(trv_shapes_t *shapes, uint64_t gone);

#include "tap.h"


#define NAMES    24
#define ROUNDS   400              /* of crashes */
#define LOADS    60000            /* beside a writer */
#define HISTORY  8                /* generations that are remembered */


/* a set as it should be: bit i of a shape: names[i] */

typedef struct {
    uint64_t  generation;
    uint64_t  used;
    uint32_t  shape[TRV_SHAPES];
} model_t;


typedef struct {
    uint64_t        gone;                 /* 0: a shape is added */
    trv_selector_t  selectors[TRV_SHAPE_FIELDS];
    unsigned        n;
    unsigned        shape;
    trv_rc_t        rc;
} work_t;


static jmp_buf         crash_jump;
static uint64_t        crash_at;          /* 0 never */
static uint64_t        crash_stores;
static unsigned        budget;            /* changes during a load */
static uint64_t        changes;

static trv_shapes_t   *shapes;
static trv_plan_t     *plan;
static model_t         history[HISTORY];
static model_t         model;
static trv_selector_t  names[NAMES];
static uint64_t        seed = UINT64_C(0x853c49e6748fea9b);


static uint32_t
chance(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;

    return (uint32_t) ((seed >> 32) * n >> 32);
}


static void
store_hook(void)
{
    if (++crash_stores == crash_at) {
        longjmp(crash_jump, 1);
    }
}


static void *
aligned(size_t size)
{
    void  *p;

    if (posix_memalign(&p, 64, size) != 0) {
        exit(2);
    }

    memset(p, 0, size);

    return p;
}


static trv_selector_t
selector(trv_origin_t origin, const char *name)
{
    trv_selector_t  s;

    s.origin = origin;
    s.name.data = (const uint8_t *) name;
    s.name.len = strlen(name);

    return s;
}


/* of different origins and lengths, some a part of others; sorted */

static void
name_all(void)
{
    size_t    i, j, len;
    uint8_t  *name;

    for (i = 0; i < NAMES; i++) {
        len = i % 8 == 7 ? TRV_SELECTOR_NAME_LEN : i % 8 * 3;
        name = malloc(TRV_SELECTOR_NAME_LEN + 1);

        if (name == NULL) {
            exit(2);
        }

        for (j = 0; j < len; j++) {
            name[j] = (uint8_t) ('a' + i / 8 % 2);
        }

        names[i].origin = TRV_FROM_HEADER + i / 8;
        names[i].name.data = name;
        names[i].name.len = len;
    }

    tap_uint(trv_shape_normalize(names, NAMES), NAMES, "names are different");
}


static unsigned
choose(uint32_t set, trv_selector_t *selectors)
{
    unsigned  i, n;

    for (n = 0, i = 0; i < NAMES; i++) {
        if (set >> i & 1) {
            selectors[n++] = names[i];
        }
    }

    return n;
}


static uint32_t
some(void)
{
    unsigned  i, n;
    uint32_t  set;

    n = 1 + chance(TRV_SHAPE_FIELDS);
    set = 0;

    for (i = 0; i < n; i++) {
        set |= UINT32_C(1) << chance(NAMES);
    }

    return set;
}


/* is the plan what the model says? */

static int
agrees(const model_t *m)
{
    uint32_t              set;
    unsigned              i, j, k, n;
    trv_selector_t        want[TRV_SHAPE_FIELDS];
    const trv_shape_t    *s;

    if (plan->generation != m->generation || plan->used != (m->used | 1)
        || plan->shape[0].n != 0)
    {
        return 0;
    }

    set = 0;

    for (i = 1; i < TRV_SHAPES; i++) {
        s = &plan->shape[i];

        if ((m->used >> i & 1) == 0) {
            continue;
        }

        n = choose(m->shape[i], want);
        set |= m->shape[i];

        if (s->n != n) {
            return 0;
        }

        for (j = 0; j < n; j++) {
            if (s->selector[j] >= plan->nselectors
                || trv_selector_cmp(&plan->selector[s->selector[j]], &want[j])
                   != 0)
            {
                return 0;
            }
        }
    }

    for (i = 0, j = 0, k = 0; i < NAMES; i++) {
        j += set >> i & 1;
        k |= (set >> i & 1) << names[i].origin;
    }

    return plan->nselectors == j
           && (plan->headers.n != 0) == (k >> TRV_FROM_HEADER & 1)
           && (plan->claims.n != 0) == (k >> TRV_FROM_CLAIM & 1)
           && plan->attributes == (k >> TRV_FROM_ATTRIBUTE & 1);
}


/* a change, by the writer without hooks, and what it should make of the set */

static void
change(void)
{
    uint64_t        gone;
    uint32_t        set;
    unsigned        shape, n;
    trv_rc_t        rc;
    trv_selector_t  selectors[TRV_SHAPE_FIELDS];

    if (chance(3) == 0) {
        gone = (uint64_t) chance(UINT32_MAX) << 32 | chance(UINT32_MAX);
        gone &= (uint64_t) chance(UINT32_MAX) << 32 | chance(UINT32_MAX);

        trv_shapes_retire(shapes, gone);

        if ((model.used & gone) != 0) {
            model.used &= ~gone;
            model.generation++;
        }

    } else {
        set = some();
        n = choose(set, selectors);

        rc = trv_shapes_add(shapes, selectors, n, &shape);

        if (rc == TRV_OK && (model.used >> shape & 1) == 0) {
            model.used |= UINT64_C(1) << shape;
            model.shape[shape] = set;
            model.generation++;
        }
    }

    changes++;
    history[model.generation % HISTORY] = model;
}


static void
load_hook(void)
{
    while (budget > 0 && chance(60) == 0) {
        budget--;
        change();
    }
}


static void
test_small(void)
{
    uint64_t        generation;
    unsigned        a, b, c;
    trv_selector_t  two[2], one;

    two[0] = selector(TRV_FROM_CLAIM, "iss");
    two[1] = selector(TRV_FROM_CLAIM, "sub");
    one = selector(TRV_FROM_TOKEN, "");

    trv_plan_load(plan, shapes);

    tap_ok(agrees(&model), "zero memory is the empty set");
    tap_uint(trv_shapes_used(shapes), 1, "{token} is always in use");
    tap_ok(trv_shapes_find(shapes, &one, 1, &a) == TRV_OK && a == 0,
           "and has number 0");
    tap_ok(trv_shapes_add(shapes, &one, 1, &a) == TRV_OK && a == 0
           && trv_shapes_generation(shapes) == 0, "it need not be added");

    tap_ok(trv_shapes_find(shapes, two, 2, &a) == TRV_NONE, "a new shape");
    tap_ok(trv_shapes_add(shapes, two, 2, &a) == TRV_OK && a != 0, "added");

    generation = trv_shapes_generation(shapes);

    tap_ok(generation != 0, "there is a new generation");
    tap_ok(trv_shapes_find(shapes, two, 2, &b) == TRV_OK && a == b, "found");
    tap_ok(trv_shapes_add(shapes, two, 2, &b) == TRV_OK && a == b
           && trv_shapes_generation(shapes) == generation,
           "adding it again changes nothing");
    tap_ok(trv_shapes_find(shapes, two, 1, &b) == TRV_NONE
           && trv_shapes_find(shapes, two + 1, 1, &b) == TRV_NONE,
           "its parts are other shapes");

    two[0] = selector(TRV_FROM_TOKEN, "");

    tap_ok(trv_shapes_add(shapes, two, 2, &b) == TRV_OK && b != 0 && b != a,
           "{token, sub} is not {token}");

    trv_plan_load(plan, shapes);

    tap_uint(plan->nselectors, 3, "a name that two shapes have is there once");
    tap_ok(plan->claims.n && !plan->headers.n && !plan->attributes,
           "claims only");

    generation = trv_shapes_generation(shapes);
    trv_shapes_retire(shapes, 1 | UINT64_C(1) << 60);

    tap_ok(trv_shapes_generation(shapes) == generation
           && trv_shapes_used(shapes) == (1 | UINT64_C(1) << a
                                          | UINT64_C(1) << b),
           "retiring nothing, or {token}, changes nothing");

    trv_shapes_retire(shapes, UINT64_C(1) << a);

    two[0] = selector(TRV_FROM_CLAIM, "iss");

    tap_ok(trv_shapes_find(shapes, two, 2, &c) == TRV_NONE
           && trv_shapes_generation(shapes) != generation, "retired");
    tap_ok(trv_shapes_add(shapes, two, 2, &c) == TRV_OK && c != a && c != b,
           "its number is not given again at once");

    tap_ok(trv_shapes_add(shapes, two, 0, &c) == TRV_LIMIT, "no empty shape");

    trv_shapes_retire(shapes, UINT64_MAX);

    tap_uint(trv_shapes_used(shapes), 1, "all but {token} can be retired");
}


/* 63 shapes of 8 names of 256 bytes, all different */

static void
test_full(void)
{
    unsigned         i, j, wrong, shape;
    trv_rc_t         rc;
    const uint8_t   *end;
    trv_selector_t   s[TRV_SHAPE_FIELDS], *has, *first;

    static uint8_t   text[TRV_SHAPES][TRV_SHAPE_FIELDS][TRV_SELECTOR_NAME_LEN];

    wrong = 0;
    rc = TRV_OK;

    for (i = 0; i < TRV_SHAPES; i++) {

        for (j = 0; j < TRV_SHAPE_FIELDS; j++) {
            memset(text[i][j], 'n', TRV_SELECTOR_NAME_LEN);

            text[i][j][TRV_SELECTOR_NAME_LEN - 2] = (uint8_t) (' ' + i);
            text[i][j][TRV_SELECTOR_NAME_LEN - 1] = (uint8_t) ('0' + j);

            s[j].origin = TRV_FROM_CLAIM;
            s[j].name.data = text[i][j];
            s[j].name.len = TRV_SELECTOR_NAME_LEN;
        }

        rc = trv_shapes_add(shapes, s, TRV_SHAPE_FIELDS, &shape);

        if (i < TRV_SHAPES - 1) {
            wrong += rc != TRV_OK;
        }
    }

    tap_uint(wrong, 0, "63 shapes beside {token}");
    tap_ok(rc == TRV_LIMIT, "one more is over the limit");
    tap_uint(trv_shapes_used(shapes), UINT64_MAX, "all numbers are in use");

    trv_plan_load(plan, shapes);

    tap_uint(plan->nselectors, 504, "with 8 names each");

    for (i = 1; i < TRV_SHAPES; i++) {

        first = &plan->selector[plan->shape[i].selector[0]];

        for (j = 0; j < TRV_SHAPE_FIELDS; j++) {
            has = &plan->selector[plan->shape[i].selector[j]];
            end = has->name.data + TRV_SELECTOR_NAME_LEN;

            wrong += has->name.len != TRV_SELECTOR_NAME_LEN
                     || end[-1] != '0' + j
                     || memcmp(has->name.data, first->name.data,
                               TRV_SELECTOR_NAME_LEN - 1) != 0;
        }
    }

    tap_uint(wrong, 0, "each is as it was given");

    trv_shapes_retire(shapes, UINT64_C(1) << 17);

    s[0].name.len++;

    tap_ok(trv_shapes_add(shapes, s, 1, &shape) == TRV_LIMIT,
           "a longer name is refused");

    s[0].name.len--;

    tap_ok(trv_shapes_add(shapes, s, TRV_SHAPE_FIELDS, &shape) == TRV_OK
           && shape == 17, "the one number that is free is found");

    trv_shapes_retire(shapes, UINT64_MAX);
}


/* does the work; returns 1 if the writer died before its store number "at" */

static int
attempt(work_t *w, uint64_t at)
{
    crash_stores = 0;
    crash_at = at;

    if (setjmp(crash_jump) != 0) {
        crash_at = 0;
        return 1;
    }

    if (w->gone) {
        hook_shapes_retire(shapes, w->gone);

    } else {
        w->rc = hook_shapes_add(shapes, w->selectors, w->n, &w->shape);
    }

    crash_at = 0;

    return 0;
}


/* after a death: the set that held holds, and the next writer goes on */

static unsigned
succeed(void)
{
    unsigned  wrong;

    trv_plan_load(plan, shapes);
    wrong = !agrees(&model);

    /* the memory that the dead one was writing means nothing */

    memset(&shapes->set[(shapes->generation + 1) & 1], 0xa5,
           sizeof(trv_set_t));

    change();
    trv_plan_load(plan, shapes);

    return wrong + !agrees(&model);
}


static void
finish(const work_t *w, uint32_t set)
{
    if (w->gone && (model.used & w->gone & ~UINT64_C(1)) != 0) {
        model.used &= ~w->gone;
        model.generation++;

    } else if (!w->gone && w->rc == TRV_OK
               && (model.used >> w->shape & 1) == 0)
    {
        model.used |= UINT64_C(1) << w->shape;
        model.shape[w->shape] = set;
        model.generation++;
    }

    history[model.generation % HISTORY] = model;
}


/* changes, interrupted before many of their stores, and then done */

static void
test_crash(void)
{
    work_t         w;
    model_t        before;
    unsigned       i;
    uint32_t       set;
    uint64_t       at, deaths, wrong, after;
    trv_shapes_t  *was;

    was = aligned(trv_shapes_size());
    deaths = 0;
    wrong = 0;
    after = 0;

    for (i = 0; i < ROUNDS; i++) {

        memcpy(was, shapes, sizeof(trv_shapes_t));
        before = model;

        memset(&w, 0, sizeof(work_t));

        set = some();
        w.n = choose(set, w.selectors);
        w.gone = i % 4 == 3 ? (uint64_t) chance(UINT32_MAX) << chance(32) : 0;

        for (at = 1; attempt(&w, at); at += 1 + chance(60)) {
            deaths++;
            wrong += succeed();

            memcpy(shapes, was, sizeof(trv_shapes_t));
            model = before;
        }

        finish(&w, set);

        trv_plan_load(plan, shapes);
        after += !agrees(&model);
    }

    printf("# %" PRIu64 " deaths\n", deaths);

    tap_ok(deaths > 2000, "the writer died often");
    tap_uint(wrong, 0, "the set that held holds, and the next writer goes on");
    tap_uint(after, 0, "and what was done is there");

    free(was);
}


static void
test_race(void)
{
    unsigned  i, wrong, old;

    wrong = 0;
    old = 0;

    for (i = 0; i < LOADS; i++) {

        budget = 1 + chance(4);
        hook_plan_load(plan, shapes);
        budget = 0;

        wrong += !agrees(&history[plan->generation % HISTORY]);
        old += plan->generation != model.generation;
    }

    printf("# %" PRIu64 " changes during %u loads\n", changes, LOADS);

    tap_uint(wrong, 0, "a plan is a set that held while it was read");
    tap_uint(old, 0, "and the newest one");
}


static void
test_normalize(void)
{
    trv_selector_t  s[6];

    s[0] = selector(TRV_FROM_CLAIM, "sub");
    s[1] = selector(TRV_FROM_ALL, "");
    s[2] = selector(TRV_FROM_CLAIM, "iss");
    s[3] = selector(TRV_FROM_CLAIM, "sub");
    s[4] = selector(TRV_FROM_TOKEN, "");
    s[5] = selector(TRV_FROM_ALL, "");

    tap_ok(trv_shape_normalize(s, 6) == 3 && s[0].origin == TRV_FROM_TOKEN
           && s[1].name.data[0] == 'i' && s[2].name.data[0] == 's',
           "sorted, without repetitions and without \"all\"");

    s[0] = selector(TRV_FROM_ALL, "");
    s[1] = selector(TRV_FROM_ALL, "");

    tap_ok(trv_shape_normalize(s, 2) == 1 && s[0].origin == TRV_FROM_ALL,
           "\"all\" alone stays");
    tap_uint(trv_shape_normalize(s, 0), 0, "nothing stays nothing");
}


int
main(void)
{
    shapes = aligned(trv_shapes_size());
    plan = aligned(trv_plan_size());

    tap_ok(trv_shapes_size() < 280 * 1024, "two sets are less than 280 KB");

    test_normalize();
    test_small();
    test_full();

    name_all();

    memset(shapes, 0, trv_shapes_size());

    test_crash();
    test_race();

    return tap_done();
}
