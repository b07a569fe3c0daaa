
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the extractors do with several sources, at their limits, and with
 * 32 KB of the worst input.
 */


#include "extract.h"


/* what one source has seen is read again where another would read more */

static void
extract_sources(void)
{
    size_t            len;
    uint8_t           out[512];
    trv_candidates_t  c;
    extract_memory_t  m;

    static const trv_str_t  name = trv_string("a");
    static const trv_str_t  bearer = trv_string("Bearer");
    static const trv_str_t  header = trv_string("Bearer \"%61+\"");
    static const trv_str_t  cookie = trv_string("a=\"%61+\"; a=b");
    static const char       found[] = "\"%61+\"|61+\"|%61+|61+"
                                      "|\"a+\"|\"a \"|a+|a |a|b";

    extract_start(&c, &m, 0);

    c.source = 7;
    tap_uint(extract_run(&c, EXTRACT_SCHEME, header, bearer), TRV_OK, "one");
    tap_uint(c.n, 4, "a header has no percent-encoding");
    tap_uint(c.ntokens, 1, "one token");

    /* without memory at first: what was begun is done again */

    m.fail_at = m.n + 1;
    tap_uint(extract_run(&c, EXTRACT_COOKIE, cookie, name), TRV_NOMEM, "none");
    tap_uint(c.n, 4, "nothing was added");
    tap_ok(extract_sound(&c), "nothing is left to do");

    c.source = 9;
    tap_uint(extract_run(&c, EXTRACT_COOKIE, cookie, name), TRV_OK, "other");

    len = extract_join(&c, out, sizeof(out));
    tap_bytes(out, len, found, sizeof(found) - 1, "the same value in a cookie");
    tap_uint(c.item[0].source, 7, "the first source stays");
    tap_uint(c.item[4].source, 9, "what was found in the other is its own");
    tap_uint(c.ntokens, 3, "readings that are new count as a token");

    extract_free(&m);
}


/* 16 tokens are accepted, 17 are not, equal ones are not counted */

static void
extract_limits(void)
{
    char              buf[1024];
    size_t            len;
    unsigned          i;
    trv_str_t         in;
    trv_candidates_t  c;
    extract_memory_t  m;

    static const trv_str_t  name = trv_string("a");

    for (len = 0, i = 0; i < 16; i++) {
        len += (size_t) sprintf(buf + len, "a=x%u&a=x%u&", i, i);
    }

    in.data = (uint8_t *) buf;
    in.len = len;

    extract_start(&c, &m, 0);
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_OK, "16 tokens");
    tap_uint(c.ntokens, 16, "are 16");
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_OK, "once more");
    tap_uint(c.ntokens, 16, "are 16 still");

    in.len += (size_t) sprintf(buf + len, "a=y");
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_LIMIT, "17 are not");
    tap_uint(c.n, 16, "and nothing was added");

    in.data = (const uint8_t *) "a=x1;a=x2";
    in.len = 9;
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_LIMIT,
             "a new reading counts");

    /* as many readings as tokens can be expected to have */

    for (len = 0, i = 0; i < 16; i++) {
        len += (size_t) sprintf(buf + len, "a=x%02u%%2b%%20+&", i);
    }

    extract_start(&c, &m, 0);

    in.data = (uint8_t *) buf;
    in.len = len;
    tap_uint(extract_run(&c, EXTRACT_ARG, in, name), TRV_OK,
             "7 readings of each of 16 tokens");
    tap_uint(c.n, 112, "are 112");
    tap_uint(c.ntokens, 16, "of 16 tokens");
    extract_free(&m);
}


/* 32 KB of what makes work: an answer, and memory within the limit */

typedef struct {
    extract_kind_t   kind;
    const char      *name;
    const char      *prefix;
    const char      *unit;
    trv_rc_t         rc;
} extract_flood_t;


static const extract_flood_t  floods[] = {
    { EXTRACT_COOKIE, "a", "",           "a=;",       TRV_OK },
    { EXTRACT_COOKIE, "a", "",           "a=x;",      TRV_OK },
    { EXTRACT_COOKIE, "a", "",           "a=%61;",    TRV_OK },
    { EXTRACT_COOKIE, "a", "a=",         "%",         TRV_OK },
    { EXTRACT_COOKIE, "a", "a=\"",       "\"",        TRV_OK },
    { EXTRACT_COOKIE, "a", "a=\"",       "\\1",       TRV_OK },
    { EXTRACT_COOKIE, "a", "a=",         " ",         TRV_OK },
    { EXTRACT_COOKIE, "a", "a=%",        "25",        TRV_LIMIT },
    { EXTRACT_ARG,    "a", "",           "a=;",       TRV_OK },
    { EXTRACT_ARG,    "a", "a=",         "%61+",      TRV_LIMIT },
    { EXTRACT_ARG,    "a", "",           "&",         TRV_OK },
    { EXTRACT_SCHEME, "Bearer", "",      "Bearer ",   TRV_LIMIT },
    { EXTRACT_SCHEME, "Bearer", "",      "Bearer",    TRV_OK },
    { EXTRACT_VALUE,  "", "",            "Bearer ",   TRV_LIMIT },
    { EXTRACT_VALUE,  "", "",            ", ",        TRV_OK },
    { EXTRACT_BASIC,  "", "",            "Basic ",    TRV_LIMIT },
    { EXTRACT_BASIC,  "", "Basic ",      "Ojo6",      TRV_OK },
    { EXTRACT_BASIC,  "", "Basic ",      "Og=",       TRV_LIMIT },
};


static void
extract_floods(void)
{
    size_t                  i, k, len, size;
    uint8_t                *data;
    trv_str_t               in, name;
    trv_candidates_t        c;
    extract_memory_t        m;
    const extract_flood_t  *f;

    size = 32768;
    data = malloc(size);

    for (i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {

        f = &floods[i];

        len = strlen(f->prefix);
        memcpy(data, f->prefix, len);

        for (k = len; k < size; k++) {
            data[k] = (uint8_t) f->unit[(k - len) % strlen(f->unit)];
        }

        in.data = data;
        in.len = size;
        name.data = (const uint8_t *) f->name;
        name.len = strlen(f->name);

        extract_start(&c, &m, 0);
        tap_uint(extract_run(&c, f->kind, in, name), f->rc, f->unit);
        tap_ok(extract_sound(&c), "sound");
        extract_free(&m);
    }

    free(data);
}


int
main(void)
{
    int               kind;
    trv_str_t         none = { 0, NULL };
    trv_candidates_t  c;
    extract_memory_t  m;

    static const trv_str_t  name = trv_string("a");

    extract_sources();
    extract_limits();
    extract_floods();

    extract_start(&c, &m, 0);

    for (kind = 0; kind <= EXTRACT_ARG; kind++) {
        tap_uint(extract_run(&c, (extract_kind_t) kind, none, name), TRV_OK,
                 "nothing at all");
    }

    tap_uint(m.n, 0, "takes no memory");

    return tap_done();
}
