
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_json.h"


static trv_json_kind_t
trv_json_fail(trv_json_t *json)
{
    json->place = TRV_JSON_AT_FAULT;

    return TRV_JSON_MALFORMED;
}


/* the next byte that is not white space, or 0 at the end, which fits nowhere */

static inline uint8_t
trv_json_peek(trv_json_t *json)
{
    uint8_t  c;

    while (json->p < json->last) {

        c = *json->p;

        if (c > ' ' || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) {
            return c;
        }

        json->p++;
    }

    return 0;
}


void
trv_json_open(trv_json_t *json, trv_str_t text, uint8_t *nest)
{
    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        text.data += 3;
        text.len -= 3;
    }

    json->text.len = 0;
    json->text.data = NULL;
    json->escaped = 0;

    json->place = TRV_JSON_AT_VALUE;
    json->object = 0;
    json->depth = 0;
    json->nest = nest;
    json->p = text.data;
    json->last = text.len != 0 ? text.data + text.len : text.data;
}


/* a level takes a byte of the text, so that the bits are enough for any */

static trv_json_kind_t
trv_json_begin(trv_json_t *json, unsigned object)
{
    uint8_t  *byte, bit;

    byte = &json->nest[json->depth / 8];
    bit = (uint8_t) (1 << json->depth % 8);

    *byte = (uint8_t) (json->object ? *byte | bit : *byte & ~bit);

    json->depth++;
    json->object = object;
    json->place = TRV_JSON_AT_FIRST;
    json->p++;

    return object ? TRV_JSON_OBJECT : TRV_JSON_ARRAY;
}


static trv_json_kind_t
trv_json_close(trv_json_t *json)
{
    json->depth--;
    json->object = json->nest[json->depth / 8] >> json->depth % 8 & 1;
    json->place = TRV_JSON_AT_COMMA;
    json->p++;

    return TRV_JSON_CLOSE;
}


static trv_json_kind_t
trv_json_word(trv_json_t *json, trv_str_t word, trv_json_kind_t kind)
{
    if ((size_t) (json->last - json->p) < word.len
        || memcmp(json->p, word.data, word.len) != 0)
    {
        return trv_json_fail(json);
    }

    json->p += word.len;
    json->place = TRV_JSON_AT_COMMA;

    return kind;
}


static const uint8_t *
trv_json_digits(const uint8_t *p, const uint8_t *last)
{
    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    return p;
}


/* digits at p, at least one; NULL if there is none */

static const uint8_t *
trv_json_some_digits(const uint8_t *p, const uint8_t *last)
{
    const uint8_t  *end;

    end = trv_json_digits(p, last);

    return end == p ? NULL : end;
}


static trv_json_kind_t
trv_json_number(trv_json_t *json)
{
    const uint8_t  *p, *last, *start;

    p = json->p;
    last = json->last;

    p += *p == '-';
    start = p;

    p = trv_json_some_digits(p, last);

    if (p == NULL || (*start == '0' && p - start > 1)) {
        return trv_json_fail(json);
    }

    if (p < last && *p == '.') {
        p = trv_json_some_digits(p + 1, last);
        if (p == NULL) {
            return trv_json_fail(json);
        }
    }

    if (p < last && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < last && (*p == '+' || *p == '-');

        p = trv_json_some_digits(p, last);
        if (p == NULL) {
            return trv_json_fail(json);
        }
    }

    json->text.data = json->p;
    json->text.len = (size_t) (p - json->p);
    json->p = p;
    json->place = TRV_JSON_AT_COMMA;

    return TRV_JSON_NUMBER;
}


/* the value of a hex digit, or 16 */

static inline unsigned
trv_json_hex(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = trv_lower(c);

    return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16;
}


/* p is behind a backslash: behind the escape, or NULL if there is none */

static const uint8_t *
trv_json_escape(const uint8_t *p, const uint8_t *last)
{
    unsigned  i;

    if (p == last || memchr("\"\\/bfnrtu", *p, 9) == NULL) {
        return NULL;
    }

    if (*p++ != 'u') {
        return p;
    }

    if (last - p < 4) {
        return NULL;
    }

    for (i = 0; i < 4; i++) {
        if (trv_json_hex(p[i]) == 16) {
            return NULL;
        }
    }

    return p + 4;
}


/*
 * Goes on while there are eight bytes none of which is a quote, a backslash or
 * a control character: a borrow may report one too many, never one too few.
 */

