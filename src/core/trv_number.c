
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Numbers as people and issuers write times.
 */


#include "trv_number.h"


static trv_rc_t trv_number_fraction(trv_str_t text, size_t i, int *fraction);


trv_rc_t
trv_number_parse(trv_str_t text, int64_t *value)
{
    int      negative, fraction;
    size_t   i, start;
    int64_t  n, digit;

    i = 0;
    negative = 0;

    if (text.len != 0 && (text.data[0] == '-' || text.data[0] == '+')) {
        negative = text.data[0] == '-';
        i = 1;
    }

    start = i;
    n = 0;

    while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9') {

        digit = text.data[i++] - '0';

        if (n > (INT64_MAX - digit) / 10) {
            return TRV_MALFORMED;
        }

        n = n * 10 + digit;
    }

    if (i == start || trv_number_fraction(text, i, &fraction) != TRV_OK) {
        return TRV_MALFORMED;
    }

    *value = negative ? -n - fraction : n;

    return TRV_OK;
}


/* *fraction is 1 if what follows the digits makes the number larger at all */

static trv_rc_t
trv_number_fraction(trv_str_t text, size_t i, int *fraction)
{
    *fraction = 0;

    if (i == text.len) {
        return TRV_OK;
    }

    if (text.data[i++] != '.' || i == text.len) {
        return TRV_MALFORMED;
    }

    for ( /* void */; i < text.len; i++) {

        if (text.data[i] < '0' || text.data[i] > '9') {
            return TRV_MALFORMED;
        }

        *fraction |= text.data[i] != '0';
    }

    return TRV_OK;
}


trv_rc_t
trv_number_time(trv_str_t text, int64_t *seconds)
{
    trv_rc_t  rc;

    rc = trv_number_parse(text, seconds);

    if (rc == TRV_OK) {
        *seconds = trv_number_seconds(*seconds);
    }

    return rc;
}
