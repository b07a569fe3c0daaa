
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Times as people write and read them.  What is read is shown again, in UTC,
 * before anything depends on it.
 */


#ifndef _CLI_TIME_H_INCLUDED_
#define _CLI_TIME_H_INCLUDED_


#include "../core/trv.h"


#pragma GCC visibility push(hidden)


#define CLI_TIME_TEXT  48


/*
 * Reads a time: Unix seconds or milliseconds, "now", "2026-11-22",
 * "2026-11-22 03:15", "2026-11-22T03:15:07Z" or "...+01:00" (without a zone it
 * is local time), "-2h" and "+30d": so long ago, and from now on.  Returns
 * TRV_OK and Unix seconds, or TRV_MALFORMED.
 */

trv_rc_t cli_time_parse(const char *text, int64_t now, int64_t *seconds);

/* reads a duration: "90", "90s", "15m", "2h", "30d", "4w"; in seconds */

trv_rc_t cli_time_duration(const char *text, int64_t *seconds);

/* what both understand, for messages */

extern const char  cli_time_forms[];


/* Unix milliseconds of this machine's clock */

int64_t cli_time_now(void);

/* milliseconds of a clock that is never set, for differences */

double cli_time_elapsed(void);


/* "2026-11-22 03:15:07 UTC"; the text is in buf */

const char *cli_time_text(int64_t seconds, char buf[CLI_TIME_TEXT]);

/* a span: "4 s", "26 min", "3 h 10 min", "12 days" */

const char *cli_time_span(int64_t seconds, char buf[CLI_TIME_TEXT]);


#pragma GCC visibility pop


#endif /* _CLI_TIME_H_INCLUDED_ */
