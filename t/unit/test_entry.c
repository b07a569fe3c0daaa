
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdlib.h>
#include "../../src/codec/trv_batch.h"
#include "feed.h"
#include "tap.h"


#define NOW     1700000500123     /* the edge's clock, milliseconds */
#define OWN     1700000000999     /* the entry's own time */
#define FUTURE  1900000000999     /* an entry from the future */
#define ALWAYS  TRV_CUTOFF_ALWAYS
#define NEVER   TRV_END_NEVER

#define HEX                                                                   \
    "9F86D081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

#define NONCE                                                                 \
    "0123456789012345678901234567890123456789012345678901234567890123"


/* what the pairs of an entry, "name=value" in turn, are understood as */

typedef struct {
    const char    *pairs[20];
    uint64_t       ms;
    trv_action_t   action;
    trv_fault_t    fault;
    unsigned       refused;
    uint32_t       cutoff;
    int64_t        end;
    unsigned       ntokens;
    unsigned       npairs;
    const char    *ack;
} entry_case_t;


#define ENTRY(ms, fault, refused, cutoff, end, ntokens, npairs, ...)          \
    { { __VA_ARGS__ }, ms, TRV_ACTION_REVOKE, TRV_FAULT_ ## fault, refused,   \
      cutoff, end, ntokens, npairs, "" }

#define ACTION(action, fault, refused, npairs, ...)                           \
    { { __VA_ARGS__ }, OWN, TRV_ACTION_ ## action, TRV_FAULT_ ## fault,       \
      refused, 1700000000, NEVER, 0, npairs, "" }

#define ACK(ack, ...)                                                         \
    { { "sub=a", __VA_ARGS__ }, OWN, TRV_ACTION_REVOKE, TRV_FAULT_NONE, 0,    \
      1700000000, NEVER, 0, 1, ack }


