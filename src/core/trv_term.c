
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_term.h"


#define TRV_TERM_END_SHIFT  6
#define TRV_TERM_END_MAX    ((UINT64_C(1) << TRV_TERM_END_BITS) - 1)


static inline uint64_t
trv_term_units(trv_term_t term)
{
    return (term >> TRV_TERM_END_SHIFT) & TRV_TERM_END_MAX;
}


trv_term_t
trv_term_make(uint32_t cutoff, int64_t end, unsigned shape)
{
    uint64_t  units, seconds;

    if (end == TRV_END_NEVER) {
        units = 0;

    } else if (end <= TRV_TERM_EPOCH) {
        units = 1;

    } else {
        seconds = (uint64_t) end - TRV_TERM_EPOCH;
        units = seconds / TRV_TERM_UNIT + (seconds % TRV_TERM_UNIT != 0);

        if (units > TRV_TERM_END_MAX) {
            units = 0;
        }
    }

    return (uint64_t) cutoff << 32
           | units << TRV_TERM_END_SHIFT
           | (shape & (TRV_TERM_SHAPES - 1));
}


int64_t
trv_term_end(trv_term_t term)
{
    uint64_t  units;

    units = trv_term_units(term);

    if (units == 0) {
        return TRV_END_NEVER;
    }

    return TRV_TERM_EPOCH + (int64_t) (units * TRV_TERM_UNIT);
}


int
trv_term_dead(trv_term_t term, int64_t now)
{
    int64_t  end;

    end = trv_term_end(term);

    return end != TRV_END_NEVER && now >= end;
}


trv_term_t
trv_term_merge(trv_term_t a, trv_term_t b)
{
    uint32_t  cutoff;
    uint64_t  ua, ub, units;

    cutoff = trv_term_cutoff(a);

    if (trv_term_cutoff(b) > cutoff) {
        cutoff = trv_term_cutoff(b);
    }

    ua = trv_term_units(a);
    ub = trv_term_units(b);

    /* 0 is no end, which is later than any */

    if (ua == 0 || ub == 0) {
        units = 0;

    } else {
        units = ua > ub ? ua : ub;
    }

    return (uint64_t) cutoff << 32
           | units << TRV_TERM_END_SHIFT
           | trv_term_shape(a);
}
