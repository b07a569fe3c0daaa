
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Strict questions: every pair of state and event, which request an answer
 * serves, what an answer means, the gap between two, and a random run in which
 * no request may be told more than Redis has said since it came.
 */


#include "tap.h"

#include "trv_strict.h"


typedef struct {
    unsigned  from;
    unsigned  event;
    unsigned  to;
    unsigned  action;
} edge_t;


static const edge_t  edges[] = {
    { TRV_STRICT_CLOSED, TRV_STRICT_WANT,
      TRV_STRICT_OPENING, TRV_STRICT_DO_OPEN },

    { TRV_STRICT_OPENING, TRV_STRICT_READY,
      TRV_STRICT_DUE, TRV_STRICT_DO_POST },
    { TRV_STRICT_OPENING, TRV_STRICT_STOP, TRV_STRICT_CLOSED, 0 },

    { TRV_STRICT_IDLE, TRV_STRICT_WANT,
      TRV_STRICT_DUE, TRV_STRICT_DO_POST },
    { TRV_STRICT_IDLE, TRV_STRICT_FAILED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_IDLE, TRV_STRICT_MOVED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_IDLE, TRV_STRICT_STOP, TRV_STRICT_CLOSED, 0 },

    { TRV_STRICT_DUE, TRV_STRICT_TURN,
      TRV_STRICT_ASKED, TRV_STRICT_DO_ASK },
    { TRV_STRICT_DUE, TRV_STRICT_NOBODY, TRV_STRICT_IDLE, 0 },
    { TRV_STRICT_DUE, TRV_STRICT_FAILED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_DUE, TRV_STRICT_MOVED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_DUE, TRV_STRICT_STOP, TRV_STRICT_CLOSED, 0 },

    { TRV_STRICT_ASKED, TRV_STRICT_WANT, TRV_STRICT_ASKED_MORE, 0 },
    { TRV_STRICT_ASKED, TRV_STRICT_ANSWER,
      TRV_STRICT_PAUSE, TRV_STRICT_DO_PAUSE },
    { TRV_STRICT_ASKED, TRV_STRICT_LOSS,
      TRV_STRICT_PAUSE_MORE, TRV_STRICT_DO_PAUSE },
    { TRV_STRICT_ASKED, TRV_STRICT_SPLIT,
      TRV_STRICT_PAUSE_MORE, TRV_STRICT_DO_PAUSE },
    { TRV_STRICT_ASKED, TRV_STRICT_FAILED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_ASKED, TRV_STRICT_MOVED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_ASKED, TRV_STRICT_STOP, TRV_STRICT_CLOSED, 0 },

    { TRV_STRICT_ASKED_MORE, TRV_STRICT_ANSWER,
      TRV_STRICT_PAUSE_MORE, TRV_STRICT_DO_PAUSE },
    { TRV_STRICT_ASKED_MORE, TRV_STRICT_LOSS,
      TRV_STRICT_PAUSE_MORE, TRV_STRICT_DO_PAUSE },
    { TRV_STRICT_ASKED_MORE, TRV_STRICT_SPLIT,
      TRV_STRICT_PAUSE_MORE, TRV_STRICT_DO_PAUSE },
    { TRV_STRICT_ASKED_MORE, TRV_STRICT_FAILED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_ASKED_MORE, TRV_STRICT_MOVED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_ASKED_MORE, TRV_STRICT_STOP, TRV_STRICT_CLOSED, 0 },

    { TRV_STRICT_PAUSE, TRV_STRICT_WANT, TRV_STRICT_PAUSE_MORE, 0 },
    { TRV_STRICT_PAUSE, TRV_STRICT_LATER, TRV_STRICT_IDLE, 0 },
    { TRV_STRICT_PAUSE, TRV_STRICT_FAILED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_PAUSE, TRV_STRICT_MOVED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_PAUSE, TRV_STRICT_STOP, TRV_STRICT_CLOSED, 0 },

    { TRV_STRICT_PAUSE_MORE, TRV_STRICT_LATER,
      TRV_STRICT_DUE, TRV_STRICT_DO_POST },
    { TRV_STRICT_PAUSE_MORE, TRV_STRICT_FAILED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_PAUSE_MORE, TRV_STRICT_MOVED, TRV_STRICT_OPENING, 0 },
    { TRV_STRICT_PAUSE_MORE, TRV_STRICT_STOP, TRV_STRICT_CLOSED, 0 },
};


