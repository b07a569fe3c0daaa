
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Positions in the log: their text, and the applied one in shared memory.
 */


#include "trv_log.h"


static size_t trv_id_number(trv_str_t text, size_t i, uint64_t *number);
static size_t trv_id_digits(uint64_t number, uint8_t *buf);


trv_rc_t
trv_id_parse(trv_str_t text, trv_id_t *id)
{
    size_t    i, seq;
    trv_id_t  found;

    found.seq = 0;

    i = trv_id_number(text, 0, &found.ms);

    if (i == 0) {
        return TRV_MALFORMED;
    }

    if (i < text.len) {

        if (text.data[i] != '-') {
            return TRV_MALFORMED;
        }

        seq = i + 1;
        i = trv_id_number(text, seq, &found.seq);

        if (i == seq || i != text.len) {
            return TRV_MALFORMED;
        }
    }

    *id = found;

    return TRV_OK;
}


/*
 * Returns the index behind the digits that begin at "i", which is "i" itself
 * if there are none or if they are beyond 64 bits.
 */

static size_t
trv_id_number(trv_str_t text, size_t i, uint64_t *number)
{
    size_t    start;
    uint64_t  n, digit;

    start = i;
    n = 0;

    while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9') {

        digit = text.data[i++] - '0';

        if (n > (UINT64_MAX - digit) / 10) {
            return start;
        }

        n = n * 10 + digit;
    }

    *number = n;

    return i;
}


size_t
trv_id_format(trv_id_t id, uint8_t buf[TRV_ID_LEN])
{
    size_t  len;

    len = trv_id_digits(id.ms, buf);

    buf[len++] = '-';

    return len + trv_id_digits(id.seq, buf + len);
}


static size_t
trv_id_digits(uint64_t number, uint8_t *buf)
{
    size_t   i, len;
    uint8_t  digits[20];

    i = sizeof(digits);

    do {
        digits[--i] = (uint8_t) ('0' + number % 10);
        number /= 10;
    } while (number != 0);

    len = sizeof(digits) - i;

    memcpy(buf, digits + i, len);

    return len;
}


/*
 * The selector counts the stores, its lowest bit says which slot holds.
 * A plain 0 or 1 would not do: a reader that sleeps while two positions are
 * stored would find the selector it remembers, and a slot half written.
 */

void
trv_position_store(trv_position_t *position, trv_mark_t mark)
{
    uint64_t     selector;
    trv_mark_t  *slot;

    selector = __atomic_load_n(&position->selector, __ATOMIC_RELAXED) + 1;
    slot = &position->slot[selector & 1];

    /* whoever sees a byte of the new slot sees the selector of the last one */

    __atomic_thread_fence(__ATOMIC_RELEASE);

    __atomic_store_n(&slot->id.ms, mark.id.ms, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->id.seq, mark.id.seq, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->digest, mark.digest, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->added, mark.added, __ATOMIC_RELAXED);

    __atomic_store_n(&position->selector, selector, __ATOMIC_RELEASE);
}


trv_mark_t
trv_position_mark(trv_position_t *position)
{
    uint64_t     selector, now;
    trv_mark_t   mark;
    trv_mark_t  *slot;

    now = __atomic_load_n(&position->selector, __ATOMIC_ACQUIRE);

    do {
        selector = now;
        slot = &position->slot[selector & 1];

        mark.id.ms = __atomic_load_n(&slot->id.ms, __ATOMIC_RELAXED);
        mark.id.seq = __atomic_load_n(&slot->id.seq, __ATOMIC_RELAXED);
        mark.digest = __atomic_load_n(&slot->digest, __ATOMIC_RELAXED);
        mark.added = __atomic_load_n(&slot->added, __ATOMIC_RELAXED);

        __atomic_thread_fence(__ATOMIC_ACQUIRE);

        now = __atomic_load_n(&position->selector, __ATOMIC_ACQUIRE);

    } while (now != selector);

    return mark;
}


trv_id_t
trv_position_load(trv_position_t *position)
{
    return trv_position_mark(position).id;
}
