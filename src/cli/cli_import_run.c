
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * From the first line to the last word.
 */


#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli_import.h"


/* records between two looks at the clock; few enough for a slow terminal */

#define CLI_IMPORT_TICK  1024


volatile int  cli_import_stop;


static cli_status_t cli_import_open(cli_import_t *im);
static trv_rc_t cli_import_memory(cli_import_t *im);
static cli_status_t cli_import_begin(cli_import_t *im);
static int cli_import_idle(void *ctx);
static void cli_import_read(cli_import_t *im);
static trv_rc_t cli_import_record(cli_import_t *im);
static trv_rc_t cli_import_tick(cli_import_t *im);
static void cli_import_finish(cli_import_t *im);
static void cli_import_close(cli_import_t *im);
static void cli_import_signal(int signo);
static void cli_import_signals(void);


cli_status_t
cli_import_run(const cli_import_options_t *o)
{
    cli_import_t   im;
    cli_status_t   status;

    memset(&im, 0, sizeof(cli_import_t));

    im.o = o;
    im.now = (int64_t) time(NULL);
    im.began = cli_progress_clock();
    im.until = o->until;

    if (o->always) {
        snprintf(im.before, sizeof(im.before), "always");

    } else {
        snprintf(im.before, sizeof(im.before), "%" PRId64, o->before);
    }

    cli_import_signals();

    status = cli_import_open(&im);

    if (status == CLI_DONE) {
        status = cli_import_begin(&im);
    }

    if (status == CLI_DONE) {
        cli_import_read(&im);
        cli_import_finish(&im);

        status = cli_import_say_end(&im);
    }

    cli_import_close(&im);

    return status;
}


static trv_rc_t
cli_import_memory(cli_import_t *im)
{
    size_t  words;

    /* names and values, and what stands around them */

    words = 2 * (size_t) im->o->batch + 32;

    im->record = calloc(1, sizeof(cli_record_t));
    if (im->record == NULL) {
        return TRV_NOMEM;
    }

    im->argv = malloc(words * sizeof(char *));
    if (im->argv == NULL) {
        return TRV_NOMEM;
    }

    im->argvlen = malloc(words * sizeof(size_t));
    if (im->argvlen == NULL) {
        return TRV_NOMEM;
    }

    im->digest = trv_digest_create();

    return im->digest == NULL ? TRV_NOMEM : TRV_OK;
}


static cli_status_t
cli_import_open(cli_import_t *im)
{
    const char  *why;

    if (cli_import_memory(im) != TRV_OK) {
        cli_import_say(im, "out of memory; nothing was revoked");
        return CLI_FAILED;
    }

    cli_progress_begin(&im->progress, stderr, CLI_NAME " import", "lines", 0);

    im->typed = strcmp(im->o->file, "-") == 0 && isatty(STDIN_FILENO);

    if (im->typed) {
        fputs("One token a line, then Ctrl-D:\n", stderr);
    }

    im->record->input = cli_input_open(im->o->file, &cli_import_stop, &why);

    if (im->record->input == NULL) {
        cli_import_say(im, "cannot read the file: %s; nothing was revoked",
                       why);
        return CLI_FAILED;
    }

    cli_input_idle(im->record->input, cli_import_idle, im);

    return CLI_DONE;
}


/* a slow pipe: meanwhile what is on its way to Redis goes on */

static int
cli_import_idle(void *ctx)
{
    cli_import_t  *im;

    im = ctx;

    if (im->nflights != 0 && cli_import_confirm(im, 0) != TRV_OK) {
        return 1;
    }

    cli_import_state_save(im, 0);

    if (!im->typed) {
        cli_import_say_progress(im);
    }

    return 0;
}


/* the header of the file, the connection, and the lines that are done */

static cli_status_t
cli_import_begin(cli_import_t *im)
{
    cli_record_rc_t  rc;

    rc = cli_record_begin(im->record, &im->o->record);

    if (rc == CLI_RECORD_FAILED) {
        cli_import_say(im, "the input %s; nothing was revoked",
                       im->record->fault);
        return CLI_FAILED;
    }

    if (!im->o->dry_run) {

        if (cli_import_connect(im) != TRV_OK) {
            return cli_trouble_say(&cli_import, &im->trouble,
                                   "nothing was revoked");
        }

        if (im->o->wait != 0
            && cli_wait_begin(&im->waiting, im->redis, &im->o->target,
                              im->o->wait)
               != TRV_OK)
        {
            return cli_trouble_say(&cli_import, cli_redis_trouble(im->redis),
                                   "nothing was revoked");
        }

        cli_import_state_find(im);
    }

    if (im->o->skip != 0) {
        im->done = im->o->skip;
        im->count.skipped = im->o->skip;
    }

    if (rc == CLI_RECORD_OK && im->done != 0) {
        rc = cli_record_skip(im->record, im->done);
    }

    im->ended = rc;
    im->line = cli_input_number(im->record->input);

    cli_progress_begin(&im->progress, stderr, CLI_NAME " import", "lines",
                       im->done);

    return CLI_DONE;
}


