
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a name in an entry means, the order of selectors, their text, and which
 * names an attribute may not have.
 */


#include "trv_selector.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))

#define TOKEN   TRV_FROM_TOKEN
#define HEADER  TRV_FROM_HEADER
#define CLAIM   TRV_FROM_CLAIM
#define ATTR    TRV_FROM_ATTRIBUTE
#define ALL     TRV_FROM_ALL


typedef struct {
    const char    *name;
    trv_rc_t       rc;
    trv_origin_t   origin;
    const char    *means;
    const char    *text;
} name_case_t;


static const name_case_t  names[] = {
    { "sub",              TRV_OK, CLAIM,  "sub",           "sub" },
    { "claim.sub",        TRV_OK, CLAIM,  "sub",           "sub" },
    { "Sub",              TRV_OK, CLAIM,  "Sub",           "Sub" },
    { "",                 TRV_OK, CLAIM,  "",              "" },
    { "realm.roles",      TRV_OK, CLAIM,  "realm.roles",   "realm.roles" },
    { "claim.a.b",        TRV_OK, CLAIM,  "a.b",           "a.b" },
    { "claim.claim.a",    TRV_OK, CLAIM,  "claim.a",       "claim.claim.a" },
    { "claim.header.kid", TRV_OK, CLAIM,  "header.kid",
      "claim.header.kid" },
    { "claim.attr.a",     TRV_OK, CLAIM,  "attr.a",        "claim.attr.a" },
    { "claim",            TRV_OK, CLAIM,  "claim",         "claim" },
    { "https://e.x/t",    TRV_OK, CLAIM,  "https://e.x/t", "https://e.x/t" },

    { "kid",              TRV_OK, HEADER, "kid",           "kid" },
    { "alg",              TRV_OK, HEADER, "alg",           "alg" },
    { "typ",              TRV_OK, HEADER, "typ",           "typ" },
    { "header.kid",       TRV_OK, HEADER, "kid",           "kid" },
    { "header.x5t",       TRV_OK, HEADER, "x5t",           "header.x5t" },
    { "x5t",              TRV_OK, CLAIM,  "x5t",           "x5t" },
    { "claim.kid",        TRV_OK, CLAIM,  "kid",           "claim.kid" },
    { "kids",             TRV_OK, CLAIM,  "kids",          "kids" },

    { "token",            TRV_OK, TOKEN,  "",              "token" },
    { "all",              TRV_OK, ALL,    "",              "all" },
    { "claim.token",      TRV_OK, CLAIM,  "token",         "claim.token" },
    { "claim.all",        TRV_OK, CLAIM,  "all",           "claim.all" },
    { "header.all",       TRV_OK, HEADER, "all",           "header.all" },
    { "claim.before",     TRV_OK, CLAIM,  "before",        "claim.before" },
    { "claim.by",         TRV_OK, CLAIM,  "by",            "claim.by" },
    { "alls",             TRV_OK, CLAIM,  "alls",          "alls" },

    { "device",           TRV_OK, ATTR,   "device",        "attr.device" },
    { "attr.device",      TRV_OK, ATTR,   "device",        "attr.device" },
    { "attr.other",       TRV_OK, ATTR,   "other",         "attr.other" },
    { "other",            TRV_OK, CLAIM,  "other",         "other" },
    { "claim.device",     TRV_OK, CLAIM,  "device",        "device" },
    { "host",             TRV_OK, ATTR,   "host",          "attr.host" },
    { "hos",              TRV_OK, CLAIM,  "hos",           "hos" },

    { "claim.",           TRV_MALFORMED, CLAIM, "", "" },
    { "header.",          TRV_MALFORMED, HEADER, "", "header." },
    { "attr.",            TRV_MALFORMED, ATTR, "", "attr." },
};


/* in their order */

static const trv_selector_t  ordered[] = {
    { TOKEN,  trv_string("") },
    { HEADER, trv_string("kid") },
    { CLAIM,  trv_string("") },
    { CLAIM,  trv_string("Z") },
    { CLAIM,  trv_string("iss") },
    { CLAIM,  trv_string("isss") },
    { CLAIM,  trv_string("sub") },
    { CLAIM,  trv_string("\377") },
    { ATTR,   trv_string("iss") },
    { ALL,    trv_string("") },
};


