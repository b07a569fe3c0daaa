
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 *     text      | 1024 bytes | 1024 bytes | what is left, with zeros to 16 |
 *                     |            |            |
 *                     NH, NH'      NH, NH'      NH, NH'
 *                     |            |            |
 *     length ---> SipHash ---> SipHash ---> SipHash ---> code
 *
 * The length comes first, so that no chain is the beginning of another, and
 * zeros at the end of a text are not those that were added.
 */


#include "trv_mac.h"


#ifdef __SIZEOF_INT128__


/* 128 bits of each NH */

typedef unsigned __int128  trv_mac_sum_t;

#define TRV_MAC_PAIR  16


void
trv_mac_open(trv_mac_t *mac, const uint8_t key[TRV_KEY_LEN])
{
    uint8_t        buf[8];
    uint64_t       i;
    trv_hash128_t  hash;

    mac->k0 = trv_load64(key);
    mac->k1 = trv_load64(key + 8);

    /* 8 bytes: what is authenticated below has 48 */

    for (i = 0; i < TRV_MAC_WORDS + 2; i += 2) {
        trv_store64(buf, i);
        hash = trv_siphash128(mac->k0, mac->k1, buf, sizeof(buf));

        mac->nh[i] = hash.w[0];
        mac->nh[i + 1] = hash.w[1];
    }
}


static inline void
trv_mac_pair(const uint64_t *k, const uint8_t *p, trv_mac_sum_t sum[2])
{
    uint64_t  a, b;

    a = trv_load64(p);
    b = trv_load64(p + 8);

    sum[0] += (trv_mac_sum_t) (a + k[0]) * (b + k[1]);
    sum[1] += (trv_mac_sum_t) (a + k[2]) * (b + k[3]);
}


/* the next link of the chain: "len" bytes, a block at most */

static trv_hash128_t
trv_mac_block(const trv_mac_t *mac, trv_hash128_t chain, const uint8_t *p,
    size_t len)
{
    size_t          i;
    uint8_t         rest[TRV_MAC_PAIR], buf[16 + 2 * sizeof(trv_mac_sum_t)];
    trv_mac_sum_t   sum[2];

    sum[0] = 0;
    sum[1] = 0;

    for (i = 0; i + TRV_MAC_PAIR <= len; i += TRV_MAC_PAIR) {
        trv_mac_pair(mac->nh + i / 8, p + i, sum);
    }

    if (i < len) {
        memset(rest, 0, sizeof(rest));
        memcpy(rest, p + i, len - i);
        trv_mac_pair(mac->nh + i / 8, rest, sum);
    }

    trv_store64(buf, chain.w[0]);
    trv_store64(buf + 8, chain.w[1]);

    for (i = 0; i < 2; i++) {
        trv_store64(buf + 16 + 16 * i, (uint64_t) sum[i]);
        trv_store64(buf + 24 + 16 * i, (uint64_t) (sum[i] >> 64));
    }

    return trv_siphash128(mac->k0, mac->k1, buf, sizeof(buf));
}


trv_hash128_t
trv_mac(const trv_mac_t *mac, trv_str_t text)
{
    size_t         n;
    trv_hash128_t  chain;

    chain.w[0] = text.len;
    chain.w[1] = 0;

    do {
        n = text.len < TRV_MAC_BLOCK ? text.len : TRV_MAC_BLOCK;
        chain = trv_mac_block(mac, chain, text.data, n);

        text.data += n;
        text.len -= n;
    } while (text.len != 0);

    return chain;
}


#else  /* no products of 128 bits: SipHash alone is the faster one */


void
trv_mac_open(trv_mac_t *mac, const uint8_t key[TRV_KEY_LEN])
{
    mac->k0 = trv_load64(key);
    mac->k1 = trv_load64(key + 8);
}


trv_hash128_t
trv_mac(const trv_mac_t *mac, trv_str_t text)
{
    return trv_siphash128(mac->k0, mac->k1, text.data, text.len);
}


#endif
