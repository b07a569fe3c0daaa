
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A look-up between whose loads the writer works: rules are put, merged,
 * removed, moved and put back into the same slot, blocks are replaced.  The
 * answer must be one that was right at some moment of the look-up.  Chance
 * decides what happens where, the same each time.
 *
 * The reader is included with a hook before each load, under other names,
 * because the objects that all tests are linked with have none.
 *
 * What makes it fail: in trv_table_lookup() no second look at the root; in
 * trv_place_move() or trv_writer_remove() no change of the root; in
 * trv_grow_publish() writing the side of the map that holds.
 */


static void race_hook(void);

#define TRV_TABLE_LOAD_HOOK    race_hook

#define trv_table_format       race_table_format
#define trv_table_attach       race_table_attach
#define trv_table_fingerprint  race_table_fingerprint
#define trv_table_prefetch     race_table_prefetch
#define trv_table_lookup       race_table_lookup

#include "trv_table.c"

#include "zone.h"
#include "chance.h"


#define KEYS      2500
#define SHAPE     5
#define CHANGES   12              /* in one look-up, at most */
#define ANSWERS   (CHANGES + 1)   /* that can be right */
#define LOOKUPS   1000000
#define EPOCH     200             /* look-ups with one size of the table */


typedef struct {
    trv_term_t  term[ANSWERS];    /* 0: no rule */
    unsigned    n;
} answers_t;


static zone_t      zone;
static trv_fp_t    keys[KEYS];
static trv_term_t  model[KEYS];   /* 0: no rule */
static uint32_t    universe;      /* keys in use now */
static uint32_t    asked;         /* the key of the look-up */
static answers_t   right;
static unsigned    crowded;       /* the rule asked for stays, others change */
static uint64_t    changes;
static unsigned    budget;        /* changes that are left */


/* terms that no other rule has, now or earlier, and that never merge */

static trv_term_t
fresh_term(void)
{
    static uint32_t  n;

    return trv_term_make(++n, NEVER, SHAPE);
}


static void
toggle(uint32_t k)
{
    trv_term_t  term;

    if (model[k] != 0 && chance(8) != 0) {
        (void) trv_writer_remove(zone.writer, keys[k], SHAPE);
        model[k] = 0;

    } else {
        term = fresh_term();

        if (trv_writer_put(zone.writer, keys[k], term) == TRV_OK) {
            model[k] = term;
        }
    }

    changes++;

    if (k == asked) {
        right.term[right.n++] = model[k];
    }
}


/* the table stays nearly full, so that rules have to move */

static void
crowd(void)
{
    uint32_t  k;

    k = chance(universe);

    if (k != asked && (model[k] == 0 || chance(8) == 0)) {
        toggle(k);
    }
}


static void
race_hook(void)
{
    unsigned  wrapped;

    while (budget > 0 && chance(5) == 0) {

        budget--;

        if (crowded) {
            crowd();
            continue;
        }

        switch (chance(8)) {

        case 0:
        case 1:
        case 2:
            toggle(asked);
            break;

        case 3:
        case 4:
            toggle((asked + 1) % universe);
            break;

        case 5:
            if (chance(16) == 0) {
                (void) trv_writer_sweep(zone.writer, NOW, 1, &wrapped);
            }

            break;

        default:
            toggle(chance(universe));
        }
    }
}


static unsigned
lookup(void)
{
    unsigned    i;
    trv_rc_t    rc;
    trv_term_t  term;

    asked = chance(universe);
    right.term[0] = model[asked];
    right.n = 1;
    term = 0;

    budget = 1 + chance(CHANGES);
    rc = race_table_lookup(&zone.table, keys[asked], SHAPE, INT64_MIN, NOW,
                           &term);
    budget = 0;

    if (rc != TRV_OK) {
        term = 0;
    }

    for (i = 0; i < right.n; i++) {
        if (right.term[i] == term) {
            return 1;
        }
    }

    return 0;
}


/* nine of ten keys are put, the others removed */

static void
populate(void)
{
    uint32_t  k;

    static const uint32_t  sizes[] = {
        2, 6, 7, 9, 14, 18, 30, 34, 60, 66, 125, 135, 250, 700, KEYS
    };

    universe = sizes[chance(nelts(sizes))];
    crowded = chance(2);

    for (k = 0; k < KEYS; k++) {

        if (k < universe ? model[k] == 0 && chance(10) != 0
            : model[k] != 0)
        {
            toggle(k);
        }
    }
}


int
main(void)
{
    uint32_t  i;
    uint64_t  wrong, missing;

    seed = UINT64_C(0x9e3779b97f4a7c15);

    zone = zone_open(64 * KB);
    wrong = 0;

    for (i = 0; i < KEYS; i++) {
        keys[i] = key(&zone, i);
    }

    for (i = 0; i < LOOKUPS; i++) {

        if (i % EPOCH == 0) {
            right.n = 0;
            asked = KEYS;
            populate();
        }

        wrong += !lookup();
    }

    for (i = 0, missing = 0; i < KEYS; i++) {
        missing += (look(&zone, i, INT64_MIN, NOW) == TRV_OK)
                   != (model[i] != 0);
    }

    printf("# %" PRIu64 " changes during %u look-ups\n", changes, LOOKUPS);

    tap_uint(wrong, 0, "each answer was right at some moment of the look-up");
    tap_uint(missing, 0, "and in the end the table is what it should be");

    zone_close(&zone);

    return tap_done();
}
