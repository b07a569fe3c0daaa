
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The names of the members that are wanted of a JSON object, sorted, so that
 * those which go on from here are neighbours, and all of them have the same
 * length behind them:
 *
 *     realm_access.roles         level 0: all four
 *     resource_access.a.roles    level 1, in resource_access: the two
 *     resource_access.b.roles             from behind their first dot
 *     sub
 */


#ifndef _TRV_WANTED_H_INCLUDED_
#define _TRV_WANTED_H_INCLUDED_


#include "trv_selector.h"


#pragma GCC visibility push(hidden)


/* as many as all shapes together can have */

#define TRV_SELECTORS  512


/* zero but for "selector", which is the caller's and stays where it is */

typedef struct {
    const trv_selector_t  *selector;
    unsigned               n;         /* of them are added */
    uint16_t               order[TRV_SELECTORS];
} trv_wanted_t;


typedef struct {
    unsigned  first;
    unsigned  end;                    /* behind the last */
    size_t    skip;                   /* of each name */
} trv_wanted_level_t;


/* wanted->selector[i] is wanted; none is to be added twice */

void trv_wanted_add(trv_wanted_t *wanted, unsigned i);

/* the object itself */

trv_wanted_level_t trv_wanted_all(const trv_wanted_t *wanted);

/* the place in "order" of the member that has just this name, or level->end */

unsigned trv_wanted_find(const trv_wanted_t *wanted,
    const trv_wanted_level_t *level, trv_str_t name);

/*
 * What is wanted of the object that the member of this name is: true, and its
 * level in *next; or false: nothing.
 */

int trv_wanted_enter(const trv_wanted_t *wanted,
    const trv_wanted_level_t *level, trv_str_t name,
    trv_wanted_level_t *next);


#pragma GCC visibility pop


#endif /* _TRV_WANTED_H_INCLUDED_ */
