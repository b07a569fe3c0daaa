
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Places for a value that spelling.h has made: behind a scheme, in Basic
 * credentials and in header fields that are like those, as the table at the
 * head of src/core/trv_extract_auth.c shows them.
 */


#ifndef _SPELLING_AUTH_H_INCLUDED_
#define _SPELLING_AUTH_H_INCLUDED_


#include "../../src/core/trv_base64.h"
#include "spelling.h"


static const trv_str_t  spelling_schemes[] = {
    trv_string("Bearer"), trv_string("DPoP"), trv_string("Api.Key")
};


static const char *const  spelling_junk[] = {
    "x", "junk=1", "other=\"y\"", "=", "a.b.c", "%", "%zz", "\"", "\\", "(*)"
};

#define SPELLING_SCHEMES  3
#define SPELLING_JUNK     (sizeof(spelling_junk) / sizeof(spelling_junk[0]))


static inline const char *
spelling_some_junk(spelling_t *s)
{
    return spelling_junk[spelling_pick(s, SPELLING_JUNK)];
}


static inline int
spelling_is_padding(const spelling_text_t *text)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] != '=') {
            return 0;
        }
    }

    return 1;
}


/* beyond the limits a request may be refused for that reason */

static inline int
spelling_too_many(const spelling_t *s)
{
    return s->ntokens > TRV_TOKENS_MAX || s->nsteps > SPELLING_SURE;
}


/* what begins a JWT, so that nothing before it is part of one */

static inline int
spelling_begins(uint8_t c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9')
           || c == '-' || c == '_' || c == '.';
}


/*
 * Credentials: the value alone, or where servers cut it out of more.
 *
 *     v     v junk     v,junk     v;junk     name=v     name=v,junk
 */

static inline void
spelling_credentials(spelling_t *s)
{
    unsigned  mode, behind;

    mode = spelling_pick(s, 6);
    behind = mode == 5 ? 1 + spelling_pick(s, 2) : mode;

    memset(s->avoid, 0, sizeof(s->avoid));

    if (s->wire) {
        spelling_avoid(s->avoid, 0, "\r\n");
        s->avoid[0] = 1;
    }

    if (mode != 0 && mode != 2) {
        spelling_avoid(s->avoid, 1, mode == 1 ? "" : ",;");

    } else if (mode == 2) {
        spelling_avoid(s->avoid, 0, ",");
    }

    if (!spelling_fit(s)) {
        mode = 0;
        behind = 0;
    }

    if (mode == 0 && spelling_begins(s->value.data[0])
        && spelling_once_in(s, 4))
    {
        s->marks |= 1u << SPELLING_SKIPPED;
        spelling_put(&s->in, (uint8_t) "<!'({"[spelling_pick(s, 5)]);
    }

    /* "name==" may be the padding of base64 */

    if (mode >= 4 && !spelling_is_padding(&s->value)) {
        s->marks |= 1u << SPELLING_PARAMETER;
        spelling_adds(&s->in, spelling_pick(s, 2) ? "token=" : "x=");
    }

    spelling_add_text(&s->in, &s->value);

    if (behind != 0 && behind != 4) {
        s->marks |= 1u << SPELLING_BEHIND;
        spelling_put(&s->in, (uint8_t) " ,;"[behind - 1]);
        spelling_put_blanks(s, &s->in, 1);
        spelling_adds(&s->in, spelling_some_junk(s));
    }
}


/* a scheme, behind others that may be the same, and blanks */

static inline void
spelling_place_scheme(spelling_t *s, trv_str_t scheme)
{
    unsigned  n, first;

    switch (spelling_pick(s, 4)) {

    case 1:
        spelling_put_blanks(s, &s->in, 2);
        break;

    case 2:
        spelling_adds(&s->in, spelling_some_junk(s));
        break;

    case 3:
        s->marks |= 1u << SPELLING_PREFIX;

        for (n = 1 + spelling_pick(s, 3); n != 0; n--) {
            s->ntokens++;
            spelling_put_word(s, &s->in, spelling_pick(s, 2)
                              ? scheme : spelling_schemes[2]);
            spelling_put(&s->in, ' ');
            spelling_adds(&s->in, spelling_some_junk(s));
            spelling_adds(&s->in, spelling_pick(s, 2) ? ", " : ",");
        }
    }

    first = s->in.len == 0;

    spelling_put_word(s, &s->in, scheme);

    if (first && s->kind != SPELLING_BASIC_OF && s->value.data[0] > ' '
        && s->value.data[0] <= '~' && s->value.data[0] != '%'
        && spelling_once_in(s, 4))
    {
        s->marks |= 1u << SPELLING_GLUED;
        return;
    }

    spelling_put(&s->in, spelling_pick(s, 2) ? ' ' : spelling_blank(s));
    spelling_put_blanks(s, &s->in, 2);
}


/*
 *     one, v, two     one, Word v     base64url.bearer.some.name.<v>
 */

