
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Percent-encoding (RFC 3986, section 2.1), with and without '+' as blank
 * (application/x-www-form-urlencoded).  Nothing is malformed: a '%' that two
 * hex digits do not follow stays as it is, which is what servers do that
 * do not refuse the request.
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


/*
 * The byte that stands at p, before end, with "%XX" undone.  Returns how many
 * bytes it takes: 1 or 3.
 */

static inline size_t
trv_percent_byte(const uint8_t *p, const uint8_t *end, uint8_t *byte)
{
    int  high, low;

    *byte = *p;

    if (*p != '%' || end - p < 3) {
        return 1;
    }

    high = trv_hex_value(p[1]);
    low = trv_hex_value(p[2]);

    if (high < 0 || low < 0) {
        return 1;
    }

    *byte = (uint8_t) (high << 4 | low);

    return 3;
}


/* true if there is a "%XX" in the text */

int trv_percent_found(trv_str_t text);


/*
 * Decodes into "out", which has room for text.len bytes and may be where the
 * text is; '+' becomes a blank if "plus" is true.  Returns the number of bytes
 * written.
 */

size_t trv_percent_decode(trv_str_t text, int plus, uint8_t *out);


#pragma GCC visibility pop


#endif /* _TRV_PERCENT_H_INCLUDED_ */
