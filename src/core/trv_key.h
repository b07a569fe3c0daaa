
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The keys beside a log: "{revoked}:edges" of "revoked", "{app}revoked:edges"
 * of "{app}revoked", which has a hash tag of its own.  So all keys of a log
 * are in one slot of a Redis Cluster.
 */


#ifndef _TRV_KEY_H_INCLUDED_
#define _TRV_KEY_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


/* what is added to the log and the name */

#define TRV_KEY_EXTRA  3


/*
 * Writes the key without a NUL; "buf" has room for both lengths and
 * TRV_KEY_EXTRA.  Returns the number of bytes.
 */

size_t trv_key_format(trv_str_t log, trv_str_t name, uint8_t *buf);


#pragma GCC visibility pop


#endif /* _TRV_KEY_H_INCLUDED_ */
