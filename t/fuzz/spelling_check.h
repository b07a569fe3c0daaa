
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What has to hold for the candidates of a spelling: the token is one of them,
 * unless there are too many; and of any input: each lies in the input or in
 * memory that was asked for, and neither they nor the memory are beyond the
 * limits.
 */


#ifndef _SPELLING_CHECK_H_INCLUDED_
#define _SPELLING_CHECK_H_INCLUDED_


#include "spelling_place.h"


/* for each candidate one of each step that takes memory, and then some */

#define SPELLING_ALLOCS  (5 * TRV_READINGS_MAX)


typedef struct {
    unsigned   n;
    size_t     taken;
    trv_str_t  block[SPELLING_ALLOCS + 1];    /* the first is the input */
} spelling_memory_t;


static inline void *
spelling_alloc(void *ctx, size_t size)
{
    uint8_t            *p;
    spelling_memory_t  *m;

    m = ctx;

    if (m->n > SPELLING_ALLOCS) {
        abort();
    }

    /* no spare byte behind it: ASan sees who goes beyond what he asked for */

    p = malloc(size);
    if (p == NULL) {
        abort();
    }

    m->block[m->n].data = p;
    m->block[m->n].len = size;
    m->n++;
    m->taken += size;

    return p;
}


static inline void
spelling_free(spelling_memory_t *m)
{
    unsigned  i;

    for (i = 0; i < m->n; i++) {
        free((void *) m->block[i].data);
    }
}


static inline int
spelling_within(const spelling_memory_t *m, trv_str_t value)
{
    unsigned  i;

    for (i = 0; i < m->n; i++) {
        if (value.data >= m->block[i].data
            && value.data + value.len <= m->block[i].data + m->block[i].len)
        {
            return 1;
        }
    }

    return 0;
}


static inline int
spelling_sound(const trv_candidates_t *c, const spelling_memory_t *m)
{
    unsigned  i, j;

    if (c->n > TRV_READINGS_MAX || c->ntokens > TRV_TOKENS_MAX
        || c->ntokens > c->n || (c->n != 0) != (c->ntokens != 0)
        || c->decoded > TRV_DECODED_MAX
        || m->taken - m->block[0].len > TRV_DECODED_MAX)
    {
        return 0;
    }

    for (i = 0; i < c->n; i++) {

        if (c->item[i].value.len == 0 || c->item[i].pending
            || !spelling_within(m, c->item[i].value))
        {
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


static inline trv_rc_t
spelling_extract(trv_candidates_t *c, spelling_kind_t kind, trv_str_t in,
    trv_str_t name)
{
    static const trv_str_t  bearer = trv_string("Bearer");

    switch (kind) {

    case SPELLING_VALUE_OF:
        return trv_extract_value(c, in);

    case SPELLING_SCHEME_OF:
        return trv_str_eq(name, bearer) ? trv_extract_bearer(c, in)
                                        : trv_extract_scheme(c, in, name);

    case SPELLING_BASIC_OF:
        return trv_extract_basic(c, in);

    case SPELLING_COOKIE_OF:
        return trv_extract_cookie(c, in, name);

    default:
        return trv_extract_arg(c, in, name);
    }
}


/* "m" and "c" made new, with the input in a block that ends where it does */

static inline void
spelling_start(trv_candidates_t *c, spelling_memory_t *m, const void *data,
    size_t len)
{
    uint8_t  *copy;

    memset(c, 0, offsetof(trv_candidates_t, item));

    c->alloc = spelling_alloc;
    c->ctx = m;

    m->n = 0;
    m->taken = 0;

    copy = spelling_alloc(m, len);
    memcpy(copy, data, len);
}


/*
 * NULL, or what is wrong.  A request beyond the limits is refused, and nothing
 * of it is a candidate.  Spellings that are made at random are within them but
 * for those with too many steps or tokens ("chance"); whoever looks for others
 * finds some.
 */

static inline const char *
spelling_check(const spelling_t *s, int chance)
{
    trv_rc_t     rc;
    unsigned     i, found, many, n;
    const char  *wrong;
    trv_str_t    token;

    static trv_candidates_t   c;
    static spelling_memory_t  m;

    token.data = s->token.data;
    token.len = s->token.len;

    spelling_start(&c, &m, s->in.data, s->in.len);

    many = !chance || spelling_too_many(s);
    rc = TRV_OK;
    n = 0;

    /* what another source has read before may have too many tokens */

    if (s->before != SPELLING_NKINDS) {
        rc = spelling_extract(&c, s->before, m.block[0], s->name);
        many |= rc == TRV_LIMIT || c.ntokens > 1;
    }

    if (rc == TRV_OK) {
        n = c.n;
        rc = spelling_extract(&c, s->kind, m.block[0], s->name);
    }

    for (found = 0, i = 0; i < c.n; i++) {
        found |= (unsigned) trv_str_eq(c.item[i].value, token);
    }

    wrong = NULL;

    if (!spelling_sound(&c, &m)) {
        wrong = "not sound";

    } else if (rc == TRV_LIMIT) {
        wrong = !many ? "a limit" : c.n != n ? "a limit, and more" : NULL;

    } else if (rc != TRV_OK || !found) {
        wrong = "not found";
    }

    spelling_free(&m);

    return wrong;
}


#endif /* _SPELLING_CHECK_H_INCLUDED_ */
