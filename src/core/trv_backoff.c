
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * How long to wait before the next attempt to connect.
 */


#include "trv_backoff.h"


uint32_t
trv_backoff_delay(unsigned attempt, uint32_t random)
{
    uint32_t  window;

    window = TRV_BACKOFF_BASE;

    while (attempt != 0 && window < TRV_BACKOFF_CAP) {
        window *= 2;
        attempt--;
    }

    if (window > TRV_BACKOFF_CAP) {
        window = TRV_BACKOFF_CAP;
    }

    window -= TRV_BACKOFF_MIN;

    return TRV_BACKOFF_MIN
           + (uint32_t) (((uint64_t) random * (window + 1)) >> 32);
}
