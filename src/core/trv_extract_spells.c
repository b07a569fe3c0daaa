
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Readings that are no tokens of their own.
 */


#include "trv_extract.h"
#include "trv_percent.h"


/* what stands around a token: longer than a scheme, shorter than a token */

#define TRV_SPELLS_AROUND  32


static int trv_spells_within(trv_str_t outer, trv_str_t inner);
static int trv_spells_word(trv_str_t text);


/* names of schemes, and of protocols that announce a token */

static const trv_str_t  trv_spells_words[] = {
    trv_string("bearer"),
    trv_string("dpop"),
    trv_string("jwt"),
    trv_string("token"),
    trv_string("access_token"),
    trv_string("id_token"),
    trv_string("authorization"),
};


trv_rc_t
trv_candidate_spells(trv_candidates_t *c, trv_str_t outer, trv_str_t inner,
    int *spells)
{
    uint8_t    *buf;
    trv_str_t   decoded;

    *spells = trv_spells_word(outer) || trv_spells_within(outer, inner);

    if (*spells || outer.len <= inner.len
        || memchr(outer.data, '%', outer.len) == NULL)
    {
        return TRV_OK;
    }

    buf = c->alloc(c->ctx, outer.len);
    if (buf == NULL) {
        return TRV_NOMEM;
    }

    decoded.data = buf;
    decoded.len = trv_percent_decode(outer, 0, buf);

    *spells = trv_spells_within(decoded, inner);

    return TRV_OK;
}


/* true if the outer text is the inner one with little around it */

static int
trv_spells_within(trv_str_t outer, trv_str_t inner)
{
    const uint8_t  *p, *last;

    if (inner.len == 0 || outer.len < inner.len
        || outer.len - inner.len > TRV_SPELLS_AROUND)
    {
        return 0;
    }

    last = outer.data + (outer.len - inner.len);

    for (p = outer.data; p <= last; p++) {

        p = memchr(p, inner.data[0], (size_t) (last - p) + 1);

        if (p == NULL) {
            return 0;
        }

        if (memcmp(p, inner.data, inner.len) == 0) {
            return 1;
        }
    }

    return 0;
}


/* "access_token," is that word, cut out of a list */

static int
trv_spells_word(trv_str_t text)
{
    size_t  i;

    while (text.len != 0 && memchr(",;:= ", text.data[text.len - 1], 5) != NULL)
    {
        text.len--;
    }

    for (i = 0; i < sizeof(trv_spells_words) / sizeof(trv_spells_words[0]);
         i++)
    {
        if (trv_str_caseeq(text, trv_spells_words[i])) {
            return 1;
        }
    }

    return 0;
}
