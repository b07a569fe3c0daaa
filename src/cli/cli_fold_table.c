
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The memory of a fold.
 */


#include <stdlib.h>
#include <string.h>

#include "cli_fold_table.h"


#define CLI_TABLE_FIRST  1024
#define CLI_OVER_FIRST   64


static cli_slot_t *cli_table_probe(cli_slot_t *slots, size_t nslots,
    cli_digest_t digest);
static trv_rc_t cli_table_grow(cli_table_t *table);
static int cli_table_cmp(const void *one, const void *two);
static int cli_table_free_slot(const cli_slot_t *slot);


void
cli_table_free(cli_table_t *table)
{
    size_t  i;

    for (i = 0; i < table->nslots; i++) {
        cli_table_drop(table, table->slots[i].kept[0]);
        cli_table_drop(table, table->slots[i].kept[1]);
    }

    for (i = 0; i < table->nover; i++) {
        cli_table_drop(table, table->over[i]);
    }

    free(table->slots);
    free(table->over);

    memset(table, 0, sizeof(cli_table_t));
}


cli_slot_t *
cli_table_find(const cli_table_t *table, cli_digest_t digest)
{
    cli_slot_t  *slot;

    if (table->nslots == 0) {
        return NULL;
    }

    slot = cli_table_probe(table->slots, table->nslots, digest);

    return cli_table_free_slot(slot) ? NULL : slot;
}


cli_slot_t *
cli_table_slot(cli_table_t *table, cli_digest_t digest)
{
    cli_slot_t  *slot;

    if (table->used * 4 >= table->nslots * 3 && cli_table_grow(table) != TRV_OK)
    {
        return NULL;
    }

    slot = cli_table_probe(table->slots, table->nslots, digest);

    if (cli_table_free_slot(slot)) {
        slot->digest = digest;
        table->used++;
    }

    return slot;
}


static int
cli_table_free_slot(const cli_slot_t *slot)
{
    return (slot->digest.w[0] | slot->digest.w[1]) == 0;
}


/* the slot with this digest, or the free one where it belongs */

static cli_slot_t *
cli_table_probe(cli_slot_t *slots, size_t nslots, cli_digest_t digest)
{
    size_t  i;

    i = (size_t) digest.w[0] & (nslots - 1);

    while (!cli_table_free_slot(&slots[i])
           && memcmp(&slots[i].digest, &digest, sizeof(digest)) != 0)
    {
        i = (i + 1) & (nslots - 1);
    }

    return &slots[i];
}


static trv_rc_t
cli_table_grow(cli_table_t *table)
{
    size_t       i, n;
    cli_slot_t  *slots;

    n = table->nslots == 0 ? CLI_TABLE_FIRST : table->nslots * 2;
    slots = calloc(n, sizeof(cli_slot_t));

    if (slots == NULL) {
        return TRV_NOMEM;
    }

    for (i = 0; i < table->nslots; i++) {
        if (!cli_table_free_slot(&table->slots[i])) {
            *cli_table_probe(slots, n, table->slots[i].digest)
                = table->slots[i];
        }
    }

    free(table->slots);
    table->slots = slots;
    table->nslots = n;

    return TRV_OK;
}


cli_kept_t *
cli_table_keep(cli_table_t *table, unsigned nparts, const cli_part_t *parts,
    cli_source_t *source)
{
    size_t       size;
    uint8_t     *p;
    unsigned     i;
    cli_kept_t  *kept;

    size = sizeof(cli_kept_t) + nparts * sizeof(cli_part_t);

    for (i = 0; i < nparts; i++) {
        size += parts[i].selector.name.len + parts[i].value.len;
    }

    kept = malloc(size);

    if (kept == NULL) {
        return NULL;
    }

    memset(kept, 0, sizeof(cli_kept_t));

    kept->source = source;
    kept->number = ++table->number;
    kept->nparts = nparts;
    kept->parts = (cli_part_t *) (kept + 1);

    p = (uint8_t *) (kept->parts + nparts);

    for (i = 0; i < nparts; i++) {
        kept->parts[i] = parts[i];

        if (parts[i].selector.name.len != 0) {
            memcpy(p, parts[i].selector.name.data, parts[i].selector.name.len);
        }

        kept->parts[i].selector.name.data = p;
        p += parts[i].selector.name.len;

        if (parts[i].value.len != 0) {
            memcpy(p, parts[i].value.data, parts[i].value.len);
        }

        kept->parts[i].value.data = p;
        p += parts[i].value.len;
    }

    source->uses++;
    table->rules++;

    return kept;
}


void
cli_table_drop(cli_table_t *table, cli_kept_t *kept)
{
    if (kept != NULL) {
        cli_source_release(kept->source);
        free(kept);
        table->rules--;
    }
}


trv_rc_t
cli_table_over(cli_table_t *table, cli_kept_t *kept)
{
    size_t   size;
    void    *over;

    if (table->nover == table->over_size) {
        size = table->over_size == 0 ? CLI_OVER_FIRST : 2 * table->over_size;
        over = realloc(table->over, size * sizeof(cli_kept_t *));

        if (over == NULL) {
            cli_table_drop(table, kept);
            return TRV_NOMEM;
        }

        table->over = over;
        table->over_size = size;
    }

    table->over[table->nover++] = kept;

    return TRV_OK;
}


cli_kept_t **
cli_table_sorted(const cli_table_t *table, size_t *n)
{
    size_t        i, k;
    cli_kept_t  **all;

    all = calloc((size_t) table->rules + 1, sizeof(cli_kept_t *));

    if (all == NULL) {
        return NULL;
    }

    *n = 0;

    for (i = 0; i < table->nslots; i++) {
        for (k = 0; k < 2; k++) {
            if (table->slots[i].kept[k] != NULL) {
                all[(*n)++] = table->slots[i].kept[k];
            }
        }
    }

    for (i = 0; i < table->nover; i++) {
        all[(*n)++] = table->over[i];
    }

    qsort(all, *n, sizeof(cli_kept_t *), cli_table_cmp);

    return all;
}


static int
cli_table_cmp(const void *one, const void *two)
{
    int                rc;
    const cli_kept_t  *a, *b;

    a = *(cli_kept_t *const *) one;
    b = *(cli_kept_t *const *) two;

    rc = trv_id_cmp(a->source->id, b->source->id);

    return rc != 0 ? rc : a->number < b->number ? -1 : a->number > b->number;
}


cli_source_t *
cli_source_create(const cli_entry_t *entry)
{
    cli_source_t  *source;

    source = malloc(sizeof(cli_source_t) + entry->reason.len + entry->by.len);

    if (source == NULL) {
        return NULL;
    }

    source->uses = 1;
    source->id = entry->entry->id;
    source->reason_len = entry->reason.len;
    source->by_len = entry->by.len;

    if (entry->reason.len != 0) {
        memcpy(source->text, entry->reason.data, entry->reason.len);
    }

    if (entry->by.len != 0) {
        memcpy(source->text + entry->reason.len, entry->by.data,
               entry->by.len);
    }

    return source;
}


void
cli_source_release(cli_source_t *source)
{
    if (source != NULL && --source->uses == 0) {
        free(source);
    }
}
