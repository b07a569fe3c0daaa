
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Ways to write a token: the inverse of what src/core/trv_reading.c reads.  A
 * token is taken, and steps are undone that some server takes:
 *
 *     token --> %XX, '+' --> quotes, backslashes --> "Bearer " --> blanks ...
 *
 * in any order and up to SPELLING_DEPTH of them; then spelling_place.h puts
 * the value somewhere in a header field or a query.
 *
 * What is documented as not read is not written: quotes directly in quotes, and
 * tokens that begin or end with a blank, a control byte or one beyond ASCII.
 */


#ifndef _SPELLING_H_INCLUDED_
#define _SPELLING_H_INCLUDED_


#include "spelling_text.h"


/* A token: of base64url and dots, or of anything between two visible bytes. */

static inline void
spelling_make_token(spelling_t *s)
{
    size_t    len;
    unsigned  mode;
    uint8_t   c;

    static const char  plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
                                 "RSTUVWXYZ0123456789-_.";
    static const char  odd[] = "+/=%\"\\,;:&~!#'()[]{}|$*@^`<>? 0123abXYZ.\t"
                               "\x7f\x80\xc3\xa9\xff\x01";

    s->token.len = 0;
    len = 1 + spelling_pick(s, 24);
    mode = spelling_pick(s, 4);

    while (s->token.len < len) {

        if (mode == 3 || (mode == 2 && spelling_once_in(s, 4))) {
            c = (uint8_t) odd[spelling_pick(s, sizeof(odd) - 1)];

            if (s->token.len == 0 || s->token.len + 1 == len) {
                c = c <= ' ' || c > '~' ? '+' : c;
            }

        } else {
            c = (uint8_t) plain[spelling_pick(s, sizeof(plain) - 1)];
        }

        if (mode == 3 && !s->wire && s->token.len != 0
            && s->token.len + 1 < len && spelling_once_in(s, 16))
        {
            c = (uint8_t) (spelling_once_in(s, 2) ? '\0' : '\n');
        }

        spelling_put(&s->token, c);
    }
}


static inline void
spelling_put_percent(spelling_t *s, spelling_text_t *text, uint8_t c)
{
    const char  *hex;

    static const char  digits[] = "0123456789abcdef0123456789ABCDEF";

    spelling_put(text, '%');

    if (c < 0x80 && spelling_once_in(s, 12)) {
        s->marks |= 1u << SPELLING_UNICODE;
        spelling_adds(text, spelling_pick(s, 2) ? "u00" : "U00");
    }

    hex = digits + 16 * spelling_pick(s, 2);
    spelling_put(text, (uint8_t) hex[c >> 4]);
    hex = digits + 16 * spelling_pick(s, 2);
    spelling_put(text, (uint8_t) hex[c & 15]);
}


/*
 * Undoes the decoding: a '%' has to be written as %25, with "plus" a '+' as
 * %2B, and what is to be avoided; the others may be.
 */

static inline void
spelling_percent(spelling_t *s, int plus, const uint8_t avoid[256],
    const spelling_text_t *value, spelling_text_t *out)
{
    size_t    i;
    uint8_t   c;
    unsigned  rare;

    static const unsigned  rarity[] = { 1, 2, 8, 64 };

    rare = rarity[spelling_pick(s, 4)];

    for (i = 0; i < value->len; i++) {
        c = value->data[i];

        if (plus && c == ' ' && !avoid['+'] && spelling_pick(s, 4)) {
            s->marks |= 1u << SPELLING_PLUS;
            spelling_put(out, '+');

        } else if (c == '%' || (plus && c == '+') || avoid[c]
                   || spelling_once_in(s, rare))
        {
            s->marks |= 1u << SPELLING_PERCENT;
            spelling_put_percent(s, out, c);

        } else {
            spelling_put(out, c);
        }
    }
}


/* "\c" and, if "octal", "\ooo", where it is not the beginning of the other */

static inline void
spelling_escape(spelling_t *s, int octal, uint8_t c, spelling_text_t *out)
{
    int  digit;

    digit = c >= '0' && c <= '9';

    if (octal && (spelling_once_in(s, 3) || (c == '\\' && spelling_pick(s, 2))))
    {
        s->marks |= 1u << SPELLING_OCTAL;
        spelling_put(out, '\\');
        spelling_put(out, (uint8_t) ('0' + (c >> 6)));
        spelling_put(out, (uint8_t) ('0' + (c >> 3 & 7)));
        spelling_put(out, (uint8_t) ('0' + (c & 7)));
        return;
    }

    if (c == '\\' || (!(octal && digit) && spelling_once_in(s, 3))) {
        s->marks |= 1u << SPELLING_BACKSLASH;
        spelling_put(out, '\\');
    }

    spelling_put(out, c);
}


/* strip('"') takes away quotes that are the value's own, too */

