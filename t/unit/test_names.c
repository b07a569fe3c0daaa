
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Names that tokens had: each is kept once and as it was; one that cannot be
 * kept for want of room is never denied, one that is not fit leaves nothing.
 *
 * What makes it fail: in trv_names_same() a byte that is not compared, in
 * trv_names_fit() any of its conditions, in trv_names_slot() a name that is
 * put before it was looked for, no "full", or one for an unfit name, in
 * trv_names_see() a length that is not looked at, in trv_names_next() a slot
 * that is not complete or a name that is there twice, in
 * trv_claims_member_seen() no word to the learner.
 */


#include <stdlib.h>

#include "claims.h"
#include "trv_names.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    trv_str_t    name;
    unsigned     fit:1;
} fit_case_t;


static const fit_case_t  fits[] = {
    { trv_string("sub"), 1 },
    { trv_string("s"), 1 },
    { trv_string("https://example.com/tenant"), 1 },
    { trv_string("a b\"c\\"), 1 },
    { trv_string("n\xc3\xa9"), 1 },
    { trv_string("\xc2\xa0"), 1 },
    { trv_string("\xf0\x9f\x98\x80"), 1 },
    { trv_string("123456789012345678901234567890123456789012345678901234567890"
                 "123"), 1 },
    { trv_string("123456789012345678901234567890123456789012345678901234567890"
                 "1234"), 0 },
    { trv_string(""), 0 },
    { trv_string("a\0b"), 0 },
    { trv_string("\x1b[31m"), 0 },
    { trv_string("sub\n"), 0 },
    { trv_string("\x1f"), 0 },
    { trv_string("\x7f"), 0 },
    { trv_string("a\xc2\x80"), 0 },
    { trv_string("\xc2\x9f"), 0 },
    { trv_string("sub\xff"), 0 },
    { trv_string("\xc3"), 0 },
    { trv_string("\xed\xa0\x80"), 0 },
};


typedef struct {
    const char  *payload;
    const char  *names;           /* sorted, each with a blank behind it */
} learn_case_t;


static const learn_case_t  learns[] = {
    { "{\"sub\":\"a\",\"iat\":1,\"aud\":[\"x\",{\"y\":1}]}", "aud iat sub " },
    { "{\"realm_access\":{\"roles\":[1]},\"a\":{\"b\":{}}}",
      "a realm_access " },
    { "{\"s\\u0075b\":1,\"sub\":2}", "sub " },
    { "{\"a\\u0000b\":1,\"\\ud83d\":2,\"\":3,\"\\u007f\":4}",
      "\xef\xbf\xbd " },
    { "{}", "" },
    { "[{\"sub\":1}]", "" },
};


static trv_names_t    names;
static trv_learner_t  learner;


static void
empty(void)
{
    memset(&names, 0, sizeof(names));
    memset(&learner, 0, sizeof(learner));

    learner.names = &names;
    trv_names_begin(&learner);
}


static trv_str_t
str(const char *text)
{
    return claims_str(text, strlen(text));
}


/* in a block that ends where the name does */

static void
see(trv_learner_t *who, trv_str_t name)
{
    uint8_t  *p;

    p = malloc(name.len + 1);
    if (p == NULL) {
        exit(2);
    }

    memcpy(p + 1, name.data, name.len);
    trv_names_see(who, claims_str(p + 1, name.len));
    free(p);
}


/* how often it is shown */

static unsigned
shown(trv_str_t name)
{
    unsigned   n, at;
    trv_str_t  other;

    n = 0;

    for (at = 0; trv_names_next(&names, &at, &other) == TRV_OK; /* void */ ) {
        n += trv_str_eq(name, other);
    }

    return n;
}


static unsigned
all(void)
{
    unsigned   n, at;
    trv_str_t  name;

    for (n = 0, at = 0; trv_names_next(&names, &at, &name) == TRV_OK; n++) {
        /* void */
    }

    return n;
}


static void
test_fit(void)
{
    size_t    i;
    unsigned  k;

    for (i = 0; i < nelts(fits); i++) {
        empty();

        for (k = 0; k < 3; k++) {
            see(&learner, fits[i].name);
        }

        tap_ok((unsigned) trv_names_fit(fits[i].name) == fits[i].fit
               && shown(fits[i].name) == fits[i].fit
               && all() == fits[i].fit,
               "name %zu is %skept", i, fits[i].fit ? "" : "not ");
    }
}


/* names of any length that differ in one byte at any place */

static void
test_differ(void)
{
    int       good;
    size_t    len, i;
    uint8_t   one[TRV_NAMES_LEN], other[TRV_NAMES_LEN];

    good = 1;
    memset(one, 'n', sizeof(one));

    for (len = 1; len <= TRV_NAMES_LEN; len++) {
        for (i = 0; i < len; i++) {
            memcpy(other, one, len);
            other[i] = 'm';

            empty();
            see(&learner, claims_str(one, len));
            trv_names_begin(&learner);
            see(&learner, claims_str(other, len));
            trv_names_begin(&learner);
            see(&learner, claims_str(one, len - 1));

            good &= shown(claims_str(one, len)) == 1
                    && shown(claims_str(other, len)) == 1
                    && all() == 2 + (len > 1);
        }
    }

    tap_ok(good, "names that differ in one byte are two");
}


