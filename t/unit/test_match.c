
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Does a rule refuse a token?  The table of cases; then every combination of
 * cut-off, issue time, leeway and fields; then the limits.
 *
 * What makes it fail: in trv_match_issued() the leeway added instead of
 * subtracted, or subtracted from what is not known; in trv_match_shape() not
 * going back to the head of a chain; in trv_match_lookup() no last flush;
 * TRV_LIMIT before a match.
 */


#include "engine.h"


/* SHA-256 of "a" */

#define A_HEX                                                                 \
    "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


typedef struct {
    const char  *rules[3];
    const char  *token;
    trv_rc_t     rc;
    const char  *name;
} match_case_t;


static const match_case_t  cases[] = {

    { { "sub=alice" }, "sub=alice;iat=1", TRV_OK, "a claim" },
    { { "sub=alice" }, "sub=bob;iat=1", TRV_NONE, "another value" },
    { { "sub=alice" }, "aud=alice;iat=1", TRV_NONE, "another claim" },
    { { "sub=alice" }, "sub=alic;sub=Alice;sub=alicee", TRV_NONE,
      "bytes are compared" },
    { { "sub=" }, "sub=", TRV_OK, "an empty value" },
    { { "sub=" }, "aud=x", TRV_NONE, "is not a missing one" },
    { { "claim.sub=alice" }, "sub=alice", TRV_OK, "claim.sub is sub" },
    { { "kid=1" }, "header.kid=1", TRV_OK, "kid is of the header" },
    { { "kid=1" }, "claim.kid=1", TRV_NONE, "and no claim" },
    { { "claim.kid=1" }, "claim.kid=1", TRV_OK, "unless it says so" },
    { { "device=d" }, "attr.device=d", TRV_OK, "an attribute" },
    { { "device=d" }, "claim.device=d", TRV_NONE, "is no claim" },
    { { "attr.other=d" }, "attr.other=d", TRV_OK, "one defined elsewhere" },

    { { "sub=a;iss=i" }, "sub=a;iss=i", TRV_OK, "AND: both" },
    { { "sub=a;iss=i" }, "sub=a", TRV_NONE, "AND: the first one" },
    { { "sub=a;iss=i" }, "iss=i", TRV_NONE, "AND: the second one" },
    { { "sub=a;iss=i" }, "sub=a;iss=j", TRV_NONE, "AND: another value" },
    { { "sub=a;iss=i" }, "sub=i;iss=a", TRV_NONE, "AND: exchanged" },
    { { "sub=a;sub=b" }, "sub=b", TRV_OK, "OR: the second one" },
    { { "sub=a;sub=b" }, "sub=c", TRV_NONE, "OR: none" },
    { { "sub=a;claim.sub=b" }, "sub=a", TRV_OK, "OR of two spellings" },
    { { "sub=a;claim.sub=b" }, "sub=b", TRV_OK, "OR of two spellings, 2" },
    { { "sub=a;iss=i;sub=b;iss=j" }, "sub=b;iss=i", TRV_OK, "AND of ORs" },
    { { "sub=a;iss=i;sub=b;iss=j" }, "sub=a;iss=j", TRV_OK, "AND of ORs, 2" },
    { { "sub=a;iss=i;sub=b;iss=j" }, "sub=a", TRV_NONE, "AND of ORs, 3" },

    { { "aud=x" }, "aud=w;aud=x;aud=y", TRV_OK, "any element of an array" },
    { { "aud=x;sub=a" }, "aud=w;aud=x;sub=a", TRV_OK, "an array and AND" },
    { { "aud=x;sub=a" }, "aud=w;aud=y;sub=a", TRV_NONE, "none of the array" },
    { { "aud=x;roles=r" }, "aud=1;aud=2;aud=x;roles=1;roles=r", TRV_OK,
      "two arrays" },
    { { "aud=x;roles=r" }, "aud=x;aud=r;roles=x;roles=1", TRV_NONE,
      "two arrays, exchanged" },

    { { "all=1" }, "sub=a;iat=1", TRV_OK, "all" },
    { { "all=1" }, "token=a", TRV_OK, "all, an opaque token" },
    { { "all=" }, "", TRV_OK, "all, nothing is known" },
    { { "all=1;sub=a" }, "sub=b", TRV_NONE, "all and a claim is the claim" },
    { { "all=1;sub=a" }, "sub=a", TRV_OK, "all and a claim" },
    { { "all=1;before=9" }, "iat=10", TRV_NONE, "all of an older time" },

    { { "token=a" }, "token=a;iat=" "9999999999", TRV_OK, "a token, always" },
    { { "token=" A_HEX }, "token=a", TRV_OK, "by its hash" },
    { { "token=a" }, "token=b", TRV_NONE, "another token" },
    { { "token=b;token=c" }, "token=a;token=c", TRV_OK,
      "one of its identities" },
    { { "token=a;before=9" }, "token=a;iat=10", TRV_NONE,
      "a token before it was issued" },
    { { "token=a;before=9" }, "token=a;iat=9", TRV_OK, "and at that time" },
    { { "token=a;host=h" }, "token=a;host=h", TRV_OK, "a token at a host" },
    { { "token=a;host=h" }, "token=a;host=g", TRV_NONE, "at another host" },
    { { "token=a;host=h" }, "token=b;host=h", TRV_NONE, "another token there" },
    { { "token=b;host=h" }, "token=a;token=b;host=h", TRV_OK,
      "its second identity there" },
    { { "token=a;all=1" }, "token=b", TRV_NONE, "token and all is token" },
    { { "token=a;all=1" }, "token=a", TRV_OK, "token and all" },

    { { "sub=a;before=5", "sub=a;before=always;until=1" }, "sub=a;iat=6",
      TRV_NONE, "what has ended does not count" },
    { { "sub=a;before=5", "sub=a;before=always" }, "sub=a;iat=6", TRV_OK,
      "always beside a time" },
    { { "sub=a;before=5", "iss=i;before=9", "sub=a;iss=i;before=7" },
      "sub=a;iss=i;iat=8", TRV_OK, "one of three shapes" },
    { { "sub=a;before=5", "iss=i;before=6", "sub=a;iss=i;before=7" },
      "sub=a;iss=i;iat=8", TRV_NONE, "none of three shapes" },
    { { "sub=a", "sub=a;action=restore" }, "sub=a", TRV_NONE, "restored" },
    { { "jti=1" }, "jti=1;iat=9999999999", TRV_OK, "jti is for always" },
    { { "sub=1;before=-5" }, "sub=1;iat=0", TRV_OK, "before 1970 is 1970" },
};


