
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What can happen to a log while an edge looks away.  In all cases but those
 * that say so the edge has read the entries 1-0 to 5-0, the last of which has
 * the sum FIVE.
 */


#include "../../src/core/trv_history.h"
#include "tap.h"


#define ONE    0x1111
#define FIVE   0x5555
#define LAST   0x9999
#define OTHER  0x6666

#define SAME    TRV_HISTORY_SAME
#define GAP     TRV_HISTORY_GAP
#define BEHIND  TRV_HISTORY_BEHIND
#define LOST    TRV_HISTORY_LOST


typedef struct {
    const char             *name;
    trv_history_verdict_t   verdict;
    trv_history_t           h;
} history_case_t;


/* what the edge knows */

#define ID(n)  { n, 0 }

#define READ5       .applied = ID(5), .digest = FIVE, .added = 5
#define READ5_62    .applied = ID(5), .digest = FIVE
#define CONFIRMED(n)  .confirmed = 1, .deleted = ID(n)
#define PASSED6     READ5_62, .position = ID(6), .added = 6

/* 5-0 was there, then 6-0 to 8-0 were read behind it, and then it was asked */

#define GONE5       READ5, .position = ID(8), .passed = 1, NOT_FOUND
#define GONE5_62    READ5_62, .position = ID(8), .passed = 1, NOT_FOUND

/* XRANGE */

#define FOUND       .asked = 1, .found = 1, .found_digest = FIVE
#define FOUND_OTHER .asked = 1, .found = 1, .found_digest = OTHER
#define NOT_FOUND   .asked = 1

/* XINFO: entries first to last, so many of them; sums of no other entry */

#define SHOWN(n, first, first_sum, last, last_sum, generated)                 \
    .exists = 1, .length = n, .first_entry = ID(first),                       \
    .first_digest = first_sum, .last_entry = ID(last),                        \
    .last_digest = last_sum, .last_generated = ID(generated)

#define LOG(n, first, last)    SHOWN(n, first, ONE, last, LAST, last)
#define LOG_TO(n, last, generated)  SHOWN(n, 1, ONE, last, LAST, generated)
#define LOG5                   SHOWN(5, 1, ONE, 5, FIVE, 5)

#define EMPTY(last)  .exists = 1, .last_generated = ID(last)

#define ADDED(n)    .entries_added = n
#define DELETED(n)  .max_deleted = ID(n)


