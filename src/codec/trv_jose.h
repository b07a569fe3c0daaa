
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The form of a token: its parts, and its JOSE header (RFC 7515, section 4).
 * Of use to trv_token.c and trv_claims.c, so that it is read once.
 */


#ifndef _TRV_JOSE_H_INCLUDED_
#define _TRV_JOSE_H_INCLUDED_


#include "../core/trv_find.h"


#pragma GCC visibility push(hidden)


/* a header that is longer, decoded, is not read: no issuer's is */

#define TRV_JOSE_HEADER_MAX  8192

#define TRV_JOSE_PARTS       5    /* of a JWE */


typedef enum {
    TRV_JOSE_NONE = 0,            /* not a JOSE header */
    TRV_JOSE_UNREAD,              /* looks like one that we cannot read */
    TRV_JOSE_SIGNED,              /* has "alg" */
    TRV_JOSE_ENCRYPTED,           /* has "alg" and "enc" */
    TRV_JOSE_NKINDS
} trv_jose_kind_t;


typedef struct {
    trv_jose_kind_t  kind;
    unsigned         parts;       /* how many in all, at most 6 */

    /* where the first parts end, unless kind is NONE */

    size_t           end[TRV_JOSE_PARTS];

    unsigned         alg:1;       /* seen while the header was read */
    unsigned         enc:1;
    uint8_t          header[TRV_JOSE_HEADER_MAX + 3];
} trv_jose_t;


static inline trv_str_t
trv_jose_slice(trv_str_t raw, size_t from, size_t to)
{
    trv_str_t  slice;

    slice.data = raw.data + from;
    slice.len = to - from;

    return slice;
}


/*
 * Fills in *jose.  Finds in the header what "find" wants, whose "member" is not
 * called; the values are found whatever the header turns out to be.  NULL:
 * nothing is wanted.
 */

void trv_jose_read(trv_str_t raw, const trv_find_t *find, trv_jose_t *jose);


#pragma GCC visibility pop


#endif /* _TRV_JOSE_H_INCLUDED_ */
