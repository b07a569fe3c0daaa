
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The edges that follow a log.
 */


#include <stdlib.h>
#include <string.h>

#include "cli_edges.h"
#include "cli_text.h"
#include "cli_time.h"


#define CLI_EDGES_KEY  512


static trv_rc_t cli_edges_ask(cli_redis_t *redis, const cli_target_t *target,
    cli_edges_t *edges);
static int64_t cli_edges_clock(cli_redis_t *redis);
static trv_rc_t cli_edges_read(cli_edges_t *edges);
static int64_t cli_edges_retain(const cli_edges_t *edges);
static void cli_edge_read(cli_edge_t *edge, const redisReply *value,
    int64_t now);
static const char *cli_edge_string(const json_t *json, const char *name);
static int64_t cli_edge_number(const json_t *json, const char *name,
    int64_t otherwise);
static int cli_edge_cmp(const void *one, const void *two);
static trv_rc_t cli_edges_names(cli_edges_t *edges);
static int cli_edges_named(const cli_edges_t *edges, trv_str_t name);


trv_rc_t
cli_edges_load(cli_redis_t *redis, const cli_target_t *target,
    cli_edges_t *edges)
{
    memset(edges, 0, sizeof(cli_edges_t));

    if (cli_edges_ask(redis, target, edges) != TRV_OK) {
        return TRV_MALFORMED;
    }

    edges->now = cli_edges_clock(redis);

    if (edges->now == 0) {
        cli_edges_free(edges);
        return TRV_MALFORMED;
    }

    edges->ahead = edges->now - cli_time_now();

    if (cli_edges_read(edges) != TRV_OK || cli_edges_names(edges) != TRV_OK) {
        cli_edges_free(edges);
        return TRV_MALFORMED;
    }

    return TRV_OK;
}


static trv_rc_t
cli_edges_ask(cli_redis_t *redis, const cli_target_t *target,
    cli_edges_t *edges)
{
    char  key[CLI_EDGES_KEY];

    if (cli_target_key(target, "edges", key, sizeof(key)) >= sizeof(key)) {
        return TRV_MALFORMED;
    }

    edges->reply = cli_redis_ask(redis, "HGETALL %s", key);

    if (cli_redis_failed(edges->reply)
        || edges->reply->type != REDIS_REPLY_ARRAY)
    {
        cli_edges_free(edges);
        return TRV_MALFORMED;
    }

    return TRV_OK;
}


/* 0: the connection is lost; whoever may not ask gets our own clock */

static int64_t
cli_edges_clock(cli_redis_t *redis)
{
    int64_t      now;
    redisReply  *reply;

    reply = cli_redis_ask(redis, "TIME");

    if (reply == NULL) {
        return 0;
    }

    now = cli_time_now();

    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2
        && reply->element[0]->type == REDIS_REPLY_STRING
        && reply->element[1]->type == REDIS_REPLY_STRING)
    {
        now = atoll(reply->element[0]->str) * INT64_C(1000)
              + atoll(reply->element[1]->str) / 1000;
    }

    freeReplyObject(reply);

    return now;
}


void
cli_edges_free(cli_edges_t *edges)
{
    size_t  i;

    for (i = 0; i < edges->n; i++) {
        json_decref(edges->edges[i].json);
        json_decref(edges->edges[i].names);
    }

    free(edges->edges);
    free(edges->attributes);

    if (edges->reply != NULL) {
        freeReplyObject(edges->reply);
    }

    memset(edges, 0, sizeof(cli_edges_t));
}


static trv_rc_t
cli_edges_read(cli_edges_t *edges)
{
    size_t       i, n;
    cli_edge_t  *edge;

    n = edges->reply->elements / 2;

    edges->edges = calloc(n + 1, sizeof(cli_edge_t));

    if (edges->edges == NULL) {
        return TRV_NOMEM;
    }

    for (i = 0; i < n; i++) {
        edge = &edges->edges[edges->n];

        if (edges->reply->element[2 * i]->type != REDIS_REPLY_STRING) {
            continue;
        }

        edge->id.data = (const uint8_t *) edges->reply->element[2 * i]->str;
        edge->id.len = (size_t) edges->reply->element[2 * i]->len;

        cli_edge_read(edge, edges->reply->element[2 * i + 1], edges->now);
        edges->n++;
    }

    edges->retain = cli_edges_retain(edges);

    qsort(edges->edges, edges->n, sizeof(cli_edge_t), cli_edge_cmp);

    return TRV_OK;
}


