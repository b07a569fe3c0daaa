
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the tests of tokens ask of any token.
 */


#ifndef _TOKEN_H_INCLUDED_
#define _TOKEN_H_INCLUDED_


#include <stdlib.h>

#include "../../src/codec/trv_token.h"
#include "tap.h"


static trv_digest_t  *digest;


static inline trv_str_t
token_str(const uint8_t *data, size_t len)
{
    trv_str_t  s;

    s.data = data;
    s.len = len;

    return s;
}


/* in a block that ends where the token does */

static inline trv_rc_t
token_identify(trv_str_t raw, trv_token_t *token)
{
    uint8_t   *copy;
    trv_rc_t   rc;

    copy = malloc(raw.len + !raw.len);

    if (raw.len != 0) {
        memcpy(copy, raw.data, raw.len);
    }

    memset(token, 0xa5, sizeof(trv_token_t));
    rc = trv_token_identify(digest, token_str(copy, raw.len), token);

    free(copy);

    return rc;
}


/* whatever it is: an identity at least, none twice, and the whole is known */

static inline int
token_sound(trv_str_t raw)
{
    int          whole;
    unsigned     i, j;
    uint8_t      id[TRV_SHA256_LEN];
    trv_token_t  token;

    if (token_identify(raw, &token) != TRV_OK
        || trv_digest_sha256(digest, raw, id) != TRV_OK
        || token.nids < 1 || token.nids > TRV_TOKEN_IDS)
    {
        return 0;
    }

    whole = 0;

    for (i = 0; i < token.nids; i++) {
        whole |= memcmp(token.id[i], id, sizeof(id)) == 0;

        for (j = 0; j < i; j++) {
            if (memcmp(token.id[i], token.id[j], sizeof(id)) == 0) {
                return 0;
            }
        }
    }

    return whole;
}


static inline void
token_prefixes(trv_str_t raw)
{
    int     good;
    size_t  n;

    good = 1;

    for (n = 0; n <= raw.len; n++) {
        good &= token_sound(token_str(raw.data, n));
    }

    tap_ok(good, "and each of its prefixes");
}


#endif /* _TOKEN_H_INCLUDED_ */