static inline const uint8_t *
trv_json_plain(const uint8_t *p, const uint8_t *last)
{
    uint64_t  w, quote, slash;

    static const uint64_t  ones = UINT64_C(0x0101010101010101);

    while (last - p >= 8) {
        memcpy(&w, p, 8);

        quote = w ^ ones * '"';
        slash = w ^ ones * '\\';

        if ((((quote - ones) & ~quote) | ((slash - ones) & ~slash)
             | ((w - ones * ' ') & ~w))
            & ones * 0x80)
        {
            break;
        }

        p += 8;
    }

    return p;
}


/* json->p is at the first quote and goes behind the second: 0 if it is not */

static int
trv_json_string(trv_json_t *json)
{
    const uint8_t  *p, *last, *start;

    last = json->last;
    start = json->p + 1;
    json->escaped = 0;

    for (p = trv_json_plain(start, last); p < last; /* void */ ) {

        if (*p == '"') {
            json->text.data = start;
            json->text.len = (size_t) (p - start);
            json->p = p + 1;
            return 1;
        }

        if (*p < ' ') {
            return 0;
        }

        if (*p++ != '\\') {
            continue;
        }

        json->escaped = 1;

        p = trv_json_escape(p, last);
        if (p == NULL) {
            return 0;
        }

        p = trv_json_plain(p, last);
    }

    return 0;
}


static trv_json_kind_t
trv_json_name(trv_json_t *json, uint8_t c)
{
    if (c != '"' || !trv_json_string(json) || trv_json_peek(json) != ':') {
        return trv_json_fail(json);
    }

    json->p++;
    json->place = TRV_JSON_AT_VALUE;

    return TRV_JSON_NAME;
}


static trv_json_kind_t
trv_json_value(trv_json_t *json, uint8_t c)
{
    static const trv_str_t  yes = trv_string("true");
    static const trv_str_t  no = trv_string("false");
    static const trv_str_t  none = trv_string("null");
    static const trv_str_t  nan = trv_string("NaN");
    static const trv_str_t  infinity = trv_string("Infinity");
    static const trv_str_t  minus = trv_string("-Infinity");

    switch (c) {

    case '"':
        if (!trv_json_string(json)) {
            return trv_json_fail(json);
        }

        json->place = TRV_JSON_AT_COMMA;
        return TRV_JSON_STRING;

    case '{':
        return trv_json_begin(json, 1);

    case '[':
        return trv_json_begin(json, 0);

    case 't':
        return trv_json_word(json, yes, TRV_JSON_TRUE);

    case 'f':
        return trv_json_word(json, no, TRV_JSON_FALSE);

    case 'n':
        return trv_json_word(json, none, TRV_JSON_NULL);

    case 'N':
        return trv_json_word(json, nan, TRV_JSON_NAN);

    case 'I':
        return trv_json_word(json, infinity, TRV_JSON_NAN);

    case '-':
        return json->last - json->p > 1 && json->p[1] == 'I'
               ? trv_json_word(json, minus, TRV_JSON_NAN)
               : trv_json_number(json);

    default:
        return c >= '0' && c <= '9' ? trv_json_number(json)
                                    : trv_json_fail(json);
    }
}


trv_json_kind_t
trv_json_next(trv_json_t *json)
{
    uint8_t  c;

    c = trv_json_peek(json);

    switch (json->place) {

    case TRV_JSON_AT_VALUE:
        return trv_json_value(json, c);

    case TRV_JSON_AT_NAME:
        return trv_json_name(json, c);

    case TRV_JSON_AT_FIRST:
        if (c == (json->object ? '}' : ']')) {
            return trv_json_close(json);
        }

        break;

    case TRV_JSON_AT_COMMA:
        if (json->depth == 0) {
            return json->p == json->last ? TRV_JSON_END : trv_json_fail(json);
        }

        if (c == (json->object ? '}' : ']')) {
            return trv_json_close(json);
        }

        if (c != ',') {
            return trv_json_fail(json);
        }

        json->p++;
        c = trv_json_peek(json);
        break;

    default:
        return TRV_JSON_MALFORMED;
    }

    return json->object ? trv_json_name(json, c) : trv_json_value(json, c);
}


trv_rc_t
trv_json_skip(trv_json_t *json, trv_json_kind_t kind)
{
    size_t  depth;

    if (kind == TRV_JSON_OBJECT || kind == TRV_JSON_ARRAY) {

        depth = json->depth;

        while (kind != TRV_JSON_MALFORMED && json->depth >= depth) {
            kind = trv_json_next(json);
        }
    }

    return kind != TRV_JSON_MALFORMED ? TRV_OK : TRV_MALFORMED;
}