/* a silent edge may come back: it counts, too */

static int64_t
cli_edges_retain(const cli_edges_t *edges)
{
    size_t   i;
    int64_t  retain;

    retain = 0;

    for (i = 0; i < edges->n; i++) {

        if (edges->edges[i].retain <= 0) {
            return 0;
        }

        if (edges->edges[i].retain > retain) {
            retain = edges->edges[i].retain;
        }
    }

    return retain;
}


static void
cli_edge_read(cli_edge_t *edge, const redisReply *value, int64_t now)
{
    json_t  *json;

    json = NULL;

    if (value->type == REDIS_REPLY_STRING) {
        json = json_loadb(value->str, (size_t) value->len, 0, NULL);
    }

    edge->json = json;
    edge->version = cli_edge_string(json, "version");
    edge->state = cli_edge_string(json, "state");
    edge->applied = cli_edge_string(json, "applied");
    edge->time = cli_edge_number(json, "time", 0);
    edge->age = cli_edge_number(json, "age", -1);
    edge->retain = cli_edge_number(json, "retain", 0);
    edge->rules = cli_edge_number(json, "rules", 0);
    edge->percent = cli_edge_number(json, "percent", 0);
    edge->tokens = cli_edge_number(json, "tokens", 0);
    edge->undated = json_number_value(json_object_get(json, "undated"));
    edge->overflow = json_is_true(json_object_get(json, "overflow"));
    edge->dry_run = json_is_true(json_object_get(json, "dry_run"));
    edge->silent = edge->time < now - CLI_EDGE_SILENT;
}


static const char *
cli_edge_string(const json_t *json, const char *name)
{
    const char  *value;

    value = json_string_value(json_object_get(json, name));

    return value != NULL ? value : "?";
}


static int64_t
cli_edge_number(const json_t *json, const char *name, int64_t otherwise)
{
    double         value;
    const json_t  *number;

    number = json_object_get(json, name);

    if (json_is_integer(number)) {
        return json_integer_value(number);
    }

    value = json_number_value(number);

    return json_is_real(number) && value > -9e15 && value < 9e15
           ? (int64_t) value : otherwise;
}


static int
cli_edge_cmp(const void *one, const void *two)
{
    int                rc;
    size_t             len;
    const cli_edge_t  *a, *b;

    a = one;
    b = two;

    len = a->id.len < b->id.len ? a->id.len : b->id.len;
    rc = len != 0 ? memcmp(a->id.data, b->id.data, len) : 0;

    return rc != 0 ? rc : a->id.len < b->id.len ? -1 : a->id.len > b->id.len;
}


/* two edges can differ in what they define: either may mean an attribute */

static trv_rc_t
cli_edges_names(cli_edges_t *edges)
{
    void          *names;
    size_t         i, k;
    trv_str_t      name;
    const json_t  *list, *item;

    for (i = 0; i < edges->n; i++) {
        list = json_object_get(edges->edges[i].json, "attributes");

        for (k = 0; k < json_array_size(list); k++) {
            item = json_array_get(list, k);

            if (!json_is_string(item)) {
                continue;
            }

            name = cli_text_str(json_string_value(item));

            if (cli_edges_named(edges, name)) {
                continue;
            }

            names = realloc(edges->attributes,
                            (edges->nattributes + 1) * sizeof(trv_str_t));

            if (names == NULL) {
                return TRV_NOMEM;
            }

            edges->attributes = names;
            edges->attributes[edges->nattributes++] = name;
        }
    }

    return TRV_OK;
}


static int
cli_edges_named(const cli_edges_t *edges, trv_str_t name)
{
    size_t  i;

    for (i = 0; i < edges->nattributes; i++) {
        if (trv_str_eq(edges->attributes[i], name)) {
            return 1;
        }
    }

    return 0;
}


cli_edge_t *
cli_edges_find(const cli_edges_t *edges, trv_str_t id)
{
    size_t  i;

    for (i = 0; i < edges->n; i++) {
        if (trv_str_eq(edges->edges[i].id, id)) {
            return &edges->edges[i];
        }
    }

    return NULL;
}


size_t
cli_edges_live(const cli_edges_t *edges)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < edges->n; i++) {
        n += !edges->edges[i].silent;
    }

    return n;
}