static const trv_lineage_t  unknown;


static void
every_pair(void)
{
    size_t        i;
    unsigned      from, event, to, action, did, failures;
    trv_strict_t  strict;

    for (from = 0; from < TRV_STRICT_NSTATES; from++) {
        for (event = 0; event < TRV_STRICT_NEVENTS; event++) {

            to = from;
            action = 0;

            for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
                if (edges[i].from == from && edges[i].event == event) {
                    to = edges[i].to;
                    action = edges[i].action;
                }
            }

            memset(&strict, 0, sizeof(strict));
            strict.state = (trv_strict_state_t) from;
            did = trv_strict_step(&strict, (trv_strict_event_t) event);

            failures = event == TRV_STRICT_FAILED && from != TRV_STRICT_CLOSED;

            tap_ok(strict.state == to && did == action
                   && strict.failures == failures,
                   "state %u, event %u: to %u (is %u), action %u (is %u)",
                   from, event, to, strict.state, action, did);
        }
    }
}


static trv_id_t
id(uint64_t ms)
{
    trv_id_t  id;

    id.ms = ms;
    id.seq = 0;

    return id;
}


static trv_mark_t
mark(uint64_t ms, uint64_t added)
{
    trv_mark_t  mark;

    memset(&mark, 0, sizeof(mark));
    mark.id = id(ms);
    mark.added = added;

    return mark;
}


typedef struct {
    uint64_t     applied;
    uint64_t     known;       /* entries that were added, of which we know */
    uint64_t     generated;
    uint64_t     entry;
    uint64_t     added;
    unsigned     loss;
    const char  *name;
    uint64_t     digest;      /* of what was applied; that of the log is 5 */
    uint64_t     first;
} compare_case_t;


static const compare_case_t  compares[] = {
    { 0, 0, 0, 0, 0, 0, "nothing applied, no log", 0, 0 },
    { 0, 0, 7, 7, 3, 0, "nothing applied yet", 0, 0 },
    { 7, 3, 7, 7, 3, 0, "nothing new", 0, 0 },
    { 7, 3, 9, 9, 5, 0, "two new entries", 0, 0 },
    { 7, 3, 9, 4, 5, 0, "and both are deleted", 0, 0 },
    { 7, 3, 7, 0, 3, 0, "all are deleted", 0, 0 },
    { 7, 3, 0, 0, 0, 1, "the log is gone", 0, 0 },
    { 7, 3, 5, 5, 1, 1, "a new log with lower IDs", 0, 0 },
    { 7, 3, 9, 9, 1, 1, "a new log with higher ones", 0, 0 },
    { 7, 3, 7, 7, 1, 1, "a new log that ends with the same one", 0, 0 },
    { 7, 0, 9, 9, 0, 0, "an old Redis does not count", 0, 0 },
    { 7, 3, 9, 9, 0, 0, "an old Redis after a new one", 0, 0 },
    { 7, 0, 5, 5, 0, 1, "an old Redis, and lower IDs", 0, 0 },
    { 7, 3, 7, 7, 3, 0, "the same last entry", 5, 0 },
    { 7, 3, 7, 7, 3, 1, "another last entry", 6, 0 },
    { 7, 3, 9, 9, 4, 1, "another first entry", 6, 7 },
    { 7, 3, 9, 9, 4, 0, "the same first entry", 5, 7 },
    { 7, 3, 9, 9, 4, 0, "other entries are other entries", 6, 8 },
};


