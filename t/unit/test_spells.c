
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Which readings are no tokens of their own beside a token.
 */


#include "extract.h"


typedef struct {
    const char  *name;
    const char  *outer;
    const char  *inner;
    int          spells;
} spells_case_t;


static const spells_case_t  cases[] = {
    { "the scheme and the token", "Bearer a.b.c", "a.b.c", 1 },
    { "the token in quotes", "token=\"a.b.c\"", "a.b.c", 1 },
    { "percent-encoded dots", "a%2eb%2Ec", "a.b.c", 1 },
    { "both", "Bearer%20a%2eb%2Ec", "a.b.c", 1 },
    { "a list with one token", "access_token, a.b.c", "a.b.c", 1 },
    { "the name of a scheme", "bEARER", "a.b.c", 1 },
    { "the name of a protocol", "access_token", "a.b.c", 1 },
    { "the same, cut out of a list", "access_token,", "a.b.c", 1 },
    { "another token", "opaque", "a.b.c", 0 },
    { "a part of the token", "b", "a.b.c", 0 },
    { "almost the name of a scheme", "Bearers", "a.b.c", 0 },
    { "32 bytes around it", "0123456789abcdef0123456789abcdefa.b.c", "a.b.c",
      1 },
    { "a token in front of it", "0123456789abcdef0123456789abcdef0a.b.c",
      "a.b.c", 0 },
    { "nothing in it", "opaque", "", 0 },
};


int
main(void)
{
    int               spells;
    size_t            i;
    trv_str_t         outer, inner;
    extract_memory_t  m;
    trv_candidates_t  c;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        extract_start(&c, &m, 0);

        outer.data = (const uint8_t *) cases[i].outer;
        outer.len = strlen(cases[i].outer);
        inner.data = (const uint8_t *) cases[i].inner;
        inner.len = strlen(cases[i].inner);

        tap_ok(trv_candidate_spells(&c, outer, inner, &spells) == TRV_OK
               && spells == cases[i].spells, "%s", cases[i].name);

        extract_free(&m);
    }

    extract_start(&c, &m, 1);

    outer.data = (const uint8_t *) "a%2eb%2ec";
    outer.len = 9;
    inner.data = (const uint8_t *) "a.b.c";
    inner.len = 5;

    tap_ok(trv_candidate_spells(&c, outer, inner, &spells) == TRV_NOMEM,
           "no memory is said");

    extract_free(&m);

    return tap_done();
}