static const char *const  taken[] = {
    "token", "all", "before", "until", "ttl", "action", "reason", "by", "ack",
    "kid", "alg", "typ", "iss", "sub", "aud", "exp", "nbf", "iat", "jti",
    "name", "given_name", "family_name", "middle_name", "nickname",
    "preferred_username", "profile", "picture", "website", "email",
    "email_verified", "gender", "birthdate", "zoneinfo", "locale",
    "phone_number", "phone_number_verified", "address", "updated_at", "azp",
    "nonce", "auth_time", "at_hash", "c_hash", "acr", "amr", "sub_jwk", "cnf",
    "sid", "scope", "client_id", "may_act", "act", "roles", "groups",
    "entitlements", "vot", "txn", "events", "htm", "htu", "ath", "jkt",
    "trust_framework", "_claim_names", "_sd_alg", "consumerPlmnId", "zoneinfo",
    "authorization_details", "status", "ueid", "",
    "a.b", ".", "sub.", ".sub",
};


static const char *const  untaken[] = {
    "device", "host", "ip", "Sub", "SUB", "subb", "su", "s", "a", "zzz", "~",
    "client", "_", "token_", "tokens", "user_agent", "country", "kids",
};


static trv_str_t
str(const char *s)
{
    trv_str_t  v;

    v.data = (const uint8_t *) s;
    v.len = strlen(s);

    return v;
}


static void
test_name(const name_case_t *c)
{
    size_t          len;
    trv_rc_t        rc;
    uint8_t         buf[TRV_SELECTOR_TEXT_LEN];
    trv_selector_t  selector;

    static const trv_str_t  attributes[] = {
        trv_string("device"), trv_string("host")
    };

    rc = trv_selector_resolve(str(c->name), attributes, nelts(attributes),
                              &selector);

    tap_ok(rc == c->rc
           && (rc != TRV_OK
               || (selector.origin == c->origin
                   && trv_str_eq(selector.name, str(c->means)))),
           "\"%s\"", c->name);

    len = trv_selector_text(&selector, buf);

    tap_bytes(buf, len, c->text, strlen(c->text), "and its text");
}


static void
test_order(void)
{
    int       rc;
    size_t    i, j;
    unsigned  wrong;

    wrong = 0;

    for (i = 0; i < nelts(ordered); i++) {
        for (j = 0; j < nelts(ordered); j++) {
            rc = trv_selector_cmp(&ordered[i], &ordered[j]);

            wrong += i < j ? rc >= 0 : i > j ? rc <= 0 : rc != 0;
        }
    }

    tap_uint(wrong, 0, "selectors have an order");
}


static void
test_longest(void)
{
    size_t          len;
    uint8_t         name[TRV_SELECTOR_NAME_LEN], buf[TRV_SELECTOR_TEXT_LEN];
    trv_selector_t  selector;

    memset(name, 'x', sizeof(name));

    selector.origin = HEADER;
    selector.name.data = name;
    selector.name.len = sizeof(name);

    len = trv_selector_text(&selector, buf);

    tap_uint(len, sizeof(name) + 7, "the longest text fits");

    selector.origin = CLAIM;
    memcpy(name, "header.", 7);

    len = trv_selector_text(&selector, buf);

    tap_uint(len, sizeof(name) + 6, "also that of a claim");
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < nelts(names); i++) {
        test_name(&names[i]);
    }

    test_order();
    test_longest();

    for (i = 0; i < nelts(taken); i++) {
        tap_ok(trv_selector_is_taken(str(taken[i])), "\"%s\" is taken",
               taken[i]);
    }

    for (i = 0; i < nelts(untaken); i++) {
        tap_ok(!trv_selector_is_taken(str(untaken[i])), "\"%s\" is not",
               untaken[i]);
    }

    return tap_done();
}
