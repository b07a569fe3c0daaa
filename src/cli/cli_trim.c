
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke trim: what has ended leaves the log.
 *
 *     ended  restored  ended | in force  ended  restore  in force
 *     <--------- XTRIM ----->|
 *                            the first entry that still matters
 *
 * Only a beginning of the log can go: no edge has to be told.  A restore goes
 * with what it has lifted, which stands before it.
 */


#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_edges.h"
#include "cli_fold.h"
#include "cli_option.h"
#include "cli_show.h"
#include "cli_term.h"
#include "cli_text.h"
#include "cli_time.h"


/* a rule is taken to be in force so much longer: clocks differ */

#define CLI_TRIM_MARGIN  60


typedef struct {
    cli_target_t     target;
    unsigned         yes:1;
    unsigned         dry_run:1;
    unsigned         json:1;

    cli_redis_t     *redis;
    cli_edges_t      edges;
    cli_fold_sum_t   sum;
    trv_id_t         first;       /* the first entry that has to stay */
    trv_id_t         needed;      /* by the rules alone */
    trv_str_t        holder;      /* the edge that needs what stands before */
    uint64_t         entries;     /* that can go */
    cli_trouble_t    trouble;
} cli_trim_t;


static cli_status_t cli_trim_run(int argc, char **argv);
static cli_status_t cli_trim_option(void *ctx, int c, char *value);
static cli_status_t cli_trim_redis(cli_trim_t *trim);
static cli_status_t cli_trim_look(cli_trim_t *trim);
static int cli_trim_rule(void *ctx, const cli_rule_t *rule);
static void cli_trim_edges(cli_trim_t *trim);
static trv_rc_t cli_trim_count(cli_trim_t *trim);
static int cli_trim_entry(void *ctx, const cli_entry_t *entry);
static void cli_trim_show(const cli_trim_t *trim);
static cli_status_t cli_trim_ask(cli_trim_t *trim);
static cli_status_t cli_trim_do(cli_trim_t *trim);
static cli_status_t cli_trim_failed(cli_trim_t *trim, const redisReply *reply);
static cli_status_t cli_trim_json(const cli_trim_t *trim, int64_t removed);


