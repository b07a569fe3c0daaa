
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Names of claims that tokens had, so that an operator can be told of a name
 * that none has ever had.
 *
 *     +------+--------+--------+-----+----------+
 *     | full | slot 0 | slot 1 | ... | slot 127 |    a line of 64 bytes each
 *     +------+--------+--------+-----+----------+
 *
 *     +---------------------------------+-----+
 *     | text, up to 63 bytes            | len |    0: free
 *     +---------------------------------+-----+
 *
 * It lies in memory that processes share, and is zero when new.  All of them
 * write, and nobody waits: a free slot is taken by a compare-and-swap of its
 * length, and its length is written last.  Nothing is ever removed, so what a
 * reader has found stays.
 *
 * Tokens are not verified, so anybody can put names into it.  What he can
 * reach is that it is full, which is known, and costs less than before.
 */


#ifndef _TRV_NAMES_H_INCLUDED_
#define _TRV_NAMES_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


#define TRV_NAMES      128
#define TRV_NAMES_LEN  63         /* of one of them */


typedef struct {
    uint8_t            text[TRV_NAMES_LEN];
    uint8_t            len;
} trv_names_slot_t;


typedef struct {
    uint32_t           full;      /* one was not kept, for want of room */
    uint32_t           reserved[15];
    trv_names_slot_t   slot[TRV_NAMES];
} trv_names_t;


/*
 * Who puts names into it: zero but for "names".  Tokens of one issuer have the
 * same names in the same order, so the slot of the next one is guessed from
 * that of the last one.
 */

typedef struct {
    trv_names_t       *names;
    unsigned           at;        /* slot of the last one, or TRV_NAMES */
    uint8_t            next[TRV_NAMES + 1];
} trv_learner_t;


/*
 * True if such a name is kept: it is not empty, not longer than that, and is
 * UTF-8 without control characters.  Of others nothing is ever known.
 */

int trv_names_fit(trv_str_t name);

/* a token begins; a name that it has.  With a full table nothing is done */

static inline void
trv_names_begin(trv_learner_t *learner)
{
    learner->at = TRV_NAMES;
}


void trv_names_see(trv_learner_t *learner, trv_str_t name);

/*
 * Each name once, in any order, from *at = 0 on.  TRV_OK: *name is a view that
 * stays as long as the memory does; TRV_NONE: that was all.
 */

trv_rc_t trv_names_next(const trv_names_t *names, unsigned *at,
    trv_str_t *name);

/* how many they are */

unsigned trv_names_count(const trv_names_t *names);

/* false: each name that fits and that was seen is there */

int trv_names_full(const trv_names_t *names);


#pragma GCC visibility pop


#endif /* _TRV_NAMES_H_INCLUDED_ */
