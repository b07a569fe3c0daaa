
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke accept: what edges report has been seen.
 */


#include <stdio.h>
#include <string.h>

#include "cli_order.h"
#include "cli_text.h"


static cli_status_t cli_accept_run(int argc, char **argv);
static cli_status_t cli_accept_shown(cli_order_t *order);
static void cli_accept_show(const cli_order_t *order);


static cli_status_t
cli_accept_run(int argc, char **argv)
{
    return cli_order_run(&cli_accept, TRV_ACTION_ACCEPT, cli_accept_shown,
                         argc, argv);
}


static cli_status_t
cli_accept_shown(cli_order_t *order)
{
    cli_accept_show(order);

    return cli_order_send(order, "accepted");
}


static void
cli_accept_show(const cli_order_t *order)
{
    size_t       i, k;
    json_t      *reports;
    const char  *report;

    for (i = 0; i < order->edges.n; i++) {
        reports = json_object_get(order->edges.edges[i].json, "reports");

        for (k = 0; k < json_array_size(reports); k++) {
            report = json_string_value(json_array_get(reports, k));

            if (report != NULL) {
                cli_text_put(stderr, order->edges.edges[i].id, 0);
                fputs(" reports: ", stderr);
                cli_text_put(stderr, cli_text_str(report), 64);
                fputs("\n", stderr);
            }
        }
    }
}


const cli_command_t  cli_accept = {
    "accept",
    "a loss, gap or refused entry was seen",

    "usage: " CLI_NAME " accept [OPTION]...\n"
    "\n"
    "Edges report when the log has lost entries that they had applied, when\n"
    "entries were trimmed before they had read them, and entries that they\n"
    "could not apply, until an operator has accepted it (docs/operations.md).\n"
    "This writes that into the log, for all edges; it revokes and restores\n"
    "nothing.  What is reported now is shown on standard error.\n"
    "\n"
    "    --reason TEXT        for whoever reads the log\n"
    "    --by WHO             (you@this-host)\n"
    "    --wait[=SECONDS]     until the edges have applied it, at most 10\n"
    "    --create             make the log if it is not there\n"
    "    --dry-run            show what would be written, and write nothing\n"
    "    -j, --json           one object: id, fields, wait\n"
    "    -h, --help           this text\n"
    CLI_TARGET_HELP
    "\n"
    "exit status: 0 it is written, and with --wait all edges have it; 1 it\n"
    "is not written; 2 wrong usage; 3 some edges have not answered\n",

    cli_accept_run, cli_order_options, cli_order_option
};
