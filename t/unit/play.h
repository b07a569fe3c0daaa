
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Answers of Redis, given to a reader in pieces.  The clock is NOW of the test.
 */


#ifndef _PLAY_H_INCLUDED_
#define _PLAY_H_INCLUDED_


#include <stdlib.h>
#include "../../src/codec/trv_reader.h"


/* feeds the bytes in pieces of "step", the first of which ends at "cut" */

static inline trv_rc_t
play(trv_reader_t *reader, const char *bytes, size_t len, size_t cut,
    size_t step, trv_answer_t *answer)
{
    size_t    n;
    uint8_t  *piece;
    trv_rc_t  rc;

    rc = TRV_NONE;

    for (n = cut; rc == TRV_NONE && len != 0; n = step) {

        if (n > len) {
            n = len;
        }

        piece = malloc(n != 0 ? n : 1);
        memcpy(piece, bytes, n);

        rc = trv_reader_feed(reader, piece, n);
        free(piece);

        if (rc == TRV_OK) {
            rc = trv_reader_next(reader, NOW, answer);
        }

        bytes += n;
        len -= n;
    }

    return len == 0 || rc != TRV_OK ? rc : TRV_LIMIT;
}


#endif /* _PLAY_H_INCLUDED_ */
