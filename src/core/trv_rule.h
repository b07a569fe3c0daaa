
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The rules of shape 0, {token}: the match is the identity of one token.
 */


#ifndef _TRV_RULE_H_INCLUDED_
#define _TRV_RULE_H_INCLUDED_


#include "trv_table.h"


#pragma GCC visibility push(hidden)


/* the fingerprint of the rule {token}, the same for writing and reading */

static inline trv_fp_t
trv_rule_token(const trv_table_t *table, const uint8_t id[TRV_SHA256_LEN])
{
    return trv_table_fingerprint(table, id, TRV_SHA256_LEN);
}


#pragma GCC visibility pop


#endif /* _TRV_RULE_H_INCLUDED_ */
