
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Which of several addresses is tried next.  Hosts are tried in turn, each
 * once a round; a round begins at the host that worked last and ends when all
 * of them have failed.  Somebody who answered may have named another address
 * (MOVED, the master of a replica): it is tried at once, but only once a
 * round, or two that name each other would keep us busy for ever.
 *
 *     host 1 --fails--> host 2 --names--> hint --fails--> host 3 --> over
 */


#ifndef _TRV_ROUND_H_INCLUDED_
#define _TRV_ROUND_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


typedef enum {
    TRV_ROUND_OVER = 0,       /* wait, then a new round begins */
    TRV_ROUND_HOST,           /* try round->host */
    TRV_ROUND_HINT,           /* try the address that was named */
    TRV_ROUND_NTARGETS
} trv_round_target_t;


/* all zero is the beginning */

typedef struct {
    unsigned  host;           /* tried now or last */
    unsigned  tried;          /* hosts, in this round */
    unsigned  begun:1;        /* "host" was tried */
    unsigned  again:1;        /* ... and is the next one nevertheless */
    unsigned  hint:1;         /* an address was named and not tried yet */
    unsigned  hinted:1;       /* one was tried in this round */
    unsigned  away:1;         /* the target is such an address */
    unsigned  passed:1;       /* a host was passed over in this round */
    unsigned  content:1;      /* in this one none is passed over */
} trv_round_t;


/*
 * The next target of "nhosts" hosts, at least 1.  After TRV_ROUND_OVER the
 * next call begins a new round.
 */

trv_round_target_t trv_round_next(trv_round_t *round, unsigned nhosts);

/* what trv_round_next() would return, without a change */

trv_round_target_t trv_round_peek(const trv_round_t *round, unsigned nhosts);

/* an address was named: 1 if it will be tried next, 0 if one was already */

int trv_round_hint(trv_round_t *round);

/*
 * The target could serve, though not well.  Returns 1 if it is passed over,
 * since there may be a better one; 0 if there was none in the last round.
 */

int trv_round_pass(trv_round_t *round, unsigned nhosts);

/* the target works: when it fails a new round begins, at the next one */

void trv_round_proved(trv_round_t *round);


/* the target has to be tried once more, in another way */

void trv_round_retry(trv_round_t *round);

/* closed though it works: the host of now is the first of a new round */

void trv_round_again(trv_round_t *round);


#pragma GCC visibility pop


#endif /* _TRV_ROUND_H_INCLUDED_ */
