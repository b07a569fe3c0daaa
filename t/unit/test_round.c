
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Which address is tried next, as a script: what happens, one letter each,
 * and what is tried then.
 *
 *     n  the next one      h  an address is named     p  it is passed over
 *     w  it works          a  closed, and opened again     r  once more
 *
 * A digit is a host, "*" the address that was named, "-" the end of a round;
 * for "h" and "p" 1 is yes and 0 is no.
 */


#include <string.h>
#include "tap.h"

#include "trv_round.h"


typedef struct {
    unsigned     nhosts;
    const char  *events;
    const char  *targets;
    const char  *what;
} round_case_t;


static const round_case_t  cases[] = {
    { 1, "nnnn",         "0-0-",       "one host" },
    { 3, "nnnnnnnn",     "012-012-",   "each host once a round" },
    { 3, "nnwnnnnnnn",   "01.20-120-", "a round begins behind what worked" },
    { 1, "nwnn",         "0.-0",       "one host worked and is lost" },
    { 2, "nnwan",        "01..1",      "the same one when opened again" },
    { 1, "nwan",         "0..0",       "also the only one" },
    { 2, "nrnnn",        "0.01-",      "the same one, in another way" },
    { 1, "nhnrn",        "01*.-",      "not what was named" },
    { 1, "an",           ".0",         "nothing was opened yet" },
    { 2, "nhnn",         "01*1",       "what was named is next" },
    { 1, "nhnhnnhn",     "01*0-01*",   "two that name each other" },
    { 1, "nhnnnhn",      "01*-01*",    "what was named is dead" },
    { 1, "nhnwnn",       "01*.0-",     "it worked and is lost" },
    { 1, "nhnwhn",       "01*.1*",     "it worked and names another" },
    { 3, "nhnwnnnn",     "01*.120-",   "then all hosts can be tried" },
    { 1, "np",           "00",         "the only one is taken as it is" },
    { 2, "npnpnnpn",     "0111-001",   "the only ones, too, in a new round" },
    { 2, "npnwnpnn",     "011.01-1",   "not if the other one has worked" },
    { 1, "nhnp",         "01*1",       "there is a better one: who named it" },
};


static char
play(trv_round_t *round, unsigned nhosts, char event)
{
    trv_round_target_t  peek, target;

    switch (event) {

    case 'h':
        return (char) ('0' + trv_round_hint(round));

    case 'p':
        return (char) ('0' + trv_round_pass(round, nhosts));

    case 'w':
        trv_round_proved(round);
        return '.';

    case 'r':
        trv_round_retry(round);
        return '.';

    case 'a':
        trv_round_again(round);
        return '.';

    default:
        break;
    }

    peek = trv_round_peek(round, nhosts);
    target = trv_round_next(round, nhosts);

    if (peek != target) {
        return '!';
    }

    switch (target) {

    case TRV_ROUND_HOST:
        return (char) ('0' + round->host);

    case TRV_ROUND_HINT:
        return '*';

    default:
        return '-';
    }
}


int
main(void)
{
    char                 did[32];
    size_t               i, j;
    trv_round_t          round;
    const round_case_t  *c;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        c = &cases[i];

        memset(&round, 0, sizeof(round));

        for (j = 0; c->events[j]; j++) {
            did[j] = play(&round, c->nhosts, c->events[j]);
        }

        did[j] = '\0';

        tap_ok(strcmp(did, c->targets) == 0, "%s: %s: %s (is %s)", c->what,
               c->events, c->targets, did);
    }

    return tap_done();
}
