
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Answers about the log that give no entries: XINFO STREAM and XRANGE.
 */


#include "trv_item.h"


static void trv_item_info_name(trv_reader_t *reader, trv_str_t name);
static int trv_item_info_value(trv_reader_t *reader, const trv_item_t *item);
static int trv_item_info_id(trv_reader_t *reader, const trv_item_t *item);
static int trv_item_info_pair(trv_reader_t *reader, const trv_item_t *item);
static int trv_item_found(trv_reader_t *reader, const trv_item_t *item);


/* those that every version has: without them nothing can be confirmed */

#define TRV_XINFO_NEEDED                                                      \
    ((1 << TRV_XINFO_LENGTH) | (1 << TRV_XINFO_LAST_GENERATED)                \
     | (1 << TRV_XINFO_FIRST_ENTRY) | (1 << TRV_XINFO_LAST_ENTRY))


static const trv_str_t  trv_xinfo_names[TRV_XINFO_OTHER] = {
    [TRV_XINFO_LENGTH] = trv_string("length"),
    [TRV_XINFO_LAST_GENERATED] = trv_string("last-generated-id"),
    [TRV_XINFO_FIRST_ENTRY] = trv_string("first-entry"),
    [TRV_XINFO_LAST_ENTRY] = trv_string("last-entry"),
    [TRV_XINFO_ENTRIES_ADDED] = trv_string("entries-added"),
    [TRV_XINFO_MAX_DELETED] = trv_string("max-deleted-entry-id"),
};


trv_rc_t
trv_item_xinfo(trv_reader_t *reader, const trv_item_t *item)
{
    int  expected;

    switch (item->depth) {

    case 0:
        expected = item->type == REDIS_REPLY_ARRAY;
        break;

    case 1:
        if (item->index % 2 == 0) {
            expected = trv_item_string(item);
            trv_item_info_name(reader, item->text);
            break;
        }

        expected = trv_item_info_value(reader, item);
        break;

    case 2:
        expected = item->index != 0 || trv_item_info_id(reader, item);
        break;

    case 3:
        expected = trv_item_info_pair(reader, item);
        break;

    default:
        expected = 1;
    }

    return trv_item_expected(reader, expected);
}


static void
trv_item_info_name(trv_reader_t *reader, trv_str_t name)
{
    trv_xinfo_t  info;

    for (info = 0; info < TRV_XINFO_OTHER; info++) {
        if (trv_str_eq(name, trv_xinfo_names[info])) {
            break;
        }
    }

    reader->info = info;
}


static int
trv_item_info_value(trv_reader_t *reader, const trv_item_t *item)
{
    trv_id_t      *id;
    trv_answer_t  *answer;

    answer = &reader->answer;

    switch (reader->info) {

    case TRV_XINFO_LENGTH:
    case TRV_XINFO_ENTRIES_ADDED:

        if (item->type != REDIS_REPLY_INTEGER || item->number < 0) {
            return 0;
        }

        if (reader->info == TRV_XINFO_LENGTH) {
            answer->length = (uint64_t) item->number;

        } else {
            answer->entries_added = (uint64_t) item->number;
        }

        break;

    case TRV_XINFO_LAST_GENERATED:
    case TRV_XINFO_MAX_DELETED:

        id = reader->info == TRV_XINFO_MAX_DELETED ? &answer->max_deleted
                                                   : &answer->last_generated;

        if (!trv_item_string(item) || trv_id_parse(item->text, id) != TRV_OK) {
            return 0;
        }

        break;

    case TRV_XINFO_FIRST_ENTRY:
    case TRV_XINFO_LAST_ENTRY:

        /* seen when its ID is there; nil is 0-0 */

        if (item->type != REDIS_REPLY_NIL) {
            return trv_item_array(item, 2);
        }

        break;

    case TRV_XINFO_OTHER:
        return 1;
    }

    reader->seen |= 1U << reader->info;

    return 1;
}


/* the first item of an array that is a value: of interest if it is an ID */

static int
trv_item_info_id(trv_reader_t *reader, const trv_item_t *item)
{
    trv_id_t  *id;

    if (reader->info == TRV_XINFO_FIRST_ENTRY) {
        id = &reader->answer.first_entry;

    } else if (reader->info == TRV_XINFO_LAST_ENTRY) {
        id = &reader->answer.last_entry;

    } else {
        return 1;
    }

    if (!trv_item_string(item) || trv_id_parse(item->text, id) != TRV_OK) {
        return 0;
    }

    trv_sum_clear(&reader->sum);
    reader->seen |= 1U << reader->info;

    return 1;
}


/* a name or a value of the first or the last entry */

static int
trv_item_info_pair(trv_reader_t *reader, const trv_item_t *item)
{
    uint64_t  *digest;

    if (reader->info == TRV_XINFO_FIRST_ENTRY) {
        digest = &reader->answer.first_digest;

    } else if (reader->info == TRV_XINFO_LAST_ENTRY) {
        digest = &reader->answer.last_digest;

    } else {
        return 1;
    }

    if (!trv_item_string(item)) {
        return 0;
    }

    trv_sum_add(&reader->sum, item->text);

    if (item->last) {
        *digest = trv_sum_value(&reader->sum);
    }

    return 1;
}


int
trv_item_xinfo_complete(const trv_reader_t *reader)
{
    return (reader->seen & TRV_XINFO_NEEDED) == TRV_XINFO_NEEDED;
}


trv_rc_t
trv_item_xrange(trv_reader_t *reader, const trv_item_t *item)
{
    int  expected;

    switch (item->depth) {

    case 0:
        expected = trv_item_array(item, 0) || trv_item_array(item, 1);
        break;

    case 1:
        expected = trv_item_array(item, 2);
        break;

    case 2:
        expected = trv_item_found(reader, item);
        break;

    case 3:
        expected = trv_item_string(item);

        if (expected) {
            trv_sum_add(&reader->sum, item->text);
            reader->answer.digest = trv_sum_value(&reader->sum);
        }

        break;

    default:
        expected = 0;
    }

    return trv_item_expected(reader, expected);
}


/* the ID of the entry, or the list of its pairs */

static int
trv_item_found(trv_reader_t *reader, const trv_item_t *item)
{
    if (item->index != 0) {
        return item->type == REDIS_REPLY_ARRAY;
    }

    if (!trv_item_string(item)
        || trv_id_parse(item->text, &reader->answer.last) != TRV_OK)
    {
        return 0;
    }

    trv_sum_clear(&reader->sum);
    reader->answer.entries = 1;

    return 1;
}
