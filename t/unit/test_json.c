
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What is JSON, what its strings say, and that jansson agrees wherever it
 * reads a text at all.  What its numbers say is in test_json_number.c.
 */


#include <stdlib.h>
#include <jansson.h>

#include "trv_json.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    const char  *name;
    trv_str_t    text;
    const char  *events;          /* one letter each, see below */
} event_case_t;


#define CASE(name, text, events)  { name, trv_string(text), events }

#define SAME(text, events)  CASE(text, text, events)


/* in the order of trv_json_kind_t */

static const char  letters[] = ".!{[cNsntf0x";


static const event_case_t  events[] = {

    SAME("{}", "{c."),
    SAME("[]", "[c."),
    SAME("\"\"", "s."),
    SAME("0", "n."),
    SAME("true", "t."),
    SAME("false", "f."),
    SAME("null", "0."),
    SAME("NaN", "x."),
    SAME("Infinity", "x."),
    SAME("-Infinity", "x."),
    SAME("{\"a\":1}", "{Nnc."),
    SAME("{\"a\":1,\"a\":2}", "{NnNnc."),
    SAME("{\"a\":{\"b\":[]}}", "{N{N[ccc."),
    SAME("[1,\"x\",null,[],{}]", "[ns0[c{cc."),
    SAME("[[[[[[[[[[{}]]]]]]]]]]", "[[[[[[[[[[{ccccccccccc."),
    SAME("[{\"a\":[{\"b\":[{}]}]}]", "[{N[{N[{cccccc."),
    CASE("white space", " \t\r\n{ \"a\" :\t1 ,\n\"b\"\r: [ ] } ",
         "{NnN[cc."),
    CASE("a byte order mark", "\xef\xbb\xbf{}", "{c."),
    CASE("and white space", "\xef\xbb\xbf {}", "{c."),

    CASE("nothing", "", "!"),
    CASE("white space only", " \n", "!"),
    CASE("a byte order mark only", "\xef\xbb\xbf", "!"),
    CASE("two byte order marks", "\xef\xbb\xbf\xef\xbb\xbf{}", "!"),
    CASE("half a byte order mark", "\xef\xbb{}", "!"),
    CASE("more behind it", "{}x", "{c!"),
    CASE("another value", "{}{}", "{c!"),
    CASE("a NUL behind it", "{}\0", "{c!"),
    CASE("a NUL before it", "\0{}", "!"),
    CASE("a NUL within it", "{\0}", "{!"),
    CASE("a NUL behind a number", "[1\0]", "[n!"),
    CASE("a form feed", "\f{}", "!"),
    CASE("a no-break space", "\xc2\xa0{}", "!"),
    CASE("a comment", "/**/{}", "!"),
    SAME("{", "{!"),
    SAME("[", "[!"),
    SAME("}", "!"),
    SAME("]", "!"),
    SAME("{]", "{!"),
    SAME("[}", "[!"),
    SAME("[{]}", "[{!"),
    SAME("{\"a\":[}]", "{N[!"),
    SAME("{\"a\"}", "{!"),
    SAME("{\"a\":}", "{N!"),
    SAME("{\"a\":1,}", "{Nn!"),
    SAME("{\"a\":1 \"b\":2}", "{Nn!"),
    SAME("{,}", "{!"),
    SAME("{1:1}", "{!"),
    SAME("{a:1}", "{!"),
    SAME("{'a':1}", "{!"),
    SAME("{\"a\" 1}", "{!"),
    SAME("{\"a\":1:2}", "{Nn!"),
    SAME("{\"a\":1]", "{Nn!"),
    SAME("[1,]", "[n!"),
    SAME("[,1]", "[!"),
    SAME("[1 2]", "[n!"),
    SAME("[\"a\":1]", "[s!"),
    SAME("[1}", "[n!"),
    SAME(",", "!"),
    SAME(":", "!"),
    SAME("1,2", "n!"),

    SAME("True", "!"),
    SAME("tru", "!"),
    SAME("truex", "t!"),
    SAME("nul", "!"),
    SAME("nan", "!"),
    SAME("-NaN", "!"),
    SAME("+Infinity", "!"),
    SAME("Infinit", "!"),
    SAME("undefined", "!"),

    SAME("-0", "n."),
    SAME("-1", "n."),
    SAME("0.0", "n."),
    SAME("10.50", "n."),
    SAME("1e5", "n."),
    SAME("1E+5", "n."),
    SAME("1.5e-5", "n."),
    SAME("1e400", "n."),
    SAME("1e999999999999999999999", "n."),
    SAME("123456789012345678901234567890", "n."),
    SAME("0e0", "n."),
    SAME("01", "!"),
    SAME("-01", "!"),
    SAME("00", "!"),
    SAME("+1", "!"),
    SAME("-", "!"),
    SAME(".5", "!"),
    SAME("-.5", "!"),
    SAME("1.", "!"),
    SAME("1.e5", "!"),
    SAME("1e", "!"),
    SAME("1e+", "!"),
    SAME("1ex", "!"),
    SAME("0x10", "n!"),
    SAME("1_000", "n!"),
    SAME("1a", "n!"),
    SAME("[1.]", "[!"),
    SAME("[-]", "[!"),

    SAME("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "s."),
    SAME("\"\\ud83d\"", "s."),
    SAME("\"\\u0000\"", "s."),
    CASE("DEL", "\"\x7f\"", "s."),
    CASE("not UTF-8", "\"\x80\xff\xc0\xed\xa0\x80\"", "s."),
    CASE("a line separator", "\"\xe2\x80\xa8\"", "s."),
    SAME("\"", "!"),
    SAME("\"a", "!"),
    SAME("\"\\\"", "!"),
    SAME("\"\\", "!"),
    SAME("\"\\x41\"", "!"),
    SAME("\"\\a\"", "!"),
    SAME("\"\\0\"", "!"),
    SAME("\"\\U0041\"", "!"),
    CASE("a NUL behind a backslash", "\"\\\0\"", "!"),
    SAME("\"\\u004\"", "!"),
    SAME("\"\\u004g\"", "!"),
    SAME("\"\\u+041\"", "!"),
    SAME("\"\\u 041\"", "!"),
    SAME("\"\\u", "!"),
    SAME("'a'", "!"),
    CASE("a raw NUL", "\"a\0\"", "!"),
    CASE("a raw line feed", "\"a\n\"", "!"),
    CASE("a raw tab", "\"\t\"", "!"),
    CASE("a raw 1f behind seven", "\"1234567\x1f\"", "!"),
    CASE("a raw 1f behind eight", "\"12345678\x1f\"", "!"),
    CASE("a raw 1f in sixteen", "\"1234567890abc\x1f" "ef\"", "!"),
    CASE("a raw 1f behind an escape", "\"\\n12345\x1f" "78\"", "!"),
};


typedef struct {
    trv_str_t  text;
    trv_str_t  decoded;
} decode_case_t;


#define DECODE(text, decoded)  { trv_string(text), trv_string(decoded) }


static const decode_case_t  decodes[] = {
    DECODE("", ""),
    DECODE("plain", "plain"),
    DECODE("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"),
    DECODE("a\\nb", "a\nb"),
    DECODE("\\u0000", "\0"),
    DECODE("\\u0041\\u005a", "AZ"),
    DECODE("\\u007f\\u0080", "\x7f\xc2\x80"),
    DECODE("\\u07ff\\u0800", "\xdf\xbf\xe0\xa0\x80"),
    DECODE("\\u00e9\\u00E9", "\xc3\xa9\xc3\xa9"),
    DECODE("\\uFFFF\\ufeff", "\xef\xbf\xbf\xef\xbb\xbf"),
    DECODE("\\ud7ff\\ue000", "\xed\x9f\xbf\xee\x80\x80"),
    DECODE("\\ud83d\\ude00", "\xf0\x9f\x98\x80"),
    DECODE("\\uD800\\uDC00", "\xf0\x90\x80\x80"),
    DECODE("\\udbff\\udfff", "\xf4\x8f\xbf\xbf"),

    /* half a pair */

    DECODE("\\ud83d", "\xef\xbf\xbd"),
    DECODE("\\ude00", "\xef\xbf\xbd"),
    DECODE("x\\ud83dy", "x\xef\xbf\xbdy"),
    DECODE("\\ude00\\ude00", "\xef\xbf\xbd\xef\xbf\xbd"),
    DECODE("\\ud83d\\udbff", "\xef\xbf\xbd\xef\xbf\xbd"),
    DECODE("\\ude00\\ud83d", "\xef\xbf\xbd\xef\xbf\xbd"),
    DECODE("\\ud83d\\ud83d\\ude00", "\xef\xbf\xbd\xf0\x9f\x98\x80"),
    DECODE("\\ud83d\\u0041", "\xef\xbf\xbd" "A"),
    DECODE("\\ud83d\\n", "\xef\xbf\xbd\n"),
    DECODE("\\ud83d\\nude00", "\xef\xbf\xbd\nude00"),
    DECODE("\\ud83d\\\\ude00", "\xef\xbf\xbd\\ude00"),
    DECODE("\\ud83dude00", "\xef\xbf\xbdude00"),
    DECODE("\\ud83d\\ue000", "\xef\xbf\xbd\xee\x80\x80"),

    /* what is not an escape stays */

    DECODE("\xff\\u0041\x80", "\xff" "A\x80"),
    DECODE("\xed\xa0\xbd", "\xed\xa0\xbd"),
};


/* in blocks that end where the text and its nesting do */

static void
json_read(trv_str_t text, char *said, size_t size)
{
    size_t            n;
    uint8_t          *copy, *nest;
    trv_str_t         whole;
    trv_json_t        json;
    trv_json_kind_t   kind;

    copy = malloc(text.len + !text.len);
    nest = malloc(trv_json_nest_len(text.len));

    if (copy == NULL || nest == NULL) {
        exit(2);
    }

    memcpy(copy, text.data, text.len);

    whole.data = copy;
    whole.len = text.len;

    trv_json_open(&json, whole, nest);

    n = 0;

    do {
        kind = trv_json_next(&json);
        said[n++] = letters[kind];
    } while (kind > TRV_JSON_MALFORMED && n < size - 2);

    if (kind <= TRV_JSON_MALFORMED && trv_json_next(&json) != kind) {
        said[n++] = '?';
    }

    said[n] = '\0';

    free(copy);
    free(nest);
}


/* what is read of the beginning is read of the whole, but a cut number */

static void
json_prefixes(const event_case_t *e)
{
    int        good;
    char       said[64], last;
    size_t     n, len;
    trv_str_t  prefix;

    good = 1;
    prefix.data = e->text.data;

    for (n = 0; n < e->text.len; n++) {
        prefix.len = n;
        json_read(prefix, said, sizeof(said));

        len = strlen(said) - 1;
        last = said[len];
        good &= last == '.' || last == '!';

        len -= len != 0 && said[len - 1] == 'n' && prefix.data[n - 1] != ' ';
        good &= strncmp(said, e->events, len) == 0;
    }

    tap_ok(good, "and each of its prefixes");
}


static void
json_events(void)
{
    char    said[64];
    size_t  i;

    for (i = 0; i < nelts(events); i++) {
        json_read(events[i].text, said, sizeof(said));

        tap_bytes(said, strlen(said), events[i].events,
                  strlen(events[i].events), events[i].name);

        json_prefixes(&events[i]);
    }
}


static void
json_decodes(void)
{
    size_t                i, len;
    uint8_t               buf[64];
    const decode_case_t  *e;

    for (i = 0; i < nelts(decodes); i++) {
        e = &decodes[i];

        len = trv_json_decode(e->text, buf);
        tap_bytes(buf, len, e->decoded.data, e->decoded.len,
                  (const char *) e->text.data);

        /* in place */

        memcpy(buf, e->text.data, e->text.len);
        len = trv_json_decode((trv_str_t) { e->text.len, buf }, buf);
        tap_ok(len == e->decoded.len && memcmp(buf, e->decoded.data, len) == 0,
               "in place");
    }
}


/* an object and an array in turn, and behind it a plain member */

static void
json_depth(size_t depth)
{
    size_t       i;
    uint8_t     *text, *nest, *p;
    trv_str_t    whole;
    trv_json_t   json;

    text = malloc(8 * depth + 64);
    nest = malloc(trv_json_nest_len(8 * depth + 64));

    if (text == NULL || nest == NULL) {
        exit(2);
    }

    p = text;

    for (i = 0; i < depth; i++) {
        memcpy(p, i % 3 ? "[" : "{\"\":", 4);
        p += i % 3 ? 1 : 4;
    }

    *p++ = '1';

    while (i-- > 0) {
        *p++ = i % 3 ? ']' : '}';
    }

    whole.data = text;
    whole.len = (size_t) (p - text);

    trv_json_open(&json, whole, nest);
    tap_ok(trv_json_skip(&json, trv_json_next(&json)) == TRV_OK
           && trv_json_next(&json) == TRV_JSON_END,
           "%zu levels", depth);

    /* the same with one bracket of the other kind */

    p[-1 - (ptrdiff_t) depth / 2] ^= ']' ^ '}';

    trv_json_open(&json, whole, nest);
    tap_ok(trv_json_skip(&json, trv_json_next(&json)) == TRV_MALFORMED
           && trv_json_next(&json) == TRV_JSON_MALFORMED,
           "and one of them is closed wrongly");

    /* and brackets that are never closed */

    memset(text, '[', 8 * depth);
    whole.len = 8 * depth;

    trv_json_open(&json, whole, nest);
    tap_uint(trv_json_skip(&json, trv_json_next(&json)), TRV_MALFORMED,
             "brackets only");

    free(text);
    free(nest);
}


/* whatever jansson reads, we do; a NUL behind a number it takes for a blank */

static void
json_second_opinion(void)
{
    int           good;
    char          said[64];
    size_t        i;
    json_t       *root;
    const char   *text;
    json_error_t  error;

    for (i = 0; i < nelts(events); i++) {
        text = (const char *) events[i].text.data;

        if (strlen(text) != events[i].text.len) {
            continue;
        }

        root = json_loadb(text, events[i].text.len,
                          JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

        if (root == NULL) {
            continue;
        }

        json_read(events[i].text, said, sizeof(said));
        good = said[strlen(said) - 1] == '.';

        tap_ok(good, "jansson, too: %s", events[i].name);
        json_decref(root);
    }
}


int
main(void)
{
    json_events();
    json_decodes();
    json_depth(1);
    json_depth(7);
    json_depth(8);
    json_depth(9);
    json_depth(65);
    json_depth(100000);
    json_second_opinion();

    return tap_done();
}
