
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke list: what is in force now.
 */


#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_edges.h"
#include "cli_line.h"
#include "cli_option.h"
#include "cli_show.h"
#include "cli_text.h"
#include "cli_time.h"


#define CLI_LIST_FILTERS  8


enum {
    CLI_LIST_MATCH = CLI_OPTION_OWN,
    CLI_LIST_BY,
    CLI_LIST_SINCE,
    CLI_LIST_ENDED,
};


typedef struct {
    trv_selector_t  selector;
    trv_str_t       name;
    trv_str_t       value;
    uint8_t         id[TRV_SHA256_LEN];
    unsigned        any:1;        /* value */
} cli_filter_t;


typedef struct {
    cli_target_t   target;
    const char    *by;
    int64_t        since;         /* Unix seconds */
    unsigned       ended:1;
    unsigned       all:1;
    unsigned       json:1;

    size_t         nfilters;
    cli_filter_t   filters[CLI_LIST_FILTERS];

    cli_line_t     line;
    uint64_t       shown;
} cli_list_t;


static cli_status_t cli_list_run(int argc, char **argv);
static cli_status_t cli_list_option(void *ctx, int c, char *value);
static cli_status_t cli_list_filter(cli_list_t *list, char *value);
static cli_status_t cli_list_redis(cli_list_t *list);
static trv_rc_t cli_list_resolve(cli_list_t *list, const cli_edges_t *edges);
static cli_status_t cli_list_sum(cli_list_t *list, cli_redis_t *redis,
    const cli_fold_sum_t *sum);
static int cli_list_want(void *ctx, unsigned nparts, const cli_part_t *parts);
static int cli_list_has(const cli_filter_t *filter, unsigned nparts,
    const cli_part_t *parts);
static int cli_list_rule(void *ctx, const cli_rule_t *rule);
static void cli_list_fault(void *ctx, const cli_entry_t *entry,
    trv_fault_t fault, int refused);


