
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_round.h"


trv_round_target_t
trv_round_peek(const trv_round_t *round, unsigned nhosts)
{
    if (round->hint && !round->hinted) {
        return TRV_ROUND_HINT;
    }

    return round->tried < nhosts ? TRV_ROUND_HOST : TRV_ROUND_OVER;
}


trv_round_target_t
trv_round_next(trv_round_t *round, unsigned nhosts)
{
    trv_round_target_t  target;

    target = trv_round_peek(round, nhosts);

    switch (target) {

    case TRV_ROUND_HINT:
        round->hint = 0;
        round->hinted = 1;
        round->away = 1;
        break;

    case TRV_ROUND_HOST:

        /* the first of all is the first, not the second */

        if (round->begun && !round->again) {
            round->host++;
        }

        round->host %= nhosts;
        round->begun = 1;
        round->again = 0;
        round->tried++;
        round->away = 0;
        break;

    default:
        round->tried = 0;
        round->hint = 0;
        round->hinted = 0;
        round->content = round->passed;
        round->passed = 0;
        break;
    }

    return target;
}


int
trv_round_hint(trv_round_t *round)
{
    if (round->hinted) {
        return 0;
    }

    round->hint = 1;

    return 1;
}


int
trv_round_pass(trv_round_t *round, unsigned nhosts)
{
    if (round->content || (nhosts == 1 && !round->away)) {
        return 0;
    }

    round->passed = 1;

    return 1;
}


/* a host that was named is none of ours: all of ours can be tried */

void
trv_round_proved(trv_round_t *round)
{
    round->tried = round->away ? 0 : 1;
    round->hint = 0;
    round->hinted = 0;
    round->passed = 0;
    round->content = 0;
}


void
trv_round_retry(trv_round_t *round)
{
    if (!round->away && round->tried) {
        round->tried--;
        round->again = 1;
    }
}


void
trv_round_again(trv_round_t *round)
{
    trv_round_proved(round);

    round->tried = 0;
    round->again = 1;
}
