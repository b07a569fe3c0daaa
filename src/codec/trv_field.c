
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The names that have a meaning of their own in an entry of the log.
 */


#include "../core/trv_number.h"
#include "trv_field.h"


static int trv_field_is(trv_str_t name, const trv_str_t *names, size_t n);
static trv_fault_t trv_reserved_before(trv_reserved_t *reserved,
    trv_str_t value);
static trv_fault_t trv_reserved_until(trv_reserved_t *reserved,
    trv_str_t value);
static trv_fault_t trv_reserved_ttl(trv_reserved_t *reserved, trv_str_t value,
    trv_id_t id);
static void trv_reserved_latest(trv_reserved_t *reserved, int64_t end);
static trv_fault_t trv_reserved_action(trv_reserved_t *reserved,
    trv_str_t value);
static void trv_reserved_ack(trv_reserved_t *reserved, trv_str_t value);
static uint32_t trv_reserved_clamp(int64_t seconds);


#define trv_nitems(array)  (sizeof(array) / sizeof(array[0]))


typedef struct {
    trv_str_t    name;
    trv_field_t  field;
} trv_field_name_t;


static const trv_field_name_t  trv_field_names[] = {
    { trv_string("token"),   TRV_FIELD_TOKEN },
    { trv_string("before"),  TRV_FIELD_BEFORE },
    { trv_string("until"),   TRV_FIELD_UNTIL },
    { trv_string("ttl"),     TRV_FIELD_TTL },
    { trv_string("action"),  TRV_FIELD_ACTION },
    { trv_string("ack"),     TRV_FIELD_ACK },
    { trv_string("reason"),  TRV_FIELD_REMARK },
    { trv_string("by"),      TRV_FIELD_REMARK },
};


static const trv_str_t  trv_field_lastings[] = {
    trv_string("jti"),
    trv_string("sid"),
    trv_string("kid"),
    trv_string("claim.jti"),
    trv_string("claim.sid"),
    trv_string("header.kid"),
};


static const trv_str_t  trv_field_actions[] = {
    [TRV_ACTION_REVOKE] = trv_string("revoke"),
    [TRV_ACTION_RESTORE] = trv_string("restore"),
    [TRV_ACTION_ACCEPT] = trv_string("accept"),
};


static const trv_str_t  trv_field_always = trv_string("always");


trv_field_t
trv_field_find(trv_str_t name)
{
    size_t  i;

    for (i = 0; i < trv_nitems(trv_field_names); i++) {
        if (trv_str_eq(name, trv_field_names[i].name)) {
            return trv_field_names[i].field;
        }
    }

    return TRV_FIELD_MATCH;
}


int
trv_field_lasting(trv_str_t name)
{
    return trv_field_is(name, trv_field_lastings,
                        trv_nitems(trv_field_lastings));
}


static int
trv_field_is(trv_str_t name, const trv_str_t *names, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (trv_str_eq(name, names[i])) {
            return 1;
        }
    }

    return 0;
}


trv_fault_t
trv_reserved_take(trv_reserved_t *reserved, trv_field_t field,
    trv_str_t value, trv_id_t id)
{
    switch (field) {

    case TRV_FIELD_BEFORE:
        return trv_reserved_before(reserved, value);

    case TRV_FIELD_UNTIL:
        return trv_reserved_until(reserved, value);

    case TRV_FIELD_TTL:
        return trv_reserved_ttl(reserved, value, id);

    case TRV_FIELD_ACTION:
        return trv_reserved_action(reserved, value);

    case TRV_FIELD_ACK:
        trv_reserved_ack(reserved, value);
        return TRV_FAULT_NONE;

    default:
        return TRV_FAULT_NONE;
    }
}


static trv_fault_t
trv_reserved_before(trv_reserved_t *reserved, trv_str_t value)
{
    int64_t  seconds;

    if (trv_str_eq(value, trv_field_always)) {
        reserved->always = 1;
        return TRV_FAULT_NONE;
    }

    if (trv_number_time(value, &seconds) != TRV_OK) {
        reserved->own = 1;
        return TRV_FAULT_BEFORE;
    }

    if (!reserved->dated || seconds > reserved->before) {
        reserved->before = seconds;
        reserved->dated = 1;
    }

    return TRV_FAULT_NONE;
}