static const entry_case_t  cases[] = {

    /* default cut-offs */

    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 1, "sub=alice"),
    ENTRY(FUTURE, NONE, 0, 1700000500, NEVER, 0, 1, "sub=alice"),
    ENTRY(UINT64_MAX, NONE, 0, 1700000500, NEVER, 0, 1, "sub=alice"),
    ENTRY(0, NONE, 0, 0, NEVER, 0, 1, "sub=alice"),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 1, "all="),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 2, "sub=alice", "iss=i"),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 1, 0, "token=" HEX),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 1, 1, "sub=alice", "token=" HEX),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 0, 1, "jti=1"),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 0, 1, "sid=1"),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 0, 1, "kid=1"),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 0, 2, "iss=i", "claim.jti=1"),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 0, 1, "claim.sid=1"),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 0, 1, "header.kid=1"),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 1, "claim.kid=1"),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 1, "JTI=1"),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 1, "claim.token=1"),

    /* before */

    ENTRY(OWN, NONE, 0, 1487894400, NEVER, 0, 1, "sub=a", "before=1487894400"),
    ENTRY(OWN, NONE, 0, 1487894400, NEVER, 0, 1,
          "sub=a", "before=1487894400999"),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 0, 1, "sub=a", "before=always"),
    ENTRY(OWN, NONE, 0, 5, NEVER, 1, 0, "token=" HEX, "before=5"),
    ENTRY(OWN, NONE, 0, 1800000000, NEVER, 0, 1, "sub=a", "before=1800000000"),
    ENTRY(OWN, NONE, 0, 0, NEVER, 0, 1, "sub=a", "before=-5"),
    ENTRY(OWN, NONE, 0, ALWAYS - 1, NEVER, 0, 1, "sub=a", "before=4294967295"),
    ENTRY(OWN, NONE, 0, ALWAYS - 1, NEVER, 0, 1,
          "sub=a", "before=9223372036854775807"),
    ENTRY(OWN, NONE, 0, 9, NEVER, 0, 1,
          "sub=a", "before=9", "before=8", "before=-1"),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 0, 1,
          "sub=a", "before=always", "before=8"),
    ENTRY(OWN, BEFORE, 0, 1700000000, NEVER, 0, 1, "sub=a", "before=noon"),
    ENTRY(OWN, BEFORE, 0, 1700000000, NEVER, 0, 1, "sub=a", "before="),
    ENTRY(OWN, BEFORE, 0, 1700000000, NEVER, 0, 1, "sub=a", "before=Always"),
    ENTRY(OWN, BEFORE, 0, 1700000000, NEVER, 1, 0, "token=" HEX, "before=x"),
    ENTRY(FUTURE, BEFORE, 0, 1700000500, NEVER, 0, 1, "sub=a", "before=x"),
    ENTRY(OWN, BEFORE, 0, 1700000000, NEVER, 0, 1,
          "sub=a", "before=5", "before=x"),
    ENTRY(OWN, BEFORE, 0, 1800000000, NEVER, 0, 1,
          "sub=a", "before=x", "before=1800000000"),
    ENTRY(OWN, BEFORE, 0, ALWAYS, NEVER, 0, 1,
          "sub=a", "before=x", "before=always"),

    /* until, ttl */

    ENTRY(OWN, NONE, 0, 1700000000, 1800000000, 0, 1,
          "sub=a", "until=1800000000"),
    ENTRY(OWN, NONE, 0, 1700000000, 1800000000, 0, 1,
          "sub=a", "until=1800000000999"),
    ENTRY(OWN, NONE, 0, 1700000000, 5, 0, 1, "sub=a", "until=5", "until=4"),
    ENTRY(OWN, NONE, 0, 1700000000, 0, 0, 1, "sub=a", "until=0"),
    ENTRY(OWN, NONE, 0, 1700000000, -5, 0, 1, "sub=a", "until=-5"),
    ENTRY(OWN, NONE, 0, 1700000000, 1700000061, 0, 1, "sub=a", "ttl=60"),
    ENTRY(OWN, NONE, 0, 1700000000, 1700000061, 0, 1,
          "sub=a", "ttl=60", "ttl=5", "ttl=0"),
    ENTRY(OWN, NONE, 0, 1700000000, 1700000061, 0, 1,
          "sub=a", "ttl=60", "until=5"),
    ENTRY(OWN, NONE, 0, 1700000000, 1800000000, 0, 1,
          "sub=a", "until=1800000000", "ttl=60"),
    ENTRY(OWN, NONE, 0, 1700000000, 101700000001, 0, 1,
          "sub=a", "ttl=100000000000"),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 1,
          "sub=a", "ttl=9223372036854775807"),
    ENTRY(UINT64_MAX, NONE, 0, 1700000500, 18446744073709611, 0, 1,
          "sub=a", "ttl=59"),
    ENTRY(OWN, UNTIL, 0, 1700000000, NEVER, 0, 1, "sub=a", "until=tomorrow"),
    ENTRY(OWN, UNTIL, 0, 1700000000, NEVER, 0, 1, "sub=a", "ttl=1h"),
    ENTRY(OWN, UNTIL, 0, 1700000000, NEVER, 0, 1, "sub=a", "ttl=-1"),
    ENTRY(OWN, UNTIL, 0, 1700000000, NEVER, 0, 1,
          "sub=a", "until=5", "ttl=x"),
    ENTRY(OWN, UNTIL, 0, 1700000000, NEVER, 0, 1,
          "sub=a", "ttl=x", "until=5", "before=x"),

    /* actions */

    ACTION(REVOKE, NONE, 0, 1, "sub=a", "action=revoke"),
    ACTION(RESTORE, NONE, 0, 1, "sub=a", "action=restore"),
    ACTION(REVOKE, NONE, 0, 1, "sub=a", "action=restore", "action=revoke"),
    ACTION(REVOKE, NONE, 0, 1, "sub=a", "action=revoke", "action=restore"),
    ACTION(RESTORE, NONE, 0, 1, "sub=a", "action=accept", "action=restore"),
    ACTION(ACCEPT, NONE, 0, 0, "action=accept"),
    ACTION(ACCEPT, NONE, 0, 0, "action=accept", "reason=x", "by=y"),
    ACTION(RESTORE, NO_MATCH, 1, 0, "action=restore"),
    ACTION(REVOKE, NO_MATCH, 1, 0, "action=accept", "action=revoke"),
    ACTION(REVOKE, ACTION, 1, 0, "sub=a", "action=lift"),
    ACTION(REVOKE, ACTION, 1, 0, "sub=a", "action="),
    ACTION(REVOKE, ACTION, 1, 0, "sub=a", "action=Revoke"),
    ACTION(RESTORE, ACTION, 1, 0, "action=x", "sub=a", "action=restore"),

    /* matches */

    ENTRY(OWN, NO_MATCH, 1, 1700000000, NEVER, 0, 0, NULL),
    ENTRY(OWN, NO_MATCH, 1, 5, 6, 0, 0, "before=5", "until=6", "reason=x"),
    ENTRY(OWN, ODD, 1, ALWAYS, NEVER, 0, 0, "token=" HEX, "sub"),
    ENTRY(OWN, ODD, 1, 1700000000, NEVER, 0, 0, "before"),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 1, "="),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 1, "Before=5"),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 3, "sub=a", "iss=i", "sub=b"),
    ENTRY(OWN, NONE, 0, ALWAYS, NEVER, 2, 0, "token=" HEX, "token=" HEX),
    ENTRY(OWN, TOKEN, 0, ALWAYS, NEVER, 1, 0, "token=" HEX, "token="),
    ENTRY(OWN, NO_MATCH, 1, ALWAYS, NEVER, 0, 0, "token="),
    ENTRY(OWN, NO_MATCH, 1, ALWAYS, NEVER, 0, 0, "token= \t", "sub=alice"),
    ENTRY(OWN, NO_MATCH, 1, ALWAYS, NEVER, 0, 0, "token=Bearer "),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 8,
          "a=1", "b=1", "c=1", "d=1", "e=1", "f=1", "g=1", "h=1", "by=b"),
    ENTRY(OWN, NONE, 0, 1700000000, NEVER, 0, 9,
          "a=1", "b=1", "c=1", "d=1", "e=1", "f=1", "g=1", "h=1", "a=2"),
    ENTRY(OWN, FIELDS, 1, 1700000000, NEVER, 0, 0,
          "a=1", "b=1", "c=1", "d=1", "e=1", "f=1", "g=1", "h=1", "i=1"),
    ENTRY(OWN, FIELDS, 1, 1700000000, NEVER, 0, 0, "a=1", "b=1", "c=1", "d=1",
          "e=1", "f=1", "g=1", "h=1", "i=1", "j=2", "action=x"),
    ENTRY(OWN, FIELDS, 1, ALWAYS, NEVER, 0, 0, "token=" HEX,
          "a=1", "b=1", "c=1", "d=1", "e=1", "f=1", "g=1", "h=1"),
    ENTRY(OWN, FIELDS, 1, 1700000000, NEVER, 0, 0,
          "a=1", "b=1", "c=1", "d=1", "e=1", "f=1", "g=1", "h=1",
          "token=" HEX, "token=" HEX),

    /* the fault that refuses is told, not the one that came first */

    ENTRY(OWN, ACTION, 1, 1700000000, NEVER, 0, 0,
          "sub=a", "before=x", "action=y", "sub"),

    /* nonces */

    ACK("aZ09_-", "ack=aZ09_-"),
    ACK("first", "ack=first", "ack=second"),
    ACK("b", "ack=a b", "ack=b"),
    ACK("", "ack="),
    ACK("", "ack=a:b"),
    ACK("", "ack=\x7f"),
    ACK(NONCE, "ack=" NONCE),
    ACK("", "ack=" NONCE "4"),
};