static const struct option  cli_trim_options[] = {
    CLI_TARGET_OPTIONS,
    { "dry-run", no_argument, NULL, 'n' },
    { "yes", no_argument, NULL, 'y' },
    { "json", no_argument, NULL, 'j' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};


static cli_status_t
cli_trim_run(int argc, char **argv)
{
    cli_trim_t    trim;
    cli_status_t  status;

    memset(&trim, 0, sizeof(trim));

    if (!cli_options(&cli_trim, &trim.target, &trim, argc, argv, &status)) {
        return status;
    }

    if (optind != argc) {
        return cli_usage(&cli_trim, "there are options only");
    }

    return cli_trim_redis(&trim);
}


static cli_status_t
cli_trim_option(void *ctx, int c, char *value)
{
    cli_trim_t  *trim;

    (void) value;

    trim = ctx;

    trim->dry_run |= c == 'n';
    trim->yes |= c == 'y';
    trim->json |= c == 'j';

    return CLI_DONE;
}


static cli_status_t
cli_trim_redis(cli_trim_t *trim)
{
    cli_status_t  status;

    trim->redis = cli_redis_open(&trim->target, CLI_REDIS_MASTER,
                                 &trim->trouble);

    if (trim->redis == NULL) {
        return cli_trouble_say(&cli_trim, &trim->trouble,
                               "nothing was removed");
    }

    status = cli_trim_look(trim);

    if (status == CLI_DONE) {
        cli_trim_show(trim);
        status = cli_trim_ask(trim);
    }

    if (status == CLI_DONE) {
        status = cli_trim_do(trim);
    }

    cli_edges_free(&trim->edges);
    cli_redis_close(trim->redis);

    return status;
}


/* the slower of both clocks, this one and that of Redis, and a margin */

static cli_status_t
cli_trim_look(cli_trim_t *trim)
{
    int64_t             now;
    cli_fold_options_t  options;

    if (cli_edges_load(trim->redis, &trim->target, &trim->edges) != TRV_OK) {
        return cli_trouble_say(&cli_trim, cli_redis_trouble(trim->redis),
                               "which entries the edges still need is not "
                               "known, and nothing was removed");
    }

    now = cli_time_now();
    now = trim->edges.now < now ? trim->edges.now : now;

    memset(&options, 0, sizeof(options));

    options.ctx = trim;
    options.rule = cli_trim_rule;
    options.attributes = trim->edges.attributes;
    options.nattributes = trim->edges.nattributes;
    options.retain = trim->edges.retain;
    options.now = now / 1000 - CLI_TRIM_MARGIN;

    trim->first.ms = UINT64_MAX;
    trim->first.seq = UINT64_MAX;

    if (cli_fold(trim->redis, &trim->target, &options, &trim->sum,
                 &trim->trouble)
        == TRV_MALFORMED)
    {
        return cli_trouble_say(&cli_trim, &trim->trouble,
                               "nothing was removed");
    }

    if (trim->sum.entries == 0
        && cli_log_exists(&cli_trim, trim->redis, &trim->target) != CLI_DONE)
    {
        return CLI_FAILED;
    }

    /* the last entry stays: edges know the log by it */

    if (trv_id_cmp(trim->first, trim->sum.last) > 0) {
        trim->first = trim->sum.last;
    }

    trim->needed = trim->first;
    cli_trim_edges(trim);

    if (cli_trim_count(trim) != TRV_OK) {
        return cli_trouble_say(&cli_trim, &trim->trouble,
                               "nothing was removed");
    }

    return CLI_DONE;
}


static int
cli_trim_rule(void *ctx, const cli_rule_t *rule)
{
    cli_trim_t  *trim;

    trim = ctx;

    if (trv_id_cmp(rule->first, trim->first) < 0) {
        trim->first = rule->first;
    }

    return 0;
}


/* what an edge has not applied yet stays for it; who is silent is not asked */

static void
cli_trim_edges(cli_trim_t *trim)
{
    size_t             i;
    trv_id_t           applied;
    const cli_edge_t  *edge;

    for (i = 0; i < trim->edges.n; i++) {
        edge = &trim->edges.edges[i];

        if (edge->silent) {
            continue;
        }

        applied.ms = 0;
        applied.seq = 0;

        (void) trv_id_parse(cli_text_str(edge->applied), &applied);

        if (trv_id_cmp(applied, trim->first) < 0) {
            trim->first = applied;
            trim->holder = edge->id;
        }
    }
}


static trv_rc_t
cli_trim_count(cli_trim_t *trim)
{
    trv_rc_t    rc;
    trv_id_t    start;
    cli_log_t  *log;

    start.ms = 0;
    start.seq = 0;

    log = cli_log_open(trim->redis, &trim->target, &trim->trouble);

    if (log == NULL) {
        return TRV_NOMEM;
    }

    rc = cli_log_read(log, start, trim->first, cli_trim_entry, trim,
                      &trim->trouble);

    cli_log_close(log);

    return rc == TRV_MALFORMED ? rc : TRV_OK;
}


static int
cli_trim_entry(void *ctx, const cli_entry_t *entry)
{
    cli_trim_t  *trim;

    trim = ctx;

    if (trv_id_cmp(entry->entry->id, trim->first) >= 0) {
        return 1;
    }

    trim->entries++;

    return 0;
}


static void
cli_trim_show(const cli_trim_t *trim)
{
    char    time[CLI_TIME_TEXT];
    FILE   *out;
    size_t  i;

    out = trim->json ? stderr : stdout;

    fprintf(out, "entries: %" PRIu64 "; rules in force: %" PRIu64 ", ended: %"
            PRIu64 ", restored: %" PRIu64 "\n", trim->sum.entries,
            trim->sum.rules, trim->sum.ended, trim->sum.lifted);

    if (trim->entries != 0) {
        fprintf(out, "needed no more: %" PRIu64 ", those before ",
                trim->entries);
        cli_show_id(out, trim->first);
        fprintf(out, " (%s)\n",
                cli_time_text((int64_t) (trim->first.ms / 1000), time));

    } else {
        fputs("needed no more: 0\n", out);
    }

    if (trim->holder.len != 0) {
        fputs("others stay until the edge ", out);
        cli_text_put(out, trim->holder, 0);
        fputs(" has applied them\n", out);
    }

    for (i = 0; i < trim->edges.n; i++) {

        if (trim->edges.edges[i].silent) {
            fputs("the edge ", out);
            cli_text_put(out, trim->edges.edges[i].id, 0);
            fputs(" is silent: if it comes back it may report a gap\n", out);
        }
    }

    fflush(out);
}


static cli_status_t
cli_trim_ask(cli_trim_t *trim)
{
    if (trim->entries == 0 || trim->dry_run || trim->yes) {
        return CLI_DONE;
    }

    if (!cli_term_asks()) {
        fputs("token-revoke trim: there is no terminal to ask; nothing was "
              "removed; repeat the command with --yes\n", stderr);
        return CLI_FAILED;
    }

    if (cli_term_confirm("Remove them?")) {
        return CLI_DONE;
    }

    fputs(CLI_NAME " trim: nothing was removed\n", stderr);

    return CLI_FAILED;
}


static cli_status_t
cli_trim_do(cli_trim_t *trim)
{
    int64_t       removed;
    redisReply   *reply;
    cli_status_t  status;

    if (trim->entries == 0 || trim->dry_run) {
        return cli_trim_json(trim, 0);
    }

    reply = cli_redis_ask(trim->redis, "XTRIM %s MINID %llu-%llu",
                          trim->target.log,
                          (unsigned long long) trim->first.ms,
                          (unsigned long long) trim->first.seq);

    if (reply == NULL || reply->type != REDIS_REPLY_INTEGER) {
        status = cli_trim_failed(trim, reply);

    } else {
        removed = reply->integer;

        if (!trim->json) {
            printf("removed: %" PRId64 "\n", removed);
        }

        status = cli_trim_json(trim, removed);
    }

    if (reply != NULL) {
        freeReplyObject(reply);
    }

    return status;
}


static cli_status_t
cli_trim_failed(cli_trim_t *trim, const redisReply *reply)
{
    cli_trouble_t  trouble;

    if (reply == NULL) {
        return cli_trouble_say(&cli_trim, cli_redis_trouble(trim->redis),
                               "whether they were removed is not known");
    }

    cli_trouble_reply(&trouble, cli_redis_name(trim->redis), reply);

    if (reply->type == REDIS_REPLY_ERROR
        && strstr(reply->str, "syntax error") != NULL)
    {
        cli_trouble_set(&trouble, CLI_FAULT_UNKNOWN,
                        "redis %s is older than 6.2 and does not know XTRIM "
                        "with MINID", cli_redis_name(trim->redis));
        trouble.next[0] = '\0';
    }

    return cli_trouble_say(&cli_trim, &trouble, "nothing was removed");
}


static cli_status_t
cli_trim_json(const cli_trim_t *trim, int64_t removed)
{
    json_t      *object;
    const char  *done;

    done = removed != 0 ? "they were removed" : NULL;

    if (!trim->json) {
        return cli_flush_done(&cli_trim, done, CLI_DONE);
    }

    object = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:b}",
                       "entries", (json_int_t) trim->sum.entries,
                       "rules", (json_int_t) trim->sum.rules,
                       "ended", (json_int_t) trim->sum.ended,
                       "restored", (json_int_t) trim->sum.lifted,
                       "removable", (json_int_t) trim->entries,
                       "removed", (json_int_t) removed,
                       "first", cli_json_id(trim->first),
                       "dry_run", (int) trim->dry_run);

    return cli_json_put(&cli_trim, object) == CLI_DONE
           ? cli_flush_done(&cli_trim, done, CLI_DONE) : CLI_FAILED;
}


const cli_command_t  cli_trim = {
    "trim",
    "removes what has ended from the log",

    "usage: " CLI_NAME " trim [OPTION]...\n"
    "\n"
    "Looks for the first entry of the log that still matters, and removes\n"
    "what stands before it: rules that have ended or were restored, the\n"
    "restores of them, what was said again later.  What is in force stays,\n"
    "and so does what an edge that is not silent has not applied yet.  It\n"
    "shows first what it would do, and asks.\n"
    "\n"
    "    -n, --dry-run        show it only\n"
    "    -y, --yes            do not ask\n"
    "    -j, --json           one object: entries, rules, ended, restored,\n"
    "                         removable, removed, first\n"
    "    -h, --help           this text\n"
    CLI_TARGET_HELP
    "\n"
    "Rules without an end stay for ever, or as long as the longest\n"
    "\"retain\" of the registered edges, if each of them has one: give them\n"
    "an end (--until, --ttl) or restore them.  Needs Redis 6.2.\n"
    "\n"
    "exit status: 0 what can go is gone, or nothing can; 1 nothing was\n"
    "removed; 2 wrong usage\n",

    cli_trim_run, cli_trim_options, cli_trim_option
};
