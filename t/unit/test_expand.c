
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * From an entry to its rules: how many, in which shape, until when, what is
 * lifted, and the words for it.
 *
 * What makes it fail: in trv_expand_next() an order that is not the shape's;
 * in trv_expand_publish() shapes for what is restored; in trv_expand_begin()
 * entries that have ended; in trv_expand_add() names that mean the same.
 */


#include "engine.h"


typedef struct {
    const char  *entry;
    trv_rc_t     rc;
    unsigned     rules;           /* in the table after it */
    unsigned     shapes;          /* in use, besides {token} */
} expand_case_t;


static const expand_case_t  cases[] = {
    { "sub=a",                                      TRV_OK,        1, 1 },
    { "sub=a;sub=b;sub=c",                          TRV_OK,        3, 1 },
    { "sub=a;iss=i",                                TRV_OK,        1, 1 },
    { "sub=a;sub=b;iss=i;iss=j;iss=k",              TRV_OK,        6, 1 },
    { "sub=a;iss=i;sub=b;kid=1;kid=2;iss=j",        TRV_OK,        8, 1 },
    { "sub=a;claim.sub=b",                          TRV_OK,        2, 1 },
    { "sub=a;claim.sub=a",                          TRV_OK,        1, 1 },
    { "device=a;attr.device=b;claim.device=c",      TRV_OK,        2, 1 },
    { "sub=a;sub=a",                                TRV_OK,        1, 1 },
    { "token=a",                                    TRV_OK,        1, 0 },
    { "token=a;token=b",                            TRV_OK,        2, 0 },
    { "token=a;token=b;sub=c;sub=d",                TRV_OK,        4, 1 },
    { "all=1",                                      TRV_OK,        1, 1 },
    { "all=1;all=2",                                TRV_OK,        1, 1 },
    { "all=1;all=2;sub=a;sub=b",                    TRV_OK,        2, 1 },
    { "all=1;token=a;all=2",                        TRV_OK,        1, 0 },
    { "a=1;b=1;c=1;d=1;e=1;f=1;g=1;h=1",            TRV_OK,        1, 1 },
    { "a=1;b=1;c=1;d=1;e=1;f=1;g=1;token=1",        TRV_OK,        1, 1 },
    { "a=1;b=1;c=1;d=1;e=1;f=1;g=1;h=1;i=1",        TRV_OK,        0, 0 },

    { "sub=a;until=1",                              TRV_OK,        0, 0 },
    { "token=a;ttl=0",                              TRV_OK,        0, 0 },
    { "sub=a;ttl=1",                                TRV_OK,        1, 1 },
    { "sub=a;action=restore",                       TRV_OK,        0, 0 },
    { "sub=a;action=accept",                        TRV_OK,        0, 0 },
    { "action=accept",                              TRV_OK,        0, 0 },
    { "sub=a;action=nonsense",                      TRV_OK,        0, 0 },
    { "reason=x",                                   TRV_OK,        0, 0 },
    { "claim.=a",                                   TRV_MALFORMED, 0, 0 },
    { "sub=a;attr.=a",                              TRV_MALFORMED, 0, 0 },
};


static void
test_case(const expand_case_t *c)
{
    engine_t  en;
    trv_rc_t  rc;

    engine_open(&en, 64 * KB);

    rc = engine_apply(&en, c->entry, 3);

    tap_ok(rc == c->rc && rules(&en.zone) == c->rules
           && (unsigned) __builtin_popcountll(trv_shapes_used(en.shapes))
              == c->shapes + 1,
           "\"%s\": rules and shapes", c->entry);

    engine_close(&en);
}


typedef struct {
    const char  *entries[3];
    const char  *refused;         /* tokens, joined by '|' */
    const char  *passed;
    const char  *name;
} restore_case_t;


