
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Questions that were sent and not answered yet, in their order.  Answers have
 * no names: the first answer is that to the first question, so a question
 * keeps its place also when nobody waits for the answer any more.
 *
 *     number     17     18     19     20
 *              +------+------+------+------+
 *              | who  |  -   | who  | who  |
 *              +------+------+------+------+
 *                first                last
 */


#ifndef _TRV_RING_H_INCLUDED_
#define _TRV_RING_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


typedef struct {
    void        *who;             /* NULL: nobody waits */
    uint64_t     at;              /* when it was sent */
} trv_ring_slot_t;


/* zero memory is a ring without room; what is zeroed forgets all */

typedef struct {
    trv_ring_slot_t  *slot;
    uint64_t          size;       /* 0 or a power of two */
    uint64_t          first;      /* number of the oldest */
    uint64_t          next;       /* the number that will be given next */
} trv_ring_t;


static inline uint64_t
trv_ring_count(const trv_ring_t *ring)
{
    return ring->next - ring->first;
}


static inline int
trv_ring_full(const trv_ring_t *ring)
{
    return trv_ring_count(ring) == ring->size;
}


/*
 * Moves to memory for "size" questions, a power of two larger than before; the
 * old memory is the caller's again.  Numbers stay what they are.
 */

trv_ring_slot_t *trv_ring_move(trv_ring_t *ring, trv_ring_slot_t *slot,
    uint64_t size);


/* Adds a question and returns its number.  The ring must not be full. */

uint64_t trv_ring_push(trv_ring_t *ring, void *who, uint64_t at);


/* The oldest one; NULL: there is none.  "Pop" takes it out. */

const trv_ring_slot_t *trv_ring_peek(const trv_ring_t *ring);
void trv_ring_pop(trv_ring_t *ring);


/* Nobody waits for this one any more; harmless if it was answered. */

void trv_ring_leave(trv_ring_t *ring, uint64_t number);


#pragma GCC visibility pop


#endif /* _TRV_RING_H_INCLUDED_ */
