
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_siphash.h"


typedef struct {
    uint64_t  v0;
    uint64_t  v1;
    uint64_t  v2;
    uint64_t  v3;
} trv_sip_t;


static inline uint64_t
trv_sip_rotl(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}


static inline void
trv_sip_round(trv_sip_t *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = trv_sip_rotl(s->v1, 13) ^ s->v0;
    s->v3 = trv_sip_rotl(s->v3, 16) ^ s->v2;
    s->v0 = trv_sip_rotl(s->v0, 32);

    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = trv_sip_rotl(s->v1, 17) ^ s->v2;
    s->v3 = trv_sip_rotl(s->v3, 21) ^ s->v0;
    s->v2 = trv_sip_rotl(s->v2, 32);
}


/* two rounds for eight bytes of input; written out: a loop would stay one */

static inline void
trv_sip_word(trv_sip_t *s, uint64_t m)
{
    s->v3 ^= m;
    trv_sip_round(s);
    trv_sip_round(s);
    s->v0 ^= m;
}


/* four rounds before eight bytes of output */

static inline uint64_t
trv_sip_finish(trv_sip_t *s)
{
    trv_sip_round(s);
    trv_sip_round(s);
    trv_sip_round(s);
    trv_sip_round(s);

    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}


/* what is left of the input, and its length in the last byte */

static inline uint64_t
trv_sip_tail(const uint8_t *p, size_t left, size_t len)
{
    size_t    i;
    uint64_t  m;

    m = (uint64_t) len << 56;

    for (i = 0; i < left; i++) {
        m |= (uint64_t) p[i] << (8 * i);
    }

    return m;
}


trv_hash128_t
trv_siphash128(uint64_t k0, uint64_t k1, const uint8_t *data, size_t len)
{
    size_t         left;
    trv_sip_t      s;
    trv_hash128_t  hash;

    s.v0 = k0 ^ UINT64_C(0x736f6d6570736575);
    s.v1 = k1 ^ UINT64_C(0x646f72616e646f6d);
    s.v2 = k0 ^ UINT64_C(0x6c7967656e657261);
    s.v3 = k1 ^ UINT64_C(0x7465646279746573);

    /* the longer output is another function: it differs from here on */

    s.v1 ^= 0xee;

    for (left = len; left >= 8; left -= 8) {
        trv_sip_word(&s, trv_load64(data));
        data += 8;
    }

    trv_sip_word(&s, trv_sip_tail(data, left, len));

    s.v2 ^= 0xee;
    hash.w[0] = trv_sip_finish(&s);

    s.v1 ^= 0xdd;
    hash.w[1] = trv_sip_finish(&s);

    return hash;
}
