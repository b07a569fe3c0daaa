
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Entries that are not full yet, one for each end.  Which entry a value is in
 * depends on the file and on the day alone: the same file makes the same ones.
 */


#include <stdlib.h>
#include <string.h>

#include "cli_import.h"


static trv_rc_t cli_import_group_room(cli_import_entry_t *entry, size_t len);
static unsigned cli_import_group_oldest(const cli_import_t *im);
static trv_rc_t cli_import_group_write(cli_import_t *im, unsigned i,
    uint64_t line);
static trv_rc_t cli_import_group_open(cli_import_t *im, int64_t end,
    unsigned *i);
static trv_rc_t cli_import_group_put(cli_import_entry_t *entry,
    const void *text, size_t len, uint64_t line);
static trv_rc_t cli_import_group_split(cli_import_t *im);


/*
 * An entry that is full waits for the next value of its end, so that there is
 * one left to carry the nonce when the file ends.
 */

trv_rc_t
cli_import_add(cli_import_t *im, int64_t end, const void *text, size_t len)
{
    trv_rc_t  rc;
    unsigned  i;

    for (i = 0; i < im->ngroups; i++) {
        if (im->ends[i] == end) {
            break;
        }
    }

    if (i < im->ngroups
        && (im->group[i]->n == im->o->batch
            || im->group[i]->used + len > CLI_IMPORT_BYTES))
    {
        rc = cli_import_group_write(im, i, im->record->line);

        if (rc != TRV_OK) {
            return rc;
        }

        i = im->ngroups;
    }

    if (i == im->ngroups) {
        rc = cli_import_group_open(im, end, &i);

        if (rc != TRV_OK) {
            return rc;
        }
    }

    return cli_import_group_put(im->group[i], text, len, im->record->line);
}


static trv_rc_t
cli_import_group_put(cli_import_entry_t *entry, const void *text, size_t len,
    uint64_t line)
{
    if (cli_import_group_room(entry, len) != TRV_OK) {
        return TRV_NOMEM;
    }

    memcpy(entry->text + entry->used, text, len);

    entry->used += len;
    entry->len[entry->n++] = len;
    entry->last = line;

    return TRV_OK;
}


static trv_rc_t
cli_import_group_open(cli_import_t *im, int64_t end, unsigned *i)
{
    trv_rc_t             rc;
    cli_import_entry_t  *entry;

    if (im->ngroups == CLI_IMPORT_GROUPS) {
        rc = cli_import_group_write(im, cli_import_group_oldest(im),
                                    im->record->line);

        if (rc != TRV_OK) {
            return rc;
        }
    }

    entry = im->spare;

    if (entry != NULL) {
        im->spare = entry->next;

    } else {
        entry = calloc(1, sizeof(cli_import_entry_t));
        if (entry == NULL) {
            return TRV_NOMEM;
        }
    }

    entry->end = end;
    entry->first = im->record->line;
    entry->ack = NULL;
    entry->n = 0;
    entry->used = 0;

    *i = im->ngroups++;

    im->ends[*i] = end;
    im->group[*i] = entry;

    return TRV_OK;
}


static trv_rc_t
cli_import_group_room(cli_import_entry_t *entry, size_t len)
{
    char      *text;
    size_t     room, *lens;
    unsigned   size;

    if (entry->n == entry->size) {
        size = entry->size == 0 ? 64 : entry->size * 2;

        lens = realloc(entry->len, size * sizeof(size_t));
        if (lens == NULL) {
            return TRV_NOMEM;
        }

        entry->len = lens;
        entry->size = size;
    }

    if (entry->used + len > entry->room) {
        room = (entry->used + len) * 2;

        text = realloc(entry->text, room);
        if (text == NULL) {
            return TRV_NOMEM;
        }

        entry->text = text;
        entry->room = room;
    }

    return TRV_OK;
}


/* there is at least one */

static unsigned
cli_import_group_oldest(const cli_import_t *im)
{
    unsigned  i, oldest;

    oldest = 0;

    for (i = 1; i < im->ngroups; i++) {
        if (im->group[i]->first < im->group[oldest]->first) {
            oldest = i;
        }
    }

    return oldest;
}


/*
 * "line" is the first one of which something may not have been added yet.
 * Answers come in order, so when this entry is confirmed all lines are done
 * but those that are in the entries left.
 */

static trv_rc_t
cli_import_group_write(cli_import_t *im, unsigned i, uint64_t line)
{
    unsigned             k;
    cli_import_entry_t  *entry;

    entry = im->group[i];

    im->ngroups--;
    im->group[i] = im->group[im->ngroups];
    im->ends[i] = im->ends[im->ngroups];

    for (k = 0; k < im->ngroups; k++) {
        if (im->group[k]->first < line) {
            line = im->group[k]->first;
        }
    }

    entry->done = line - 1;

    return cli_import_write(im, entry);
}


/*
 * One token with an end of its own at the top of the file must not keep all
 * lines behind it from being done.
 */

trv_rc_t
cli_import_add_old(cli_import_t *im)
{
    trv_rc_t  rc;
    unsigned  i;
    uint64_t  behind;

    behind = (uint64_t) im->o->batch * CLI_IMPORT_BEHIND;

    while (im->ngroups > 1) {
        i = cli_import_group_oldest(im);

        if (im->group[i]->first + behind >= im->line) {
            break;
        }

        rc = cli_import_group_write(im, i, im->line + 1);

        if (rc != TRV_OK) {
            return rc;
        }
    }

    return TRV_OK;
}


trv_rc_t
cli_import_add_rest(cli_import_t *im)
{
    trv_rc_t  rc;
    unsigned  i;

    while (im->ngroups > 0) {

        if (im->ngroups == 1 && im->group[0]->n > 1
            && cli_import_group_split(im) != TRV_OK)
        {
            return TRV_NOMEM;
        }

        i = cli_import_group_oldest(im);

        if (im->ngroups == 1 && im->o->wait != 0) {
            im->group[i]->ack = im->waiting.nonce;
            cli_wait_start(&im->waiting);
        }

        rc = cli_import_group_write(im, i, im->line + 1);

        if (rc != TRV_OK) {
            return rc;
        }
    }

    return TRV_OK;
}


/*
 * Redis repeats the last entry of the log to each edge that asks whether there
 * is more: it is one with the last value alone.
 */

static trv_rc_t
cli_import_group_split(cli_import_t *im)
{
    size_t               len;
    trv_rc_t             rc;
    unsigned             i;
    cli_import_entry_t  *entry;

    entry = im->group[0];

    rc = cli_import_group_open(im, entry->end, &i);

    if (rc != TRV_OK) {
        return rc;
    }

    len = entry->len[--entry->n];
    entry->used -= len;

    im->group[i]->first = entry->last;

    return cli_import_group_put(im->group[i], entry->text + entry->used, len,
                                entry->last);
}


void
cli_import_entry_free(cli_import_t *im, cli_import_entry_t *entry)
{
    entry->next = im->spare;
    im->spare = entry;
}


void
cli_import_groups_done(cli_import_t *im)
{
    unsigned             i;
    cli_import_entry_t  *entry;

    for (i = 0; i < im->ngroups; i++) {
        cli_import_entry_free(im, im->group[i]);
    }

    for (i = 0; i < im->nflights; i++) {
        cli_import_entry_free(im, im->flight[(im->first_flight + i)
                                             % CLI_IMPORT_FLIGHTS]);
    }

    im->ngroups = 0;
    im->nflights = 0;

    while (im->spare != NULL) {
        entry = im->spare;
        im->spare = entry->next;

        free(entry->len);
        free(entry->text);
        free(entry);
    }
}