static void
test_case(const match_case_t *c)
{
    size_t       i;
    engine_t     en;
    trv_rc_t     rc;
    trv_match_t  match;

    engine_open(&en, 64 * KB);

    for (i = 0; i < nelts(c->rules) && c->rules[i] != NULL; i++) {
        if (engine_apply(&en, c->rules[i], 100) != TRV_OK) {
            tap_ok(0, "%s", c->rules[i]);
        }
    }

    rc = engine_ask(&en, c->token, 0, &match);

    tap_ok(rc == c->rc, "%s", c->name);

    engine_close(&en);
}


#define FOREVER  INT64_MAX


/* what the contract says, without a sum that could overflow */

static int
refuses(int64_t cutoff, int64_t issued, int64_t leeway)
{
    if (cutoff == FOREVER || issued == TRV_ISSUED_UNKNOWN || issued <= cutoff) {
        return 1;
    }

    return leeway >= FOREVER - cutoff || issued <= cutoff + leeway;
}


static const char *const  befores[] = { "0", "100", "always" };
static const int64_t      cutoffs[] = { 0, 100, FOREVER };
static const int64_t      issues[] = {
    TRV_ISSUED_UNKNOWN, TRV_ISSUED_UNKNOWN + 1, -1, 0, 1, 99, 100, 101,
    129, 130, 131, NOW, FOREVER - 1, FOREVER
};
static const int64_t      leeways[] = { 0, 1, 30, FOREVER };
static const char *const  fields[] = {
    "", "sub=a;", "iss=i;", "sub=a;iss=j;", "sub=a;iss=i;",
    "sub=b;sub=a;iss=j;iss=i;"
};

