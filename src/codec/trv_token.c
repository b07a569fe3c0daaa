
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 *     header.payload.signature            JWS (RFC 7515)
 *     ^------------^                      what was signed: the identity
 *
 *     header.key.iv.ciphertext.tag        JWE (RFC 7516)
 *     ^--------------------------^        the identity
 *
 * The holder of a JWS cannot change what was signed, not even its spelling:
 * the signature is of the characters.  So it is the issuer who chooses how
 * the header is written, and the lenient reading (Node.js skips characters
 * that are in no alphabet) finds whatever a verifier may accept.  To take one
 * token too many for a JWS costs a look-up, since the hash of the whole is
 * looked up too; to miss one lets its holder evade.
 *
 * Of a JWE only the header is authenticated as it is spelled.  The other
 * parts are authenticated as decoded, so the holder can spell them anew
 * (padding, the other alphabet, spare bits): what was issued is found under
 * the canonical spelling, which is what issuers write.
 */


#include "trv_jose.h"
#include "trv_memory.h"
#include "trv_token.h"
#include "../core/trv_base64.h"


/* adds an identity that was written behind the last one, unless it is known */

static void
trv_token_keep(trv_token_t *token)
{
    unsigned  i;

    for (i = 0; i < token->nids; i++) {
        if (memcmp(token->id[i], token->id[token->nids], TRV_SHA256_LEN)
            == 0)
        {
            return;
        }
    }

    token->nids++;
}


/*
 * The canonical spelling of five parts.  What decoders skip is skipped, so
 * there is always one.
 */

static trv_rc_t
trv_token_add_canonical(trv_digest_t *digest, trv_str_t raw,
    const size_t end[TRV_JOSE_PARTS], trv_base64_mode_t mode,
    trv_token_t *token)
{
    size_t     i, from;
    uint8_t   *decoded, *encoded, *p;
    trv_rc_t   rc;
    trv_str_t  part, whole;

    decoded = trv_alloc(trv_base64_decoded_len(raw.len));
    encoded = trv_alloc(raw.len + TRV_JOSE_PARTS);

    if (decoded == NULL || encoded == NULL) {
        trv_free(decoded);
        trv_free(encoded);
        return TRV_NOMEM;
    }

    from = 0;
    p = encoded;

    for (i = 0; i < TRV_JOSE_PARTS; i++) {

        if (i != 0) {
            *p++ = '.';
        }

        part.len = trv_base64_decode(trv_jose_slice(raw, from, end[i]), mode,
                                     decoded);
        part.data = decoded;

        p += trv_base64url_encode(part, p);

        from = end[i] + 1;
    }

    whole.data = encoded;
    whole.len = (size_t) (p - encoded);

    rc = trv_digest_sha256(digest, whole, token->id[token->nids]);

    if (rc == TRV_OK) {
        trv_token_keep(token);
    }

    trv_free(decoded);
    trv_free(encoded);

    return rc;
}


static trv_rc_t
trv_token_identify_opaque(trv_digest_t *digest, trv_str_t raw,
    trv_token_t *token)
{
    trv_rc_t  rc;

    token->nids = 1;

    rc = trv_digest_sha256(digest, raw, token->id[0]);

    if (rc == TRV_OK && trv_digest_from_hex(raw, token->id[1]) == TRV_OK) {
        trv_token_keep(token);
    }

    return rc;
}


static trv_rc_t
trv_token_identify_jws(trv_digest_t *digest, trv_str_t raw, size_t prefix,
    trv_token_t *token)
{
    if (prefix == raw.len) {
        token->nids = 1;
        return trv_digest_sha256(digest, raw, token->id[0]);
    }

    token->nids = 2;

    return trv_digest_sha256_both(digest, raw, prefix, token->id[0],
                                  token->id[1]);
}


/* interior '=' is read in two ways; TRV_TOKEN_IDS has no room for the third */

static trv_rc_t
trv_token_identify_jwe(trv_digest_t *digest, trv_str_t raw,
    const size_t end[TRV_JOSE_PARTS], trv_token_t *token)
{
    trv_rc_t  rc;

    token->nids = 1;

    rc = trv_digest_sha256(digest, raw, token->id[0]);

    if (rc == TRV_OK) {
        rc = trv_token_add_canonical(digest, raw, end, TRV_BASE64_SKIP, token);
    }

    if (rc == TRV_OK && memchr(raw.data, '=', raw.len) != NULL) {
        rc = trv_token_add_canonical(digest, raw, end, TRV_BASE64_QUAD, token);
    }

    return rc;
}


trv_token_kind_t
trv_token_kind(const trv_jose_t *jose)
{
    if (jose->kind == TRV_JOSE_NONE) {
        return TRV_TOKEN_OPAQUE;
    }

    return jose->kind == TRV_JOSE_ENCRYPTED && jose->parts == TRV_JOSE_PARTS
           ? TRV_TOKEN_JWE : TRV_TOKEN_JWS;
}


trv_rc_t
trv_token_identify_jose(trv_digest_t *digest, trv_str_t raw,
    const trv_jose_t *jose, trv_token_t *token)
{
    trv_rc_t  rc;

    token->kind = trv_token_kind(jose);

    if (token->kind == TRV_TOKEN_OPAQUE) {
        return trv_token_identify_opaque(digest, raw, token);
    }

    if (token->kind == TRV_TOKEN_JWE) {
        return trv_token_identify_jwe(digest, raw, jose->end, token);
    }

    rc = trv_token_identify_jws(digest, raw, jose->end[1], token);

    /* it may be a JWE all the same: with more parts, or with a long header */

    if (rc == TRV_OK && jose->kind != TRV_JOSE_SIGNED
        && jose->parts >= TRV_JOSE_PARTS)
    {
        rc = trv_token_add_canonical(digest, raw, jose->end, TRV_BASE64_SKIP,
                                     token);
    }

    return rc;
}


trv_rc_t
trv_token_identify(trv_digest_t *digest, trv_str_t raw, trv_token_t *token)
{
    trv_jose_t  jose;

    trv_jose_read(raw, NULL, &jose);

    return trv_token_identify_jose(digest, raw, &jose, token);
}
