
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Where a Redis Cluster says that a key is: an error with a slot and an
 * address, "MOVED 3999 127.0.0.1:6381".
 */


#ifndef _TRV_REDIRECT_H_INCLUDED_
#define _TRV_REDIRECT_H_INCLUDED_


#include "trv_url.h"


#pragma GCC visibility push(hidden)


#define TRV_REDIRECT_SLOTS  16384


typedef enum {
    TRV_REDIRECT_MOVED = 0,       /* from now on */
    TRV_REDIRECT_ASK,             /* this question only, after ASKING */
    TRV_REDIRECT_NKINDS
} trv_redirect_kind_t;


/* host: a view into the text, without brackets; empty: the same as before */

typedef struct {
    trv_redirect_kind_t  kind;
    uint16_t             slot;
    uint16_t             port;
    unsigned             ipv6:1;
    trv_str_t            host;
} trv_redirect_t;


/*
 * Reads the text of an error.  Returns TRV_OK, or TRV_NONE and leaves
 * *redirect alone: not a redirection, or one to no address ("?:6379" is a
 * node that does not know its name).
 */

trv_rc_t trv_redirect_parse(trv_str_t text, trv_redirect_t *redirect);


#pragma GCC visibility pop


#endif /* _TRV_REDIRECT_H_INCLUDED_ */
