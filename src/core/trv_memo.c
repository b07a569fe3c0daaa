
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What was computed for tokens.
 *
 *     +--------+-------+-----+---------+
 *     | header | set 0 | ... | set n-1 |      set = low bits of the hash
 *     +--------+-------+-----+---------+
 *
 *     +---------------------+--------+--------+--------+--------+
 *     | 4 hashes of tokens  | slot 0 | slot 1 | slot 2 | slot 3 |
 *     +---------------------+--------+--------+--------+--------+
 *      one cache line
 *
 * A slot whose "used" is 0 is free; otherwise "used" counts the uses of all
 * slots, and the smallest of a set is the one that is replaced.
 */


#include "trv_mac.h"
#include "trv_memo.h"


#define TRV_MEMO_WAYS  4


typedef struct {
    uint64_t     used;
    uint64_t     generation;
    int64_t      issued;
    uint64_t     had;
    uint8_t      unreadable;
    uint8_t      nids;
    uint8_t      probed;
    uint8_t      n;                   /* probes, or else values */
    uint8_t      reserved[12];
    uint8_t      id[TRV_IDS][TRV_SHA256_LEN];

    union {
        trv_probe_t      probe[TRV_PROBES];

        struct {
            uint16_t     selector[TRV_MEMO_TRAITS];
            trv_value_t  value[TRV_MEMO_TRAITS];
        } trait;
    } u;
} trv_memo_slot_t;


typedef struct {
    trv_ticket_t     ticket[TRV_MEMO_WAYS];
    trv_memo_slot_t  slot[TRV_MEMO_WAYS];
} trv_memo_set_t;


struct trv_memo_s {
    trv_mac_t       mac;
    uint64_t        mask;             /* number of sets, less 1 */
    uint64_t        uses;
    uint64_t        reserved[2];
    trv_memo_set_t  set[];
};


/* sets begin at a cache line */

typedef char  trv_memo_size_t[sizeof(trv_memo_set_t) % 64 == 0
                              && sizeof(trv_memo_t) % 64 == 0 ? 1 : -1];


static uint64_t trv_memo_sets(unsigned slots);
static trv_memo_slot_t *trv_memo_find(trv_memo_set_t *set,
    const trv_ticket_t *ticket);
static trv_memo_slot_t *trv_memo_oldest(trv_memo_set_t *set);
static void trv_memo_save(trv_memo_slot_t *slot, const trv_traits_t *traits);
static void trv_memo_load(const trv_memo_slot_t *slot, trv_traits_t *traits);


static uint64_t
trv_memo_sets(unsigned slots)
{
    uint64_t  n;

    for (n = 1; n * TRV_MEMO_WAYS < slots; n *= 2) {
        /* void */
    }

    return n;
}


size_t
trv_memo_size(unsigned slots)
{
    return sizeof(trv_memo_t)
           + (size_t) trv_memo_sets(slots) * sizeof(trv_memo_set_t);
}


trv_memo_t *
trv_memo_open(void *memory, unsigned slots, const uint8_t key[TRV_KEY_LEN])
{
    trv_memo_t  *memo;

    memo = memory;

    memset(memo, 0, trv_memo_size(slots));

    trv_mac_open(&memo->mac, key);
    memo->mask = trv_memo_sets(slots) - 1;

    return memo;
}


trv_rc_t
trv_memo_get(trv_memo_t *memo, trv_str_t token, uint64_t generation,
    trv_traits_t *traits, trv_ticket_t *ticket)
{
    trv_hash128_t     hash;
    trv_memo_slot_t  *slot;

    hash = trv_mac(&memo->mac, token);

    ticket->w[0] = hash.w[0];
    ticket->w[1] = hash.w[1];

    slot = trv_memo_find(&memo->set[ticket->w[0] & memo->mask], ticket);

    if (slot == NULL || slot->generation != generation) {
        return TRV_NONE;
    }

    slot->used = ++memo->uses;

    trv_memo_load(slot, traits);

    return TRV_OK;
}


void
trv_memo_put(trv_memo_t *memo, const trv_ticket_t *ticket, uint64_t generation,
    const trv_traits_t *traits)
{
    trv_memo_set_t   *set;
    trv_memo_slot_t  *slot;

    if (!traits->probed
        && (traits->crowded || traits->ntraits > TRV_MEMO_TRAITS))
    {
        return;
    }

    set = &memo->set[ticket->w[0] & memo->mask];
    slot = trv_memo_find(set, ticket);

    if (slot == NULL) {
        slot = trv_memo_oldest(set);
        set->ticket[slot - set->slot] = *ticket;
    }

    slot->used = ++memo->uses;
    slot->generation = generation;

    trv_memo_save(slot, traits);
}


static void
trv_memo_save(trv_memo_slot_t *slot, const trv_traits_t *traits)
{
    unsigned  i;

    slot->issued = traits->issued;
    slot->had = traits->had;
    slot->unreadable = traits->unreadable;
    slot->nids = (uint8_t) traits->nids;
    slot->probed = traits->probed;

    memcpy(slot->id, traits->id, traits->nids * (size_t) TRV_SHA256_LEN);

    if (traits->probed) {
        slot->n = (uint8_t) traits->nprobes;
        memcpy(slot->u.probe, traits->probe, slot->n * sizeof(trv_probe_t));
        return;
    }

    slot->n = (uint8_t) traits->ntraits;

    for (i = 0; i < slot->n; i++) {
        slot->u.trait.selector[i] = traits->trait[i].selector;
        slot->u.trait.value[i] = traits->trait[i].value;
    }
}


static void
trv_memo_load(const trv_memo_slot_t *slot, trv_traits_t *traits)
{
    unsigned  i;

    traits->issued = slot->issued;
    traits->had = slot->had;
    traits->unreadable = slot->unreadable;
    traits->crowded = 0;
    traits->probed = slot->probed;
    traits->nids = slot->nids;
    traits->ntraits = 0;

    memcpy(traits->id, slot->id, slot->nids * (size_t) TRV_SHA256_LEN);

    if (slot->probed) {
        traits->nprobes = slot->n;
        memcpy(traits->probe, slot->u.probe, slot->n * sizeof(trv_probe_t));
        return;
    }

    traits->ntraits = slot->n;

    for (i = 0; i < slot->n; i++) {
        traits->trait[i].selector = slot->u.trait.selector[i];
        traits->trait[i].value = slot->u.trait.value[i];
    }
}


static trv_memo_slot_t *
trv_memo_find(trv_memo_set_t *set, const trv_ticket_t *ticket)
{
    unsigned  i;

    for (i = 0; i < TRV_MEMO_WAYS; i++) {

        if (set->ticket[i].w[0] == ticket->w[0]
            && set->ticket[i].w[1] == ticket->w[1]
            && set->slot[i].used != 0)
        {
            return &set->slot[i];
        }
    }

    return NULL;
}


static trv_memo_slot_t *
trv_memo_oldest(trv_memo_set_t *set)
{
    unsigned          i;
    trv_memo_slot_t  *slot;

    slot = &set->slot[0];

    for (i = 1; i < TRV_MEMO_WAYS; i++) {
        if (set->slot[i].used < slot->used) {
            slot = &set->slot[i];
        }
    }

    return slot;
}
