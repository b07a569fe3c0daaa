
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Finds values in a JSON object by the names of its members, or by paths.
 *
 * In an object of which P is wanted, a member named P gives its value, and
 * one named N, where P is N and '.' and more, leads to that more if it is an
 * object.  So the path a.b.c finds all of
 *
 *     {"a.b.c":1}   {"a":{"b":{"c":1}}}   {"a.b":{"c":1}}   {"a":{"b.c":1}}
 *
 * and of members with the same name each counts.  The value is what would
 * match: a string's bytes, a whole number's digits, true or false; of an array
 * each such element.  Other values are not seen.
 */


#ifndef _TRV_FIND_H_INCLUDED_
#define _TRV_FIND_H_INCLUDED_


#include "trv_json.h"
#include "trv_wanted.h"


#pragma GCC visibility push(hidden)


/* "selector" is the index of the wanted one; the value is valid in the call */

typedef void (*trv_find_value_pt)(void *data, unsigned selector,
    trv_str_t value);

/*
 * A member of the object itself (not of one in it) as it is met, whether it is
 * wanted or not; "text" as that of the event.
 */

typedef void (*trv_find_member_pt)(void *data, trv_str_t name,
    trv_json_kind_t kind, trv_str_t text);


/* filled in by the caller; "value" is called for what is wanted */

typedef struct {
    const trv_wanted_t  *wanted;
    trv_find_value_pt    value;
    void                *value_data;
    trv_find_member_pt   member;      /* or NULL */
    void                *member_data;
    unsigned             paths:1;     /* dots are steps, too */
} trv_find_t;


/* of an object of which no member is wanted: what it has, "member" sees */

extern const trv_wanted_t  trv_find_nothing;

/*
 * Reads the text, which may be changed where escapes are resolved.  Returns
 * TRV_OK, or TRV_MALFORMED if it is not one object that can be read to its
 * end; the handlers may have been called then all the same.
 */

trv_rc_t trv_find(const trv_find_t *find, uint8_t *text, size_t len,
    uint8_t *nest);


#pragma GCC visibility pop


#endif /* _TRV_FIND_H_INCLUDED_ */
