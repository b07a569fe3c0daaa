
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What of a token a rule compares: a claim, a parameter of the JOSE header, an
 * attribute of the request, or the token's identity.  A name in an entry of
 * the log becomes a selector; "claim.sub" and "sub" become the same one.
 */


#ifndef _TRV_SELECTOR_H_INCLUDED_
#define _TRV_SELECTOR_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


#define TRV_SELECTOR_NAME_LEN  256


/* the order is that of the selectors in a shape */

typedef enum {
    TRV_FROM_TOKEN = 0,       /* the identity; has no name */
    TRV_FROM_HEADER,          /* JOSE header, RFC 7515, section 4 */
    TRV_FROM_CLAIM,           /* payload, RFC 7519, section 4; or a path */
    TRV_FROM_ATTRIBUTE,       /* token_revoke_attribute */
    TRV_FROM_ALL,             /* every token; has no name */
    TRV_NORIGINS
} trv_origin_t;


typedef struct {
    trv_origin_t  origin;
    trv_str_t     name;
} trv_selector_t;


/*
 * What a name in an entry means: "claim.N", "header.N" and "attr.N" exactly
 * that; "token" and "all" themselves; "kid", "alg" and "typ" the header; one
 * of the attributes; else a claim.  The name is a view into what was given.
 * Returns TRV_OK, or TRV_MALFORMED for an empty name behind a prefix.
 */

trv_rc_t trv_selector_resolve(trv_str_t name, const trv_str_t *attributes,
    size_t nattributes, trv_selector_t *selector);

/* negative, 0 or positive: by origin, then by the bytes of the name */

int trv_selector_cmp(const trv_selector_t *a, const trv_selector_t *b);

/*
 * True if an attribute may not be named so: reserved fields, "token", "all",
 * "kid", "alg", "typ", registered claims (RFC 7519, section 10.1, and the
 * common ones of the IANA registry), and what has a dot or is empty.
 */

int trv_selector_is_taken(trv_str_t name);

/* the name as it is logged: "sub", "kid", "attr.device"; at most */

#define TRV_SELECTOR_TEXT_LEN  (TRV_SELECTOR_NAME_LEN + 8)

size_t trv_selector_text(const trv_selector_t *selector, uint8_t *buf);


#pragma GCC visibility pop


#endif /* _TRV_SELECTOR_H_INCLUDED_ */