/* the guess is wrong each time */

static void
test_order(void)
{
    char      text[16];
    unsigned  i, k;

    empty();

    for (k = 0; k < 50; k++) {
        trv_names_begin(&learner);

        for (i = 0; i < 30; i++) {
            sprintf(text, "claim-%u", (i * (k + 1) + k) % 31);
            see(&learner, str(text));
        }
    }

    tap_uint(all(), 31, "in any order each name is kept once");
    tap_ok(!trv_names_full(&names), "and there is room");
}


static void
test_full(void)
{
    char         text[32];
    unsigned     i, n;
    trv_names_t  before;

    empty();

    for (i = 0; i < 60; i++) {
        sprintf(text, "claim_number_%u", i);
        see(&learner, str(text));
    }

    tap_ok(!trv_names_full(&names), "60 names have room");

    for (i = 0; !trv_names_full(&names) && i < 100000; i++) {
        sprintf(text, "random-%u", i * 2654435761u);
        see(&learner, str(text));
    }

    n = all();

    tap_ok(n >= 90 && n <= TRV_NAMES, "it is full with %u", n);
    tap_uint(n, 60 + i - 1, "and all before the last one are there");

    before = names;

    for (i = 0; i < 100000; i++) {
        sprintf(text, "again-%u", i);
        see(&learner, str(text));
    }

    tap_ok(memcmp(&before, &names, sizeof(names)) == 0,
           "what comes then changes nothing");
}


static void
test_unfit(void)
{
    char      text[256];
    unsigned  i;

    empty();

    for (i = 0; i < TRV_NAMES; i++) {
        names.slot[i].len = 0xff;
    }

    for (i = 0; i < 1000; i++) {
        sprintf(text, "\x01%u", i);
        see(&learner, str(text));
    }

    tap_ok(!trv_names_full(&names), "unfit names do not make it full");
    tap_uint(all(), 0, "slots that are being written are not shown");

    /* its length is the mark of such a slot, here of the last one */

    learner.next[learner.at] = TRV_NAMES - 1;
    memset(text, 0, sizeof(text));
    see(&learner, claims_str(text, 0xff));
    tap_uint(all(), 0, "a long name is not taken for a slot that is written");

    see(&learner, str("sub"));
    tap_ok(trv_names_full(&names), "a fit one does");
}


/* another process writes the same name, or is killed while it does */

static void
test_busy(void)
{
    unsigned          i;
    trv_names_slot_t  taken;

    empty();
    see(&learner, str("sub"));

    for (i = 0; names.slot[i].len == 0; i++) {
        /* void */
    }

    taken = names.slot[i];
    names.slot[i].len = 0xff;

    trv_names_begin(&learner);
    see(&learner, str("sub"));

    tap_uint(shown(str("sub")), 1, "a slot that is being written is left out");

    names.slot[i] = taken;

    tap_uint(shown(str("sub")), 1, "a name in two slots is shown once");
}


static int
compare(const void *a, const void *b)
{
    return strcmp(a, b);
}


static void
test_learn(const learn_case_t *c)
{
    char           got[256], list[16][64];
    size_t         i, n;
    unsigned       at;
    trv_str_t      raw, name;
    trv_plan_t    *plan;
    trv_traits_t   traits;

    static const trv_str_t  header = trv_string("{\"alg\":\"x\",\"kid\":1}");

    plan = calloc(1, sizeof(trv_plan_t));
    if (plan == NULL) {
        exit(2);
    }

    empty();

    raw = claims_token(header, str(c->payload), ".c2ln");

    (void) trv_claims_read(digest, &zone.table, plan, raw, &learner, &traits);

    n = 0;

    for (at = 0; trv_names_next(&names, &at, &name) == TRV_OK; n++) {
        snprintf(list[n], sizeof(list[n]), "%.*s ", (int) name.len,
                 (const char *) name.data);
    }

    qsort(list, n, sizeof(list[0]), compare);

    for (got[0] = '\0', i = 0; i < n; i++) {
        strcat(got, list[i]);
    }

    tap_bytes(got, strlen(got), c->names, strlen(c->names), c->payload);

    free((void *) raw.data);
    free(plan);
}


int
main(void)
{
    size_t  i;

    digest = trv_digest_create();
    zone = zone_open(4 * MB);

    if (digest == NULL) {
        return 2;
    }

    test_fit();
    test_differ();
    test_order();
    test_full();
    test_unfit();
    test_busy();

    for (i = 0; i < nelts(learns); i++) {
        test_learn(&learns[i]);
    }

    zone_close(&zone);
    trv_digest_destroy(digest);

    return tap_done();
}
