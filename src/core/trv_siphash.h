
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * SipHash-2-4 with 128 bits of output (Aumasson, Bernstein): a hash that
 * nobody can find collisions for without the key, and cheap for short input.
 * Keys and results do not depend on the byte order of the machine.
 */


#ifndef _TRV_SIPHASH_H_INCLUDED_
#define _TRV_SIPHASH_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


/*
 * The key is two numbers, the result too: what the paper calls k0, k1 and the
 * first and second eight bytes of the output, all little-endian.
 */

typedef struct {
    uint64_t  w[2];
} trv_hash128_t;


trv_hash128_t trv_siphash128(uint64_t k0, uint64_t k1, const uint8_t *data,
    size_t len);


/* eight bytes, the least significant first, as a number and back */

static inline uint64_t
trv_load64(const uint8_t *p)
{
    return (uint64_t) p[0] | (uint64_t) p[1] << 8
           | (uint64_t) p[2] << 16 | (uint64_t) p[3] << 24
           | (uint64_t) p[4] << 32 | (uint64_t) p[5] << 40
           | (uint64_t) p[6] << 48 | (uint64_t) p[7] << 56;
}


/* written out, as above: compilers make one store of it, but not of a loop */

static inline void
trv_store64(uint8_t *p, uint64_t v)
{
    p[0] = (uint8_t) v;
    p[1] = (uint8_t) (v >> 8);
    p[2] = (uint8_t) (v >> 16);
    p[3] = (uint8_t) (v >> 24);
    p[4] = (uint8_t) (v >> 32);
    p[5] = (uint8_t) (v >> 40);
    p[6] = (uint8_t) (v >> 48);
    p[7] = (uint8_t) (v >> 56);
}


#pragma GCC visibility pop


#endif /* _TRV_SIPHASH_H_INCLUDED_ */
