
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Tokens in cookies and in arguments: both are lists of name=value.
 *
 *     what              is split at     and, as another reading, also at
 *     Cookie            ;               , (RFC 2109) and blanks (Python's
 *                                       SimpleCookie)
 *     query, form       &               ; (HTML 4.01, appendix B.2.2)
 *
 *     name as sent      means "my_token"
 *     my_token          yes
 *     My_Token          ASP.NET, nginx's own $arg_ and $cookie_
 *     my%5ftoken        all, for arguments; older PHP for cookies too
 *     my.token          PHP; also with a blank, '+' or '[' for the '_'
 *     my_token[0]       PHP, Rack, Node.js: an array, which JavaScript turns
 *     my_token%00x      into the same string; PHP: ends at NUL
 *     <blanks>my_token  PHP
 *
 *     value             is read
 *     abc               as it is
 *     a%62c             as it is, decoded
 *     a%u0062c          as it is, decoded: ASP.NET
 *     abc%00d           as it is, decoded, and up to the NUL: programs in C
 *     a+b               as it is, with a blank
 *     "abc"             cookies only: as it is, and in the ways of
 *                       trv_reading.c
 *     Bearer%20abc      as it is, decoded, and without the scheme
 *
 * Not read: an argument whose '=' or '&' is percent-encoded, and a quoted
 * cookie value with ';' inside.
 */


#include "trv_percent.h"
#include "trv_reading.h"


typedef struct {
    uint8_t   separator;
    uint8_t   cookie;                 /* blanks are trimmed, and separate */
    unsigned  how;
} trv_pairs_kind_t;


static const trv_pairs_kind_t  trv_pairs_cookie = {
    ';', 1,
    TRV_READ_QUOTED|TRV_READ_PERCENT|TRV_READ_PLUS|TRV_READ_SCHEME
};


static const trv_pairs_kind_t  trv_pairs_arg = {
    '&', 0,
    TRV_READ_PERCENT|TRV_READ_PLUS|TRV_READ_SCHEME
};


static inline int
trv_pairs_same(uint8_t sent, uint8_t c)
{
    return trv_lower(sent) == trv_lower(c)
           || (c == '_' && (sent == ' ' || sent == '.' || sent == '['));
}


/* the table above; "decode" tells whether the server undoes %XX and '+' */

static int
trv_pairs_named(trv_str_t sent, trv_str_t name, int decode)
{
    size_t          i, used;
    uint8_t         byte;
    const uint8_t  *p, *end;

    i = 0;
    end = sent.data + sent.len;

    for (p = sent.data; p < end; p += used) {

        used = 1;
        byte = *p;

        if (decode) {
            used = trv_percent_byte(p, end, &byte);
            byte = (*p == '+') ? ' ' : byte;
        }

        if (i == 0 && byte <= ' ') {
            continue;
        }

        if (i == name.len) {
            return byte == '[' || byte == '\0';
        }

        if (!trv_pairs_same(byte, name.data[i])) {
            return 0;
        }

        i++;
    }

    return i == name.len;
}


/* one pair, or something else: then there is nothing to add */

static trv_rc_t
trv_pairs_add(trv_occurrence_t *o, const trv_pairs_kind_t *kind,
    trv_str_t pair, trv_str_t name)
{
    trv_str_t       sent, value;
    const uint8_t  *eq;

    eq = pair.len != 0 ? memchr(pair.data, '=', pair.len) : NULL;
    if (eq == NULL) {
        return TRV_OK;
    }

    sent = trv_text(pair.data, (size_t) (eq - pair.data));
    value = trv_text_from(pair, sent.len + 1);

    if (kind->cookie) {
        sent = trv_text_trim(sent);
        value = trv_text_trim(value);
    }

    if (!trv_pairs_named(sent, name, 0) && !trv_pairs_named(sent, name, 1)) {
        return TRV_OK;
    }

    return trv_occurrence_add(o, value);
}


/* takes the next piece off the text, and the separator behind it */

static trv_str_t
trv_pairs_cut(trv_str_t *text, size_t n)
{
    trv_str_t  piece;

    piece = trv_text(text->data, n);
    *text = trv_text_from(*text, n < text->len ? n + 1 : n);

    return piece;
}


static size_t
trv_pairs_find(trv_str_t text, uint8_t c)
{
    const uint8_t  *p;

    p = text.len != 0 ? memchr(text.data, c, text.len) : NULL;

    return p != NULL ? (size_t) (p - text.data) : text.len;
}


/* where those split who split at more */

static size_t
trv_pairs_find_other(const trv_pairs_kind_t *kind, trv_str_t text)
{
    return kind->cookie ? trv_text_span(text, 0x21, ',', ',')
                        : trv_pairs_find(text, ';');
}


/*
 * A piece between two separators, whole and cut further:
 *
 *     token=a,token=b    a,token=b and a are one occurrence, b is another
 */

static trv_rc_t
trv_pairs_piece(trv_candidates_t *c, const trv_pairs_kind_t *kind,
    trv_str_t piece, trv_str_t name)
{
    size_t            n;
    trv_rc_t          rc;
    trv_occurrence_t  o;

    if (kind->cookie) {
        piece = trv_text_trim(piece);
    }

    trv_occurrence_open(&o, c, kind->how);

    rc = trv_pairs_add(&o, kind, piece, name);

    n = trv_pairs_find_other(kind, piece);

    if (rc == TRV_OK && n == piece.len) {
        return trv_occurrence_close(&o);
    }

    while (rc == TRV_OK && piece.len != 0) {

        n = trv_pairs_find_other(kind, piece);

        rc = trv_pairs_add(&o, kind, trv_pairs_cut(&piece, n), name);

        if (rc == TRV_OK) {
            rc = trv_occurrence_close(&o);
        }

        trv_occurrence_open(&o, c, kind->how);
    }

    return rc;
}


static trv_rc_t
trv_pairs_extract(trv_candidates_t *c, const trv_pairs_kind_t *kind,
    trv_str_t text, trv_str_t name)
{
    size_t      n;
    trv_rc_t    rc;
    trv_mark_t  mark;

    rc = TRV_OK;
    mark = trv_candidates_mark(c);

    while (rc == TRV_OK && text.len != 0) {
        n = trv_pairs_find(text, kind->separator);
        rc = trv_pairs_piece(c, kind, trv_pairs_cut(&text, n), name);
    }

    return trv_candidates_settle(c, mark, rc);
}


trv_rc_t
trv_extract_cookie(trv_candidates_t *c, trv_str_t header, trv_str_t name)
{
    return trv_pairs_extract(c, &trv_pairs_cookie, header, name);
}


trv_rc_t
trv_extract_arg(trv_candidates_t *c, trv_str_t query, trv_str_t name)
{
    return trv_pairs_extract(c, &trv_pairs_arg, query, name);
}
