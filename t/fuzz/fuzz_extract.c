
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Property: however a token is written (spelling.h), it is among the
 * candidates, or there are too many of them and the request is refused.  And
 * whatever the input, each candidate lies in it or in memory that was asked
 * for, and limits hold.
 *
 * Input: 's' and the choices of the spelling, or else a source and what it is
 * given as it is.
 */


#include "spelling_check.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
fuzz_spelling(const uint8_t *data, size_t size)
{
    const char         *wrong;

    static spelling_t   s;

    spelling_make(&s, data, size, size + 1, 0);

    wrong = spelling_check(&s, 0);

    if (wrong != NULL) {
        fprintf(stderr, "%s: kind %d, \"%.*s\" in \"%.*s\"\n", wrong, s.kind,
                (int) s.token.len, (char *) s.token.data,
                (int) s.in.len, (char *) s.in.data);
        abort();
    }
}


static void
fuzz_bytes(spelling_kind_t kind, const uint8_t *data, size_t size)
{
    trv_rc_t                  rc;
    trv_str_t                 name;

    static trv_candidates_t   c;
    static spelling_memory_t  m;

    name = kind == SPELLING_SCHEME_OF ? spelling_schemes[0] : spelling_names[0];

    spelling_start(&c, &m, data, size);

    rc = spelling_extract(&c, kind, m.block[0], name);

    if ((rc != TRV_OK && rc != TRV_LIMIT) || (rc == TRV_LIMIT && c.n != 0)
        || !spelling_sound(&c, &m))
    {
        abort();
    }

    spelling_free(&m);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }

    if (*data == 's') {
        fuzz_spelling(data + 1, size - 1);

    } else {
        fuzz_bytes(*data % SPELLING_NKINDS, data + 1, size - 1);
    }

    return 0;
}
