
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the files of the extraction share.
 */


#ifndef _TRV_EXTRACT_PRIVATE_H_INCLUDED_
#define _TRV_EXTRACT_PRIVATE_H_INCLUDED_


#include "trv_reading.h"


#pragma GCC visibility push(hidden)


/* TRV_NONE is TRV_OK, and that the rest has no blank: no scheme follows */

typedef trv_rc_t (*trv_credentials_pt)(trv_candidates_t *c, trv_str_t rest);


/*
 * Calls the handler with what follows each occurrence of one of "n" schemes.
 * TRV_OK, also if there is none, or what the handler returned.
 */

trv_rc_t trv_scheme_each(trv_candidates_t *c, trv_str_t header,
    const trv_str_t *scheme, unsigned n, trv_credentials_pt handler);


#pragma GCC visibility pop


#endif /* _TRV_EXTRACT_PRIVATE_H_INCLUDED_ */
