
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * One entry of the log, made from its field-value pairs.
 */


#include "trv_batch.h"
#include "trv_token.h"


static trv_rc_t trv_entry_match(trv_batch_t *batch, trv_str_t name);
static trv_rc_t trv_entry_pair(trv_batch_t *batch, trv_str_t value);
static trv_rc_t trv_entry_token(trv_batch_t *batch, trv_str_t value);
static trv_str_t trv_entry_trim(trv_str_t value);
static int trv_entry_blank(uint8_t c);
static void trv_entry_fault(trv_batch_t *batch, trv_fault_t fault);
static trv_rc_t trv_entry_spoil(trv_batch_t *batch);
static int trv_entry_matches(const trv_batch_t *batch);


static const char *const  trv_fault_texts[] = {
    [TRV_FAULT_NONE] = "is as it should be",
    [TRV_FAULT_NO_MATCH] = "has no match",
    [TRV_FAULT_ODD] = "has a name without a value",
    [TRV_FAULT_ACTION] = "has an unknown action",
    [TRV_FAULT_PAIRS] = "has too many pairs",
    [TRV_FAULT_NAME] = "has too long a name",
    [TRV_FAULT_VALUE] = "has too long a value",
    [TRV_FAULT_FIELDS] = "has too many different names",
    [TRV_FAULT_PREFIX] = "has a prefix without a name",
    [TRV_FAULT_RULES] = "would make too many rules",
    [TRV_FAULT_SHAPES] = "needs one shape too many",
    [TRV_FAULT_BEFORE] = "has an invalid \"before\"",
    [TRV_FAULT_UNTIL] = "has an invalid \"until\" or \"ttl\"",
    [TRV_FAULT_TOKEN] = "has an empty token",
};


const char *
trv_fault_text(trv_fault_t fault)
{
    return fault < TRV_NFAULTS ? trv_fault_texts[fault] : "is not known";
}


trv_rc_t
trv_batch_begin(trv_batch_t *batch, trv_id_t id)
{
    if (batch->spoiled) {
        return TRV_NOMEM;
    }

    if (batch->open != NULL) {
        trv_node_empty(batch->open);

    } else {
        batch->open = trv_batch_take(batch);

        if (batch->open == NULL) {
            return trv_entry_spoil(batch);
        }
    }

    memset(&batch->build, 0, sizeof(trv_build_t));

    batch->open->entry.id = id;

    return TRV_OK;
}


trv_rc_t
trv_batch_name(trv_batch_t *batch, trv_str_t name)
{
    trv_build_t  *build;

    if (batch->open == NULL) {
        return TRV_NOMEM;
    }

    build = &batch->build;

    trv_sum_add(&build->sum, name);

    build->named = 1;
    build->ignored = 1;

    if (build->npairs == TRV_ENTRY_PAIRS) {
        trv_entry_fault(batch, TRV_FAULT_PAIRS);

    } else {
        build->npairs++;
    }

    if (name.len > TRV_ENTRY_NAME_LEN) {
        trv_entry_fault(batch, TRV_FAULT_NAME);
        return TRV_OK;
    }

    build->field = trv_field_find(name);

    /* of a refused entry the nonce and the action are still of interest */

    build->ignored = batch->open->entry.refused
                     && build->field <= TRV_FIELD_TOKEN;

    if (build->ignored || build->field > TRV_FIELD_TOKEN) {
        return TRV_OK;
    }

    return trv_entry_match(batch, name);
}


/* counts the name as a field of the match, and remembers it once */

static trv_rc_t
trv_entry_match(trv_batch_t *batch, trv_str_t name)
{
    uint32_t      i;
    trv_build_t  *build;

    build = &batch->build;

    if (build->field == TRV_FIELD_TOKEN) {

        if (build->token) {
            return TRV_OK;
        }

        if (build->nnames == TRV_ENTRY_FIELDS) {
            trv_entry_fault(batch, TRV_FAULT_FIELDS);
            return TRV_OK;
        }

        build->token = 1;
        build->lasting = 1;

        return TRV_OK;
    }

    for (i = 0; i < build->nnames; i++) {
        if (trv_str_eq(build->names[i], name)) {
            build->name = build->names[i];
            return TRV_OK;
        }
    }

    if (build->nnames + build->token == TRV_ENTRY_FIELDS) {
        trv_entry_fault(batch, TRV_FAULT_FIELDS);
        return TRV_OK;
    }

    if (trv_node_copy(batch->open, name, &build->name) != TRV_OK) {
        return trv_entry_spoil(batch);
    }

    build->names[build->nnames++] = build->name;
    build->lasting |= trv_field_lasting(name);

    return TRV_OK;
}


trv_rc_t
trv_batch_value(trv_batch_t *batch, trv_str_t value)
{
    trv_build_t  *build;
    trv_entry_t  *entry;

    if (batch->open == NULL) {
        return TRV_NOMEM;
    }

    build = &batch->build;
    entry = &batch->open->entry;

    trv_sum_add(&build->sum, value);

    build->named = 0;

    if (value.len > TRV_ENTRY_VALUE_LEN) {
        trv_entry_fault(batch, TRV_FAULT_VALUE);
        return TRV_OK;
    }

    if (build->ignored) {
        return TRV_OK;
    }

    if (build->field <= TRV_FIELD_TOKEN) {

        /* refused by its own name, too many fields */

        if (entry->refused) {
            return TRV_OK;
        }

        return build->field == TRV_FIELD_TOKEN
               ? trv_entry_token(batch, value)
               : trv_entry_pair(batch, value);
    }

    trv_entry_fault(batch, trv_reserved_take(&build->reserved, build->field,
                                             value, entry->id));

    return TRV_OK;
}


