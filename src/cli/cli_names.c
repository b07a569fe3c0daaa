
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The names of claims that tokens had.
 */


#include <stdlib.h>
#include <string.h>

#include "../core/trv_names.h"
#include "cli_names.h"
#include "cli_near.h"
#include "cli_text.h"


#define CLI_NAMES_KEY   512

/* bytes of a name that are shown */

#define CLI_NAMES_TEXT  64


static int cli_names_has(const cli_edge_t *edge, trv_str_t name);
static trv_str_t cli_names_first(trv_str_t name);
static char *cli_names_meant(trv_str_t step, trv_str_t name);


void
cli_names_load(cli_redis_t *redis, const cli_target_t *target,
    cli_edges_t *edges)
{
    char         key[CLI_NAMES_KEY];
    size_t       i;
    trv_str_t    id;
    cli_edge_t  *edge;
    redisReply  *reply, **pair;

    if (redis == NULL || edges->n == 0
        || cli_target_key(target, "names", key, sizeof(key)) >= sizeof(key))
    {
        return;
    }

    reply = cli_redis_ask(redis, "HGETALL %s", key);

    for (i = 0; !cli_redis_failed(reply) && i + 1 < reply->elements; i += 2) {

        pair = &reply->element[i];

        if (pair[0]->type != REDIS_REPLY_STRING
            || pair[1]->type != REDIS_REPLY_STRING)
        {
            continue;
        }

        id.data = (const uint8_t *) pair[0]->str;
        id.len = (size_t) pair[0]->len;

        edge = cli_edges_find(edges, id);

        if (edge != NULL && edge->names == NULL) {
            edge->names = json_loadb(pair[1]->str, (size_t) pair[1]->len, 0,
                                     NULL);
        }
    }

    if (reply != NULL) {
        freeReplyObject(reply);
    }
}


/*
 * The edge says how many it has seen, but not if there were more than it can
 * keep.  One of an older version says nothing.
 */

json_t *
cli_names_list(const cli_edge_t *edge)
{
    const json_t  *n;

    n = json_object_get(edge->json, "names");

    return json_is_integer(n) && json_is_array(edge->names)
           && json_integer_value(n)
              == (json_int_t) json_array_size(edge->names)
           ? edge->names : json_null();
}


static int
cli_names_has(const cli_edge_t *edge, trv_str_t name)
{
    size_t       i;
    const char  *text;

    for (i = 0; i < json_array_size(edge->names); i++) {
        text = json_string_value(json_array_get(edge->names, i));

        if (text != NULL && trv_str_eq(cli_text_str(text), name)) {
            return 1;
        }
    }

    return 0;
}


int
cli_names_exact(const cli_edges_t *edges, trv_str_t name)
{
    size_t  i;

    for (i = 0; i < edges->n; i++) {
        if (cli_names_has(&edges->edges[i], name)) {
            return 1;
        }
    }

    return 0;
}


/*
 * Edges tell the outermost names: of a path, what is before one of its dots is
 * all that can be known.
 */

cli_names_t
cli_names_look(const cli_edges_t *edges, trv_str_t name)
{
    size_t     i, told;
    trv_str_t  step;

    step = name;

    for (i = 1; i <= name.len; i++) {

        if (i < name.len && name.data[i] != '.') {
            continue;
        }

        step.len = i;

        if (cli_names_exact(edges, step)) {
            return CLI_NAMES_SEEN;
        }
    }

    for (told = 0, i = 0; i < edges->n; i++) {

        if (edges->edges[i].silent) {
            continue;
        }

        if (json_is_null(cli_names_list(&edges->edges[i]))) {
            return CLI_NAMES_UNKNOWN;
        }

        told++;
    }

    return told != 0 && trv_names_fit(name) ? CLI_NAMES_UNSEEN
                                            : CLI_NAMES_UNKNOWN;
}


char *
cli_names_near(const cli_edges_t *edges, trv_str_t name)
{
    size_t         i, k;
    trv_str_t      step, first;
    const char    *text;
    const json_t  *list;

    first = cli_names_first(name);

    for (i = 0; i < edges->n; i++) {
        list = edges->edges[i].names;

        for (k = 0; k < json_array_size(list); k++) {
            text = json_string_value(json_array_get(list, k));

            if (text == NULL) {
                continue;
            }

            step = cli_text_str(text);

            if (cli_near(step, name)) {
                return cli_text_escape(step, CLI_NAMES_TEXT);
            }

            if (first.len < name.len && cli_near(step, first)) {
                return cli_names_meant(step, name);
            }
        }
    }

    return NULL;
}


static trv_str_t
cli_names_first(trv_str_t name)
{
    const uint8_t  *dot;

    dot = memchr(name.data, '.', name.len);

    if (dot != NULL) {
        name.len = (size_t) (dot - name.data);
    }

    return name;
}


/* the path, with another first step */

static char *
cli_names_meant(trv_str_t step, trv_str_t name)
{
    char       *text, *shown;
    size_t      first, rest;
    trv_str_t   path;

    first = cli_names_first(name).len;
    rest = name.len - first;

    text = malloc(step.len + rest);
    if (text == NULL) {
        return NULL;
    }

    memcpy(text, step.data, step.len);
    memcpy(text + step.len, name.data + first, rest);

    path.data = (const uint8_t *) text;
    path.len = step.len + rest;

    shown = cli_text_escape(path, CLI_NAMES_TEXT);
    free(text);

    return shown;
}
