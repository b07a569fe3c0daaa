
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * How far something long has come: a bar with rate and time left on a
 * terminal, else a plain line every few seconds.
 *
 *     [==========>               ]  41%  412,000 lines  980,000/s  0:01 left
 */


#ifndef _CLI_PROGRESS_H_INCLUDED_
#define _CLI_PROGRESS_H_INCLUDED_


#include <stdint.h>
#include <stdio.h>


#pragma GCC visibility push(hidden)


typedef struct {
    FILE        *out;
    const char  *name;            /* of the command, before plain lines */
    const char  *unit;            /* "lines" */
    int64_t      began;           /* monotonic milliseconds */
    int64_t      shown;
    uint64_t     base;            /* units that were done when it began */
    uint64_t     count;           /* when it was shown last */
    double       rate;            /* units a second, smoothed */
    unsigned     terminal:1;
    unsigned     visible:1;       /* the bar is on the screen */
} cli_progress_t;


/* "base": units done by an earlier run, which are no part of the rate */

void cli_progress_begin(cli_progress_t *progress, FILE *out, const char *name,
    const char *unit, uint64_t base);

/*
 * Shows it, if the last time was long enough ago.  "count" is units, "done" of
 * "size" how far it is; size 0: that is not known.
 */

void cli_progress_show(cli_progress_t *progress, uint64_t count, uint64_t done,
    uint64_t size);

/* takes the bar away, for another line to be written; it comes back */

void cli_progress_clear(cli_progress_t *progress);


/* a number with commas: "1,234,567" */

#define CLI_PROGRESS_NUMBER  32

const char *cli_progress_number(uint64_t number,
    char buf[CLI_PROGRESS_NUMBER]);

/* a clock that is not set: milliseconds */

int64_t cli_progress_clock(void);


#pragma GCC visibility pop


#endif /* _CLI_PROGRESS_H_INCLUDED_ */