/* spellings of one token: digits of a hash, or the token itself */

typedef struct {
    const char  *value;
    const char  *same;            /* the same identity as this value */
} token_case_t;


static const token_case_t  tokens[] = {
    { " " HEX "\r\n",               HEX },
    { "Bearer " HEX,                HEX },
    { "\tbEARER \t" HEX " ",        HEX },
    { " test ",                     "test" },
    { "bearer  test",               "test" },
    { "bearer\ttest",               "test" },
    { "\v\ftest\n",                 "test" },

    /* "test" has that SHA-256 */

    { "test",                       HEX },

    /* the signature of a JWS has no part in its identity */

    { "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln",
      "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.b3RoZXI" },
};


static trv_digest_t  *digest;


static trv_rc_t
build(trv_batch_t *batch, const entry_case_t *c)
{
    size_t    i;
    trv_rc_t  rc;
    trv_id_t  id;

    id.ms = c->ms;
    id.seq = 7;

    rc = trv_batch_begin(batch, id);

    for (i = 0; rc == TRV_OK && c->pairs[i] != NULL; i++) {
        rc = feed(batch, c->pairs[i]);
    }

    return rc == TRV_OK ? trv_batch_finish(batch, NOW) : rc;
}


static int
same(const trv_entry_t *e, const entry_case_t *c)
{
    return e->id.ms == c->ms && e->id.seq == 7 && e->action == c->action
           && e->fault == c->fault && e->refused == c->refused
           && e->cutoff == c->cutoff && e->end == c->end
           && e->ntokens == c->ntokens && e->npairs == c->npairs
           && equals(e->ack, c->ack);
}


