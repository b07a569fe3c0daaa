
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What an entry of the log holds, in 64 bits: tells whether the entry that
 * has an ID now is the one that had it before.  No key and no promise against
 * somebody who looks for two entries with one sum: who may write to the log
 * has other ways.
 */


#ifndef _TRV_SUM_H_INCLUDED_
#define _TRV_SUM_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


/*
 * Of a longer text only the beginning counts, and that it is longer: what is
 * behind it may have been dropped while it was read.
 */

#define TRV_SUM_TEXT_MAX  8192


typedef struct {
    uint64_t  sum;
    uint64_t  name;               /* waits for its value */
    uint32_t  n;                  /* texts */
} trv_sum_t;


/* zero memory is a sum of nothing, too */

static inline void
trv_sum_clear(trv_sum_t *sum)
{
    sum->sum = 0;
    sum->name = 0;
    sum->n = 0;
}


/* names and values in turn, as they come */

void trv_sum_add(trv_sum_t *sum, trv_str_t text);

/* of all that was added; 0 if nothing was, and only then */

uint64_t trv_sum_value(const trv_sum_t *sum);


#pragma GCC visibility pop


#endif /* _TRV_SUM_H_INCLUDED_ */
