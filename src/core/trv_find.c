
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A level of names takes a character of a name, at least: there are few.
 */


#include "trv_find.h"


/* the object, and one for each dot of the longest name */

#define TRV_FIND_LEVELS  (TRV_SELECTOR_NAME_LEN + 1)

/* a character of a name takes six at most: \u0061 */

#define TRV_FIND_SPELLED  (6 * TRV_SELECTOR_NAME_LEN)

typedef struct {
    const trv_find_t   *find;
    uint8_t            *text;         /* what is read, to write to it */
    trv_json_t          json;
    unsigned            depth;        /* of level[] */
    trv_str_t           name;         /* of the member, decoded */
    trv_wanted_level_t  level[TRV_FIND_LEVELS];
    uint8_t             spelled[TRV_FIND_SPELLED];
    uint8_t             number[TRV_JSON_DIGITS + 1];
} trv_find_state_t;


/* true if something is wanted of the object that has the member's name */

static int
trv_find_descend(trv_find_state_t *s)
{
    trv_wanted_level_t  *level;

    level = &s->level[s->depth];

    if (!s->find->paths || s->depth + 1 == TRV_FIND_LEVELS
        || !trv_wanted_enter(s->find->wanted, level, s->name, level + 1))
    {
        return 0;
    }

    s->depth++;

    return 1;
}


/* the name of the last event; one that cannot be wanted is left as it is */

static void
trv_find_take_name(trv_find_state_t *s)
{
    s->name = s->json.text;

    if (s->json.escaped && s->name.len <= sizeof(s->spelled)) {
        s->name.len = trv_json_decode(s->name, s->spelled);
        s->name.data = s->spelled;
    }
}


static void
trv_find_scalar(trv_find_state_t *s, unsigned i, trv_json_kind_t kind)
{
    uint8_t    *p;
    trv_str_t   value;

    static const trv_str_t  yes = trv_string("true");
    static const trv_str_t  no = trv_string("false");

    value = s->json.text;

    switch (kind) {

    case TRV_JSON_STRING:
        if (s->json.escaped) {
            p = s->text + (value.data - s->text);
            value.len = trv_json_decode(value, p);
        }

        break;

    case TRV_JSON_NUMBER:
        value = trv_json_whole(value, s->number);
        if (value.len == 0) {
            return;
        }

        break;

    case TRV_JSON_TRUE:
        value = yes;
        break;

    case TRV_JSON_FALSE:
        value = no;
        break;

    default:
        return;
    }

    s->find->value(s->find->value_data, s->find->wanted->order[i], value);
}


static trv_rc_t
trv_find_elements(trv_find_state_t *s, unsigned i)
{
    trv_json_kind_t  kind;

    for ( ; ; ) {

        kind = trv_json_next(&s->json);

        if (kind == TRV_JSON_CLOSE) {
            return TRV_OK;
        }

        trv_find_scalar(s, i, kind);

        if (trv_json_skip(&s->json, kind) != TRV_OK) {
            return TRV_MALFORMED;
        }
    }
}


/* the value behind a name; one that is entered goes on in the next level */

static trv_rc_t
trv_find_member(trv_find_state_t *s)
{
    unsigned                   i;
    trv_json_kind_t            kind;
    const trv_find_t          *find;
    const trv_wanted_level_t  *level;

    find = s->find;
    level = &s->level[s->depth];

    trv_find_take_name(s);

    kind = trv_json_next(&s->json);

    if (s->depth == 0 && find->member != NULL) {
        find->member(find->member_data, s->name, kind, s->json.text);
    }

    if (kind == TRV_JSON_OBJECT) {
        return trv_find_descend(s) ? TRV_OK : trv_json_skip(&s->json, kind);
    }

    i = trv_wanted_find(find->wanted, level, s->name);

    if (i == level->end) {
        return trv_json_skip(&s->json, kind);
    }

    if (kind == TRV_JSON_ARRAY) {
        return trv_find_elements(s, i);
    }

    trv_find_scalar(s, i, kind);

    return trv_json_skip(&s->json, kind);
}


const trv_wanted_t  trv_find_nothing;


trv_rc_t
trv_find(const trv_find_t *find, uint8_t *text, size_t len, uint8_t *nest)
{
    trv_str_t         whole;
    trv_json_kind_t   kind;
    trv_find_state_t  s;

    whole.data = text;
    whole.len = len;

    s.find = find;
    s.text = text;
    s.depth = 0;
    s.level[0] = trv_wanted_all(find->wanted);

    trv_json_open(&s.json, whole, nest);

    if (trv_json_next(&s.json) != TRV_JSON_OBJECT) {
        return TRV_MALFORMED;
    }

    for ( ; ; ) {

        kind = trv_json_next(&s.json);

        if (kind == TRV_JSON_NAME) {

            if (trv_find_member(&s) != TRV_OK) {
                return TRV_MALFORMED;
            }

            continue;
        }

        if (kind != TRV_JSON_CLOSE) {
            return TRV_MALFORMED;
        }

        if (s.depth-- == 0) {
            break;
        }
    }

    return trv_json_next(&s.json) == TRV_JSON_END ? TRV_OK : TRV_MALFORMED;
}
