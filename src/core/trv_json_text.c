
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a string or a number of JSON says, however it is spelled.
 */


#include "trv_json.h"


/* an exponent of this size is as good as any larger one */

#define TRV_JSON_EXPONENT     (INT64_MAX / 4)

#define TRV_JSON_REPLACEMENT  0xfffd


/*
 * A number that is not zero:
 *
 *     00120.0300e2
 *       ^   ^        first and last: of the digits other than 0
 *          ^ +2      point: how many digits are before it
 */

typedef struct {
    trv_str_t  whole;
    trv_str_t  fraction;
    int64_t    first;
    int64_t    last;
    int64_t    point;
    unsigned   negative:1;
    unsigned   zero:1;
} trv_json_number_t;


/* four hex digits, which the reader has seen */

static uint32_t
trv_json_unit(const uint8_t *p)
{
    uint32_t  i, unit;

    unit = 0;

    for (i = 0; i < 4; i++) {
        unit = unit << 4
               | (uint32_t) (p[i] <= '9' ? p[i] - '0'
                                         : trv_lower(p[i]) - 'a' + 10);
    }

    return unit;
}


static uint8_t *
trv_json_put_utf8(uint8_t *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (uint8_t) c;
        return out;
    }

    if (c < 0x800) {
        *out++ = (uint8_t) (0xc0 | c >> 6);
        *out++ = (uint8_t) (0x80 | (c & 0x3f));
        return out;
    }

    if (c < 0x10000) {
        *out++ = (uint8_t) (0xe0 | c >> 12);

    } else {
        *out++ = (uint8_t) (0xf0 | c >> 18);
        *out++ = (uint8_t) (0x80 | (c >> 12 & 0x3f));
    }

    *out++ = (uint8_t) (0x80 | (c >> 6 & 0x3f));
    *out++ = (uint8_t) (0x80 | (c & 0x3f));

    return out;
}


/* p is behind "\u": the character there, or that of a pair; goes behind it */

static uint32_t
trv_json_character(const uint8_t **p, const uint8_t *last)
{
    uint32_t  high, low;

    high = trv_json_unit(*p);
    *p += 4;

    if (high < 0xd800 || high > 0xdfff) {
        return high;
    }

    if (high < 0xdc00 && last - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {

        low = trv_json_unit(*p + 2);

        if (low >= 0xdc00 && low <= 0xdfff) {
            *p += 6;
            return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        }
    }

    return TRV_JSON_REPLACEMENT;
}


static uint8_t
trv_json_control(uint8_t c)
{
    switch (c) {

    case 'b':
        return '\b';

    case 'f':
        return '\f';

    case 'n':
        return '\n';

    case 'r':
        return '\r';

    case 't':
        return '\t';

    default:
        return c;
    }
}


/* nothing is longer than its spelling, so "out" stays behind what is read */

size_t
trv_json_decode(trv_str_t text, uint8_t *out)
{
    uint8_t        *start;
    const uint8_t  *p, *last;

    start = out;
    p = text.data;
    last = p + text.len;

    while (p < last) {

        if (*p != '\\') {
            *out++ = *p++;
            continue;
        }

        p++;

        if (*p == 'u') {
            p++;
            out = trv_json_put_utf8(out, trv_json_character(&p, last));

        } else {
            *out++ = trv_json_control(*p++);
        }
    }

    return (size_t) (out - start);
}


static inline uint8_t
trv_json_digit(const trv_json_number_t *n, int64_t i)
{
    return i < (int64_t) n->whole.len
           ? n->whole.data[i] : n->fraction.data[i - (int64_t) n->whole.len];
}


static int64_t
trv_json_exponent(const uint8_t *p, const uint8_t *last)
{
    int      negative;
    int64_t  n;

    negative = *p == '-';
    p += *p == '-' || *p == '+';

    for (n = 0; p < last; p++) {
        if (n < TRV_JSON_EXPONENT / 16) {
            n = n * 10 + (*p - '0');
        }
    }

    return negative ? -n : n;
}


/* a number that the reader has seen */

static void
trv_json_take_apart(trv_str_t number, trv_json_number_t *n)
{
    int64_t         exponent;
    const uint8_t  *p, *last;

    p = number.data;
    last = p + number.len;

    n->negative = *p == '-';
    p += n->negative;

    n->whole.data = p;

    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    n->whole.len = (size_t) (p - n->whole.data);

    p += p < last && *p == '.';
    n->fraction.data = p;

    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    n->fraction.len = (size_t) (p - n->fraction.data);

    exponent = p < last ? trv_json_exponent(p + 1, last) : 0;

    n->point = (int64_t) n->whole.len + exponent;
    n->first = 0;
    n->last = (int64_t) (n->whole.len + n->fraction.len) - 1;

    while (n->first <= n->last && trv_json_digit(n, n->first) == '0') {
        n->first++;
    }

    n->zero = n->first > n->last;

    while (n->last > n->first && trv_json_digit(n, n->last) == '0') {
        n->last--;
    }
}


/* true if it is spelled as it is compared */

static int
trv_json_is_plain(trv_str_t number)
{
    size_t  i;

    i = *number.data == '-';

    if (i != 0 && number.data[1] == '0') {
        return 0;
    }

    while (i < number.len && number.data[i] >= '0' && number.data[i] <= '9') {
        i++;
    }

    return i == number.len
           && i - (*number.data == '-') <= TRV_JSON_DIGITS;
}


trv_str_t
trv_json_whole(trv_str_t number, uint8_t buf[TRV_JSON_DIGITS + 1])
{
    int64_t            i;
    trv_str_t          whole;
    trv_json_number_t  n;

    if (trv_json_is_plain(number)) {
        return number;
    }

    trv_json_take_apart(number, &n);

    whole.data = buf;
    whole.len = 0;

    if (n.zero) {
        buf[whole.len++] = '0';
        return whole;
    }

    if (n.point <= n.last || n.point - n.first > TRV_JSON_DIGITS) {
        return whole;
    }

    if (n.negative) {
        buf[whole.len++] = '-';
    }

    for (i = n.first; i < n.point; i++) {
        buf[whole.len++] = i <= n.last ? trv_json_digit(&n, i) : '0';
    }

    return whole;
}


trv_rc_t
trv_json_floor(trv_str_t number, int64_t *value)
{
    int64_t            i, size, digit;
    trv_json_number_t  n;

    trv_json_take_apart(number, &n);

    *value = 0;

    if (n.zero) {
        return TRV_OK;
    }

    size = 0;

    for (i = n.first; i < n.point; i++) {

        digit = i <= n.last ? trv_json_digit(&n, i) - '0' : 0;

        if (size > (INT64_MAX - digit) / 10) {
            return TRV_LIMIT;
        }

        size = size * 10 + digit;
    }

    *value = n.negative ? -size - (n.point <= n.last) : size;

    return TRV_OK;
}
