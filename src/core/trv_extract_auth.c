
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Tokens in an Authorization header field, or in one that is like it.
 *
 *     Bearer abc              abc                  RFC 6750
 *     bEARER <SP><HTAB> abc   abc                  RFC 9110, section 11.4
 *     Bearer<0x0b>abc         abc                  Python's split()
 *     Bearer abc def          abc def; abc         split() and take [1]
 *     Bearer abc,def          abc,def; abc         Laravel
 *     Bearer abc;def          abc;def; abc         Rails
 *     Bearer token=abc        token=abc; abc       Rails
 *     Bearer "abc"            "abc"; abc
 *     Bearer a, Bearer b      a; b                 repeated and joined
 *     X y, Bearer b           b
 *     xBearer b               b                    Laravel: wherever it is
 *     Bearerabc               abc                  cut off, and trimmed
 *     Bearer <abc             <abc; abc            Envoy: what cannot begin a
 *                                                  JWT is skipped
 *
 * What no server is known to read costs a look-up that finds nothing; a
 * reading that is left out is a way around a revocation.
 *
 * The scheme must be there.  An application that ignores it ("X abc", a bare
 * "abc") is served by trv_extract_value(), which takes what follows any first
 * word.
 */


#include "trv_base64.h"
#include "trv_extract_private.h"


/* schemes of access tokens: RFC 6750, section 2.1; RFC 9449, section 7.1 */

static const trv_str_t  trv_scheme_bearer[] = {
    trv_string("Bearer"),
    trv_string("DPoP")
};

#define TRV_SCHEMES  (sizeof(trv_scheme_bearer) / sizeof(trv_scheme_bearer[0]))


/* true if the byte is in the alphabet of a JWT */

static inline int
trv_credentials_letter(uint8_t c)
{
    uint8_t  lower;

    lower = (uint8_t) (c | 0x20);

    return (lower >= 'a' && lower <= 'z') || (c >= '-' && c <= '9' && c != '/')
           || c == '_';
}


static trv_str_t
trv_credentials_skip(trv_str_t text)
{
    while (text.len != 0 && !trv_credentials_letter(*text.data)) {
        text = trv_text_from(text, 1);
    }

    return text;
}


/* the credentials, whole and cut where servers cut them */

static trv_rc_t
trv_credentials_add(trv_occurrence_t *o, trv_str_t rest)
{
    size_t          i, n;
    trv_rc_t        rc;
    trv_str_t       word;
    const uint8_t  *eq;

    size_t  cut[3];

    rest = trv_text_trim(rest);

    rc = trv_occurrence_add(o, rest);

    if (rc == TRV_OK && rest.len != 0
        && !trv_credentials_letter(*rest.data))
    {
        rc = trv_occurrence_add(o, trv_credentials_skip(rest));
    }

    if (rc != TRV_OK || !o->rough) {
        return rc;
    }

    rest = trv_text_skip(rest);

    cut[0] = trv_text_visible(rest);
    cut[1] = trv_text_span(rest, 0x21, ',', ';');

    eq = rest.len != 0 ? memchr(rest.data, ',', rest.len) : NULL;
    cut[2] = eq != NULL ? (size_t) (eq - rest.data) : rest.len;

    for (i = 0; i < 3; i++) {

        if (cut[i] == rest.len) {
            continue;
        }

        rc = trv_occurrence_add(o, trv_text_trim(trv_text(rest.data, cut[i])));
        if (rc != TRV_OK) {
            return rc;
        }
    }

    word = trv_text(rest.data, cut[1]);
    eq = word.len != 0 ? memchr(word.data, '=', word.len) : NULL;

    if (eq == NULL) {
        return TRV_OK;
    }

    /* a parameter, unless it is the padding of base64 */

    word = trv_text_from(word, (size_t) (eq - word.data) + 1);

    for (n = 0; n < word.len; n++) {
        if (word.data[n] != '=') {
            return trv_occurrence_add(o, word);
        }
    }

    return TRV_OK;
}


/* behind a scheme: not a blank, and not "%20", which is read as one */

static inline int
trv_scheme_glued(uint8_t c)
{
    return c > ' ' && c <= '~' && c != '%';
}


/* the scheme before a place in the header */

static inline int
trv_scheme_ends(trv_str_t header, size_t end, trv_str_t scheme)
{
    return end >= scheme.len
           && trv_str_caseeq(trv_text(header.data + end - scheme.len,
                                      scheme.len),
                             scheme);
}


/* a scheme at the beginning, and nothing between it and the rest */

static trv_rc_t
trv_scheme_first(trv_candidates_t *c, trv_str_t header, trv_str_t scheme,
    trv_credentials_pt handler)
{
    if (scheme.len < header.len && trv_scheme_glued(header.data[scheme.len])
        && trv_scheme_ends(header, scheme.len, scheme))
    {
        return handler(c, trv_text_from(header, scheme.len));
    }

    return TRV_OK;
}


/*
 * Goes from blank to blank, there are few, and looks at what is before them:
 * once for all schemes, since most of the time there is one blank.
 */

