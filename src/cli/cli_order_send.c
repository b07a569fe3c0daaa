
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The way of an entry into the log.
 */


#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_order.h"
#include "cli_show.h"
#include "cli_term.h"
#include "cli_text.h"


#define CLI_ORDER_WORDS  7    /* XADD key NOMKSTREAM *, ack nonce, NULL */


typedef struct {
    FILE      *out;
    uint64_t   rules;
} cli_order_words_t;


static cli_status_t cli_order_written(cli_order_t *order, const char *id,
    const char *done);
static redisReply *cli_order_xadd(cli_order_t *order);
static cli_status_t cli_order_failed(cli_order_t *order,
    const redisReply *reply);
static cli_status_t cli_order_lost(cli_order_t *order);
static cli_status_t cli_order_missing(cli_order_t *order);
static cli_status_t cli_order_dry(cli_order_t *order);
static void cli_order_words(FILE *out, const cli_order_t *order);
static int cli_order_word(void *ctx, unsigned nparts,
    const cli_part_t *parts);
static json_t *cli_order_json(const cli_order_t *order);
static const char *cli_order_state(const cli_order_t *order);


static const char *const  cli_order_actions[] = {
    [TRV_ACTION_REVOKE] = "revoke",
    [TRV_ACTION_RESTORE] = "restore",
    [TRV_ACTION_ACCEPT] = "accept",
};


static const char *const  cli_order_states[] = {
    [TRV_ACTION_REVOKE] = "nothing was revoked",
    [TRV_ACTION_RESTORE] = "nothing was restored",
    [TRV_ACTION_ACCEPT] = "nothing was accepted",
};


cli_status_t
cli_order_open(cli_order_t *order)
{
    trv_rc_t       rc;
    cli_trouble_t  trouble;

    if (order->dry_run
        && (order->target.url == NULL || *order->target.url == '\0'))
    {
        return CLI_DONE;
    }

    order->redis = cli_redis_open(&order->target, CLI_REDIS_MASTER, &trouble);

    if (order->redis == NULL) {
        return cli_trouble_say(order->command, &trouble,
                               cli_order_state(order));
    }

    rc = cli_edges_load(order->redis, &order->target, &order->edges);

    if (rc == TRV_OK && order->wait != 0) {
        rc = cli_wait_begin(&order->waiting, order->redis, &order->target,
                            order->wait);
    }

    /* without --wait the registry is good for warnings only */

    if (rc == TRV_OK
        || (order->wait == 0 && !cli_redis_is_lost(order->redis)))
    {
        return CLI_DONE;
    }

    return cli_trouble_say(order->command, cli_redis_trouble(order->redis),
                           cli_order_state(order));
}


static const char *
cli_order_state(const cli_order_t *order)
{
    return cli_order_states[order->action];
}


cli_status_t
cli_order_ask(cli_order_t *order, const char *question, int needed)
{
    size_t  i;

    for (i = 0; i < order->nwarnings; i++) {
        fprintf(stderr, "%swarning:%s %s\n",
                cli_term_colour(stderr, CLI_COLOUR_YELLOW),
                cli_term_colour(stderr, CLI_COLOUR_NONE), order->warnings[i]);
    }

    if (order->yes || order->dry_run
        || (question == NULL && order->nwarnings == 0))
    {
        return CLI_DONE;
    }

    if (!cli_term_asks()) {

        if (!needed) {
            return CLI_DONE;
        }

        fprintf(stderr, CLI_NAME " %s: %s  There is no terminal to ask; %s; "
                "repeat the command with --yes if that is meant\n",
                order->command->name, question, cli_order_state(order));
        return CLI_FAILED;
    }

    if (cli_term_confirm(question != NULL ? question
                         : "Write it all the same?"))
    {
        return CLI_DONE;
    }

    fprintf(stderr, CLI_NAME " %s: %s\n", order->command->name,
            cli_order_state(order));

    return CLI_FAILED;
}


cli_status_t
cli_order_send(cli_order_t *order, const char *done)
{
    redisReply    *reply;
    cli_status_t   status;

    if (order->dry_run) {
        return cli_order_dry(order);
    }

    if (order->wait != 0
        && cli_order_field(order, "ack", order->waiting.nonce) != CLI_DONE)
    {
        return CLI_FAILED;
    }

    cli_wait_start(&order->waiting);

    reply = cli_order_xadd(order);

    if (reply == NULL) {
        return cli_order_lost(order);
    }

    switch (reply->type) {

    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        status = cli_order_written(order, reply->str, done);
        break;

    case REDIS_REPLY_NIL:
        status = cli_order_missing(order);
        break;

    default:
        status = cli_order_failed(order, reply);
    }

    freeReplyObject(reply);

    return status;
}


static redisReply *
cli_order_xadd(cli_order_t *order)
{
    int           n;
    size_t        i;
    redisReply   *reply;
    const char  **argv;

    argv = calloc(2 * order->nfields + CLI_ORDER_WORDS, sizeof(char *));

    if (argv == NULL) {
        return NULL;
    }

    n = 0;
    argv[n++] = "XADD";
    argv[n++] = order->target.log;

    if (!order->create) {
        argv[n++] = "NOMKSTREAM";
    }

    argv[n++] = "*";

    for (i = 0; i < order->nfields; i++) {
        argv[n++] = order->fields[i].name;
        argv[n++] = order->fields[i].value;
    }

    reply = cli_redis_askv(order->redis, n, argv, NULL);

    free(argv);

    return reply;
}