static void
test_cases(void)
{
    size_t              i, j;
    char                name[256];
    trv_batch_t        *batch;
    const trv_entry_t  *e;

    batch = trv_batch_create(digest);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        name[0] = '\0';

        for (j = 0; cases[i].pairs[j] != NULL; j++) {
            snprintf(name + strlen(name), sizeof(name) - strlen(name),
                     " %.60s", cases[i].pairs[j]);
        }

        tap_ok(build(batch, &cases[i]) == TRV_OK, "entry:%s", name);

        e = trv_batch_first(batch);

        if (!tap_ok(e != NULL && same(e, &cases[i]), "is understood")
            && e != NULL)
        {
            printf("# %s, action %d, refused %d, cut-off %u, end %" PRId64
                   ", %u tokens, %u pairs\n", trv_fault_text(e->fault),
                   e->action, e->refused, e->cutoff, e->end, e->ntokens,
                   e->npairs);
        }

        trv_batch_shift(batch);
    }

    trv_batch_shift(batch);
    tap_ok(trv_batch_first(batch) == NULL, "the queue is empty");
    trv_batch_destroy(batch);
    trv_batch_destroy(NULL);
}


static void
test_tokens(void)
{
    size_t              i;
    trv_id_t            id = { 1, 1 };
    trv_batch_t        *batch;
    const trv_entry_t  *e;

    batch = trv_batch_create(digest);

    for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {

        (void) trv_batch_begin(batch, id);
        (void) trv_batch_name(batch, str("token"));
        (void) trv_batch_value(batch, str(tokens[i].value));
        (void) trv_batch_name(batch, str("token"));
        (void) trv_batch_value(batch, str(tokens[i].same));
        (void) trv_batch_finish(batch, NOW);

        e = trv_batch_first(batch);

        if (tap_uint(e->ntokens, 2, "two tokens")) {
            tap_bytes(e->tokens[0], TRV_SHA256_LEN, e->tokens[1],
                      TRV_SHA256_LEN, tokens[i].value);
        }

        trv_batch_shift(batch);
    }

    trv_batch_destroy(batch);
}


/* limits: the largest that is taken, and one more */

typedef struct {
    size_t       pairs;
    const char  *name;
    size_t       name_len;
    size_t       value_len;
    trv_fault_t  fault;
} limit_case_t;


