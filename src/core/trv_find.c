
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The wanted names are sorted, so those that go on from here are neighbours,
 * and all of them have the same length behind them:
 *
 *     realm_access.roles         level 0: all four
 *     resource_access.a.roles    level 1, in resource_access: the two
 *     resource_access.b.roles             from behind their first dot
 *     sub
 *
 * A level takes a character of a name, at least, so that there are few.
 */


#include "trv_find.h"


/* the object, and one for each dot of the longest name */

#define TRV_FIND_LEVELS  (TRV_SELECTOR_NAME_LEN + 1)

/* a character of a name takes six at most: \u0061 */

#define TRV_FIND_SPELLED  (6 * TRV_SELECTOR_NAME_LEN)

/* as few as that are compared one by one */

#define TRV_FIND_FEW  8


typedef struct {
    unsigned           first;
    unsigned           end;           /* behind the last */
    size_t             skip;          /* of each name */
} trv_find_level_t;


typedef struct {
    const trv_find_t  *find;
    uint8_t           *text;          /* what is read, to write to it */
    trv_json_t         json;
    unsigned           depth;         /* of level[] */
    trv_str_t          name;          /* of the member, decoded */
    trv_find_level_t   level[TRV_FIND_LEVELS];
    uint8_t            spelled[TRV_FIND_SPELLED];
    uint8_t            number[TRV_JSON_DIGITS + 1];
} trv_find_state_t;


static inline trv_str_t
trv_find_name(const trv_find_t *find, unsigned i, size_t skip)
{
    trv_str_t  name;

    name = find->selector[find->order[i]].name;
    name.data += skip;
    name.len -= skip;

    return name;
}


static int
trv_find_cmp(trv_str_t a, trv_str_t b)
{
    int     rc;
    size_t  len;

    len = a.len < b.len ? a.len : b.len;
    rc = len != 0 ? memcmp(a.data, b.data, len) : 0;

    return rc != 0 ? rc : (a.len > b.len) - (a.len < b.len);
}


/* is the name before, among or behind those that begin with the step's? */

static int
trv_find_cmp_step(trv_str_t name, trv_str_t step)
{
    int  rc;

    if (name.len <= step.len) {
        rc = trv_find_cmp(name, step);
        return rc != 0 ? rc : -1;
    }

    rc = step.len != 0 ? memcmp(name.data, step.data, step.len) : 0;

    return rc != 0 ? rc : name.data[step.len] - '.';
}


/* the first of the level whose comparison is not below "least" */

static unsigned
trv_find_bound(const trv_find_t *find, const trv_find_level_t *level,
    trv_str_t name, int (*cmp)(trv_str_t a, trv_str_t b), int least)
{
    unsigned  low, high, middle;

    low = level->first;
    high = level->end;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (cmp(trv_find_name(find, middle, level->skip), name) < least) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low;
}


/* names are sorted as they are added: at the end, if the caller has them so */

void
trv_find_add(trv_find_t *find, unsigned i)
{
    unsigned          at;
    trv_str_t         name;
    trv_find_level_t  all;

    all.first = 0;
    all.end = find->n;
    all.skip = 0;

    at = find->n;
    name = find->selector[i].name;

    if (at != 0 && trv_find_cmp(name, trv_find_name(find, at - 1, 0)) < 0) {

        at = trv_find_bound(find, &all, name, trv_find_cmp, 0);

        memmove(&find->order[at + 1], &find->order[at],
                (find->n - at) * sizeof(find->order[0]));
    }

    find->order[at] = (uint16_t) i;
    find->n++;
}


/* the place of just that name among the wanted, or level->end */

static unsigned
trv_find_exact(const trv_find_t *find, const trv_find_level_t *level,
    trv_str_t name)
{
    unsigned  i;

    if (level->end - level->first > TRV_FIND_FEW) {

        i = trv_find_bound(find, level, name, trv_find_cmp, 0);

        return i != level->end
               && trv_str_eq(trv_find_name(find, i, level->skip), name)
               ? i : level->end;
    }

    for (i = level->first; i < level->end; i++) {
        if (trv_str_eq(trv_find_name(find, i, level->skip), name)) {
            break;
        }
    }

    return i;
}


/* true if something is wanted of the object that has the member's name */

static int
trv_find_descend(trv_find_state_t *s)
{
    trv_find_level_t  *level, *next;

    if (!s->find->paths || s->depth + 1 == TRV_FIND_LEVELS) {
        return 0;
    }

    level = &s->level[s->depth];
    next = level + 1;

    next->first = trv_find_bound(s->find, level, s->name, trv_find_cmp_step,
                                 0);
    next->end = trv_find_bound(s->find, level, s->name, trv_find_cmp_step, 1);
    next->skip = level->skip + s->name.len + 1;

    if (next->first == next->end) {
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

    s->find->value(s->find->value_data, s->find->order[i], value);
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
    unsigned                 i;
    trv_json_kind_t          kind;
    const trv_find_t        *find;
    const trv_find_level_t  *level;

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

    i = trv_find_exact(find, level, s->name);

    if (i == level->end) {
        return trv_json_skip(&s->json, kind);
    }

    if (kind == TRV_JSON_ARRAY) {
        return trv_find_elements(s, i);
    }

    trv_find_scalar(s, i, kind);

    return trv_json_skip(&s->json, kind);
}


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
    s.level[0].first = 0;
    s.level[0].end = find->n;
    s.level[0].skip = 0;

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
