
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * An answer of Redis, item by item.
 */


#include "trv_item.h"


static trv_rc_t trv_item_first(trv_reader_t *reader, const trv_item_t *item);
static trv_rc_t trv_item_any(trv_reader_t *reader, const trv_item_t *item);
static trv_rc_t trv_item_xread(trv_reader_t *reader, const trv_item_t *item);
static trv_rc_t trv_item_entry(trv_reader_t *reader, const trv_item_t *item);
static trv_rc_t trv_item_pair(trv_reader_t *reader, const trv_item_t *item);
static trv_rc_t trv_item_entry_end(trv_reader_t *reader);
static trv_rc_t trv_item_xinfo(trv_reader_t *reader, const trv_item_t *item);
static void trv_item_info_name(trv_reader_t *reader, trv_str_t name);
static int trv_item_info_value(trv_reader_t *reader, const trv_item_t *item);
static int trv_item_info_id(trv_reader_t *reader, const trv_item_t *item);
static int trv_item_string(const trv_item_t *item);
static int trv_item_array(const trv_item_t *item, int64_t len);
static trv_rc_t trv_item_unexpected(trv_reader_t *reader);
static void trv_item_error(trv_answer_t *answer, trv_str_t text);


/* those that every version has: without them nothing can be confirmed */

#define TRV_XINFO_NEEDED                                                       \
    ((1 << TRV_XINFO_LENGTH) | (1 << TRV_XINFO_LAST_GENERATED)                \
     | (1 << TRV_XINFO_FIRST_ENTRY) | (1 << TRV_XINFO_LAST_ENTRY))


static const trv_str_t  trv_xinfo_names[TRV_XINFO_OTHER] = {
    [TRV_XINFO_LENGTH] = trv_string("length"),
    [TRV_XINFO_LAST_GENERATED] = trv_string("last-generated-id"),
    [TRV_XINFO_FIRST_ENTRY] = trv_string("first-entry"),
    [TRV_XINFO_LAST_ENTRY] = trv_string("last-entry"),
    [TRV_XINFO_ENTRIES_ADDED] = trv_string("entries-added"),
};


typedef trv_rc_t (*trv_item_pt)(trv_reader_t *reader, const trv_item_t *item);


static const trv_item_pt  trv_items[TRV_ASK_NKINDS] = {
    [TRV_ASK_ANY] = trv_item_any,
    [TRV_ASK_XREAD] = trv_item_xread,
    [TRV_ASK_XINFO] = trv_item_xinfo,
};


static const trv_str_t  trv_item_unexpecteds[TRV_ASK_NKINDS] = {
    [TRV_ASK_ANY] = trv_string("unexpected answer"),
    [TRV_ASK_XREAD] = trv_string("unexpected answer to XREAD"),
    [TRV_ASK_XINFO] = trv_string("unexpected answer to XINFO STREAM"),
};


trv_rc_t
trv_item_take(trv_reader_t *reader, const trv_item_t *item)
{
    trv_rc_t  rc;

    if (item->depth == 0) {
        rc = trv_item_first(reader, item);

        if (rc != TRV_OK) {
            return rc;
        }
    }

    /* an error or a surprise: the rest of the answer is passed over */

    if (reader->answer.type != TRV_ANSWER_OK) {
        return TRV_OK;
    }

    return trv_items[reader->answer.ask](reader, item);
}


static trv_rc_t
trv_item_first(trv_reader_t *reader, const trv_item_t *item)
{
    trv_answer_t  *answer;

    if (reader->nasks == 0) {
        return TRV_MALFORMED;
    }

    answer = &reader->answer;

    memset(answer, 0, sizeof(trv_answer_t));

    answer->ask = reader->asks[reader->first];

    reader->seen = 0;

    if (item->type == REDIS_REPLY_ERROR) {
        answer->type = TRV_ANSWER_ERROR;
        trv_item_error(answer, item->text);
    }

    return TRV_OK;
}


void
trv_item_finish(trv_reader_t *reader)
{
    trv_answer_t  *answer;

    answer = &reader->answer;

    if (answer->type == TRV_ANSWER_OK && answer->ask == TRV_ASK_XINFO
        && (reader->seen & TRV_XINFO_NEEDED) != TRV_XINFO_NEEDED)
    {
        (void) trv_item_unexpected(reader);
    }
}