static const restore_case_t  restores[] = {

    { { "sub=a;before=9", "sub=a;before=always", "sub=a;action=restore" },
      "", "sub=a|sub=a;iat=1", "a time and \"always\" are both lifted" },

    { { "sub=a;sub=b", "sub=a;action=restore" },
      "sub=b", "sub=a", "one of two" },

    { { "sub=a;sub=b", "sub=c;sub=b;action=restore" },
      "sub=a", "sub=b|sub=c", "by OR" },

    { { "sub=a;iss=i", "sub=a;action=restore", "iss=i;action=restore" },
      "sub=a;iss=i", "sub=a|iss=i", "not what has another shape" },

    { { "sub=a", "sub=a;iss=i", "sub=a;iss=i;action=restore" },
      "sub=a|sub=a;iss=i", "sub=b", "the other shape stays" },

    { { "sub=a;iss=i;iss=j;sub=b", "iss=i;claim.sub=a;action=restore" },
      "sub=a;iss=j|sub=b;iss=i|sub=b;iss=j", "sub=a;iss=i",
      "one of four combinations, in another order" },

    { { "token=a;token=b", "token=a;action=restore" },
      "token=b", "token=a", "a token" },

    { { "token=a", "token=a;sub=s;action=restore" },
      "token=a;sub=s", "token=b", "not the token alone" },

    { { "all=1", "sub=a;action=restore", "all=x;action=restore" },
      "", "sub=a|token=a", "all" },

    { { "sub=a", "sub=a;action=restore", "sub=a" },
      "sub=a", "sub=b", "and revoked again" },

    { { "sub=a;until=1900000000", "sub=a;until=1;action=restore" },
      "", "sub=a", "an end says nothing when a rule is lifted" },

    { { "sub=a;action=restore;action=revoke" },
      "sub=a", "sub=b", "revoke beats restore" },
};


/* how many of the tokens are refused, and how many there are */

static unsigned
count(engine_t *en, const char *tokens, unsigned *total)
{
    char         text[ENGINE_TEXT];
    size_t       len;
    unsigned     n;
    trv_match_t  match;

    for (n = 0, *total = 0; *tokens != '\0'; (*total)++) {

        len = strcspn(tokens, "|");
        memcpy(text, tokens, len);
        text[len] = '\0';

        n += engine_ask(en, text, 0, &match) == TRV_OK;

        tokens += len;
        tokens += *tokens == '|';
    }

    return n;
}


static void
test_restore(const restore_case_t *c)
{
    size_t    i;
    engine_t  en;
    unsigned  refused, passed, total, all;

    engine_open(&en, 64 * KB);

    for (i = 0; i < nelts(c->entries) && c->entries[i] != NULL; i++) {
        (void) engine_apply(&en, c->entries[i], 1);
    }

    refused = count(&en, c->refused, &total);
    passed = count(&en, c->passed, &all);

    tap_ok(refused == total && passed == 0 && all != 0, "%s", c->name);

    engine_close(&en);
}


typedef struct {
    const char  *entry;
    const char  *words;
} words_case_t;


static const words_case_t  words[] = {
    { "sub=alice;client_id=tv-app;before=1487894400",
      "sub=\"alice\" and client_id=\"tv-app\" issued until 1487894400" },
    { "sub=alice;sub=bob;before=always", "sub=\"alice\" whenever issued" },
    { "jti=1;until=1900000000",
      "jti=\"1\" whenever issued, until 1900000000" },
    { "sub=a;before=5;until=1900000000;ttl=1",
      "sub=\"a\" issued until 5, until 1900000000" },
    { "all=1;before=5", "every token issued until 5" },
    { "all=1;sub=a;before=5", "sub=\"a\" issued until 5" },
    { "sub=a;all=1;before=5", "sub=\"a\" issued until 5" },
    { "token=a", "token=\"ca978112ca1b\"... whenever issued" },
    { "device=d;token=a", "token=\"ca978112ca1b\"... and attr.device=\"d\""
                          " whenever issued" },
    { "kid=k;claim.kid=c", "kid=\"k\" and claim.kid=\"c\" whenever issued" },
    { "a=\"b\\c\x7f\x1b[1m\n\xc3\xa4;before=1",
      "a=\"\\x22b\\x5cc\\x7f\\x1b[1m\\x0a\\xc3\\xa4\" issued until 1" },
    { "a\n\"=b;before=1", "a\\x0a\\x22=\"b\" issued until 1" },
    { "a=@123456789012345678901234567890123456789012345678901234567890123"
      ";before=1",
      "a=\"@123456789012345678901234567890123456789012345678901234567890123\""
      " issued until 1" },
    { "a=@1234567890123456789012345678901234567890123456789012345678901234"
      ";before=1",
      "a=\"@123456789012345678901234567890123456789012345678901234567890123\""
      "... issued until 1" },

    /* what could be a token */

    { "a=0123456789abcdeF;before=1",
      "a=\"0123456789abcdeF\" issued until 1" },
    { "a=0123456789abcdeF0;before=1", "a=\"012345\"... issued until 1" },
    { "a=eyJhbGciOiJub25lIn0.e30.-_~+/=;before=1",
      "a=\"eyJhbG\"... issued until 1" },
    { "a=https://idp.example/;before=1",
      "a=\"https://idp.example/\" issued until 1" },
    { "a=alice.of.wonderland@example;before=1",
      "a=\"alice.of.wonderland@example\" issued until 1" },
    { "a=;before=1", "a=\"\" issued until 1" },
    { "action=accept", "" },
};