#define FIELDS_MATCH  4           /* from here on the fields match */


static int
enumerated(engine_t *en, size_t before, size_t issue, size_t leeway,
    size_t f)
{
    int          want, got, undated;
    char         text[ENGINE_TEXT];
    trv_match_t  match;

    match.undated = 0;

    want = f >= FIELDS_MATCH
           && refuses(cutoffs[before], issues[issue], leeways[leeway]);

    undated = want && issues[issue] == TRV_ISSUED_UNKNOWN
              && cutoffs[before] != FOREVER;

    snprintf(text, sizeof(text), "%siat=%" PRId64, fields[f], issues[issue]);

    got = engine_ask(en, text, leeways[leeway], &match) == TRV_OK;

    if (got == want && match.undated == (unsigned) undated) {
        return 1;
    }

    printf("# before %s, %s, leeway %" PRId64 ": %d\n", befores[before], text,
           leeways[leeway], got);

    return 0;
}


/* one rule {iss, sub}; every cut-off, issue time, leeway, choice of fields */

static void
test_enumerated(void)
{
    char      text[ENGINE_TEXT];
    size_t    b, n, i, total;
    engine_t  en;
    unsigned  wrong;

    n = nelts(issues) * nelts(leeways) * nelts(fields);
    total = 0;
    wrong = 0;

    for (b = 0; b < nelts(befores); b++) {

        engine_open(&en, 64 * KB);
        snprintf(text, sizeof(text), "sub=a;iss=i;before=%s", befores[b]);
        (void) engine_apply(&en, text, 1);

        for (i = 0; i < n; i++) {
            wrong += !enumerated(&en, b, i % nelts(issues),
                                 i / nelts(issues) % nelts(leeways),
                                 i / nelts(issues) / nelts(leeways));
            total++;
        }

        engine_close(&en);
    }

    tap_ok(wrong == 0, "cut-off, issue time, leeway, fields: %zu cases", total);
}


static void
test_match(void)
{
    int          isnew;
    engine_t     en;
    unsigned     shape;
    trv_match_t  match;

    engine_open(&en, 64 * KB);

    (void) engine_apply(&en, "sub=a;before=77;until=1900000000", 1);
    shape = trv_expand_shape(en.expand, &isnew);

    tap_ok(engine_ask(&en, "sub=a;iat=7", 0, &match) == TRV_OK
           && match.shape == shape && shape != 0
           && trv_term_cutoff(match.term) == 77
           && trv_term_shape(match.term) == shape,
           "a match names its shape and its term");

    engine_close(&en);
}


static void
add(engine_t *en, trv_traits_t *traits, const char *name, unsigned from,
    unsigned n)
{
    char        text[16];
    trv_str_t   claim, value;

    claim.data = (const uint8_t *) name;
    claim.len = strlen(name);

    while (n-- > 0) {
        value.len = (size_t) snprintf(text, sizeof(text), "%u", from++);
        value.data = (const uint8_t *) text;

        engine_trait(en, traits, claim, value);
    }
}


typedef struct {
    unsigned     a, b, c;         /* how many values a token has of each */
    const char  *rule;
    trv_rc_t     rc;
    const char  *name;
} limit_case_t;


/* shapes {a, b} and {c}; no value is "x"; {a} comes with the last rule */

