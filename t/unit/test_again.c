
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A log that is read again, in two passes, against the same log read once.
 * Over the zone that has applied it nothing may change at any moment; in an
 * empty zone nothing may appear that the log lifts in the end.
 *
 * What makes it fail: in trv_expand_skips() any of its conditions; in
 * trv_expand_collect_rule() that a rule was revoked again; in
 * trv_expand_kind() a number that is the same for all shapes.
 */


#include "engine.h"
#include "trv_lifted.h"


#define LOG    40
#define TRIES  400


static const char  *revokes[] = {
    "token=a", "token=b", "token=a;token=b;token=c",
    "sub=a", "sub=b", "sub=a;sub=b", "jti=a", "sub=a;iss=i", "sub=b;iss=i",
    "sub=a;before=always", "all=1"
};


static const char  *restores[] = {
    "token=a;action=restore", "token=b;token=c;action=restore",
    "sub=a;action=restore", "sub=b;action=restore", "jti=a;action=restore",
    "sub=a;sub=b;iss=i;action=restore", "all=1;action=restore"
};


static const char  *tokens[] = {
    "token=a;iat=1", "token=b;iat=1", "token=c;iat=1", "token=d;iat=1",
    "sub=a;iat=1", "sub=b;iat=1", "jti=a;iat=1", "sub=a;iss=i;iat=1",
    "sub=b;iss=i;iat=1", "sub=a"
};

#define NTOKENS  (sizeof(tokens) / sizeof(tokens[0]))


static uint32_t  seed = 1;


static unsigned
pick(unsigned n)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 16) % n;
}


static unsigned
verdicts(engine_t *en)
{
    size_t       i;
    unsigned     refused;
    trv_match_t  match;

    trv_plan_load(en->plan, en->shapes);

    refused = 0;

    for (i = 0; i < NTOKENS; i++) {
        if (engine_ask(en, tokens[i], 0, &match) == TRV_OK) {
            refused |= 1U << i;
        }
    }

    return refused;
}


static void
apply(engine_t *en, const char *text, unsigned n)
{
    if (engine_expand(en, engine_entry(en, ENGINE_MS + n, text), 2)
        != TRV_OK)
    {
        exit(2);
    }

    trv_batch_shift(en->batch);
}


/*
 * Reads the log again.  Returns the tokens that were ever refused meanwhile,
 * and those that ever passed.
 */

static void
again(engine_t *en, const char **log, unsigned n, unsigned seen,
    unsigned *refused, unsigned *passed)
{
    unsigned  i, now;

    en->with.lifted = trv_lifted_create();
    en->with.seen.ms = seen != 0 ? ENGINE_MS + seen - 1 : 0;
    en->with.seen.seq = 0;
    en->with.mode = TRV_EXPAND_COLLECT;

    now = verdicts(en);

    *refused = now;
    *passed = ~now;

    for (i = 0; i < n; i++) {
        apply(en, log[i], i);
    }

    *refused |= verdicts(en);
    *passed |= ~verdicts(en);

    en->with.mode = TRV_EXPAND_REPLAY;

    for (i = 0; i < n; i++) {
        apply(en, log[i], i);

        now = verdicts(en);

        *refused |= now;
        *passed |= ~now;
    }

    trv_lifted_destroy(en->with.lifted);

    en->with.lifted = NULL;
    en->with.mode = TRV_EXPAND_APPLY;
}


static void
test_log(unsigned try)
{
    unsigned     i, truth, refused, passed;
    engine_t     once, fresh;
    const char  *log[LOG];

    engine_open(&once, 64 * KB);
    engine_open(&fresh, 64 * KB);

    for (i = 0; i < LOG; i++) {
        log[i] = pick(3) ? revokes[pick(nelts(revokes))]
                         : restores[pick(nelts(restores))];
        apply(&once, log[i], i);
    }

    truth = verdicts(&once);

    again(&once, log, LOG, LOG, &refused, &passed);

    tap_ok(refused == truth && (unsigned) ~passed == truth,
           "log %u, applied before: %x, ever refused %x, always %x",
           try, truth, refused, (unsigned) ~passed);

    again(&once, log, LOG, 0, &refused, &passed);

    tap_ok(refused == truth && (unsigned) ~passed == truth,
           "log %u, as if it were another one: %x, ever refused %x, always %x",
           try, truth, refused, (unsigned) ~passed);

    again(&fresh, log, LOG, 0, &refused, &passed);

    tap_ok(verdicts(&fresh) == truth && (refused & ~truth) == 0,
           "log %u, empty zone: %x, ever refused %x, then %x",
           try, truth, refused, verdicts(&fresh));

    engine_close(&once);
    engine_close(&fresh);
}


/* what is revoked again may be less than what was lifted */

static void
test_weaker(void)
{
    unsigned     refused, passed;
    engine_t     en;
    const char  *log[] = {
        "sub=a;action=restore", "sub=a;before=10"
    };

    engine_open(&en, 64 * KB);

    apply(&en, "sub=a;before=always", 0);
    again(&en, log, 2, 0, &refused, &passed);

    tap_ok(engine_ask(&en, "sub=a;iat=11", 0, &(trv_match_t) { 0 })
           == TRV_NONE
           && engine_ask(&en, "sub=a;iat=10", 0, &(trv_match_t) { 0 })
              == TRV_OK,
           "another log lifts \"always\" and revokes what was issued before");

    engine_close(&en);
}


/* many, each with its own ID, and some of them again */

static void
test_lifted(void)
{
    unsigned           i;
    zone_t             z;
    trv_id_t           id;
    trv_lifted_t      *lifted;
    trv_lift_t        *lift;

    z = zone_open(64 * KB);
    lifted = trv_lifted_create();
    id.seq = 0;

    tap_ok(trv_lifted_count(lifted) == 0
           && trv_lifted_find(lifted, key(&z, 1)) == NULL,
           "nothing is lifted");

    trv_lifted_again(lifted, key(&z, 1));

    for (i = 0; i < 10000; i++) {
        id.ms = i;

        if (trv_lifted_add(lifted, key(&z, i % 5000), id) != TRV_OK) {
            break;
        }
    }

    for (i = 0; i < 5000; i += 2) {
        trv_lifted_again(lifted, key(&z, i));
    }

    tap_ok(trv_lifted_count(lifted) == 5000, "each of them once");

    for (i = 0; i < 5000; i++) {
        lift = trv_lifted_find(lifted, key(&z, i));

        if (lift == NULL || lift->id.ms != i + 5000
            || lift->again != (i % 2 == 0))
        {
            break;
        }
    }

    tap_ok(i == 5000, "with its last restore");
    tap_ok(trv_lifted_find(lifted, key(&z, 5000)) == NULL, "and no others");

    trv_lifted_destroy(lifted);
    zone_close(&z);
}


int
main(void)
{
    unsigned  try;

    test_lifted();
    test_weaker();

    for (try = 0; try < TRIES; try++) {
        test_log(try);
    }

    return tap_done();
}
