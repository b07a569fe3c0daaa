
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


#include <stdlib.h>
#include <jansson.h>

#include "trv_token.h"
#include "../core/trv_base64.h"


/* a header that is longer, decoded, is not read: no issuer's is */

#define TRV_TOKEN_HEADER_MAX  8192

/* characters that are decoded to see if it is worth to decode all of them */

#define TRV_TOKEN_PEEK        32

#define TRV_TOKEN_JWE_PARTS   5


typedef enum {
    TRV_HEADER_NONE = 0,          /* not a JOSE header */
    TRV_HEADER_UNREAD,            /* looks like one that we cannot read */
    TRV_HEADER_SIGNED,            /* has "alg" */
    TRV_HEADER_ENCRYPTED          /* has "alg" and "enc" */
} trv_header_t;


static inline trv_str_t
trv_token_slice(trv_str_t raw, size_t from, size_t to)
{
    trv_str_t  slice;

    slice.data = raw.data + from;
    slice.len = to - from;

    return slice;
}


/* leaves out what may stand before JSON: white space and a byte order mark */

static trv_str_t
trv_token_skip_space(trv_str_t json)
{
    size_t  i;

    i = 0;

    if (json.len >= 3 && memcmp(json.data, "\xef\xbb\xbf", 3) == 0) {
        i = 3;
    }

    while (i < json.len
           && (json.data[i] == ' ' || json.data[i] == '\t'
               || json.data[i] == '\r' || json.data[i] == '\n'))
    {
        i++;
    }

    return trv_token_slice(json, i, json.len);
}


/*
 * True if the text is the beginning of an object with a member; "more" tells
 * whether it goes on, so that a text which is too short to say is one too.
 * With '{' alone one in 256 random strings would pass for a broken header.
 */

static int
trv_token_object_begins(trv_str_t json, int more)
{
    json = trv_token_skip_space(json);

    if (json.len == 0) {
        return more;
    }

    if (*json.data != '{') {
        return 0;
    }

    json = trv_token_skip_space(trv_token_slice(json, 1, json.len));

    return json.len == 0 ? more : *json.data == '"';
}


/*
 * What jansson refuses (a lone surrogate, 1e400) others accept: when the text
 * begins like a header, it is one.
 */

static trv_rc_t
trv_token_parse_header(trv_str_t json, trv_header_t *header)
{
    json_t        *root;
    json_error_t   error;

    json = trv_token_skip_space(json);

    root = json_loadb((const char *) json.data, json.len, JSON_ALLOW_NUL,
                      &error);

    if (root == NULL) {

        if (json_error_code(&error) == json_error_out_of_memory) {
            return TRV_NOMEM;
        }

        *header = TRV_HEADER_UNREAD;
        return TRV_OK;
    }

    if (!json_is_string(json_object_get(root, "alg"))) {
        *header = TRV_HEADER_NONE;

    } else if (json_is_string(json_object_get(root, "enc"))) {
        *header = TRV_HEADER_ENCRYPTED;

    } else {
        *header = TRV_HEADER_SIGNED;
    }

    json_decref(root);

    return TRV_OK;
}


static trv_rc_t
trv_token_read_header(trv_str_t part, trv_header_t *header)
{
    uint8_t    buf[TRV_TOKEN_HEADER_MAX + 3];
    trv_str_t  json, peek;

    *header = TRV_HEADER_NONE;

    json.data = buf;

    /* an opaque token with dots ends here */

    peek = part;

    if (peek.len > TRV_TOKEN_PEEK) {
        peek.len = TRV_TOKEN_PEEK;
    }

    json.len = trv_base64_decode(peek, TRV_BASE64_SKIP, buf);

    if (!trv_token_object_begins(json, 1)) {
        return TRV_OK;
    }

    if (part.len <= TRV_TOKEN_HEADER_MAX / 3 * 4) {
        json.len = trv_base64_decode(part, TRV_BASE64_SKIP, buf);

        return trv_token_object_begins(json, 0)
               ? trv_token_parse_header(json, header) : TRV_OK;
    }

    part.len = TRV_TOKEN_HEADER_MAX / 3 * 4;
    json.len = trv_base64_decode(part, TRV_BASE64_SKIP, buf);

    if (trv_token_object_begins(json, 0)) {
        *header = TRV_HEADER_UNREAD;
    }

    return TRV_OK;
}


