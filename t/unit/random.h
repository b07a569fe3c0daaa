
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Random entries and random tokens (naive.h), and how they are written: an
 * entry as pairs, a token as a JWT.
 */


#ifndef _RANDOM_H_INCLUDED_
#define _RANDOM_H_INCLUDED_


#include "naive.h"
#include "chance.h"


#define START  (NOW - 1000)       /* about then everything was issued */
#define SPAN   8                  /* seconds */
#define TEXT   2048


typedef struct {
    char    text[TEXT];
    size_t  len;
} text_t;


static inline void __attribute__((format(printf, 2, 3)))
say(text_t *t, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    t->len += (size_t) vsnprintf(t->text + t->len, TEXT - t->len, fmt, args);
    va_end(args);

    if (t->len >= TEXT) {
        exit(2);
    }
}


static inline void
random_entry(naive_entry_t *e)
{
    unsigned  i;

    memset(e, 0, sizeof(naive_entry_t));

    e->restore = chance(6) == 0;
    e->ms = (uint64_t) (START + chance(SPAN)) * 1000 + chance(1000);

    switch (chance(4)) {

    case 0:
        e->always = 1;
        break;

    case 1:
    case 2:
        e->dated = 1;
        e->before = START + chance(SPAN);
        break;
    }

    if (chance(3) == 0) {
        e->ended = 1;
        e->until = NOW - 20 + chance(80);
    }

    /* few names, so that rules meet again */

    e->npairs = 1 + chance(3) + (chance(8) == 0 ? chance(6) : 0);

    for (i = 0; i < e->npairs; i++) {
        e->pairs[i].name = (uint8_t) chance(chance(3) ? NAIVE_NAMES - 1
                                                      : NAIVE_NAMES);
        e->pairs[i].value = (uint8_t) chance(NAIVE_VALUES);

        if (i > 0 && chance(3) == 0) {
            e->pairs[i].name = e->pairs[i - 1].name;
        }
    }
}


static inline void
write_entry(const naive_entry_t *e, text_t *t)
{
    unsigned  i;

    t->len = 0;

    for (i = 0; i < e->npairs; i++) {
        say(t, "%s=%s;", naive_names[e->pairs[i].name].text,
            naive_values[e->pairs[i].value]);
    }

    if (e->restore) {
        say(t, "action=restore;");
    }

    if (e->always) {
        say(t, "before=always;");
    }

    if (e->dated) {
        say(t, chance(2) ? "before=%" PRId64 ";" : "before=%" PRId64 "000;",
            e->before);
    }

    if (e->ended) {
        say(t, "until=%" PRId64 ";", e->until);
    }
}


static inline void
random_token(naive_token_t *token, int jwt)
{
    unsigned  f;

    for (f = 0; f < NFIELDS; f++) {
        token->values[f] = (uint8_t) (chance(1 << NAIVE_VALUES)
                                      & chance(1 << NAIVE_VALUES));
    }

    /* an opaque token is one of the values, and a header has one kid */

    token->values[F_TOKEN] = jwt ? 0 : (uint8_t) (1 << chance(NAIVE_VALUES));

    if (jwt) {
        token->values[F_KID] &= (uint8_t) -token->values[F_KID];
    }

    token->issued = chance(6) ? START - 1 + chance(SPAN + 4) : NAIVE_NO_IAT;
}


/* a value as JSON: "12" and "true" may be a number and a boolean */

static inline void
json_value(text_t *t, unsigned v)
{
    const char  *quote;

    quote = v >= 2 && chance(2) ? "" : "\"";

    say(t, "%s%s%s", quote, naive_values[v], quote);
}


static inline void
json_member(text_t *t, const char *name, unsigned set)
{
    unsigned  v, n;

    if (set == 0) {

        if (chance(4) == 0) {
            say(t, ",\"%s\":%s", name, chance(2) ? "null" : "{\"a\":\"a\"}");
        }

        return;
    }

    say(t, ",\"%s\":", name);

    if ((set & (set - 1)) == 0 && chance(2)) {
        json_value(t, (unsigned) __builtin_ctz(set));
        return;
    }

    say(t, "[");

    for (v = 0, n = 0; v < NAIVE_VALUES; v++) {
        if (set >> v & 1) {
            say(t, n++ ? "," : "");
            json_value(t, v);
        }
    }

    say(t, "]");
}


static inline void
json_issued(text_t *t, int64_t issued)
{
    static const char *const  known[] = {
        ",\"iat\":%" PRId64, ",\"iat\":%" PRId64 ".75",
        ",\"iat\":%" PRId64 "000", ",\"iat\":%" PRId64 "999.5",
        ",\"iat\":%" PRId64 "e0"
    };
    static const char *const  unknown[] = {
        "", ",\"iat\":null", ",\"iat\":\"1\"", ",\"iat\":{}", ",\"iat\":true"
    };

    if (issued == NAIVE_NO_IAT) {
        say(t, "%s", unknown[chance(nelts(unknown))]);
        return;
    }

    switch (chance(5)) {
    case 0: say(t, known[0], issued); break;
    case 1: say(t, known[1], issued); break;
    case 2: say(t, known[2], issued); break;
    case 3: say(t, known[3], issued); break;
    default: say(t, known[4], issued);
    }
}


static inline void
base64url(text_t *to, const text_t *from)
{
    size_t    i;
    uint32_t  bits, left;

    static const char  digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789-_";

    for (bits = 0, left = 0, i = 0; i < from->len; i++) {
        bits = bits << 8 | (uint8_t) from->text[i];

        for (left += 8; left >= 6; left -= 6) {
            say(to, "%c", digits[bits >> (left - 6) & 63]);
        }
    }

    if (left != 0) {
        say(to, "%c", digits[bits << (6 - left) & 63]);
    }
}


static inline void
make_jwt(const naive_token_t *token, text_t *jwt)
{
    text_t  header, claims;

    header.len = 0;
    claims.len = 0;
    jwt->len = 0;

    say(&header, "{\"alg\":\"none\"");

    if (token->values[F_KID] != 0) {
        say(&header, ",\"kid\":\"%s\"",
            naive_values[__builtin_ctz(token->values[F_KID])]);
    }

    say(&header, "}");
    say(&claims, "{\"jti\":\"%u\"", chance(UINT32_MAX));

    json_member(&claims, "sub", token->values[F_SUB]);
    json_issued(&claims, token->issued);
    json_member(&claims, "aud", token->values[F_AUD]);
    json_member(&claims, "kid", token->values[F_CLAIM_KID]);
    json_member(&claims, "device", token->values[F_CLAIM_DEVICE]);

    if (chance(2)) {
        json_member(&claims, "realm.r", token->values[F_REALM]);

    } else {
        say(&claims, ",\"realm\":{\"x\":1");
        json_member(&claims, "r", token->values[F_REALM]);
        say(&claims, "}");
    }

    say(&claims, "}");

    base64url(jwt, &header);
    say(jwt, ".");
    base64url(jwt, &claims);
    say(jwt, ".");
}


#endif /* _RANDOM_H_INCLUDED_ */
