
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Steps through a URL: private to trv_url*.c.
 */


#ifndef _TRV_URL_PRIVATE_H_INCLUDED_
#define _TRV_URL_PRIVATE_H_INCLUDED_


#include "trv_url.h"


#pragma GCC visibility push(hidden)


/* the index of the first such byte, or the length if there is none */

static inline size_t
trv_url_find(trv_str_t text, uint8_t c)
{
    const uint8_t  *p;

    p = text.len != 0 ? memchr(text.data, c, text.len) : NULL;

    return p != NULL ? (size_t) (p - text.data) : text.len;
}


static inline int
trv_url_has(trv_str_t text, uint8_t c)
{
    return trv_url_find(text, c) != text.len;
}


static inline trv_str_t
trv_url_head(trv_str_t text, size_t len)
{
    text.len = len;

    return text;
}


static inline trv_str_t
trv_url_tail(trv_str_t text, size_t from)
{
    text.data += from;
    text.len -= from;

    return text;
}


/* the value of a hexadecimal digit, or -1 */

int trv_url_hex(uint8_t c);

/* decimal digits only; true if there are some, and they are at most "max" */

int trv_url_number(trv_str_t text, uint32_t max, uint32_t *number);

/*
 * Reads host[:port],... into url->hosts.  Returns NULL, or what is wrong as
 * trv_url_parse() does.
 */

const char *trv_url_hosts(trv_str_t text, uint16_t port, trv_url_t *url);


#pragma GCC visibility pop


#endif /* _TRV_URL_PRIVATE_H_INCLUDED_ */
