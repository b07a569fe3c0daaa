
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A revocation that can match nothing, or far too much, is the mistake to
 * catch before it is written.
 */


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_names.h"
#include "cli_near.h"
#include "cli_order.h"
#include "cli_text.h"
#include "cli_time.h"


/* share of tokens without issue time that is worth a word about claims */

#define CLI_CHECK_UNDATED  0.5

/* milliseconds by which clocks may differ */

#define CLI_CHECK_CLOCK    5000


typedef struct {
    cli_order_t  *order;
    unsigned      nparts;
    cli_part_t    parts[TRV_SHAPE_FIELDS];
    double        tokens;         /* that the edges have seen */
} cli_check_t;


static int cli_check_first(void *ctx, unsigned nparts,
    const cli_part_t *parts);
static void cli_check_clock(cli_order_t *order);
static void cli_check_name(cli_check_t *check, const trv_selector_t *selector);
static void cli_check_attribute(cli_check_t *check, trv_str_t name);
static int cli_check_defines(const cli_edge_t *edge, trv_str_t name);
static void cli_check_shape(cli_check_t *check);
static int cli_check_used(const cli_check_t *check, const char *shape,
    double *tokens);
static int cli_check_young(const cli_check_t *check);
static int cli_check_seen(const cli_check_t *check, trv_str_t name);
static size_t cli_check_text(const cli_check_t *check, char *buf);
static void cli_check_undated(cli_check_t *check);


void
cli_order_check(cli_order_t *order)
{
    size_t       i;
    unsigned     k;
    cli_check_t  check;

    memset(&check, 0, sizeof(check));
    check.order = order;

    for (i = 0; i < order->edges.n; i++) {
        check.tokens += (double) order->edges.edges[i].tokens;
    }

    (void) cli_order_rules(order, cli_check_first, &check);

    for (k = 0; k < check.nparts; k++) {
        cli_check_name(&check, &check.parts[k].selector);
    }

    if (order->entry->cutoff != TRV_CUTOFF_ALWAYS) {
        cli_check_clock(order);
    }

    if (check.tokens > 0) {
        cli_check_shape(&check);

        if (order->entry->cutoff != TRV_CUTOFF_ALWAYS) {
            cli_check_undated(&check);
        }
    }
}


/* ours makes the cut-off: one that is behind revokes too little */

static void
cli_check_clock(cli_order_t *order)
{
    int64_t      ahead;
    char         span[CLI_TIME_TEXT];
    const char  *how;

    ahead = order->edges.ahead;
    how = ahead > 0 ? "behind" : "ahead of";
    ahead = ahead > 0 ? ahead : -ahead;

    if (ahead > CLI_CHECK_CLOCK) {
        cli_order_warn(order,
                       "the clock of this machine is %s that of Redis by %s: "
                       "is the cut-off right?", how,
                       cli_time_span(ahead / 1000, span));
    }
}


/* all rules of an entry have the same names */

static int
cli_check_first(void *ctx, unsigned nparts, const cli_part_t *parts)
{
    cli_check_t  *check;

    check = ctx;
    check->nparts = nparts;
    memcpy(check->parts, parts, nparts * sizeof(cli_part_t));

    return 1;
}


static void
cli_check_name(cli_check_t *check, const trv_selector_t *selector)
{
    char        *shown;
    const char  *field;

    if (selector->origin == TRV_FROM_ATTRIBUTE) {
        cli_check_attribute(check, selector->name);
        return;
    }

    if (selector->origin != TRV_FROM_CLAIM
        || trv_selector_is_taken(selector->name))
    {
        return;
    }

    field = cli_near_field(selector->name);

    if (field == NULL) {
        return;
    }

    shown = cli_text_escape(selector->name, 64);

    cli_order_warn(check->order, "\"%s\" is taken for the name of a claim; was "
                   "\"%s\" meant?", shown != NULL ? shown : "", field);
    free(shown);
}


/* at an edge that does not define it, a bare name is a claim */

static void
cli_check_attribute(cli_check_t *check, trv_str_t name)
{
    char                *shown;
    size_t               i, n, live;
    const cli_edges_t   *edges;

    edges = &check->order->edges;
    live = cli_edges_live(edges);
    n = 0;

    for (i = 0; i < edges->n; i++) {
        n += !edges->edges[i].silent
             && cli_check_defines(&edges->edges[i], name);
    }

    if (n == live) {
        return;
    }

    shown = cli_text_escape(name, 64);

    cli_order_warn(check->order,
                   "the attribute \"%s\" is defined on %zu of %zu edges: the "
                   "others cannot match it", shown != NULL ? shown : "", n,
                   live);
    free(shown);
}


static int
cli_check_defines(const cli_edge_t *edge, trv_str_t name)
{
    size_t       i;
    json_t      *list;
    const char  *text;

    list = json_object_get(edge->json, "attributes");

    for (i = 0; i < json_array_size(list); i++) {
        text = json_string_value(json_array_get(list, i));

        if (text != NULL && trv_str_eq(cli_text_str(text), name)) {
            return 1;
        }
    }

    return 0;
}


