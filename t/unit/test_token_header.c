
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a token is by its first part, however that is written and however long
 * it is.
 */


#include "../../src/core/trv_base64.h"
#include "token.h"


/* the first part, as JSON; what comes behind it is the same for all */

typedef struct {
    const char        *name;
    trv_str_t          json;
    trv_token_kind_t   kind;
    trv_token_kind_t   five;          /* with five parts */
} header_case_t;


#define HEADER(name, json, kind, five)                                        \
    { name, trv_string(json), TRV_TOKEN_ ## kind, TRV_TOKEN_ ## five }


static const header_case_t  headers[] = {
    HEADER("alg", "{\"alg\":\"x\"}", JWS, JWS),
    HEADER("alg, empty", "{\"alg\":\"\"}", JWS, JWS),
    HEADER("alg and enc", "{\"alg\":\"x\",\"enc\":\"y\"}", JWS, JWE),
    HEADER("enc is a number", "{\"alg\":\"x\",\"enc\":1}", JWS, JWS),
    HEADER("enc without alg", "{\"enc\":\"x\"}", OPAQUE, OPAQUE),
    HEADER("white space", " \t\r\n{ \t\r\n\"alg\" : \"x\" } \n", JWS, JWS),
    HEADER("a byte order mark", "\xef\xbb\xbf{\"alg\":\"x\"}", JWS, JWS),
    HEADER("alg escaped", "{\"\\u0061lg\":\"x\"}", JWS, JWS),
    HEADER("alg not first", "{\"typ\":\"JWT\",\"kid\":\"1\",\"alg\":\"x\"}",
           JWS, JWS),

    HEADER("an empty object", "{}", OPAQUE, OPAQUE),
    HEADER("alg in another case", "{\"Alg\":\"x\"}", OPAQUE, OPAQUE),
    HEADER("alg is a number", "{\"alg\":1}", OPAQUE, OPAQUE),
    HEADER("alg is null", "{\"alg\":null}", OPAQUE, OPAQUE),
    HEADER("alg is an array", "{\"alg\":[\"x\"]}", OPAQUE, OPAQUE),
    HEADER("alg is deeper", "{\"a\":{\"alg\":\"x\"}}", OPAQUE, OPAQUE),
    HEADER("an array", "[\"alg\"]", OPAQUE, OPAQUE),
    HEADER("a string", "\"alg\"", OPAQUE, OPAQUE),
    HEADER("a number", "1", OPAQUE, OPAQUE),
    HEADER("a brace", "{", OPAQUE, OPAQUE),
    HEADER("a brace and a name", "{alg:\"x\"}", OPAQUE, OPAQUE),
    HEADER("white space and more", "     x", OPAQUE, OPAQUE),

    /* what jansson cannot read others can */

    HEADER("a lone surrogate", "{\"alg\":\"x\",\"kid\":\"\\ud83d\"}",
           JWS, JWS),
    HEADER("1e400", "{\"alg\":\"x\",\"n\":1e400}", JWS, JWS),
    HEADER("a number of 65 bits", "{\"alg\":\"x\",\"n\":36893488147419103232}",
           JWS, JWS),
    HEADER("not UTF-8", "{\"alg\":\"x\",\"kid\":\"\xff\"}", JWS, JWS),
    HEADER("more behind it", "{\"alg\":\"x\",\"enc\":\"y\"} x", JWS, JWS),
    HEADER("cut off", "{\"alg\":\"x\"", JWS, JWS),
    HEADER("a quote", "{\"", JWS, JWS),

    /* what jansson can read, with care */

    HEADER("a NUL in a value", "{\"alg\":\"x\",\"enc\":\"\\u0000\"}",
           JWS, JWE),
    HEADER("a NUL byte", "{\"alg\":\"x\",\"kid\":\"\0\"}", JWS, JWS),
    HEADER("a name twice", "{\"alg\":\"x\",\"enc\":\"y\",\"alg\":\"z\"}",
           JWS, JWE),
};


/* a token made of a header and some parts, base64url */

static trv_str_t
token_make(trv_str_t json, const char *rest)
{
    size_t   len;
    uint8_t *raw;

    raw = malloc(trv_base64_encoded_len(json.len) + strlen(rest));
    len = trv_base64url_encode(json, raw);
    memcpy(raw + len, rest, strlen(rest));

    return token_str(raw, len + strlen(rest));
}


static void
token_headers(void)
{
    size_t       i;
    trv_str_t    three, five;
    trv_token_t  token;

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {

        three = token_make(headers[i].json, ".e30.c2ln");
        five = token_make(headers[i].json, ".e30.c2ln.YQ.YQ");

        token_identify(three, &token);
        tap_uint(token.kind, headers[i].kind, headers[i].name);

        token_identify(five, &token);
        tap_uint(token.kind, headers[i].five, "with five parts");

        token_prefixes(five);

        free((void *) three.data);
        free((void *) five.data);
    }
}


/*
 * A header with a long member: below the limit it is read, beyond it is
 * taken for one, and a JWE is found under its canonical spelling either way.
 */

static void
token_long_header(size_t len, trv_token_kind_t kind)
{
    uint8_t     *json, id[TRV_SHA256_LEN];
    unsigned     i, found;
    trv_str_t    canonical, spelled;
    trv_token_t  token;

    static const char  head[] = "{\"alg\":\"x\",\"enc\":\"y\",\"x5c\":\"";

    json = malloc(len);
    memset(json, 'x', len);
    memcpy(json, head, sizeof(head) - 1);
    memcpy(json + len - 2, "\"}", 2);

    canonical = token_make(token_str(json, len), ".e30.c2ln.YQ.YQ");
    spelled = token_make(token_str(json, len), ".e30.c2ln.YQ.YR==");

    token_identify(spelled, &token);
    tap_uint(token.kind, kind, "a long header");

    trv_digest_sha256(digest, canonical, id);

    for (found = 0, i = 0; i < token.nids; i++) {
        found += memcmp(token.id[i], id, sizeof(id)) == 0;
    }

    tap_uint(found, 1, "its canonical spelling");
    tap_ok(token_sound(spelled), "sound");

    free(json);
    free((void *) canonical.data);
    free((void *) spelled.data);
}


/* nesting deeper than jansson goes, and 32 KB of nothing */

static void
token_hostile(void)
{
    uint8_t     *data;
    trv_str_t    raw;
    trv_token_t  token;

    data = malloc(32768);

    memset(data, '[', 6000);
    memcpy(data, "{\"a\":", 5);
    raw = token_make(token_str(data, 6000), ".e30.x");
    token_identify(raw, &token);
    tap_uint(token.kind, TRV_TOKEN_JWS, "nested too deep");
    free((void *) raw.data);

    memset(data, '!', 32768);
    data[32767] = '.';
    tap_ok(token_sound(token_str(data, 32768)), "nothing to decode");

    memset(data, '.', 32768);
    tap_ok(token_sound(token_str(data, 32768)), "dots");

    memcpy(data, "eyJhbGciOiJub25lIn0", 19);
    tap_ok(token_sound(token_str(data, 32768)), "a header and dots");

    free(data);
}


int
main(void)
{
    digest = trv_digest_create();

    if (!tap_ok(digest != NULL, "a digest")) {
        return tap_done();
    }

    token_headers();
    token_long_header(8190, TRV_TOKEN_JWE);
    token_long_header(8191, TRV_TOKEN_JWS);
    token_long_header(20000, TRV_TOKEN_JWS);
    token_hostile();

    trv_digest_destroy(digest);

    return tap_done();
}