static const limit_case_t  limits[] = {
    { 16, 32, 0, NULL,        TRV_NONE,  "512 combinations" },
    { 27, 19, 0, NULL,        TRV_LIMIT, "513 combinations" },
    { 73, 7,  0, NULL,        TRV_NONE,  "511 combinations" },
    { 73, 7,  1, NULL,        TRV_NONE,  "511 and 1" },
    { 73, 7,  2, NULL,        TRV_LIMIT, "511 and 2" },
    { 96, 0,  0, NULL,        TRV_NONE,  "96 values" },
    { 97, 0,  0, NULL,        TRV_LIMIT, "97 values" },
    { 97, 0,  0, "a=3",       TRV_OK,    "97 values, one of the first 96" },
    { 97, 0,  0, "a=96",      TRV_LIMIT, "97 values, the last one" },
    { 16, 32, 0, "a=15;b=31", TRV_OK,    "the last of 512 combinations" },
    { 48, 48, 0, "a=0;b=9",   TRV_OK,    "an early one of 2304" },
    { 48, 48, 0, "a=10;b=31", TRV_OK,    "the last one that is tried" },
    { 48, 48, 0, "a=10;b=32", TRV_LIMIT, "the next one" },
    { 48, 48, 0, "a=47;b=47", TRV_LIMIT, "the last one of 2304" },
    { 47, 47, 2, "c=1",       TRV_OK,    "of another shape, of 2209" },
};


static void
test_limit(const limit_case_t *c)
{
    engine_t      en;
    trv_rc_t      rc;
    trv_match_t   match;
    trv_traits_t  traits;

    engine_open(&en, 64 * KB);

    (void) engine_apply(&en, "a=x;b=x", 1);
    (void) engine_apply(&en, "c=x", 1);

    if (c->rule != NULL) {
        (void) engine_apply(&en, c->rule, 1);
    }

    /* an identity, which does not count, so that groups end elsewhere */

    engine_token(&en, "token=t;iat=5", &traits);

    add(&en, &traits, "a", 0, c->a);
    add(&en, &traits, "b", 0, c->b);
    add(&en, &traits, "c", 0, c->c);

    /* said again, they are no more */

    add(&en, &traits, "a", 0, c->a < 96 ? c->a : 1);

    rc = trv_match_lookup(&en.zone.table, en.plan, &traits, 0, NOW, &match);

    tap_ok(rc == c->rc, "%s", c->name);

    engine_close(&en);
}


/* fingerprints, digests of values and identities are made apart */

static void
test_apart(void)
{
    zone_t       zone;
    trv_fp_t     a, b;
    trv_str_t    bytes;
    uint8_t      id[TRV_SHA256_LEN];
    trv_value_t  v, w[2];

    memset(id, 7, sizeof(id));

    zone = zone_open(64 * KB);

    bytes.data = id;
    bytes.len = sizeof(id);

    v = trv_match_value(&zone.table, bytes);
    a = trv_table_fingerprint(&zone.table, id, sizeof(id));

    tap_ok(v.w[0] != a.a, "the digest of a value is no fingerprint");

    w[0] = v;
    w[1] = v;
    w[1].w[1] ^= 1;

    a = trv_match_fingerprint(&zone.table, 1, w, 2);
    b = trv_match_fingerprint(&zone.table, 2, w, 2);

    tap_ok(a.a != b.a, "a fingerprint depends on the shape");

    w[0] = w[1];
    w[1] = v;
    b = trv_match_fingerprint(&zone.table, 1, w, 2);

    tap_ok(a.a != b.a, "on the order of the values");

    b = trv_match_fingerprint(&zone.table, 1, w, 1);
    a = trv_match_fingerprint(&zone.table, 1, w + 1, 1);

    tap_ok(a.a != b.a, "and on each byte of them");

    zone_close(&zone);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < nelts(cases); i++) {
        test_case(&cases[i]);
    }

    test_enumerated();
    test_match();

    for (i = 0; i < nelts(limits); i++) {
        test_limit(&limits[i]);
    }

    test_apart();

    return tap_done();
}
