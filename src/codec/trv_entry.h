
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * One entry of the log, made from its field-value pairs (docs/redis.md).  An
 * entry that cannot be understood is an entry too: with a fault.
 */


#ifndef _TRV_ENTRY_H_INCLUDED_
#define _TRV_ENTRY_H_INCLUDED_


#include "../core/trv_log.h"
#include "../core/trv_term.h"
#include "trv_digest.h"


#pragma GCC visibility push(hidden)


#define TRV_ENTRY_PAIRS      16384
#define TRV_ENTRY_NAME_LEN   256
#define TRV_ENTRY_VALUE_LEN  8192
#define TRV_ENTRY_FIELDS     8        /* different names joined by AND */
#define TRV_ENTRY_ACK_LEN    64


typedef enum {
    TRV_ACTION_REVOKE = 0,
    TRV_ACTION_RESTORE,
    TRV_ACTION_ACCEPT,
    TRV_ACTION_NACTIONS
} trv_action_t;


/*
 * Why nothing, or not all, of an entry is applied: the first fault that was
 * found among those that refuse the entry, else among the others.
 */

typedef enum {
    TRV_FAULT_NONE = 0,
    TRV_FAULT_NO_MATCH,           /* revokes nothing */
    TRV_FAULT_ODD,                /* a name without a value */
    TRV_FAULT_ACTION,             /* unknown action */
    TRV_FAULT_PAIRS,              /* over a limit: refused */
    TRV_FAULT_NAME,
    TRV_FAULT_VALUE,
    TRV_FAULT_FIELDS,
    TRV_FAULT_PREFIX,             /* a name ends with its prefix */
    TRV_FAULT_RULES,              /* found when rules are made of it */
    TRV_FAULT_SHAPES,

    /* those below do not refuse the entry */

    TRV_FAULT_BEFORE,             /* bad "before": the entry's own time */
    TRV_FAULT_UNTIL,              /* bad "until" or "ttl": no end */
    TRV_FAULT_TOKEN,              /* an empty token: that value is ignored */
    TRV_NFAULTS
} trv_fault_t;


/* the identity of one token */

typedef uint8_t  trv_entry_token_t[TRV_SHA256_LEN];


/* one pair that is part of the match, other than "token" */

typedef struct {
    trv_str_t  name;
    trv_str_t  value;
} trv_pair_t;


/*
 * A complete entry.  All memory belongs to the batch it is in, and stays as
 * it is until the entry is shifted or the batch is cleared.  One that is
 * refused has no tokens and no pairs, but its nonce.
 */

typedef struct {
    trv_id_t       id;
    trv_action_t   action;
    trv_fault_t    fault;
    unsigned       refused:1;     /* nothing of it may be applied */
    uint32_t       cutoff;        /* Unix seconds, or TRV_CUTOFF_ALWAYS */
    int64_t        end;           /* Unix seconds, or TRV_END_NEVER */

    uint32_t       ntokens;
    const trv_entry_token_t  *tokens;

    uint32_t       npairs;
    const trv_pair_t  *pairs;     /* in the order of the entry */

    trv_str_t      ack;           /* the nonce, or empty */

    /* trv_sum.h of all names and values, also of those that are refused */

    uint64_t       digest;        /* 0: it was deleted while it was read */
} trv_entry_t;


/* the words for the log: "has no match", "has an unknown action", ... */

const char *trv_fault_text(trv_fault_t fault);


/*
 * When its rules end, Unix seconds or TRV_END_NEVER, where rules without an end
 * of their own are kept for "retain" seconds (0: for ever).
 */

int64_t trv_entry_end(const trv_entry_t *entry, int64_t retain);


/*
 * Drops what an operator pastes around a token: blanks, and the scheme before
 * it.  A view into the value; empty if there was nothing else.
 */

trv_str_t trv_entry_strip(trv_str_t value);


/*
 * A builder collects the pairs of one entry and finishes it.  Reserved
 * fields (before, until, ttl, action, reason, by, ack) are understood here,
 * so that a batch of tokens costs 32 bytes a token and no copy.
 */

typedef struct trv_batch_s  trv_batch_t;


/* NULL without memory; "digest" is borrowed for as long as the batch lives */

trv_batch_t *trv_batch_create(trv_digest_t *digest);
void trv_batch_destroy(trv_batch_t *batch);

/*
 * Building: begin, then name and value in turn, then finish.  Names and
 * values are copied (or understood) at once.  TRV_NOMEM spoils the entry: the
 * batch must be cleared, and the log read again from the last applied entry.
 * Until then nothing is taken in; entries finished before are still there.
 * An entry that was begun and not finished is forgotten by the next one.
 *
 * "now" is the edge's clock, Unix milliseconds: a default cut-off is never
 * later than it.
 */

trv_rc_t trv_batch_begin(trv_batch_t *batch, trv_id_t id);
trv_rc_t trv_batch_name(trv_batch_t *batch, trv_str_t name);
trv_rc_t trv_batch_value(trv_batch_t *batch, trv_str_t value);
trv_rc_t trv_batch_finish(trv_batch_t *batch, int64_t now);

/* the finished entries, first in first out; NULL if there are no more */

const trv_entry_t *trv_batch_first(trv_batch_t *batch);
void trv_batch_shift(trv_batch_t *batch);

/* forgets all entries and gives back memory beyond a small remainder */

void trv_batch_clear(trv_batch_t *batch);


#pragma GCC visibility pop


#endif /* _TRV_ENTRY_H_INCLUDED_ */
