
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The truth tables of the extractors.  Each case is also run on every prefix
 * of its input, in a block that ends where the prefix does, and with each
 * allocation failing in turn.
 */


#include "extract.h"


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
#define ACCESS(in, n, found)        CASE(EXTRACT_ACCESS, "", in, n, found)
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
    BEARER("Bearerabc",                 1, "abc"),
    BEARER("\tBearerabc",               1, "abc"),
    BEARER("bearerabc def",             1, "abc def|abc"),
    BEARER("Bearer=abc",                1, "=abc|abc"),
    BEARER("Bearer:abc",                1, ":abc|abc"),
    BEARER("xBearerabc",                0, ""),
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
    BEARER("Bearer abc\x7f",            1, "abc\x7f|abc"),
    BEARER("Bearer abcdefg\x7fhijklmno", 1, "abcdefg\x7fhijklmno|abcdefg"),
    BEARER("Bearer abcd\xc2\xa0xyzvwuts", 1, "abcd\xc2\xa0xyzvwuts|abcd"),
    BEARER("Bearer abcdefg~hijklmnopqr", 1, "abcdefg~hijklmnopqr"),
    BEARER("Bearer\xc2\xa0" "abc",      1, "\xa0" "abc|abc"),
    BEARER("Bearer \xc3\xa9\xc3\xa9",   1, "\xc3\xa9\xc3\xa9"),
    BEARER("Bearer abc,def",            1, "abc,def|abc"),
    BEARER("Bearer abc;def",            1, "abc;def|abc"),
    BEARER("Bearer abc d,e",            1, "abc d,e|abc|abc d"),
    BEARER("Bearer ,abc",               1, ",abc|abc"),
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
    BEARER("Bearer \"abc\"",            1, "\"abc\"|abc\"|abc"),
    BEARER("Bearer \"ab\\c\"",          1, "\"ab\\c\"|ab\\c\"|ab\\c"
                                           "|abc"),
    BEARER("Bearer \" abc \"",          1, "\" abc \"|abc \"|\"| abc |abc "
                                           "|abc"),
    BEARER("Bearer \"\"",               1, "\"\""),
    BEARER("Bearer \"",                 1, "\""),
    BEARER("Bearer a\0b",               1, "a\0b|a"),
    BEARER("Bearer !'abc",              1, "!'abc|abc"),
    BEARER("Bearer <abc>",              1, "<abc>|abc>"),
    BEARER("Bearer -a",                 1, "-a"),
    BEARER("Bearer @",                  1, "@"),
    SCHEME("DPoP", "dpop abc",          1, "abc"),
    SCHEME("DPoP", "Bearer abc",        0, ""),
    SCHEME("X", "X a",                  1, "a"),
    SCHEME("", "Bearer abc",            0, ""),

    VALUE("",                           0, ""),
    VALUE(" \t",                        0, ""),
    VALUE("abc",                        1, "abc"),
    VALUE("\t abc ",                    1, "abc"),
    VALUE("abc==",                      1, "abc=="),
    VALUE("\"abc\"",                    1, "\"abc\"|abc\"|abc"),
    VALUE("Bearer",                     1, "Bearer"),
    VALUE("Bearer abc",                 1, "Bearer abc|Bearer|abc"),
    VALUE("dpop \t abc",                1, "dpop \t abc|dpop|abc"),
    VALUE("Token abc",                  1, "Token abc|Token|abc"),
    VALUE("Bearerabc",                  2, "Bearerabc|abc"),
    VALUE("DPoP=abc",                   2, "DPoP=abc|abc|=abc"),
    VALUE("x Bearer abc",               1, "x Bearer abc|x|Bearer abc"
                                           "|Bearer|abc"),
    VALUE("a b Bearer c",               2, "a b Bearer c|a|b Bearer c|b|c"),
    VALUE("a, b",                       1, "a, b|a,|a|b"),
    VALUE("a,b,c",                      1, "a,b,c|a|b|c"),
    VALUE(",,a ,\t,b,",                 1, ",,a ,\t,b,|a ,\t,b,|,,a|a|b"
                                           "|,\t,b,|b,|,"),
    VALUE("x, Token abc, \"d\"",        1, "x, Token abc, \"d\"|x,|x"
                                           "|Token abc|abc|\"d\""
                                           "|Token abc, \"d\"|Token"
                                           "|x, Token abc, \"d|d"
                                           "|Token abc, \"d"),
    VALUE("base64url.bearer.x.y.YWJj",  1, "base64url.bearer.x.y.YWJj|abc"),
    VALUE("base64url.bearer.x.YWI=,z",  1, "base64url.bearer.x.YWI=,z"
                                           "|base64url.bearer.x.YWI="
                                           "|ab|z"),
    VALUE("base64url.bearer",           1, "base64url.bearer"),
    VALUE("base64url.bearer.",          1, "base64url.bearer."),
    VALUE("xbase64url.bearer.YWJj",     1, "xbase64url.bearer.YWJj"),
    VALUE("a%62c",                      1, "a%62c|abc"),
    VALUE("a+c",                        1, "a+c"),
    VALUE("Bearer%20abc",               1, "Bearer%20abc|Bearer abc|abc"),
    VALUE("%22abc%22",                  1, "%22abc%22|22abc%22|\"abc\""
                                           "|22abc\"|abc|22abc"),

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
    COOKIE("my_sid=\"%22abc%22\"",      1, "\"%22abc%22\"|%22abc%22"
                                           "|\"\"abc\"\"|\"abc\"|abc"),
    COOKIE("my_sid=%22abc%22",          1, "%22abc%22|\"abc\"|abc"),
    COOKIE("my_sid=%2561",              1, "%2561|%61|a"),
    COOKIE("my_sid=a+b",                1, "a+b|a b"),
    COOKIE("my_sid=a+%62",              1, "a+%62|a+b|a b"),
    COOKIE("my_sid=%zz%",               1, "%zz%"),
    COOKIE("my_sid=%00",                1, "%00|\0"),
    COOKIE("my_sid=ab%00c",             1, "ab%00c|ab\0c|ab"),
    COOKIE("my_sid=%u0061b",            1, "%u0061b|ab"),
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

    ACCESS("",                          0, ""),
    ACCESS("Bearer",                    0, ""),
    ACCESS("Bearer abc",                1, "abc"),
    ACCESS("dpop\tabc",                 1, "abc"),
    ACCESS("DPoPabc",                   1, "abc"),
    ACCESS("xDPoP abc",                 1, "abc"),
    ACCESS("POP abc",                   0, ""),
    ACCESS("Basic abc",                 0, ""),
    ACCESS("DPoP Bearer abc",           2, "Bearer abc|Bearer|abc"),
    ACCESS("Bearer a, DPoP b",          2, "a, DPoP b|a,|a|b"),
    ACCESS("DPoP b, Bearer a",          2, "b, Bearer a|b,|b|a"),

    CASE(EXTRACT_ARG, "a%62", "a%62=x&a%2562=y&ab=z", 2, "x|y"),
    CASE(EXTRACT_COOKIE, "a+b", "a+b=x; a%2bb=y; a b=z", 2, "x|y"),
};


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


