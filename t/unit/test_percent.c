
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdlib.h>

#include "../../src/core/trv_percent.h"
#include "tap.h"


typedef struct {
    const char  *in;
    int          found;
    const char  *kept;            /* '+' is a plus */
    const char  *blank;           /* '+' is a blank */
} percent_case_t;


static const percent_case_t  cases[] = {
    { "",            0, "",            "" },
    { "abc",         0, "abc",         "abc" },
    { "%61",         1, "a",           "a" },
    { "x%61y",       1, "xay",         "xay" },
    { "%4a%4A",      1, "JJ",          "JJ" },
    { "%",           0, "%",           "%" },
    { "%6",          0, "%6",          "%6" },
    { "%6g",         0, "%6g",         "%6g" },
    { "%g6",         0, "%g6",         "%g6" },
    { "%%61",        1, "%a",          "%a" },
    { "%%%%",        0, "%%%%",        "%%%%" },
    { "%6%61",       1, "%6a",         "%6a" },
    { "%2561",       1, "%61",         "%61" },
    { "a+b",         0, "a+b",         "a b" },
    { "a%2Bb",       1, "a+b",         "a+b" },
    { "a%2bb+c",     1, "a+b+c",       "a+b c" },
    { "%20+%20",     1, " + ",         "   " },
    { "%ff%80",      1, "\xff\x80",    "\xff\x80" },
    { "%/0%:0%@0",   0, "%/0%:0%@0",   "%/0%:0%@0" },
    { "%G0%`0%g0",   0, "%G0%`0%g0",   "%G0%`0%g0" },
    { "%u0061",      1, "a",           "a" },
    { "%U004A%u004a", 1, "JJ",         "JJ" },
    { "%u002B+",     1, "++",          "+ " },
    { "%u007f%u0001", 1, "\x7f\x01",   "\x7f\x01" },
    { "%u0080",      0, "%u0080",      "%u0080" },
    { "%u0161",      0, "%u0161",      "%u0161" },
    { "%u1061",      0, "%u1061",      "%u1061" },
    { "%u006",       0, "%u006",       "%u006" },
    { "%u006g%ug061", 0, "%u006g%ug061", "%u006g%ug061" },
};


static void
percent_decodes(trv_str_t in, int plus, const char *expected, const char *name)
{
    size_t   len;
    uint8_t  out[64], *exact;

    len = trv_percent_decode(in, plus, out);
    tap_bytes(out, len, expected, strlen(expected), name);

    /* in place, in a block that ends where the text does */

    exact = malloc(in.len + 1);
    memcpy(exact + 1, in.data, in.len);

    in.data = exact + 1;
    len = trv_percent_decode(in, plus, exact + 1);
    tap_bytes(exact + 1, len, expected, strlen(expected), name);

    free(exact);
}


/* the property: no prefix writes more than it has, or reads beyond its end */

static void
percent_prefixes(trv_str_t text)
{
    int        good;
    size_t     n;
    uint8_t   *in, *out;
    trv_str_t  prefix;

    good = 1;

    for (n = 0; n <= text.len; n++) {
        in = malloc(n + !n);
        out = malloc(n + !n);
        memcpy(in, text.data, n);

        prefix.data = in;
        prefix.len = n;

        good &= trv_percent_decode(prefix, 0, out) <= n;
        good &= (trv_percent_decode(prefix, 0, out) < n)
                == trv_percent_found(prefix);
        good &= trv_percent_decode(prefix, 1, out) <= n;

        free(in);
        free(out);
    }

    tap_ok(good, "prefixes of \"%.*s\"", (int) text.len, text.data);
}


int
main(void)
{
    int        c, wrong;
    size_t     i;
    trv_str_t  in;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        in.data = (const uint8_t *) cases[i].in;
        in.len = strlen(cases[i].in);

        tap_uint((uint64_t) trv_percent_found(in), (uint64_t) cases[i].found,
                 cases[i].in);
        percent_decodes(in, 0, cases[i].kept, cases[i].in);
        percent_decodes(in, 1, cases[i].blank, cases[i].in);
        percent_prefixes(in);
    }

    wrong = 0;

    for (c = 0; c < 256; c++) {
        const char *digit = c ? strchr("0123456789abcdef", trv_lower(c)) : NULL;

        wrong += (trv_hex_value((uint8_t) c) >= 0) != (digit != NULL);
    }

    tap_uint((uint64_t) wrong, 0, "hex digits are 22 of 256 bytes");

    in.data = NULL;
    in.len = 0;

    tap_uint(trv_percent_decode(in, 1, NULL), 0, "nothing at all");

    return tap_done();
}
