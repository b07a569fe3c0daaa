
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the operator is told: what happened, what is in force now, and what to
 * do next.  Never what is in a line: it may be a token.
 */


#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "cli_import.h"
#include "cli_json.h"
#include "cli_text.h"


/* ends that a dry run shows */

#define CLI_IMPORT_SUMS   20

/* bytes of how far it has come, in words */

#define CLI_IMPORT_STATE  160


static int cli_import_wait(cli_import_t *im, int complete);
static void cli_import_say_counts(cli_import_t *im);
static void cli_import_say_left(const char *format, uint64_t n);
static void cli_import_say_sums(const cli_import_t *im);
static void cli_import_say_json(cli_import_t *im, int complete, int waited);
static json_t *cli_import_sums_json(const cli_import_t *im);
static cli_status_t cli_import_say_why(cli_import_t *im);
static const char *cli_import_say_state(const cli_import_t *im, char *buf,
    size_t size);


void
cli_import_say(cli_import_t *im, const char *fmt, ...)
{
    va_list  args;

    cli_progress_clear(&im->progress);

    fputs(CLI_NAME " import: ", stderr);

    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);

    fputs("\n", stderr);
}


void
cli_import_say_progress(cli_import_t *im)
{
    uint64_t  done, size;

    cli_input_progress(im->record->input, &done, &size);
    cli_progress_show(&im->progress, im->line, done, size);
}


void
cli_import_say_bad(cli_import_t *im, const char *fault)
{
    im->count.bad++;

    if (im->count.bad <= CLI_IMPORT_SHOWN) {
        cli_import_say(im, "line %" PRIu64 " %s", im->record->line, fault);

    } else if (im->count.bad == CLI_IMPORT_SHOWN + 1) {
        cli_import_say(im, "more bad lines are counted, and not shown");
    }
}


cli_status_t
cli_import_say_end(cli_import_t *im)
{
    int          complete;
    char         state[CLI_IMPORT_STATE];
    const char  *done;

    cli_progress_clear(&im->progress);

    complete = im->ended == CLI_RECORD_END && !im->failed && !im->nolog
               && !im->lost && !im->nomem;

    if (im->o->json) {
        cli_import_say_json(im, complete, cli_import_wait(im, complete));

    } else {
        cli_import_say_counts(im);
        (void) fflush(stdout);

        if (cli_import_wait(im, complete)) {
            (void) cli_wait_report(&im->waiting, "enforced");
        }
    }

    if (!complete) {
        (void) cli_flush(&cli_import);
        return cli_import_say_why(im);
    }

    done = im->o->dry_run || im->count.entries == 0 ? NULL
           : cli_import_say_state(im, state, sizeof(state));

    if (cli_flush_done(&cli_import, done, CLI_DONE) != CLI_DONE) {
        return CLI_FAILED;
    }

    if (im->count.values == 0 && im->count.expired == 0
        && im->count.skipped == 0)
    {
        cli_import_say(im, "there was nothing to revoke in it");
        return CLI_FAILED;
    }

    if (im->waited != CLI_DONE) {
        return im->waited;
    }

    return im->count.bad == 0 ? CLI_DONE : CLI_BAD_INPUT;
}


/*
 * Waits for the edges, if that was asked for and there is something to wait
 * for: true.  All is written, so Ctrl-C may end it now.
 */

static int
cli_import_wait(cli_import_t *im, int complete)
{
    if (im->o->wait == 0 || im->o->dry_run || !complete) {
        return 0;
    }

    if (im->count.entries == 0) {
        cli_import_say(im, "nothing was written, so no edge is waited for");
        return 0;
    }

    (void) signal(SIGINT, SIG_DFL);
    (void) signal(SIGTERM, SIG_DFL);
    (void) signal(SIGHUP, SIG_DFL);

    /* it may be another one than when it began */

    im->waiting.redis = im->redis;

    cli_wait_run(&im->waiting);
    im->waited = cli_wait_status(&im->waiting);

    return 1;
}


static void
cli_import_say_counts(cli_import_t *im)
{
    char     n[4][CLI_PROGRESS_NUMBER];
    int64_t  ms;

    ms = cli_progress_clock() - im->began;

    printf("%s %s: %s, in %s entr%s, from %s lines (%" PRId64 ".%" PRId64
           " s)\n", im->o->tokens ? "tokens" : "values",
           im->o->dry_run ? "that would be written" : "written",
           cli_progress_number(im->count.written, n[0]),
           cli_progress_number(im->count.entries, n[1]),
           im->count.entries == 1 ? "y" : "ies",
           cli_progress_number(im->line, n[2]), ms / 1000, ms % 1000 / 100);

    if (im->o->dry_run) {
        cli_import_say_sums(im);
    }

    cli_import_say_left("left out: %s lines at the top\n", im->count.skipped);
    cli_import_say_left("left out: %s that expired more than a day ago"
                        " (--keep-expired takes them)\n", im->count.expired);
    cli_import_say_left("left out: %s without a value\n", im->count.empty);
    cli_import_say_left("left out: %s bad (see above)\n", im->count.bad);

    if (im->count.spaced != 0) {
        printf("with a blank inside: %s, the first in line %s: are these"
               " tokens, or is it --format csv?\n",
               cli_progress_number(im->count.spaced, n[0]),
               cli_progress_number(im->count.spaced_line, n[1]));
    }
}


