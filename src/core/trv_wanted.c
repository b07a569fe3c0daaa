
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_wanted.h"


/* as few as that are compared one by one */

#define TRV_WANTED_FEW  8


static inline trv_str_t
trv_wanted_name(const trv_wanted_t *wanted, unsigned i, size_t skip)
{
    trv_str_t  name;

    name = wanted->selector[wanted->order[i]].name;
    name.data += skip;
    name.len -= skip;

    return name;
}


static int
trv_wanted_cmp(trv_str_t a, trv_str_t b)
{
    int     rc;
    size_t  len;

    len = a.len < b.len ? a.len : b.len;
    rc = len != 0 ? memcmp(a.data, b.data, len) : 0;

    return rc != 0 ? rc : (a.len > b.len) - (a.len < b.len);
}


/* is the name before, among or behind those that begin with the step's? */

static int
trv_wanted_cmp_step(trv_str_t name, trv_str_t step)
{
    int  rc;

    if (name.len <= step.len) {
        rc = trv_wanted_cmp(name, step);
        return rc != 0 ? rc : -1;
    }

    rc = step.len != 0 ? memcmp(name.data, step.data, step.len) : 0;

    return rc != 0 ? rc : name.data[step.len] - '.';
}


/* the first of the level whose comparison is not below "least" */

static unsigned
trv_wanted_bound(const trv_wanted_t *wanted, const trv_wanted_level_t *level,
    trv_str_t name, int (*cmp)(trv_str_t a, trv_str_t b), int least)
{
    unsigned  low, high, middle;

    low = level->first;
    high = level->end;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (cmp(trv_wanted_name(wanted, middle, level->skip), name) < least) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low;
}


trv_wanted_level_t
trv_wanted_all(const trv_wanted_t *wanted)
{
    trv_wanted_level_t  all;

    all.first = 0;
    all.end = wanted->n;
    all.skip = 0;

    return all;
}


void
trv_wanted_add(trv_wanted_t *wanted, unsigned i)
{
    unsigned            at;
    trv_wanted_level_t  all;

    all = trv_wanted_all(wanted);

    at = trv_wanted_bound(wanted, &all, wanted->selector[i].name,
                          trv_wanted_cmp, 0);

    memmove(&wanted->order[at + 1], &wanted->order[at],
            (wanted->n - at) * sizeof(wanted->order[0]));

    wanted->order[at] = (uint16_t) i;
    wanted->n++;
}


unsigned
trv_wanted_find(const trv_wanted_t *wanted, const trv_wanted_level_t *level,
    trv_str_t name)
{
    unsigned  i;

    if (level->end - level->first > TRV_WANTED_FEW) {

        i = trv_wanted_bound(wanted, level, name, trv_wanted_cmp, 0);

        return i != level->end
               && trv_str_eq(trv_wanted_name(wanted, i, level->skip), name)
               ? i : level->end;
    }

    for (i = level->first; i < level->end; i++) {
        if (trv_str_eq(trv_wanted_name(wanted, i, level->skip), name)) {
            break;
        }
    }

    return i;
}


int
trv_wanted_enter(const trv_wanted_t *wanted, const trv_wanted_level_t *level,
    trv_str_t name, trv_wanted_level_t *next)
{
    next->first = trv_wanted_bound(wanted, level, name, trv_wanted_cmp_step,
                                   0);
    next->end = trv_wanted_bound(wanted, level, name, trv_wanted_cmp_step, 1);
    next->skip = level->skip + name.len + 1;

    return next->first != next->end;
}
