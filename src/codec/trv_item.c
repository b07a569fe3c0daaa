
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
static void trv_item_error(trv_answer_t *answer, trv_str_t text);


typedef trv_rc_t (*trv_item_pt)(trv_reader_t *reader, const trv_item_t *item);


static const trv_item_pt  trv_items[TRV_ASK_NKINDS] = {
    [TRV_ASK_ANY] = trv_item_any,
    [TRV_ASK_XREAD] = trv_item_xread,
    [TRV_ASK_XINFO] = trv_item_xinfo,
    [TRV_ASK_XRANGE] = trv_item_xrange,
    [TRV_ASK_TEXT] = trv_item_text,
    [TRV_ASK_TIME] = trv_item_time,
    [TRV_ASK_ADDRESS] = trv_item_address,
    [TRV_ASK_INTEGER] = trv_item_integer,
    [TRV_ASK_YESNO] = trv_item_yesno,
};


static const trv_str_t  trv_item_unexpecteds[TRV_ASK_NKINDS] = {
    [TRV_ASK_ANY] = trv_string("unexpected answer"),
    [TRV_ASK_XREAD] = trv_string("unexpected answer to XREAD"),
    [TRV_ASK_XINFO] = trv_string("unexpected answer to XINFO STREAM"),
    [TRV_ASK_XRANGE] = trv_string("unexpected answer to XRANGE"),
    [TRV_ASK_TEXT] = trv_string("unexpected answer to INFO"),
    [TRV_ASK_TIME] = trv_string("unexpected answer to TIME"),
    [TRV_ASK_ADDRESS] = trv_string("unexpected answer of a Sentinel"),
    [TRV_ASK_INTEGER] = trv_string("unexpected answer, not an integer"),
    [TRV_ASK_YESNO] = trv_string("unexpected answer, neither yes nor no"),
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

    memset(answer, 0, offsetof(trv_answer_t, error) + 1);

    answer->ask = (trv_ask_t) reader->asks[reader->first];

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
        && !trv_item_xinfo_complete(reader))
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

    return trv_item_expected(reader, expected);
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


trv_rc_t
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
