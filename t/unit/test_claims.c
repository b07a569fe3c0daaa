
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Which values a payload has.  Whatever else is in a plan changes nothing: it
 * is read with plans of one name, of all names, and of as many as there can be.
 */


#include "claims.h"


typedef struct {
    const char  *name;
    trv_str_t    payload;
    trv_str_t    values;
} claims_case_t;


#define CASE(name, payload, values)                                           \
    { name, trv_string(payload), trv_string(values) }


#define TENANT  "https://example.com/tenant"


/* what is asked for */

static const char *const  names[] = {
    "sub", "aud", "n", "iat", TENANT, "realm_access.roles", "cnf.jkt",
    "act.sub", "a", "a.b", "a.b.c", "a.c", "a.", ".a", ".", "ab", "a!",
    "\xc3\xa9", "a b", "act.sub.sub",
};


static const claims_case_t  cases[] = {

    CASE("nothing", "{}", ""),
    CASE("other claims", "{\"subb\":\"x\",\"su\":\"y\",\"Sub\":\"z\"}", ""),

    /* values */

    CASE("a string", "{\"sub\":\"alice\"}", "sub=alice"),
    CASE("an empty string", "{\"sub\":\"\"}", "sub="),
    CASE("a blank", "{\"sub\":\" alice \"}", "sub= alice "),
    CASE("escapes", "{\"sub\":\"a\\u006c\\u00efce\\/\\\\\"}",
         "sub=al\xc3\xaf" "ce/\\"),
    CASE("a number", "{\"sub\":42}", "sub=42"),
    CASE("a number as a string", "{\"sub\":\"42.0\"}", "sub=42.0"),
    CASE("a negative number", "{\"n\":-42}", "n=-42"),
    CASE("a whole number", "{\"n\":10.0}", "n=10"),
    CASE("an exponent", "{\"n\":1E+1}", "n=10"),
    CASE("minus nought", "{\"n\":-0}", "n=0"),
    CASE("a fraction", "{\"n\":4.2}", ""),
    CASE("true", "{\"n\":true}", "n=true"),
    CASE("false", "{\"n\":false}", "n=false"),
    CASE("null", "{\"n\":null}", ""),
    CASE("an object", "{\"n\":{\"n\":1}}", ""),
    CASE("an empty object", "{\"n\":{}}", ""),

    /* what cannot be read must not pass unnoticed */

    CASE("a lone surrogate elsewhere",
         "{\"name\":\"x\\ud83d\",\"sub\":\"alice\"}", "sub=alice"),
    CASE("a lone surrogate", "{\"sub\":\"x\\ud83d\"}", "sub=x\xef\xbf\xbd"),
    CASE("the other half", "{\"sub\":\"\\ude00x\"}", "sub=\xef\xbf\xbdx"),
    CASE("a pair", "{\"sub\":\"\\ud83d\\ude00\"}", "sub=\xf0\x9f\x98\x80"),
    CASE("65 bits", "{\"n\":36893488147419103232,\"sub\":\"alice\"}",
         "n=36893488147419103232\nsub=alice"),
    CASE("1e400", "{\"n\":1e400,\"sub\":\"alice\"}", "sub=alice"),
    CASE("-1e400", "{\"n\":[1,-1e400,2],\"sub\":\"alice\"}",
         "n=1\nn=2\nsub=alice"),
    CASE("1e-400", "{\"n\":1e-400,\"sub\":\"alice\"}", "sub=alice"),
    CASE("1e30", "{\"n\":1e30}", "n=1000000000000000000000000000000"),
    CASE("NaN", "{\"n\":NaN,\"sub\":\"alice\"}", "sub=alice"),
    CASE("infinities", "{\"n\":[Infinity,-Infinity,1]}", "n=1"),
    CASE("NUL in a value", "{\"sub\":\"a\\u0000b\"}", "sub=a\0b"),
    CASE("NUL in a name", "{\"sub\\u0000\":\"b\",\"sub\":\"a\"}", "sub=a"),
    CASE("not UTF-8", "{\"sub\":\"\xff\"}", "sub=\xff"),
    CASE("a byte order mark", "\xef\xbb\xbf{\"sub\":\"a\"}", "sub=a"),

    /* a name twice */

    CASE("twice", "{\"sub\":\"alice\",\"sub\":\"bob\"}",
         "sub=alice\nsub=bob"),
    CASE("twice the same", "{\"sub\":\"alice\",\"sub\":\"alice\"}",
         "sub=alice"),
    CASE("twice, once unusable", "{\"sub\":\"alice\",\"sub\":null}",
         "sub=alice"),
    CASE("twice, spelled otherwise", "{\"\\u0073ub\":\"alice\",\"sub\":1}",
         "sub=alice\nsub=1"),
    CASE("twice, an object", "{\"a\":{\"b\":1},\"a\":{\"b\":2}}",
         "a.b=1\na.b=2"),
    CASE("twice, an array and a string", "{\"aud\":[\"x\"],\"aud\":\"y\"}",
         "aud=x\naud=y"),

    /* arrays */

    CASE("an array", "{\"aud\":[\"x\",\"y\",3,true]}",
         "aud=x\naud=y\naud=3\naud=true"),
    CASE("an empty array", "{\"aud\":[]}", ""),
    CASE("arrays in it", "{\"aud\":[[\"x\"],\"y\",[[\"z\"]]]}", "aud=y"),
    CASE("objects in it", "{\"aud\":[{\"aud\":\"x\"},\"y\",{},null]}",
         "aud=y"),
    CASE("repeated elements", "{\"aud\":[\"x\",\"x\",\"x\"]}", "aud=x"),
    CASE("a path through an array", "{\"a\":[{\"b\":1}]}", ""),
    CASE("behind an array", "{\"aud\":[{\"a\":[1]}],\"sub\":\"alice\"}",
         "sub=alice"),

    /* paths and dots */

    CASE("a path",
         "{\"realm_access\":{\"roles\":[\"admin\",\"user\"]},"
         "\"cnf\":{\"x5t\":1,\"jkt\":\"k\"},\"act\":{\"sub\":\"bob\"}}",
         "realm_access.roles=admin\nrealm_access.roles=user\ncnf.jkt=k\n"
         "act.sub=bob"),
    CASE("a name with dots", "{\"" TENANT "\":\"acme\"}",
         TENANT "=acme"),
    CASE("a name with dots in steps",
         "{\"https://example\":{\"com/tenant\":\"acme\"}}",
         TENANT "=acme"),
    CASE("the whole name", "{\"a.b.c\":1}", "a.b.c=1"),
    CASE("three steps", "{\"a\":{\"b\":{\"c\":1}}}", "a.b.c=1"),
    CASE("dots, then a step", "{\"a.b\":{\"c\":1}}", "a.b.c=1"),
    CASE("a step, then dots", "{\"a\":{\"b.c\":1}}", "a.b.c=1"),
    CASE("all of them",
         "{\"a\":{\"b.c\":1,\"b\":{\"c\":2}},\"a.b\":{\"c\":3},\"a.b.c\":4}",
         "a.b.c=1\na.b.c=2\na.b.c=3\na.b.c=4"),
    CASE("a step that is a value", "{\"a\":1,\"a.b\":2}", "a=1\na.b=2"),
    CASE("a path and more in it",
         "{\"a\":{\"b\":1,\"c\":2,\"d\":3,\"sub\":4}}", "a.b=1\na.c=2"),
    CASE("deeper than the path", "{\"a\":{\"b\":{\"b\":1,\"sub\":2}}}", ""),
    CASE("back from a path",
         "{\"a\":{\"b\":{\"c\":1},\"c\":2},\"sub\":\"alice\"}",
         "a.b.c=1\na.c=2\nsub=alice"),
    CASE("the same below itself", "{\"act\":{\"sub\":{\"sub\":\"x\"}}}",
         "act.sub.sub=x"),
    CASE("not from its end", "{\"x\":{\"sub\":\"alice\"}}", ""),
    CASE("neighbours in order", "{\"a!\":1,\"ab\":2,\"a\":{\"c\":3},\"a.\":4}",
         "a!=1\nab=2\na.c=3\na.=4"),
    CASE("an empty name behind a dot", "{\"a\":{\"\":1}}", "a.=1"),
    CASE("an empty name before a dot", "{\"\":{\"a\":1}}", ".a=1"),
    CASE("empty names", "{\"\":{\"\":1}}", ".=1"),
    CASE("an empty name", "{\"\":1}", ""),
    CASE("a name in another spelling", "{\"\\u0061\":{\"\\u0062\":1}}",
         "a.b=1"),
    CASE("a name that is not ASCII", "{\"\\u00e9\":1,\"a b\":2}",
         "\xc3\xa9=1\na b=2"),
};


