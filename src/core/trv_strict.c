
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_strict.h"


typedef struct {
    trv_strict_state_t   from;
    trv_strict_event_t   event;
    trv_strict_state_t   to;
    trv_strict_action_t  action;
} trv_strict_edge_t;


static int trv_strict_other(const trv_mark_t *mark, trv_id_t id,
    uint64_t digest);
static int trv_strict_split(const trv_strict_t *strict,
    const trv_log_end_t *log);


/* FAILED, MOVED and STOP do the same in every state: they are not listed */

static const trv_strict_edge_t  trv_strict_edges[] = {

    { TRV_STRICT_CLOSED,      TRV_STRICT_WANT,    TRV_STRICT_OPENING,
      TRV_STRICT_DO_OPEN },

    { TRV_STRICT_OPENING,     TRV_STRICT_READY,   TRV_STRICT_DUE,
      TRV_STRICT_DO_POST },

    { TRV_STRICT_IDLE,        TRV_STRICT_WANT,    TRV_STRICT_DUE,
      TRV_STRICT_DO_POST },

    { TRV_STRICT_DUE,         TRV_STRICT_TURN,    TRV_STRICT_ASKED,
      TRV_STRICT_DO_ASK },
    { TRV_STRICT_DUE,         TRV_STRICT_NOBODY,  TRV_STRICT_IDLE,
      TRV_STRICT_DO_NOTHING },

    { TRV_STRICT_ASKED,       TRV_STRICT_WANT,    TRV_STRICT_ASKED_MORE,
      TRV_STRICT_DO_NOTHING },
    { TRV_STRICT_ASKED,       TRV_STRICT_ANSWER,  TRV_STRICT_PAUSE,
      TRV_STRICT_DO_PAUSE },
    { TRV_STRICT_ASKED,       TRV_STRICT_LOSS,    TRV_STRICT_PAUSE_MORE,
      TRV_STRICT_DO_PAUSE },
    { TRV_STRICT_ASKED,       TRV_STRICT_SPLIT,   TRV_STRICT_PAUSE_MORE,
      TRV_STRICT_DO_PAUSE },

    { TRV_STRICT_ASKED_MORE,  TRV_STRICT_ANSWER,  TRV_STRICT_PAUSE_MORE,
      TRV_STRICT_DO_PAUSE },
    { TRV_STRICT_ASKED_MORE,  TRV_STRICT_LOSS,    TRV_STRICT_PAUSE_MORE,
      TRV_STRICT_DO_PAUSE },
    { TRV_STRICT_ASKED_MORE,  TRV_STRICT_SPLIT,   TRV_STRICT_PAUSE_MORE,
      TRV_STRICT_DO_PAUSE },

    { TRV_STRICT_PAUSE,       TRV_STRICT_WANT,    TRV_STRICT_PAUSE_MORE,
      TRV_STRICT_DO_NOTHING },
    { TRV_STRICT_PAUSE,       TRV_STRICT_LATER,   TRV_STRICT_IDLE,
      TRV_STRICT_DO_NOTHING },

    { TRV_STRICT_PAUSE_MORE,  TRV_STRICT_LATER,   TRV_STRICT_DUE,
      TRV_STRICT_DO_POST },
};


trv_strict_action_t
trv_strict_step(trv_strict_t *strict, trv_strict_event_t event)
{
    size_t                    i;
    const trv_strict_edge_t  *edge;

    if (event == TRV_STRICT_STOP) {
        strict->state = TRV_STRICT_CLOSED;
        return TRV_STRICT_DO_NOTHING;
    }

    if ((event == TRV_STRICT_FAILED || event == TRV_STRICT_MOVED)
        && strict->state != TRV_STRICT_CLOSED)
    {
        strict->state = TRV_STRICT_OPENING;
        strict->failures += (event == TRV_STRICT_FAILED);
        return TRV_STRICT_DO_NOTHING;
    }

    for (i = 0; i < sizeof(trv_strict_edges) / sizeof(trv_strict_edges[0]);
         i++)
    {
        edge = &trv_strict_edges[i];

        if (edge->from == strict->state && edge->event == event) {
            strict->state = edge->to;
            return edge->action;
        }
    }

    return TRV_STRICT_DO_NOTHING;
}