static void
every_comparison(void)
{
    size_t              i;
    trv_mark_t          known;
    trv_strict_t        strict;
    trv_log_end_t       log;
    trv_strict_event_t  event;

    for (i = 0; i < sizeof(compares) / sizeof(compares[0]); i++) {
        memset(&strict, 0, sizeof(strict));
        strict.failures = 5;

        known = mark(compares[i].applied, compares[i].known);
        known.digest = compares[i].digest;
        trv_strict_ask(&strict, 0, known, unknown);

        memset(&log, 0, sizeof(log));
        log.first_entry = id(compares[i].first);
        log.first_digest = log.last_digest = 5;
        log.last_generated = id(compares[i].generated);
        log.last_entry = id(compares[i].entry);
        log.added = compares[i].added;

        event = trv_strict_compare(&strict, &log);

        tap_ok(event == (compares[i].loss ? TRV_STRICT_LOSS
                                          : TRV_STRICT_ANSWER)
               && strict.answered == !compares[i].loss
               && strict.failures == 0,
               "%s", compares[i].name);
    }
}


static void
answer(trv_strict_t *strict, uint64_t entry)
{
    trv_log_end_t  log;

    memset(&log, 0, sizeof(log));
    log.last_generated = id(entry);
    log.last_entry = id(entry);

    (void) trv_strict_compare(strict, &log);
}


static void
whom_an_answer_serves(void)
{
    trv_wish_t    before, during, after;
    trv_strict_t  strict;

    memset(&strict, 0, sizeof(strict));
    memset(&after, 0, sizeof(after));

    trv_wish_make(&before, &strict);
    trv_strict_ask(&strict, 0, mark(5, 0), unknown);
    trv_wish_make(&during, &strict);

    tap_uint(trv_wish_look(&before, &strict, id(5), 0), TRV_PROOF_PENDING,
             "asked: it waits for the answer");

    answer(&strict, 7);

    tap_uint(trv_wish_look(&before, &strict, id(6), 0), TRV_PROOF_PENDING,
             "answered: it waits until all is applied");
    tap_uint(trv_wish_look(&before, &strict, id(7), 0), TRV_PROOF_DONE,
             "all is applied");
    tap_uint(trv_wish_look(&during, &strict, id(9), 0), TRV_PROOF_PENDING,
             "who came when it had been sent is not served");
    tap_uint(trv_wish_look(&after, &strict, id(9), 0), TRV_PROOF_PENDING,
             "nor who has not asked");

    trv_strict_ask(&strict, 0, mark(7, 0), unknown);
    answer(&strict, 8);

    tap_uint(trv_wish_look(&during, &strict, id(7), 0), TRV_PROOF_PENDING,
             "the next answer, and its end");
    tap_uint(trv_wish_look(&during, &strict, id(8), 0), TRV_PROOF_DONE,
             "which is applied");
    tap_uint(trv_wish_look(&before, &strict, id(7), 0), TRV_PROOF_DONE,
             "a later answer does not ask for more");
    tap_uint(trv_wish_look(&before, &strict, id(3), 0), TRV_PROOF_PENDING,
             "the log is read again from its start");

    trv_strict_ask(&strict, 0, mark(0, 0), unknown);
    answer(&strict, 2);

    tap_uint(trv_wish_look(&before, &strict, id(3), 0), TRV_PROOF_DONE,
             "and ends earlier");
}


