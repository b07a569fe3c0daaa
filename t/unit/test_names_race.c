
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Names that several processes see at the same time: each is there once in the
 * end and never in parts, whatever another process does between two steps of
 * one.  Chance decides what happens where, the same each time.
 *
 * The table is included with a hook before it looks at a name and before it
 * writes one, under other names, because the objects that all tests are linked
 * with have none.
 *
 * What makes it fail: in trv_names_put() no compare, or a length that is
 * written before the text; in trv_names_next() a slot that is not complete, or
 * a name that is there twice; in trv_names_slot() a slot that is being written
 * and waited for.
 */


#include <stdlib.h>

#include "trv_utf8.h"
#include "chance.h"
#include "tap.h"


static size_t race_utf8(const uint8_t *p, size_t len);
static void *race_copy(void *to, const void *from, size_t len);

#define trv_utf8_len    race_utf8
#define memcpy          race_copy

#define trv_names_fit   race_names_fit
#define trv_names_see   race_names_see
#define trv_names_next  race_names_next
#define trv_names_full  race_names_full

#include "trv_names.c"

#undef trv_utf8_len
#undef memcpy


#define PROCESSES  4
#define NAMES      24
#define ROUNDS     5000
#define DEPTH      3              /* processes within a step of another */


static trv_names_t    names;
static trv_learner_t  learner[PROCESSES];
static char           text[NAMES][TRV_NAMES_LEN + 1];
static unsigned       seen[NAMES];
static unsigned       torn;
static unsigned       depth;


static trv_str_t
name_of(unsigned i)
{
    trv_str_t  name;

    name.data = (uint8_t *) text[i];
    name.len = strlen(text[i]);

    return name;
}


/* what is shown is a name, and was seen, or is just being */

static unsigned
look(unsigned *shown)
{
    unsigned   n, at, i;
    trv_str_t  name;

    memset(shown, 0, NAMES * sizeof(unsigned));

    for (n = 0, at = 0; trv_names_next(&names, &at, &name) == TRV_OK; n++) {

        for (i = 0; i < NAMES && !trv_str_eq(name, name_of(i)); i++) {
            /* void */
        }

        if (i == NAMES || seen[i] == 0) {
            torn++;

        } else {
            shown[i]++;
        }
    }

    return n;
}


static void
one_sees(unsigned process)
{
    unsigned  i;

    i = chance(NAMES);
    seen[i]++;

    if (chance(4) == 0) {
        trv_names_begin(&learner[process]);
    }

    trv_names_see(&learner[process], name_of(i));
}


static void
race_hook(void)
{
    unsigned  shown[NAMES];

    if (depth == DEPTH || chance(6) != 0) {
        return;
    }

    depth++;

    one_sees(depth);
    (void) look(shown);

    depth--;
}


static size_t
race_utf8(const uint8_t *p, size_t len)
{
    race_hook();

    return trv_utf8_len(p, len);
}


/* byte by byte, with the others between them */

static void *
race_copy(void *to, const void *from, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        ((uint8_t *) to)[i] = ((const uint8_t *) from)[i];
        race_hook();
    }

    return to;
}


static int
round_is_good(void)
{
    unsigned  i, n, shown[NAMES];

    memset(&names, 0, sizeof(names));
    memset(seen, 0, sizeof(seen));

    for (i = 0; i < PROCESSES; i++) {
        memset(&learner[i], 0, sizeof(learner[i]));
        learner[i].names = &names;
        trv_names_begin(&learner[i]);
    }

    n = chance(40);

    for (i = 0; i < n; i++) {
        one_sees(0);
    }

    (void) look(shown);

    for (i = 0; i < NAMES; i++) {
        if (shown[i] != (seen[i] != 0)) {
            return 0;
        }
    }

    return !trv_names_full(&names);
}


int
main(void)
{
    unsigned  i, good;

    seed = UINT64_C(0xbf58476d1ce4e5b9);

    for (i = 0; i < NAMES; i++) {
        sprintf(text[i], "%.*s%u", (int) i, "a_name_of_a_claim_that_is_long",
                i);
    }

    for (good = 0, i = 0; i < ROUNDS; i++) {
        good += round_is_good();
    }

    tap_uint(good, ROUNDS, "each name that was seen is there once");
    tap_uint(torn, 0, "and none in parts");

    return tap_done();
}
