
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The ring of questions, against a list that is as simple as can be.
 */


#include <stdlib.h>
#include <string.h>
#include "tap.h"

#include "trv_ring.h"


#define STEPS  20000


static void
grow(trv_ring_t *ring)
{
    uint64_t          size;
    trv_ring_slot_t  *slot;

    size = ring->size ? ring->size * 2 : 2;
    slot = malloc(size * sizeof(trv_ring_slot_t));

    memset(slot, 0xa5, size * sizeof(trv_ring_slot_t));
    free(trv_ring_move(ring, slot, size));
}


/* numbers go up to STEPS, and who asks has an address of its own */

static void
random_steps(unsigned seed)
{
    static char   who[STEPS];
    static char  *list[STEPS + 2];

    size_t                  i, first, next, left, wrong;
    trv_ring_t              ring;
    const trv_ring_slot_t  *slot;

    memset(&ring, 0, sizeof(trv_ring_t));
    srand(seed);

    first = 0;
    next = 0;
    wrong = 0;

    for (i = 0; i < STEPS; i++) {

        switch (rand() % (i / 1000 % 2 ? 5 : 3)) {

        case 0:
        case 1:
            if (trv_ring_full(&ring)) {
                grow(&ring);
            }

            wrong += trv_ring_push(&ring, &who[next], next + 7) != next;
            list[next] = &who[next];
            next++;
            break;

        case 2:
            left = (size_t) rand() % (next + 2);

            trv_ring_leave(&ring, left);
            list[left] = NULL;
            break;

        default:
            trv_ring_pop(&ring);
            first += first != next;
        }

        wrong += trv_ring_count(&ring) != next - first;

        slot = trv_ring_peek(&ring);

        if (first == next) {
            wrong += slot != NULL;
            continue;
        }

        wrong += slot->at != first + 7;
        wrong += slot->who != list[first];
    }

    tap_uint(wrong, 0, "it is a list");

    free(ring.slot);
}


static void
leaving(void)
{
    int                     a, b, c;
    uint64_t                n;
    trv_ring_t              ring;
    const trv_ring_slot_t  *slot;

    memset(&ring, 0, sizeof(trv_ring_t));

    tap_ok(trv_ring_peek(&ring) == NULL, "nothing was asked");
    trv_ring_pop(&ring);
    trv_ring_leave(&ring, 0);
    tap_uint(trv_ring_count(&ring), 0, "and nothing can be taken");

    grow(&ring);
    (void) trv_ring_push(&ring, &a, 1);
    n = trv_ring_push(&ring, &b, 2);
    grow(&ring);
    (void) trv_ring_push(&ring, &c, 3);

    trv_ring_leave(&ring, n);
    trv_ring_leave(&ring, n + 2);

    slot = trv_ring_peek(&ring);
    tap_ok(slot->who == &a && slot->at == 1, "the first one");
    trv_ring_pop(&ring);

    slot = trv_ring_peek(&ring);
    tap_ok(slot->who == NULL && slot->at == 2, "who left keeps the place");
    trv_ring_pop(&ring);

    trv_ring_leave(&ring, n);
    slot = trv_ring_peek(&ring);
    tap_ok(slot->who == &c && slot->at == 3, "what was answered stays");

    trv_ring_leave(&ring, n + 1);
    tap_ok(trv_ring_peek(&ring)->who == NULL, "nobody waits for the last");
    tap_uint(trv_ring_count(&ring), 1, "which is still to come");

    free(ring.slot);
}


int
main(void)
{
    unsigned  i;

    leaving();

    for (i = 0; i < 10; i++) {
        random_steps(i);
    }

    return tap_done();
}
