
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a worker has computed for a token, so that the next request with it
 * costs a keyed hash and no parsing.  Fixed memory, private to one process:
 * sets of a few slots, of which the one that was used least recently is
 * replaced.
 *
 * A slot answers only for the code of its token, of 128 bits and under a key
 * that nobody knows (trv_mac.h), and for the generation of the shapes for which
 * it was computed.
 */


#ifndef _TRV_MEMO_H_INCLUDED_
#define _TRV_MEMO_H_INCLUDED_


#include "trv_match.h"


#pragma GCC visibility push(hidden)


/* a token with more values is not remembered, unless it is probed */

#define TRV_MEMO_TRAITS  16


typedef struct trv_memo_s  trv_memo_t;


/* names a token between a look and what is kept after it */

typedef struct {
    uint64_t  w[2];
} trv_ticket_t;


/* bytes for so many slots (rounded up to a power of two) */

size_t trv_memo_size(unsigned slots);

/* makes an empty one in memory of the caller, 64-byte aligned */

trv_memo_t *trv_memo_open(void *memory, unsigned slots,
    const uint8_t key[TRV_KEY_LEN]);

/*
 * TRV_OK and a copy of what was kept for just this token and generation, or
 * TRV_NONE and in *ticket what trv_memo_put() needs.
 */

trv_rc_t trv_memo_get(trv_memo_t *memo, trv_str_t token, uint64_t generation,
    trv_traits_t *traits, trv_ticket_t *ticket);

/* keeps it, its values or its probes, unless it is crowded or has too many */

void trv_memo_put(trv_memo_t *memo, const trv_ticket_t *ticket,
    uint64_t generation, const trv_traits_t *traits);


#pragma GCC visibility pop


#endif /* _TRV_MEMO_H_INCLUDED_ */
