
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What every ring knows: strings, return codes, and the rule that nothing
 * of ours is seen by other modules.  nginx loads modules with RTLD_GLOBAL,
 * so a name that is not hidden would be shared with all of them.
 */


#ifndef _TRV_H_INCLUDED_
#define _TRV_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>
#include <string.h>


#pragma GCC visibility push(hidden)


/* a view of bytes that somebody else owns; not terminated by NUL */

typedef struct {
    size_t          len;
    const uint8_t  *data;
} trv_str_t;


#define trv_string(text)  { sizeof(text) - 1, (const uint8_t *) text }


typedef enum {
    TRV_OK = 0,
    TRV_NONE,             /* nothing there, or more bytes are needed */
    TRV_MALFORMED,        /* it cannot be understood */
    TRV_LIMIT,            /* understood, but more than we accept */
    TRV_FULL,             /* the zone has no room */
    TRV_NOMEM             /* the process has no memory */
} trv_rc_t;


/* where the core gets memory from: returns NULL when there is none */

typedef void *(*trv_alloc_pt)(void *ctx, size_t size);


/* SHA-256: the identity of a token (FIPS 180-4) */

#define TRV_SHA256_LEN  32


/* ASCII only: the locale of the process has no say in what a scheme is */

static inline uint8_t
trv_lower(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') ? (uint8_t) (c | 0x20) : c;
}


static inline int
trv_str_eq(trv_str_t a, trv_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


static inline int
trv_str_caseeq(trv_str_t a, trv_str_t b)
{
    size_t  i;

    if (a.len != b.len) {
        return 0;
    }

    for (i = 0; i < a.len; i++) {
        if (trv_lower(a.data[i]) != trv_lower(b.data[i])) {
            return 0;
        }
    }

    return 1;
}


#pragma GCC visibility pop


#endif /* _TRV_H_INCLUDED_ */
