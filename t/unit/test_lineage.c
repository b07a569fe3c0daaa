
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Two that say they are the master: what one is to the other, which answer
 * serves, and a random run with a follower that changes sides.
 *
 * What makes it fail: in trv_strict_split() an entry that is there instead of
 * the last one, or no look at digests; in trv_wish_look() an answer that goes
 * on to serve when another side is followed; in trv_lineage_sum() the beginning
 * of an ID alone.
 */


#include "tap.h"

#include "trv_strict.h"
#include "chance.h"


/* all but the last of the 40 digits of an ID */

#define ID  "0123456789abcdef0123456789abcdef0123456"

#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


/* the replica was promoted; the third one is somebody else */

static const trv_lineage_t  master = { 10, 0 };
static const trv_lineage_t  promoted = { 11, 10 };
static const trv_lineage_t  stranger = { 12, 0 };
static const trv_lineage_t  unknown = { 0, 0 };
static const trv_lineage_t  two = { TRV_LINEAGE_TWO, 0 };


static trv_id_t
id(uint64_t ms)
{
    trv_id_t  id;

    id.ms = ms;
    id.seq = 0;

    return id;
}


/* an entry that differs in its ID is another entry, also in content */

static trv_mark_t
mark(uint64_t ms)
{
    trv_mark_t  mark;

    mark.id = id(ms);
    mark.digest = ms != 0 ? ms * 1000 : 0;
    mark.added = 0;

    return mark;
}


static void
test_ids(void)
{
    trv_info_t     info;
    trv_lineage_t  a, b;

    trv_info_clear(&info);
    a = trv_lineage(&info);
    tap_ok(a.id == 0 && a.before == 0, "nothing is known");

    memcpy(info.replid, ID "b", TRV_INFO_ID_LEN + 1);
    memcpy(info.replid2, ID "c", TRV_INFO_ID_LEN + 1);
    a = trv_lineage(&info);
    tap_ok(a.id != 0 && a.before != 0 && a.id != a.before, "two IDs");

    trv_info_clear(&info);
    memcpy(info.replid, ID "c", TRV_INFO_ID_LEN + 1);
    b = trv_lineage(&info);
    tap_ok(b.id == a.before && b.before == 0, "the same ID elsewhere");
}


typedef struct {
    const trv_lineage_t  *followed;
    const trv_lineage_t  *asked;
    uint64_t              applied;
    uint64_t              last;
    uint64_t              digest;         /* of it; 0: no digest is known */
    uint64_t              generated;
    trv_strict_event_t    event;
    const char           *name;
} case_t;


static const case_t  cases[] = {
    { &master, &master, 5, 7, 7000, 7, TRV_STRICT_ANSWER, "the same" },
    { &unknown, &master, 5, 7, 7000, 7, TRV_STRICT_ANSWER, "not known" },
    { &master, &unknown, 5, 7, 7000, 7, TRV_STRICT_ANSWER, "nor of this" },

    { &master, &promoted, 5, 7, 7000, 7, TRV_STRICT_SPLIT,
      "promoted, with more" },
    { &master, &promoted, 5, 3, 3000, 7, TRV_STRICT_SPLIT,
      "and with less" },
    { &master, &promoted, 5, 5, 5000, 5, TRV_STRICT_ANSWER,
      "and with the same end" },
    { &master, &promoted, 5, 5, 5000, 7, TRV_STRICT_ANSWER,
      "what was deleted behind it is not missing" },
    { &master, &promoted, 5, 5, 0, 5, TRV_STRICT_SPLIT,
      "and of both it is not known what they hold" },
    { &master, &promoted, 5, 7, 5000, 7, TRV_STRICT_SPLIT,
      "the same once more, later" },
    { &master, &promoted, 5, 3, 5000, 7, TRV_STRICT_SPLIT,
      "and earlier" },
    { &master, &promoted, 5, 0, 0, 5, TRV_STRICT_ANSWER,
      "an empty log has nothing that could be missing" },
    { &master, &promoted, 5, 5, 6000, 5, TRV_STRICT_LOSS,
      "another entry with this ID" },

    { &promoted, &master, 5, 5, 5000, 5, TRV_STRICT_SPLIT,
      "deposed: the same end proves nothing" },
    { &promoted, &stranger, 5, 5, 5000, 5, TRV_STRICT_ANSWER, "a stranger" },
    { &promoted, &stranger, 5, 6, 6000, 6, TRV_STRICT_SPLIT, "with more" },
    { &two, &master, 5, 6, 6000, 6, TRV_STRICT_SPLIT, "when sides change" },
};


static void
test_cases(void)
{
    size_t               i;
    const case_t        *e;
    trv_mark_t           applied;
    trv_strict_t         strict;
    trv_log_end_t        log;
    trv_strict_event_t   event;

    for (i = 0; i < nelts(cases); i++) {
        e = &cases[i];

        memset(&strict, 0, sizeof(strict));
        memset(&log, 0, sizeof(log));

        applied = mark(e->applied);

        if (e->digest == 0) {
            applied.digest = 0;
        }

        trv_strict_ask(&strict, 0, applied, *e->followed);

        log.lineage = *e->asked;
        log.last_entry = id(e->last);
        log.last_digest = e->digest;
        log.last_generated = id(e->generated);

        event = trv_strict_compare(&strict, &log);

        tap_ok(event == e->event
               && strict.answered == (e->event == TRV_STRICT_ANSWER)
               && trv_strict_left(&strict, 0)
                  == (e->event == TRV_STRICT_ANSWER ? TRV_STRICT_GAP
                                                    : TRV_STRICT_LOSS_GAP),
               "%s", e->name);
    }
}


