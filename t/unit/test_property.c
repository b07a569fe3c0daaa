
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Random entries and random tokens: what expansion, table and matching say
 * together is what the log says, taken literally (naive.h).  Half of the
 * tokens are JWTs, whose claims are read, and remembered.
 *
 * The first argument is a seed, the second one a number of rounds.
 *
 * What makes it fail: nearly everything.  In trv_shape_normalize() no sorting;
 * in trv_match_chain() the last value of a field only; in trv_term_merge() the
 * earlier end; in trv_expand_next() combinations that are left out; in
 * trv_match_fingerprint() no shape; in trv_match_issued() no leeway.
 */


#include "engine.h"
#include "random.h"
#include "trv_claims.h"
#include "trv_memo.h"


#ifndef ROUNDS
#define ROUNDS    2500            /* stress_property.c runs more of them */
#endif

#define ENTRIES   20              /* in a round */
#define TOKENS    20
#define SEED      UINT64_C(0x2545f4914f6cdd1d)


static engine_t        en;
static trv_memo_t     *memo;
static naive_t         naive;
static naive_entry_t   entries[ENTRIES];
static uint64_t        refusals, undated, jwts, remembered;


/* without a JWT: its values as they are */

static void
plain_traits(const naive_token_t *token, trv_traits_t *traits)
{
    text_t    t;
    unsigned  f, v;

    static const char *const  names[NFIELDS] = {
        [F_TOKEN] = "token", [F_KID] = "kid", [F_SUB] = "sub",
        [F_AUD] = "aud", [F_CLAIM_KID] = "claim.kid",
        [F_CLAIM_DEVICE] = "claim.device", [F_REALM] = "realm.r",
        [F_DEVICE] = "attr.device"
    };

    t.len = 0;

    for (f = 0; f < F_ALL; f++) {
        for (v = 0; v < NAIVE_VALUES; v++) {
            if (token->values[f] >> v & 1) {
                say(&t, "%s=%s;", names[f], naive_values[v]);
            }
        }
    }

    if (token->issued != NAIVE_NO_IAT) {
        say(&t, "iat=%" PRId64 ";", token->issued);
    }

    t.text[t.len] = '\0';

    engine_token(&en, t.text, traits);
}


/* as a request with a JWT does it */

static void
jwt_traits(const naive_token_t *token, trv_traits_t *traits)
{
    int           again;
    text_t        jwt;
    unsigned      v;
    trv_str_t     raw, name, value;
    trv_ticket_t  ticket;

    make_jwt(token, &jwt);

    raw.data = (const uint8_t *) jwt.text;
    raw.len = jwt.len;

    for (again = 0; again < 2; again++) {

        if (trv_memo_get(memo, raw, en.plan->generation, traits, &ticket)
            == TRV_OK)
        {
            remembered++;
            break;
        }

        if (trv_claims_read(en.digest, &en.zone.table, en.plan, raw, NULL,
                            traits)
            != TRV_OK)
        {
            exit(2);
        }

        trv_memo_put(memo, &ticket, en.plan->generation, traits);
    }

    name.data = (const uint8_t *) "device";
    name.len = 6;

    for (v = 0; v < NAIVE_VALUES; v++) {
        if (token->values[F_DEVICE] >> v & 1) {
            value.data = (const uint8_t *) naive_values[v];
            value.len = strlen(naive_values[v]);

            engine_trait(&en, traits, name, value);
        }
    }

    jwts++;
}


/* an empty table; the numbers of shapes go on */

static void
empty(void)
{
    memset(en.zone.base, 0, en.zone.size);

    if (trv_table_format(en.zone.base, en.zone.size, secret) != TRV_OK) {
        exit(2);
    }

    en.with.writer = trv_writer_open(&en.zone.table, en.zone.memory);
    en.zone.writer = en.with.writer;

    trv_shapes_retire(en.shapes, UINT64_MAX);

    naive.n = 0;
}


static void
apply(void)
{
    size_t          i;
    text_t          t;
    trv_rc_t        rc;
    naive_entry_t  *e;

    en.with.retain = chance(2) ? 0 : 980 + chance(80);
    en.with.now = NOW;

    for (i = 0; i < ENTRIES; i++) {
        e = &entries[i];

        random_entry(e);
        write_entry(e, &t);
        naive_apply(&naive, e, en.with.retain, NOW);

        (void) engine_entry(&en, e->ms, t.text);

        rc = engine_expand(&en, trv_batch_first(en.batch), 1 + chance(20));
        trv_batch_shift(en.batch);

        if (rc != TRV_OK) {
            exit(2);
        }
    }

    trv_plan_load(en.plan, en.shapes);
}


static int
ask(void)
{
    int            want, dated, jwt;
    int64_t        now, leeway;
    trv_rc_t       rc;
    trv_match_t    match;
    trv_traits_t   traits;
    naive_token_t  token;

    jwt = (int) chance(2);
    now = NOW + 16 * chance(4);
    leeway = chance(2) ? 0 : chance(4);

    random_token(&token, jwt);

    if (jwt) {
        jwt_traits(&token, &traits);

    } else {
        plain_traits(&token, &traits);
    }

    rc = trv_match_lookup(&en.zone.table, en.plan, &traits, leeway, now,
                          &match);
    want = naive_refuses(&naive, &token, leeway, now, &dated);

    if (rc != (want ? TRV_OK : TRV_NONE)) {
        return 0;
    }

    if (!want) {
        return 1;
    }

    refusals++;
    undated += match.undated;

    /* if no rule refuses it but for want of a time, the match says so */

    return match.undated ? token.issued == NAIVE_NO_IAT : dated;
}


int
main(int argc, char **argv)
{
    uint32_t  i, n, rounds;
    uint64_t  wrong, asked, first;

    seed = argc > 1 ? strtoull(argv[1], NULL, 0) : SEED;
    rounds = argc > 2 ? (uint32_t) strtoul(argv[2], NULL, 0) : ROUNDS;

    printf("# seed 0x%" PRIx64 "\n", seed);

    engine_open(&en, 64 * KB);

    memo = trv_memo_open(engine_alloc(trv_memo_size(64)), 64, secret);

    wrong = 0;
    asked = 0;
    first = 0;

    for (i = 0; i < rounds; i++) {
        empty();
        apply();

        for (n = 0; n < TOKENS; n++, asked++) {

            if (!ask() && wrong++ == 0) {
                first = i + 1;
            }
        }
    }

    printf("# %u entries, %" PRIu64 " tokens (%" PRIu64 " JWTs, %" PRIu64
           " remembered), %" PRIu64 " refused (%" PRIu64 " undated)\n",
           rounds * ENTRIES, asked, jwts, remembered, refusals, undated);

    if (wrong != 0) {
        printf("# the first one is in round %" PRIu64 "\n", first);
    }

    tap_ok(refusals > asked / 10 && refusals < asked - asked / 10,
           "some tokens are refused, and some are not");
    tap_ok(jwts > asked / 3 && remembered >= jwts / 2,
           "many are JWTs, and are remembered");
    tap_uint(wrong, 0, "each as the log says");

    free(memo);
    engine_close(&en);

    return tap_done();
}
