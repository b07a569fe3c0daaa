
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * From an entry to the rules of the table.  Shape 0 is {token}: the match is
 * the identity of one token.
 */


#ifndef _TRV_RULE_H_INCLUDED_
#define _TRV_RULE_H_INCLUDED_


#include "trv_shape.h"
#include "trv_writer.h"


#pragma GCC visibility push(hidden)


/* the fingerprint of the rule {token}, the same for writing and reading */

static inline trv_fp_t
trv_rule_token(const trv_table_t *table, const uint8_t id[TRV_SHA256_LEN])
{
    return trv_table_fingerprint(table, id, TRV_SHA256_LEN);
}


/*
 * The application of one entry that names tokens, so that it can be cut into
 * turns.  "tokens" is borrowed until the last step.
 */

typedef struct {
    const uint8_t  (*tokens)[TRV_SHA256_LEN];
    uint32_t         ntokens;
    uint32_t         done;
    trv_term_t       term;
    unsigned         restore:1;
    unsigned         full:1;      /* a rule did not fit */
} trv_apply_t;


/*
 * Applies at most "max" more tokens.  Returns TRV_OK when the entry is done,
 * TRV_NONE when there is more to do.  A rule that does not fit sets "full" and
 * the others go on: each one that is in the table is refused for certain.
 */

trv_rc_t trv_apply_step(trv_writer_t *writer, const trv_table_t *table,
    trv_apply_t *apply, uint32_t max);


#pragma GCC visibility pop


#endif /* _TRV_RULE_H_INCLUDED_ */
