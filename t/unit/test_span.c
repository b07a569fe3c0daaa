
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Spans of a text are found in blocks: every byte at every place of three
 * blocks and some more, against what is plain to see.
 */


#include <stdlib.h>

#include "tap.h"
#include "trv_reading.h"


#define LEN  (3 * TRV_BLOCK + 5)


typedef size_t (*span_t)(trv_str_t text);


typedef struct {
    const char  *name;
    span_t       span;
    uint8_t      low;
    const char  *ends;
} span_case_t;


static size_t
pairs(trv_str_t text)
{
    return trv_text_span(text, 0x21, ',', ';');
}


static size_t
cookies(trv_str_t text)
{
    return trv_text_span(text, 0x21, ',', ',');
}


static size_t
visible(trv_str_t text)
{
    return trv_text_visible(text);
}


static size_t
plain(trv_str_t text)
{
    return trv_text_plain(text) ? text.len : 0;
}


static const span_case_t  cases[] = {
    { "visible", visible, 0x21, "" },
    { "up to a comma or a semicolon", pairs, 0x21, ",;" },
    { "up to a comma", cookies, 0x21, "," },
    { "plain", plain, ',' + 1, ";=" },
};


static int
ends(const span_case_t *c, unsigned byte)
{
    return byte < c->low || byte > 0x7e
           || (byte != 0 && strchr(c->ends, (int) byte) != NULL);
}


/* all of "a", but for one byte; memory of that length, for the sanitizer */

static unsigned
wrong(const span_case_t *c, size_t len)
{
    size_t      i, expected;
    uint8_t    *text;
    unsigned    byte, n;

    text = malloc(len);
    n = 0;

    for (i = 0; i < len; i++) {
        for (byte = 0; byte < 256; byte++) {

            memset(text, 'a', len);
            text[i] = (uint8_t) byte;

            expected = ends(c, byte) ? i : len;

            if (c->span == plain && expected != len) {
                expected = 0;
            }

            n += c->span(trv_text(text, len)) != expected;
        }
    }

    free(text);

    return n;
}


int
main(void)
{
    size_t    i, len;
    unsigned  n;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        for (n = 0, len = 1; len <= LEN; len++) {
            n += wrong(&cases[i], len);
        }

        tap_uint(n, 0, cases[i].name);
        tap_uint(cases[i].span(trv_text(NULL, 0)), 0, "nothing at all");
    }

    return tap_done();
}