trv_rc_t
trv_scheme_each(trv_candidates_t *c, trv_str_t header,
    const trv_str_t *scheme, unsigned n, trv_credentials_pt handler)
{
    size_t    i;
    unsigned  k;
    trv_rc_t  rc;

    /* nginx takes SP off a field's value, and leaves HTAB */

    header = trv_text_trim(header);

    rc = TRV_OK;

    for (k = 0; k < n && rc == TRV_OK; k++) {
        rc = trv_scheme_first(c, header, scheme[k], handler);
    }

    for (i = 0; rc == TRV_OK && i < header.len; i++) {

        i += trv_text_visible(trv_text_from(header, i));

        if (i == header.len) {
            break;
        }

        for (k = 0; k < n && rc == TRV_OK; k++) {
            if (trv_scheme_ends(header, i, scheme[k])) {
                rc = handler(c, trv_text_from(header, i + 1));
            }
        }
    }

    return rc == TRV_NONE ? TRV_OK : rc;
}


static trv_rc_t
trv_scheme_credentials(trv_candidates_t *c, trv_str_t rest)
{
    trv_rc_t          rc;
    trv_occurrence_t  o;

    trv_occurrence_open(&o, c, TRV_READ_QUOTED);

    rc = trv_credentials_add(&o, rest);

    if (rc == TRV_OK && !o.rough) {
        return TRV_NONE;
    }

    return rc == TRV_OK ? trv_occurrence_close(&o) : rc;
}


trv_rc_t
trv_extract_scheme(trv_candidates_t *c, trv_str_t header, trv_str_t scheme)
{
    trv_mark_t  mark;

    if (scheme.len == 0) {
        return TRV_OK;
    }

    mark = trv_candidates_mark(c);

    return trv_candidates_settle(c, mark,
                                 trv_scheme_each(c, header, &scheme, 1,
                                                 trv_scheme_credentials));
}


trv_rc_t
trv_extract_bearer(trv_candidates_t *c, trv_str_t header)
{
    trv_mark_t  mark;

    mark = trv_candidates_mark(c);

    return trv_candidates_settle(c, mark,
                                 trv_scheme_each(c, header,
                                                 trv_scheme_bearer,
                                                 TRV_SCHEMES,
                                                 trv_scheme_credentials));
}


/*
 * One of a list: WebSocket clients in browsers can send tokens only among the
 * names of protocols.
 *
 *     access_token, abc                             abc
 *     base64url.bearer.authorization.k8s.io.YWJj    abc    Kubernetes
 */

static trv_rc_t
trv_value_element(trv_occurrence_t *o, trv_str_t element)
{
    size_t     dot, len;
    uint8_t   *out;
    trv_rc_t   rc;

    static const trv_str_t  bearer = trv_string("base64url.bearer.");

    rc = trv_occurrence_add(o, element);

    if (rc != TRV_OK || element.len <= bearer.len
        || !trv_str_eq(trv_text(element.data, bearer.len), bearer))
    {
        return rc;
    }

    dot = element.len;

    while (element.data[dot - 1] != '.') {
        dot--;
    }

    element = trv_text_from(element, dot);

    rc = trv_candidates_alloc(o->c, trv_base64_decoded_len(element.len), &out);
    if (rc != TRV_OK) {
        return rc;
    }

    len = trv_base64_decode(element, TRV_BASE64_SKIP, out);

    return trv_occurrence_add(o, trv_text(out, len));
}


static trv_rc_t
trv_value_list(trv_occurrence_t *o, trv_str_t list)
{
    size_t          n;
    trv_rc_t        rc;
    trv_str_t       element;
    const uint8_t  *comma;

    rc = TRV_OK;

    while (rc == TRV_OK && list.len != 0) {

        comma = memchr(list.data, ',', list.len);
        n = comma != NULL ? (size_t) (comma - list.data) : list.len;

        element = trv_text_trim(trv_text(list.data, n));
        list = trv_text_from(list, comma != NULL ? n + 1 : n);

        rc = trv_value_element(o, element);

        if (rc == TRV_OK) {
            n = trv_text_visible(element);
            rc = trv_occurrence_add(o, trv_text_trim(trv_text_from(element,
                                                                   n)));
        }
    }

    return rc;
}


static trv_rc_t
trv_value_add(trv_candidates_t *c, trv_str_t value)
{
    size_t            n;
    trv_rc_t          rc;
    trv_occurrence_t  o;

    trv_occurrence_open(&o, c,
                        TRV_READ_QUOTED|TRV_READ_PERCENT|TRV_READ_SCHEME);

    rc = trv_credentials_add(&o, value);

    if (rc == TRV_OK) {
        rc = trv_value_list(&o, value);
    }

    if (rc == TRV_OK && o.rough) {

        /* "Token abc", "ApiKey abc": many do not look at the word */

        value = trv_text_skip(value);
        n = trv_text_visible(value);

        rc = trv_credentials_add(&o, trv_text_from(value, n));
    }

    if (rc == TRV_OK) {
        rc = trv_occurrence_close(&o);
    }

    if (rc == TRV_OK) {
        rc = trv_scheme_each(c, value, trv_scheme_bearer, TRV_SCHEMES,
                             trv_scheme_credentials);
    }

    return rc;
}


trv_rc_t
trv_extract_value(trv_candidates_t *c, trv_str_t value)
{
    trv_mark_t  mark;

    mark = trv_candidates_mark(c);

    return trv_candidates_settle(c, mark, trv_value_add(c, value));
}
