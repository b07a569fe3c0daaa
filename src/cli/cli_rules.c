
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The rules of one entry.
 *
 *     selector[]  sorted, without repetitions      iss        sub
 *     column[]    the values of each               [a, b]     [x]
 *     at[]        which of them is combined now     0          0
 */


#include <stdlib.h>
#include <string.h>

#include "../codec/trv_expand.h"
#include "cli_rules.h"


typedef struct {
    uint32_t  start;              /* of its values, in values[] */
    uint32_t  n;
    uint32_t  at;
} cli_column_t;


struct cli_rules_s {
    unsigned        n;
    trv_selector_t  selector[TRV_SHAPE_FIELDS];
    cli_column_t    column[TRV_SHAPE_FIELDS];
    trv_str_t      *values;
    uint32_t        size;
};


static trv_rc_t cli_rules_selectors(cli_rules_t *rules,
    const trv_entry_t *entry, const trv_str_t *attributes, size_t nattributes);
static trv_rc_t cli_rules_values(cli_rules_t *rules, const trv_entry_t *entry,
    const trv_str_t *attributes, size_t nattributes);
static trv_rc_t cli_rules_count(cli_rules_t *rules);
static cli_column_t *cli_rules_column(cli_rules_t *rules,
    const trv_selector_t *selector);
static trv_rc_t cli_rules_emit(cli_rules_t *rules, cli_rules_pt callback,
    void *ctx);


static const trv_selector_t  cli_rules_token = { TRV_FROM_TOKEN, { 0, NULL } };


cli_rules_t *
cli_rules_create(void)
{
    return calloc(1, sizeof(cli_rules_t));
}


void
cli_rules_destroy(cli_rules_t *rules)
{
    if (rules != NULL) {
        free(rules->values);
        free(rules);
    }
}


trv_rc_t
cli_rules_expand(cli_rules_t *rules, const trv_entry_t *entry,
    const trv_str_t *attributes, size_t nattributes, cli_rules_pt callback,
    void *ctx)
{
    trv_rc_t  rc;

    if (entry->refused || (entry->ntokens == 0 && entry->npairs == 0)) {
        return TRV_OK;
    }

    rc = cli_rules_selectors(rules, entry, attributes, nattributes);

    if (rc == TRV_OK) {
        rc = cli_rules_values(rules, entry, attributes, nattributes);
    }

    if (rc == TRV_OK) {
        rc = cli_rules_count(rules);
    }

    return rc == TRV_OK ? cli_rules_emit(rules, callback, ctx) : rc;
}


static trv_rc_t
cli_rules_selectors(cli_rules_t *rules, const trv_entry_t *entry,
    const trv_str_t *attributes, size_t nattributes)
{
    unsigned             n;
    uint32_t             i;
    trv_selector_t       selector, all[TRV_ENTRY_FIELDS + 1];
    const trv_pair_t    *last;

    n = 0;
    last = NULL;

    if (entry->ntokens != 0) {
        all[n++] = cli_rules_token;
    }

    for (i = 0; i < entry->npairs; i++) {

        /* an entry has each of its names once in memory */

        if (last != NULL && last->name.data == entry->pairs[i].name.data) {
            continue;
        }

        last = &entry->pairs[i];

        if (trv_selector_resolve(last->name, attributes, nattributes,
                                 &selector)
            != TRV_OK)
        {
            return TRV_MALFORMED;
        }

        all[n++] = selector;
        n = trv_shape_normalize(all, n);

        if (n > TRV_ENTRY_FIELDS) {
            return TRV_LIMIT;
        }
    }

    memcpy(rules->selector, all, n * sizeof(trv_selector_t));
    rules->n = n;

    return TRV_OK;
}


static trv_rc_t
cli_rules_values(cli_rules_t *rules, const trv_entry_t *entry,
    const trv_str_t *attributes, size_t nattributes)
{
    void            *values;
    uint32_t         i, k, total;
    cli_column_t    *column;
    trv_selector_t   selector;

    total = entry->ntokens + entry->npairs;

    if (total > rules->size) {
        values = realloc(rules->values, total * sizeof(trv_str_t));

        if (values == NULL) {
            return TRV_NOMEM;
        }

        rules->values = values;
        rules->size = total;
    }

    memset(rules->column, 0, sizeof(rules->column));

    total = 0;

    for (k = 0; k < rules->n; k++) {
        column = &rules->column[k];
        column->start = total;

        for (i = 0; i < entry->ntokens
             && rules->selector[k].origin == TRV_FROM_TOKEN; i++)
        {
            rules->values[total].data = entry->tokens[i];
            rules->values[total++].len = TRV_SHA256_LEN;
        }

        for (i = 0; i < entry->npairs; i++) {
            (void) trv_selector_resolve(entry->pairs[i].name, attributes,
                                        nattributes, &selector);

            if (cli_rules_column(rules, &selector) == column) {
                rules->values[total++] = entry->pairs[i].value;
            }
        }

        column->n = total - column->start;
    }

    return TRV_OK;
}


static cli_column_t *
cli_rules_column(cli_rules_t *rules, const trv_selector_t *selector)
{
    unsigned  k;

    for (k = 0; k < rules->n; k++) {
        if (trv_selector_cmp(&rules->selector[k], selector) == 0) {
            return &rules->column[k];
        }
    }

    return NULL;
}


/* the value of "all" is ignored, so it has one */

static trv_rc_t
cli_rules_count(cli_rules_t *rules)
{
    unsigned  k;
    uint64_t  total;

    total = 1;

    for (k = 0; k < rules->n; k++) {

        if (rules->selector[k].origin == TRV_FROM_ALL) {
            rules->column[k].n = 1;
            rules->values[rules->column[k].start].len = 0;
        }

        total *= rules->column[k].n;

        if (total > TRV_EXPAND_RULES) {
            return TRV_LIMIT;
        }
    }

    return TRV_OK;
}


static trv_rc_t
cli_rules_emit(cli_rules_t *rules, cli_rules_pt callback, void *ctx)
{
    unsigned       k;
    cli_part_t     parts[TRV_SHAPE_FIELDS];
    cli_column_t  *column;

    for ( ;; ) {

        for (k = 0; k < rules->n; k++) {
            column = &rules->column[k];
            parts[k].selector = rules->selector[k];
            parts[k].value = rules->values[column->start + column->at];
        }

        if (callback(ctx, rules->n, parts) != 0) {
            return TRV_NONE;
        }

        for (k = 0; k < rules->n; k++) {

            if (++rules->column[k].at < rules->column[k].n) {
                break;
            }

            rules->column[k].at = 0;
        }

        if (k == rules->n) {
            return TRV_OK;
        }
    }
}
