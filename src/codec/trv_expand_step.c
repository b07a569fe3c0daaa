
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * From an entry to its rules: what is done about them, in steps.
 */


#include "../core/trv_rule.h"
#include "trv_expand_private.h"


/* as many as memory is asked for at the same time */

#define TRV_EXPAND_GROUP  16

/* bytes of a value that are hashed in the time of one rule */

#define TRV_EXPAND_BYTES  256


static trv_rc_t trv_expand_hash(trv_expand_t *expand,
    const trv_expand_zone_t *zone, unsigned *left);
static trv_rc_t trv_expand_publish(trv_expand_t *expand,
    const trv_expand_zone_t *zone);
static void trv_expand_put(trv_expand_t *expand, const trv_expand_zone_t *zone,
    unsigned max);
static void trv_expand_next(trv_expand_t *expand,
    const trv_expand_zone_t *zone, trv_expand_rule_t *rule);
static trv_rc_t trv_expand_done(trv_expand_t *expand, trv_rc_t rc);


trv_rc_t
trv_expand_step(trv_expand_t *expand, const trv_expand_zone_t *zone,
    unsigned max)
{
    trv_rc_t  rc;
    unsigned  left;

    left = max != 0 ? max : 1;

    if (expand->phase == TRV_EXPAND_HASH) {
        rc = trv_expand_hash(expand, zone, &left);

        if (rc != TRV_OK) {
            return rc;
        }
    }

    if (expand->phase == TRV_EXPAND_DONE) {
        return expand->rc;
    }

    if (left == 0) {
        return TRV_NONE;
    }

    rc = trv_expand_publish(expand, zone);

    if (rc == TRV_NONE) {
        return trv_expand_done(expand, TRV_OK);
    }

    if (rc != TRV_OK) {
        return trv_expand_done(expand, rc);
    }

    trv_expand_put(expand, zone, left);

    if (expand->done < expand->total) {
        return TRV_NONE;
    }

    return trv_expand_done(expand, expand->rc);
}


/* TRV_OK: all values have their digests, or they are not needed */

static trv_rc_t
trv_expand_hash(trv_expand_t *expand, const trv_expand_zone_t *zone,
    unsigned *left)
{
    unsigned             cost;
    trv_str_t            value;
    const trv_pair_t    *pair;
    const trv_entry_t   *entry;
    trv_expand_field_t  *field;

    entry = expand->entry;

    if (zone->mode != TRV_EXPAND_COLLECT
        && entry->action == TRV_ACTION_RESTORE
        && trv_shapes_find(zone->shapes, expand->selector, expand->n,
                           &expand->shape)
           != TRV_OK)
    {
        (void) trv_expand_done(expand, TRV_OK);
        return TRV_OK;
    }

    while (expand->hashed < entry->ntokens + entry->npairs) {

        if (*left == 0) {
            return TRV_NONE;
        }

        /* the tokens are field 0 if there are any */

        if (expand->hashed < entry->ntokens) {
            field = &expand->field[0];
            value.data = entry->tokens[expand->hashed];
            value.len = TRV_SHA256_LEN;

        } else {
            pair = &entry->pairs[expand->hashed - entry->ntokens];
            field = trv_expand_known(expand, pair->name);
            value = pair->value;
        }

        expand->hashed++;

        if (field->selector.origin == TRV_FROM_ALL) {
            continue;
        }

        expand->values[field->start + field->filled++]
            = trv_match_value(zone->table, value);

        cost = 1 + (unsigned) (value.len / TRV_EXPAND_BYTES);
        *left = *left > cost ? *left - cost : 0;
    }

    expand->phase = TRV_EXPAND_PUT;

    return TRV_OK;
}


/*
 * In every step that puts rules: while none of them is in the table, whoever
 * looks for shapes without rules may have retired this one.  TRV_NONE: the
 * shape is not in use, so there is nothing to restore.
 */

static trv_rc_t
trv_expand_publish(trv_expand_t *expand, const trv_expand_zone_t *zone)
{
    trv_rc_t  rc;

    if (zone->mode != TRV_EXPAND_APPLY) {
        expand->kind = trv_expand_kind(expand, zone->table);
    }

    if (zone->mode == TRV_EXPAND_COLLECT) {
        return TRV_OK;
    }

    rc = trv_shapes_find(zone->shapes, expand->selector, expand->n,
                         &expand->shape);

    if (rc == TRV_NONE && expand->entry->action == TRV_ACTION_REVOKE) {
        rc = trv_shapes_add(zone->shapes, expand->selector, expand->n,
                            &expand->shape);
        expand->isnew |= rc == TRV_OK;
    }

    if (rc == TRV_OK) {
        expand->term = trv_term_make(expand->entry->cutoff, expand->end,
                                     expand->shape);
    }

    return rc;
}


static void
trv_expand_put(trv_expand_t *expand, const trv_expand_zone_t *zone,
    unsigned max)
{
    uint32_t           i, n, end;
    trv_expand_rule_t  rule[TRV_EXPAND_GROUP];

    end = expand->total - expand->done > max ? expand->done + max
                                             : expand->total;

    while (expand->done < end) {
        n = end - expand->done;

        if (n > TRV_EXPAND_GROUP) {
            n = TRV_EXPAND_GROUP;
        }

        for (i = 0; i < n; i++) {
            trv_expand_next(expand, zone, &rule[i]);
            trv_writer_prefetch(zone->writer, rule[i].fp);
        }

        for (i = 0; i < n; i++) {
            trv_expand_apply(expand, zone, &rule[i]);
        }
    }
}


/* the next rule; the last field changes fastest */

static void
trv_expand_next(trv_expand_t *expand, const trv_expand_zone_t *zone,
    trv_expand_rule_t *rule)
{
    int                  i;
    trv_value_t          values[TRV_SHAPE_FIELDS];
    trv_expand_field_t  *field;

    if (expand->alone) {
        rule->fp = trv_rule_token(zone->table,
                                  expand->entry->tokens[expand->done++]);
        rule->lift = rule->fp;
        return;
    }

    for (i = 0; i < (int) expand->n; i++) {
        field = expand->order[i];
        values[i] = expand->values[field->start + field->at];
    }

    for (i = (int) expand->n - 1; i >= 0; i--) {
        field = expand->order[i];

        if (++field->at < field->n) {
            break;
        }

        field->at = 0;
    }

    expand->done++;

    rule->fp = trv_match_fingerprint(zone->table, expand->shape, values,
                                     expand->n);

    if (zone->mode != TRV_EXPAND_APPLY) {
        rule->lift = trv_match_fingerprint(zone->table, expand->kind, values,
                                           expand->n);
    }
}


static trv_rc_t
trv_expand_done(trv_expand_t *expand, trv_rc_t rc)
{
    expand->phase = TRV_EXPAND_DONE;
    expand->rc = rc;

    return rc;
}


unsigned
trv_expand_shape(const trv_expand_t *expand, int *isnew)
{
    *isnew = expand->isnew;

    return expand->shape;
}
