
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the operator said.
 */


#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../codec/trv_field.h"
#include "../codec/trv_token.h"
#include "cli_option.h"
#include "cli_order.h"
#include "cli_text.h"


enum {
    CLI_ORDER_REASON = CLI_OPTION_OWN,
    CLI_ORDER_BY,
    CLI_ORDER_UNTIL,
    CLI_ORDER_TTL,
    CLI_ORDER_BEFORE,
    CLI_ORDER_TOKEN,
    CLI_ORDER_WAIT,
    CLI_ORDER_CREATE,
    CLI_ORDER_DRY_RUN,
};


const struct option  cli_order_options[] = {
    CLI_TARGET_OPTIONS,
    { "reason", required_argument, NULL, CLI_ORDER_REASON },
    { "by", required_argument, NULL, CLI_ORDER_BY },
    { "until", required_argument, NULL, CLI_ORDER_UNTIL },
    { "ttl", required_argument, NULL, CLI_ORDER_TTL },
    { "before", required_argument, NULL, CLI_ORDER_BEFORE },
    { "token", required_argument, NULL, CLI_ORDER_TOKEN },
    { "wait", optional_argument, NULL, CLI_ORDER_WAIT },
    { "create", no_argument, NULL, CLI_ORDER_CREATE },
    { "dry-run", no_argument, NULL, CLI_ORDER_DRY_RUN },
    { "yes", no_argument, NULL, 'y' },
    { "json", no_argument, NULL, 'j' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};


static cli_status_t cli_order_match(cli_order_t *order, int argc,
    char **argv);
static cli_status_t cli_order_pair(cli_order_t *order, const char *name,
    const char *value);
static cli_status_t cli_order_reserved(cli_order_t *order, const char *name,
    const char *value);
static cli_status_t cli_order_token(cli_order_t *order, const char *value);
static int cli_order_is_jwt(trv_str_t value);


cli_status_t
cli_order_run(const cli_command_t *command, trv_action_t action,
    cli_status_t (*then)(cli_order_t *order), int argc, char **argv)
{
    cli_order_t   order;
    cli_status_t  status;

    memset(&order, 0, sizeof(order));

    order.command = command;
    order.action = action;

    if (!cli_options(command, &order.target, &order, argc, argv, &status)) {
        return status;
    }

    status = cli_order_match(&order, argc - optind, argv + optind);

    if (status == CLI_DONE) {
        status = cli_order_complete(&order);
    }

    if (status == CLI_DONE) {
        status = cli_order_open(&order);
    }

    if (status == CLI_DONE) {
        status = then(&order);
    }

    cli_order_free(&order);

    return status;
}


cli_status_t
cli_order_option(void *ctx, int c, char *value)
{
    cli_order_t  *order;

    order = ctx;

    switch (c) {

    case CLI_ORDER_REASON:
        return cli_order_reserved(order, "reason", value);

    case CLI_ORDER_BY:
        return cli_order_reserved(order, "by", value);

    case CLI_ORDER_UNTIL:
        return cli_order_reserved(order, "until", value);

    case CLI_ORDER_TTL:
        return cli_order_reserved(order, "ttl", value);

    case CLI_ORDER_BEFORE:
        return cli_order_reserved(order, "before", value);

    case CLI_ORDER_TOKEN:
        order->token = value;
        return CLI_DONE;

    case CLI_ORDER_WAIT:
        order->wait = cli_wait_limit(order->command, value);
        return order->wait != 0 ? CLI_DONE : CLI_USAGE;

    case CLI_ORDER_CREATE:
        order->create = 1;
        return CLI_DONE;

    case CLI_ORDER_DRY_RUN:
        order->dry_run = 1;
        return CLI_DONE;

    case 'y':
        order->yes = 1;
        return CLI_DONE;

    default:
        order->json = 1;
        return CLI_DONE;
    }
}


/* "all" may stand at the end without its value, which is ignored */

static cli_status_t
cli_order_match(cli_order_t *order, int argc, char **argv)
{
    int           i;
    cli_status_t  status;

    if (order->token != NULL) {
        status = cli_order_token(order, order->token);

        if (status != CLI_DONE) {
            return status;
        }
    }

    for (i = 0; i < argc; i += 2) {

        if (i + 1 < argc) {
            status = cli_order_pair(order, argv[i], argv[i + 1]);

        } else if (strcmp(argv[i], "all") == 0) {
            status = cli_order_pair(order, "all", "1");

        } else {
            status = cli_usage(order->command, "a match is pairs of NAME and "
                                               "VALUE: the last name has no "
                                               "value");
        }

        if (status != CLI_DONE) {
            return status;
        }
    }

    order->nmatch = order->nfields;

    return CLI_DONE;
}


static cli_status_t
cli_order_pair(cli_order_t *order, const char *name, const char *value)
{
    char          *shown;
    cli_status_t   status;

    switch (trv_field_find(cli_text_str(name))) {

    case TRV_FIELD_TOKEN:
        return cli_order_token(order, value);

    case TRV_FIELD_MATCH:
        break;

    case TRV_FIELD_ACTION:
        return cli_usage(order->command, "\"action\" is not for a match: say "
                                         "\"" CLI_NAME " restore\" or "
                                         "\"" CLI_NAME " accept\"");

    case TRV_FIELD_ACK:
        return cli_usage(order->command, "\"ack\" is made by --wait");

    default:
        return cli_order_reserved(order, name, value);
    }

    if (cli_order_is_jwt(cli_text_str(value))) {
        shown = cli_text_escape(cli_text_str(name), 64);

        status = cli_usage(order->command,
                           "the value of \"%s\" is a whole JWT, and not what "
                           "a claim of one says; to revoke the token itself "
                           "give it to --token - on standard input",
                           shown != NULL ? shown : "");
        free(shown);
        return status;
    }

    return cli_order_field(order, name, value);
}


/* the fields of the log may stand among the match, as with redis-cli */

static cli_status_t
cli_order_reserved(cli_order_t *order, const char *name, const char *value)
{
    const char  **place;

    place = strcmp(name, "reason") == 0 ? &order->reason
            : strcmp(name, "by") == 0 ? &order->by
            : strcmp(name, "until") == 0 ? &order->until
            : strcmp(name, "ttl") == 0 ? &order->ttl
            : &order->before;

    if (*place != NULL) {
        return cli_usage(order->command, "\"%s\" is there twice", name);
    }

    if (order->action != TRV_ACTION_REVOKE && *name != 'r'
        && strcmp(name, "by") != 0)
    {
        return cli_usage(order->command,
                         "\"%s\" is for \"" CLI_NAME " add\" only", name);
    }

    *place = value;

    return CLI_DONE;
}


static cli_status_t
cli_order_token(cli_order_t *order, const char *value)
{
    uint8_t  id[TRV_SHA256_LEN];

    if (strcmp(value, "-") == 0) {
        return cli_order_tokens(order);
    }

    if (trv_digest_from_hex(cli_text_str(value), id) == TRV_OK) {
        return cli_order_field(order, "token", value);
    }

    return cli_usage(order->command,
                     "a token is not taken as an argument: all users of this "
                     "machine can see it in the list of processes, and the "
                     "shell keeps it in its history; say --token - and give "
                     "it on standard input, or its 64 hex digits from "
                     "\"" CLI_NAME " hash\"");
}


static int
cli_order_is_jwt(trv_str_t value)
{
    trv_jose_t  *jose;
    int          is;

    jose = malloc(sizeof(trv_jose_t));

    if (jose == NULL) {
        return 0;
    }

    trv_jose_read(trv_entry_strip(value), NULL, jose);
    is = trv_token_kind(jose) != TRV_TOKEN_OPAQUE;

    free(jose);

    return is;
}


cli_status_t
cli_order_field(cli_order_t *order, const char *name, const char *value)
{
    void         *fields;
    size_t        size;
    cli_field_t  *field;

    if (order->nfields == order->fields_size) {
        size = order->fields_size * 2 + 16;
        fields = realloc(order->fields, size * sizeof(cli_field_t));

        if (fields == NULL) {
            goto nomem;
        }

        order->fields = fields;
        order->fields_size = size;
    }

    field = &order->fields[order->nfields];
    field->name = strdup(name);
    field->value = strdup(value);

    order->nfields++;

    if (field->name != NULL && field->value != NULL) {
        return CLI_DONE;
    }

nomem:

    fprintf(stderr, CLI_NAME " %s: there is no memory\n",
            order->command->name);

    return CLI_FAILED;
}


void
cli_order_warn(cli_order_t *order, const char *fmt, ...)
{
    char     *text;
    va_list   args;

    if (order->nwarnings == CLI_ORDER_WARNINGS) {
        return;
    }

    va_start(args, fmt);

    if (vasprintf(&text, fmt, args) != -1) {
        order->warnings[order->nwarnings++] = text;
    }

    va_end(args);
}


void
cli_order_free(cli_order_t *order)
{
    size_t  i;

    for (i = 0; i < order->nfields; i++) {
        free(order->fields[i].name);
        free(order->fields[i].value);
    }

    for (i = 0; i < order->nwarnings; i++) {
        free(order->warnings[i]);
    }

    free(order->fields);

    if (order->batch != NULL) {
        trv_batch_destroy(order->batch);
    }

    if (order->digest != NULL) {
        trv_digest_destroy(order->digest);
    }

    cli_wait_end(&order->waiting);
    cli_edges_free(&order->edges);
    cli_redis_close(order->redis);
}
