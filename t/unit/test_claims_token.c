
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Tokens as a whole: those of RFC 7515 and 7519, their headers, when they were
 * issued, and what is said of one that cannot be read.
 */


#include "claims.h"


#define UNKNOWN  TRV_ISSUED_UNKNOWN


typedef struct {
    const char  *payload;
    int64_t      issued;
} issued_case_t;


static const issued_case_t  issued[] = {
    { "{}",                                 UNKNOWN },
    { "{\"iat\":1487894400}",               1487894400 },
    { "{\"iat\":1487894400.0}",             1487894400 },
    { "{\"iat\":1487894400.999}",           1487894400 },
    { "{\"iat\":1.4878944e9}",              1487894400 },
    { "{\"iat\":0}",                        0 },
    { "{\"iat\":-1}",                       -1 },
    { "{\"iat\":-0.5}",                     -1 },
    { "{\"iat\":-100000000000}",            INT64_C(-100000000000) },
    { "{\"iat\":99999999999}",              INT64_C(99999999999) },
    { "{\"iat\":99999999999.9}",            INT64_C(99999999999) },
    { "{\"iat\":100000000000}",             100000000 },
    { "{\"iat\":1487894400999}",            1487894400 },
    { "{\"iat\":1487894400999.9}",          1487894400 },
    { "{\"iat\":4102444800}",               INT64_C(4102444800) },
    { "{\"iat\":1e400}",                    UNKNOWN },
    { "{\"iat\":1e19}",                     UNKNOWN },
    { "{\"iat\":\"1487894400\"}",           UNKNOWN },
    { "{\"iat\":null}",                     UNKNOWN },
    { "{\"iat\":true}",                     UNKNOWN },
    { "{\"iat\":NaN}",                      UNKNOWN },
    { "{\"iat\":[1487894400]}",             UNKNOWN },
    { "{\"iat\":{\"iat\":1487894400}}",     UNKNOWN },
    { "{\"a\":{\"iat\":1487894400}}",       UNKNOWN },
    { "{\"IAT\":1487894400}",               UNKNOWN },
    { "{\"\\u0069at\":1487894400}",         1487894400 },
    { "{\"iat\":1487894400,\"iat\":5}",     5 },
    { "{\"iat\":5,\"iat\":1487894400}",     5 },
    { "{\"iat\":5,\"iat\":null}",           UNKNOWN },
    { "{\"iat\":null,\"iat\":5}",           UNKNOWN },
    { "{\"iat\":1487894400,\"a\":{\"iat\":5}}", 1487894400 },
    { "{\"iat\":1487894400",                UNKNOWN },
    { "{\"iat\":1487894400}x",              UNKNOWN },
};


/* what stands for a payload though it is none */

static const trv_str_t  unreadable[] = {
    trv_string(""),
    trv_string("Payload"),
    trv_string("\"sub\""),
    trv_string("1"),
    trv_string("null"),
    trv_string("[]"),
    trv_string("[{\"sub\":\"alice\"}]"),
    trv_string("{\"sub\":\"alice\""),
    trv_string("{\"sub\":\"alice\"}}"),
    trv_string("{\"sub\":\"alice\"}{}"),
    trv_string("{\"sub\":\"alice\"}\0"),
    trv_string("{\"sub\":\"alice\",}"),
    trv_string("{\"sub\":\"alice\",\"n\":01}"),
    trv_string("{\"sub\":\"alice\",\"n\":\"\t\"}"),
    trv_string("{\"sub\":\"alice\",\"n\":\"\\x\"}"),
    trv_string("{\"sub\":\"alice\",\"n\":[}"),
    trv_string("{\"aud\":[\"alice\",\"n\":1}"),
    trv_string("{\"aud\":[\"alice\",[{]]}"),
    trv_string("{sub:\"alice\"}"),
};


static const trv_str_t  none = trv_string("{\"alg\":\"none\"}");


/* the claims of RFC 7515, appendix A, and RFC 7519, sections 3.1 and 6.1 */

#define PAYLOAD  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"   \
                 "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

#define JOE      "iss=joe\nexp=1300819380\nhttp://example.com/is_root=true"


