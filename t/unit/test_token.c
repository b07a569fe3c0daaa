
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a token is.  The identities are written as the bytes that are hashed;
 * that the hash is SHA-256 is tested in test_digest.c.
 */


#include "../../src/codec/trv_memory.h"
#include "token.h"


typedef struct {
    const char        *name;
    trv_str_t          raw;
    trv_token_kind_t   kind;
    unsigned           nids;
    trv_str_t          id[TRV_TOKEN_IDS];
} token_case_t;


#define OPAQUE(name, raw)                                                     \
    { name, trv_string(raw), TRV_TOKEN_OPAQUE, 1, { trv_string(raw) } }

#define JWS(name, prefix, rest)                                               \
    { name, trv_string(prefix rest), TRV_TOKEN_JWS, 2,                        \
      { trv_string(prefix), trv_string(prefix rest) } }


/* RFC 7515, appendix A */

#define PAYLOAD  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"   \
                 "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

#define HS256    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." PAYLOAD
#define RS256    "eyJhbGciOiJSUzI1NiJ9." PAYLOAD
#define ES256    "eyJhbGciOiJFUzI1NiJ9." PAYLOAD
#define NONE     "eyJhbGciOiJub25lIn0." PAYLOAD

#define HS256_SIGNATURE  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

#define RS256_SIGNATURE                                                       \
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"        \
    "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"        \
    "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"        \
    "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"        \
    "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"        \
    "p0igcN_IoypGlUPQGe77Rw"

#define ES256_SIGNATURE                                                       \
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"        \
    "pmWQxfKTUJqPP3-Kg6NU1Q"


/* RFC 7516, appendix A.1 */

#define JWE_HEADER  "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ"

#define JWE_KEY                                                               \
    "OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe"        \
    "ipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDb"        \
    "Sv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaV"        \
    "mqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je8"        \
    "1860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi"        \
    "6UklfCpIMfIjf7iGdXKHzg"

#define JWE_IV      "48V1_ALb6US04U3b"

#define JWE_TEXT                                                              \
    "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji"        \
    "SdiwkIr3ajwQzaBtQD_A"

#define JWE_TAG     "XFBoMYUZodetZdvTiFvSkQ"
#define JWE_START   JWE_HEADER "." JWE_KEY
#define JWE_MIDDLE  "." JWE_IV "." JWE_TEXT "."
#define JWE         JWE_START JWE_MIDDLE JWE_TAG


#define JWE_SPELLED(name, raw)                                                \
    { name, trv_string(raw), TRV_TOKEN_JWE, 2,                                \
      { trv_string(raw), trv_string(JWE) } }


#define HEX_LOWER  "9f86d081884c7d659a2feaa0c55ad015"                         \
                   "a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define HEX_UPPER  "9F86D081884C7D659A2FEAA0C55AD015"                         \
                   "A3BF4F1B2B0B822CD15D6C15B0F00A08"