/* where the first parts end, and how many parts there are in all, or 6 */

static unsigned
trv_token_split(trv_str_t raw, size_t end[TRV_TOKEN_JWE_PARTS])
{
    unsigned        n;
    const uint8_t  *p, *last;

    n = 0;
    p = raw.data;
    last = raw.data + raw.len;

    while (n < TRV_TOKEN_JWE_PARTS) {

        p = memchr(p, '.', (size_t) (last - p));
        if (p == NULL) {
            end[n++] = raw.len;
            return n;
        }

        end[n++] = (size_t) (p - raw.data);
        p++;
    }

    return n + 1;
}


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
    const size_t end[TRV_TOKEN_JWE_PARTS], trv_base64_mode_t mode,
    trv_token_t *token)
{
    size_t     i, from;
    uint8_t   *decoded, *encoded, *p;
    trv_rc_t   rc;
    trv_str_t  part, whole;

    decoded = malloc(trv_base64_decoded_len(raw.len));
    encoded = malloc(raw.len + TRV_TOKEN_JWE_PARTS);

    if (decoded == NULL || encoded == NULL) {
        free(decoded);
        free(encoded);
        return TRV_NOMEM;
    }

    from = 0;
    p = encoded;

    for (i = 0; i < TRV_TOKEN_JWE_PARTS; i++) {

        if (i != 0) {
            *p++ = '.';
        }

        part.len = trv_base64_decode(trv_token_slice(raw, from, end[i]), mode,
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

    free(decoded);
    free(encoded);

    return rc;
}


static trv_rc_t
trv_token_identify_opaque(trv_digest_t *digest, trv_str_t raw,
    trv_token_t *token)
{
    trv_rc_t  rc;

    token->kind = TRV_TOKEN_OPAQUE;
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
    token->kind = TRV_TOKEN_JWS;

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
    const size_t end[TRV_TOKEN_JWE_PARTS], trv_token_t *token)
{
    trv_rc_t  rc;

    token->kind = TRV_TOKEN_JWE;
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


trv_rc_t
trv_token_identify(trv_digest_t *digest, trv_str_t raw, trv_token_t *token)
{
    size_t          end[TRV_TOKEN_JWE_PARTS];
    trv_rc_t        rc;
    unsigned        parts;
    trv_header_t    header;
    const uint8_t  *dot;

    dot = raw.len != 0 ? memchr(raw.data, '.', raw.len) : NULL;
    if (dot == NULL) {
        return trv_token_identify_opaque(digest, raw, token);
    }

    rc = trv_token_read_header(trv_token_slice(raw, 0,
                                               (size_t) (dot - raw.data)),
                               &header);
    if (rc != TRV_OK) {
        return rc;
    }

    if (header == TRV_HEADER_NONE) {
        return trv_token_identify_opaque(digest, raw, token);
    }

    parts = trv_token_split(raw, end);

    if (header == TRV_HEADER_ENCRYPTED && parts == TRV_TOKEN_JWE_PARTS) {
        return trv_token_identify_jwe(digest, raw, end, token);
    }

    rc = trv_token_identify_jws(digest, raw, end[1], token);

    /* it may be a JWE all the same: with more parts, or with a long header */

    if (rc == TRV_OK && header != TRV_HEADER_SIGNED
        && parts >= TRV_TOKEN_JWE_PARTS)
    {
        rc = trv_token_add_canonical(digest, raw, end, TRV_BASE64_SKIP, token);
    }

    return rc;
}
