
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdlib.h>

#include "../../src/codec/trv_digest.h"
#include "tap.h"


typedef struct {
    const char  *text;
    const char  *hex;
} digest_case_t;


/* the examples of FIPS 180 */

static const digest_case_t  cases[] = {
    { "",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
      "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};


typedef struct {
    const char  *name;
    const char  *hex;
    trv_rc_t     rc;
} hex_case_t;


#define DIGITS62  "00112233445566778899aAbBcCdDeEfFfedcba9876543210" \
                  "0123456789abcd"


static const hex_case_t  hex_cases[] = {
    { "64 digits of any case",   DIGITS62 "EF",  TRV_OK },
    { "nothing",                 "",             TRV_NONE },
    { "63 digits",               DIGITS62 "e",   TRV_NONE },
    { "65 digits",               DIGITS62 "eff", TRV_NONE },
    { "a blank at the end",      DIGITS62 "e ",  TRV_NONE },
    { "a letter g at the end",   DIGITS62 "eg",  TRV_NONE },
    { "a letter g before it",    DIGITS62 "gE",  TRV_NONE },
};


static trv_str_t
digest_str(const char *text)
{
    trv_str_t  s;

    s.data = (const uint8_t *) text;
    s.len = strlen(text);

    return s;
}


static void
digest_vectors(trv_digest_t *digest)
{
    int        good;
    size_t     i, n;
    uint8_t    out[TRV_SHA256_LEN], whole[TRV_SHA256_LEN];
    uint8_t    hex[2 * TRV_SHA256_LEN], part[TRV_SHA256_LEN];
    trv_str_t  text, prefix;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        text = digest_str(cases[i].text);

        tap_uint(trv_digest_sha256(digest, text, out), TRV_OK, "hashes");
        trv_digest_to_hex(out, hex);
        tap_bytes(hex, sizeof(hex), cases[i].hex, 64, cases[i].text);

        /* every prefix, and the context is as good as new after each */

        good = 1;

        for (n = 0; n <= text.len; n++) {
            prefix = text;
            prefix.len = n;

            good &= trv_digest_sha256_both(digest, text, n, part, whole)
                    == TRV_OK;
            good &= memcmp(whole, out, sizeof(out)) == 0;
            good &= trv_digest_sha256(digest, prefix, whole) == TRV_OK;
            good &= memcmp(whole, part, sizeof(part)) == 0;
        }

        tap_ok(good, "every prefix, and the whole in the same pass");
    }
}


static void
digest_million(trv_digest_t *digest)
{
    uint8_t    out[TRV_SHA256_LEN], hex[2 * TRV_SHA256_LEN], *data;
    trv_str_t  text;

    data = malloc(1000000);
    memset(data, 'a', 1000000);

    text.data = data;
    text.len = 1000000;

    trv_digest_sha256(digest, text, out);
    trv_digest_to_hex(out, hex);

    tap_bytes(hex, sizeof(hex),
              "cdc76e5c9914fb9281a1c7e284d73e67"
              "f1809a48a497200e046d39ccc7112cd0", 64, "a million times a");

    free(data);
}


static void
digest_hex(void)
{
    char      *exact;
    size_t     i;
    uint8_t    out[TRV_SHA256_LEN], hex[2 * TRV_SHA256_LEN];
    trv_str_t  text;

    for (i = 0; i < sizeof(hex_cases) / sizeof(hex_cases[0]); i++) {
        exact = malloc(strlen(hex_cases[i].hex) + 1);
        text = digest_str(hex_cases[i].hex);
        memcpy(exact, text.data, text.len);
        text.data = (const uint8_t *) exact;

        tap_uint(trv_digest_from_hex(text, out), hex_cases[i].rc,
                 hex_cases[i].name);
        free(exact);
    }

    tap_uint(trv_digest_from_hex(digest_str(DIGITS62 "EF"), out), TRV_OK,
             "digits become bytes");
    trv_digest_to_hex(out, hex);
    tap_bytes(hex, sizeof(hex),
              "00112233445566778899aabbccddeefffedcba9876543210"
              "0123456789abcdef", 64, "and lower case digits again");
}


int
main(void)
{
    uint8_t        out[TRV_SHA256_LEN];
    trv_str_t      none = { 0, NULL };
    trv_digest_t  *digest;

    digest = trv_digest_create();

    if (!tap_ok(digest != NULL, "a digest")) {
        return tap_done();
    }

    digest_vectors(digest);
    digest_million(digest);
    digest_hex();

    tap_uint(trv_digest_sha256(digest, none, out), TRV_OK, "no data");

    trv_digest_destroy(digest);
    trv_digest_destroy(NULL);

    return tap_done();
}
