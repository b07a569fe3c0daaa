
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Numbers as people and issuers write times: seconds or milliseconds, with
 * or without a fraction.
 */


#ifndef _TRV_NUMBER_H_INCLUDED_
#define _TRV_NUMBER_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


/*
 * A time of this size is in milliseconds: as seconds it would be the year
 * 5138, as milliseconds it is 1973.
 */

#define TRV_NUMBER_MS  INT64_C(100000000000)


/*
 * Reads [+-]digits[.digits]; a fraction is rounded down, so that "-0.5" is -1.
 * Returns TRV_OK, or TRV_MALFORMED and leaves *value alone: anything else,
 * blanks too, and a number whose size is beyond INT64_MAX.
 */

trv_rc_t trv_number_parse(trv_str_t text, int64_t *value);


/* the same, understood as Unix time in seconds or milliseconds: seconds */

trv_rc_t trv_number_time(trv_str_t text, int64_t *seconds);


/* Unix time in seconds or milliseconds: seconds, rounded down */

static inline int64_t
trv_number_seconds(int64_t value)
{
    return value >= TRV_NUMBER_MS ? value / 1000 : value;
}


#pragma GCC visibility pop


#endif /* _TRV_NUMBER_H_INCLUDED_ */
