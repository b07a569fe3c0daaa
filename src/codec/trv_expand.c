
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * From an entry to its rules: what they are.
 */


#include "trv_expand_private.h"
#include "trv_memory.h"


static trv_rc_t trv_expand_collect(trv_expand_t *expand,
    const trv_expand_zone_t *zone);
static trv_rc_t trv_expand_field(trv_expand_t *expand,
    const trv_expand_zone_t *zone, trv_str_t name, trv_expand_field_t **field);
static trv_rc_t trv_expand_add(trv_expand_t *expand,
    const trv_selector_t *selector, unsigned *index);
static void trv_expand_order(trv_expand_t *expand);
static trv_rc_t trv_expand_count(trv_expand_t *expand);
static trv_rc_t trv_expand_room(trv_expand_t *expand);


trv_expand_t *
trv_expand_create(void)
{
    trv_expand_t  *expand;

    expand = trv_alloc(sizeof(trv_expand_t));

    if (expand == NULL) {
        return NULL;
    }

    memset(expand, 0, sizeof(trv_expand_t));

    expand->phase = TRV_EXPAND_DONE;

    return expand;
}


void
trv_expand_destroy(trv_expand_t *expand)
{
    if (expand == NULL) {
        return;
    }

    trv_free(expand->values);
    trv_free(expand);
}


trv_rc_t
trv_expand_begin(trv_expand_t *expand, const trv_expand_zone_t *zone,
    const trv_entry_t *entry)
{
    trv_rc_t    rc;
    trv_term_t  term;

    expand->entry = entry;
    expand->phase = TRV_EXPAND_DONE;
    expand->rc = TRV_OK;
    expand->nnames = 0;
    expand->nfields = 0;
    expand->n = 0;
    expand->shape = TRV_SHAPE_TOKEN;
    expand->kind = 0;
    expand->isnew = 0;
    expand->alone = 0;
    expand->hashed = 0;
    expand->done = 0;
    expand->total = 0;

    if (entry->refused || entry->action == TRV_ACTION_ACCEPT) {
        return TRV_OK;
    }

    if (zone->mode == TRV_EXPAND_COLLECT
        && entry->action == TRV_ACTION_REVOKE
        && trv_lifted_count(zone->lifted) == 0)
    {
        return TRV_OK;
    }

    rc = trv_expand_collect(expand, zone);

    if (rc != TRV_OK || expand->nfields == 0) {
        return rc;
    }

    trv_expand_order(expand);

    expand->end = trv_entry_end(entry, zone->retain);

    rc = trv_expand_count(expand);

    if (rc != TRV_OK) {
        return rc;
    }

    term = trv_term_make(entry->cutoff, expand->end, TRV_SHAPE_TOKEN);

    /* what has ended already revokes nothing, and lifts nothing either */

    if (entry->action == TRV_ACTION_REVOKE && trv_term_dead(term, zone->now)) {
        return TRV_OK;
    }

    rc = trv_expand_room(expand);

    if (rc != TRV_OK) {
        return rc;
    }

    expand->phase = expand->alone ? TRV_EXPAND_PUT : TRV_EXPAND_HASH;

    return TRV_OK;
}


/* the fields of the match, and how many values each of them has */

static trv_rc_t
trv_expand_collect(trv_expand_t *expand, const trv_expand_zone_t *zone)
{
    uint32_t             i;
    trv_rc_t             rc;
    unsigned             index;
    trv_selector_t       token;
    const trv_entry_t   *entry;
    trv_expand_field_t  *field;

    entry = expand->entry;

    if (entry->ntokens != 0) {
        memset(&token, 0, sizeof(trv_selector_t));
        token.origin = TRV_FROM_TOKEN;

        (void) trv_expand_add(expand, &token, &index);

        expand->field[index].n = entry->ntokens;
    }

    for (i = 0; i < entry->npairs; i++) {
        rc = trv_expand_field(expand, zone, entry->pairs[i].name, &field);

        if (rc != TRV_OK) {
            expand->nfields = 0;
            return rc;
        }

        if (field->n++ == 0) {
            field->first = entry->pairs[i].value;
        }
    }

    return TRV_OK;
}


/* the field of a name, resolved when it is met first */

