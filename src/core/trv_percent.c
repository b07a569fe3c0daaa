
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_percent.h"


int
trv_percent_found(trv_str_t text)
{
    uint8_t         byte;
    const uint8_t  *p, *end;

    if (text.len == 0) {
        return 0;
    }

    p = text.data;
    end = p + text.len;

    while (p < end) {

        p = memchr(p, '%', (size_t) (end - p));
        if (p == NULL) {
            return 0;
        }

        if (trv_percent_byte(p, end, &byte) != 1) {
            return 1;
        }

        p++;
    }

    return 0;
}


size_t
trv_percent_decode(trv_str_t text, int plus, uint8_t *out)
{
    size_t          used, n;
    uint8_t         byte;
    const uint8_t  *p, *end;

    if (text.len == 0) {
        return 0;
    }

    n = 0;
    end = text.data + text.len;

    for (p = text.data; p < end; p += used) {
        used = trv_percent_byte(p, end, &byte);

        /* "%2B" is a plus, not a blank */

        if (plus && used == 1 && byte == '+') {
            byte = ' ';
        }

        out[n++] = byte;
    }

    return n;
}