void
trv_strict_ask(trv_strict_t *strict, uint64_t now, trv_mark_t mark,
    trv_lineage_t followed)
{
    strict->asked++;
    strict->asked_at = now;
    strict->gap = TRV_STRICT_GAP;
    strict->mark = mark;
    strict->followed = followed;
}


/*
 * Compared with what was applied when the question was sent, and not with
 * what is now: an entry that was added behind the answer is not a loss.
 */

trv_strict_event_t
trv_strict_compare(trv_strict_t *strict, const trv_log_end_t *log)
{
    const trv_mark_t  *mark;

    strict->failures = 0;
    mark = &strict->mark;

    if (trv_id_cmp(mark->id, log->last_generated) > 0
        || (log->added != 0 && log->added < mark->added)
        || trv_strict_other(mark, log->first_entry, log->first_digest)
        || trv_strict_other(mark, log->last_entry, log->last_digest))
    {
        strict->gap = TRV_STRICT_LOSS_GAP;
        return TRV_STRICT_LOSS;
    }

    if (trv_strict_split(strict, log)) {
        strict->gap = TRV_STRICT_LOSS_GAP;
        return TRV_STRICT_SPLIT;
    }

    strict->gap = TRV_STRICT_GAP + log->bytes / TRV_STRICT_BYTES;
    strict->end = log->last_entry;
    strict->under = strict->followed.id;
    strict->answered = strict->asked;

    return TRV_STRICT_ANSWER;
}


/* the entry has the ID of the one that was applied last, and is another one */

static int
trv_strict_other(const trv_mark_t *mark, trv_id_t id, uint64_t digest)
{
    return trv_id_cmp(mark->id, id) == 0
           && mark->digest != 0 && digest != 0 && mark->digest != digest;
}


/* other entries than those of this log may have been applied */

static int
trv_strict_split(const trv_strict_t *strict, const trv_log_end_t *log)
{
    trv_id_t  none = { 0, 0 };

    switch (trv_lineage_compare(strict->followed, log->lineage)) {

    case TRV_LINEAGE_SAME:
        return 0;

    case TRV_LINEAGE_DEPOSED:
        return 1;

    default:  /* TRV_LINEAGE_OTHER */
        break;
    }

    if (trv_id_cmp(log->last_entry, none) == 0) {
        return 0;
    }

    return trv_id_cmp(log->last_entry, strict->mark.id) != 0
           || log->last_digest == 0
           || log->last_digest != strict->mark.digest;
}


uint64_t
trv_strict_left(const trv_strict_t *strict, uint64_t now)
{
    uint64_t  over;

    over = strict->asked_at + strict->gap;

    return now < over ? over - now : 0;
}


void
trv_wish_make(trv_wish_t *wish, const trv_strict_t *strict)
{
    wish->number = strict->asked + 1;
    wish->answered = 0;
}


trv_proof_t
trv_wish_look(trv_wish_t *wish, const trv_strict_t *strict, trv_id_t applied,
    uint64_t followed)
{
    /*
     * Each answer to a question that was sent later serves as well.  A later
     * end may be a lower one: of a log that has been replaced meanwhile
     */

    if (wish->number != 0 && strict->answered >= wish->number
        && (!wish->answered || trv_id_cmp(strict->end, wish->end) < 0))
    {
        wish->answered = 1;
        wish->end = strict->end;
        wish->under = strict->under;
    }

    if (wish->answered && wish->under != followed) {
        trv_wish_make(wish, strict);
    }

    if (wish->answered && trv_id_cmp(applied, wish->end) >= 0) {
        return TRV_PROOF_DONE;
    }

    return strict->failures < TRV_STRICT_FAILURES ? TRV_PROOF_PENDING
                                                  : TRV_PROOF_IMPOSSIBLE;
}