static const history_case_t  cases[] = {

    /* nothing was applied */

    { "a new edge, no log", SAME, { .asked = 0 } },
    { "a new edge, a log", SAME, { LOG5, ADDED(5) } },
    { "a new edge, an empty log", SAME, { EMPTY(5), ADDED(5) } },
    { "a new edge that passed what was deleted", SAME,
      { .position = ID(5), .added = 5, EMPTY(5), ADDED(5) } },
    { "a new edge, entries where it has passed none", LOST,
      { .position = ID(5), .added = 5, LOG(3, 1, 3), ADDED(3) } },

    /* the entry behind which was read, on a connection that stays */

    { "it was another log that was read, with more", LOST,
      { GONE5, LOG(20, 1, 8), ADDED(20) } },
    { "with as much", LOST, { GONE5, LOG(8, 1, 8), ADDED(8) } },
    { "with higher IDs", LOST, { GONE5, LOG(8, 6, 8), ADDED(8) } },
    { "with higher IDs, trimmed", LOST, { GONE5, LOG(8, 6, 8), ADDED(12) } },
    { "with another entry in its place", LOST,
      { READ5, .position = ID(8), .passed = 1, FOUND_OTHER, LOG(8, 1, 8),
        ADDED(8) } },
    { "it was trimmed as soon as it was read", SAME,
      { GONE5, LOG(3, 6, 8), ADDED(8) } },
    { "all was trimmed, for which it is no witness", GAP,
      { GONE5, EMPTY(8), ADDED(8) } },
    { "it was deleted", SAME,
      { GONE5, LOG(7, 1, 8), ADDED(8), DELETED(5) } },
    { "it was deleted, and one behind it", SAME,
      { GONE5, LOG(6, 1, 8), ADDED(8), DELETED(7) } },
    { "one was deleted, but not it", LOST,
      { GONE5, LOG(7, 1, 8), ADDED(8), DELETED(4) } },
    { "deleted, for all that Redis 6 says", SAME, { GONE5_62, LOG(7, 1, 8) } },

    /* nothing has happened, or what should */

    { "at the end", SAME, { READ5, LOG5, ADDED(5) } },
    { "at the end, Redis 6", SAME, { READ5_62, LOG5 } },
    { "at the end, the sum is not known", SAME,
      { .applied = ID(5), LOG5, ADDED(5) } },
    { "connected again", SAME, { READ5, FOUND, LOG5, ADDED(5) } },
    { "two that were trimmed before they were read", GAP,
      { READ5, CONFIRMED(0), SHOWN(1, 5, FIVE, 5, FIVE, 5), ADDED(7) } },
    { "the same, not confirmed by this process", SAME,
      { READ5, SHOWN(1, 5, FIVE, 5, FIVE, 5), ADDED(7) } },
    { "the same, but XDEL has been at work", SAME,
      { READ5, CONFIRMED(0), LOG5, ADDED(7), DELETED(4) } },
    { "the same, and XDEL was at work before", GAP,
      { READ5, CONFIRMED(2), SHOWN(1, 5, FIVE, 5, FIVE, 5), ADDED(7),
        DELETED(2) } },
    { "the same, the count is not known", SAME,
      { READ5_62, CONFIRMED(0), LOG5, ADDED(7) } },
    { "more to read: nothing can be said yet", SAME,
      { READ5, CONFIRMED(0), FOUND, LOG(6, 1, 6), ADDED(7) } },
    { "new entries", SAME, { READ5, LOG(7, 1, 7), ADDED(7) } },
    { "connected again, new entries", SAME,
      { READ5, FOUND, LOG(7, 1, 7), ADDED(7) } },
    { "connected again, new entries, Redis 6", SAME,
      { READ5_62, FOUND, LOG(7, 1, 7) } },
    { "connected again, the sum is not known", SAME,
      { .applied = ID(5), .added = 5, FOUND, LOG(7, 1, 7), ADDED(7) } },
    { "connected again, on a replica", SAME,
      { READ5, FOUND, LOG5, ADDED(5), .replica = 1 } },
    { "ours is the first of what is left", SAME,
      { READ5, SHOWN(3, 5, FIVE, 7, LAST, 7), ADDED(7) } },
    { "XSETID to a higher ID", SAME,
      { READ5, FOUND, SHOWN(5, 1, ONE, 5, FIVE, 99), ADDED(5) } },
    { "XSETID to more entries", SAME,
      { READ5, FOUND, SHOWN(5, 1, ONE, 5, FIVE, 99), ADDED(1000) } },
    { "updated from Redis 6 to 7", SAME, { READ5_62, FOUND, LOG5, ADDED(5) } },
    { "entries before and behind ours were deleted", SAME,
      { READ5, FOUND, LOG(5, 2, 8), ADDED(8), DELETED(7) } },

    /* lost, or another log */

    { "DEL, FLUSHALL, evicted", LOST, { READ5, FOUND } },
    { "DEL, Redis 6", LOST, { READ5_62, NOT_FOUND } },
    { "gone for a new edge that passed entries", SAME,
      { .position = ID(5), .added = 5 } },
    { "deleted and created again: fewer entries", LOST,
      { READ5, NOT_FOUND, LOG(2, 8, 9), ADDED(2) } },
    { "deleted and created again: as many", LOST,
      { READ5, NOT_FOUND, LOG(5, 7, 11), ADDED(5) } },
    { "deleted and created again: more, some are trimmed", LOST,
      { READ5, NOT_FOUND, LOG(5, 9, 14), ADDED(7) } },
    { "deleted and created again: empty", LOST, { READ5, EMPTY(9), ADDED(1) } },
    { "deleted and created again: lower IDs", LOST,
      { READ5, NOT_FOUND, LOG(9, 1, 4), ADDED(9) } },
    { "deleted and created again: the same last ID", LOST,
      { READ5, SHOWN(5, 1, ONE, 5, OTHER, 5), ADDED(5) } },
    { "deleted and created again: the same ID in the middle", LOST,
      { READ5, FOUND_OTHER, LOG(9, 1, 9), ADDED(9) } },
    { "deleted and created again: the same ID is the first", LOST,
      { READ5, LOG(5, 5, 9), ADDED(5) } },
    { "the same ID, nobody asked, Redis 6", LOST,
      { READ5_62, SHOWN(5, 1, ONE, 5, OTHER, 5) } },
    { "a snapshot before ours", LOST,
      { READ5, NOT_FOUND, LOG(3, 1, 3), ADDED(3) } },
    { "a snapshot before ours, and as many new ones", LOST,
      { READ5, NOT_FOUND, LOG(5, 1, 8), ADDED(5) } },
    { "a failover that lost three and took five", LOST,
      { READ5, NOT_FOUND, LOG(7, 1, 12), ADDED(7) } },
    { "and some had been trimmed before", LOST,
      { READ5, NOT_FOUND, LOG(6, 2, 12), ADDED(7) } },
    { "and some had been deleted before", LOST,
      { READ5, NOT_FOUND, LOG(6, 1, 12), ADDED(7), DELETED(2) } },
    { "and one is deleted after", LOST,
      { READ5, NOT_FOUND, LOG(6, 1, 12), ADDED(7), DELETED(11) } },
    { "the same with Redis 6", LOST,
      { READ5_62, NOT_FOUND, LOG(7, 1, 12) } },
    { "nothing was added since, but entries where there were none", LOST,
      { PASSED6, LOG(6, 1, 6), ADDED(6) } },
    { "XSETID to fewer entries", LOST,
      { READ5, FOUND, LOG5, ADDED(4) } },

    /* trimmed */

    { "trimmed up to ours, which is left", SAME,
      { READ5, FOUND, SHOWN(1, 5, FIVE, 5, FIVE, 5), ADDED(5) } },
    { "trimmed with ours", SAME,
      { READ5, NOT_FOUND, LOG(2, 6, 7), ADDED(7) } },
    { "trimmed with ours, nobody asked", SAME,
      { READ5, LOG(2, 6, 7), ADDED(7) } },
    { "all is trimmed, nothing was added", SAME,
      { READ5, NOT_FOUND, EMPTY(5), ADDED(5) } },
    { "all is trimmed, nothing was added, Redis 6", SAME,
      { READ5_62, NOT_FOUND, EMPTY(5) } },
    { "trimmed beyond ours", GAP,
      { READ5, NOT_FOUND, LOG(2, 7, 8), ADDED(8) } },
    { "trimmed beyond ours, nobody asked", GAP,
      { READ5, LOG(2, 7, 8), ADDED(8) } },
    { "trimmed beyond ours, all of it", GAP,
      { READ5, NOT_FOUND, EMPTY(8), ADDED(8) } },
    { "trimmed between the two questions", GAP,
      { READ5, FOUND, LOG(2, 7, 8), ADDED(8) } },
    { "trimmed between the two questions, not beyond ours", SAME,
      { READ5, FOUND, LOG(2, 6, 7), ADDED(7) } },
    { "trimmed, Redis 6", GAP, { READ5_62, NOT_FOUND, LOG(2, 6, 7) } },
    { "trimmed, and what was added before is not known", GAP,
      { READ5_62, NOT_FOUND, LOG(2, 6, 7), ADDED(7) } },
    { "emptied, and nothing beyond the position", SAME,
      { PASSED6, NOT_FOUND, EMPTY(6), ADDED(6), DELETED(6) } },

    /* deleted one by one */

    { "XDEL of ours, the last one", SAME,
      { READ5, NOT_FOUND, LOG_TO(4, 4, 5), ADDED(5),
        DELETED(5) } },
    { "XDEL of ours, nobody asked", SAME,
      { READ5, LOG_TO(4, 4, 5), ADDED(5), DELETED(5) } },
    { "XDEL of ours, and new entries", SAME,
      { READ5, NOT_FOUND, LOG(6, 1, 7), ADDED(7), DELETED(5) } },
    { "XDEL of ours and of what we have passed", SAME,
      { PASSED6, LOG_TO(4, 4, 6), ADDED(6), DELETED(6) } },
    { "the same, connected again: in doubt", LOST,
      { PASSED6, NOT_FOUND, LOG_TO(4, 4, 6), ADDED(6),
        DELETED(6) } },
    { "XDEL of ours and of one behind the position: in doubt", LOST,
      { READ5, NOT_FOUND, LOG(6, 1, 8), ADDED(8), DELETED(7) } },
    { "XDEL of ours, Redis 6: in doubt", LOST,
      { READ5_62, NOT_FOUND, LOG_TO(4, 4, 5) } },
    { "XDEL of ours, Redis 6, still connected", SAME,
      { READ5_62, LOG_TO(4, 4, 5) } },
    { "ours is not the last one, and was not deleted", LOST,
      { READ5, SHOWN(3, 2, ONE, 4, LAST, 5), ADDED(5) } },

    /* a replica may be behind, and is not another log for that */

    { "a replica without the log", BEHIND, { READ5, .replica = 1 } },
    { "a replica with fewer entries", BEHIND,
      { READ5, NOT_FOUND, LOG(4, 1, 4), ADDED(4), .replica = 1 } },
    { "a replica with fewer entries, Redis 6", BEHIND,
      { READ5_62, NOT_FOUND, LOG(4, 1, 4), .replica = 1 } },
    { "a replica with another entry", LOST,
      { READ5, FOUND_OTHER, LOG5, ADDED(5), .replica = 1 } },
};


/* every text of the table, once */

#define ROWS  32

static const char  *whys[ROWS];
static unsigned     nwhys;


static void
remember(const char *why)
{
    unsigned  i;

    for (i = 0; i < nwhys; i++) {
        if (whys[i] == why) {
            return;
        }
    }

    whys[nwhys++] = why;
}


int
main(void)
{
    size_t                 i;
    const char            *why;
    trv_history_verdict_t  v;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        v = trv_history_judge(&cases[i].h, &why);
        remember(why);

        tap_ok(v == cases[i].verdict, "%s: %s", cases[i].name, why);
    }

    tap_uint(nwhys, 20, "every row of the table was the reason of a case");

    return tap_done();
}
