
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 *     text     |  16 bytes  |  16 bytes  |  the last 16, which overlap  |
 *                  fold    +    fold    +    fold      each with its own key
 *
 *     sum      fold(fold(fold(0, name, value), name, value), ...)
 *
 * The folds of one text do not wait for each other, those of the sum are one
 * for a pair: reading goes at the speed of the multiplier.
 */


#include "trv_siphash.h"
#include "trv_sum.h"


/* digits of the fractional part of pi */

#define TRV_SUM_K0  UINT64_C(0x243f6a8885a308d3)
#define TRV_SUM_K1  UINT64_C(0x13198a2e03707345)
#define TRV_SUM_K2  UINT64_C(0xa4093822299f31d1)
#define TRV_SUM_K3  UINT64_C(0x082efa98ec4e6c89)
#define TRV_SUM_K4  UINT64_C(0x452821e638d01377)


static inline uint64_t
trv_sum_fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    unsigned __int128  product;

    product = (unsigned __int128) a * b;

    return (uint64_t) product ^ (uint64_t) (product >> 64);

#else
    uint64_t  low, mid, high;

    low = (a & UINT32_MAX) * (b & UINT32_MAX);
    mid = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
    high = (a >> 32) * (b >> 32) + (mid >> 32);
    mid = (a & UINT32_MAX) * (b >> 32) + (mid & UINT32_MAX);

    return (mid << 32 | (low & UINT32_MAX)) ^ (high + (mid >> 32));
#endif
}


static inline uint64_t
trv_sum_load32(const uint8_t *p)
{
    return (uint64_t) p[0] | (uint64_t) p[1] << 8
           | (uint64_t) p[2] << 16 | (uint64_t) p[3] << 24;
}


/* 1 to 15 bytes in two words; no two texts of one length give the same */

static inline uint64_t
trv_sum_short(const uint8_t *p, size_t len)
{
    uint64_t  a, b;

    if (len >= 8) {
        a = trv_load64(p);
        b = trv_load64(p + len - 8);

    } else if (len >= 4) {
        a = trv_sum_load32(p);
        b = trv_sum_load32(p + len - 4);

    } else {
        a = (uint64_t) p[0] << 16 | (uint64_t) p[len / 2] << 8 | p[len - 1];
        b = 0;
    }

    return trv_sum_fold(a ^ TRV_SUM_K1, b ^ TRV_SUM_K2);
}


static inline uint64_t
trv_sum_block(const uint8_t *p, unsigned i)
{
    return trv_sum_fold(trv_load64(p) ^ (TRV_SUM_K1 + i * TRV_SUM_K3),
                        trv_load64(p + 8) ^ (TRV_SUM_K2 + i * TRV_SUM_K4));
}


static inline uint64_t
trv_sum_text(trv_str_t text)
{
    size_t          left;
    uint64_t        sum;
    unsigned        i;
    const uint8_t  *p;

    p = text.data;
    left = text.len;
    sum = left * TRV_SUM_K0;

    /* what most values are, a token's hash: the same as below, unrolled */

    if (left == 64) {
        return sum + trv_sum_block(p, 0) + trv_sum_block(p + 16, 1)
               + trv_sum_block(p + 32, 2) + trv_sum_block(p + 48, 3);
    }

    if (left < 16) {
        return left != 0 ? sum + trv_sum_short(p, left) : sum;
    }

    if (left > TRV_SUM_TEXT_MAX) {
        left = TRV_SUM_TEXT_MAX;
        sum = TRV_SUM_K3;
    }

    for (i = 0; left >= 16; left -= 16) {
        sum += trv_sum_block(p, i++);
        p += 16;
    }

    return left != 0 ? sum + trv_sum_block(p + left - 16, i) : sum;
}


void
trv_sum_add(trv_sum_t *sum, trv_str_t text)
{
    uint64_t  h;

    h = trv_sum_text(text);

    if (sum->n++ % 2 == 0) {
        sum->name = h;
        return;
    }

    sum->sum = trv_sum_fold(sum->sum ^ sum->name ^ TRV_SUM_K1,
                            h ^ TRV_SUM_K2);
}


uint64_t
trv_sum_value(const trv_sum_t *sum)
{
    uint64_t  value;

    if (sum->n == 0) {
        return 0;
    }

    value = sum->sum;

    if (sum->n % 2 != 0) {
        value = trv_sum_fold(value ^ sum->name ^ TRV_SUM_K3, TRV_SUM_K4);
    }

    return value != 0 ? value : 1;
}
