
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdlib.h>

#include "../../src/core/trv_base64.h"
#include "tap.h"


#define NMODES  TRV_BASE64_NMODES


/* RFC 4648, section 10, and both alphabets */

typedef struct {
    const char  *plain;
    const char  *base64;
    const char  *url;             /* canonical */
} base64_vector_t;


static const base64_vector_t  vectors[] = {
    { "",              "",              "" },
    { "f",             "Zg==",          "Zg" },
    { "fo",            "Zm8=",          "Zm8" },
    { "foo",           "Zm9v",          "Zm9v" },
    { "foob",          "Zm9vYg==",      "Zm9vYg" },
    { "fooba",         "Zm9vYmE=",      "Zm9vYmE" },
    { "foobar",        "Zm9vYmFy",      "Zm9vYmFy" },
    { "\xfb\xff\xbf",  "+/+/",          "-_-_" },
    { "\xff\xff\xff",  "////",          "____" },
    { "\xff\xef",      "/+8=",          "_-8" },
};


/* what is between the digits, and what the modes make of it */

typedef struct {
    const char  *text;
    int          ambiguous;
    const char  *skip;
    const char  *quad;
    const char  *stop;
} base64_case_t;


static const base64_case_t  cases[] = {
    { "+_-/",              0, "\xfb\xff\xbf", NULL, NULL },
    { "Zm 9v",             0, "foo", NULL, NULL },
    { "\r\nZ.m!9\"v\x80",  0, "foo", NULL, NULL },
    { "Zm9vY",             0, "foo", NULL, NULL },
    { "Z",                 0, "", NULL, NULL },
    { "Zh",                0, "f", NULL, NULL },
    { "Zm9=",              0, "fo", NULL, NULL },
    { "====",              0, "", NULL, NULL },
    { "Zm9v========",      0, "foo", NULL, NULL },
    { "=Zm9v",             1, "foo", "foo", "foo" },
    { "Z=m9v",             1, "foo", "foo", "foo" },
    { "Zm=9v",             1, "foo", "foo", "f" },
    { "Z=m=9v",            1, "foo", "foo", "f" },
    { "Zm==9v",            1, "foo", "f", "f" },
    { "Zm= =9v",           1, "foo", "f", "f" },
    { "Zm9=v",             1, "foo", "fo", "fo" },
    { "Zm9v=Zm9v",         1, "foofoo", "foofoo", "foofoo" },
    { "Zm8=Zm8=",          1, "fo\x19\x9b", "fo", "fo" },
};


static void
base64_decodes(trv_str_t in, trv_base64_mode_t mode, const char *expected)
{
    char      name[32];
    size_t    len, room;
    uint8_t  *out, *copy;

    snprintf(name, sizeof(name), "%zu characters, mode %d", in.len, mode);

    /* blocks of the sizes that the contract names */

    room = trv_base64_decoded_len(in.len);
    out = malloc(room);
    copy = malloc(in.len + !in.len);
    memcpy(copy, in.data, in.len);

    in.data = copy;
    len = trv_base64_decode(in, mode, out);

    tap_bytes(out, len, expected, strlen(expected), name);

    free(out);
    free(copy);
}


static void
base64_vectors(void)
{
    int        mode;
    size_t     i, len;
    uint8_t    out[32];
    trv_str_t  plain, base64, url;

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {

        plain.data = (const uint8_t *) vectors[i].plain;
        plain.len = strlen(vectors[i].plain);
        base64.data = (const uint8_t *) vectors[i].base64;
        base64.len = strlen(vectors[i].base64);
        url.data = (const uint8_t *) vectors[i].url;
        url.len = strlen(vectors[i].url);

        for (mode = 0; mode < NMODES; mode++) {
            base64_decodes(base64, mode, vectors[i].plain);
            base64_decodes(url, mode, vectors[i].plain);
        }

        len = trv_base64url_encode(plain, out);
        tap_bytes(out, len, url.data, url.len, "encodes");

        tap_ok(!trv_base64_ambiguous(base64), "padding at the end is clear");
    }
}


static void
base64_cases(void)
{
    size_t                i;
    trv_str_t             text;
    const base64_case_t  *c;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        c = &cases[i];

        text.data = (const uint8_t *) c->text;
        text.len = strlen(c->text);

        tap_uint((uint64_t) trv_base64_ambiguous(text),
                 (uint64_t) c->ambiguous, "ambiguous or not");

        base64_decodes(text, TRV_BASE64_SKIP, c->skip);
        base64_decodes(text, TRV_BASE64_QUAD, c->quad ? c->quad : c->skip);
        base64_decodes(text, TRV_BASE64_STOP, c->stop ? c->stop : c->skip);
    }
}


/* the property: what was encoded is decoded, in blocks of just enough room */

static void
base64_round_trip(void)
{
    int        good;
    size_t     i, n, len, dlen;
    uint8_t   *plain, *text, *back;
    trv_str_t  in;

    good = 1;

    for (n = 0; n < 300; n++) {

        plain = malloc(n + !n);
        text = malloc(trv_base64_encoded_len(n));

        for (i = 0; i < n; i++) {
            plain[i] = (uint8_t) (i * 167 + n * 13);
        }

        in.data = plain;
        in.len = n;
        len = trv_base64url_encode(in, text);

        back = malloc(trv_base64_decoded_len(len));

        in.data = text;
        in.len = len;
        dlen = trv_base64_decode(in, TRV_BASE64_SKIP, back);

        good &= len == (n * 4 + 2) / 3;
        good &= dlen == n && memcmp(back, plain, n) == 0;

        free(plain);
        free(text);
        free(back);
    }

    tap_ok(good, "300 lengths there and back");
}


/* each byte alone: 66 digits (two spellings of 62 and of 63) */

static void
base64_alphabet(void)
{
    int        c;
    size_t     digits;
    uint8_t    in[4], out[8];
    trv_str_t  text;

    digits = 0;
    text.data = in;
    text.len = 4;

    for (c = 0; c < 256; c++) {
        memset(in, 'A', 4);
        in[3] = (uint8_t) c;
        digits += trv_base64_decode(text, TRV_BASE64_SKIP, out) == 3;
    }

    tap_uint(digits, 66, "66 bytes are digits");
}


int
main(void)
{
    base64_vectors();
    base64_cases();
    base64_round_trip();
    base64_alphabet();

    return tap_done();
}
