
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke watch: the log as it grows.
 */


#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli_option.h"
#include "cli_text.h"
#include "cli_time.h"
#include "cli_watch.h"


#define CLI_WATCH_BLOCK   5000    /* milliseconds */
#define CLI_WATCH_AGAIN   1       /* seconds, after a loss */


enum {
    CLI_WATCH_SINCE = CLI_OPTION_OWN,
};


typedef struct {
    cli_target_t   target;
    int64_t        since;         /* Unix seconds, -1: from now on */
    unsigned       json:1;
    unsigned       started:1;     /* "last" is known */
    trv_id_t       last;
} cli_watch_t;


static cli_status_t cli_watch_run(int argc, char **argv);
static cli_status_t cli_watch_option(void *ctx, int c, char *value);
static cli_status_t cli_watch_follow(cli_watch_t *watch);
static trv_rc_t cli_watch_session(cli_watch_t *watch, cli_redis_t *redis,
    cli_trouble_t *trouble);
static trv_rc_t cli_watch_start(cli_watch_t *watch, cli_redis_t *redis);
static trv_rc_t cli_watch_take(cli_watch_t *watch, cli_log_t *log,
    const redisReply *reply);
static void cli_watch_interrupted(int signo);
static int cli_watch_entry(void *ctx, const cli_entry_t *entry);


static const struct option  cli_watch_options[] = {
    CLI_TARGET_OPTIONS,
    { "since", required_argument, NULL, CLI_WATCH_SINCE },
    { "json", no_argument, NULL, 'j' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};


static cli_status_t
cli_watch_run(int argc, char **argv)
{
    cli_watch_t   watch;
    cli_status_t  status;

    memset(&watch, 0, sizeof(watch));
    watch.since = -1;

    if (!cli_options(&cli_watch, &watch.target, &watch, argc, argv, &status)) {
        return status;
    }

    if (optind != argc) {
        return cli_usage(&cli_watch, "there are options only");
    }

    return cli_watch_follow(&watch);
}


static cli_status_t
cli_watch_option(void *ctx, int c, char *value)
{
    cli_watch_t  *watch;

    watch = ctx;

    switch (c) {

    case CLI_WATCH_SINCE:

        if (cli_time_parse(value, cli_time_now() / 1000, &watch->since)
            != TRV_OK || watch->since < 0)
        {
            return cli_usage(&cli_watch, "--since wants %s", cli_time_forms);
        }

        watch->started = 1;
        watch->last.ms = (uint64_t) watch->since * 1000;
        return CLI_DONE;

    default:
        watch->json = 1;
        return CLI_DONE;
    }
}


/* a first connection that fails is an error, a later one is tried again */

static cli_status_t
cli_watch_follow(cli_watch_t *watch)
{
    unsigned        told;
    trv_rc_t        rc;
    cli_redis_t    *redis;
    cli_trouble_t   trouble;

    signal(SIGINT, cli_watch_interrupted);

    told = 0;

    for ( ;; ) {
        rc = TRV_NONE;
        redis = cli_redis_open(&watch->target, CLI_REDIS_ANY, &trouble);

        if (redis != NULL) {

            if (told) {
                fprintf(stderr, "redis %s is back\n", cli_redis_name(redis));
            }

            told = 0;
            rc = cli_watch_session(watch, redis, &trouble);
            cli_redis_close(redis);
        }

        if (rc == TRV_MALFORMED || !watch->started) {
            return cli_trouble_say(&cli_watch, &trouble, NULL);
        }

        if (rc == TRV_OK) {
            return cli_flush(&cli_watch);
        }

        if (!told) {
            fprintf(stderr, "%s; it is tried again every second\n",
                    trouble.what);
        }

        told = 1;
        sleep(CLI_WATCH_AGAIN);
    }
}


/* lines are complete whenever this can come */

static void
cli_watch_interrupted(int signo)
{
    (void) signo;

    _exit(CLI_DONE);
}


/* TRV_NONE: the connection is lost; TRV_MALFORMED: no use; TRV_OK: stdout */

static trv_rc_t
cli_watch_session(cli_watch_t *watch, cli_redis_t *redis,
    cli_trouble_t *trouble)
{
    char         id[TRV_ID_LEN + 1];
    trv_rc_t     rc;
    cli_log_t   *log;
    redisReply  *reply;

    log = cli_log_open(redis, &watch->target, trouble);

    if (log == NULL) {
        return TRV_MALFORMED;
    }

    rc = watch->started ? TRV_OK : cli_watch_start(watch, redis);

    cli_redis_patience(redis, CLI_WATCH_BLOCK);

    while (rc == TRV_OK && !ferror(stdout)) {
        id[trv_id_format(watch->last, (uint8_t *) id)] = '\0';

        reply = cli_redis_ask(redis, "XREAD COUNT 100 BLOCK %d STREAMS %s %s",
                              CLI_WATCH_BLOCK, watch->target.log, id);

        if (reply == NULL) {
            rc = TRV_NONE;
            break;
        }

        /* whoever is loading or fails over is asked again */

        if (reply->type == REDIS_REPLY_ERROR) {
            rc = cli_redis_trouble(redis)->fault == CLI_FAULT_LOADING
                 || strncmp(reply->str, "UNBLOCKED", 9) == 0
                 ? TRV_NONE : TRV_MALFORMED;

        } else {
            rc = cli_watch_take(watch, log, reply);
        }

        freeReplyObject(reply);
    }

    if (rc != TRV_OK) {
        *trouble = *cli_redis_trouble(redis);
    }

    cli_log_close(log);

    return rc;
}


/* the last entry that is there now; an empty log begins with 0-0 */

static trv_rc_t
cli_watch_start(cli_watch_t *watch, cli_redis_t *redis)
{
    trv_str_t          text;
    redisReply        *reply;
    const redisReply  *entry;

    reply = cli_redis_ask(redis, "XREVRANGE %s + - COUNT 1",
                          watch->target.log);

    if (cli_redis_failed(reply)) {

        if (reply != NULL) {
            freeReplyObject(reply);
        }

        return TRV_MALFORMED;
    }

    watch->started = 1;

    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
        entry = reply->element[0];

        if (entry->type == REDIS_REPLY_ARRAY && entry->elements == 2
            && entry->element[0]->type == REDIS_REPLY_STRING)
        {
            text = cli_text_str(entry->element[0]->str);
            (void) trv_id_parse(text, &watch->last);
        }

    } else {
        fprintf(stderr, "the log is empty or not there: waiting\n");
    }

    freeReplyObject(reply);

    return TRV_OK;
}


