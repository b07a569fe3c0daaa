
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What is done about one rule, when the log is read for the first time and
 * when it is read again.
 */


#include "trv_expand_private.h"


static void trv_expand_collect_rule(trv_expand_t *expand,
    const trv_expand_zone_t *zone, const trv_expand_rule_t *rule);
static int trv_expand_skips(const trv_expand_t *expand,
    const trv_expand_zone_t *zone, const trv_expand_rule_t *rule);


/*
 * A rule that does not fit is remembered and the others go on: each one that
 * is in the table is refused for certain.
 */

void
trv_expand_apply(trv_expand_t *expand, const trv_expand_zone_t *zone,
    const trv_expand_rule_t *rule)
{
    if (zone->mode == TRV_EXPAND_COLLECT) {
        trv_expand_collect_rule(expand, zone, rule);
        return;
    }

    if (zone->mode == TRV_EXPAND_REPLAY
        && trv_expand_skips(expand, zone, rule))
    {
        return;
    }

    if (expand->entry->action == TRV_ACTION_RESTORE) {
        (void) trv_writer_remove(zone->writer, rule->fp, expand->shape);
        return;
    }

    if (trv_writer_put(zone->writer, rule->fp, expand->term) != TRV_OK) {
        expand->rc = TRV_FULL;
    }
}


/* one that is too many is not remembered: it is in force until its restore */

static void
trv_expand_collect_rule(trv_expand_t *expand, const trv_expand_zone_t *zone,
    const trv_expand_rule_t *rule)
{
    if (expand->entry->action == TRV_ACTION_REVOKE) {
        trv_lifted_again(zone->lifted, rule->lift);
        return;
    }

    if (trv_lifted_add(zone->lifted, rule->lift, expand->entry->id)
        == TRV_NOMEM)
    {
        expand->rc = TRV_NOMEM;
    }
}


/*
 *     revocation before the last restore     it is lifted
 *     restore before the last one            the last one will do
 *     restore, and revoked again after it    the rule is not taken away, not
 *                                            even for a moment
 *
 * If that restore was not applied before, the rule that it lifts goes when the
 * one that comes again is put: they need not be the same.
 */

static int
trv_expand_skips(const trv_expand_t *expand, const trv_expand_zone_t *zone,
    const trv_expand_rule_t *rule)
{
    trv_id_t     id;
    trv_lift_t  *lift;

    lift = trv_lifted_find(zone->lifted, rule->lift);

    if (lift == NULL) {
        return 0;
    }

    id = expand->entry->id;

    if (trv_id_cmp(id, lift->id) < 0) {
        return 1;
    }

    if (expand->entry->action == TRV_ACTION_RESTORE) {
        return lift->again && trv_id_cmp(id, lift->id) == 0;
    }

    if (lift->again && trv_id_cmp(lift->id, zone->seen) > 0) {
        lift->again = 0;
        (void) trv_writer_remove(zone->writer, rule->fp, expand->shape);
    }

    return 0;
}


uint64_t
trv_expand_kind(const trv_expand_t *expand, const trv_table_t *table)
{
    unsigned     i;
    size_t       len;
    uint8_t      text[TRV_SELECTOR_TEXT_LEN];
    trv_str_t    part;
    trv_value_t  value;
    uint64_t     kind;

    kind = 0;

    for (i = 0; i < expand->n; i++) {
        len = trv_selector_text(&expand->selector[i], text);

        part.data = text;
        part.len = len;

        value = trv_match_value(table, part);

        kind = kind * UINT64_C(0x9e3779b97f4a7c15) + value.w[0];
    }

    return kind;
}
