
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What was computed for a token is given back for just this token and just
 * this generation of the shapes, or not at all; of a set, the slot that was
 * used least recently is replaced.
 *
 * What makes it fail: in trv_memo_find() comparing less than both words whole;
 * in trv_memo_get() a generation that is not older, instead of the same; in
 * trv_memo_put() a slot whose generation stays; in trv_memo_oldest() the
 * newest; no use counted in trv_memo_get().
 */


#include <stdlib.h>

#include "trv_memo.h"
#include "chance.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))

#define LOOKUPS   1000000
#define TOKENS    200000
#define SLOTS     1000
#define FEW       2000            /* tokens of which half a million comes */


static const uint8_t  secret[TRV_KEY_LEN] = "fedcba9876543210";


static trv_memo_t *
memo_open(unsigned slots)
{
    void  *p;

    if (posix_memalign(&p, 64, trv_memo_size(slots)) != 0) {
        exit(2);
    }

    memset(p, 0xa5, trv_memo_size(slots));

    return trv_memo_open(p, slots, secret);
}


/* what there is to know of a token under a generation */

static void
compute(uint32_t token, uint64_t generation, trv_traits_t *traits)
{
    unsigned  i;

    memset(traits, 0, sizeof(trv_traits_t));

    traits->issued = token % 5 ? (int64_t) (token * 100 + generation)
                               : TRV_ISSUED_UNKNOWN;
    traits->unreadable = token % 7 == 0;
    traits->nids = (uint16_t) (token % (TRV_IDS + 1));
    traits->ntraits = (uint16_t) ((token + generation) % 20);

    for (i = 0; i < traits->nids; i++) {
        memset(traits->id[i], (int) (token + i), TRV_SHA256_LEN);
    }

    traits->probed = token % 3 == 0;
    traits->had = token % 3 * generation;
    traits->nprobes = (uint16_t) ((token + generation) % (TRV_PROBES + 1));

    for (i = 0; i < traits->nprobes; i++) {
        traits->probe[i].a = token;
        traits->probe[i].g = (uint32_t) generation * 100 + i;
        traits->probe[i].shape = i;
    }

    for (i = 0; i < traits->ntraits; i++) {
        traits->trait[i].selector = (uint16_t) (token + i * generation);
        traits->trait[i].value.w[0] = token;
        traits->trait[i].value.w[1] = generation * 100 + i;
    }
}


static int
same(const trv_traits_t *a, const trv_traits_t *b)
{
    unsigned  i;

    if (a->issued != b->issued || a->unreadable != b->unreadable
        || a->crowded != b->crowded || a->nids != b->nids
        || a->probed != b->probed || a->had != b->had
        || memcmp(a->id, b->id, a->nids * TRV_SHA256_LEN) != 0)
    {
        return 0;
    }

    if (a->probed) {
        return a->nprobes == b->nprobes
               && memcmp(a->probe, b->probe, a->nprobes * sizeof(trv_probe_t))
                  == 0;
    }

    if (a->ntraits != b->ntraits) {
        return 0;
    }

    for (i = 0; i < a->ntraits; i++) {
        if (a->trait[i].selector != b->trait[i].selector
            || a->trait[i].value.w[0] != b->trait[i].value.w[0]
            || a->trait[i].value.w[1] != b->trait[i].value.w[1])
        {
            return 0;
        }
    }

    return 1;
}


static trv_str_t
name(uint32_t token, char buf[32])
{
    trv_str_t  s;

    s.len = (size_t) snprintf(buf, 32, "token-%" PRIu32, token);
    s.data = (const uint8_t *) buf;

    return s;
}


static trv_rc_t
get(trv_memo_t *memo, uint32_t token, uint64_t generation,
    trv_traits_t *traits, trv_ticket_t *ticket)
{
    char  buf[32];

    memset(traits, 0xa5, sizeof(trv_traits_t));

    return trv_memo_get(memo, name(token, buf), generation, traits, ticket);
}


static void
put(trv_memo_t *memo, uint32_t token, uint64_t generation)
{
    trv_ticket_t  ticket;
    trv_traits_t  traits;

    if (get(memo, token, generation, &traits, &ticket) != TRV_OK) {
        compute(token, generation, &traits);
        trv_memo_put(memo, &ticket, generation, &traits);
    }
}


