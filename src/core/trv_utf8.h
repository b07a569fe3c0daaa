
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Is it UTF-8?
 */


#ifndef _TRV_UTF8_H_INCLUDED_
#define _TRV_UTF8_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


/*
 * The length of the character that begins at p, of which "len" bytes may be
 * read, one at least (RFC 3629); 0: there is none.
 */

size_t trv_utf8_len(const uint8_t *p, size_t len);


#pragma GCC visibility pop


#endif /* _TRV_UTF8_H_INCLUDED_ */
