
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The term of a rule: up to which issue time it refuses, and until when it
 * holds.  One 64-bit word, so that it is read and replaced as one.
 *
 *      63          32 31                    6 5     0
 *     +--------------+-----------------------+-------+
 *     | cut-off, s   | end, units of 16 s    | shape |
 *     +--------------+-----------------------+-------+
 *
 * The end is counted from TRV_TERM_EPOCH and rounded up: a rule is kept a
 * few seconds longer rather than lost a second too early.  0 is no end.
 */


#ifndef _TRV_TERM_H_INCLUDED_
#define _TRV_TERM_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


typedef uint64_t  trv_term_t;

#define TRV_TERM_EPOCH      1577836800    /* 2020-01-01, Unix seconds */
#define TRV_TERM_UNIT       16            /* seconds */
#define TRV_TERM_END_BITS   26            /* until 2054 */
#define TRV_TERM_SHAPES     64

#define TRV_CUTOFF_ALWAYS   UINT32_MAX    /* refuses whatever the issue time */
#define TRV_END_NEVER       INT64_MAX


/*
 * cutoff: Unix seconds, or TRV_CUTOFF_ALWAYS.  end: Unix seconds, or
 * TRV_END_NEVER; an end that the word cannot hold is no end, one before the
 * epoch is the first end that there is (it has passed).
 */

trv_term_t trv_term_make(uint32_t cutoff, int64_t end, unsigned shape);

static inline uint32_t
trv_term_cutoff(trv_term_t term)
{
    return (uint32_t) (term >> 32);
}


static inline unsigned
trv_term_shape(trv_term_t term)
{
    return (unsigned) (term & (TRV_TERM_SHAPES - 1));
}


/* Unix seconds at which the rule ends, or TRV_END_NEVER */

int64_t trv_term_end(trv_term_t term);

/* true at the very second at which the rule ends, and after it */

int trv_term_dead(trv_term_t term, int64_t now);

/*
 * True if both belong to one rule.  A cut-off in seconds and "always" with
 * the same match are two rules, each with its own end.
 */

static inline int
trv_term_same(trv_term_t a, trv_term_t b)
{
    return (trv_term_cutoff(a) == TRV_CUTOFF_ALWAYS)
           == (trv_term_cutoff(b) == TRV_CUTOFF_ALWAYS)
           && trv_term_shape(a) == trv_term_shape(b);
}


/* the later cut-off with the later end */

trv_term_t trv_term_merge(trv_term_t a, trv_term_t b);


#pragma GCC visibility pop


#endif /* _TRV_TERM_H_INCLUDED_ */