static int
extract_has(const trv_candidates_t *c, trv_str_t value)
{
    unsigned  i;

    for (i = 0; i < c->n; i++) {
        if (trv_str_eq(c->item[i].value, value)) {
            return 1;
        }
    }

    return 0;
}


/* access tokens are what one of their schemes has, and nothing else */

static void
extract_access(const extract_case_t *e)
{
    int               good;
    unsigned          i;
    trv_candidates_t  all, each;
    extract_memory_t  m, n;

    static const trv_str_t  bearer = trv_string("Bearer");
    static const trv_str_t  dpop = trv_string("DPoP");

    extract_start(&all, &m, 0);
    extract_start(&each, &n, 0);

    good = trv_extract_bearer(&all, e->in) == TRV_OK
           && trv_extract_scheme(&each, e->in, bearer) == TRV_OK
           && trv_extract_scheme(&each, e->in, dpop) == TRV_OK
           && all.n == each.n;

    for (i = 0; i < each.n; i++) {
        good &= extract_has(&all, each.item[i].value);
    }

    tap_ok(good, "as access tokens");

    extract_free(&m);
    extract_free(&n);
}


/*
 * Each allocation fails in turn, after another value was found: that one
 * stays, nothing is added, and a second attempt finds all there is.
 */

static void
extract_chaos(const extract_case_t *e)
{
    int               good;
    size_t            len, flen, decoded;
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
        decoded = c.decoded;
        m.fail_at = fail_at ? m.n + fail_at : 0;

        rc = extract_run(&c, e->kind, e->in, e->name);

        if (fail_at == 0) {
            flen = extract_join(&c, first, sizeof(first));
        }

        if (fail_at != 0 && rc == TRV_NOMEM) {
            good &= c.n == n && c.ntokens == ntokens && c.decoded == decoded;
            good &= extract_sound(&c);

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


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        extract_table(i, &cases[i]);
        extract_prefixes(&cases[i]);
        extract_chaos(&cases[i]);
        extract_access(&cases[i]);
    }

    return tap_done();
}
