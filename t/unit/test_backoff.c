
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <limits.h>
#include "../../src/core/trv_backoff.h"
#include "tap.h"


typedef struct {
    unsigned  attempt;
    uint32_t  random;
    uint32_t  delay;
} backoff_case_t;


static const backoff_case_t  cases[] = {
    { 0,         0,           10 },
    { 0,         UINT32_MAX,  50 },
    { 0,         0x80000000,  30 },
    { 1,         UINT32_MAX,  100 },
    { 2,         UINT32_MAX,  200 },
    { 6,         UINT32_MAX,  3200 },
    { 7,         UINT32_MAX,  5000 },
    { 8,         UINT32_MAX,  5000 },
    { 31,        UINT32_MAX,  5000 },
    { 32,        UINT32_MAX,  5000 },
    { 64,        0,           10 },
    { 64,        0x80000000,  2505 },
    { UINT_MAX,  UINT32_MAX,  5000 },
};


int
main(void)
{
    size_t    i;
    unsigned  attempt, low, high;
    uint32_t  delay, last, random;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        delay = trv_backoff_delay(cases[i].attempt, cases[i].random);

        tap_ok(delay == cases[i].delay, "attempt %u, random %#x: %u ms",
               cases[i].attempt, cases[i].random, delay);
    }

    for (attempt = 0; attempt < 12; attempt++) {
        last = 0;
        low = 0;
        high = 0;

        for (random = 0; random < UINT32_MAX - 1000003; random += 1000003) {
            delay = trv_backoff_delay(attempt, random);

            low += delay < TRV_BACKOFF_MIN || delay < last;
            high += delay > TRV_BACKOFF_CAP;
            last = delay;
        }

        tap_ok(low == 0 && high == 0, "attempt %u stays in its window",
               attempt);
    }

    return tap_done();
}