static const limit_case_t  limits[] = {
    { TRV_ENTRY_PAIRS,      "sub",    3,    10,    TRV_FAULT_NONE },
    { TRV_ENTRY_PAIRS + 1,  "sub",    3,    10,    TRV_FAULT_PAIRS },
    { TRV_ENTRY_PAIRS,      "token",  5,    64,    TRV_FAULT_NONE },
    { TRV_ENTRY_PAIRS + 1,  "token",  5,    64,    TRV_FAULT_PAIRS },
    { TRV_ENTRY_PAIRS + 1,  "by",     2,    1,     TRV_FAULT_PAIRS },
    { TRV_ENTRY_PAIRS,      "sub",    3,    8192,  TRV_FAULT_NONE },
    { 1,                    NULL,     256,  8192,  TRV_FAULT_NONE },
    { 1,                    NULL,     257,  1,     TRV_FAULT_NAME },
    { 1,                    "sub",    3,    8193,  TRV_FAULT_VALUE },
    { 1,                    "token",  5,    8192,  TRV_FAULT_NONE },
    { 1,                    "token",  5,    8193,  TRV_FAULT_VALUE },
    { 1,                    "by",     2,    8193,  TRV_FAULT_VALUE },
    { 1,                    "ack",    3,    8193,  TRV_FAULT_VALUE },
};


static void
test_limit(trv_batch_t *batch, const limit_case_t *c)
{
    size_t              i, wrong;
    static uint8_t      big[TRV_ENTRY_VALUE_LEN + 1];
    trv_id_t            id = { OWN, 0 };
    trv_str_t           name, value;
    const trv_entry_t  *e;

    name.data = c->name != NULL ? (const uint8_t *) c->name : big;
    name.len = c->name_len;
    value.data = big;
    value.len = c->value_len;

    memset(big, 'a', sizeof(big));

    (void) trv_batch_begin(batch, id);

    i = 0;

    /* also of a refused entry; counts as a pair */

    if (c->fault != TRV_FAULT_NONE) {
        (void) trv_batch_name(batch, str("ack"));
        (void) trv_batch_value(batch, str("nonce"));
        i = c->pairs > 1;
    }

    for ( /* void */; i < c->pairs; i++) {
        memcpy(big, &i, sizeof(uint32_t) < c->value_len ? sizeof(uint32_t) : 0);
        (void) trv_batch_name(batch, name);
        (void) trv_batch_value(batch, value);
    }

    (void) trv_batch_finish(batch, NOW);

    e = trv_batch_first(batch);

    if (c->fault != TRV_FAULT_NONE) {
        tap_ok(e->fault == c->fault && e->refused && e->ntokens == 0
               && e->npairs == 0 && equals(e->ack, "nonce"),
               "%zu pairs of %zu and %zu bytes: %s", c->pairs, c->name_len,
               c->value_len, trv_fault_text(c->fault));

        trv_batch_shift(batch);
        return;
    }

    wrong = 0;

    for (i = 0; i < e->npairs; i++) {
        wrong += !trv_str_eq(e->pairs[i].name, name)
                 || e->pairs[i].value.len != c->value_len
                 || (c->pairs > 1
                     && memcmp(e->pairs[i].value.data, &i, sizeof(uint32_t)));
    }

    tap_ok(e->fault == TRV_FAULT_NONE && e->ntokens + e->npairs == c->pairs
           && wrong == 0, "%zu pairs of %zu and %zu bytes", c->pairs,
           c->name_len, c->value_len);

    trv_batch_shift(batch);
}


int
main(void)
{
    size_t        i;
    trv_batch_t  *batch;

    digest = trv_digest_create();

    test_cases();
    test_tokens();

    batch = trv_batch_create(digest);

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        test_limit(batch, &limits[i]);
    }

    tap_ok(batch->spare_size <= TRV_BATCH_SPARE
           && batch->spare->blocks->next == NULL, "the large ones are freed");

    trv_batch_destroy(batch);

    for (i = 0; i <= TRV_NFAULTS; i++) {
        tap_ok(trv_fault_text(i) != NULL, "it %s", trv_fault_text(i));
    }

    trv_digest_destroy(digest);

    return tap_done();
}
