
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Percent-encoding (RFC 3986, section 2.1), with and without '+' as blank
 * (application/x-www-form-urlencoded).  Nothing is malformed: a '%' that two
 * hex digits do not follow stays as it is, which is what servers do that
 * do not refuse the request.  "%u0061" is an 'a' for ASP.NET; no token has
 * characters beyond ASCII in it, so those are left as they are.
 */


#ifndef _TRV_PERCENT_H_INCLUDED_
#define _TRV_PERCENT_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


/* the value of a hex digit of any case, or -1 */

static inline int
trv_hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = trv_lower(c);

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


/* the byte that two hex digits make, or -1 */

static inline int
trv_hex_byte(const uint8_t *p)
{
    int  high, low;

    high = trv_hex_value(p[0]);
    low = trv_hex_value(p[1]);

    return (high < 0 || low < 0) ? -1 : (high << 4 | low);
}


/*
 * The byte that stands at p, before end, with "%XX" or "%u00XX" undone.
 * Returns how many bytes it takes: 1, 3 or 6.
 */

static inline size_t
trv_percent_byte(const uint8_t *p, const uint8_t *end, uint8_t *byte)
{
    int     value;
    size_t  used;

    *byte = *p;
    used = 3;

    if (*p != '%' || end - p < 3) {
        return 1;
    }

    if (trv_lower(p[1]) == 'u' && end - p >= 6 && p[2] == '0' && p[3] == '0'
        && p[4] < '8')
    {
        used = 6;
    }

    value = trv_hex_byte(p + used - 2);

    if (value < 0) {
        return 1;
    }

    *byte = (uint8_t) value;

    return used;
}


/* true if there is a "%XX" or a "%u00XX" in the text */

int trv_percent_found(trv_str_t text);


/*
 * Decodes into "out", which has room for text.len bytes and may be where the
 * text is; '+' becomes a blank if "plus" is true.  Returns the number of bytes
 * written.
 */

size_t trv_percent_decode(trv_str_t text, int plus, uint8_t *out);


#pragma GCC visibility pop


#endif /* _TRV_PERCENT_H_INCLUDED_ */
