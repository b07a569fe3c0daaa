
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The truth tables of the extractors.  Each case is also run on every prefix
 * of its input, in a block that ends where the prefix does, and with each
 * allocation failing in turn.
 */


#include <stdlib.h>

#include "../../src/core/trv_extract.h"
#include "tap.h"


#define EXTRACT_ALLOCS  256


typedef enum {
    EXTRACT_VALUE = 0,
    EXTRACT_SCHEME,
    EXTRACT_BASIC,
    EXTRACT_COOKIE,
    EXTRACT_ARG
} extract_kind_t;


typedef struct {
    extract_kind_t   kind;
    trv_str_t        name;
    trv_str_t        in;
    unsigned         ntokens;
    trv_str_t        found;           /* in this order, '|' between them */
} extract_case_t;


#define CASE(kind, name, in, n, found)                                        \
    { kind, trv_string(name), trv_string(in), n, trv_string(found) }

#define VALUE(in, n, found)         CASE(EXTRACT_VALUE, "", in, n, found)
#define SCHEME(name, in, n, found)  CASE(EXTRACT_SCHEME, name, in, n, found)
#define BEARER(in, n, found)        SCHEME("Bearer", in, n, found)
#define BASIC(in, n, found)         CASE(EXTRACT_BASIC, "", in, n, found)
#define COOKIE(in, n, found)        CASE(EXTRACT_COOKIE, "my_sid", in, n, found)
#define ARG(in, n, found)           CASE(EXTRACT_ARG, "my_tok", in, n, found)