static trv_rc_t
trv_item_any(trv_reader_t *reader, const trv_item_t *item)
{
    (void) reader;
    (void) item;

    return TRV_OK;
}


static trv_rc_t
trv_item_xread(trv_reader_t *reader, const trv_item_t *item)
{
    int  expected;

    switch (item->depth) {

    case 0:
        if (item->type == REDIS_REPLY_NIL || trv_item_array(item, 0)) {
            reader->answer.type = TRV_ANSWER_NIL;
            return TRV_OK;
        }

        expected = trv_item_array(item, 1);
        break;

    case 1:
        expected = trv_item_array(item, 2);
        break;

    case 2:
        expected = item->index == 0 ? trv_item_string(item)
                                    : item->type == REDIS_REPLY_ARRAY;
        break;

    case 3:
        expected = trv_item_array(item, 2);
        break;

    case 4:
        return trv_item_entry(reader, item);

    case 5:
        return trv_item_pair(reader, item);

    default:
        expected = 0;
    }

    return expected ? TRV_OK : trv_item_unexpected(reader);
}


/* the ID of an entry, or the list of its pairs */

static trv_rc_t
trv_item_entry(trv_reader_t *reader, const trv_item_t *item)
{
    if (item->index == 0) {

        if (!trv_item_string(item)
            || trv_id_parse(item->text, &reader->id) != TRV_OK)
        {
            return trv_item_unexpected(reader);
        }

        return trv_batch_begin(reader->batch, reader->id);
    }

    /*
     * An entry that was deleted while it was read has nil for its pairs.  It
     * is an entry without a match: seen, counted, and the position moves on.
     */

    if (item->type == REDIS_REPLY_NIL || trv_item_array(item, 0)) {
        return trv_item_entry_end(reader);
    }

    return item->type == REDIS_REPLY_ARRAY ? TRV_OK
                                           : trv_item_unexpected(reader);
}


static trv_rc_t
trv_item_pair(trv_reader_t *reader, const trv_item_t *item)
{
    trv_rc_t  rc;

    if (!trv_item_string(item)) {
        return trv_item_unexpected(reader);
    }

    if (item->index % 2 == 0) {
        rc = trv_batch_name(reader->batch, item->text);

    } else {
        rc = trv_batch_value(reader->batch, item->text);
    }

    if (rc != TRV_OK || !item->last) {
        return rc;
    }

    return trv_item_entry_end(reader);
}


static trv_rc_t
trv_item_entry_end(trv_reader_t *reader)
{
    trv_rc_t  rc;

    rc = trv_batch_finish(reader->batch, reader->now);

    if (rc != TRV_OK) {
        return rc;
    }

    reader->answer.entries++;
    reader->answer.last = reader->id;

    return TRV_OK;
}


static trv_rc_t
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

    default:
        expected = 1;
    }

    return expected ? TRV_OK : trv_item_unexpected(reader);
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

        if (!trv_item_string(item)
            || trv_id_parse(item->text, &answer->last_generated) != TRV_OK)
        {
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

    reader->seen |= 1U << reader->info;

    return 1;
}


static int
trv_item_string(const trv_item_t *item)
{
    return item->type == REDIS_REPLY_STRING
           || item->type == REDIS_REPLY_STATUS;
}


static int
trv_item_array(const trv_item_t *item, int64_t len)
{
    return item->type == REDIS_REPLY_ARRAY && item->number == len;
}


/* an entry that is being read stays unfinished, and is forgotten */

static trv_rc_t
trv_item_unexpected(trv_reader_t *reader)
{
    trv_answer_t  *answer;

    answer = &reader->answer;

    answer->type = TRV_ANSWER_UNEXPECTED;
    trv_item_error(answer, trv_item_unexpecteds[answer->ask]);

    return TRV_OK;
}


/* goes to a log and to a terminal: printable ASCII only */

static void
trv_item_error(trv_answer_t *answer, trv_str_t text)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < text.len && i < sizeof(answer->error) - 1; i++) {
        c = text.data[i];
        answer->error[i] = (c >= ' ' && c <= '~') ? (char) c : '?';
    }

    answer->error[i] = '\0';
}
