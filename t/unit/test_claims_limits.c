
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Tokens with more values, more depth or more bytes than others, and no memory
 * for them.
 */


#include "claims.h"
#include "trv_memory.h"


static const trv_str_t  none = trv_string("{\"alg\":\"none\"}");

static trv_plan_t       plan;


static trv_rc_t
claims_read(trv_str_t raw, trv_traits_t *traits)
{
    memset(traits, 0xa5, sizeof(trv_traits_t));

    return trv_claims_read(digest, &zone.table, &plan, raw, NULL, traits);
}


/* so many values of "aud", then a "sub"; any depth and size can be read */

static trv_str_t
claims_large(unsigned n, size_t depth, const char *end)
{
    char       *text, *p;
    unsigned    i;
    trv_str_t   raw;

    text = malloc(n * 8 + depth * 2 + 128);
    if (text == NULL) {
        exit(2);
    }

    p = text + sprintf(text, "{\"deep\":");

    memset(p, '[', depth);
    memset(p + depth, ']', depth);
    p += 2 * depth;

    p += sprintf(p, "%s,\"aud\":[", depth ? "" : "0");

    for (i = 0; i < n; i++) {
        p += sprintf(p, "%u,", i);
    }

    p += sprintf(p, "\"last\"],\"iss\":\"joe\",\"iat\":5%s", end);

    raw = claims_token(none, claims_str(text, (size_t) (p - text)), ".x");
    free(text);

    return raw;
}


static void
claims_limits(void)
{
    trv_str_t     raw;
    trv_traits_t  traits;

    raw = claims_large(TRV_TRAITS - 3, 0, "}");
    claims_read(raw, &traits);
    tap_ok(traits.ntraits == TRV_TRAITS && !traits.crowded,
           "as many values as there may be");
    free((void *) raw.data);

    raw = claims_large(TRV_TRAITS - 2, 0, "}");
    claims_read(raw, &traits);
    tap_ok(traits.ntraits == TRV_TRAITS && traits.crowded
           && traits.issued == 5, "one more");
    free((void *) raw.data);

    raw = claims_large(TRV_TRAITS, 0, "");
    claims_read(raw, &traits);
    tap_ok(traits.ntraits == 1 && !traits.crowded && traits.unreadable,
           "more, and it cannot be read");
    free((void *) raw.data);

    raw = claims_large(0, 100000, "}");
    claims_read(raw, &traits);
    tap_ok(!traits.unreadable && traits.ntraits == 3
           && claims_count(&plan, &traits,
                           claims_str("alg=none\naud=last\niss=joe", 25)) == 3,
           "100,000 levels");
    free((void *) raw.data);

    raw = claims_large(50000, 3, "}");
    claims_read(raw, &traits);
    tap_ok(traits.crowded && !traits.unreadable && traits.issued == 5,
           "300 KB");
    free((void *) raw.data);
}


/* the n-th time that memory is asked for there is none */

static unsigned  left;


static void *
claims_no_memory(void *p, size_t size)
{
    return left-- == 0 ? NULL : realloc(p, size);
}


static void
claims_chaos(void)
{
    size_t         len;
    uint8_t        buf[8];
    unsigned       n, failed;
    trv_rc_t       rc, rc2;
    trv_str_t      raw, ambiguous;
    trv_traits_t   traits;

    static const trv_str_t  name = trv_string("iss");

    raw = claims_large(2000, 3, "}");

    /* the same with what decoders disagree on, so that there are two pieces */

    ambiguous = claims_str(malloc(raw.len + 4), raw.len + 4);
    memcpy((uint8_t *) ambiguous.data, raw.data, 42);
    memcpy((uint8_t *) ambiguous.data + 42, "====", 4);
    memcpy((uint8_t *) ambiguous.data + 46, raw.data + 42, raw.len - 42);

    trv_memory_realloc = claims_no_memory;
    failed = 0;

    for (n = 0; n < 4; n++) {
        left = n;
        rc = claims_read(raw, &traits);
        left = n;
        rc2 = trv_claims_value(raw, name, buf, sizeof(buf), &len);
        failed += (rc == TRV_NOMEM) + (rc2 == TRV_NOMEM);

        left = n;
        rc = claims_read(ambiguous, &traits);
        failed += rc == TRV_NOMEM;
    }

    trv_memory_realloc = realloc;

    tap_uint(failed, 4, "memory is short, and it is said");
    tap_ok(rc == TRV_OK && traits.unreadable && rc2 == TRV_OK,
           "it is there again");

    free((void *) raw.data);
    free((void *) ambiguous.data);
}


int
main(void)
{
    digest = trv_digest_create();
    zone = zone_open(4 * MB);

    if (digest == NULL) {
        return 2;
    }

    claims_select(&plan, "header.alg");
    claims_select(&plan, "iss");
    claims_select(&plan, "aud");

    claims_limits();
    claims_chaos();

    zone_close(&zone);
    trv_digest_destroy(digest);

    return tap_done();
}
