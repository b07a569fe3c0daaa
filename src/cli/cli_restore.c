
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke restore: lifts what was revoked.
 */


#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_order.h"
#include "cli_show.h"
#include "cli_term.h"
#include "cli_text.h"


#define CLI_RESTORE_SHOWN  20     /* rules that are listed */
#define CLI_RESTORE_MANY   200    /* that are looked for */


typedef struct {
    unsigned    nparts;
    cli_part_t  parts[TRV_SHAPE_FIELDS];
} cli_ours_t;


typedef struct {
    size_t      nours;
    cli_ours_t  ours[CLI_RESTORE_MANY];   /* views into the order */
    unsigned    many:1;                   /* there are more of them */
    uint64_t    lifted;
    uint64_t    wider;
} cli_restore_t;


/* how a rule of the log is to one of ours */

enum {
    CLI_RESTORE_OTHER = 0,
    CLI_RESTORE_MORE,             /* it has our names and values, and others */
    CLI_RESTORE_SAME
};


static cli_status_t cli_restore_run(int argc, char **argv);
static cli_status_t cli_restore_looked(cli_order_t *order);
static trv_rc_t cli_restore_fold(cli_order_t *order, cli_restore_t *restore,
    cli_trouble_t *trouble);
static int cli_restore_ours(void *ctx, unsigned nparts,
    const cli_part_t *parts);
static int cli_restore_want(void *ctx, unsigned nparts,
    const cli_part_t *parts);
static int cli_restore_rule(void *ctx, const cli_rule_t *rule);
static unsigned cli_restore_relation(const cli_restore_t *restore,
    unsigned nparts, const cli_part_t *parts);
static unsigned cli_restore_compare(const cli_ours_t *ours, unsigned nparts,
    const cli_part_t *parts);
static void cli_restore_show(const cli_rule_t *rule, const char *what);


static cli_status_t
cli_restore_run(int argc, char **argv)
{
    return cli_order_run(&cli_restore, TRV_ACTION_RESTORE, cli_restore_looked,
                         argc, argv);
}


/* what it would lift is shown; whoever may not read the log is not told */

static cli_status_t
cli_restore_looked(cli_order_t *order)
{
    trv_rc_t        rc;
    cli_status_t    status;
    cli_restore_t  *restore;
    cli_trouble_t   trouble;

    restore = calloc(1, sizeof(cli_restore_t));

    if (restore == NULL) {
        return CLI_FAILED;
    }

    (void) cli_order_rules(order, cli_restore_ours, restore);

    rc = order->redis == NULL || restore->many ? TRV_NONE
         : cli_restore_fold(order, restore, &trouble);

    if (rc == TRV_MALFORMED && trouble.fault != CLI_FAULT_NOPERM) {
        free(restore);
        return cli_trouble_say(order->command, &trouble,
                               "nothing was restored");
    }

    if (rc == TRV_MALFORMED) {
        cli_order_warn(order,
                       "this user may not read the log: whether there is "
                       "something to lift is not known");

    } else if (rc == TRV_OK && restore->lifted == 0) {
        cli_order_warn(order, "nothing in force has just this match%s",
                       restore->wider != 0
                       ? ": a restore lifts what has the same names and "
                         "values, and no more"
                       : "");
    }

    free(restore);

    status = cli_order_ask(order, NULL, 0);

    return status == CLI_DONE ? cli_order_send(order, "restored") : status;
}


static trv_rc_t
cli_restore_fold(cli_order_t *order, cli_restore_t *restore,
    cli_trouble_t *trouble)
{
    cli_fold_sum_t      sum;
    cli_fold_options_t  options;

    memset(&options, 0, sizeof(options));

    options.ctx = restore;
    options.want = cli_restore_want;
    options.rule = cli_restore_rule;
    options.attributes = order->edges.attributes;
    options.nattributes = order->edges.nattributes;
    options.retain = order->edges.retain;

    return cli_fold(order->redis, &order->target, &options, &sum, trouble);
}


static int
cli_restore_ours(void *ctx, unsigned nparts, const cli_part_t *parts)
{
    cli_ours_t     *ours;
    cli_restore_t  *restore;

    restore = ctx;

    if (restore->nours == CLI_RESTORE_MANY) {
        restore->many = 1;
        return 1;
    }

    ours = &restore->ours[restore->nours++];
    ours->nparts = nparts;
    memcpy(ours->parts, parts, nparts * sizeof(cli_part_t));

    return 0;
}