static const extract_case_t  cases[] = {

    BEARER("",                          0, ""),
    BEARER("Bearer",                    0, ""),
    BEARER("Bearer ",                   0, ""),
    BEARER("Bearer \t \t",              0, ""),
    BEARER("Bearer abc",                1, "abc"),
    BEARER("bEaReR abc",                1, "abc"),
    BEARER("Bearer  \t abc \t",         1, "abc"),
    BEARER("Bearer\tabc",               1, "abc"),
    BEARER("  Bearer abc",              1, "abc"),
    BEARER("Bearerabc",                 0, ""),
    BEARER("Bearer=abc",                0, ""),
    BEARER("Beare abc",                 0, ""),
    BEARER("DPoP abc",                  0, ""),
    BEARER("abc",                       0, ""),
    BEARER("Bearer a.b-c_d~e/f",        1, "a.b-c_d~e/f"),
    BEARER("Bearer a+b",                1, "a+b"),
    BEARER("Bearer a%62",               1, "a%62"),
    BEARER("Bearer abc=",               1, "abc="),
    BEARER("Bearer abc==",              1, "abc=="),
    BEARER("Bearer abc def",            1, "abc def|abc"),
    BEARER("Bearer abc\x0b",            1, "abc\x0b|abc"),
    BEARER("Bearer\x0b" "abc",          1, "abc"),
    BEARER("Bearer\xc2\xa0" "abc",      1, "\xa0" "abc|abc"),
    BEARER("Bearer \xc3\xa9\xc3\xa9",   1, "\xc3\xa9\xc3\xa9"),
    BEARER("Bearer abc,def",            1, "abc,def|abc"),
    BEARER("Bearer abc;def",            1, "abc;def|abc"),
    BEARER("Bearer abc d,e",            1, "abc d,e|abc|abc d"),
    BEARER("Bearer ,abc",               1, ",abc"),
    BEARER("Bearer a, Bearer b",        2, "a, Bearer b|a,|a|b"),
    BEARER("Bearer a,Bearer a",         1, "a,Bearer a|a,Bearer|a"),
    BEARER("Bearer a, DPoP b",          1, "a, DPoP b|a,|a"),
    BEARER("Bearer Bearer abc",         2, "Bearer abc|Bearer|abc"),
    BEARER("X y, bearer abc",           1, "abc"),
    BEARER("xBearer abc",               1, "abc"),
    BEARER("Bearer token=abc",          1, "token=abc|abc"),
    BEARER("Bearer token=\"abc\"",      1, "token=\"abc\"|\"abc\""
                                           "|token=\"abc|abc"),
    BEARER("Bearer token=ab==",         1, "token=ab==|ab=="),
    BEARER("Bearer token=abc, x=\"y\"", 1, "token=abc, x=\"y\"|token=abc,"
                                           "|token=abc|abc"
                                           "|token=abc, x=\"y"),
    BEARER("Bearer \"abc\"",            1, "\"abc\"|abc"),
    BEARER("Bearer \"ab\\c\"",          1, "\"ab\\c\"|ab\\c|abc"),
    BEARER("Bearer \"\"",               1, "\"\""),
    BEARER("Bearer \"",                 1, "\""),
    BEARER("Bearer a\0b",               1, "a\0b|a"),
    SCHEME("DPoP", "dpop abc",          1, "abc"),
    SCHEME("DPoP", "Bearer abc",        0, ""),
    SCHEME("X", "X a",                  1, "a"),
    SCHEME("", "Bearer abc",            0, ""),

    VALUE("",                           0, ""),
    VALUE(" \t",                        0, ""),
    VALUE("abc",                        1, "abc"),
    VALUE("\t abc ",                    1, "abc"),
    VALUE("abc==",                      1, "abc=="),
    VALUE("\"abc\"",                    1, "\"abc\"|abc"),
    VALUE("Bearer",                     1, "Bearer"),
    VALUE("Bearer abc",                 1, "Bearer abc|Bearer|abc"),
    VALUE("dpop \t abc",                1, "dpop \t abc|dpop|abc"),
    VALUE("Token abc",                  1, "Token abc|Token|abc"),
    VALUE("x Bearer abc",               1, "x Bearer abc|x|Bearer abc"
                                           "|Bearer|abc"),
    VALUE("a b Bearer c",               2, "a b Bearer c|a|b Bearer c|b|c"),
    VALUE("a, b",                       1, "a, b|a,|a|b"),
    VALUE("a%62c",                      1, "a%62c|abc"),
    VALUE("a+c",                        1, "a+c"),
    VALUE("Bearer%20abc",               1, "Bearer%20abc|Bearer abc|abc"),
    VALUE("%22abc%22",                  1, "%22abc%22|\"abc\"|abc"),

    BASIC("Basic dXNlcjpwYXNz",         2, "user|pass"),
    BASIC("basic \t dXNlcjpwYXNz \t",   2, "user|pass"),
    BASIC("Basic dXNlcjo=",             1, "user"),
    BASIC("Basic dXNlcjo",              1, "user"),
    BASIC("Basic OnBhc3M=",             1, "pass"),
    BASIC("Basic Og==",                 0, ""),
    BASIC("Basic dXNlcg==",             1, "user"),
    BASIC("Basic ",                     0, ""),
    BASIC("Basic",                      0, ""),
    BASIC("Basic ====",                 0, ""),
    BASIC("Bearer dXNlcjpwYXNz",        0, ""),
    BASIC("Basic YTphOmI6Yw==",         2, "a|a:a:b|a:b:c|c"),
    BASIC("Basic dXNlcjp1c2Vy",         1, "user"),
    BASIC("Basic Pz8-Oj8_Pw",           2, "?\?>|?\??"),
    BASIC("Basic Pz8+Oj8/Pw==",         2, "?\?>|?\??"),
    BASIC("Basic dX!Nl\"cjpw",          2, "user|p"),
    BASIC("Basic dXNl cjpwYXNz",        2, "use|user|pass"),
    BASIC("Basic dXNlcjpw,YXNz",        2, "user|p|pass"),
    BASIC("Basic dXNlcjpwYXNz, x",      2, "user|pass"),
    BASIC("Basic dXNlcjpwYQ==YQ==",     2, "user|pa\x06\x10|pa"),
    BASIC("Basic YSUzYWI6Yys=",         2, "a%3ab|c+|a:b|c |c"),
    BASIC("Basic YTpi, Basic Yzpk",     4, "a|b|b\x05\xab\"q\x8c\xe9"
                                           "|b\x05\xab\"q|c|d"),

    COOKIE("",                          0, ""),
    COOKIE("my_sid",                    0, ""),
    COOKIE("my_sid=",                   0, ""),
    COOKIE("my_sid=;my_sid= ; my_sid=", 0, ""),
    COOKIE("my_sid=abc",                1, "abc"),
    COOKIE("a=b; my_sid=abc; c=d",      1, "abc"),
    COOKIE("a=b;my_sid=abc;c=d",        1, "abc"),
    COOKIE("my_sid = abc ",             1, "abc"),
    COOKIE("my_sid\t=\tabc\t;",         1, "abc"),
    COOKIE("my_sid=a; my_sid=b",        2, "a|b"),
    COOKIE("my_sid=a; my_sid=a",        1, "a"),
    COOKIE("my_sidx=a; xmy_sid=b",      0, ""),
    COOKIE("my_si=a; y_sid=b",          0, ""),
    COOKIE("MY_Sid=abc",                1, "abc"),
    COOKIE("my%5fsid=a; %6dy_si%64=b",  2, "a|b"),
    COOKIE("my.sid=a; my sid=b",        2, "a|b"),
    COOKIE("my+sid=a; my[sid=b",        2, "a|b"),
    COOKIE("my_sid[]=a; my_sid[0]=b",   2, "a|b"),
    COOKIE("my_sid%00x=a",              1, "a"),
    COOKIE("%20my_sid=a",               1, "a"),
    COOKIE("my_sid=a=b==",              1, "a=b=="),
    COOKIE("my_sid=\"abc\"",            1, "\"abc\"|abc"),
    COOKIE("my_sid=\"abcX",             1, "\"abcX|abcX|abc"),
    COOKIE("my_sid=abc\"",              1, "abc\"|abc"),
    COOKIE("my_sid=\"\"abc\"\"",        1, "\"\"abc\"\"|abc|\"abc\""),
    COOKIE("my_sid=\"\\a\\\"\"",        1, "\"\\a\\\"\"|\\a\\|\\a\\\"|a\""),
    COOKIE("my_sid=\"\\141bc\"",        1, "\"\\141bc\"|\\141bc|141bc|abc"),
    COOKIE("my_sid=\"\\400\\18\\\"",    1, "\"\\400\\18\\\"|\\400\\18\\"
                                           "|40018\\"),
    COOKIE("my_sid=\\141bc",            1, "\\141bc"),
    COOKIE("my_sid=%61bc",              1, "%61bc|abc"),
    COOKIE("my_sid=\"%61bc\"",          1, "\"%61bc\"|%61bc|\"abc\"|abc"),
    COOKIE("my_sid=%22abc%22",          1, "%22abc%22|\"abc\"|abc"),
    COOKIE("my_sid=%2561",              1, "%2561|%61|a"),
    COOKIE("my_sid=a+b",                1, "a+b|a b"),
    COOKIE("my_sid=a+%62",              1, "a+%62|a+b|a b"),
    COOKIE("my_sid=%zz%",               1, "%zz%"),
    COOKIE("my_sid=%00",                1, "%00|\0"),
    COOKIE("my_sid=%20abc%20",          1, "%20abc%20| abc |abc"),
    COOKIE("my_sid=Bearer%20abc",       1, "Bearer%20abc|Bearer abc|abc"),
    COOKIE("my_sid=bearer+abc",         1, "bearer+abc|bearer abc|abc"),
    COOKIE("my_sid=a,my_sid=b",         2, "a,my_sid=b|a|b"),
    COOKIE("x=y,my_sid=b",              1, "b"),
    COOKIE("x=y my_sid=b",              1, "b"),
    COOKIE("my_sid=a b",                1, "a b|a"),
    COOKIE("my_sid=\xc3\xa9",           1, "\xc3\xa9"),
    COOKIE("my_sid=\x01" "abc\xff",     1, "\x01" "abc\xff|abc"),

    ARG("",                             0, ""),
    ARG("my_tok",                       0, ""),
    ARG("my_tok=",                      0, ""),
    ARG("&&=&my_tok=&",                 0, ""),
    ARG("my_tok=abc",                   1, "abc"),
    ARG("a=b&my_tok=abc&c=d",           1, "abc"),
    ARG("my_tok=a&my_tok=b",            2, "a|b"),
    ARG("MY_TOK=a&my%5ftok=b",          2, "a|b"),
    ARG("my.tok=a&my+tok=b&my%20tok=c", 3, "a|b|c"),
    ARG("my[tok=a&my_tok[]=b",          2, "a|b"),
    ARG("+my_tok=a&my_tok%00=b",        2, "a|b"),
    ARG("my_tok+=a&my_toks=b",          0, ""),
    ARG("my_tok%3dabc",                 0, ""),
    ARG("my_tok=%61%62c",               1, "%61%62c|abc"),
    ARG("my_tok=a+b",                   1, "a+b|a b"),
    ARG("my_tok=a%2Bb",                 1, "a%2Bb|a+b|a b"),
    ARG("my_tok=a+%62",                 1, "a+%62|a+b|a b"),
    ARG("my_tok=%",                     1, "%"),
    ARG("my_tok=%%%36%31",              1, "%%%36%31|%%61|%a"),
    ARG("my_tok=a=b",                   1, "a=b"),
    ARG("my_tok=a;b=c",                 1, "a;b=c|a"),
    ARG("my_tok=a;my_tok=b",            2, "a;my_tok=b|a|b"),
    ARG("x=y;my_tok=b",                 1, "b"),
    ARG("my_tok=\"abc\"",               1, "\"abc\""),
    ARG("my_tok=Bearer+abc",            1, "Bearer+abc|Bearer abc|abc"),
};