static void
failures(void)
{
    trv_wish_t    wish, none;
    trv_strict_t  strict;

    memset(&strict, 0, sizeof(strict));
    memset(&none, 0, sizeof(none));
    strict.state = TRV_STRICT_IDLE;

    trv_wish_make(&wish, &strict);

    (void) trv_strict_step(&strict, TRV_STRICT_FAILED);
    tap_uint(trv_wish_look(&wish, &strict, id(0), 0), TRV_PROOF_PENDING,
             "after one failure there is hope");

    (void) trv_strict_step(&strict, TRV_STRICT_FAILED);
    tap_uint(trv_wish_look(&wish, &strict, id(0), 0), TRV_PROOF_IMPOSSIBLE,
             "after two there is none");
    tap_uint(trv_wish_look(&none, &strict, id(0), 0), TRV_PROOF_IMPOSSIBLE,
             "for who comes now, either");

    (void) trv_strict_step(&strict, TRV_STRICT_READY);
    (void) trv_strict_step(&strict, TRV_STRICT_TURN);
    tap_uint(trv_wish_look(&wish, &strict, id(0), 0), TRV_PROOF_IMPOSSIBLE,
             "a link alone is no answer");

    trv_strict_ask(&strict, 0, mark(0, 0), unknown);
    answer(&strict, 0);
    tap_uint(trv_wish_look(&wish, &strict, id(0), 0), TRV_PROOF_DONE,
             "but an answer is");
    tap_uint(trv_wish_look(&none, &strict, id(0), 0), TRV_PROOF_PENDING,
             "and who comes now may wait");
}


static void
gaps(void)
{
    trv_strict_t   strict;
    trv_log_end_t  log;

    memset(&strict, 0, sizeof(strict));
    memset(&log, 0, sizeof(log));

    trv_strict_ask(&strict, 5000, mark(0, 0), unknown);
    (void) trv_strict_compare(&strict, &log);

    tap_uint(trv_strict_left(&strict, 5200), 800, "from question to question");
    tap_uint(trv_strict_left(&strict, 5999), 1, "a millisecond");
    tap_uint(trv_strict_left(&strict, 6000), 0, "and no more");
    tap_uint(trv_strict_left(&strict, 99000), 0, "long ago");

    log.bytes = 160000;
    (void) trv_strict_compare(&strict, &log);
    tap_uint(trv_strict_left(&strict, 5000), 6000, "a long answer");

    trv_strict_ask(&strict, 5000, mark(9, 0), unknown);
    (void) trv_strict_compare(&strict, &log);
    tap_uint(trv_strict_left(&strict, 5000), 20000, "another log");
}


/*
 * A Redis, a follower and requests, in any order: whoever is told DONE has come
 * before a question that Redis answered, and all that Redis had is applied.
 */

static uint32_t
number(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525 + 1013904223;

    return (*seed >> 8) % n;
}


static void
any_order(void)
{
    uint64_t      redis, applied, sent;
    uint32_t      seed, i, j, n, wrong, done;
    trv_wish_t    wish[16];
    uint64_t      had[16];
    trv_strict_t  strict;

    memset(&strict, 0, sizeof(strict));
    seed = 7;
    redis = applied = sent = 0;
    n = wrong = done = 0;

    for (i = 0; i < 200000; i++) {

        switch (number(&seed, 6)) {

        case 0:
            redis++;
            break;

        case 1:
            if (applied < redis) {
                applied += 1 + number(&seed, redis - applied);
            }

            break;

        case 2:
            if (n < 16) {
                had[n] = redis;
                trv_wish_make(&wish[n++], &strict);
            }

            break;

        case 3:
            if (!sent) {
                trv_strict_ask(&strict, 0, mark(applied, 0), unknown);
                sent = 1;
            }

            break;

        case 4:
            if (sent) {
                answer(&strict, redis);
                sent = 0;
            }

            break;

        default:
            for (j = 0; j < n; j++) {
                if (trv_wish_look(&wish[j], &strict, id(applied), 0)
                    == TRV_PROOF_DONE)
                {
                    wrong += applied < had[j];
                    done++;
                    n--;
                    wish[j] = wish[n];
                    had[j] = had[n];
                    j--;
                }
            }
        }
    }

    tap_uint(wrong, 0, "nobody is told more than is true");
    tap_ok(done > 1000, "and many are told something (%u)", done);
}


int
main(void)
{
    every_pair();
    every_comparison();
    whom_an_answer_serves();
    failures();
    gaps();
    any_order();

    return tap_done();
}