static trv_rc_t
trv_entry_pair(trv_batch_t *batch, trv_str_t value)
{
    trv_node_t  *node;
    trv_pair_t  *pair;

    node = batch->open;
    pair = trv_node_pair(node);

    if (pair == NULL || trv_node_copy(node, value, &pair->value) != TRV_OK) {
        return trv_entry_spoil(batch);
    }

    pair->name = batch->build.name;
    node->entry.npairs++;

    return TRV_OK;
}


static trv_rc_t
trv_entry_token(trv_batch_t *batch, trv_str_t value)
{
    uint8_t      *id;
    trv_node_t   *node;
    trv_token_t   token;

    node = batch->open;
    id = trv_node_token(node);

    if (id == NULL) {
        return trv_entry_spoil(batch);
    }

    if (trv_digest_from_hex(value, id) == TRV_OK) {
        node->entry.ntokens++;
        return TRV_OK;
    }

    value = trv_entry_strip(value);

    if (value.len == 0) {
        trv_entry_fault(batch, TRV_FAULT_TOKEN);
        return TRV_OK;
    }

    if (trv_digest_from_hex(value, id) != TRV_OK) {

        if (trv_token_identify(batch->digest, value, &token) != TRV_OK) {
            return trv_entry_spoil(batch);
        }

        memcpy(id, token.id[0], TRV_SHA256_LEN);
    }

    node->entry.ntokens++;

    return TRV_OK;
}


trv_str_t
trv_entry_strip(trv_str_t value)
{
    trv_str_t               head;
    static const trv_str_t  bearer = trv_string("bearer");

    value = trv_entry_trim(value);

    if (value.len < bearer.len) {
        return value;
    }

    head = value;
    head.len = bearer.len;

    if (!trv_str_caseeq(head, bearer)
        || (value.len != bearer.len
            && !trv_entry_blank(value.data[bearer.len])))
    {
        return value;
    }

    value.data += bearer.len;
    value.len -= bearer.len;

    return trv_entry_trim(value);
}


static trv_str_t
trv_entry_trim(trv_str_t value)
{
    while (value.len != 0 && trv_entry_blank(value.data[0])) {
        value.data++;
        value.len--;
    }

    while (value.len != 0 && trv_entry_blank(value.data[value.len - 1])) {
        value.len--;
    }

    return value;
}


static int
trv_entry_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}


trv_rc_t
trv_batch_finish(trv_batch_t *batch, int64_t now)
{
    trv_node_t   *node;
    trv_build_t  *build;
    trv_entry_t  *entry;

    node = batch->open;

    if (node == NULL) {
        return TRV_NOMEM;
    }

    build = &batch->build;
    entry = &node->entry;

    if (build->named) {
        trv_entry_fault(batch, TRV_FAULT_ODD);
    }

    if (build->reserved.action != TRV_ACTION_ACCEPT
        && !trv_entry_matches(batch))
    {
        trv_entry_fault(batch, TRV_FAULT_NO_MATCH);
    }

    entry->action = build->reserved.action;
    entry->cutoff = trv_reserved_cutoff(&build->reserved, entry->id,
                                        build->lasting, now);
    entry->end = trv_reserved_end(&build->reserved);
    entry->tokens = (const trv_entry_token_t *) node->tokens;
    entry->pairs = node->pairs;

    memcpy(node->ack, build->reserved.ack, build->reserved.ack_len);

    entry->ack.data = node->ack;
    entry->ack.len = build->reserved.ack_len;
    entry->digest = trv_sum_value(&build->sum);

    batch->open = NULL;
    trv_batch_append(batch, node);

    return TRV_OK;
}


/*
 * A field "token" that has no token left matches none.  Without it the rule
 * would be wider than what was written: "token '' sub alice" is not alice.
 */

static int
trv_entry_matches(const trv_batch_t *batch)
{
    const trv_entry_t  *entry;

    entry = &batch->open->entry;

    if (batch->build.token) {
        return entry->ntokens != 0;
    }

    return entry->npairs != 0;
}


static void
trv_entry_fault(trv_batch_t *batch, trv_fault_t fault)
{
    trv_id_t      id;
    trv_entry_t  *entry;

    entry = &batch->open->entry;

    if (fault == TRV_FAULT_NONE || entry->refused) {
        return;
    }

    if (fault >= TRV_FAULT_BEFORE) {

        if (entry->fault == TRV_FAULT_NONE) {
            entry->fault = fault;
        }

        return;
    }

    id = entry->id;

    trv_node_empty(batch->open);

    entry->id = id;
    entry->fault = fault;
    entry->refused = 1;
}


/* the entry's own time is rounded up: kept longer rather than lost early */

int64_t
trv_entry_end(const trv_entry_t *entry, int64_t retain)
{
    int64_t  own;

    if (entry->end != TRV_END_NEVER || retain == 0) {
        return entry->end;
    }

    own = (int64_t) (entry->id.ms / 1000 + (entry->id.ms % 1000 != 0));

    return retain > TRV_END_NEVER - own ? TRV_END_NEVER : own + retain;
}


/* what was open is gone, and nothing comes after it until the batch is clear */

static trv_rc_t
trv_entry_spoil(trv_batch_t *batch)
{
    trv_batch_give(batch, batch->open);

    batch->open = NULL;
    batch->spoiled = 1;

    return TRV_NOMEM;
}
