
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What is in a token, for people: its identities, its header and its claims
 * as text.  The signature is not checked.
 */


#ifndef _CLI_JWT_H_INCLUDED_
#define _CLI_JWT_H_INCLUDED_


#include "../codec/trv_token.h"


#pragma GCC visibility push(hidden)


/* zero before the first use; the texts live until the next one */

typedef struct {
    trv_jose_t   jose;
    trv_token_t  token;
    trv_str_t    header;          /* JSON of a JWS or JWE, else empty */
    trv_str_t    claims;          /* JSON of a JWS, else empty */
    uint8_t     *memory;
    size_t       size;
} cli_jwt_t;


/* TRV_OK, or TRV_NOMEM */

trv_rc_t cli_jwt_read(cli_jwt_t *jwt, trv_digest_t *digest, trv_str_t raw);

void cli_jwt_done(cli_jwt_t *jwt);

/*
 * A claim that is a time, rounded down to Unix seconds; of several the latest.
 * TRV_OK, or TRV_NONE: there is none, or the claims cannot be read.
 */

trv_rc_t cli_jwt_time(cli_jwt_t *jwt, const char *name, int64_t *value);

/* "jws", "jwe" or "opaque" */

const char *cli_jwt_kind(const cli_jwt_t *jwt);


#pragma GCC visibility pop


#endif /* _CLI_JWT_H_INCLUDED_ */
