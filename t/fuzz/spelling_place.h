
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * All places for a value that spelling.h has made; here those among other
 * cookies or arguments, as the table at the head of
 * src/core/trv_extract_pairs.c shows them.
 */


#ifndef _SPELLING_PLACE_H_INCLUDED_
#define _SPELLING_PLACE_H_INCLUDED_


#include "spelling_auth.h"


#define SPELLING_NAMES  3


static const trv_str_t  spelling_names[] = {
    trv_string("my_token"), trv_string("X-Plex-Token"), trv_string("a")
};


/* the name of a cookie or of an argument, as the table has it */

static inline void
spelling_put_name(spelling_t *s, const uint8_t avoid[256])
{
    int       cookie;
    size_t    i;
    uint8_t   c;
    unsigned  mode;

    mode = spelling_pick(s, 6);
    cookie = s->kind == SPELLING_COOKIE_OF;

    if (mode != 0) {
        s->marks |= 1u << SPELLING_NAME;
    }

    if (mode == 5 && spelling_pick(s, 2)) {
        spelling_adds(&s->in, cookie || spelling_pick(s, 2) ? "%20" : "+");
    }

    for (i = 0; i < s->name.len; i++) {
        c = s->name.data[i];

        if (mode >= 3 && c == '_') {
            c = (uint8_t) "_.[ +"[spelling_pick(s, 5)];
        }

        if (mode != 0 && spelling_pick(s, 2) && (c | 0x20) >= 'a'
            && (c | 0x20) <= 'z')
        {
            c ^= 0x20;
        }

        if (avoid[c] || (mode >= 2 && c != '+' && spelling_once_in(s, 3))) {
            spelling_put_percent(s, &s->in, c);

        } else {
            spelling_put(&s->in, c);
        }
    }

    if (mode >= 4) {

        static const char *const  ends[] = {
            "", "[]", "[0]", "%5b0%5D", "%5B", "%00", "%00x"
        };

        spelling_adds(&s->in, ends[spelling_pick(s, 7)]);
    }
}


/* another pair, of another name or of ours; then it may be part of our value */

static inline void
spelling_put_other(spelling_t *s, const uint8_t avoid[256], unsigned n)
{
    char                    number[16];
    spelling_text_t         text;
    const spelling_text_t  *step;

    if (n != 0) {
        spelling_add(&s->in, s->name.data, s->name.len);
        s->ntokens++;

        if (n == 1 && s->nsteps != 0) {
            step = &s->step[spelling_pick(s, s->nsteps)];
            text.len = 0;
            spelling_percent(s, 0, avoid, step, &text);
            spelling_put(&s->in, '=');
            spelling_add_text(&s->in, spelling_has(step, avoid) ? &text : step);

        } else {
            snprintf(number, sizeof(number), "=v%u", n);
            spelling_adds(&s->in, number);
        }

        return;
    }

    spelling_adds(&s->in, "q=");
    spelling_adds(&s->in, spelling_pick(s, 2) ? "1" : spelling_some_junk(s));
}


static inline void
spelling_put_others(spelling_t *s, const uint8_t avoid[256],
    const char *separator, unsigned n, int before)
{
    unsigned  i, same;

    same = spelling_once_in(s, 3);

    for (i = 0; i < n; i++) {

        if (!before) {
            spelling_adds(&s->in, separator);
        }

        s->marks |= same << SPELLING_SAME_NAME;
        spelling_put_other(s, avoid, same ? i + 1 + 100 * !before * (n > 3)
                                          : 0);

        if (before) {
            spelling_adds(&s->in, separator);
        }
    }
}


/*
 *     q=1; q=2; name=v; q=3     split where all split, or where some do:
 *                               then nothing of ours may be cut
 */