static const struct option  cli_list_options[] = {
    CLI_TARGET_OPTIONS,
    { "match", required_argument, NULL, CLI_LIST_MATCH },
    { "by", required_argument, NULL, CLI_LIST_BY },
    { "since", required_argument, NULL, CLI_LIST_SINCE },
    { "ended", no_argument, NULL, CLI_LIST_ENDED },
    { "all", no_argument, NULL, 'a' },
    { "json", no_argument, NULL, 'j' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};


static cli_status_t
cli_list_run(int argc, char **argv)
{
    cli_list_t    list;
    cli_status_t  status;

    memset(&list, 0, sizeof(list));

    if (!cli_options(&cli_list, &list.target, &list, argc, argv, &status)) {
        return status;
    }

    if (optind != argc) {
        return cli_usage(&cli_list, "there are options only; to see what "
                                    "matches: --match NAME=VALUE");
    }

    return cli_list_redis(&list);
}


static cli_status_t
cli_list_option(void *ctx, int c, char *value)
{
    cli_list_t  *list;

    list = ctx;

    switch (c) {

    case CLI_LIST_MATCH:
        return cli_list_filter(list, value);

    case CLI_LIST_BY:
        list->by = value;
        return CLI_DONE;

    case CLI_LIST_SINCE:

        if (cli_time_parse(value, cli_time_now() / 1000, &list->since)
            != TRV_OK)
        {
            return cli_usage(&cli_list, "--since wants %s", cli_time_forms);
        }

        return CLI_DONE;

    case CLI_LIST_ENDED:
        list->ended = 1;
        return CLI_DONE;

    case 'a':
        list->all = 1;
        return CLI_DONE;

    default:
        list->json = 1;
        return CLI_DONE;
    }
}


static cli_status_t
cli_list_filter(cli_list_t *list, char *value)
{
    char          *equals;
    cli_filter_t  *filter;

    if (list->nfilters == CLI_LIST_FILTERS) {
        return cli_usage(&cli_list, "--match is there too often");
    }

    filter = &list->filters[list->nfilters++];
    equals = strchr(value, '=');

    filter->name = cli_text_str(value);

    if (equals == NULL) {
        filter->any = 1;
        return CLI_DONE;
    }

    filter->name.len = (size_t) (equals - value);
    filter->value = cli_text_str(equals + 1);

    return CLI_DONE;
}


static cli_status_t
cli_list_redis(cli_list_t *list)
{
    trv_rc_t             rc;
    cli_edges_t          edges;
    cli_redis_t         *redis;
    cli_status_t         status;
    cli_trouble_t        trouble;
    cli_fold_sum_t       sum;
    cli_fold_options_t   options;

    redis = cli_redis_open(&list->target, CLI_REDIS_ANY, &trouble);

    if (redis == NULL) {
        return cli_trouble_say(&cli_list, &trouble, NULL);
    }

    /* without the registry, attributes are told by "attr." alone */

    (void) cli_edges_load(redis, &list->target, &edges);

    memset(&options, 0, sizeof(options));

    options.ctx = list;
    options.want = list->nfilters != 0 ? cli_list_want : NULL;
    options.rule = cli_list_rule;
    options.fault = list->nfilters != 0 ? NULL : cli_list_fault;
    options.attributes = edges.attributes;
    options.nattributes = edges.nattributes;
    options.retain = edges.retain;
    options.over = list->ended;

    if (cli_list_resolve(list, &edges) != TRV_OK) {
        status = cli_usage(&cli_list, "--match wants NAME or NAME=VALUE, and "
                                      "for a token its 64 hex digits");

    } else {
        rc = cli_fold(redis, &list->target, &options, &sum, &trouble);

        cli_line_end(&list->line);

        status = rc == TRV_MALFORMED
                 ? cli_trouble_say(&cli_list, &trouble, NULL)
                 : cli_list_sum(list, redis, &sum);
    }

    cli_edges_free(&edges);
    cli_redis_close(redis);

    return status;
}


static trv_rc_t
cli_list_resolve(cli_list_t *list, const cli_edges_t *edges)
{
    size_t         i;
    trv_rc_t       rc;
    cli_filter_t  *filter;

    for (i = 0; i < list->nfilters; i++) {
        filter = &list->filters[i];

        if (filter->name.len == 0) {
            return TRV_MALFORMED;
        }

        rc = trv_selector_resolve(filter->name, edges->attributes,
                                  edges->nattributes, &filter->selector);

        if (rc != TRV_OK) {
            return rc;
        }

        if (filter->selector.origin == TRV_FROM_TOKEN && !filter->any) {

            if (trv_digest_from_hex(filter->value, filter->id) != TRV_OK) {
                return TRV_MALFORMED;
            }

            filter->value.data = filter->id;
            filter->value.len = sizeof(filter->id);
        }

        filter->any |= filter->selector.origin == TRV_FROM_ALL;
    }

    return TRV_OK;
}


static cli_status_t
cli_list_sum(cli_list_t *list, cli_redis_t *redis, const cli_fold_sum_t *sum)
{
    if (sum->entries == 0
        && cli_log_exists(&cli_list, redis, &list->target) != CLI_DONE)
    {
        return CLI_FAILED;
    }

    if (!list->json && fflush(stdout) == 0 && !ferror(stdout)) {
        fprintf(stderr, "%" PRIu64 " shown; %" PRIu64 " in force%s, in a log "
                "of %" PRIu64 "\n", list->shown, sum->rules,
                list->nfilters != 0 ? " with this match" : "", sum->entries);
    }

    return cli_flush(&cli_list);
}


static int
cli_list_want(void *ctx, unsigned nparts, const cli_part_t *parts)
{
    size_t       i;
    cli_list_t  *list;

    list = ctx;

    for (i = 0; i < list->nfilters; i++) {
        if (!cli_list_has(&list->filters[i], nparts, parts)) {
            return 0;
        }
    }

    return 1;
}


static int
cli_list_has(const cli_filter_t *filter, unsigned nparts,
    const cli_part_t *parts)
{
    unsigned  k;

    for (k = 0; k < nparts; k++) {
        if (trv_selector_cmp(&filter->selector, &parts[k].selector) == 0
            && (filter->any || trv_str_eq(filter->value, parts[k].value)))
        {
            return 1;
        }
    }

    return 0;
}


static int
cli_list_rule(void *ctx, const cli_rule_t *rule)
{
    cli_list_t  *list;

    list = ctx;

    if ((list->by != NULL && !trv_str_eq(rule->by, cli_text_str(list->by)))
        || (list->since > 0 && rule->id.ms / 1000 < (uint64_t) list->since)
        || (list->ended && rule->state == CLI_RULE_FORCE))
    {
        return 0;
    }

    list->shown++;

    if (list->json) {
        (void) cli_json_put(&cli_list, cli_show_json(rule));

    } else {
        cli_line_put(&list->line, rule, list->all);
    }

    return ferror(stdout);
}


static void
cli_list_fault(void *ctx, const cli_entry_t *entry, trv_fault_t fault,
    int refused)
{
    (void) ctx;

    fputs("entry ", stderr);
    cli_show_id(stderr, entry->entry->id);
    fprintf(stderr, " %s: %s\n", trv_fault_text(fault),
            refused ? "no edge applies it" : "the rest of it is applied");
}


const cli_command_t  cli_list = {
    "list",
    "what is in force now",

    "usage: " CLI_NAME " list [OPTION]...\n"
    "\n"
    "Reads the log and prints the rules that are in force now: ended and\n"
    "restored ones are gone, what was said again has its later cut-off and\n"
    "end.  One line for the rules of an entry that differ by a value only\n"
    "(\"token 9f86... and 999 more\"); what the log has more of a rule stands\n"
    "behind \"by\".  Memory stays below 100 MB or so: of more than 200,000\n"
    "rules, those that the log has more than once come last.\n"
    "\n"
    "    --match NAME[=VALUE] rules with this name, and this value of it;\n"
    "                         several: all of them\n"
    "    --by WHO             said by them\n"
    "    --since TIME         said since then\n"
    "    --ended              what has ended or was restored, as far as the\n"
    "                         log still has it, instead\n"
    "    -a, --all            a line for each rule\n"
    "    -j, --json           an object a line for each rule: id, state,\n"
    "                         match, before, until, reason, by\n"
    "    -h, --help           this text\n"
    CLI_TARGET_HELP
    "\n"
    "Edges forget a rule up to 16 seconds after its end.  One without an end\n"
    "ends with the longest \"retain\" of the registered edges, if each has\n"
    "one.\n"
    "\n"
    "exit status: 0 all was read; 1 it was not, or there is no log; 2 wrong\n"
    "usage\n",

    cli_list_run, cli_list_options, cli_list_option
};
