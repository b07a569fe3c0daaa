
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Tokens made of JSON, plans made of names, and whether a token has just the
 * values that are expected.
 */


#ifndef _CLAIMS_H_INCLUDED_
#define _CLAIMS_H_INCLUDED_


#include "trv_base64.h"
#include "trv_claims.h"
#include "zone.h"


static trv_digest_t  *digest;
static zone_t         zone;


static inline trv_str_t
claims_str(const void *data, size_t len)
{
    trv_str_t  s;

    s.data = data;
    s.len = len;

    return s;
}


/* in a block that ends where the token does; to be freed */

static inline trv_str_t
claims_token(trv_str_t header, trv_str_t payload, const char *rest)
{
    size_t    len;
    uint8_t  *raw, *fit;

    raw = malloc(trv_base64_encoded_len(header.len) + 1
                 + trv_base64_encoded_len(payload.len) + strlen(rest));
    if (raw == NULL) {
        exit(2);
    }

    len = trv_base64url_encode(header, raw);
    raw[len++] = '.';
    len += trv_base64url_encode(payload, raw + len);
    memcpy(raw + len, rest, strlen(rest));
    len += strlen(rest);

    fit = realloc(raw, len);
    if (fit == NULL) {
        exit(2);
    }

    return claims_str(fit, len);
}


static inline void
claims_select(trv_plan_t *plan, const char *name)
{
    trv_selector_t  selector;

    selector.origin = TRV_FROM_CLAIM;

    if (strncmp(name, "header.", 7) == 0) {
        selector.origin = TRV_FROM_HEADER;
        name += 7;
    }

    selector.name = claims_str(name, strlen(name));

    trv_plan_add(plan, selector);
}


static inline int
claims_has(const trv_traits_t *traits, unsigned selector, trv_str_t value)
{
    unsigned     i;
    trv_value_t  digest_of;

    digest_of = trv_match_value(&zone.table, value);

    for (i = 0; i < traits->ntraits; i++) {
        if (traits->trait[i].selector == selector
            && traits->trait[i].value.w[0] == digest_of.w[0]
            && traits->trait[i].value.w[1] == digest_of.w[1])
        {
            return 1;
        }
    }

    return 0;
}


/*
 * Each line of "values" is a name, '=' and a value.  Returns how many of them
 * are of a name of the plan, or -1 if one of those is not in the traits.
 */

static inline int
claims_count(const trv_plan_t *plan, const trv_traits_t *traits,
    trv_str_t values)
{
    int             n;
    size_t          len;
    unsigned        i;
    trv_str_t       line;
    const uint8_t  *end, *sign;

    n = 0;

    while (values.len != 0) {

        end = memchr(values.data, '\n', values.len);
        len = end != NULL ? (size_t) (end - values.data) : values.len;
        line = claims_str(values.data, len);

        len += end != NULL;
        values = claims_str(values.data + len, values.len - len);

        sign = memchr(line.data, '=', line.len);
        len = (size_t) (sign - line.data);

        for (i = 0; i < plan->nselectors; i++) {

            if (!trv_str_eq(plan->selector[i].name,
                            claims_str(line.data, len)))
            {
                continue;
            }

            if (!claims_has(traits, i, claims_str(sign + 1,
                                                  line.len - len - 1)))
            {
                return -1;
            }

            n++;
        }
    }

    return n;
}


#endif /* _CLAIMS_H_INCLUDED_ */
