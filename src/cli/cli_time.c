
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Times as people write and read them.
 */


#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../core/trv_number.h"
#include "cli_text.h"
#include "cli_time.h"


typedef struct {
    char     unit;
    int64_t  seconds;
} cli_time_unit_t;


static const cli_time_unit_t  cli_time_units[] = {
    { '\0', 1 },
    { 's', 1 },
    { 'm', 60 },
    { 'h', 60 * 60 },
    { 'd', 24 * 60 * 60 },
    { 'w', 7 * 24 * 60 * 60 },
};


static const char *const  cli_time_formats[] = {
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
};


const char  cli_time_forms[] =
    "Unix seconds, \"2026-11-22T03:15:07Z\", \"2026-11-22 03:15\" (local "
    "time), \"now\", \"-2h\" or \"+30d\"";


static trv_rc_t cli_time_calendar(const char *text, int64_t *seconds);
static trv_rc_t cli_time_zone(const char *text, struct tm *tm,
    int64_t *seconds);


trv_rc_t
cli_time_parse(const char *text, int64_t now, int64_t *seconds)
{
    int64_t  span;

    if (strcmp(text, "now") == 0) {
        *seconds = now;
        return TRV_OK;
    }

    if (*text == '-' || *text == '+') {

        if (cli_time_duration(text + 1, &span) != TRV_OK) {
            return TRV_MALFORMED;
        }

        *seconds = *text == '-' ? now - span : now + span;
        return TRV_OK;
    }

    if (trv_number_time(cli_text_str(text), seconds) == TRV_OK) {
        return TRV_OK;
    }

    return cli_time_calendar(text, seconds);
}


/* up to ten thousand years, so that a sum of two is a time */

trv_rc_t
cli_time_duration(const char *text, int64_t *seconds)
{
    char       *end;
    size_t      i;
    long long   n;

    if (*text < '0' || *text > '9') {
        return TRV_MALFORMED;
    }

    n = strtoll(text, &end, 10);

    if (n < 0 || (*end != '\0' && end[1] != '\0')) {
        return TRV_MALFORMED;
    }

    for (i = 0; i < sizeof(cli_time_units) / sizeof(cli_time_units[0]); i++) {

        if (cli_time_units[i].unit == *end
            && n <= INT64_C(315360000000) / cli_time_units[i].seconds)
        {
            *seconds = n * cli_time_units[i].seconds;
            return TRV_OK;
        }
    }

    return TRV_MALFORMED;
}


static trv_rc_t
cli_time_calendar(const char *text, int64_t *seconds)
{
    size_t       i;
    struct tm    tm;
    const char  *end;

    for (i = 0; i < sizeof(cli_time_formats) / sizeof(cli_time_formats[0]);
         i++)
    {
        memset(&tm, 0, sizeof(tm));
        end = strptime(text, cli_time_formats[i], &tm);

        if (end != NULL && cli_time_zone(end, &tm, seconds) == TRV_OK) {
            return TRV_OK;
        }
    }

    return TRV_MALFORMED;
}


static trv_rc_t
cli_time_zone(const char *text, struct tm *tm, int64_t *seconds)
{
    int   hours, minutes, n;
    char  sign;

    if (*text == '\0') {
        tm->tm_isdst = -1;
        *seconds = (int64_t) mktime(tm);
        return TRV_OK;
    }

    if (strcmp(text, "Z") == 0 || strcmp(text, " UTC") == 0) {
        *seconds = (int64_t) timegm(tm);
        return TRV_OK;
    }

    n = 0;

    if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &minutes, &n) != 3
        || text[n] != '\0' || (sign != '+' && sign != '-')
        || hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
    {
        return TRV_MALFORMED;
    }

    minutes += 60 * hours;

    *seconds = (int64_t) timegm(tm) - 60 * (sign == '+' ? minutes : -minutes);

    return TRV_OK;
}


int64_t
cli_time_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_REALTIME, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


double
cli_time_elapsed(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec * 1000 + (double) ts.tv_nsec / 1e6;
}


const char *
cli_time_text(int64_t seconds, char buf[CLI_TIME_TEXT])
{
    time_t     t;
    struct tm  tm;

    t = (time_t) seconds;

    if (gmtime_r(&t, &tm) == NULL
        || strftime(buf, CLI_TIME_TEXT, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
    {
        snprintf(buf, CLI_TIME_TEXT, "%lld", (long long) seconds);
    }

    return buf;
}


const char *
cli_time_span(int64_t seconds, char buf[CLI_TIME_TEXT])
{
    long long  s;

    s = (long long) seconds;

    if (s < 120) {
        snprintf(buf, CLI_TIME_TEXT, "%lld s", s);

    } else if (s < 2 * 3600) {
        snprintf(buf, CLI_TIME_TEXT, "%lld min", s / 60);

    } else if (s < 48 * 3600) {
        snprintf(buf, CLI_TIME_TEXT, "%lld h %lld min", s / 3600,
                 s % 3600 / 60);

    } else {
        snprintf(buf, CLI_TIME_TEXT, "%lld days", s / 86400);
    }

    return buf;
}
