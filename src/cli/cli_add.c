
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke add: one revocation.
 */


#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "cli_order.h"


static cli_status_t cli_add_run(int argc, char **argv);
static cli_status_t cli_add_checked(cli_order_t *order);
static int cli_add_narrow(void *ctx, unsigned nparts, const cli_part_t *parts);


static cli_status_t
cli_add_run(int argc, char **argv)
{
    return cli_order_run(&cli_add, TRV_ACTION_REVOKE, cli_add_checked,
                         argc, argv);
}


static cli_status_t
cli_add_checked(cli_order_t *order)
{
    cli_status_t  status;

    cli_order_check(order);

    if (cli_order_rules(order, cli_add_narrow, NULL) == TRV_OK) {
        status = cli_order_ask(order, "This refuses every token of everybody "
                                      "that the cut-off applies to.  Is that "
                                      "meant?", 1);

    } else {
        status = cli_order_ask(order, NULL, 0);
    }

    return status == CLI_DONE ? cli_order_send(order, "revoked") : status;
}


/* 1: something singles tokens out; issuer, algorithm and type do not */

static int
cli_add_narrow(void *ctx, unsigned nparts, const cli_part_t *parts)
{
    size_t            n;
    unsigned          k;
    trv_str_t         name;
    static const char wide[] = "iss alg typ ";

    (void) ctx;

    for (k = 0; k < nparts; k++) {
        name = parts[k].selector.name;
        n = name.len;

        if (parts[k].selector.origin == TRV_FROM_ALL) {
            continue;
        }

        if ((parts[k].selector.origin != TRV_FROM_CLAIM
             && parts[k].selector.origin != TRV_FROM_HEADER)
            || n != 3 || memchr(name.data, ' ', n) != NULL
            || memmem(wide, sizeof(wide) - 1, name.data, n) == NULL)
        {
            return 1;
        }
    }

    return 0;
}


const cli_command_t  cli_add = {
    "add",
    "revokes: NAME VALUE, as \"add sub alice\"",

    "usage: " CLI_NAME " add [OPTION]... NAME VALUE [NAME VALUE]...\n"
    "       " CLI_NAME " add [OPTION]... --token - < TOKENS\n"
    "\n"
    "Writes one revocation into the log; every edge that follows it refuses\n"
    "what matches within milliseconds.  NAME is a claim of a JWT (sub, jti,\n"
    "aud, client_id, realm_access.roles), kid, alg or typ of its header, an\n"
    "attribute that the edges define, \"token\" (64 hex digits) or \"all\".\n"
    "Different names are joined by AND, the same name again is OR:\n"
    "\n"
    "    " CLI_NAME " add sub alice --reason \"password reset\" --wait\n"
    "    " CLI_NAME " add client_id tv-app app.version 4.2\n"
    "    " CLI_NAME " add sub alice device tv-4711 --before always --ttl 1d\n"
    "    " CLI_NAME " add aud forum --before 2026-11-22T03:00:00Z\n"
    "    " CLI_NAME " add --token - < leaked.txt\n"
    "\n"
    "    --token -            tokens of standard input, one a line: only\n"
    "                         their hashes go to Redis\n"
    "    --token HEX          its identity, as \"" CLI_NAME " hash\" has it\n"
    "    --before TIME        what was issued up to then; or \"always\",\n"
    "                         whenever it was issued.  Without it: always for\n"
    "                         token, jti, sid and kid, else now, so that\n"
    "                         alice can sign in again\n"
    "    --until TIME, --ttl DURATION\n"
    "                         when the rule ends; else it is for good\n"
    "    --reason TEXT        for whoever reads the log\n"
    "    --by WHO             (you@this-host)\n"
    "    --wait[=SECONDS]     until the edges have said that they refuse it;\n"
    "                         at most 10 seconds\n"
    "    --create             make the log if it is not there\n"
    "    --dry-run            show what would be written, and write nothing\n"
    "    -y, --yes            do not ask\n"
    "    -j, --json           one object: id, fields, warnings, wait\n"
    "    -h, --help           this text\n"
    CLI_TARGET_HELP
    "\n"
    "TIME is Unix seconds, 2026-11-22T03:15:07Z, \"2026-11-22 03:15\" (local\n"
    "time), now, -2h or +30d; DURATION is seconds, 15m, 2h, 30d or 4w.\n"
    "\n"
    "A rule for everybody (all, or iss alone) is asked about first.  Whatever\n"
    "looks like a mistake gives a warning: a name that no edge has ever seen\n"
    "in a token, or that is nearly a field of the log; a cut-off where\n"
    "tokens have no issue time; an attribute that edges do not define.\n"
    "\n"
    "exit status: 0 it is written, and with --wait in force on all edges; 1\n"
    "it is not written; 2 wrong usage; 3 it is written, and some edges have\n"
    "not said that they refuse it\n",

    cli_add_run, cli_order_options, cli_order_option
};