static trv_rc_t
trv_expand_field(trv_expand_t *expand, const trv_expand_zone_t *zone,
    trv_str_t name, trv_expand_field_t **field)
{
    trv_rc_t            rc;
    trv_selector_t      selector;
    trv_expand_name_t  *known;

    *field = trv_expand_known(expand, name);

    if (*field != NULL) {
        return TRV_OK;
    }

    if (expand->nnames == TRV_ENTRY_FIELDS) {
        return TRV_LIMIT;
    }

    rc = trv_selector_resolve(name, zone->attributes, zone->nattributes,
                              &selector);

    if (rc != TRV_OK) {
        return rc;
    }

    known = &expand->names[expand->nnames];

    rc = trv_expand_add(expand, &selector, &known->field);

    if (rc != TRV_OK) {
        return rc;
    }

    known->text = name;
    expand->nnames++;

    *field = &expand->field[known->field];

    return TRV_OK;
}


/*
 * An entry has each of its names once in memory, so with thousands of pairs
 * comparing addresses is enough nearly always.
 */

trv_expand_field_t *
trv_expand_known(trv_expand_t *expand, trv_str_t name)
{
    unsigned                  i;
    const trv_expand_name_t  *known;

    for (i = 0; i < expand->nnames; i++) {
        known = &expand->names[i];

        if (known->text.data == name.data && known->text.len == name.len) {
            return &expand->field[known->field];
        }
    }

    for (i = 0; i < expand->nnames; i++) {
        known = &expand->names[i];

        if (trv_str_eq(known->text, name)) {
            return &expand->field[known->field];
        }
    }

    return NULL;
}


/* two names may mean the same: their values are ORed */

static trv_rc_t
trv_expand_add(trv_expand_t *expand, const trv_selector_t *selector,
    unsigned *index)
{
    unsigned             i;
    trv_expand_field_t  *field;

    for (i = 0; i < expand->nfields; i++) {
        if (trv_selector_cmp(&expand->field[i].selector, selector) == 0) {
            *index = i;
            return TRV_OK;
        }
    }

    if (expand->nfields == TRV_ENTRY_FIELDS) {
        return TRV_LIMIT;
    }

    field = &expand->field[expand->nfields];

    memset(field, 0, sizeof(trv_expand_field_t));
    field->selector = *selector;

    *index = expand->nfields++;

    return TRV_OK;
}


static void
trv_expand_order(trv_expand_t *expand)
{
    unsigned  i, j;

    for (i = 0; i < expand->nfields; i++) {
        expand->selector[i] = expand->field[i].selector;
    }

    expand->n = trv_shape_normalize(expand->selector, expand->nfields);

    for (i = 0; i < expand->n; i++) {
        for (j = 0; j < expand->nfields; j++) {
            if (trv_selector_cmp(&expand->selector[i],
                                 &expand->field[j].selector)
                == 0)
            {
                expand->order[i] = &expand->field[j];
            }
        }
    }

    expand->alone = expand->n == 1
                    && expand->selector[0].origin == TRV_FROM_TOKEN;
}


/* how many rules; the value of "all" is ignored, so it has one */

static trv_rc_t
trv_expand_count(trv_expand_t *expand)
{
    unsigned  i;
    uint64_t  total;

    total = 1;

    for (i = 0; i < expand->n; i++) {

        if (expand->selector[i].origin == TRV_FROM_ALL) {
            expand->order[i]->n = 1;
        }

        total *= expand->order[i]->n;

        if (total > TRV_EXPAND_RULES) {
            return TRV_LIMIT;
        }
    }

    expand->total = (uint32_t) total;

    return TRV_OK;
}


/* for the values of all fields of the shape */

static trv_rc_t
trv_expand_room(trv_expand_t *expand)
{
    void      *values;
    uint32_t   i, n;

    if (expand->alone) {
        return TRV_OK;
    }

    n = 0;

    for (i = 0; i < expand->n; i++) {
        expand->order[i]->start = n;
        n += expand->order[i]->n;
    }

    if (n > expand->values_size) {
        values = trv_realloc(expand->values, n * sizeof(trv_value_t));

        if (values == NULL) {
            return TRV_NOMEM;
        }

        expand->values = values;
        expand->values_size = n;
    }

    /* that of "all" */

    memset(expand->values, 0, sizeof(trv_value_t));

    return TRV_OK;
}