static trv_fault_t
trv_reserved_until(trv_reserved_t *reserved, trv_str_t value)
{
    int64_t  end;

    if (trv_number_time(value, &end) != TRV_OK) {
        trv_reserved_latest(reserved, TRV_END_NEVER);
        return TRV_FAULT_UNTIL;
    }

    trv_reserved_latest(reserved, end);

    return TRV_FAULT_NONE;
}


/*
 * A duration is in seconds whatever its size: taken as milliseconds, a very
 * long one would become a short one, and the rule would be lost.  The entry's
 * own time is rounded up for the same reason.
 */

static trv_fault_t
trv_reserved_ttl(trv_reserved_t *reserved, trv_str_t value, trv_id_t id)
{
    int64_t  ttl, end;

    if (trv_number_parse(value, &ttl) != TRV_OK || ttl < 0) {
        trv_reserved_latest(reserved, TRV_END_NEVER);
        return TRV_FAULT_UNTIL;
    }

    end = (int64_t) (id.ms / 1000 + (id.ms % 1000 != 0));

    end = ttl > TRV_END_NEVER - end ? TRV_END_NEVER : end + ttl;

    trv_reserved_latest(reserved, end);

    return TRV_FAULT_NONE;
}


static void
trv_reserved_latest(trv_reserved_t *reserved, int64_t end)
{
    if (!reserved->ended || end > reserved->end) {
        reserved->end = end;
        reserved->ended = 1;
    }
}


/* the order of the actions is that of their strength: revoke beats restore */

static trv_fault_t
trv_reserved_action(trv_reserved_t *reserved, trv_str_t value)
{
    trv_action_t  action;

    for (action = 0; action < TRV_ACTION_NACTIONS; action++) {
        if (trv_str_eq(value, trv_field_actions[action])) {
            break;
        }
    }

    if (action == TRV_ACTION_NACTIONS) {
        return TRV_FAULT_ACTION;
    }

    if (!reserved->acted || action < reserved->action) {
        reserved->action = action;
        reserved->acted = 1;
    }

    return TRV_FAULT_NONE;
}


/* becomes a part of a Redis key: what is not plainly a nonce is ignored */

static void
trv_reserved_ack(trv_reserved_t *reserved, trv_str_t value)
{
    size_t   i;
    uint8_t  c;

    if (reserved->ack_len != 0 || value.len > TRV_ENTRY_ACK_LEN) {
        return;
    }

    for (i = 0; i < value.len; i++) {
        c = trv_lower(value.data[i]);

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9')
            && c != '_' && c != '-')
        {
            return;
        }
    }

    if (value.len != 0) {
        memcpy(reserved->ack, value.data, value.len);
        reserved->ack_len = (uint8_t) value.len;
    }
}


uint32_t
trv_reserved_cutoff(const trv_reserved_t *reserved, trv_id_t id, int lasting,
    int64_t now)
{
    int      dated;
    int64_t  own;

    dated = reserved->dated || reserved->own;

    if (reserved->always || (lasting && !dated)) {
        return TRV_CUTOFF_ALWAYS;
    }

    own = (int64_t) (id.ms / 1000);

    if (own > now / 1000) {
        own = now / 1000;
    }

    if (reserved->dated && (!reserved->own || reserved->before > own)) {
        return trv_reserved_clamp(reserved->before);
    }

    return trv_reserved_clamp(own);
}


/* a date of any size is a date: TRV_CUTOFF_ALWAYS is another rule */

static uint32_t
trv_reserved_clamp(int64_t seconds)
{
    if (seconds < 0) {
        return 0;
    }

    if (seconds >= (int64_t) TRV_CUTOFF_ALWAYS) {
        return TRV_CUTOFF_ALWAYS - 1;
    }

    return (uint32_t) seconds;
}


int64_t
trv_reserved_end(const trv_reserved_t *reserved)
{
    return reserved->ended ? reserved->end : TRV_END_NEVER;
}
