
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Answers that are one value: a text, a time, an address, a number, yes or no.
 */


#include "../core/trv_number.h"
#include "../core/trv_url.h"
#include "trv_item.h"
#include "trv_memory.h"


static trv_rc_t trv_item_keep(trv_reader_t *reader, trv_str_t text);


trv_rc_t
trv_item_text(trv_reader_t *reader, const trv_item_t *item)
{
    if (!trv_item_string(item)) {
        return trv_item_unexpected(reader);
    }

    return trv_item_keep(reader, item->text);
}


/* hiredis's buffer may move before the answer is looked at */

static trv_rc_t
trv_item_keep(trv_reader_t *reader, trv_str_t text)
{
    uint8_t  *copy;

    if (text.len > TRV_READER_TEXT_MAX) {
        text.len = TRV_READER_TEXT_MAX;
    }

    if (text.len > reader->text_size) {
        copy = trv_realloc(reader->text, text.len);

        if (copy == NULL) {
            return TRV_NOMEM;
        }

        reader->text = copy;
        reader->text_size = text.len;
    }

    if (text.len != 0) {
        memcpy(reader->text, text.data, text.len);
    }

    reader->answer.text.data = reader->text;
    reader->answer.text.len = text.len;

    return TRV_OK;
}


/* seconds and microseconds */

trv_rc_t
trv_item_time(trv_reader_t *reader, const trv_item_t *item)
{
    int64_t  number;

    if (item->depth == 0) {
        return trv_item_expected(reader, trv_item_array(item, 2));
    }

    if (!trv_item_string(item)
        || trv_number_parse(item->text, &number) != TRV_OK || number < 0)
    {
        return trv_item_unexpected(reader);
    }

    if (item->index == 0) {
        reader->answer.time = (uint64_t) number * 1000;
        return trv_item_expected(reader, number <= INT64_MAX / 1000 - 1);
    }

    reader->answer.time += (uint64_t) number / 1000;

    return trv_item_expected(reader, number < 1000000);
}


/* nil, or host and port */

trv_rc_t
trv_item_address(trv_reader_t *reader, const trv_item_t *item)
{
    int      ipv6;
    int64_t  port;

    if (item->depth == 0) {

        if (item->type == REDIS_REPLY_NIL) {
            reader->answer.type = TRV_ANSWER_NIL;
            return TRV_OK;
        }

        return trv_item_expected(reader, trv_item_array(item, 2));
    }

    if (!trv_item_string(item) || item->text.len == 0) {
        return trv_item_unexpected(reader);
    }

    if (item->index == 0) {
        ipv6 = memchr(item->text.data, ':', item->text.len) != NULL;

        if (item->text.len > TRV_URL_HOST_MAX
            || !trv_url_host_valid(item->text, ipv6))
        {
            return trv_item_unexpected(reader);
        }

        return trv_item_keep(reader, item->text);
    }

    if (trv_number_parse(item->text, &port) != TRV_OK || port <= 0
        || port > UINT16_MAX)
    {
        return trv_item_unexpected(reader);
    }

    reader->answer.port = (uint16_t) port;

    return TRV_OK;
}


trv_rc_t
trv_item_integer(trv_reader_t *reader, const trv_item_t *item)
{
    if (item->type != REDIS_REPLY_INTEGER) {
        return trv_item_unexpected(reader);
    }

    reader->answer.number = item->number;

    return TRV_OK;
}


trv_rc_t
trv_item_yesno(trv_reader_t *reader, const trv_item_t *item)
{
    switch (item->type) {

    case REDIS_REPLY_NIL:
    case REDIS_REPLY_ARRAY:
        return TRV_OK;

    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        reader->answer.yes = 1;
        return TRV_OK;

    case REDIS_REPLY_INTEGER:
    case REDIS_REPLY_DOUBLE:
    case REDIS_REPLY_BOOL:
        reader->answer.yes |= item->number != 0;
        return TRV_OK;

    default:
        return trv_item_unexpected(reader);
    }
}
