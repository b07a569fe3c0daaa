
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Which rules of the log match a token.
 */


#include <stdlib.h>
#include <string.h>

#include "cli_edges.h"
#include "cli_explain.h"


static trv_rc_t cli_explain_again(cli_explain_t *ex, cli_redis_t *redis,
    cli_fold_options_t *options, cli_trouble_t *trouble);
static int cli_explain_in_force(void *ctx, const cli_rule_t *rule);
static trv_rc_t cli_explain_names(cli_explain_t *ex, const cli_edges_t *edges);
static int cli_explain_want(void *ctx, unsigned nparts,
    const cli_part_t *parts);
static int cli_explain_is_shape(const cli_explain_t *ex, unsigned n,
    const trv_selector_t *selectors);
static int cli_explain_rule(void *ctx, const cli_rule_t *rule);
static trv_rc_t cli_explain_copy(cli_explain_rule_t *to,
    const cli_rule_t *rule);
static trv_str_t cli_explain_keep(uint8_t **p, trv_str_t text);


trv_rc_t
cli_explain_rules(cli_explain_t *ex, cli_redis_t *redis,
    cli_trouble_t *trouble)
{
    trv_rc_t            rc;
    cli_edges_t         edges;
    cli_fold_options_t  options;

    /* who may not read the registry does without */

    (void) cli_edges_load(redis, &ex->o->target, &edges);

    rc = cli_explain_names(ex, &edges);

    if (rc == TRV_OK) {
        memset(&options, 0, sizeof(cli_fold_options_t));

        options.ctx = ex;
        options.want = cli_explain_want;
        options.rule = cli_explain_rule;
        options.attributes = ex->attributes;
        options.nattributes = ex->nattributes;
        options.retain = edges.retain;
        options.over = ex->o->all;

        rc = cli_fold(redis, &ex->o->target, &options, &ex->sum, trouble);
    }

    if (rc == TRV_OK) {
        cli_explain_judge(ex);
    }

    if (rc == TRV_OK && ex->verdict == CLI_EXPLAIN_UNREADABLE) {
        rc = cli_explain_again(ex, redis, &options, trouble);
    }

    cli_edges_free(&edges);

    /* they may have been views into the registry */

    ex->nattributes = 0;

    if (ex->nomem || rc == TRV_NOMEM) {
        cli_trouble_set(trouble, CLI_FAULT_NOMEM, "there is no memory");
        return TRV_MALFORMED;
    }

    return rc;
}


/*
 * A token that cannot be read, or has too many values, is compared with the
 * shapes that are in use: those of rules that were restored or have ended must
 * not spoil it.
 */

static trv_rc_t
cli_explain_again(cli_explain_t *ex, cli_redis_t *redis,
    cli_fold_options_t *options, cli_trouble_t *trouble)
{
    trv_rc_t        rc;
    cli_fold_sum_t  sum;

    cli_explain_forget(ex);

    options->want = NULL;
    options->rule = cli_explain_in_force;
    options->over = 0;

    rc = cli_fold(redis, &ex->o->target, options, &sum, trouble);

    if (rc == TRV_OK) {
        rc = cli_explain_read(ex);
    }

    if (rc == TRV_OK) {
        cli_explain_judge(ex);
    }

    return rc;
}


static int
cli_explain_in_force(void *ctx, const cli_rule_t *rule)
{
    trv_rc_t        rc;
    unsigned        shape;
    cli_explain_t  *ex;

    ex = ctx;
    rc = cli_explain_shape(ex, rule->nparts, rule->parts, &shape);

    ex->nomem |= rc == TRV_NOMEM;

    return rc == TRV_NOMEM;
}


/* a bare name in the log is an attribute if an edge, or an option, says so */

static trv_rc_t
cli_explain_names(cli_explain_t *ex, const cli_edges_t *edges)
{
    size_t  i;

    ex->attributes = calloc(edges->nattributes + ex->o->nattributes + 1,
                            sizeof(trv_str_t));
    if (ex->attributes == NULL) {
        return TRV_NOMEM;
    }

    for (i = 0; i < edges->nattributes; i++) {
        ex->attributes[ex->nattributes++] = edges->attributes[i];
    }

    for (i = 0; i < ex->o->nattributes; i++) {
        ex->attributes[ex->nattributes++] = ex->o->attribute[i];
    }

    return TRV_OK;
}


static int
cli_explain_want(void *ctx, unsigned nparts, const cli_part_t *parts)
{
    unsigned        i, open, shape;
    trv_rc_t        rc;
    cli_explain_t  *ex;

    ex = ctx;
    rc = cli_explain_shape(ex, nparts, parts, &shape);

    if (rc != TRV_OK) {
        ex->nomem |= rc == TRV_NOMEM;
        return 0;
    }

    for (i = 0; i < nparts; i++) {
        if (!cli_explain_matches(ex, &parts[i], &open) && !open) {
            return 0;
        }
    }

    return 1;
}


