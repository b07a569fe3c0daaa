
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Is the log that Redis shows the one that was applied?
 */


#include "trv_history.h"


static unsigned trv_history_facts(const trv_history_t *h);
static unsigned trv_history_entry(const trv_history_t *h);
static unsigned trv_history_counts(const trv_history_t *h, int trimmed);
static int trv_history_missed(const trv_history_t *h);
static int trv_history_differ(uint64_t a, uint64_t b);


/* what can be true at once; A is the entry applied last, P the position */

#define TRV_HISTORY_FRESH    0x0001   /* there is no A */
#define TRV_HISTORY_REPLICA  0x0002
#define TRV_HISTORY_GONE     0x0004   /* no log */
#define TRV_HISTORY_FEWER    0x0008   /* added in all than we know of */
#define TRV_HISTORY_EARLIER  0x0010   /* last generated before P */
#define TRV_HISTORY_PASSED   0x0020   /* the last entry is behind A, not P */
#define TRV_HISTORY_OTHER    0x0040   /* A is not what it was */
#define TRV_HISTORY_THERE    0x0080   /* A, and so all that came after it */
#define TRV_HISTORY_MISSING  0x0100   /* A */
#define TRV_HISTORY_WHOLE    0x0200   /* no entry was ever removed */
#define TRV_HISTORY_TRIMMED  0x0400   /* all entries up to A */
#define TRV_HISTORY_END      0x0800   /* nothing was added behind P */
#define TRV_HISTORY_LESS     0x1000   /* was removed than we have seen */
#define TRV_HISTORY_EXACT    0x2000   /* as much was removed as we have seen */
#define TRV_HISTORY_DELETED  0x4000   /* XDEL: A, or up to P */
#define TRV_HISTORY_UNKNOWN  0x8000   /* neither counts nor XRANGE tell */
#define TRV_HISTORY_MISSED   0x10000  /* more was added than was read */


typedef struct {
    unsigned                facts;
    trv_history_verdict_t   verdict;
    const char             *why;
} trv_history_row_t;


/*
 * The first row whose facts are all true decides.  A doubt is a loss: reading
 * again costs time, going on may skip entries whose IDs are before ours.
 * Where all up to A is trimmed, going on reads the whole log anyway.
 */

static const trv_history_row_t  trv_history_rows[] = {

    { TRV_HISTORY_PASSED, TRV_HISTORY_LOST,
      "has entries where there were none" },

    { TRV_HISTORY_FRESH, TRV_HISTORY_SAME,
      "is new to this edge" },

    { TRV_HISTORY_GONE | TRV_HISTORY_REPLICA, TRV_HISTORY_BEHIND,
      "does not exist on the replica" },

    { TRV_HISTORY_GONE, TRV_HISTORY_LOST,
      "does not exist any more" },

    { TRV_HISTORY_FEWER | TRV_HISTORY_REPLICA, TRV_HISTORY_BEHIND,
      "has fewer entries on the replica" },

    { TRV_HISTORY_FEWER, TRV_HISTORY_LOST,
      "counts fewer entries than before" },

    { TRV_HISTORY_EARLIER | TRV_HISTORY_REPLICA, TRV_HISTORY_BEHIND,
      "ends earlier on the replica" },

    { TRV_HISTORY_EARLIER, TRV_HISTORY_LOST,
      "ends before the last entry that was applied" },

    { TRV_HISTORY_OTHER, TRV_HISTORY_LOST,
      "has another entry in the place of the last one that was applied" },

    { TRV_HISTORY_THERE | TRV_HISTORY_MISSED, TRV_HISTORY_GAP,
      "was trimmed before it was read" },

    { TRV_HISTORY_THERE, TRV_HISTORY_SAME,
      "has the last entry that was applied" },

    { TRV_HISTORY_MISSING | TRV_HISTORY_WHOLE, TRV_HISTORY_LOST,
      "lacks the last entry that was applied, but none was ever removed" },

    { TRV_HISTORY_TRIMMED | TRV_HISTORY_END, TRV_HISTORY_SAME,
      "was trimmed, and nothing was added" },

    { TRV_HISTORY_TRIMMED | TRV_HISTORY_LESS, TRV_HISTORY_LOST,
      "lacks entries that were applied and not removed" },

    { TRV_HISTORY_TRIMMED | TRV_HISTORY_EXACT, TRV_HISTORY_SAME,
      "was trimmed up to the last entry that was applied" },

    { TRV_HISTORY_TRIMMED, TRV_HISTORY_GAP,
      "was trimmed beyond the last entry that was applied" },

    { TRV_HISTORY_MISSING | TRV_HISTORY_DELETED, TRV_HISTORY_SAME,
      "had the last entry deleted that was applied" },

    { TRV_HISTORY_MISSING | TRV_HISTORY_UNKNOWN, TRV_HISTORY_SAME,
      "may have had the last entry deleted that was applied" },

    { TRV_HISTORY_MISSING, TRV_HISTORY_LOST,
      "lacks the last entry that was applied" },

    { 0, TRV_HISTORY_SAME,
      "goes on behind the last entry that was applied" },
};


