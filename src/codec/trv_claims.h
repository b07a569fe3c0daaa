
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * From the bytes of a token to its traits: identities, issue time, and the
 * values of the header parameters and claims that the plan asks for.
 *
 * The signature is not checked.  That is safe for refusing: whoever alters a
 * claim to dodge a rule breaks the signature that the application checks.  It
 * is not safe for granting, and nothing here grants.
 */


#ifndef _TRV_CLAIMS_H_INCLUDED_
#define _TRV_CLAIMS_H_INCLUDED_


#include "../core/trv_match.h"
#include "../core/trv_names.h"
#include "trv_token.h"


#pragma GCC visibility push(hidden)


/*
 * Fills in *traits.  Returns TRV_OK, or TRV_NOMEM if OpenSSL fails or memory
 * is short.  A JWS whose payload is not one JSON object that can be read has
 * "unreadable" set; its header's values count nevertheless.  So has a JWS
 * whose header cannot be read; its claims count nevertheless.
 *
 * traits->issued is what the token says, also if that is far ahead.  The
 * identities are in traits->id; trv_match_lookup() makes their values.
 *
 * "learner" is told how the claims of a JWS are called, the outermost ones;
 * NULL: nobody wants to know.
 */

trv_rc_t trv_claims_read(trv_digest_t *digest, const trv_table_t *table,
    const trv_plan_t *plan, trv_str_t raw, trv_learner_t *learner,
    trv_traits_t *traits);

/*
 * One claim by its name or path, for $token_revoke_claim_NAME: the value as it
 * would match (a string's bytes, a whole number's digits, "true", "false"),
 * of an array, or of several claims with one name, the first one.  A claim
 * whose whole name it is goes before one at the end of a path.  Written to
 * "buf"; *len is its length.  TRV_OK; TRV_NONE: there is none that matches, or
 * this is no JWS; TRV_LIMIT: longer than "size"; TRV_MALFORMED: the claims
 * cannot be read; TRV_NOMEM.
 */

trv_rc_t trv_claims_value(trv_str_t raw, trv_str_t name, uint8_t *buf,
    size_t size, size_t *len);


#pragma GCC visibility pop


#endif /* _TRV_CLAIMS_H_INCLUDED_ */
