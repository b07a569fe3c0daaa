
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Tokens made by libraries that people use (tools/tokens.mjs): what has to
 * match of them does, and what must not does not.
 */


#include <jansson.h>

#include "claims.h"


#define TOKENS  "t/fixtures/tokens.json"


static const char *
fixture_text(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}


/* what is said of the value: 0 or 1, or -1 if the claims are not to be had */

static int
fixture_has(trv_str_t raw, const char *name, const void *value, size_t len)
{
    trv_traits_t       traits;

    static trv_plan_t  plan;

    memset(&plan, 0, sizeof(plan));
    claims_select(&plan, name);

    if (trv_claims_read(digest, &zone.table, &plan, raw, NULL, &traits)
        != TRV_OK)
    {
        return -1;
    }

    return claims_has(&traits, 0, claims_str(value, len));
}


static int
fixture_pairs(trv_str_t raw, json_t *pairs, int expected)
{
    int     good;
    size_t  i;
    json_t  *pair, *value;

    good = 1;

    json_array_foreach(pairs, i, pair) {
        value = json_array_get(pair, 1);

        if (fixture_has(raw, json_string_value(json_array_get(pair, 0)),
                        json_string_value(value), json_string_length(value))
            != expected)
        {
            printf("# %s\n", json_string_value(json_array_get(pair, 0)));
            good = 0;
        }
    }

    return good;
}


/*
 * The claims as the library shows them to an application.  Where jansson
 * cannot read them, or they are no values, there is nothing to compare.
 */

static int
fixture_seen(trv_str_t raw, const char *text)
{
    int          good;
    char         number[32];
    json_t      *root, *value;
    const char  *name, *p;

    root = json_loads(text, JSON_ALLOW_NUL, NULL);
    good = 1;

    json_object_foreach(root, name, value) {

        switch (json_typeof(value)) {

        case JSON_STRING:
            good &= fixture_has(raw, name, json_string_value(value),
                                json_string_length(value));
            break;

        case JSON_INTEGER:
            snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
                     json_integer_value(value));
            good &= fixture_has(raw, name, number, strlen(number));
            break;

        case JSON_TRUE:
        case JSON_FALSE:
            p = json_is_true(value) ? "true" : "false";
            good &= fixture_has(raw, name, p, strlen(p));
            break;

        default:
            break;
        }
    }

    json_decref(root);

    return good;
}


static void
fixture_token(json_t *token)
{
    int64_t            expected;
    json_t            *time;
    trv_str_t          raw;
    const char        *text, *name;
    trv_traits_t       traits;

    static trv_plan_t  nothing;

    name = fixture_text(token, "name");
    text = fixture_text(token, "token");
    raw = claims_str(text, strlen(text));

    time = json_object_get(token, "issued");
    expected = json_is_integer(time) ? json_integer_value(time)
                                     : TRV_ISSUED_UNKNOWN;

    trv_claims_read(digest, &zone.table, &nothing, raw, NULL, &traits);

    tap_ok(fixture_pairs(raw, json_object_get(token, "match"), 1),
           "%s: matches", name);
    tap_ok(fixture_pairs(raw, json_object_get(token, "miss"), 0),
           "and nothing else");
    tap_uint((uint64_t) traits.issued, (uint64_t) expected, "issued");
    tap_uint(traits.unreadable,
             json_is_true(json_object_get(token, "unreadable")), "readable");

    /* what jose accepts as claims has to be read */

    if (json_is_true(json_object_get(token, "jose"))) {
        text = fixture_text(token, "claims");
        tap_ok(!traits.unreadable
               && (text == NULL || fixture_seen(raw, text)),
               "as a verifier sees it");
    }
}


int
main(void)
{
    size_t        i;
    json_t       *tokens, *token;
    json_error_t  error;

    tokens = json_load_file(TOKENS, JSON_ALLOW_NUL, &error);
    digest = trv_digest_create();
    zone = zone_open(4 * MB);

    if (tokens == NULL || digest == NULL) {
        printf("Bail out! %s: %s\n", TOKENS, error.text);
        return 2;
    }

    tap_ok(json_array_size(tokens) > 40, "there are tokens");

    json_array_foreach(tokens, i, token) {
        fixture_token(token);
    }

    json_decref(tokens);
    zone_close(&zone);
    trv_digest_destroy(digest);

    return tap_done();
}