static inline void
spelling_place_list(spelling_t *s)
{
    uint8_t    text[SPELLING_SIZE];
    unsigned   protocol;
    trv_str_t  value;

    s->marks |= 1u << SPELLING_LIST;

    protocol = spelling_once_in(s, 3);

    memset(s->avoid, 0, sizeof(s->avoid));

    if (!protocol) {
        spelling_avoid(s->avoid, 0, s->wire ? ",\r\n" : ",");
        s->avoid[0] |= s->wire;
        spelling_fit(s);
    }

    if (spelling_pick(s, 2)) {
        spelling_adds(&s->in, spelling_some_junk(s));
        spelling_adds(&s->in, spelling_pick(s, 2) ? ", " : "\t,");
    }

    if (protocol) {
        s->marks |= 1u << SPELLING_PROTOCOL;
        value.data = s->value.data;
        value.len = s->value.len;

        spelling_adds(&s->in, "base64url.bearer.");
        spelling_adds(&s->in, spelling_pick(s, 2) ? "a.k8s.io." : "");
        spelling_add(&s->in, text, trv_base64url_encode(value, text));

    } else {
        spelling_adds(&s->in, spelling_pick(s, 2) ? "" : "Word ");
        spelling_add_text(&s->in, &s->value);
    }

    if (spelling_pick(s, 2)) {
        spelling_adds(&s->in, spelling_pick(s, 2) ? ", " : " ,");
        spelling_adds(&s->in, spelling_some_junk(s));
    }
}


static inline void
spelling_place_value(spelling_t *s)
{
    switch (spelling_pick(s, 3)) {

    case 1:
        s->marks |= 1u << SPELLING_PREFIX;
        spelling_adds(&s->in, spelling_some_junk(s));
        spelling_put(&s->in, spelling_blank(s));
        spelling_put_blanks(s, &s->in, 1);
        break;

    case 2:

        /* anywhere: then it is read as credentials of that scheme are */

        if (!(s->how & TRV_READ_PERCENT)) {
            spelling_place_scheme(s, spelling_schemes[spelling_pick(s, 2)]);
            break;
        }

        spelling_place_list(s);
        return;
    }

    spelling_credentials(s);
}


/*
 *     v     v:rest     user:v     user:v:rest     user:rest:v
 */

static inline void
spelling_basic_pair(spelling_t *s, spelling_text_t *pair)
{
    unsigned  mode;

    mode = spelling_pick(s, 5);

    memset(s->avoid, 0, sizeof(s->avoid));

    if (mode != 1 && mode != 2) {
        spelling_avoid(s->avoid, 0, ":");
        spelling_fit(s);
    }

    pair->len = 0;

    if (mode >= 2) {
        spelling_adds(pair, spelling_pick(s, 3) ? "user:" : ":");
    }

    if (mode == 4) {
        spelling_adds(pair, "some:");
    }

    spelling_add_text(pair, &s->value);

    if (mode == 1 || mode == 3) {
        spelling_adds(pair, spelling_pick(s, 2) ? ":rest" : ":");
    }
}


/* bytes that decoders skip; an invisible one ends the text for others */

static inline void
spelling_put_foreign(spelling_t *s)
{
    s->marks |= 1u << SPELLING_FOREIGN;

    switch (spelling_pick(s, 3)) {

    case 0:
        spelling_put(&s->in, (uint8_t) "!.~*%="[spelling_pick(s, 6)]);
        break;

    case 1:
        spelling_put(&s->in, (uint8_t) ",;"[spelling_pick(s, 2)]);
        break;

    default:
        spelling_put(&s->in, spelling_blank(s));
    }
}


static inline void
spelling_place_base64(spelling_t *s)
{
    size_t           i, n;
    uint8_t          text[SPELLING_SIZE];
    trv_str_t        bytes;
    unsigned         foreign, spare;
    spelling_text_t  pair;

    static const char  digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
                                  "pqrstuvwxyz0123456789-_";

    spelling_basic_pair(s, &pair);

    bytes.data = pair.data;
    bytes.len = pair.len;
    n = trv_base64url_encode(bytes, text);

    /* bits that belong to no byte */

    spare = n % 4 == 2 ? 16 : n % 4 == 3 ? 4 : 1;
    i = (size_t) (strchr(digits, text[n - 1]) - digits);
    text[n - 1] = (uint8_t) digits[i + spelling_pick(s, spare)];

    foreign = spelling_once_in(s, 3);

    for (i = 0; i < n; i++) {

        if (foreign && spelling_once_in(s, 6)) {
            spelling_put_foreign(s);
        }

        if (text[i] == '-' || text[i] == '_') {
            spelling_put(&s->in, (uint8_t) (spelling_pick(s, 2) ? text[i]
                                            : text[i] == '-' ? '+' : '/'));

        } else {
            spelling_put(&s->in, text[i]);
        }
    }

    if (foreign || spelling_pick(s, 2) == 0) {
        return;
    }

    for (i = n; i % 4 != 0; i++) {
        s->marks |= 1u << SPELLING_PADDING;
        spelling_put(&s->in, '=');
    }

    /* what is behind the padding, or behind a separator, some never see */

    if (n % 4 == 0 || spelling_pick(s, 2)) {
        spelling_put(&s->in, (uint8_t) " ,;\t"[spelling_pick(s, 4)]);
    }

    s->marks |= 1u << SPELLING_BEHIND;
    spelling_adds(&s->in, spelling_pick(s, 2) ? "QUJD" : "Basic eDp5");
}


#endif /* _SPELLING_AUTH_H_INCLUDED_ */
