
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke explain: what a token is, and which rules refuse it.
 */


#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_explain.h"
#include "cli_option.h"
#include "cli_text.h"
#include "cli_time.h"


/* bytes of a token: more than any header field has */

#define CLI_EXPLAIN_TOKEN  (1024 * 1024)


enum {
    CLI_EXPLAIN_ATTRIBUTE = CLI_OPTION_OWN,
    CLI_EXPLAIN_LEEWAY,
    CLI_EXPLAIN_ISSUED_AT
};


static const struct option  cli_explain_options[] = {
    CLI_TARGET_OPTIONS,
    { "all", no_argument, NULL, 'a' },
    { "json", no_argument, NULL, 'j' },
    { "attribute", required_argument, NULL, CLI_EXPLAIN_ATTRIBUTE },
    { "leeway", required_argument, NULL, CLI_EXPLAIN_LEEWAY },
    { "issued-at", required_argument, NULL, CLI_EXPLAIN_ISSUED_AT },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};


static cli_status_t cli_explain_main(int argc, char **argv);
static cli_status_t cli_explain_option(void *ctx, int c, char *value);
static cli_status_t cli_explain_attribute(cli_explain_options_t *o,
    const char *value);
static cli_status_t cli_explain_input(const cli_explain_options_t *o);
static cli_status_t cli_explain_read_line(char **line, size_t *size,
    trv_str_t *raw);
static int cli_explain_is_more(void);
static cli_status_t cli_explain_token(cli_explain_t *ex);


static cli_status_t
cli_explain_main(int argc, char **argv)
{
    cli_status_t           status;
    cli_explain_options_t  o;

    memset(&o, 0, sizeof(cli_explain_options_t));

    o.issued_at = TRV_ISSUED_UNKNOWN;

    if (!cli_options(&cli_explain, &o.target, &o, argc, argv, &status)) {
        return status;
    }

    /* nor is it repeated here */

    if (optind != argc) {
        return cli_usage(&cli_explain, "a token is not taken as an argument:"
                         " all users of this machine can see it in the list"
                         " of processes, and the shell keeps it in its"
                         " history; give it on standard input");
    }

    return cli_explain_input(&o);
}


static cli_status_t
cli_explain_option(void *ctx, int c, char *value)
{
    cli_explain_options_t  *o;

    o = ctx;

    switch (c) {

    case 'a':
        o->all = 1;
        return CLI_DONE;

    case 'j':
        o->json = 1;
        return CLI_DONE;

    case CLI_EXPLAIN_ATTRIBUTE:
        return cli_explain_attribute(o, value);

    case CLI_EXPLAIN_LEEWAY:
        return cli_time_duration(value, &o->leeway) == TRV_OK ? CLI_DONE
               : cli_usage(&cli_explain,
                           "--leeway is a time such as 30s or 5m");

    default:
        return cli_time_parse(value, cli_time_now() / 1000, &o->issued_at)
               == TRV_OK ? CLI_DONE
               : cli_usage(&cli_explain,
                           "--issued-at is a time, in Unix seconds or as"
                           " 2026-11-22T03:15:07Z");
    }
}


static cli_status_t
cli_explain_attribute(cli_explain_options_t *o, const char *value)
{
    const char  *equal;

    equal = strchr(value, '=');

    if (equal == NULL || equal == value
        || o->nattributes == CLI_EXPLAIN_ATTRIBUTES)
    {
        return cli_usage(&cli_explain, "--attribute is NAME=VALUE, as"
                         " token_revoke_attribute has it; up to 32 times");
    }

    o->attribute[o->nattributes].data = (const uint8_t *) value;
    o->attribute[o->nattributes].len = (size_t) (equal - value);

    o->value[o->nattributes++] = cli_text_str(equal + 1);

    return CLI_DONE;
}


static cli_status_t
cli_explain_input(const cli_explain_options_t *o)
{
    char           *line;
    size_t          size;
    cli_status_t    status;
    cli_explain_t   ex;

    memset(&ex, 0, sizeof(cli_explain_t));

    ex.o = o;
    ex.now = cli_time_now() / 1000;

    line = NULL;
    size = 0;

    (void) setvbuf(stdin, NULL, _IONBF, 0);

    if (isatty(STDIN_FILENO)) {
        fputs("One token, then Enter:\n", stderr);
    }

    status = cli_explain_read_line(&line, &size, &ex.raw);

    if (status == CLI_DONE) {
        status = cli_explain_token(&ex);
    }

    if (line != NULL) {
        explicit_bzero(line, size);
        free(line);
    }

    return status;
}


