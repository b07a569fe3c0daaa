
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What matches is put into a table of the edge's, that is looked up as an edge
 * does: limits, leeway and tokens without issue time are the same.
 */


#include <string.h>

#include "../core/trv_rule.h"
#include "cli_explain.h"


static void cli_explain_put(cli_explain_t *ex, cli_explain_rule_t *rule);
static void cli_explain_words(cli_explain_t *ex, const trv_match_t *match);


void
cli_explain_judge(cli_explain_t *ex)
{
    size_t       i;
    unsigned     open;
    trv_rc_t     rc;
    trv_match_t  match;

    open = 0;

    for (i = 0; i < ex->nrules; i++) {
        cli_explain_put(ex, &ex->rules[i]);
        open |= ex->rules[i].open && ex->rules[i].refuses;
    }

    rc = trv_match_lookup(&ex->table, ex->plan, &ex->traits, ex->o->leeway,
                          ex->now, &match);

    if (rc == TRV_OK) {
        ex->verdict = CLI_EXPLAIN_REFUSED;
        cli_explain_words(ex, &match);

    } else if (rc == TRV_LIMIT
               || (ex->traits.unreadable
                   && (ex->plan->claims.n || ex->plan->headers.n)))
    {
        ex->verdict = CLI_EXPLAIN_UNREADABLE;

    } else {
        ex->verdict = open ? CLI_EXPLAIN_OPEN : CLI_EXPLAIN_PASSES;
    }
}


/* "refuses" is what the table would say of this rule alone */

static void
cli_explain_put(cli_explain_t *ex, cli_explain_rule_t *rule)
{
    int64_t      issued;
    unsigned     i, open, shape;
    trv_fp_t     fp;
    trv_value_t  values[TRV_SHAPE_FIELDS];

    /* the copies have moved while the list grew */

    rule->rule.parts = rule->part;
    rule->open = 0;

    for (i = 0; i < rule->rule.nparts; i++) {
        (void) cli_explain_matches(ex, &rule->part[i], &open);
        rule->open |= open;

        values[i] = trv_match_value(&ex->table, rule->part[i].value);

        if (rule->part[i].selector.origin == TRV_FROM_ALL) {
            memset(&values[i], 0, sizeof(trv_value_t));
        }
    }

    if (rule->rule.state != CLI_RULE_FORCE) {
        return;
    }

    issued = ex->traits.issued;

    rule->refuses = rule->rule.cutoff == TRV_CUTOFF_ALWAYS
                    || issued == TRV_ISSUED_UNKNOWN
                    || issued <= (int64_t) rule->rule.cutoff + ex->o->leeway;

    if (rule->open
        || cli_explain_shape(ex, rule->rule.nparts, rule->part, &shape)
           != TRV_OK)
    {
        return;
    }

    fp = shape == TRV_SHAPE_TOKEN
         ? trv_rule_token(&ex->table, rule->part[0].value.data)
         : trv_match_fingerprint(&ex->table, shape, values, rule->rule.nparts);

    (void) trv_writer_put(ex->writer, fp,
                          trv_term_make(rule->rule.cutoff, rule->rule.end,
                                        shape));
}


/* as $token_revoke_match has it: "iss+sub (no iat)" */

static void
cli_explain_words(cli_explain_t *ex, const trv_match_t *match)
{
    uint8_t            *p;
    unsigned            i;
    const trv_shape_t  *shape;

    p = (uint8_t *) ex->match;
    shape = &ex->plan->shape[match->shape];

    if (match->shape == TRV_SHAPE_TOKEN) {
        memcpy(p, "token", 5);
        p += 5;
    }

    for (i = 0; i < shape->n && match->shape != TRV_SHAPE_TOKEN; i++) {

        if (i != 0) {
            *p++ = '+';
        }

        p += trv_selector_text(&ex->plan->selector[shape->selector[i]], p);
    }

    if (match->undated) {
        memcpy(p, " (no iat)", 9);
        p += 9;
    }

    *p = '\0';
}
