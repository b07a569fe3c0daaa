
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the tests of the extractors share: memory that can run out, and what
 * holds for any list of candidates.
 */


#ifndef _EXTRACT_H_INCLUDED_
#define _EXTRACT_H_INCLUDED_


#include <stdlib.h>

#include "../../src/core/trv_extract.h"
#include "tap.h"


#define EXTRACT_ALLOCS  256


typedef enum {
    EXTRACT_VALUE = 0,
    EXTRACT_SCHEME,
    EXTRACT_ACCESS,
    EXTRACT_BASIC,
    EXTRACT_COOKIE,
    EXTRACT_ARG
} extract_kind_t;


typedef struct {
    unsigned   n;
    unsigned   fail_at;               /* 1 is the first; 0 is never */
    void      *block[EXTRACT_ALLOCS];
} extract_memory_t;


static inline void *
extract_alloc(void *ctx, size_t size)
{
    extract_memory_t  *m = ctx;

    if (++m->n == m->fail_at || m->n > EXTRACT_ALLOCS) {
        m->block[m->n - 1] = NULL;
        return NULL;
    }

    /* no spare byte behind it: ASan sees who writes more than he asked for */

    m->block[m->n - 1] = malloc(size);

    return m->block[m->n - 1];
}


static inline void
extract_start(trv_candidates_t *c, extract_memory_t *m, unsigned fail_at)
{
    memset(c, 0, sizeof(trv_candidates_t));
    memset(m, 0, sizeof(extract_memory_t));

    c->alloc = extract_alloc;
    c->ctx = m;
    m->fail_at = fail_at;
}


static inline void
extract_free(extract_memory_t *m)
{
    unsigned  i;

    for (i = 0; i < m->n && i < EXTRACT_ALLOCS; i++) {
        free(m->block[i]);
    }
}


static inline trv_rc_t
extract_run(trv_candidates_t *c, extract_kind_t kind, trv_str_t in,
    trv_str_t name)
{
    switch (kind) {

    case EXTRACT_VALUE:
        return trv_extract_value(c, in);

    case EXTRACT_SCHEME:
        return trv_extract_scheme(c, in, name);

    case EXTRACT_ACCESS:
        return trv_extract_bearer(c, in);

    case EXTRACT_BASIC:
        return trv_extract_basic(c, in);

    case EXTRACT_COOKIE:
        return trv_extract_cookie(c, in, name);

    default:
        return trv_extract_arg(c, in, name);
    }
}


/* all values with '|' between them */

static inline size_t
extract_join(const trv_candidates_t *c, uint8_t *out, size_t size)
{
    size_t    len;
    unsigned  i;

    len = 0;

    for (i = 0; i < c->n; i++) {

        if (len + c->item[i].value.len + 1 > size) {
            return 0;
        }

        if (i != 0) {
            out[len++] = '|';
        }

        memcpy(out + len, c->item[i].value.data, c->item[i].value.len);
        len += c->item[i].value.len;
    }

    return len;
}


/* what holds whatever the input: limits, no empty value, none twice */

static inline int
extract_sound(const trv_candidates_t *c)
{
    unsigned  i, j;

    if (c->n > TRV_READINGS_MAX || c->ntokens > TRV_TOKENS_MAX
        || c->ntokens > c->n || (c->n != 0) != (c->ntokens != 0)
        || c->decoded > TRV_DECODED_MAX)
    {
        return 0;
    }

    for (i = 0; i < c->n; i++) {

        if (c->item[i].value.len == 0 || c->item[i].pending) {
            return 0;
        }

        for (j = 0; j < i; j++) {
            if (trv_str_eq(c->item[i].value, c->item[j].value)) {
                return 0;
            }
        }
    }

    return 1;
}


#endif /* _EXTRACT_H_INCLUDED_ */