typedef struct {
    const char  *name;
    trv_str_t    raw;
    trv_str_t    values;
    unsigned     unreadable;
} token_case_t;


#define TOKEN(name, raw, values, unreadable)                                  \
    { name, trv_string(raw), trv_string(values), unreadable }


static const token_case_t  tokens[] = {

    TOKEN("7515 A.1, 7519 3.1",
          "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." PAYLOAD
          ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
          "typ=JWT\nalg=HS256\n" JOE, 0),
    TOKEN("7515 A.2", "eyJhbGciOiJSUzI1NiJ9." PAYLOAD ".cC4hiUPoj9Eetdgtv3hF",
          "alg=RS256\n" JOE, 0),
    TOKEN("7515 A.3", "eyJhbGciOiJFUzI1NiJ9." PAYLOAD ".DtEhU3ljbEg8L38VWAfU",
          "alg=ES256\n" JOE, 0),
    TOKEN("7515 A.4, no claims", "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHo",
          "alg=ES512", 1),
    TOKEN("7515 A.5, 7519 6.1", "eyJhbGciOiJub25lIn0." PAYLOAD ".",
          "alg=none\n" JOE, 0),
    TOKEN("7519 A.2, nested",
          "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiY3R5IjoiSldUIn0"
          ".g_hEwksO1Ax8Qn7HoN.UmVkbW9uZCBXQSA5OD.VwHERHPvCNcHHpTjkoig.AVO9iT",
          "alg=RSA1_5\nenc=A128CBC-HS256\ncty=JWT", 0),

    TOKEN("no signature", "eyJhbGciOiJub25lIn0." PAYLOAD, "alg=none\n" JOE, 0),
    TOKEN("more parts", "eyJhbGciOiJub25lIn0." PAYLOAD ".a.b.c",
          "alg=none\n" JOE, 0),
    TOKEN("no payload", "eyJhbGciOiJub25lIn0..x", "alg=none", 1),
    TOKEN("no payload and no dot", "eyJhbGciOiJub25lIn0.", "alg=none", 1),
    TOKEN("a padded payload", "eyJhbGciOiJub25lIn0.eyJpc3MiOjF9ICA=.",
          "alg=none\niss=1", 0),
    TOKEN("a line break in the payload",
          "eyJhbGciOiJub25lIn0.eyJpc3\r\nMiOjF9.", "alg=none\niss=1", 0),
    TOKEN("a line break behind the padding",
          "eyJhbGciOiJub25lIn0.eyJpc3MiOjF9ICA=\n.", "alg=none\niss=1", 0),
    TOKEN("padding within the payload",
          "eyJhbGciOiJub25lIn0.eyJpc3MiOjF9ICA=gIA.", "alg=none", 1),
    TOKEN("padding within the header",
          "eyJhbGciOiJub25lIn0gICA=gIA." PAYLOAD ".", "alg=none\n" JOE, 1),

    TOKEN("opaque", "f3b1c2d4-9a7e-4c55", "", 0),
    TOKEN("nothing", "", "", 0),
    TOKEN("a signed cookie", "eyJpc3MiOjF9.YrY4wA.hM1x", "", 0),
    TOKEN("claims without a header", "." PAYLOAD ".x", "", 0),
};


/* the first part, as JSON, with claims that have an "iss" of 1 */

typedef struct {
    trv_str_t  json;
    trv_str_t  values;
    unsigned   unreadable;
} header_case_t;


#define HEADER(json, values, unreadable)                                      \
    { trv_string(json), trv_string(values), unreadable }