typedef struct {
    unsigned   n;
    unsigned   fail_at;               /* 1 is the first; 0 is never */
    void      *block[EXTRACT_ALLOCS];
} extract_memory_t;


static void *
extract_alloc(void *ctx, size_t size)
{
    extract_memory_t  *m = ctx;

    if (++m->n == m->fail_at || m->n > EXTRACT_ALLOCS) {
        m->block[m->n - 1] = NULL;
        return NULL;
    }

    /* no spare byte behind it: ASan sees who writes more than he asked for */

    m->block[m->n - 1] = malloc(size);

    return m->block[m->n - 1];
}


static void
extract_start(trv_candidates_t *c, extract_memory_t *m, unsigned fail_at)
{
    memset(c, 0, sizeof(trv_candidates_t));
    memset(m, 0, sizeof(extract_memory_t));

    c->alloc = extract_alloc;
    c->ctx = m;
    m->fail_at = fail_at;
}


static void
extract_free(extract_memory_t *m)
{
    unsigned  i;

    for (i = 0; i < m->n && i < EXTRACT_ALLOCS; i++) {
        free(m->block[i]);
    }
}


static trv_rc_t
extract_run(trv_candidates_t *c, extract_kind_t kind, trv_str_t in,
    trv_str_t name)
{
    switch (kind) {

    case EXTRACT_VALUE:
        return trv_extract_value(c, in);

    case EXTRACT_SCHEME:
        return trv_extract_scheme(c, in, name);

    case EXTRACT_BASIC:
        return trv_extract_basic(c, in);

    case EXTRACT_COOKIE:
        return trv_extract_cookie(c, in, name);

    default:
        return trv_extract_arg(c, in, name);
    }
}