static cli_status_t
cli_order_written(cli_order_t *order, const char *id, const char *done)
{
    char           text[96];
    json_t        *object;
    cli_status_t   status;

    status = CLI_DONE;

    /* whoever does not want to wait any longer knows what was done */

    if (!order->json) {
        printf("%s", done);
        cli_order_words(stdout, order);
        printf(" (entry %s)\n", id);
        (void) fflush(stdout);
    }

    if (order->wait != 0) {
        cli_wait_run(&order->waiting);
        status = cli_wait_status(&order->waiting);
    }

    if (order->json) {
        object = cli_order_json(order);
        (void) json_object_set_new(object, "id", json_string(id));

        if (order->wait != 0) {
            (void) json_object_set_new(object, "wait",
                                       cli_wait_json(&order->waiting));
        }

        (void) cli_json_put(order->command, object);

    } else if (order->wait != 0) {
        (void) cli_wait_report(&order->waiting,
                               order->action == TRV_ACTION_REVOKE
                               ? "enforced" : "applied");
    }

    snprintf(text, sizeof(text), "entry %s is in the log", id);

    return cli_flush_done(order->command, text, status);
}


/* an old Redis takes NOMKSTREAM for an ID */

static cli_status_t
cli_order_failed(cli_order_t *order, const redisReply *reply)
{
    cli_trouble_t  trouble;

    cli_trouble_reply(&trouble, cli_redis_name(order->redis), reply);

    if (reply->type == REDIS_REPLY_ERROR && !order->create
        && (strstr(reply->str, "Invalid stream ID") != NULL
            || strstr(reply->str, "wrong number of arguments") != NULL))
    {
        cli_trouble_set(&trouble, CLI_FAULT_UNKNOWN,
                        "redis %s is older than 6.2 and cannot be told not to "
                        "make a log that is not there",
                        cli_redis_name(order->redis));
        snprintf(trouble.next, sizeof(trouble.next),
                 "if --log and the database are right, repeat the command "
                 "with --create");
    }

    return cli_trouble_say(order->command, &trouble, cli_order_state(order));
}


static cli_status_t
cli_order_lost(cli_order_t *order)
{
    return cli_trouble_say(order->command, cli_redis_trouble(order->redis),
                           "whether the entry was written is not known");
}


static cli_status_t
cli_order_missing(cli_order_t *order)
{
    char  *log;

    log = cli_text_escape(cli_text_str(order->target.log), 256);

    fprintf(stderr, CLI_NAME " %s: redis %s has no log \"%s\" in database %u; "
            "%s; are --log and the database right?  --create makes a new "
            "log\n", order->command->name, cli_redis_name(order->redis),
            log != NULL ? log : "", cli_redis_db(order->redis),
            cli_order_state(order));

    free(log);

    return CLI_FAILED;
}


static cli_status_t
cli_order_dry(cli_order_t *order)
{
    size_t   i;
    json_t  *object;

    if (order->json) {
        object = cli_order_json(order);
        (void) json_object_set_new(object, "dry_run", json_true());

        return cli_json_put(order->command, object) == CLI_DONE
               ? cli_flush(order->command) : CLI_FAILED;
    }

    fputs("would write: XADD ", stdout);
    cli_text_quote(stdout, cli_text_str(order->target.log), 0);
    printf("%s *", order->create ? "" : " NOMKSTREAM");

    for (i = 0; i < order->nfields; i++) {
        putchar(' ');
        cli_text_put(stdout, cli_text_str(order->fields[i].name), 0);
        putchar(' ');
        cli_text_quote(stdout, cli_text_str(order->fields[i].value), 0);
    }

    putchar('\n');

    return cli_flush(order->command);
}


/* the first rule, and how many more there are */

static void
cli_order_words(FILE *out, const cli_order_t *order)
{
    cli_order_words_t  words;

    if (order->action == TRV_ACTION_ACCEPT) {
        return;
    }

    fputc(' ', out);

    words.out = out;
    words.rules = 0;

    (void) cli_order_rules(order, cli_order_word, &words);

    if (words.rules > 1) {
        fprintf(out, " and %llu more",
                (unsigned long long) (words.rules - 1));
    }

    if (order->action == TRV_ACTION_REVOKE) {
        fputs(", ", out);
        cli_show_cutoff(out, order->entry->cutoff);
        cli_show_end(out, order->entry->end);
    }
}


static int
cli_order_word(void *ctx, unsigned nparts, const cli_part_t *parts)
{
    cli_order_words_t  *words;

    words = ctx;

    if (words->rules++ == 0) {
        cli_show_parts(words->out, nparts, parts, 64);
    }

    return 0;
}


static json_t *
cli_order_json(const cli_order_t *order)
{
    size_t      i;
    json_t     *object, *fields, *warnings;
    trv_str_t   name, value;

    fields = json_array();
    warnings = json_array();

    for (i = 0; i < order->nfields; i++) {
        name = cli_text_str(order->fields[i].name);
        value = cli_text_str(order->fields[i].value);

        (void) json_array_append_new(fields,
                                     json_pack("[o,o]", cli_json_text(name),
                                               cli_json_text(value)));
    }

    for (i = 0; i < order->nwarnings; i++) {
        (void) json_array_append_new(warnings,
                             cli_json_text(cli_text_str(order->warnings[i])));
    }

    object = json_pack("{s:s,s:o,s:o,s:o}",
                       "action", cli_order_actions[order->action],
                       "log", cli_json_text(cli_text_str(order->target.log)),
                       "fields", fields,
                       "warnings", warnings);

    if (order->redis != NULL) {
        (void) json_object_set_new(object, "redis",
                                   json_string(cli_redis_name(order->redis)));
    }

    return object;
}
