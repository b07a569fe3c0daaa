
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * An entry of many tokens, applied in turns: after any number of steps what
 * is done is in the table, and a second application changes nothing.
 */


#include "trv_rule.h"
#include "zone.h"


#define TOKENS  1000


static zone_t   zone;
static uint8_t  ids[TOKENS][TRV_SHA256_LEN];


static unsigned
refused(void)
{
    size_t      i;
    unsigned    n;
    trv_term_t  term;

    for (n = 0, i = 0; i < TOKENS; i++) {
        n += trv_table_lookup(&zone.table,
                              trv_rule_token(&zone.table, ids[i]),
                              TRV_SHAPE_TOKEN, INT64_MIN, NOW, &term)
             == TRV_OK;
    }

    return n;
}


static unsigned
run(int restore, uint32_t max)
{
    unsigned     steps;
    trv_apply_t  apply;

    memset(&apply, 0, sizeof(apply));

    apply.tokens = ids;
    apply.ntokens = TOKENS;
    apply.restore = restore;
    apply.term = trv_term_make(TRV_CUTOFF_ALWAYS, TRV_END_NEVER,
                               TRV_SHAPE_TOKEN);

    for (steps = 1;
         trv_apply_step(zone.writer, &zone.table, &apply, max) != TRV_OK;
         steps++)
    {
        if (apply.done != steps * max) {
            return 0;
        }
    }

    return steps;
}


int
main(void)
{
    size_t  i;

    zone = zone_open(4 * MB);

    for (i = 0; i < TOKENS; i++) {
        memcpy(ids[i], &i, sizeof(i));
    }

    tap_uint(refused(), 0, "a new table refuses nobody");
    tap_uint(run(0, 64), 16, "a thousand tokens in turns of 64");
    tap_uint(refused(), TOKENS, "all of them are refused");

    tap_uint(run(0, TOKENS), 1, "applied again, in one turn");
    tap_uint(rules(&zone), TOKENS, "twice is once");

    tap_uint(run(1, 7), 143, "lifted in turns of 7");
    tap_uint(refused(), 0, "nobody is refused any more");

    zone_close(&zone);

    return tap_done();
}
