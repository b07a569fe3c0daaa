
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The shapes in use: adding, finding and retiring, and all limits at once.
 *
 * What makes it fail: in trv_shapes_add() giving a number at once that became
 * free; in trv_shape_normalize() no sorting.
 */


#include "shape.h"


static trv_selector_t
selector(trv_origin_t origin, const char *name)
{
    trv_selector_t  s;

    s.origin = origin;
    s.name.data = (const uint8_t *) name;
    s.name.len = strlen(name);

    return s;
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

    return tap_done();
}