/* all values with '|' between them */

static size_t
extract_join(const trv_candidates_t *c, uint8_t *out, size_t size)
{
    size_t    len;
    unsigned  i;

    len = 0;

    for (i = 0; i < c->n; i++) {

        if (len + c->item[i].value.len + 1 > size) {
            return 0;
        }

        if (i != 0) {
            out[len++] = '|';
        }

        memcpy(out + len, c->item[i].value.data, c->item[i].value.len);
        len += c->item[i].value.len;
    }

    return len;
}


/* what holds whatever the input: limits, no empty value, none twice */

static int
extract_sound(const trv_candidates_t *c)
{
    unsigned  i, j;

    if (c->n > TRV_READINGS_MAX || c->ntokens > TRV_TOKENS_MAX
        || c->ntokens > c->n || (c->n != 0) != (c->ntokens != 0)
        || c->decoded > TRV_DECODED_MAX)
    {
        return 0;
    }

    for (i = 0; i < c->n; i++) {

        if (c->item[i].value.len == 0 || c->item[i].pending) {
            return 0;
        }

        for (j = 0; j < i; j++) {
            if (trv_str_eq(c->item[i].value, c->item[j].value)) {
                return 0;
            }
        }
    }

    return 1;
}


/* the label of a case must not break a line of TAP */

static void
extract_label(char *label, size_t size, size_t i, trv_str_t in)
{
    size_t  len, k;

    len = (size_t) snprintf(label, size, "%zu: ", i);

    for (k = 0; k < in.len && len + 1 < size; k++) {
        label[len++] = (in.data[k] >= ' ' && in.data[k] < 0x7f
                        && in.data[k] != '#') ? (char) in.data[k] : '?';
    }

    label[len] = '\0';
}


static void
extract_table(size_t i, const extract_case_t *e)
{
    char              label[80];
    size_t            len;
    uint8_t           out[512];
    trv_candidates_t  c;
    extract_memory_t  m;

    extract_label(label, sizeof(label), i, e->in);
    extract_start(&c, &m, 0);

    tap_uint(extract_run(&c, e->kind, e->in, e->name), TRV_OK, label);

    len = extract_join(&c, out, sizeof(out));
    tap_bytes(out, len, e->found.data, e->found.len, label);
    tap_uint(c.ntokens, e->ntokens, label);
    tap_ok(extract_sound(&c), "sound");

    extract_free(&m);
}