/*
 * Edges count tokens by the shapes that are in use.  Of a shape that is not,
 * its names are looked for in the others, and among those that tokens had.
 */

static void
cli_check_shape(cli_check_t *check)
{
    char        shape[TRV_SHAPE_FIELDS * (TRV_SELECTOR_TEXT_LEN + 1) + 1];
    double      tokens;
    unsigned    k;
    trv_str_t   name;
    char       *shown;

    shape[cli_check_text(check, shape)] = '\0';

    cli_names_load(check->order->redis, &check->order->target,
                   &check->order->edges);

    if (cli_check_used(check, shape, &tokens)) {

        if (tokens == 0 && !cli_check_young(check)) {
            shown = cli_text_escape(cli_text_str(shape), 256);

            cli_order_warn(check->order, "no edge has seen a token with "
                           "\"%s\" since there are rules on it (%.0f tokens "
                           "in all): is the name right?",
                           shown != NULL ? shown : "", check->tokens);
            free(shown);
        }

        return;
    }

    for (k = 0; k < check->nparts; k++) {
        name = check->parts[k].selector.name;

        if (check->parts[k].selector.origin == TRV_FROM_CLAIM
            && cli_near_field(name) == NULL
            && !cli_check_seen(check, name))
        {
            cli_order_check_claim(check->order, name, check->tokens);
        }
    }
}


/*
 * Tokens are counted from the first rule on: one claim that tokens had before
 * is no mistake.
 */

static int
cli_check_young(const cli_check_t *check)
{
    return check->nparts == 1
           && check->parts[0].selector.origin == TRV_FROM_CLAIM
           && cli_names_exact(&check->order->edges,
                              check->parts[0].selector.name);
}


static int
cli_check_used(const cli_check_t *check, const char *shape, double *tokens)
{
    int                  used;
    size_t               i, k;
    json_t              *shapes, *item;
    const char          *match;
    const cli_edges_t   *edges;

    edges = &check->order->edges;
    used = 0;
    *tokens = 0;

    for (i = 0; i < edges->n; i++) {
        shapes = json_object_get(edges->edges[i].json, "shapes");

        for (k = 0; k < json_array_size(shapes); k++) {
            item = json_array_get(shapes, k);
            match = json_string_value(json_object_get(item, "match"));

            if (match != NULL && strcmp(match, shape) == 0) {
                used = 1;
                *tokens += json_number_value(json_object_get(item, "tokens"));
            }
        }
    }

    return used;
}


/* true if a shape has it, alone or with others, that tokens were seen of */

static int
cli_check_seen(const cli_check_t *check, trv_str_t name)
{
    size_t               i, k;
    json_t              *shapes, *item;
    const char          *p;
    const cli_edges_t   *edges;

    edges = &check->order->edges;

    for (i = 0; i < edges->n; i++) {
        shapes = json_object_get(edges->edges[i].json, "shapes");

        for (k = 0; k < json_array_size(shapes); k++) {
            item = json_array_get(shapes, k);
            p = json_string_value(json_object_get(item, "match"));

            if (json_number_value(json_object_get(item, "tokens")) == 0) {
                continue;
            }

            while (p != NULL) {
                if (strncmp(p, (const char *) name.data, name.len) == 0
                    && (p[name.len] == '\0' || p[name.len] == '+'))
                {
                    return 1;
                }

                p = strchr(p, '+');
                p = p != NULL ? p + 1 : NULL;
            }
        }
    }

    return 0;
}


/* "iss+sub", as the edges have it */

static size_t
cli_check_text(const cli_check_t *check, char *buf)
{
    size_t    len;
    unsigned  k;

    len = 0;

    for (k = 0; k < check->nparts; k++) {

        if (k != 0) {
            buf[len++] = '+';
        }

        len += trv_selector_text(&check->parts[k].selector,
                                 (uint8_t *) buf + len);
    }

    return len;
}


static void
cli_check_undated(cli_check_t *check)
{
    int                 claims;
    size_t              i;
    double              share;
    unsigned            k;
    const cli_edge_t   *edge;

    share = 0;
    claims = 0;

    for (i = 0; i < check->order->edges.n; i++) {
        edge = &check->order->edges.edges[i];
        share += (double) edge->tokens * edge->undated;
    }

    share /= check->tokens;

    for (k = 0; k < check->nparts; k++) {
        claims |= check->parts[k].selector.origin == TRV_FROM_CLAIM
                  || check->parts[k].selector.origin == TRV_FROM_HEADER;
    }

    if (share <= (claims ? CLI_CHECK_UNDATED : 0)) {
        return;
    }

    cli_order_warn(check->order,
                   "%.3g %% of the tokens that the edges see have no issue "
                   "time: whatever the cut-off, those that match are refused, "
                   "new ones too%s", 100 * share,
                   check->order->entry->end == TRV_END_NEVER
                   ? ", until the rule is restored" : "");
}
