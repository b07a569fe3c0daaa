
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli_progress.h"


/* milliseconds between two pictures, and between two plain lines */

#define CLI_PROGRESS_FRAME  100
#define CLI_PROGRESS_LINE   5000

#define CLI_PROGRESS_WIDTH  80        /* if the terminal does not say */
#define CLI_PROGRESS_BAR    40        /* at most */

/* how much the last frame weighs in the rate */

#define CLI_PROGRESS_SMOOTH  0.2


static void cli_progress_rate(cli_progress_t *progress, uint64_t count,
    int64_t now);
static size_t cli_progress_words(const cli_progress_t *progress,
    uint64_t count, uint64_t done, uint64_t size, char *buf, size_t room);
static void cli_progress_bar(cli_progress_t *progress, const char *words,
    size_t len, uint64_t done, uint64_t size);
static unsigned cli_progress_width(const cli_progress_t *progress);


int64_t
cli_progress_clock(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


void
cli_progress_begin(cli_progress_t *progress, FILE *out, const char *name,
    const char *unit, uint64_t base)
{
    memset(progress, 0, sizeof(cli_progress_t));

    progress->out = out;
    progress->name = name;
    progress->unit = unit;
    progress->base = base;
    progress->count = base;
    progress->began = cli_progress_clock();
    progress->shown = progress->began;
    progress->terminal = isatty(fileno(out)) == 1;
}


void
cli_progress_show(cli_progress_t *progress, uint64_t count, uint64_t done,
    uint64_t size)
{
    char     words[160];
    size_t   len;
    int64_t  now;

    now = cli_progress_clock();

    if (now - progress->shown < (progress->terminal ? CLI_PROGRESS_FRAME
                                                    : CLI_PROGRESS_LINE))
    {
        return;
    }

    cli_progress_rate(progress, count, now);

    if (done > size) {
        done = size;
    }

    len = cli_progress_words(progress, count, done, size, words,
                             sizeof(words));

    if (progress->terminal) {
        cli_progress_bar(progress, words, len, done, size);

    } else {
        fprintf(progress->out, "%s: %s\n", progress->name, words);
    }

    fflush(progress->out);
}


static void
cli_progress_rate(cli_progress_t *progress, uint64_t count, int64_t now)
{
    double  rate;

    rate = (double) (count - progress->count) * 1000
           / (double) (now - progress->shown);

    if (progress->rate == 0) {
        progress->rate = rate;

    } else {
        progress->rate += (rate - progress->rate) * CLI_PROGRESS_SMOOTH;
    }

    progress->count = count;
    progress->shown = now;
}


/* " 41%  412,000 lines  980,000/s  0:01 left" */

static size_t
cli_progress_words(const cli_progress_t *progress, uint64_t count,
    uint64_t done, uint64_t size, char *buf, size_t room)
{
    int       n;
    char      lines[CLI_PROGRESS_NUMBER], rate[CLI_PROGRESS_NUMBER];
    double    left;
    uint64_t  seconds;

    n = 0;

    if (size != 0) {
        n = snprintf(buf, room, "%3u%%  ", (unsigned) (done * 100 / size));
    }

    n += snprintf(buf + n, room - (size_t) n, "%s %s  %s/s",
                  cli_progress_number(count, lines), progress->unit,
                  cli_progress_number((uint64_t) progress->rate, rate));

    /* the rest is as dense as what was read: units for each byte */

    if (size != 0 && done != 0 && progress->rate > 0) {
        left = (double) (size - done) * ((double) count / (double) done)
               / progress->rate;

        seconds = left < 360000 ? (uint64_t) (left + 0.999) : 360000;

        n += snprintf(buf + n, room - (size_t) n,
                      "  %" PRIu64 ":%02u left", seconds / 60,
                      (unsigned) (seconds % 60));
    }

    return (size_t) n < room ? (size_t) n : room - 1;
}


/* never as wide as the terminal: the cursor stays in its line */

static void
cli_progress_bar(cli_progress_t *progress, const char *words, size_t len,
    uint64_t done, uint64_t size)
{
    unsigned  i, width, full, bar;

    width = cli_progress_width(progress) - 1;

    if (len > width) {
        len = width;
    }

    bar = width > len + 4 ? width - (unsigned) len - 4 : 0;

    if (bar > CLI_PROGRESS_BAR) {
        bar = CLI_PROGRESS_BAR;
    }

    fputs("\r", progress->out);

    if (size != 0 && bar >= 5) {
        full = (unsigned) (done * bar / size);

        fputs("[", progress->out);

        for (i = 0; i < bar; i++) {
            fputc(i < full ? '=' : i == full ? '>' : ' ', progress->out);
        }

        fputs("] ", progress->out);
    }

    /* to the end of the line is cleared: ECMA-48, EL */

    fprintf(progress->out, "%.*s\033[K", (int) len, words);

    progress->visible = 1;
}


static unsigned
cli_progress_width(const cli_progress_t *progress)
{
    struct winsize  size;

    if (ioctl(fileno(progress->out), TIOCGWINSZ, &size) == 0
        && size.ws_col > 1)
    {
        return size.ws_col;
    }

    return CLI_PROGRESS_WIDTH;
}


void
cli_progress_clear(cli_progress_t *progress)
{
    if (progress->visible) {
        fputs("\r\033[K", progress->out);
        fflush(progress->out);

        progress->visible = 0;
    }
}


const char *
cli_progress_number(uint64_t number, char buf[CLI_PROGRESS_NUMBER])
{
    char      *p;
    unsigned   digits;

    digits = 0;
    p = buf + CLI_PROGRESS_NUMBER - 1;
    *p = '\0';

    do {
        if (digits != 0 && digits % 3 == 0) {
            *--p = ',';
        }

        *--p = (char) ('0' + number % 10);
        number /= 10;
        digits++;
    } while (number != 0);

    return p;
}
