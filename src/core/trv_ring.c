
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_ring.h"


static trv_ring_slot_t *
trv_ring_slot(const trv_ring_t *ring, uint64_t number)
{
    return &ring->slot[number & (ring->size - 1)];
}


trv_ring_slot_t *
trv_ring_move(trv_ring_t *ring, trv_ring_slot_t *slot, uint64_t size)
{
    uint64_t          number;
    trv_ring_slot_t  *old;

    for (number = ring->first; number != ring->next; number++) {
        slot[number & (size - 1)] = *trv_ring_slot(ring, number);
    }

    old = ring->slot;

    ring->slot = slot;
    ring->size = size;

    return old;
}


uint64_t
trv_ring_push(trv_ring_t *ring, void *who, uint64_t at)
{
    trv_ring_slot_t  *slot;

    slot = trv_ring_slot(ring, ring->next);

    slot->who = who;
    slot->at = at;

    return ring->next++;
}


const trv_ring_slot_t *
trv_ring_peek(const trv_ring_t *ring)
{
    return trv_ring_count(ring) ? trv_ring_slot(ring, ring->first) : NULL;
}


void
trv_ring_pop(trv_ring_t *ring)
{
    if (trv_ring_count(ring)) {
        ring->first++;
    }
}


void
trv_ring_leave(trv_ring_t *ring, uint64_t number)
{
    if (number - ring->first < trv_ring_count(ring)) {
        trv_ring_slot(ring, number)->who = NULL;
    }
}