static const header_case_t  headers[] = {
    HEADER("{\"alg\":\"x\",\"kid\":\"k\"}", "alg=x\nkid=k\niss=1", 0),
    HEADER("{\"alg\":\"x\",\"kid\":7.0}", "alg=x\nkid=7\niss=1", 0),
    HEADER("{\"alg\":\"x\",\"kid\":[\"a\",\"b\"]}",
           "alg=x\nkid=a\nkid=b\niss=1", 0),
    HEADER("{\"alg\":\"x\",\"kid\":\"a\",\"kid\":\"b\"}",
           "alg=x\nkid=a\nkid=b\niss=1", 0),
    HEADER("{\"alg\":\"x\",\"alg\":1}", "alg=x\nalg=1\niss=1", 0),
    HEADER("{\"alg\":\"x\",\"kid\":\"\\ud83d\"}",
           "alg=x\nkid=\xef\xbf\xbd\niss=1", 0),
    HEADER("{\"alg\":\"x\",\"n\":1e400,\"kid\":\"k\"}",
           "alg=x\nkid=k\niss=1", 0),
    HEADER("{\"alg\":\"x\",\"iss\":2}", "alg=x\niss=1", 0),

    /* only top level, and by the whole name */

    HEADER("{\"alg\":\"x\",\"j\":{\"kid\":\"k\",\"x\":\"y\"}}",
           "alg=x\niss=1", 0),
    HEADER("{\"alg\":\"x\",\"j.x\":\"y\"}", "alg=x\nj.x=y\niss=1", 0),

    /* others may read it */

    HEADER("{\"alg\":\"x\",\"kid\":\"k\"} x", "iss=1", 1),
    HEADER("{\"alg\":\"x\",\"kid\":\"k\"", "iss=1", 1),
    HEADER("{\"alg\":\"x\",\"kid\":\"\t\"}", "iss=1", 1),

    /* not a header: nothing of it counts */

    HEADER("{\"kid\":\"k\"}", "", 0),
    HEADER("{\"alg\":1,\"kid\":\"k\"}", "", 0),
    HEADER("[\"alg\"]", "", 0),
};


/* what is said of one claim of {"alg":"none"} and these claims */

typedef struct {
    const char  *payload;
    const char  *name;
    trv_rc_t     rc;
    const char  *value;
} value_case_t;


static const value_case_t  values[] = {
    { "{\"jti\":\"x\"}",            "jti",  TRV_OK,         "x" },
    { "{\"jti\":\"\"}",             "jti",  TRV_OK,         "" },
    { "{\"jti\":1e1}",              "jti",  TRV_OK,         "10" },
    { "{\"jti\":true}",             "jti",  TRV_OK,         "true" },
    { "{\"jti\":[null,\"a\",\"b\"]}", "jti", TRV_OK,        "a" },
    { "{\"jti\":\"a\",\"jti\":\"b\"}", "jti", TRV_OK,       "a" },
    { "{\"jti\":null,\"jti\":\"b\"}", "jti", TRV_OK,        "b" },
    { "{\"jti\":\"\\u00e9\"}",      "jti",  TRV_OK,         "\xc3\xa9" },
    { "{\"a\":{\"b\":1}}",          "a.b",  TRV_OK,         "1" },
    { "{\"a\":{\"b\":1},\"a.b\":2}", "a.b", TRV_OK,         "2" },
    { "{\"a\":{\"b\":1},\"a.b\":{}}", "a.b", TRV_OK,        "1" },
    { "{\"jti\":\"1234567\"}",      "jti",  TRV_OK,         "1234567" },
    { "{\"jti\":\"12345678\"}",     "jti",  TRV_LIMIT,      "" },
    { "{\"jti\":12345678}",         "jti",  TRV_LIMIT,      "" },
    { "{\"jti\":null}",             "jti",  TRV_NONE,       "" },
    { "{\"jti\":{}}",               "jti",  TRV_NONE,       "" },
    { "{\"jti\":1.5}",              "jti",  TRV_NONE,       "" },
    { "{}",                         "jti",  TRV_NONE,       "" },
    { "{}",                         "",     TRV_NONE,       "" },
    { "{\"jti\":\"x\"",             "jti",  TRV_MALFORMED,  "" },
    { "{\"jti\":\"x\"}}",           "jti",  TRV_MALFORMED,  "" },
    { "[\"jti\"]",                  "jti",  TRV_MALFORMED,  "" },
};


static trv_plan_t  plan;


static trv_rc_t
claims_read(trv_str_t raw, trv_traits_t *traits)
{
    memset(traits, 0xa5, sizeof(trv_traits_t));

    return trv_claims_read(digest, &zone.table, &plan, raw, NULL, traits);
}


