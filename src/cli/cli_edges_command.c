
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke edges: who follows the log.
 */


#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_edges.h"
#include "cli_names.h"
#include "cli_option.h"
#include "cli_term.h"
#include "cli_text.h"
#include "cli_time.h"


#define CLI_EDGES_COLUMNS  9
#define CLI_EDGES_CELL     256
#define CLI_EDGES_FORGET   64


enum {
    CLI_EDGES_OPTION_FORGET = CLI_OPTION_OWN,
};


typedef struct {
    cli_target_t   target;
    size_t         nforget;
    const char    *forget[CLI_EDGES_FORGET];
    unsigned       json:1;
} cli_edges_command_t;


typedef char  cli_cell_t[CLI_EDGES_CELL];


static cli_status_t cli_edges_run(int argc, char **argv);
static cli_status_t cli_edges_option(void *ctx, int option, char *value);
static cli_status_t cli_edges_redis(cli_edges_command_t *c);
static cli_status_t cli_edges_forget(cli_edges_command_t *c,
    cli_redis_t *redis, const cli_edges_t *edges);
static void cli_edges_forgotten(const char *id, const cli_edge_t *edge,
    long long removed);
static cli_status_t cli_edges_table(const cli_edges_t *edges);
static void cli_edges_cells(const cli_edges_t *edges, const cli_edge_t *edge,
    cli_cell_t *cells);
static void cli_edges_remarks(const cli_edge_t *edge, cli_cell_t cell);
static void cli_edges_refused(const cli_edge_t *edge, FILE *out);
static void cli_edges_copy(cli_cell_t cell, trv_str_t text);
static cli_status_t cli_edges_json(const cli_edges_t *edges);


