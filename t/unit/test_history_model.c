
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A log to which things happen at random while an edge looks away, and whether
 * going on as the verdict says would skip an entry.
 */


#include "../../src/core/trv_history.h"
#include "tap.h"


/* "sum" tells entries apart as their content does, "seen" is the edge's own */

#define ENTRIES  64


typedef struct {
    uint64_t  id;
    uint64_t  sum;
    unsigned  seen:1;
} model_entry_t;


typedef struct {
    unsigned       n;
    model_entry_t  entry[ENTRIES];
    uint64_t       last;
    uint64_t       added;
    uint64_t       deleted;
} model_t;


typedef struct {
    uint64_t  applied;
    uint64_t  sum;
    uint64_t  position;
    uint64_t  added;
} edge_t;


/* what has happened to entries that the edge has not seen */

typedef struct {
    unsigned  trimmed:1;
    unsigned  missed:1;           /* trimmed or deleted */
} truth_t;


static uint64_t  seed;


static unsigned
dice(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;

    return (unsigned) (seed >> 33) % n;
}


static void
model_remove(model_t *m, unsigned i)
{
    m->n--;
    memmove(&m->entry[i], &m->entry[i + 1],
            (m->n - i) * sizeof(model_entry_t));
}


static void
model_step(model_t *m, truth_t *truth)
{
    unsigned        i, n;
    model_entry_t  *e;

    switch (dice(8)) {

    case 0:
        for (n = dice(m->n + 1); n != 0; n--) {
            truth->missed |= !m->entry[0].seen;
            truth->trimmed |= !m->entry[0].seen;
            model_remove(m, 0);
        }

        return;

    case 1:
        if (m->n != 0) {
            i = dice(m->n);
            truth->missed |= !m->entry[i].seen;

            if (m->entry[i].id > m->deleted) {
                m->deleted = m->entry[i].id;
            }

            model_remove(m, i);
        }

        return;

    default:
        if (m->n < ENTRIES) {
            m->last += 1 + dice(1000000);
            m->added++;

            e = &m->entry[m->n++];
            e->id = m->last;
            e->sum = seed | 1;
            e->seen = 0;
        }
    }
}


static void
edge_read(edge_t *edge, model_t *m)
{
    unsigned  i;

    for (i = 0; i < m->n; i++) {
        if (m->entry[i].id > edge->position) {
            edge->applied = m->entry[i].id;
            edge->sum = m->entry[i].sum;
            m->entry[i].seen = 1;
        }
    }

    edge->position = m->last;
    edge->added = m->added;
}


static trv_history_verdict_t
edge_judge(const edge_t *edge, const model_t *m, int old)
{
    unsigned        i;
    const char     *why;
    trv_history_t   h;

    memset(&h, 0, sizeof(h));

    h.applied.ms = edge->applied;
    h.digest = edge->sum;
    h.position.ms = edge->position;
    h.added = old ? 0 : edge->added;
    h.asked = 1;
    h.exists = 1;
    h.length = m->n;
    h.last_generated.ms = m->last;
    h.entries_added = old ? 0 : m->added;
    h.max_deleted.ms = old ? 0 : m->deleted;

    for (i = 0; i < m->n; i++) {
        if (m->entry[i].id == edge->applied) {
            h.found = 1;
            h.found_digest = m->entry[i].sum;
        }
    }

    if (m->n != 0) {
        h.first_entry.ms = m->entry[0].id;
        h.first_digest = m->entry[0].sum;
        h.last_entry.ms = m->entry[m->n - 1].id;
        h.last_digest = m->entry[m->n - 1].sum;
    }

    return trv_history_judge(&h, &why);
}


/* entries that going on would never show to the edge */

static unsigned
edge_skips(const edge_t *edge, const model_t *m)
{
    unsigned  i, n;

    n = 0;

    for (i = 0; i < m->n; i++) {
        n += m->entry[i].id <= edge->applied && !m->entry[i].seen;
    }

    return n;
}


typedef struct {
    unsigned  rounds;
    unsigned  skipped;            /* judged the same, and entries are missed */
    unsigned  alarms;             /* judged lost, and nothing had happened */
    unsigned  gaps;               /* not reported, or without a reason */
    unsigned  seen[TRV_HISTORY_NVERDICTS];
} score_t;


static void
play_round(score_t *score, int fork, int old)
{
    edge_t                 edge;
    model_t                m, copy;
    truth_t                truth;
    unsigned               n;
    trv_history_verdict_t  v;

    memset(&m, 0, sizeof(m));
    memset(&edge, 0, sizeof(edge));
    memset(&truth, 0, sizeof(truth));

    for (n = dice(20); n != 0; n--) {
        model_step(&m, &truth);
    }

    edge_read(&edge, &m);
    copy = m;

    for (n = dice(12); n != 0; n--) {
        model_step(&m, &truth);
    }

    edge_read(&edge, &m);

    if (fork) {
        m = copy;
    }

    memset(&truth, 0, sizeof(truth));

    for (n = dice(12); n != 0; n--) {
        model_step(&m, &truth);
    }

    v = edge_judge(&edge, &m, old);

    score->rounds++;
    score->seen[v]++;

    score->skipped += v != TRV_HISTORY_LOST && edge_skips(&edge, &m) != 0;
    score->alarms += v == TRV_HISTORY_LOST && !fork;

    if (!fork && !old && v != TRV_HISTORY_LOST && edge.applied != 0) {
        score->gaps += (v == TRV_HISTORY_GAP && !truth.missed)
                       || (v != TRV_HISTORY_GAP && truth.trimmed);
    }
}


/*
 * In doubt the log is read again: there are alarms without a cause, when the
 * last entry was deleted and a later one, too, or when it was deleted and
 * Redis is old.  They are few.
 */

static void
test_model(int fork, int old)
{
    unsigned  i;
    score_t   score;

    memset(&score, 0, sizeof(score));
    seed = 1;

    for (i = 0; i < 50000; i++) {
        play_round(&score, fork, old);
    }

    printf("# %s, Redis %d: %u alarms\n", fork ? "a failover" : "one server",
           old ? 6 : 7, score.alarms);

    tap_uint(score.skipped, 0, "no entry is skipped");
    tap_uint(score.gaps, 0, "gaps are reported, and have a reason");
    tap_ok(score.alarms < score.rounds / 10, "few alarms without a cause");
    tap_ok(score.seen[TRV_HISTORY_SAME] > score.rounds / 20
           && score.seen[TRV_HISTORY_GAP] > score.rounds / 20
           && score.seen[TRV_HISTORY_LOST] != 0, "all three were seen");
}


int
main(void)
{
    test_model(0, 0);
    test_model(1, 0);
    test_model(0, 1);
    test_model(1, 1);

    return tap_done();
}
