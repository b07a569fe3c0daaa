
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Random numbers that repeat: a test sets "seed" first, to anything but 0.
 * xorshift64 (Marsaglia, 2003).
 */


#ifndef _CHANCE_H_INCLUDED_
#define _CHANCE_H_INCLUDED_


#include <stdint.h>


static uint64_t  seed;


/* 0 .. n - 1 */

static inline uint32_t
chance(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;

    return (uint32_t) ((seed >> 32) * n >> 32);
}


#endif /* _CHANCE_H_INCLUDED_ */
