
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The shapes in use: a writer that dies before each of its stores; and a reader
 * between whose loads the writer works.  Whatever a plan holds was the set of
 * its generation.
 *
 * What makes it fail: in trv_build_publish() the generation before the rest,
 * or one that stays; in trv_build_begin() writing the set that holds; in
 * trv_plan_load() no second look at the generation; in trv_build_selector()
 * names that are compared by their length.
 */


#include <setjmp.h>

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

#include "shape.h"
#include "chance.h"


#define ROUNDS   400              /* of crashes */
#define LOADS    60000            /* beside a writer */
#define HISTORY  8                /* generations that are remembered */


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

static model_t         history[HISTORY];


static void
store_hook(void)
{
    if (++crash_stores == crash_at) {
        longjmp(crash_jump, 1);
    }
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


int
main(void)
{
    seed = UINT64_C(0x853c49e6748fea9b);

    shapes = aligned(trv_shapes_size());
    plan = aligned(trv_plan_size());

    name_all();

    test_crash();
    test_race();

    return tap_done();
}