/* *1 *2 key *entries; nil: there is nothing new */

static trv_rc_t
cli_watch_take(cli_watch_t *watch, cli_log_t *log, const redisReply *reply)
{
    size_t    i;
    trv_rc_t  rc;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1) {
        return TRV_OK;
    }

    reply = reply->element[0];

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
        return TRV_OK;
    }

    reply = reply->element[1];
    rc = TRV_OK;

    for (i = 0; i < reply->elements && rc == TRV_OK; i++) {
        rc = cli_log_take(log, reply->element[i], cli_watch_entry, watch);
    }

    watch->last = cli_log_last(log);

    return rc == TRV_NOMEM ? TRV_MALFORMED : TRV_OK;
}


static int
cli_watch_entry(void *ctx, const cli_entry_t *entry)
{
    cli_watch_t  *watch;

    watch = ctx;

    if (watch->json) {
        (void) cli_json_put(&cli_watch, cli_watch_json(entry));

    } else {
        cli_watch_text(entry);
    }

    return fflush(stdout) != 0;
}


const cli_command_t  cli_watch = {
    "watch",
    "the log as it grows",

    "usage: " CLI_NAME " watch [OPTION]...\n"
    "\n"
    "Prints each entry of the log when it is written, until Ctrl-C, in colour\n"
    "on a terminal (not with NO_COLOR).  When Redis is gone it is tried again\n"
    "every second, and nothing that it still has is left out.\n"
    "\n"
    "    --since TIME         begin with what was written since then\n"
    "    -j, --json           an object a line: id, action, match, before,\n"
    "                         until, reason, by; fault and refused\n"
    "    -h, --help           this text\n"
    CLI_TARGET_HELP
    "\n"
    "exit status: 0 Ctrl-C; 1 the log cannot be read; 2 wrong usage\n",

    cli_watch_run, cli_watch_options, cli_watch_option
};