static void
claims_plans(trv_plan_t *all, trv_plan_t *many)
{
    size_t       i;

    static char  filler[TRV_SELECTORS][16];

    memset(all, 0, sizeof(trv_plan_t));
    memset(many, 0, sizeof(trv_plan_t));

    for (i = 0; i < nelts(names); i++) {
        claims_select(all, names[i]);
        claims_select(many, names[nelts(names) - 1 - i]);
    }

    while (many->nselectors < TRV_SELECTORS) {
        i = many->nselectors;
        snprintf(filler[i], sizeof(filler[i]), "%c%zu.%zu",
                 (char) ('a' + i % 7), i * 7919 % 101, i);
        claims_select(many, filler[i]);
    }
}


static trv_rc_t
claims_read(const trv_plan_t *plan, trv_str_t raw, trv_traits_t *traits)
{
    memset(traits, 0xa5, sizeof(trv_traits_t));

    return trv_claims_read(digest, &zone.table, plan, raw, NULL, traits);
}


/* just these values, and no others */

static int
claims_are(const trv_plan_t *plan, trv_str_t raw, trv_str_t values)
{
    trv_traits_t  traits;

    return claims_read(plan, raw, &traits) == TRV_OK
           && !traits.unreadable && !traits.crowded
           && claims_count(plan, &traits, values) == traits.ntraits;
}


static void
claims_table(const trv_plan_t *all, const trv_plan_t *many)
{
    int                   good;
    size_t                i, j;
    trv_str_t             raw;
    trv_plan_t            one;
    const claims_case_t  *e;

    static const trv_str_t  header = trv_string("{\"alg\":\"x\",\"sub\":1}");

    for (i = 0; i < nelts(cases); i++) {
        e = &cases[i];

        raw = claims_token(header, e->payload, ".c2ln");
        good = 1;

        for (j = 0; j < nelts(names); j++) {
            memset(&one, 0, sizeof(one));
            claims_select(&one, names[j]);
            good &= claims_are(&one, raw, e->values);
        }

        tap_ok(good, "%s", e->name);
        tap_ok(claims_are(all, raw, e->values), "among others");
        tap_ok(claims_are(many, raw, e->values), "among many");

        free((void *) raw.data);
    }
}


int
main(void)
{
    static trv_plan_t  all, many;

    digest = trv_digest_create();
    zone = zone_open(4 * MB);

    if (digest == NULL) {
        return 2;
    }

    claims_plans(&all, &many);
    claims_table(&all, &many);

    zone_close(&zone);
    trv_digest_destroy(digest);

    return tap_done();
}