static const token_case_t  cases[] = {

    OPAQUE("nothing", ""),
    OPAQUE("opaque", "f3b1c2d4-9a7e-4c55"),
    OPAQUE("a dot", "."),
    OPAQUE("two dots", ".."),
    OPAQUE("four dots", "...."),
    OPAQUE("a.b.c", "a.b.c"),
    OPAQUE("a signed cookie", "s:5kqZ.hM1x"),
    OPAQUE("NUL bytes", "\0.\0.\0"),
    OPAQUE("a header without a dot", "eyJhbGciOiJub25lIn0"),
    OPAQUE("a header behind a dot", ".eyJhbGciOiJub25lIn0"),
    OPAQUE("a brace alone", "ew.e30.x"),
    OPAQUE("a brace and noise", "e3t7e3t7.e30.x"),
    OPAQUE("blanks alone", "ICAg.e30.x"),
    OPAQUE("no digit of base64", "!!!!.e30.x"),

    { "64 hex digits", trv_string(HEX_LOWER), TRV_TOKEN_OPAQUE, 2,
      { trv_string(HEX_LOWER), trv_string("test") } },
    { "64 hex digits in capitals", trv_string(HEX_UPPER), TRV_TOKEN_OPAQUE, 2,
      { trv_string(HEX_UPPER), trv_string("test") } },
    OPAQUE("63 hex digits and a letter",
           "9f86d081884c7d659a2feaa0c55ad015"
           "a3bf4f1b2b0b822cd15d6c15b0f00a0g"),

    JWS("A.1 HS256", HS256, "." HS256_SIGNATURE),
    JWS("A.2 RS256", RS256, "." RS256_SIGNATURE),
    JWS("A.3 ES256", ES256, "." ES256_SIGNATURE),
    JWS("A.5 unsecured", NONE, "."),
    JWS("other spare bits", ES256, ".DtEhU3ljbEg8L38V1R"),
    JWS("padding", HS256, "." HS256_SIGNATURE "="),
    JWS("a line break", HS256, "." HS256_SIGNATURE "\r\n"),
    JWS("the other alphabet", HS256, ".dBjftJeZ4CVP+mB92K27"),
    JWS("four parts", HS256, "." HS256_SIGNATURE "."),
    JWS("five parts", HS256, "." HS256_SIGNATURE ".a.b"),
    JWS("six parts", HS256, "." HS256_SIGNATURE ".a.b.c"),
    JWS("only dots behind", HS256, "...."),
    JWS("NUL behind", HS256, ".\0"),
    JWS("an empty payload", "eyJhbGciOiJub25lIn0.", ".x"),
    JWS("a padded header", "eyJhbGciOiJub25lIn0=.e30", ".x"),
    JWS("a header in the middle of noise", "!eyJh bGci\x80OiJub25lIn0.e30",
        ".x"),

    { "no signature", trv_string(HS256), TRV_TOKEN_JWS, 1,
      { trv_string(HS256) } },

    { "7516 A.1", trv_string(JWE), TRV_TOKEN_JWE, 1, { trv_string(JWE) } },
    JWE_SPELLED("a padded tag", JWE "=="),
    JWE_SPELLED("spare bits", JWE_START JWE_MIDDLE "XFBoMYUZodetZdvTiFvSkR"),
    JWE_SPELLED("a blank in the tag",
                JWE_START JWE_MIDDLE "XFBoMYUZ odetZdvTiFvSkQ"),
    JWE_SPELLED("a padded key", JWE_START "==" JWE_MIDDLE JWE_TAG),
    JWE_SPELLED("the other alphabet",
                JWE_START ".48V1/ALb6US04U3b." JWE_TEXT "." JWE_TAG),

    { "more behind the padding", trv_string(JWE "==AAAA"), TRV_TOKEN_JWE, 3,
      { trv_string(JWE "==AAAA"), trv_string(JWE "AAAA"), trv_string(JWE) } },

    { "no key", trv_string(JWE_HEADER "." JWE_MIDDLE JWE_TAG "="),
      TRV_TOKEN_JWE, 2,
      { trv_string(JWE_HEADER "." JWE_MIDDLE JWE_TAG "="),
        trv_string(JWE_HEADER "." JWE_MIDDLE JWE_TAG) } },

    JWS("a JWE of four parts", JWE_START, "." JWE_IV "." JWE_TEXT),

    { "a JWE with a sixth part", trv_string(JWE "=.x"), TRV_TOKEN_JWS, 3,
      { trv_string(JWE_START), trv_string(JWE "=.x"), trv_string(JWE) } },
};


static void
token_table(const token_case_t *e)
{
    unsigned     i;
    uint8_t      id[TRV_SHA256_LEN];
    trv_token_t  token;

    tap_uint(token_identify(e->raw, &token), TRV_OK, e->name);
    tap_uint(token.kind, e->kind, e->name);

    if (!tap_uint(token.nids, e->nids, e->name)) {
        return;
    }

    for (i = 0; i < e->nids; i++) {
        trv_digest_sha256(digest, e->id[i], id);
        tap_ok(memcmp(id, token.id[i], sizeof(id)) == 0, "identity %u", i);
    }
}


/* the figures that sha256sum gives: those of the documentation */

static void
token_pinned(void)
{
    uint8_t      hex[2 * TRV_SHA256_LEN];
    trv_str_t    none = { 0, NULL };
    trv_str_t    raw = trv_string(HS256 "." HS256_SIGNATURE);
    trv_token_t  token;

    trv_token_identify(digest, raw, &token);

    trv_digest_to_hex(token.id[0], hex);
    tap_bytes(hex, sizeof(hex),
              "8574410fe367e57f9e271bdd3e254880"
              "3dc13b6cde0c589eb9a6d9f60071f4a7", 64, "what was signed");

    trv_digest_to_hex(token.id[1], hex);
    tap_bytes(hex, sizeof(hex),
              "8d4ef6536dc8895f256c1e0d95dcd197"
              "63036732d64a095e44a90ed444267ad3", 64, "the whole");

    tap_uint(trv_token_identify(digest, none, &token), TRV_OK, "no address");
}


static unsigned  left;


static void *
token_no_memory(void *p, size_t size)
{
    return left-- == 0 ? NULL : realloc(p, size);
}


/* an identity that cannot be made is not left out; two spellings, each twice */

static void
token_short_memory(void)
{
    unsigned     n;
    trv_rc_t     rc;
    trv_str_t    raw = trv_string(JWE "==");
    trv_token_t  token;

    trv_memory_realloc = token_no_memory;

    for (n = 0; n < 5; n++) {
        left = n;
        rc = trv_token_identify(digest, raw, &token);
        tap_ok(rc == (n < 4 ? TRV_NOMEM : TRV_OK), "a JWE, memory for %u", n);
    }

    trv_memory_realloc = realloc;
}


int
main(void)
{
    size_t  i;

    digest = trv_digest_create();

    if (!tap_ok(digest != NULL, "a digest")) {
        return tap_done();
    }

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        token_table(&cases[i]);
        token_prefixes(cases[i].raw);
    }

    token_pinned();
    token_short_memory();

    trv_digest_destroy(digest);

    return tap_done();
}
