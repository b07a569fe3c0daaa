
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * SHA-256 (FIPS 180-4) by OpenSSL, by SHA256_Init() and its sisters.  OpenSSL 3
 * calls them deprecated and would have us use EVP; but looking up engines and
 * clearing contexts costs more than the hash of a short token: 131 ns of EVP
 * with all prepared, 58 without it.
 */


#ifndef _TRV_DIGEST_H_INCLUDED_
#define _TRV_DIGEST_H_INCLUDED_


#include "../core/trv.h"


#pragma GCC visibility push(hidden)


typedef struct trv_digest_s  trv_digest_t;


/* owned by the caller, for one thread; NULL: no memory */

trv_digest_t *trv_digest_create(void);
void trv_digest_destroy(trv_digest_t *digest);


/* TRV_OK, or TRV_NOMEM if OpenSSL fails */

trv_rc_t trv_digest_sha256(trv_digest_t *digest, trv_str_t data,
    uint8_t out[TRV_SHA256_LEN]);


/*
 * The hash of the first "prefix" bytes and that of all bytes, in one pass.
 */

trv_rc_t trv_digest_sha256_both(trv_digest_t *digest, trv_str_t data,
    size_t prefix, uint8_t out[TRV_SHA256_LEN], uint8_t whole[TRV_SHA256_LEN]);


/* 64 hex digits of any case: TRV_OK, else TRV_NONE and "out" is undefined */

trv_rc_t trv_digest_from_hex(trv_str_t hex, uint8_t out[TRV_SHA256_LEN]);

/* 64 lower case hex digits, no NUL */

void trv_digest_to_hex(const uint8_t in[TRV_SHA256_LEN],
    uint8_t hex[2 * TRV_SHA256_LEN]);


#pragma GCC visibility pop


#endif /* _TRV_DIGEST_H_INCLUDED_ */