static void
cli_import_read(cli_import_t *im)
{
    trv_rc_t  rc;
    unsigned  n;

    rc = TRV_OK;
    n = 0;

    while (rc == TRV_OK && im->ended == CLI_RECORD_OK) {

        if (cli_import_stop) {
            im->ended = CLI_RECORD_STOPPED;
            break;
        }

        rc = cli_import_record(im);

        if (rc == TRV_OK && ++n % CLI_IMPORT_TICK == 0) {
            rc = cli_import_tick(im);
        }
    }

    im->nomem |= rc == TRV_NOMEM;
}


static trv_rc_t
cli_import_record(cli_import_t *im)
{
    trv_rc_t          rc;
    unsigned          i;
    const char       *fault;
    cli_record_t     *record;
    cli_record_rc_t   got;

    record = im->record;
    got = cli_record_next(record);

    if (got == CLI_RECORD_BAD) {
        cli_import_say_bad(im, record->fault);

    } else if (got != CLI_RECORD_OK) {
        im->ended = got;
        return TRV_OK;

    } else if (record->n == 0) {
        im->count.empty++;

    } else {

        for (i = 0; i < record->n; i++) {
            rc = cli_import_value(im, record->value[i], &fault);

            if (rc == TRV_MALFORMED) {
                cli_import_say_bad(im, fault);

            } else if (rc != TRV_OK) {
                return rc;
            }
        }
    }

    im->line = cli_input_number(record->input);

    return TRV_OK;
}


static trv_rc_t
cli_import_tick(cli_import_t *im)
{
    trv_rc_t  rc;

    rc = cli_import_add_old(im);

    if (rc == TRV_OK && !im->o->dry_run) {
        rc = cli_import_confirm(im, 0);
    }

    if (rc != TRV_OK) {
        return rc;
    }

    cli_import_state_save(im, 0);

    cli_import_say_progress(im);

    return TRV_OK;
}


/*
 * What was read is written, also when reading has failed or was stopped: it
 * takes a moment, and the operator knows better where to go on.
 */

static void
cli_import_finish(cli_import_t *im)
{
    trv_rc_t  rc;

    if (im->failed || im->nolog || im->lost || im->nomem) {
        cli_import_state_save(im, 1);
        return;
    }

    rc = cli_import_add_rest(im);

    if (rc == TRV_OK && !im->o->dry_run) {
        rc = cli_import_confirm(im, 1);
    }

    im->nomem |= rc == TRV_NOMEM;

    if (rc == TRV_OK) {
        im->done = im->line;
    }

    if (rc == TRV_OK && im->ended == CLI_RECORD_END) {
        cli_import_state_done(im);

    } else {
        cli_import_state_save(im, 1);
    }
}


static void
cli_import_close(cli_import_t *im)
{
    unsigned  i;

    cli_import_groups_done(im);
    cli_wait_end(&im->waiting);
    cli_redis_close(im->redis);
    cli_jwt_done(&im->jwt);
    trv_digest_destroy(im->digest);

    if (im->record != NULL) {
        cli_input_close(im->record->input);
        explicit_bzero(im->record, sizeof(cli_record_t));
    }

    for (i = 0; i < im->nsums; i++) {
        free(im->sums[i].first);
    }

    free(im->sums);
    free(im->state);
    free(im->record);
    free(im->argv);
    free(im->argvlen);
}


/* the second one ends it at once */

static void
cli_import_signal(int signo)
{
    if (cli_import_stop) {
        _exit(128 + signo);
    }

    cli_import_stop = signo;
}


static void
cli_import_signals(void)
{
    unsigned          i;
    struct sigaction  action;

    static const int  signals[] = { SIGINT, SIGTERM, SIGHUP };

    memset(&action, 0, sizeof(struct sigaction));

    /* without SA_RESTART: a read from a terminal or a pipe is interrupted */

    action.sa_handler = cli_import_signal;

    for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        (void) sigaction(signals[i], &action, NULL);
    }
}
