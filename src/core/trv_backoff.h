
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * How long to wait before the next attempt to connect: exponential back-off
 * with full jitter.  Edges that lost one Redis at the same moment must not
 * come back at the same moment.
 */


#ifndef _TRV_BACKOFF_H_INCLUDED_
#define _TRV_BACKOFF_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


/* milliseconds */

#define TRV_BACKOFF_MIN   10
#define TRV_BACKOFF_BASE  50
#define TRV_BACKOFF_CAP   5000


/*
 * Returns the delay in milliseconds before the next attempt.  "attempt" is
 * the number of attempts that failed since the last one that did not, minus
 * one: 0 after the first failure.  "random" is uniform over 32 bits; the
 * delay is uniform between TRV_BACKOFF_MIN and the lesser of TRV_BACKOFF_CAP
 * and TRV_BACKOFF_BASE * 2^attempt, both included.
 */

uint32_t trv_backoff_delay(unsigned attempt, uint32_t random);


#pragma GCC visibility pop


#endif /* _TRV_BACKOFF_H_INCLUDED_ */
