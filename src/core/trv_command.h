
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Commands of Redis that may be asked over a connection which others use as
 * well: none that waits, and none that changes what the connection is.
 */


#ifndef _TRV_COMMAND_H_INCLUDED_
#define _TRV_COMMAND_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


#define TRV_COMMAND_NAME_MAX  64


typedef enum {
    TRV_COMMAND_FIT = 0,
    TRV_COMMAND_NO_NAME,          /* not a name: letters, digits, "._-" */
    TRV_COMMAND_BLOCKS,           /* its answer may come at any time */
    TRV_COMMAND_CONNECTION,       /* changes what others ask and are told */
    TRV_COMMAND_NKINDS
} trv_command_t;


/*
 * Whether the words, the name first, are fit to be asked.  "varies" has a byte
 * for each word, true if its text is not known yet: a client might make it
 * "BLOCK".
 */

trv_command_t trv_command_check(const trv_str_t *words, const uint8_t *varies,
    size_t n);


#pragma GCC visibility pop


#endif /* _TRV_COMMAND_H_INCLUDED_ */