static void
cli_import_say_left(const char *format, uint64_t n)
{
    char  number[CLI_PROGRESS_NUMBER];

    if (n != 0) {
        printf(format, cli_progress_number(n, number));
    }
}


static void
cli_import_say_sums(const cli_import_t *im)
{
    char                     n[2][CLI_PROGRESS_NUMBER];
    unsigned                 i;
    trv_str_t                first;
    const cli_import_sum_t  *sum;

    for (i = 0; i < im->nsums && i < CLI_IMPORT_SUMS; i++) {
        sum = &im->sums[i];

        first.data = (const uint8_t *) sum->first;
        first.len = sum->len;

        printf("    %s in %s entr%s, before %s",
               cli_progress_number(sum->values, n[0]),
               cli_progress_number(sum->entries, n[1]),
               sum->entries == 1 ? "y" : "ies", im->before);

        if (sum->end == TRV_END_NEVER) {
            printf(", no end, first: %s ", im->o->match);

        } else {
            printf(", until %" PRId64 ", first: %s ", sum->end, im->o->match);
        }

        cli_text_put(stdout, first, 100);
        printf("\n");
    }

    if (i < im->nsums) {
        printf("    ... and %u more ends\n", im->nsums - i);
    }
}


static void
cli_import_say_json(cli_import_t *im, int complete, int waited)
{
    json_t                    *json;
    const cli_import_count_t  *c;

    c = &im->count;

    json = json_pack("{s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I,"
                     " s:s, s:I}",
                     "complete", complete, "dry_run", (int) im->o->dry_run,
                     "lines", (json_int_t) im->line,
                     "skipped", (json_int_t) c->skipped,
                     "written", (json_int_t) c->written,
                     "entries", (json_int_t) c->entries,
                     "expired", (json_int_t) c->expired,
                     "empty", (json_int_t) c->empty,
                     "bad", (json_int_t) c->bad,
                     "spaced", (json_int_t) c->spaced,
                     "done", (json_int_t) im->done, "last", im->last,
                     "milliseconds",
                     (json_int_t) (cli_progress_clock() - im->began));

    if (json != NULL && im->o->dry_run) {
        json_object_set_new(json, "groups", cli_import_sums_json(im));
    }

    if (json != NULL && waited) {
        json_object_set_new(json, "wait", cli_wait_json(&im->waiting));
    }

    (void) cli_json_put(&cli_import, json);
}


static json_t *
cli_import_sums_json(const cli_import_t *im)
{
    json_t                  *array, *json;
    unsigned                 i;
    trv_str_t                first;
    const cli_import_sum_t  *sum;

    array = json_array();

    for (i = 0; i < im->nsums; i++) {
        sum = &im->sums[i];

        first.data = (const uint8_t *) sum->first;
        first.len = sum->len;

        json = json_pack("{s:I, s:I, s:o, s:s, s:o}",
                         "values", (json_int_t) sum->values,
                         "entries", (json_int_t) sum->entries,
                         "match", cli_json_text(cli_text_str(im->o->match)),
                         "before", im->before, "first", cli_json_text(first));

        if (json != NULL && sum->end != TRV_END_NEVER) {
            json_object_set_new(json, "until", json_integer(sum->end));
        }

        (void) json_array_append_new(array, json);
    }

    return array;
}


/* in one line */

static cli_status_t
cli_import_say_why(cli_import_t *im)
{
    char  state[CLI_IMPORT_STATE];

    cli_import_say_state(im, state, sizeof(state));

    if (im->nomem) {
        cli_import_say(im, "out of memory; %s", state);
        return CLI_FAILED;
    }

    if (im->nolog) {
        cli_import_say(im, "there is no log \"%s\" in this Redis; %s; another"
                       " database or --log is meant, or --create begins a new"
                       " log", im->o->target.log, state);
        return CLI_FAILED;
    }

    if (im->lost) {
        cli_import_say(im, "the log has lost what was written to it a moment"
                           " ago (a failover?); edges that had applied it keep"
                           " it; import all of it again with --restart");
        return CLI_FAILED;
    }

    if (im->failed && !cli_import_stop) {
        return cli_trouble_say(&cli_import, &im->trouble, state);
    }

    if (im->ended == CLI_RECORD_FAILED) {
        cli_import_say(im, "the input %s, behind line %" PRIu64 "; %s",
                       im->record->fault, im->line, state);
        return CLI_FAILED;
    }

    if (strcmp(im->o->file, "-") == 0 || im->o->dry_run) {
        cli_import_say(im, "stopped; %s; the same input with --skip %" PRIu64
                       " goes on behind them", state, im->done);

    } else {
        cli_import_say(im, "stopped; %s; the same command goes on behind them",
                       state);
    }

    return CLI_FAILED;
}


static const char *
cli_import_say_state(const cli_import_t *im, char *buf, size_t size)
{
    char  line[CLI_PROGRESS_NUMBER];

    if (im->o->dry_run || (im->done == 0 && im->count.entries == 0)) {
        snprintf(buf, size, "nothing was revoked");

    } else if (im->done == 0) {
        snprintf(buf, size, "a part of the first lines is in force");

    } else {
        snprintf(buf, size, "the lines up to %s are in force",
                 cli_progress_number(im->done, line));
    }

    return buf;
}