static void
claims_check(const char *name, trv_str_t raw, trv_str_t expected,
    unsigned bad)
{
    trv_token_t   token;
    trv_traits_t  traits;

    trv_token_identify(digest, raw, &token);

    tap_ok(claims_read(raw, &traits) == TRV_OK
           && traits.unreadable == bad && !traits.crowded
           && traits.nids == token.nids
           && memcmp(traits.id, token.id, token.nids * TRV_SHA256_LEN) == 0,
           "%s", name);

    tap_uint((uint64_t) claims_count(&plan, &traits, expected),
             traits.ntraits, "its values");
}


static void
claims_tokens(void)
{
    size_t        i, n;
    trv_str_t     raw;
    trv_traits_t  traits;

    for (i = 0; i < nelts(tokens); i++) {

        claims_check(tokens[i].name, tokens[i].raw, tokens[i].values,
                     tokens[i].unreadable);

        for (n = 0; n < tokens[i].raw.len; n++) {
            raw.data = memcpy(malloc(n + !n), tokens[i].raw.data, n);
            raw.len = n;
            claims_read(raw, &traits);
            free((void *) raw.data);
        }
    }

    for (i = 0; i < nelts(headers); i++) {
        raw = claims_token(headers[i].json, claims_str("{\"iss\":1}", 9),
                           ".x");
        claims_check((const char *) headers[i].json.data, raw,
                     headers[i].values, headers[i].unreadable);
        free((void *) raw.data);
    }
}


static void
claims_issued(void)
{
    size_t        i;
    trv_str_t     raw;
    trv_traits_t  traits;

    for (i = 0; i < nelts(issued); i++) {
        raw = claims_token(none, claims_str(issued[i].payload,
                                            strlen(issued[i].payload)), ".");
        claims_read(raw, &traits);
        tap_uint((uint64_t) traits.issued, (uint64_t) issued[i].issued,
                 issued[i].payload);
        free((void *) raw.data);
    }
}


static void
claims_unreadable(void)
{
    size_t        i;
    trv_str_t     raw;
    trv_traits_t  traits;

    for (i = 0; i < nelts(unreadable); i++) {
        raw = claims_token(none, unreadable[i], ".x");
        claims_read(raw, &traits);

        tap_ok(traits.unreadable && traits.issued == TRV_ISSUED_UNKNOWN
               && claims_count(&plan, &traits, claims_str("alg=none", 8)) == 1
               && traits.ntraits == 1,
               "not readable: %s", (const char *) unreadable[i].data);

        free((void *) raw.data);
    }
}


static void
claims_values(void)
{
    size_t               i, len;
    uint8_t              buf[7];
    trv_rc_t             rc;
    trv_str_t            raw;
    const value_case_t  *e;

    for (i = 0; i < nelts(values); i++) {
        e = &values[i];

        raw = claims_token(none, claims_str(e->payload, strlen(e->payload)),
                           ".");
        len = 99;
        rc = trv_claims_value(raw, claims_str(e->name, strlen(e->name)), buf,
                              sizeof(buf), &len);

        tap_uint(rc, e->rc, e->payload);
        tap_bytes(buf, len, e->value, strlen(e->value), e->name);

        free((void *) raw.data);
    }

    for (i = 0; i < nelts(tokens); i++) {
        rc = trv_claims_value(tokens[i].raw, claims_str("iss", 3), buf,
                              sizeof(buf), &len);

        tap_uint(rc, strstr((const char *) tokens[i].values.data, "iss")
                     ? TRV_OK
                     : tokens[i].unreadable ? TRV_MALFORMED : TRV_NONE,
                 "its issuer");
    }
}


int
main(void)
{
    size_t  i;

    static const char *const  names[] = {
        "header.alg", "header.kid", "header.enc", "header.cty", "header.typ",
        "header.j.x", "iss", "exp", "aud", "http://example.com/is_root",
    };

    digest = trv_digest_create();
    zone = zone_open(4 * MB);

    if (digest == NULL) {
        return 2;
    }

    for (i = 0; i < nelts(names); i++) {
        claims_select(&plan, names[i]);
    }

    claims_tokens();
    claims_issued();
    claims_unreadable();
    claims_values();

    zone_close(&zone);
    trv_digest_destroy(digest);

    return tap_done();
}
