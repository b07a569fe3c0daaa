
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * JSON (RFC 8259), one event after the other, from bytes that stay where they
 * are: nothing is allocated, nothing recurses, any depth.
 *
 * Why not jansson.  Users influence their claims, and what issuers write
 * and verifiers accept it refuses as a whole: a lone surrogate, 1e400, an
 * integer beyond 64 bits, deep nesting; of a name that comes twice it keeps
 * the last value alone.  Here one bad value is one bad value.  It also builds
 * a tree that is thrown away, which takes ten times as long as to read.
 *
 * What is accepted is what JSON.parse() of JavaScript or json of Python
 * accepts, so beyond the RFC: NaN, Infinity, -Infinity, any byte from 0x80
 * on in a string, and a byte order mark in front.
 */


#ifndef _TRV_JSON_H_INCLUDED_
#define _TRV_JSON_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


typedef enum {
    TRV_JSON_END = 0,         /* the value was read, nothing is behind it */
    TRV_JSON_MALFORMED,
    TRV_JSON_OBJECT,          /* begins */
    TRV_JSON_ARRAY,           /* begins */
    TRV_JSON_CLOSE,           /* the innermost of them ends */
    TRV_JSON_NAME,            /* "text", of the value that comes next */
    TRV_JSON_STRING,          /* "text" */
    TRV_JSON_NUMBER,          /* "text" */
    TRV_JSON_TRUE,
    TRV_JSON_FALSE,
    TRV_JSON_NULL,
    TRV_JSON_NAN,             /* or an Infinity */
    TRV_JSON_NKINDS
} trv_json_kind_t;


typedef enum {
    TRV_JSON_AT_VALUE = 0,
    TRV_JSON_AT_NAME,
    TRV_JSON_AT_FIRST,        /* in an object or array that has just begun */
    TRV_JSON_AT_COMMA,        /* behind a value */
    TRV_JSON_AT_FAULT,
    TRV_JSON_NPLACES
} trv_json_place_t;


/*
 * "text" and "escaped" belong to the last event, and are views: of a string
 * what is between its quotes, as it is spelled.
 */

typedef struct {
    trv_str_t         text;
    unsigned          escaped:1;  /* has a backslash: trv_json_decode() */

    trv_json_place_t  place;
    unsigned          object:1;   /* the innermost is one, not an array */
    size_t            depth;
    uint8_t          *nest;       /* the same of all of them, a bit for each */
    const uint8_t    *p;
    const uint8_t    *last;
} trv_json_t;


/* bytes for the nesting of a text, of which only what is nested is touched */

#define trv_json_nest_len(len)  ((len) / 8 + 1)


/*
 * Both the text and "nest", of trv_json_nest_len(text.len) bytes, are borrowed
 * until the last event.
 */

void trv_json_open(trv_json_t *json, trv_str_t text, uint8_t *nest);

/* the next event; the one after END is END, after MALFORMED it is MALFORMED */

trv_json_kind_t trv_json_next(trv_json_t *json);

/*
 * Goes to the end of the value of an event: of an object or array to behind
 * its CLOSE, else there is nothing to do.  TRV_OK, or TRV_MALFORMED.
 */

trv_rc_t trv_json_skip(trv_json_t *json, trv_json_kind_t kind);

/*
 * Resolves the escapes of a string or name.  Half of a surrogate pair becomes
 * U+FFFD, which is what an encoder writes of it into a database.  "out" has
 * room for text.len bytes and may be the text itself.  Returns the number of
 * bytes written.
 */

size_t trv_json_decode(trv_str_t text, uint8_t *out);


/* a whole number has at most so many digits, or it does not match */

#define TRV_JSON_DIGITS  400


/*
 * A number as it is compared: 10, 10.0 and 1e1 are "10", -0 is "0".  Returns a
 * view into the number or into "buf"; an empty one if it is not whole or has
 * too many digits.
 */

trv_str_t trv_json_whole(trv_str_t number, uint8_t buf[TRV_JSON_DIGITS + 1]);

/* rounded down; TRV_LIMIT if that is not within 64 bits */

trv_rc_t trv_json_floor(trv_str_t number, int64_t *value);


#pragma GCC visibility pop


#endif /* _TRV_JSON_H_INCLUDED_ */