static inline void
spelling_place_pair(spelling_t *s)
{
    int          cookie, other;
    uint8_t      avoid[256];
    unsigned     n;
    const char  *separator;

    cookie = s->kind == SPELLING_COOKIE_OF;
    other = spelling_once_in(s, 3);

    separator = cookie ? (other ? (spelling_pick(s, 2) ? ", " : " ")
                                : (spelling_pick(s, 3) ? "; " : ";"))
                       : (other ? ";" : spelling_pick(s, 9) ? "&" : "&&");

    memset(avoid, 0, sizeof(avoid));
    spelling_avoid(avoid, cookie && other, cookie ? ";" : "&");

    if (other) {
        s->marks |= 1u << SPELLING_OTHER_CUT;
        spelling_avoid(avoid, 0, cookie ? "," : ";");
    }

    if (s->wire) {
        spelling_avoid(avoid, 0, cookie ? "\r\n" : "\r\n #");
        spelling_avoid(avoid, !cookie, "");
        avoid[0] = 1;
    }

    memcpy(s->avoid, avoid, sizeof(avoid));
    spelling_fit(s);
    spelling_avoid(avoid, 0, "=");

    n = spelling_once_in(s, 40) ? 10 : spelling_pick(s, 4);
    spelling_put_others(s, s->avoid, separator, n, 1);

    if (cookie && !other) {
        spelling_adds(&s->in, spelling_pick(s, 4) ? "" : " \t");
    }

    spelling_put_name(s, avoid);

    if (cookie && !other && spelling_once_in(s, 4)) {
        spelling_adds(&s->in, " =\t");

    } else {
        spelling_put(&s->in, '=');
    }

    spelling_add_text(&s->in, &s->value);

    n = n == 10 ? n : spelling_pick(s, 3);
    spelling_put_others(s, s->avoid, separator, n, 0);
}


/*
 * All of it, from choices and a seed that is not 0; with "wire" what nginx
 * takes in a header field or a request line.
 */

static inline void
spelling_make(spelling_t *s, const uint8_t *choice, size_t nchoices,
    uint64_t seed, unsigned wire)
{
    static const unsigned  hows[] = {
        [SPELLING_VALUE_OF] = TRV_READ_QUOTED|TRV_READ_PERCENT|TRV_READ_SCHEME,
        [SPELLING_SCHEME_OF] = TRV_READ_QUOTED,
        [SPELLING_BASIC_OF] = TRV_READ_PERCENT|TRV_READ_PLUS,
        [SPELLING_COOKIE_OF] = TRV_READ_QUOTED|TRV_READ_PERCENT|TRV_READ_PLUS
                               |TRV_READ_SCHEME,
        [SPELLING_ARG_OF] = TRV_READ_PERCENT|TRV_READ_PLUS|TRV_READ_SCHEME
    };

    s->choice = choice;
    s->nchoices = nchoices;
    s->seed = seed;
    s->wire = wire;
    s->ntokens = 1;
    s->marks = 0;
    s->in.len = 0;
    s->name = (trv_str_t) trv_string("-");

    s->kind = spelling_pick(s, SPELLING_NKINDS);
    s->how = hows[s->kind];

    if (s->kind == SPELLING_VALUE_OF && spelling_once_in(s, 3)) {
        s->how = TRV_READ_QUOTED;
    }

    s->before = SPELLING_NKINDS;

    if (spelling_once_in(s, 4)) {
        s->marks |= 1u << SPELLING_SEEN;
        s->before = spelling_pick(s, SPELLING_NKINDS);
    }

    spelling_make_token(s);
    spelling_make_value(s);

    switch (s->kind) {

    case SPELLING_VALUE_OF:
        spelling_place_value(s);
        break;

    case SPELLING_SCHEME_OF:
        s->name = spelling_schemes[spelling_pick(s, SPELLING_SCHEMES)];
        spelling_place_scheme(s, s->name);
        spelling_credentials(s);
        break;

    case SPELLING_BASIC_OF:
        s->name = (trv_str_t) trv_string("Basic");
        spelling_place_scheme(s, s->name);
        spelling_place_base64(s);
        break;

    default:
        s->name = spelling_names[spelling_pick(s, SPELLING_NAMES)];
        spelling_place_pair(s);
    }

    s->marks |= (unsigned) (s->ntokens > TRV_TOKENS_MAX) << SPELLING_TOO_MANY;
}


#endif /* _SPELLING_PLACE_H_INCLUDED_ */
