
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_base64.h"


#define XX  0xff              /* in no alphabet */


static const uint8_t  trv_base64_values[128] = {
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
    XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, 62, XX, 62, XX, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, XX, XX, XX, XX, XX, XX,
    XX,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, XX, XX, XX, XX, 63,
    XX, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, XX, XX, XX, XX, XX
};


static const uint8_t  trv_base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


static inline uint8_t
trv_base64_value(uint8_t c)
{
    return c < 128 ? trv_base64_values[c] : XX;
}


/*
 * Whole groups of four digits, as long as nothing else turns up: what there is
 * to do for nearly every text.  Returns how many characters were read; three
 * bytes were written for each four.
 */

static size_t
trv_base64_groups(trv_str_t text, uint8_t *out)
{
    size_t   i;
    uint8_t  a, b, c, d;

    for (i = 0; i + 4 <= text.len; i += 4) {
        a = trv_base64_value(text.data[i]);
        b = trv_base64_value(text.data[i + 1]);
        c = trv_base64_value(text.data[i + 2]);
        d = trv_base64_value(text.data[i + 3]);

        if ((a | b | c | d) > 63) {
            break;
        }

        *out++ = (uint8_t) (a << 2 | b >> 4);
        *out++ = (uint8_t) (b << 4 | c >> 2);
        *out++ = (uint8_t) (c << 6 | d);
    }

    return i;
}


/* true if '=' ends the text: "digits" of the group so far, "pads" in a row */

static int
trv_base64_ends(trv_base64_mode_t mode, unsigned digits, size_t pads)
{
    switch (mode) {

    case TRV_BASE64_QUAD:
        return digits >= 2 && digits + pads >= 4;

    case TRV_BASE64_STOP:
        return digits >= 2;

    default:
        return 0;
    }
}


size_t
trv_base64_decode(trv_str_t text, trv_base64_mode_t mode, uint8_t *out)
{
    size_t    i, n, pads;
    uint8_t   value;
    unsigned  digits;
    uint32_t  bits;

    i = trv_base64_groups(text, out);
    n = i / 4 * 3;

    bits = 0;
    digits = 0;
    pads = 0;

    for ( /* void */; i < text.len; i++) {

        value = trv_base64_value(text.data[i]);

        if (value == XX) {

            if (text.data[i] == '='
                && trv_base64_ends(mode, digits, ++pads))
            {
                break;
            }

            continue;
        }

        pads = 0;
        bits = bits << 6 | value;
        digits = (digits + 1) & 3;

        /* the second, third and fourth digit of a group complete a byte */

        if (digits != 1) {
            out[n++] = (uint8_t) (bits >> (6 - 2 * ((digits + 3) & 3)));
        }
    }

    return n;
}


int
trv_base64_ambiguous(trv_str_t text)
{
    while (text.len != 0 && text.data[text.len - 1] == '=') {
        text.len--;
    }

    return text.len != 0 && memchr(text.data, '=', text.len) != NULL;
}


size_t
trv_base64url_encode(trv_str_t data, uint8_t *out)
{
    size_t          i, n;
    uint32_t        bits;
    const uint8_t  *p;

    n = 0;
    p = data.data;

    for (i = 0; i + 3 <= data.len; i += 3) {
        bits = (uint32_t) p[i] << 16 | (uint32_t) p[i + 1] << 8 | p[i + 2];

        out[n++] = trv_base64url_digits[bits >> 18];
        out[n++] = trv_base64url_digits[bits >> 12 & 63];
        out[n++] = trv_base64url_digits[bits >> 6 & 63];
        out[n++] = trv_base64url_digits[bits & 63];
    }

    if (i == data.len) {
        return n;
    }

    bits = (uint32_t) p[i] << 16;

    if (i + 1 < data.len) {
        bits |= (uint32_t) p[i + 1] << 8;
    }

    out[n++] = trv_base64url_digits[bits >> 18];
    out[n++] = trv_base64url_digits[bits >> 12 & 63];

    if (i + 1 < data.len) {
        out[n++] = trv_base64url_digits[bits >> 6 & 63];
    }

    return n;
}