trv_history_verdict_t
trv_history_judge(const trv_history_t *history, const char **why)
{
    unsigned                  facts;
    const trv_history_row_t  *row;

    facts = trv_history_facts(history);

    for (row = trv_history_rows; (row->facts & facts) != row->facts; row++) {
        /* the last row has no facts */
    }

    *why = row->why;

    return row->verdict;
}


static unsigned
trv_history_facts(const trv_history_t *h)
{
    unsigned        facts;
    trv_history_t   k;
    const trv_id_t  none = { 0, 0 };

    k = *h;

    if (trv_id_cmp(k.position, k.applied) < 0) {
        k.position = k.applied;
    }

    facts = k.replica ? TRV_HISTORY_REPLICA : 0;

    if (trv_id_cmp(k.applied, none) == 0) {
        facts |= TRV_HISTORY_FRESH;
    }

    if (!k.exists) {
        return facts | TRV_HISTORY_GONE;
    }

    if (k.entries_added != 0 && k.entries_added < k.added) {
        facts |= TRV_HISTORY_FEWER;
    }

    if (trv_id_cmp(k.last_generated, k.position) < 0) {
        facts |= TRV_HISTORY_EARLIER;
    }

    /* between A and P there may be entries, if they have been read */

    if (!k.passed && trv_id_cmp(k.last_generated, k.position) <= 0) {
        facts |= TRV_HISTORY_END;
    }

    if (!k.passed
        && trv_id_cmp(k.last_entry, k.applied) > 0
        && trv_id_cmp(k.last_entry, k.position) <= 0)
    {
        facts |= TRV_HISTORY_PASSED;
    }

    if (trv_history_missed(&k)) {
        facts |= TRV_HISTORY_MISSED;
    }

    /* on the same connection what was deleted behind A was seen to be gone */

    if (k.asked && !k.passed) {
        k.position = k.applied;
    }

    if (trv_id_cmp(k.max_deleted, k.applied) >= 0
        && trv_id_cmp(k.max_deleted, k.position) <= 0)
    {
        facts |= TRV_HISTORY_DELETED;
    }

    return facts | trv_history_entry(&k);
}


/* XINFO shows the first and the last entry whole, XRANGE any one */

static unsigned
trv_history_entry(const trv_history_t *h)
{
    int  first, last, trimmed;

    if (h->asked && h->found
        && trv_history_differ(h->found_digest, h->digest))
    {
        return TRV_HISTORY_OTHER;
    }

    first = trv_id_cmp(h->first_entry, h->applied);
    last = trv_id_cmp(h->last_entry, h->applied);

    if (h->length != 0 && (first == 0 || last == 0)) {
        return trv_history_differ(first == 0 ? h->first_digest
                                             : h->last_digest, h->digest)
               ? TRV_HISTORY_OTHER : TRV_HISTORY_THERE;
    }

    trimmed = h->length == 0 || first > 0;

    if (!trimmed && h->asked && h->found) {
        return TRV_HISTORY_THERE;
    }

    if (!trimmed && !h->asked && last > 0) {
        return 0;
    }

    return TRV_HISTORY_MISSING | trv_history_counts(h, trimmed);
}


/* what the counters say of an entry that is not there */

static unsigned
trv_history_counts(const trv_history_t *h, int trimmed)
{
    unsigned  facts;
    uint64_t  removed;

    facts = trimmed ? TRV_HISTORY_TRIMMED : 0;

    if (h->entries_added == 0) {
        return h->asked && !h->passed ? facts : facts | TRV_HISTORY_UNKNOWN;
    }

    if (h->entries_added <= h->length) {
        return facts | TRV_HISTORY_WHOLE;
    }

    removed = h->entries_added - h->length;

    if (removed < h->added) {
        return facts | TRV_HISTORY_LESS;
    }

    return removed == h->added ? facts | TRV_HISTORY_EXACT : facts;
}


/*
 * At the end of the log, all that was added has been read, unless it was
 * removed before; and if XDEL did it, that was meant.
 */

static int
trv_history_missed(const trv_history_t *h)
{
    return h->confirmed
           && h->added != 0
           && h->entries_added > h->added
           && trv_id_cmp(h->last_entry, h->applied) == 0
           && trv_id_cmp(h->max_deleted, h->deleted) == 0;
}


/* entries that are both known */

static int
trv_history_differ(uint64_t a, uint64_t b)
{
    return a != 0 && b != 0 && a != b;
}