/* rules that have more than our match are of interest, too */

static int
cli_restore_want(void *ctx, unsigned nparts, const cli_part_t *parts)
{
    return cli_restore_relation(ctx, nparts, parts) != CLI_RESTORE_OTHER;
}


static int
cli_restore_rule(void *ctx, const cli_rule_t *rule)
{
    unsigned        relation;
    cli_restore_t  *restore;

    restore = ctx;
    relation = cli_restore_relation(restore, rule->nparts, rule->parts);

    if (relation == CLI_RESTORE_SAME) {
        if (restore->lifted++ < CLI_RESTORE_SHOWN) {
            cli_restore_show(rule, "lifts");
        }

    } else if (restore->wider++ < CLI_RESTORE_SHOWN) {
        cli_restore_show(rule, "leaves");
    }

    return 0;
}


static unsigned
cli_restore_relation(const cli_restore_t *restore, unsigned nparts,
    const cli_part_t *parts)
{
    size_t    i;
    unsigned  one, best;

    best = CLI_RESTORE_OTHER;

    for (i = 0; i < restore->nours && best != CLI_RESTORE_SAME; i++) {
        one = cli_restore_compare(&restore->ours[i], nparts, parts);
        best = one > best ? one : best;
    }

    return best;
}


/* both are sorted by their selectors */

static unsigned
cli_restore_compare(const cli_ours_t *ours, unsigned nparts,
    const cli_part_t *parts)
{
    unsigned  i, k;

    for (i = 0, k = 0; i < ours->nparts; k++) {

        if (k == nparts) {
            return CLI_RESTORE_OTHER;
        }

        if (trv_selector_cmp(&ours->parts[i].selector, &parts[k].selector)
            != 0)
        {
            continue;
        }

        if (!trv_str_eq(ours->parts[i].value, parts[k].value)) {
            return CLI_RESTORE_OTHER;
        }

        i++;
    }

    return ours->nparts == nparts ? CLI_RESTORE_SAME : CLI_RESTORE_MORE;
}


static void
cli_restore_show(const cli_rule_t *rule, const char *what)
{
    fprintf(stderr, "%s ", what);
    cli_show_id(stderr, rule->id);
    fputs("  ", stderr);
    cli_show_parts(stderr, rule->nparts, rule->parts, 64);
    fputs(", ", stderr);
    cli_show_cutoff(stderr, rule->cutoff);
    cli_show_end(stderr, rule->end);

    if (rule->by.len != 0) {
        fputs("  by ", stderr);
        cli_text_put(stderr, rule->by, 64);
    }

    if (rule->reason.len != 0) {
        fputs(": ", stderr);
        cli_text_put(stderr, rule->reason, 64);
    }

    fputs("\n", stderr);
}


const cli_command_t  cli_restore = {
    "restore",
    "lifts what has the same match",

    "usage: " CLI_NAME " restore [OPTION]... NAME VALUE [NAME VALUE]...\n"
    "       " CLI_NAME " restore [OPTION]... --token - < TOKENS\n"
    "\n"
    "Lifts the rules that have just this match: the same names and values,\n"
    "no more and no fewer.  \"restore sub alice\" leaves the rule\n"
    "\"sub alice iss https://idp.example\" as it is, and says so.  What is\n"
    "lifted and what is left is shown on standard error; if nothing in the\n"
    "log has the match there is a warning, and on a terminal a question.  The\n"
    "entry is good for edges that still hold what the log has lost.\n"
    "\n"
    "    --token - or HEX     as \"" CLI_NAME " add\"\n"
    "    --reason TEXT        for whoever reads the log\n"
    "    --by WHO             (you@this-host)\n"
    "    --wait[=SECONDS]     until the edges have applied it, at most 10\n"
    "    --create             make the log if it is not there\n"
    "    --dry-run            show what would be written, and write nothing\n"
    "    -y, --yes            do not ask\n"
    "    -j, --json           one object: id, fields, warnings, wait\n"
    "    -h, --help           this text\n"
    CLI_TARGET_HELP
    "\n"
    "exit status: 0 it is written, and with --wait all edges have it; 1 it\n"
    "is not written; 2 wrong usage; 3 some edges have not answered\n",

    cli_restore_run, cli_order_options, cli_order_option
};