/* what is followed changes after the answer */

static void
test_wish(void)
{
    trv_wish_t     wish;
    trv_strict_t   strict;
    trv_log_end_t  log;

    memset(&strict, 0, sizeof(strict));
    memset(&log, 0, sizeof(log));
    log.lineage = promoted;
    log.last_entry = log.last_generated = id(7);

    trv_wish_make(&wish, &strict);
    trv_strict_ask(&strict, 0, mark(5), promoted);
    (void) trv_strict_compare(&strict, &log);

    tap_uint(trv_wish_look(&wish, &strict, id(6), promoted.id),
             TRV_PROOF_PENDING, "it waits until all is applied");
    tap_uint(trv_wish_look(&wish, &strict, id(8), two.id),
             TRV_PROOF_PENDING, "by another one: that is not known");
    tap_uint(wish.number, 2, "it is asked again");
    tap_uint(trv_wish_look(&wish, &strict, id(8), promoted.id),
             TRV_PROOF_PENDING, "and the first answer is forgotten");

    trv_strict_ask(&strict, 0, mark(7), promoted);
    (void) trv_strict_compare(&strict, &log);

    tap_uint(trv_wish_look(&wish, &strict, id(7), promoted.id),
             TRV_PROOF_DONE, "the next one serves");
}


/*
 * Entries as bits: those that each of the two has, with some in common, and
 * those of which the rules are applied.  The follower changes sides, and reads
 * a log from its start if it lacks the last entry that was applied; one of the
 * two is asked.  Whoever is told DONE has all that it had when he came.
 */

typedef struct {
    uint64_t       log[2];
    uint64_t       last[2];               /* generated */
    uint64_t       applied;
    uint64_t       position;
    unsigned       side;                  /* followed */
    unsigned       asked;
    trv_lineage_t  followed;
    unsigned       sent:1;
} world_t;


static world_t   world;


/* entry n has the ID n + 1 */

static void
world_add(unsigned sides, unsigned n)
{
    unsigned  s;

    for (s = 0; s < 2; s++) {
        if (sides >> s & 1) {
            world.log[s] |= UINT64_C(1) << n;
            world.last[s] = n + 1;
        }
    }
}


static uint64_t
world_end(unsigned side)
{
    uint64_t  log;

    log = world.log[side];

    return log != 0 ? 64 - (uint64_t) __builtin_clzll(log) : 0;
}


/* the next entry of the side that is followed, or a confirmation */

static void
world_read(void)
{
    uint64_t  left;

    left = world.position < 64
           ? world.log[world.side] >> world.position << world.position : 0;

    if (left == 0) {
        world.followed = world.side ? promoted : master;
        return;
    }

    world.position = (uint64_t) __builtin_ctzll(left) + 1;
    world.applied |= left & -left;
}


static void
world_change(void)
{
    world.side ^= 1;
    world.followed = two;

    if (world.position != 0
        && (world.log[world.side] >> (world.position - 1) & 1) == 0)
    {
        world.applied |= world.log[world.side];
        world.position = world_end(world.side);
    }
}


static void
world_answer(trv_strict_t *strict)
{
    trv_log_end_t  log;

    memset(&log, 0, sizeof(log));

    log.lineage = world.asked ? promoted : master;
    log.last_generated = id(world.last[world.asked]);
    log.last_entry = id(world_end(world.asked));
    log.last_digest = mark(log.last_entry.ms).digest;

    (void) trv_strict_compare(strict, &log);

    world.sent = 0;
}


static void
test_sides(void)
{
    unsigned      i, n, round, wrong, done, has;
    uint64_t      had;
    trv_wish_t    wish;
    trv_strict_t  strict;

    wrong = done = 0;

    for (round = 0; round < 60000; round++) {
        memset(&world, 0, sizeof(world));
        memset(&strict, 0, sizeof(strict));
        world.asked = chance(2);
        world.side = chance(2);
        has = 0;
        had = 0;

        for (n = 0; n < 3; n++) {
            world_add(3, n);
            world_read();
        }

        world_read();

        for (i = 0; i < 120 && n < 60; i++) {

            switch (chance(10)) {

            case 0:
            case 1:
                world_add(1 + chance(2), n++);
                break;

            case 2:
                world.log[chance(2)] &= ~(UINT64_C(1) << (n - 1));
                break;

            case 3:
                if (chance(4) == 0) {
                    world_change();
                }

                break;

            case 4:
                if (!has) {
                    has = 1;
                    had = world.log[world.asked];
                    memset(&wish, 0, sizeof(wish));
                    trv_wish_make(&wish, &strict);
                }

                break;

            case 5:
                if (!world.sent) {
                    trv_strict_ask(&strict, 0, mark(world.position),
                                   world.followed);
                    world.sent = 1;
                }

                break;

            case 6:
                if (world.sent) {
                    world_answer(&strict);
                }

                break;

            case 7:
                if (has
                    && trv_wish_look(&wish, &strict, id(world.position),
                                     world.followed.id) == TRV_PROOF_DONE)
                {
                    had &= world.log[world.asked];
                    wrong += (had & ~world.applied) != 0;
                    done++;
                    has = 0;
                }

                break;

            default:
                world_read();
            }
        }
    }

    tap_uint(wrong, 0, "nobody is told more than is true");
    tap_ok(done > 10000, "and many are told something (%u)", done);
}


int
main(void)
{
    seed = UINT64_C(0x853c49e6748fea9b);

    test_ids();
    test_cases();
    test_wish();
    test_sides();

    return tap_done();
}
