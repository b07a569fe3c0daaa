
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A rule on the name of a claim that no token has matches nothing.
 */


#include <stdlib.h>

#include "cli_names.h"
#include "cli_near.h"
#include "cli_order.h"
#include "cli_text.h"


static void cli_claim_unseen(cli_order_t *order, trv_str_t name,
    double tokens);
static void cli_claim_unknown(cli_order_t *order, trv_str_t name);
static char *cli_claim_attribute(const cli_edges_t *edges, trv_str_t name);


void
cli_order_check_claim(cli_order_t *order, trv_str_t name, double tokens)
{
    switch (cli_names_look(&order->edges, name)) {

    case CLI_NAMES_UNSEEN:
        cli_claim_unseen(order, name, tokens);
        break;

    case CLI_NAMES_UNKNOWN:
        cli_claim_unknown(order, name);
        break;

    default:
        break;
    }
}


static void
cli_claim_unseen(cli_order_t *order, trv_str_t name, double tokens)
{
    char        *shown, *meant;
    const char  *ask;

    ask = "; was \"";
    shown = cli_text_escape(name, 64);
    meant = cli_names_near(&order->edges, name);

    if (meant == NULL) {
        ask = "; was the attribute \"";
        meant = cli_claim_attribute(&order->edges, name);
    }

    cli_order_warn(order,
                   "no edge has ever seen a token with \"%s\" (%.0f tokens in "
                   "all)%s%s%s", shown != NULL ? shown : "", tokens,
                   meant != NULL ? ask : ": is the name right?",
                   meant != NULL ? meant : "",
                   meant != NULL ? "\" meant?" : "");

    free(shown);
    free(meant);
}


/* there may have been one: only what is likely to be meant is said */

static void
cli_claim_unknown(cli_order_t *order, trv_str_t name)
{
    char        *shown, *meant;
    const char  *claim;

    /* a path, or a name that is registered for claims (RFC 7519) */

    if (trv_selector_is_taken(name)) {
        return;
    }

    meant = cli_claim_attribute(&order->edges, name);
    claim = cli_near_claim(name);

    if (meant == NULL && claim == NULL) {
        return;
    }

    shown = cli_text_escape(name, 64);

    cli_order_warn(order,
                   "no edge knows of a token with \"%s\"; was %s\"%s\" "
                   "meant?", shown != NULL ? shown : "",
                   meant != NULL ? "the attribute " : "",
                   meant != NULL ? meant : claim);

    free(shown);
    free(meant);
}


/* NULL: there is none; else to be freed */

static char *
cli_claim_attribute(const cli_edges_t *edges, trv_str_t name)
{
    size_t  i;

    for (i = 0; i < edges->nattributes; i++) {
        if (cli_near(name, edges->attributes[i])) {
            return cli_text_escape(edges->attributes[i], 64);
        }
    }

    return NULL;
}
