
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * User name and password of the Basic scheme, each a token.
 */


#include "trv_base64.h"
#include "trv_extract_private.h"


/*
 * RFC 7617: all behind the first colon is the password.  Others take what is
 * between the first and the second (split), or behind the last.  RFC 6749,
 * section 2.3.1, has both percent-encoded.
 *
 *     user:pass:word     user, user:pass / pass:word, pass, word
 */

static trv_rc_t
trv_basic_pair(trv_occurrence_t *user, trv_occurrence_t *password,
    trv_str_t pair)
{
    size_t          first, next, last;
    trv_rc_t        rc;
    const uint8_t  *colon;

    colon = pair.len != 0 ? memchr(pair.data, ':', pair.len) : NULL;
    if (colon == NULL) {
        return trv_occurrence_add(user, pair);
    }

    first = (size_t) (colon - pair.data);
    last = pair.len - 1;

    while (pair.data[last] != ':') {
        last--;
    }

    next = first + 1;

    while (next < pair.len && pair.data[next] != ':') {
        next++;
    }

    rc = trv_occurrence_add(user, trv_text(pair.data, first));

    if (rc == TRV_OK) {
        rc = trv_occurrence_add(user, trv_text(pair.data, last));
    }

    if (rc == TRV_OK) {
        rc = trv_occurrence_add(password, trv_text_from(pair, first + 1));
    }

    if (rc == TRV_OK) {
        rc = trv_occurrence_add(password, trv_text(pair.data + first + 1,
                                                   next - first - 1));
    }

    if (rc == TRV_OK) {
        rc = trv_occurrence_add(password, trv_text_from(pair, last + 1));
    }

    return rc;
}


/* all that decoders make of one text; they differ only over a '=' inside */

static trv_rc_t
trv_basic_decode(trv_occurrence_t *user, trv_occurrence_t *password,
    trv_str_t text)
{
    size_t             len;
    uint8_t           *out;
    trv_rc_t           rc;
    trv_base64_mode_t  mode, modes;

    modes = trv_base64_ambiguous(text) ? TRV_BASE64_NMODES : 1;

    for (mode = TRV_BASE64_SKIP; mode < modes; mode++) {

        rc = trv_candidates_alloc(user->c, trv_base64_decoded_len(text.len),
                                  &out);
        if (rc != TRV_OK) {
            return rc;
        }

        len = trv_base64_decode(text, mode, out);

        rc = trv_basic_pair(user, password, trv_text(out, len));
        if (rc != TRV_OK) {
            return rc;
        }
    }

    return TRV_OK;
}


static trv_rc_t
trv_basic_credentials(trv_candidates_t *c, trv_str_t rest)
{
    size_t            n;
    trv_rc_t          rc;
    trv_occurrence_t  user, password;

    trv_occurrence_open(&user, c, TRV_READ_PERCENT|TRV_READ_PLUS);
    trv_occurrence_open(&password, c, TRV_READ_PERCENT|TRV_READ_PLUS);

    /* a tolerant decoder skips blanks and commas, a parser ends there */

    rest = trv_text_skip(rest);
    n = trv_text_span(rest, 0x21, ',', ';');

    rc = trv_basic_decode(&user, &password, trv_text(rest.data, n));

    if (rc == TRV_OK && n != rest.len) {
        rc = trv_basic_decode(&user, &password, rest);
    }

    if (rc == TRV_OK) {
        rc = trv_occurrence_close(&user);
    }

    if (rc == TRV_OK) {
        rc = trv_occurrence_close(&password);
    }

    return rc;
}


trv_rc_t
trv_extract_basic(trv_candidates_t *c, trv_str_t header)
{
    trv_mark_t  mark;

    static const trv_str_t  basic = trv_string("Basic");

    mark = trv_candidates_mark(c);

    return trv_candidates_settle(c, mark,
                                 trv_scheme_each(c, header, &basic, 1,
                                                 trv_basic_credentials));
}
