
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A message authentication code for long input, several times as fast as
 * SipHash over all of it: each kilobyte is compressed by NH (Black and others,
 * "UMAC", CRYPTO '99; RFC 4418, section 5.2, has it with shorter words), which
 * is a multiplication for 16 bytes, and SipHash is made of the results.
 *
 * Who does not know the key cannot find two texts with the same code: NH with
 * words of 64 bits makes one of two texts with a probability of 2^-64, and here
 * it is done twice, with keys that are shifted ("Toeplitz"): 2^-128.
 */


#ifndef _TRV_MAC_H_INCLUDED_
#define _TRV_MAC_H_INCLUDED_


#include "trv_siphash.h"
#include "trv_table.h"


#pragma GCC visibility push(hidden)


#define TRV_MAC_BLOCK  1024               /* bytes that NH takes at once */
#define TRV_MAC_WORDS  (TRV_MAC_BLOCK / 8)


/* a key; owned by the caller, nothing to release */

typedef struct {
    uint64_t  k0;
    uint64_t  k1;
    uint64_t  nh[TRV_MAC_WORDS + 2];
} trv_mac_t;


/* "key" is random; all that is kept is made of it */

void trv_mac_open(trv_mac_t *mac, const uint8_t key[TRV_KEY_LEN]);

trv_hash128_t trv_mac(const trv_mac_t *mac, trv_str_t text);


#pragma GCC visibility pop


#endif /* _TRV_MAC_H_INCLUDED_ */
