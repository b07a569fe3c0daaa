
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * From what the operator said to the fields of an entry.
 */


#define _GNU_SOURCE
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../codec/trv_field.h"
#include "../codec/trv_token.h"
#include "cli_order.h"
#include "cli_text.h"
#include "cli_time.h"


/* beyond it "import" is the better way */

#define CLI_ORDER_TOKENS  10000


static cli_status_t cli_order_line(cli_order_t *order, trv_digest_t *digest,
    trv_str_t line);
static cli_status_t cli_order_cutoff(cli_order_t *order, int64_t now);
static int cli_order_lasting(const cli_order_t *order);
static cli_status_t cli_order_ends(cli_order_t *order, int64_t now);
static cli_status_t cli_order_number(cli_order_t *order, const char *name,
    int64_t value);
static cli_status_t cli_order_remarks(cli_order_t *order);
static cli_status_t cli_order_build(cli_order_t *order, int64_t now);
static int cli_order_ignore(void *ctx, unsigned nparts,
    const cli_part_t *parts);
static cli_status_t cli_order_refused(cli_order_t *order, trv_fault_t fault);
static cli_status_t cli_order_nomem(cli_order_t *order);


cli_status_t
cli_order_tokens(cli_order_t *order)
{
    char          *line;
    size_t         size, before;
    ssize_t        n;
    trv_str_t      text;
    cli_status_t   status;
    trv_digest_t  *digest;

    if (isatty(STDIN_FILENO)) {
        fputs("One token a line, then Ctrl-D:\n", stderr);
    }

    digest = trv_digest_create();

    if (digest == NULL) {
        return cli_order_nomem(order);
    }

    line = NULL;
    size = 0;
    before = order->nfields;
    status = CLI_DONE;

    while (status == CLI_DONE && (n = getline(&line, &size, stdin)) > 0) {
        text.data = (const uint8_t *) line;
        text.len = (size_t) n;
        status = cli_order_line(order, digest, text);
    }

    if (line != NULL) {
        explicit_bzero(line, size);
        free(line);
    }

    trv_digest_destroy(digest);
    clearerr(stdin);

    if (status == CLI_DONE && order->nfields == before) {
        fprintf(stderr, CLI_NAME " %s: there was no token on standard input\n",
                order->command->name);
        status = CLI_FAILED;
    }

    return status;
}


/* only its identity is kept, and goes to Redis */

static cli_status_t
cli_order_line(cli_order_t *order, trv_digest_t *digest, trv_str_t line)
{
    char         hex[2 * TRV_SHA256_LEN + 1];
    uint8_t      id[TRV_SHA256_LEN];
    trv_token_t  token;

    line = trv_entry_strip(line);

    if (line.len == 0) {
        return CLI_DONE;
    }

    if (order->nfields >= CLI_ORDER_TOKENS) {
        return cli_usage(order->command,
                         "more than %d tokens are for \"" CLI_NAME
                         " import\"", CLI_ORDER_TOKENS);
    }

    if (trv_digest_from_hex(line, id) != TRV_OK) {

        if (trv_token_identify(digest, line, &token) != TRV_OK) {
            return cli_order_nomem(order);
        }

        memcpy(id, token.id[0], sizeof(id));
    }

    trv_digest_to_hex(id, (uint8_t *) hex);
    hex[sizeof(hex) - 1] = '\0';

    return cli_order_field(order, "token", hex);
}


cli_status_t
cli_order_complete(cli_order_t *order)
{
    int64_t       now;
    cli_status_t  status;

    now = cli_time_now();
    status = CLI_DONE;

    if (order->action == TRV_ACTION_ACCEPT) {

        if (order->nmatch != 0) {
            return cli_usage(order->command, "there is nothing to match: it "
                                             "is for the whole log");
        }

        status = cli_order_field(order, "action", "accept");

    } else if (order->nmatch == 0) {
        return cli_usage(order->command,
                         "what is meant?  NAME VALUE, as \"%s sub alice\"; "
                         "see \"" CLI_NAME " help %s\"", order->command->name,
                         order->command->name);

    } else if (order->action == TRV_ACTION_RESTORE) {
        status = cli_order_field(order, "action", "restore");

    } else {
        status = cli_order_cutoff(order, now / 1000);

        if (status == CLI_DONE) {
            status = cli_order_ends(order, now / 1000);
        }
    }

    if (status == CLI_DONE) {
        status = cli_order_remarks(order);
    }

    return status == CLI_DONE ? cli_order_build(order, now) : status;
}


/*
 * Always written, from our own clock: an ID of the log can be from a clock
 * that is ahead.
 */

static cli_status_t
cli_order_cutoff(cli_order_t *order, int64_t now)
{
    char     text[CLI_TIME_TEXT];
    int64_t  before;

    if (order->before == NULL) {
        return cli_order_lasting(order)
               ? cli_order_field(order, "before", "always")
               : cli_order_number(order, "before", now);
    }

    if (strcmp(order->before, "always") == 0) {
        return cli_order_field(order, "before", "always");
    }

    if (cli_time_parse(order->before, now, &before) != TRV_OK || before < 0) {
        return cli_usage(order->command, "--before wants \"always\", %s",
                         cli_time_forms);
    }

    if (before > now) {
        cli_order_warn(order,
                       "the cut-off, %s, is in the future: tokens that are "
                       "issued until then are refused, too",
                       cli_time_text(before, text));
    }

    return cli_order_number(order, "before", before);
}