static void
test_words(const words_case_t *c)
{
    size_t    len, i, cut;
    uint8_t   buf[1024], small[1024];
    engine_t  en;

    engine_open(&en, 64 * KB);

    (void) trv_expand_begin(en.expand, &en.with,
                            engine_entry(&en, ENGINE_MS, c->entry));

    len = trv_expand_words(en.expand, buf, sizeof(buf));

    tap_bytes(buf, len, c->words, strlen(c->words), "in words");

    for (i = 0, cut = 0; i <= len; i++) {
        memset(small, 0xa5, sizeof(small));

        cut += trv_expand_words(en.expand, small, i) != i
               || memcmp(small, buf, i) != 0 || small[i] != 0xa5;
    }

    tap_uint(cut, 0, "and cut anywhere");

    engine_close(&en);
}


static void
test_retain(void)
{
    size_t       len;
    uint8_t      buf[64];
    engine_t     en;
    trv_match_t  match;

    static const char  said[] = "sub=\"a\" issued until 5, until 1750003600";

    engine_open(&en, 64 * KB);

    en.with.retain = 3600;

    (void) trv_expand_begin(en.expand, &en.with,
                            engine_entry(&en, ENGINE_MS, "sub=a;before=5"));

    len = trv_expand_words(en.expand, buf, sizeof(buf));

    tap_bytes(buf, len, said, sizeof(said) - 1, "\"retain\" in words");

    trv_batch_shift(en.batch);

    (void) engine_apply(&en, "sub=a", 1);
    (void) engine_apply(&en, "sub=b;until=1900000000", 1);

    tap_ok(engine_ask(&en, "sub=a", 0, &match) == TRV_OK
           && trv_term_end(match.term) >= NOW + 3600
           && trv_term_end(match.term) < NOW + 3600 + TRV_TERM_UNIT,
           "\"retain\" gives an end");

    tap_ok(engine_ask(&en, "sub=b", 0, &match) == TRV_OK
           && trv_term_end(match.term) >= 1900000000,
           "unless the entry has one");

    en.with.retain = INT64_MAX;
    (void) engine_apply(&en, "sub=c", 1);

    tap_ok(engine_ask(&en, "sub=c", 0, &match) == TRV_OK
           && trv_term_end(match.term) == TRV_END_NEVER, "of any size");

    en.with.retain = 1;
    en.with.now = NOW + 100;

    (void) engine_apply(&en, "aud=c", 1);

    tap_uint(rules(&en.zone), 3, "what has been retained so long is not put");

    engine_close(&en);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < nelts(cases); i++) {
        test_case(&cases[i]);
    }

    for (i = 0; i < nelts(restores); i++) {
        test_restore(&restores[i]);
    }

    for (i = 0; i < nelts(words); i++) {
        test_words(&words[i]);
    }

    test_retain();

    return tap_done();
}