static void
extract_prefixes(const extract_case_t *e)
{
    int               good;
    size_t            n;
    uint8_t          *copy;
    trv_str_t         in;
    trv_candidates_t  c;
    extract_memory_t  m;

    good = 1;

    for (n = 0; n <= e->in.len; n++) {

        copy = malloc(n + !n);
        memcpy(copy, e->in.data, n);
        in.data = copy;
        in.len = n;

        extract_start(&c, &m, 0);

        good &= extract_run(&c, e->kind, in, e->name) == TRV_OK;
        good &= extract_sound(&c);

        extract_free(&m);
        free(copy);
    }

    tap_ok(good, "and each of its prefixes");
}


/*
 * Each allocation fails in turn, after another value was found: that one
 * stays, nothing is added, and a second attempt finds all there is.
 */

static void
extract_chaos(const extract_case_t *e)
{
    int               good;
    size_t            len, flen;
    uint8_t           out[512], first[512];
    unsigned          fail_at, n, ntokens;
    trv_rc_t          rc;
    trv_candidates_t  c;
    extract_memory_t  m;

    static const trv_str_t  before = trv_string("a%62%63");

    good = 1;
    flen = 0;

    for (fail_at = 0; /* void */; fail_at++) {

        extract_start(&c, &m, 0);
        good &= extract_run(&c, EXTRACT_VALUE, before, before) == TRV_OK;

        n = c.n;
        ntokens = c.ntokens;
        m.fail_at = fail_at ? m.n + fail_at : 0;

        rc = extract_run(&c, e->kind, e->in, e->name);

        if (fail_at == 0) {
            flen = extract_join(&c, first, sizeof(first));
        }

        if (fail_at != 0 && rc == TRV_NOMEM) {
            good &= c.n == n && c.ntokens == ntokens && extract_sound(&c);

            m.fail_at = 0;
            good &= extract_run(&c, e->kind, e->in, e->name) == TRV_OK;
        }

        len = extract_join(&c, out, sizeof(out));
        good &= len == flen && memcmp(out, first, len) == 0;

        extract_free(&m);

        if (fail_at != 0 && rc == TRV_OK) {
            break;
        }

        if (fail_at == 100) {
            good = 0;
            break;
        }
    }

    tap_ok(good, "without memory, %u times", fail_at - 1);
}


/* what one source has seen is read again where another would read more */

static void
extract_sources(void)
{
    size_t            len;
    uint8_t           out[512];
    trv_candidates_t  c;
    extract_memory_t  m;

    static const trv_str_t  name = trv_string("a");
    static const trv_str_t  bearer = trv_string("Bearer");
    static const trv_str_t  header = trv_string("Bearer \"%61+\"");
    static const trv_str_t  cookie = trv_string("a=\"%61+\"; a=b");
    static const char       found[] = "\"%61+\"|%61+|\"a+\"|\"a \"|a+|a |a|b";

    extract_start(&c, &m, 0);

    c.source = 7;
    tap_uint(extract_run(&c, EXTRACT_SCHEME, header, bearer), TRV_OK, "one");
    tap_uint(c.n, 2, "a header has no percent-encoding");
    tap_uint(c.ntokens, 1, "one token");

    c.source = 9;
    tap_uint(extract_run(&c, EXTRACT_COOKIE, cookie, name), TRV_OK, "other");

    len = extract_join(&c, out, sizeof(out));
    tap_bytes(out, len, found, sizeof(found) - 1, "the same value in a cookie");
    tap_uint(c.item[0].source, 7, "the first source stays");
    tap_uint(c.item[2].source, 9, "what was found in the other is its own");
    tap_uint(c.ntokens, 3, "readings that are new count as a token");

    extract_free(&m);
}


/* 16 tokens are accepted, 17 are not, equal ones are not counted */