static int
cli_order_lasting(const cli_order_t *order)
{
    size_t     i;
    trv_str_t  name;

    for (i = 0; i < order->nmatch; i++) {
        name = cli_text_str(order->fields[i].name);

        if (trv_field_find(name) == TRV_FIELD_TOKEN
            || trv_field_lasting(name))
        {
            return 1;
        }
    }

    return 0;
}


static cli_status_t
cli_order_ends(cli_order_t *order, int64_t now)
{
    int64_t       end;
    cli_status_t  status;

    status = CLI_DONE;

    if (order->until != NULL) {

        if (cli_time_parse(order->until, now, &end) != TRV_OK) {
            return cli_usage(order->command, "--until wants %s",
                             cli_time_forms);
        }

        if (end <= now) {
            return cli_usage(order->command, "--until is not in the future: "
                                             "the rule would have ended "
                                             "before it begins");
        }

        status = cli_order_number(order, "until", end);
    }

    if (order->ttl == NULL || status != CLI_DONE) {
        return status;
    }

    if (cli_time_duration(order->ttl, &end) != TRV_OK || end == 0) {
        return cli_usage(order->command, "--ttl wants a number of seconds, or "
                                         "15m, 2h, 30d");
    }

    return cli_order_number(order, "ttl", end);
}


static cli_status_t
cli_order_number(cli_order_t *order, const char *name, int64_t value)
{
    char  text[CLI_TIME_TEXT];

    snprintf(text, sizeof(text), "%lld", (long long) value);

    return cli_order_field(order, name, text);
}


static cli_status_t
cli_order_remarks(cli_order_t *order)
{
    char          by[CLI_ORDER_AUTHOR];
    cli_status_t  status;

    if (order->reason != NULL) {
        status = cli_order_field(order, "reason", order->reason);

        if (status != CLI_DONE) {
            return status;
        }
    }

    if (order->by != NULL) {
        return cli_order_field(order, "by", order->by);
    }

    cli_order_author(by);

    return cli_order_field(order, "by", by);
}


/* who is behind sudo is of more interest than root */

void
cli_order_author(char by[CLI_ORDER_AUTHOR])
{
    char            host[256];
    const char     *user;
    struct passwd  *pw;

    user = getenv("SUDO_USER");
    user = user != NULL && *user != '\0' ? user : getenv("USER");

    if (user == NULL || *user == '\0') {
        pw = getpwuid(geteuid());
        user = pw != NULL ? pw->pw_name : "unknown";
    }

    if (gethostname(host, sizeof(host) - 1) != 0) {
        strcpy(host, "unknown");
    }

    host[sizeof(host) - 1] = '\0';
    snprintf(by, CLI_ORDER_AUTHOR, "%.200s@%s", user, host);
}


static cli_status_t
cli_order_build(cli_order_t *order, int64_t now)
{
    size_t    i;
    trv_id_t  id;
    trv_rc_t  rc;

    order->digest = trv_digest_create();

    if (order->digest == NULL) {
        return cli_order_nomem(order);
    }

    order->batch = trv_batch_create(order->digest);

    if (order->batch == NULL) {
        return cli_order_nomem(order);
    }

    id.ms = (uint64_t) now;
    id.seq = 0;

    rc = trv_batch_begin(order->batch, id);

    for (i = 0; i < order->nfields && rc == TRV_OK; i++) {
        rc = trv_batch_name(order->batch, cli_text_str(order->fields[i].name));

        if (rc == TRV_OK) {
            rc = trv_batch_value(order->batch,
                                 cli_text_str(order->fields[i].value));
        }
    }

    if (rc != TRV_OK || trv_batch_finish(order->batch, now) != TRV_OK) {
        return cli_order_nomem(order);
    }

    order->entry = trv_batch_first(order->batch);

    if (order->entry->fault != TRV_FAULT_NONE) {
        return cli_order_refused(order, order->entry->fault);
    }

    rc = cli_order_rules(order, cli_order_ignore, NULL);

    switch (rc) {

    case TRV_OK:
        return CLI_DONE;

    case TRV_LIMIT:
        return cli_order_refused(order, TRV_FAULT_RULES);

    case TRV_MALFORMED:
        return cli_order_refused(order, TRV_FAULT_PREFIX);

    default:
        return cli_order_nomem(order);
    }
}


static int
cli_order_ignore(void *ctx, unsigned nparts, const cli_part_t *parts)
{
    (void) ctx;
    (void) nparts;
    (void) parts;

    return 0;
}


trv_rc_t
cli_order_rules(const cli_order_t *order, cli_rules_pt callback, void *ctx)
{
    trv_rc_t      rc;
    cli_rules_t  *rules;

    rules = cli_rules_create();

    if (rules == NULL) {
        return TRV_NOMEM;
    }

    rc = cli_rules_expand(rules, order->entry, order->edges.attributes,
                          order->edges.nattributes, callback, ctx);

    cli_rules_destroy(rules);

    return rc;
}


static cli_status_t
cli_order_refused(cli_order_t *order, trv_fault_t fault)
{
    fprintf(stderr,
            "%s %s: the edges would not apply this entry, it %s; nothing was "
            "written\n", CLI_NAME, order->command->name,
            trv_fault_text(fault));

    return CLI_FAILED;
}


static cli_status_t
cli_order_nomem(cli_order_t *order)
{
    fprintf(stderr, CLI_NAME " %s: there is no memory; nothing was written\n",
            order->command->name);

    return CLI_FAILED;
}