/* the first line that is not blank; what is behind it is somebody's mistake */

static cli_status_t
cli_explain_read_line(char **line, size_t *size, trv_str_t *raw)
{
    ssize_t  n;

    do {
        n = getline(line, size, stdin);

        if (n <= 0) {
            fputs(CLI_NAME " explain: there was no token on standard input\n",
                  stderr);
            return CLI_FAILED;
        }

        raw->data = (const uint8_t *) *line;
        raw->len = (size_t) n;
        *raw = trv_entry_strip(*raw);

    } while (raw->len == 0);

    if (raw->len > CLI_EXPLAIN_TOKEN) {
        fputs(CLI_NAME " explain: the token is over 1 MB\n", stderr);
        return CLI_FAILED;
    }

    if (cli_explain_is_more()) {
        fputs(CLI_NAME " explain: the first line is explained, one token at a"
                       " time\n", stderr);
    }

    return CLI_DONE;
}


/* whoever keeps the pipe open is not waited for; stdin has no buffer */

static int
cli_explain_is_more(void)
{
    struct pollfd  pfd;

    pfd.fd = STDIN_FILENO;
    pfd.events = POLLIN;

    return !isatty(STDIN_FILENO) && poll(&pfd, 1, 0) == 1
           && getc(stdin) != EOF;
}


/* what it is can be said without Redis */

static cli_status_t
cli_explain_token(cli_explain_t *ex)
{
    int             asked;
    cli_redis_t    *redis;
    cli_status_t    status;
    cli_trouble_t   trouble;

    if (cli_explain_open(ex) != TRV_OK) {
        cli_explain_close(ex);
        fputs(CLI_NAME " explain: out of memory\n", stderr);
        return CLI_FAILED;
    }

    if (!ex->o->json) {
        cli_explain_say_token(ex);
        (void) fflush(stdout);
    }

    redis = cli_redis_open(&ex->o->target, CLI_REDIS_ANY, &trouble);

    asked = redis != NULL
            && cli_explain_rules(ex, redis, &trouble) == TRV_OK;

    status = CLI_DONE;

    if (ex->o->json) {
        status = cli_explain_json(ex, asked);

    } else if (asked) {
        cli_explain_say_rules(ex);
    }

    if (status == CLI_DONE) {
        status = cli_flush(&cli_explain);
    }

    if (!asked) {
        status = cli_trouble_say(&cli_explain, &trouble,
                                 "whether the token is refused is not known");
    }

    cli_redis_close(redis);
    cli_explain_close(ex);

    return status;
}


const cli_command_t  cli_explain = {
    "explain",
    "what a token is, and which rules refuse it",

    "usage: " CLI_NAME " explain [OPTION]... < TOKEN\n"
    "\n"
    "Reads one token from standard input and prints what it is known by, what\n"
    "it says of itself (the signature is not checked), and every rule in the\n"
    "log that matches it, with the ID of its entry, reason and author; and\n"
    "whether the token is refused now, as an edge decides it.  A token is\n"
    "not taken as an argument: the list of processes shows arguments to\n"
    "everybody.\n"
    "\n"
    "    -a, --all            also rules that have ended or were restored\n"
    "    --attribute NAME=VALUE\n"
    "                         what token_revoke_attribute has in the request\n"
    "    --issued-at TIME     what token_revoke_issued_at has\n"
    "    --leeway TIME        that of token_revoke_leeway: 30s, 5m\n"
    "    -j, --json           an object of JSON; \"verdict\" is \"passes\",\n"
    "                         \"refused\", \"depends\" (on attributes that\n"
    "                         were not given) or \"unreadable\" (on_error\n"
    "                         decides)\n"
    "    -h, --help           this text\n"
    "\n"
    CLI_TARGET_HELP
    "\n"
    "exit status: 0 it was explained, whatever the verdict; 1 it was not, or\n"
    "Redis could not be asked; 2 wrong usage\n",

    cli_explain_main, cli_explain_options, cli_explain_option
};