/*
 * The number of the shape.  One that is new has to be known to the plan: the
 * token is read again for what it selects.
 */

trv_rc_t
cli_explain_shape(cli_explain_t *ex, unsigned nparts, const cli_part_t *parts,
    unsigned *shape)
{
    unsigned        i;
    trv_rc_t        rc;
    trv_selector_t  selectors[TRV_SHAPE_FIELDS];

    for (i = 0; i < nparts; i++) {
        selectors[i] = parts[i].selector;
    }

    if (cli_explain_is_shape(ex, nparts, selectors)) {
        *shape = ex->shape;
        return TRV_OK;
    }

    if (trv_shapes_find(ex->shapes, selectors, nparts, shape) == TRV_OK) {
        ex->shape = *shape;
        return TRV_OK;
    }

    /* one too many: edges have refused its entries */

    rc = trv_shapes_add(ex->shapes, selectors, nparts, shape);

    if (rc != TRV_OK) {
        return rc;
    }

    ex->shape = *shape;
    trv_plan_load(ex->plan, ex->shapes);

    return cli_explain_read(ex);
}


/* millions of rules have the shape of the one before */

static int
cli_explain_is_shape(const cli_explain_t *ex, unsigned n,
    const trv_selector_t *selectors)
{
    unsigned            i;
    const trv_shape_t  *shape;

    shape = &ex->plan->shape[ex->shape];

    if (ex->shape == TRV_SHAPE_TOKEN || shape->n != n) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        if (trv_selector_cmp(&ex->plan->selector[shape->selector[i]],
                             &selectors[i])
            != 0)
        {
            return 0;
        }
    }

    return 1;
}


/* *open: it cannot be known, the attribute was not given */

int
cli_explain_matches(const cli_explain_t *ex, const cli_part_t *part,
    unsigned *open)
{
    size_t        k;
    unsigned      i;
    trv_value_t   value;
    const trv_trait_t  *trait;

    *open = 0;

    if (part->selector.origin == TRV_FROM_ALL) {
        return 1;
    }

    if (part->selector.origin == TRV_FROM_TOKEN) {

        for (i = 0; i < ex->traits.nids; i++) {
            if (memcmp(ex->traits.id[i], part->value.data, TRV_SHA256_LEN)
                == 0)
            {
                return 1;
            }
        }

        return 0;
    }

    value = trv_match_value(&ex->table, part->value);

    for (i = 0; i < ex->traits.ntraits; i++) {
        trait = &ex->traits.trait[i];

        if (trait->value.w[0] == value.w[0] && trait->value.w[1] == value.w[1]
            && trv_selector_cmp(&ex->plan->selector[trait->selector],
                                &part->selector)
               == 0)
        {
            return 1;
        }
    }

    if (part->selector.origin == TRV_FROM_ATTRIBUTE) {

        for (k = 0; k < ex->o->nattributes; k++) {
            if (trv_str_eq(ex->o->attribute[k], part->selector.name)) {
                return 0;
            }
        }

        *open = 1;
    }

    return 0;
}


static int
cli_explain_rule(void *ctx, const cli_rule_t *rule)
{
    size_t               size;
    cli_explain_t       *ex;
    cli_explain_rule_t  *rules;

    ex = ctx;

    if (ex->nrules == ex->size) {
        size = ex->size == 0 ? 16 : ex->size * 2;

        rules = realloc(ex->rules, size * sizeof(cli_explain_rule_t));
        if (rules == NULL) {
            ex->nomem = 1;
            return 1;
        }

        ex->rules = rules;
        ex->size = size;
    }

    if (cli_explain_copy(&ex->rules[ex->nrules], rule) != TRV_OK) {
        ex->nomem = 1;
        return 1;
    }

    ex->nrules++;

    return 0;
}


static trv_rc_t
cli_explain_copy(cli_explain_rule_t *to, const cli_rule_t *rule)
{
    size_t    len;
    uint8_t  *p;
    unsigned  i;

    memset(to, 0, sizeof(cli_explain_rule_t));
    to->rule = *rule;

    len = rule->reason.len + rule->by.len + 1;

    for (i = 0; i < rule->nparts; i++) {
        len += rule->parts[i].selector.name.len + rule->parts[i].value.len;
    }

    to->text = malloc(len);
    if (to->text == NULL) {
        return TRV_NOMEM;
    }

    p = to->text;

    to->rule.reason = cli_explain_keep(&p, rule->reason);
    to->rule.by = cli_explain_keep(&p, rule->by);

    for (i = 0; i < rule->nparts; i++) {
        to->part[i] = rule->parts[i];
        to->part[i].selector.name =
            cli_explain_keep(&p, rule->parts[i].selector.name);
        to->part[i].value = cli_explain_keep(&p, rule->parts[i].value);
    }

    return TRV_OK;
}


static trv_str_t
cli_explain_keep(uint8_t **p, trv_str_t text)
{
    if (text.len != 0) {
        memcpy(*p, text.data, text.len);
    }

    text.data = *p;
    *p += text.len;

    return text;
}
