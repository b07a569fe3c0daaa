
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * base64 and base64url (RFC 4648, sections 4 and 5), read as the most
 * tolerant server reads them: both alphabets, even mixed, padding or none,
 * bytes that are in no alphabet skipped, spare bits ignored.  So nothing is
 * malformed; who must be strict compares with the canonical encoding.
 */


#ifndef _TRV_BASE64_H_INCLUDED_
#define _TRV_BASE64_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


/*
 * What '=' does before the end is where tolerant decoders part company:
 *
 *     TRV_BASE64_SKIP  nothing: it is skipped like any foreign byte
 *     TRV_BASE64_QUAD  ends the text if it completes a group of four
 *     TRV_BASE64_STOP  ends the text in the second half of a group
 *
 * At the end of a text, where padding belongs, all three are the same.
 */

typedef enum {
    TRV_BASE64_SKIP = 0,          /* Node.js, PHP */
    TRV_BASE64_QUAD,              /* Python */
    TRV_BASE64_STOP,              /* Ruby */
    TRV_BASE64_NMODES
} trv_base64_mode_t;


/* room that is always enough for "len" characters decoded, bytes encoded */

#define trv_base64_decoded_len(len)  ((len) / 4 * 3 + 3)
#define trv_base64_encoded_len(len)  ((len) / 3 * 4 + 4)


/*
 * Decodes into "out", which has room for trv_base64_decoded_len(text.len)
 * bytes; bits that do not fill a byte are dropped.  Returns the number of
 * bytes written.
 */

size_t trv_base64_decode(trv_str_t text, trv_base64_mode_t mode, uint8_t *out);


/* true if '=' stands where the modes differ */

int trv_base64_ambiguous(trv_str_t text);


/*
 * Encodes as base64url without padding into "out", which has room for
 * trv_base64_encoded_len(data.len) bytes.  Returns the number of bytes written.
 */

size_t trv_base64url_encode(trv_str_t data, uint8_t *out);


#pragma GCC visibility pop


#endif /* _TRV_BASE64_H_INCLUDED_ */
