
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Property: what stands behind the second dot of a JWS is not examined.  Two
 * tokens with the same header and payload have the same identity, and the same
 * traits, whatever is behind them.
 *
 * Input: a token, NUL, and what is put behind the second dot instead.  A
 * header that begins with '{' is encoded first.
 */


#include <stdlib.h>
#include <string.h>

#include "trv_base64.h"
#include "trv_claims.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static trv_str_t
fuzz_str(const uint8_t *data, size_t len)
{
    trv_str_t  s;

    s.data = data;
    s.len = len;

    return s;
}


/* a and b, one behind the other, in a block of that size */

static trv_str_t
fuzz_join(trv_str_t a, trv_str_t b)
{
    uint8_t  *p;

    p = malloc(a.len + b.len + !(a.len + b.len));
    if (p == NULL) {
        abort();
    }

    if (a.len != 0) {
        memcpy(p, a.data, a.len);
    }

    if (b.len != 0) {
        memcpy(p + a.len, b.data, b.len);
    }

    return fuzz_str(p, a.len + b.len);
}


static trv_str_t
fuzz_token(trv_str_t text)
{
    uint8_t        *p;
    size_t          len;
    trv_str_t       raw;
    const uint8_t  *dot;

    dot = text.len != 0 ? memchr(text.data, '.', text.len) : NULL;

    if (dot == NULL || *text.data != '{') {
        return fuzz_join(text, fuzz_str(NULL, 0));
    }

    len = (size_t) (dot - text.data);

    p = malloc(trv_base64_encoded_len(len));
    if (p == NULL) {
        abort();
    }

    raw = fuzz_join(fuzz_str(p, trv_base64url_encode(fuzz_str(text.data, len),
                                                     p)),
                    fuzz_str(dot, text.len - len));
    free(p);

    return raw;
}


static int
fuzz_same(const trv_traits_t *a, const trv_traits_t *b)
{
    return memcmp(a->id[0], b->id[0], TRV_SHA256_LEN) == 0
           && a->issued == b->issued
           && a->unreadable == b->unreadable
           && a->ntraits == b->ntraits
           && memcmp(a->trait, b->trait, a->ntraits * sizeof(trv_trait_t)) == 0;
}


/* what hostile tokens may leave for the operator to see */

static void
fuzz_learned(const trv_names_t *names)
{
    unsigned   at;
    trv_str_t  name;

    for (at = 0; trv_names_next(names, &at, &name) == TRV_OK; /* void */ ) {
        if (!trv_names_fit(name)) {
            abort();
        }
    }
}


static void
fuzz_compare(trv_digest_t *digest, trv_str_t raw, trv_str_t other,
    const trv_jose_t *jose)
{
    trv_token_t    token;
    trv_table_t    table;
    trv_traits_t  *a, *b;

    static trv_plan_t     plan;
    static trv_names_t    names;
    static trv_learner_t  learner;

    trv_token_identify(digest, other, &token);

    /* with "enc" it is the number of parts that makes it a JWE */

    if (token.kind != TRV_TOKEN_JWS) {

        if (jose->kind != TRV_JOSE_ENCRYPTED) {
            abort();
        }

        return;
    }

    memset(&table, 0, sizeof(table));
    learner.names = &names;

    a = calloc(2, sizeof(trv_traits_t));
    if (a == NULL) {
        abort();
    }

    b = a + 1;

    trv_claims_read(digest, &table, &plan, raw, &learner, a);
    trv_claims_read(digest, &table, &plan, other, NULL, b);

    if (!fuzz_same(a, b)) {
        abort();
    }

    fuzz_learned(&names);

    free(a);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trv_str_t             raw, other, rest;
    trv_jose_t            jose;
    trv_token_t           token;
    const uint8_t        *end;

    static trv_digest_t  *digest;

    if (digest == NULL) {
        digest = trv_digest_create();
    }

    end = size != 0 ? memchr(data, '\0', size) : NULL;

    if (end == NULL) {
        end = data + size;
    }

    raw = fuzz_token(fuzz_str(data, (size_t) (end - data)));
    rest = fuzz_str(end, (size_t) (data + size - end));

    trv_jose_read(raw, NULL, &jose);

    if (trv_token_identify(digest, raw, &token) != TRV_OK || token.nids == 0
        || token.nids > TRV_TOKEN_IDS)
    {
        abort();
    }

    if (token.kind == TRV_TOKEN_JWS && jose.end[1] < raw.len) {
        other = fuzz_join(fuzz_str(raw.data, jose.end[1] + 1), rest);
        fuzz_compare(digest, raw, other, &jose);
        free((void *) other.data);
    }

    free((void *) raw.data);

    return 0;
}