static int
has(trv_memo_t *memo, uint32_t token, uint64_t generation)
{
    trv_ticket_t  ticket;
    trv_traits_t  traits, want;

    compute(token, generation, &want);

    return get(memo, token, generation, &traits, &ticket) == TRV_OK
           && same(&traits, &want);
}


static void
test_random(void)
{
    uint32_t      i, token;
    uint64_t      generation, wrong, hits;
    trv_memo_t   *memo;
    trv_ticket_t  ticket;
    trv_traits_t  traits, want;

    memo = memo_open(SLOTS);
    generation = 0;
    wrong = 0;
    hits = 0;

    for (i = 0; i < LOOKUPS; i++) {

        token = chance(chance(2) ? FEW : TOKENS);

        /* to and fro: an older one must not be answered for either */

        if (chance(1000) == 0) {
            generation = chance(4);
        }

        if (get(memo, token, generation, &traits, &ticket) == TRV_OK) {
            compute(token, generation, &want);
            wrong += !same(&traits, &want);
            hits++;
            continue;
        }

        compute(token, generation, &traits);
        trv_memo_put(memo, &ticket, generation, &traits);
    }

    printf("# %" PRIu64 " hits\n", hits);

    tap_ok(hits > LOOKUPS / 20 && hits < LOOKUPS / 2, "some are remembered");
    tap_uint(wrong, 0, "each for its token and its generation");

    free(memo);
}


/* four slots are one set: the order of use is known */

static void
test_oldest(void)
{
    uint32_t      i;
    trv_memo_t   *memo;

    memo = memo_open(4);

    for (i = 1; i <= 4; i++) {
        put(memo, i, 1);
    }

    tap_ok(has(memo, 1, 1) && has(memo, 3, 1) && has(memo, 4, 1)
           && has(memo, 1, 1), "four tokens have room");

    put(memo, 5, 1);

    tap_ok(!has(memo, 2, 1), "the one used least recently goes");
    tap_ok(has(memo, 1, 1) && has(memo, 3, 1) && has(memo, 4, 1)
           && has(memo, 5, 1), "the others stay");

    put(memo, 3, 2);

    tap_ok(has(memo, 3, 2) && !has(memo, 3, 1),
           "a new generation takes the place of its token's last one");
    tap_ok(has(memo, 1, 1) && has(memo, 4, 1) && has(memo, 5, 1),
           "and of no other");

    free(memo);
}


static void
test_refused(void)
{
    trv_memo_t   *memo;
    trv_ticket_t  ticket;
    trv_traits_t  traits, back;

    memo = memo_open(4);

    tap_ok(get(memo, 9, 0, &traits, &ticket) == TRV_NONE,
           "an empty one knows nothing, also not of generation 0");

    compute(9, 0, &traits);
    traits.probed = 0;
    traits.crowded = 1;
    trv_memo_put(memo, &ticket, 0, &traits);

    tap_ok(get(memo, 9, 0, &back, &ticket) == TRV_NONE, "crowded: not kept");

    traits.crowded = 0;
    traits.ntraits = TRV_MEMO_TRAITS + 1;
    trv_memo_put(memo, &ticket, 0, &traits);

    tap_ok(get(memo, 9, 0, &back, &ticket) == TRV_NONE,
           "more values than there is room for: not kept");

    traits.ntraits = TRV_MEMO_TRAITS;
    trv_memo_put(memo, &ticket, 0, &traits);

    tap_ok(get(memo, 9, 0, &back, &ticket) == TRV_OK && same(&traits, &back),
           "just as many: kept");

    get(memo, 10, 0, &back, &ticket);

    traits.probed = 1;
    traits.ntraits = TRV_TRAITS;
    trv_memo_put(memo, &ticket, 0, &traits);

    tap_ok(get(memo, 10, 0, &back, &ticket) == TRV_OK && same(&traits, &back)
           && back.ntraits == 0, "probed: kept, whatever its values are");

    free(memo);
}


static void
test_size(void)
{
    size_t  set;

    set = trv_memo_size(8) - trv_memo_size(4);

    tap_ok(set % 64 == 0 && set / 4 <= 512, "a slot takes %zu bytes", set / 4);

    tap_ok(trv_memo_size(0) == trv_memo_size(4)
           && trv_memo_size(5) == trv_memo_size(8)
           && trv_memo_size(1000) == trv_memo_size(1024),
           "slots are rounded up");
}


int
main(void)
{
    seed = UINT64_C(0xda3e39cb94b95bdb);

    test_size();
    test_refused();
    test_oldest();
    test_random();

    return tap_done();
}
