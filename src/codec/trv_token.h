
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a token is (docs/design.md, "What a token is"): the identities under
 * which it can have been revoked.
 */


#ifndef _TRV_TOKEN_H_INCLUDED_
#define _TRV_TOKEN_H_INCLUDED_


#include "trv_digest.h"
#include "trv_jose.h"


#pragma GCC visibility push(hidden)


#define TRV_TOKEN_IDS  3


typedef enum {
    TRV_TOKEN_OPAQUE = 0,
    TRV_TOKEN_JWS,                /* RFC 7515, compact serialization */
    TRV_TOKEN_JWE,                /* RFC 7516, compact serialization */
    TRV_TOKEN_NKINDS
} trv_token_kind_t;


/*
 * id[0] is the identity, safe to log; the others are other names under which
 * the same token can have been pushed, and are looked up as well.
 */

typedef struct {
    trv_token_kind_t  kind;
    unsigned          nids;
    uint8_t           id[TRV_TOKEN_IDS][TRV_SHA256_LEN];
} trv_token_t;


/*
 * Returns TRV_OK, or TRV_NOMEM.  Needs no memory that stays; the longest
 * token is bounded by nginx's header buffers, not by us.
 */

trv_rc_t trv_token_identify(trv_digest_t *digest, trv_str_t raw,
    trv_token_t *token);

/* the same of a token that trv_jose_read() has seen */

trv_token_kind_t trv_token_kind(const trv_jose_t *jose);

trv_rc_t trv_token_identify_jose(trv_digest_t *digest, trv_str_t raw,
    const trv_jose_t *jose, trv_token_t *token);


#pragma GCC visibility pop


#endif /* _TRV_TOKEN_H_INCLUDED_ */
