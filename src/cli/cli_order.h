
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * One entry that is to be written: what the operator said, what the edges will
 * make of it, and its way into the log.
 *
 *     parse --> complete --> open --> warnings --> ask --> XADD --> wait
 *        |         |                                 |
 *        usage     edges would refuse it             the operator says no
 */


#ifndef _CLI_ORDER_H_INCLUDED_
#define _CLI_ORDER_H_INCLUDED_


#include "cli_rules.h"
#include "cli_wait.h"


#pragma GCC visibility push(hidden)


#define CLI_ORDER_WARNINGS  16


/* both are owned; neither has a NUL inside */

typedef struct {
    char  *name;
    char  *value;
} cli_field_t;


typedef struct {
    const cli_command_t  *command;
    trv_action_t          action;
    cli_target_t          target;

    const char           *reason;
    const char           *by;
    const char           *until;
    const char           *ttl;
    const char           *before;
    const char           *token;      /* of --token */
    unsigned              wait;       /* milliseconds, 0: no */
    unsigned              yes:1;
    unsigned              create:1;
    unsigned              dry_run:1;
    unsigned              json:1;

    size_t                nmatch;     /* the first fields are the match */
    size_t                nfields;
    cli_field_t          *fields;
    size_t                fields_size;

    /* what the codec makes of the fields; for as long as the order lives */

    trv_digest_t         *digest;
    trv_batch_t          *batch;
    const trv_entry_t    *entry;

    cli_redis_t          *redis;      /* NULL: a dry run without one */
    cli_edges_t           edges;      /* empty if they may not be read */
    cli_wait_t            waiting;

    size_t                nwarnings;
    char                 *warnings[CLI_ORDER_WARNINGS];
} cli_order_t;


/*
 * A command that writes one entry, from its arguments to the end: what is its
 * own is done in "then", when the order is complete and the log can be reached.
 * Returns the exit status.
 */

cli_status_t cli_order_run(const cli_command_t *command, trv_action_t action,
    cli_status_t (*then)(cli_order_t *order), int argc, char **argv);

/* the options of these commands; "ctx" is the order */

extern const struct option  cli_order_options[];
cli_status_t cli_order_option(void *ctx, int c, char *value);

/* frees all of it */

void cli_order_free(cli_order_t *order);

/* adds a copy of a field; CLI_FAILED without memory */

cli_status_t cli_order_field(cli_order_t *order, const char *name,
    const char *value);

/* tokens of standard input, one a line, as fields; their hashes only */

cli_status_t cli_order_tokens(cli_order_t *order);

/*
 * The fields that the operator did not give (before, until, by, reason), and
 * what the edges will understand: CLI_FAILED if they would refuse it.
 */

cli_status_t cli_order_complete(cli_order_t *order);

/* who "by" is if nobody says it: user@host */

#define CLI_ORDER_AUTHOR  512

void cli_order_author(char by[CLI_ORDER_AUTHOR]);

/* connects to the master, and reads the registry if that is permitted */

cli_status_t cli_order_open(cli_order_t *order);

/* each rule of the entry, under the names that the edges have for it */

trv_rc_t cli_order_rules(const cli_order_t *order, cli_rules_pt callback,
    void *ctx);

/* notes a warning; printed by cli_order_ask() */

void cli_order_warn(cli_order_t *order, const char *fmt, ...)
__attribute__((format(printf, 2, 3)));

/* what is unusual about a revocation (cli_order_check.c) */

void cli_order_check(cli_order_t *order);

/*
 * The same of a claim on which there is no rule yet; "tokens": that the edges,
 * whose names are loaded, have seen in all (cli_order_claim.c)
 */

void cli_order_check_claim(cli_order_t *order, trv_str_t name, double tokens);

/*
 * Prints the warnings.  "question" is asked without --yes if there is a
 * terminal; without one it is refused if "needed", else taken for a yes.  With
 * no question the warnings alone are a reason to ask.  CLI_DONE: go on.
 */

cli_status_t cli_order_ask(cli_order_t *order, const char *question,
    int needed);

/*
 * Writes the entry, waits for the edges, and says what was done; "done" is a
 * word for it, "revoked".  A dry run shows the entry instead.
 */

cli_status_t cli_order_send(cli_order_t *order, const char *done);


#pragma GCC visibility pop


#endif /* _CLI_ORDER_H_INCLUDED_ */