static void
extract_limits(void)
{
    char              buf[1024];
    size_t            len;
    unsigned          i;
    trv_str_t         in;
    trv_candidates_t  c;
    extract_memory_t  m;

    static const trv_str_t  name = trv_string("a");

    for (len = 0, i = 0; i < 16; i++) {
        len += (size_t) sprintf(buf + len, "a=x%u&a=x%u&", i, i);
    }

    in.data = (uint8_t *) buf;
    in.len = len;

    extract_start(&c, &m, 0);
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_OK, "16 tokens");
    tap_uint(c.ntokens, 16, "are 16");
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_OK, "once more");
    tap_uint(c.ntokens, 16, "are 16 still");

    in.len += (size_t) sprintf(buf + len, "a=y");
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_LIMIT, "17 are not");
    tap_uint(c.n, 16, "and nothing was added");

    in.data = (const uint8_t *) "a=x1;a=x2";
    in.len = 9;
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_LIMIT,
             "a new reading counts");

    /* 7 readings each: 9 tokens are 63, 10 would be 70 */

    for (len = 0, i = 0; i < 10; i++) {
        len += (size_t) sprintf(buf + len, "a=x%02u%%2b%%20+&", i);
    }

    extract_start(&c, &m, 0);

    in.data = (uint8_t *) buf;
    in.len = len;
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_LIMIT, "70 readings");
    tap_uint(c.n, 0, "and nothing was added");

    in.len = len / 10 * 9;
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_OK, "63 readings");
    tap_uint(c.n, 63, "are 63");
    tap_uint(c.ntokens, 9, "of 9 tokens");
    extract_free(&m);
}


/* 32 KB of what makes work: an answer, and memory within the limit */

typedef struct {
    extract_kind_t   kind;
    const char      *name;
    const char      *prefix;
    const char      *unit;
    trv_rc_t         rc;
} extract_flood_t;


static const extract_flood_t  floods[] = {
    { EXTRACT_COOKIE, "a", "",           "a=;",       TRV_OK },
    { EXTRACT_COOKIE, "a", "",           "a=x;",      TRV_OK },
    { EXTRACT_COOKIE, "a", "",           "a=%61;",    TRV_OK },
    { EXTRACT_COOKIE, "a", "a=",         "%",         TRV_OK },
    { EXTRACT_COOKIE, "a", "a=\"",       "\"",        TRV_OK },
    { EXTRACT_COOKIE, "a", "a=\"",       "\\1",       TRV_OK },
    { EXTRACT_COOKIE, "a", "a=",         " ",         TRV_OK },
    { EXTRACT_COOKIE, "a", "a=%",        "25",        TRV_LIMIT },
    { EXTRACT_ARG,    "a", "",           "a=;",       TRV_OK },
    { EXTRACT_ARG,    "a", "a=",         "%61+",      TRV_LIMIT },
    { EXTRACT_ARG,    "a", "",           "&",         TRV_OK },
    { EXTRACT_SCHEME, "Bearer", "",      "Bearer ",   TRV_LIMIT },
    { EXTRACT_SCHEME, "Bearer", "",      "Bearer",    TRV_OK },
    { EXTRACT_VALUE,  "", "",            "Bearer ",   TRV_LIMIT },
    { EXTRACT_VALUE,  "", "",            ", ",        TRV_OK },
    { EXTRACT_BASIC,  "", "",            "Basic ",    TRV_LIMIT },
    { EXTRACT_BASIC,  "", "Basic ",      "Ojo6",      TRV_OK },
    { EXTRACT_BASIC,  "", "Basic ",      "Og=",       TRV_LIMIT },
};


static void
extract_floods(void)
{
    size_t                  i, k, len, size;
    uint8_t                *data;
    trv_str_t               in, name;
    trv_candidates_t        c;
    extract_memory_t        m;
    const extract_flood_t  *f;

    size = 32768;
    data = malloc(size);

    for (i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {

        f = &floods[i];

        len = strlen(f->prefix);
        memcpy(data, f->prefix, len);

        for (k = len; k < size; k++) {
            data[k] = (uint8_t) f->unit[(k - len) % strlen(f->unit)];
        }

        in.data = data;
        in.len = size;
        name.data = (const uint8_t *) f->name;
        name.len = strlen(f->name);

        extract_start(&c, &m, 0);
        tap_uint(extract_run(&c, f->kind, in, name), f->rc, f->unit);
        tap_ok(extract_sound(&c), "sound");
        extract_free(&m);
    }

    free(data);
}


int
main(void)
{
    size_t            i;
    trv_str_t         none = { 0, NULL };
    trv_candidates_t  c;
    extract_memory_t  m;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        extract_table(i, &cases[i]);
        extract_prefixes(&cases[i]);
        extract_chaos(&cases[i]);
    }

    extract_sources();
    extract_limits();
    extract_floods();

    extract_start(&c, &m, 0);

    for (i = 0; i <= EXTRACT_ARG; i++) {
        tap_uint(extract_run(&c, (extract_kind_t) i, none, cases[8].name),
                 TRV_OK, "nothing at all");
    }

    tap_uint(m.n, 0, "takes no memory");

    return tap_done();
}
