
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Names that were probably meant.
 */


#include <string.h>

#include "cli_near.h"
#include "cli_text.h"


static const char *const  cli_near_fields[] = {
    "token", "before", "until", "ttl", "action", "reason", "all", NULL
};


static const char *const  cli_near_claims[] = {
    "sub", "iss", "aud", "jti", "sid", "azp", "client_id", "kid", "email",
    "scope", "acr", "typ", "alg", "roles", "groups", "preferred_username",
    "realm_access.roles", NULL
};


static const char *cli_near_find(trv_str_t name, const char *const *list);
static size_t cli_near_same(trv_str_t a, trv_str_t b);
static trv_str_t cli_near_skip(trv_str_t text, size_t n);


const char *
cli_near_field(trv_str_t name)
{
    return cli_near_find(name, cli_near_fields);
}


const char *
cli_near_claim(trv_str_t name)
{
    return cli_near_find(name, cli_near_claims);
}


static const char *
cli_near_find(trv_str_t name, const char *const *list)
{
    for ( /* void */ ; *list != NULL; list++) {
        if (cli_near(name, cli_text_str(*list))) {
            return *list;
        }
    }

    return NULL;
}


/* what is the same at the beginning is left out, then the rest has to be */

int
cli_near(trv_str_t a, trv_str_t b)
{
    size_t     n;
    trv_str_t  t;

    if (trv_str_eq(a, b)) {
        return 0;
    }

    if (trv_str_caseeq(a, b)) {
        return 1;
    }

    if (a.len < b.len) {
        t = a;
        a = b;
        b = t;
    }

    n = cli_near_same(a, b);

    a = cli_near_skip(a, n);
    b = cli_near_skip(b, n);

    if (a.len == b.len + 1) {
        return trv_str_caseeq(cli_near_skip(a, 1), b);
    }

    if (a.len != b.len) {
        return 0;
    }

    if (trv_str_caseeq(cli_near_skip(a, 1), cli_near_skip(b, 1))) {
        return 1;
    }

    return a.len >= 2
           && trv_lower(a.data[0]) == trv_lower(b.data[1])
           && trv_lower(a.data[1]) == trv_lower(b.data[0])
           && trv_str_caseeq(cli_near_skip(a, 2), cli_near_skip(b, 2));
}


static size_t
cli_near_same(trv_str_t a, trv_str_t b)
{
    size_t  n;

    n = 0;

    while (n < b.len && trv_lower(a.data[n]) == trv_lower(b.data[n])) {
        n++;
    }

    return n;
}


static trv_str_t
cli_near_skip(trv_str_t text, size_t n)
{
    text.data += n;
    text.len -= n;

    return text;
}