static inline unsigned
spelling_bare(const spelling_text_t *value)
{
    size_t  first, last;

    first = 0;
    last = value->len - 1;

    while (value->data[first] <= ' ' || value->data[first] > '~') {
        first++;
    }

    while (value->data[last] <= ' ' || value->data[last] > '~') {
        last--;
    }

    return value->data[first] != '"' && value->data[last] != '"';
}


static inline void
spelling_quote(spelling_t *s, const spelling_text_t *value,
    spelling_text_t *out)
{
    size_t    i;
    unsigned  mode, bare;

    bare = spelling_bare(value);
    mode = spelling_pick(s, bare ? 7 : 4);

    spelling_adds(out, mode == 6 ? "\"\"" : mode == 5 ? "" : "\"");

    for (i = 0; i < value->len; i++) {

        if (mode == 2 || mode == 3) {
            spelling_escape(s, mode == 3, value->data[i], out);

        } else {
            spelling_put(out, value->data[i]);
        }
    }

    s->marks |= 1u << (mode == 0 || mode == 2 || mode == 3 ? SPELLING_QUOTES
                                                           : SPELLING_OPEN);

    if (mode == 1) {
        spelling_put(out, (uint8_t) "x0~.'"[spelling_pick(s, 5)]);

    } else {
        spelling_adds(out, mode == 6 ? "\"\"\"" : mode == 4 ? "" : "\"");
    }
}


static inline void
spelling_scheme(spelling_t *s, const spelling_text_t *value,
    spelling_text_t *out)
{
    static const trv_str_t  schemes[] = {
        trv_string("Bearer"), trv_string("DPoP")
    };

    s->marks |= 1u << SPELLING_SCHEME;

    spelling_put_word(s, out, schemes[spelling_pick(s, 2)]);
    spelling_put(out, spelling_pick(s, 2) ? ' ' : spelling_blank(s));
    spelling_put_blanks(s, out, 2);
    spelling_add_text(out, value);
}


static inline void
spelling_blanks(spelling_t *s, const spelling_text_t *value,
    spelling_text_t *out)
{
    s->marks |= 1u << SPELLING_BLANKS;

    spelling_put_blanks(s, out, 2);
    spelling_add_text(out, value);
    spelling_put_blanks(s, out, 2);
}


/* what is written in C sees no more behind NUL */

static inline void
spelling_nul(spelling_t *s, const spelling_text_t *value, spelling_text_t *out)
{
    spelling_add_text(out, value);

    if ((s->how & TRV_READ_PERCENT)
        && memchr(value->data, '\0', value->len) == NULL)
    {
        s->marks |= 1u << SPELLING_NUL;
        spelling_add(out, "\0x", 2);
    }
}


/* one step that somebody undoes; 0 if nothing has changed, or too much */

static inline int
spelling_step(spelling_t *s, unsigned step)
{
    spelling_text_t  *out;

    static const uint8_t  nothing[256];

    out = &s->step[s->nsteps];
    out->len = 0;

    switch (step) {

    case TRV_READ_QUOTED:
        spelling_quote(s, &s->value, out);
        break;

    case TRV_READ_PERCENT:
        spelling_percent(s, 0, nothing, &s->value, out);
        break;

    case TRV_READ_PLUS:
        spelling_percent(s, 1, nothing, &s->value, out);
        break;

    case TRV_READ_SCHEME:
        spelling_scheme(s, &s->value, out);
        break;

    case TRV_READ_BLANKS:
        spelling_blanks(s, &s->value, out);
        break;

    default:
        spelling_nul(s, &s->value, out);
    }

    if (out->len > SPELLING_VALUE
        || (out->len == s->value.len
            && memcmp(out->data, s->value.data, out->len) == 0))
    {
        return 0;
    }

    s->nsteps++;
    spelling_copy(&s->value, out);

    return 1;
}


/* blanks do not make quotes in quotes anything else */

static inline void
spelling_make_value(spelling_t *s)
{
    unsigned  n, step, last;

    spelling_copy(&s->value, &s->token);

    s->nsteps = 0;
    last = 0;

    for (n = spelling_pick(s, SPELLING_DEPTH + 1); n != 0; n--) {

        step = 1u << spelling_pick(s, 6);

        if ((step < TRV_READ_BLANKS && !(s->how & step))
            || (step == TRV_READ_QUOTED && last == TRV_READ_QUOTED))
        {
            continue;
        }

        if (spelling_step(s, step) && step <= TRV_READ_SCHEME) {
            last = step;
        }
    }

    s->marks |= (unsigned) (s->nsteps == SPELLING_DEPTH) << SPELLING_DEEP;
}


/* Makes the value such as the place needs it: 0 if that is not possible. */

static inline int
spelling_fit(spelling_t *s)
{
    spelling_text_t  *out;

    if (!spelling_has(&s->value, s->avoid)) {
        return 1;
    }

    if (!(s->how & TRV_READ_PERCENT)) {
        return 0;
    }

    out = &s->step[s->nsteps++];
    out->len = 0;

    spelling_percent(s, 0, s->avoid, &s->value, out);
    spelling_copy(&s->value, out);

    return 1;
}


#endif /* _SPELLING_H_INCLUDED_ */