static const struct option  cli_edges_options[] = {
    CLI_TARGET_OPTIONS,
    { "forget", required_argument, NULL, CLI_EDGES_OPTION_FORGET },
    { "json", no_argument, NULL, 'j' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};


static const char *const  cli_edges_titles[CLI_EDGES_COLUMNS] = {
    "EDGE", "STATE", "AGE", "APPLIED", "RULES", "FULL", "TOKENS", "VERSION",
    "REMARKS"
};


static cli_status_t
cli_edges_run(int argc, char **argv)
{
    cli_status_t         status;
    cli_edges_command_t  c;

    memset(&c, 0, sizeof(c));

    if (!cli_options(&cli_edges, &c.target, &c, argc, argv, &status)) {
        return status;
    }

    if (optind != argc) {
        return cli_usage(&cli_edges, "there are options only");
    }

    return cli_edges_redis(&c);
}


static cli_status_t
cli_edges_option(void *ctx, int option, char *value)
{
    cli_edges_command_t  *c;

    c = ctx;

    if (option == 'j') {
        c->json = 1;
        return CLI_DONE;
    }

    if (c->nforget == CLI_EDGES_FORGET) {
        return cli_usage(&cli_edges, "--forget is there too often");
    }

    c->forget[c->nforget++] = value;

    return CLI_DONE;
}


static cli_status_t
cli_edges_redis(cli_edges_command_t *c)
{
    cli_edges_t     edges;
    cli_redis_t    *redis;
    cli_status_t    status;
    cli_trouble_t   trouble;

    redis = cli_redis_open(&c->target,
                           c->nforget ? CLI_REDIS_MASTER : CLI_REDIS_ANY,
                           &trouble);

    if (redis == NULL) {
        return cli_trouble_say(&cli_edges, &trouble, NULL);
    }

    if (cli_edges_load(redis, &c->target, &edges) != TRV_OK) {
        status = cli_trouble_say(&cli_edges, cli_redis_trouble(redis), NULL);

    } else if (c->nforget != 0) {
        status = cli_edges_forget(c, redis, &edges);

    } else if (c->json) {
        cli_names_load(redis, &c->target, &edges);
        status = cli_edges_json(&edges);

    } else {
        status = cli_edges_table(&edges);
    }

    cli_edges_free(&edges);
    cli_redis_close(redis);

    return status != CLI_DONE ? status
           : cli_flush_done(&cli_edges, c->nforget != 0
                            ? "what was registered is forgotten" : NULL,
                            CLI_DONE);
}


static cli_status_t
cli_edges_forget(cli_edges_command_t *c, cli_redis_t *redis,
    const cli_edges_t *edges)
{
    char          key[512], names[512];
    size_t        i;
    redisReply   *reply;

    (void) cli_target_key(&c->target, "edges", key, sizeof(key));
    (void) cli_target_key(&c->target, "names", names, sizeof(names));

    for (i = 0; i < c->nforget; i++) {
        reply = cli_redis_ask(redis, "HDEL %s %s", names, c->forget[i]);

        if (!cli_redis_failed(reply)) {
            freeReplyObject(reply);
            reply = cli_redis_ask(redis, "HDEL %s %s", key, c->forget[i]);
        }

        if (cli_redis_failed(reply)) {

            if (reply != NULL) {
                freeReplyObject(reply);
            }

            return cli_trouble_say(&cli_edges, cli_redis_trouble(redis),
                                   i == 0 ? "nothing was forgotten"
                                   : "not all of them were forgotten");
        }

        cli_edges_forgotten(c->forget[i],
                            cli_edges_find(edges, cli_text_str(c->forget[i])),
                            reply->integer);
        freeReplyObject(reply);
    }

    return CLI_DONE;
}


static void
cli_edges_forgotten(const char *id, const cli_edge_t *edge, long long removed)
{
    cli_text_put(stdout, cli_text_str(id), 0);

    if (removed == 0) {
        printf(" is not registered\n");

    } else if (edge != NULL && !edge->silent) {
        printf(" is forgotten, but it is not silent: it will be back within a "
               "second\n");

    } else {
        printf(" is forgotten\n");
    }
}


static cli_status_t
cli_edges_table(const cli_edges_t *edges)
{
    size_t       i, k, len, width[CLI_EDGES_COLUMNS];
    cli_cell_t  *cells, *row;

    if (edges->n == 0) {
        printf("no edge is registered for this log: are --log and the "
               "database right, and\nmay the user of the edges write beside "
               "it?  (docs/redis.md)\n");
        return CLI_DONE;
    }

    cells = calloc(edges->n + 1, CLI_EDGES_COLUMNS * sizeof(cli_cell_t));

    if (cells == NULL) {
        fprintf(stderr, CLI_NAME " edges: there is no memory\n");
        return CLI_FAILED;
    }

    for (k = 0; k < CLI_EDGES_COLUMNS; k++) {
        snprintf(cells[k], sizeof(cli_cell_t), "%s", cli_edges_titles[k]);
        width[k] = strlen(cells[k]);
    }

    for (i = 0; i < edges->n; i++) {
        row = &cells[(i + 1) * CLI_EDGES_COLUMNS];
        cli_edges_cells(edges, &edges->edges[i], row);

        for (k = 0; k < CLI_EDGES_COLUMNS; k++) {
            len = strlen(row[k]);
            width[k] = len > width[k] ? len : width[k];
        }
    }

    for (i = 0; i <= edges->n; i++) {
        row = &cells[i * CLI_EDGES_COLUMNS];

        if (i != 0 && edges->edges[i - 1].silent) {
            fputs(cli_term_colour(stdout, CLI_COLOUR_RED), stdout);
        }

        for (k = 0; k + 1 < CLI_EDGES_COLUMNS; k++) {
            printf("%-*s  ", (int) width[k], row[k]);
        }

        printf("%s", row[k]);

        if (i != 0 && edges->edges[i - 1].silent) {
            fputs(cli_term_colour(stdout, CLI_COLOUR_NONE), stdout);
        }

        putchar('\n');
    }

    printf("%zu of %zu registered edges are not silent\n",
           cli_edges_live(edges), edges->n);

    free(cells);

    return CLI_DONE;
}


static void
cli_edges_cells(const cli_edges_t *edges, const cli_edge_t *edge,
    cli_cell_t *cells)
{
    char  span[CLI_TIME_TEXT], time[CLI_TIME_TEXT];

    cli_edges_copy(cells[0], edge->id);
    cli_edges_copy(cells[1], cli_text_str(edge->state));
    cli_edges_copy(cells[3], cli_text_str(edge->applied));
    cli_edges_copy(cells[7], cli_text_str(edge->version));

    if (edge->age >= 0 && !edge->silent) {
        snprintf(cells[2], sizeof(cli_cell_t), "%" PRId64 " ms", edge->age);

    } else {
        snprintf(cells[2], sizeof(cli_cell_t), "-");
    }

    snprintf(cells[4], sizeof(cli_cell_t), "%" PRId64, edge->rules);
    snprintf(cells[5], sizeof(cli_cell_t), "%" PRId64 "%%", edge->percent);
    snprintf(cells[6], sizeof(cli_cell_t), "%" PRId64, edge->tokens);

    if (edge->json == NULL) {
        snprintf(cells[1], sizeof(cli_cell_t), "not readable");

    } else if (edge->silent && edge->time == 0) {
        snprintf(cells[1], sizeof(cli_cell_t), "silent");

    } else if (edge->silent) {
        snprintf(cells[1], sizeof(cli_cell_t), "silent since %s (%s)",
                 cli_time_text(edge->time / 1000, time),
                 cli_time_span((edges->now - edge->time) / 1000, span));
    }

    cli_edges_remarks(edge, cells[8]);
}


static void
cli_edges_remarks(const cli_edge_t *edge, cli_cell_t cell)
{
    char         *text;
    FILE         *out;
    size_t        i, len;
    json_t       *reports;
    const char   *report;

    out = open_memstream(&text, &len);

    if (out == NULL) {
        return;
    }

    if (edge->overflow) {
        fputs("zone is full, ", out);
    }

    if (edge->dry_run) {
        fputs("dry run, ", out);
    }

    reports = json_object_get(edge->json, "reports");

    for (i = 0; i < json_array_size(reports); i++) {
        report = json_string_value(json_array_get(reports, i));

        if (report != NULL) {
            fprintf(out, "%s, ", report);
        }
    }

    cli_edges_refused(edge, out);

    if (edge->undated > 0) {
        fprintf(out, "%.3g%% without issue time, ", 100 * edge->undated);
    }

    if (fclose(out) == 0) {

        if (len > 2) {
            text[len - 2] = '\0';
            cli_edges_copy(cell, cli_text_str(text));
        }

        free(text);
    }
}


/* behind the report of it; the last ones only, "among them" */

static void
cli_edges_refused(const cli_edge_t *edge, FILE *out)
{
    size_t       i, n;
    json_t      *ids;
    const char  *id;

    ids = json_object_get(edge->json, "refused_ids");
    n = json_array_size(ids);

    for (i = 0; i < n; i++) {
        id = json_string_value(json_array_get(ids, i));
        fprintf(out, "%s%s%s", i == 0 ? "not applied: " : "",
                id != NULL ? id : "?", i + 1 < n ? " " : ", ");
    }
}


static void
cli_edges_copy(cli_cell_t cell, trv_str_t text)
{
    char  *escaped;

    escaped = cli_text_escape(text, 200);

    if (escaped != NULL) {
        snprintf(cell, sizeof(cli_cell_t), "%s", escaped);
        free(escaped);
    }
}


/* what the edge has written, and what we make of it */

static cli_status_t
cli_edges_json(const cli_edges_t *edges)
{
    size_t             i;
    json_t            *object;
    cli_status_t       status;
    const cli_edge_t  *edge;

    status = CLI_DONE;

    for (i = 0; i < edges->n && status == CLI_DONE; i++) {
        edge = &edges->edges[i];
        object = json_object();

        (void) json_object_set_new(object, "edge", cli_json_text(edge->id));
        (void) json_object_set_new(object, "silent",
                                   json_boolean(edge->silent));

        (void) json_object_set(object, "names", cli_names_list(edge));

        if (json_is_object(edge->json)) {
            (void) json_object_update_missing(object, edge->json);
        }

        status = cli_json_put(&cli_edges, object);
    }

    return status;
}


const cli_command_t  cli_edges = {
    "edges",
    "who follows the log, and how far they are",

    "usage: " CLI_NAME " edges [OPTION]...\n"
    "\n"
    "Prints the edges that have registered for the log: their state (cold,\n"
    "syncing, live, detached), how long ago their position was confirmed, the\n"
    "entry that they applied last, rules and how full the zone is, tokens\n"
    "checked, and what they report (loss, gap, refused; see \"" CLI_NAME "\n"
    "help accept\").  An edge says so once a second; one that has not for 5\n"
    "seconds, by the clock of Redis, is silent: it is gone, or cut off.\n"
    "\n"
    "    --forget ID          remove this one, which is no more; may be\n"
    "                         repeated\n"
    "    -j, --json           an object a line: edge, silent, names (of all\n"
    "                         claims that it has seen; null: not known), and\n"
    "                         what the edge has written\n"
    "    -h, --help           this text\n"
    CLI_TARGET_HELP
    "\n"
    "exit status: 0 the registry was read; 1 it was not; 2 wrong usage\n",

    cli_edges_run, cli_edges_options, cli_edges_option
};
