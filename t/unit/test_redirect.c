
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdlib.h>
#include "../../src/core/trv_redirect.h"
#include "tap.h"


typedef struct {
    const char          *text;
    trv_redirect_kind_t  kind;
    unsigned             slot;
    const char          *host;
    unsigned             port;
    unsigned             ipv6;
} redirect_case_t;


static const redirect_case_t  good[] = {
    { "MOVED 3999 127.0.0.1:6381",
      TRV_REDIRECT_MOVED, 3999, "127.0.0.1", 6381, 0 },
    { "ASK 0 redis-2.example:1",
      TRV_REDIRECT_ASK, 0, "redis-2.example", 1, 0 },
    { "MOVED 16383 ::1:65535", TRV_REDIRECT_MOVED, 16383, "::1", 65535, 1 },
    { "MOVED 1 fe80::192.0.2.1:7",
      TRV_REDIRECT_MOVED, 1, "fe80::192.0.2.1", 7, 1 },
    { "MOVED 1 [::1]:7", TRV_REDIRECT_MOVED, 1, "::1", 7, 1 },
    { "MOVED 1 [1]:7", TRV_REDIRECT_MOVED, 1, "1", 7, 1 },
    { "MOVED 1 :6381", TRV_REDIRECT_MOVED, 1, "", 6381, 0 },
    { "ASK 1 h:2 something else", TRV_REDIRECT_ASK, 1, "h", 2, 0 },
};


static const char *const  bad[] = {
    "", "MOVED", "MOVED ", "MOVED 1", "MOVED 1 ", "MOVED 1 h", "MOVED 1 h:",
    "MOVED 1 h:0", "MOVED 1 h:65536", "MOVED 1 h:x", "MOVED 1  h:1",
    "MOVED 16384 h:1", "MOVED -1 h:1", "MOVED  h:1", "MOVED x h:1",
    "MOVED 1 ?:6379", "MOVED 1 h/i:1", "MOVED 1 []:1", "MOVED 1 [:1",
    "MOVED 1 [h]:1", "MOVED 1 g::1:1", "moved 1 h:1", "MOVEDX 1 h:1",
    "TRYAGAIN 1 h:1", "CLUSTERDOWN Hash slot not served", "ASKING", "ASK 1 ::",
    "ERR MOVED 1 h:1",
};


/* the text has exactly its size: a sanitizer sees any step beyond */

static trv_rc_t
parse(const char *text, size_t len, trv_redirect_t *redirect, uint8_t **memory)
{
    trv_str_t  s;

    *memory = malloc(len != 0 ? len : 1);
    memcpy(*memory, text, len);

    s.data = *memory;
    s.len = len;

    return trv_redirect_parse(s, redirect);
}


static void
test_good(const redirect_case_t *c)
{
    size_t          len;
    uint8_t        *memory;
    trv_rc_t        rc;
    trv_redirect_t  r;

    rc = parse(c->text, strlen(c->text), &r, &memory);

    tap_ok(rc == TRV_OK && r.kind == c->kind && r.slot == c->slot
           && r.port == c->port && r.ipv6 == c->ipv6
           && r.host.len == strlen(c->host)
           && memcmp(r.host.data, c->host, r.host.len) == 0, "%s", c->text);

    free(memory);

    for (len = 0; len < strlen(c->text); len++) {
        (void) parse(c->text, len, &r, &memory);
        free(memory);
    }
}


static void
test_bad(const char *text)
{
    uint8_t        *memory;
    trv_rc_t        rc;
    trv_redirect_t  r, before;

    memset(&r, 0xa5, sizeof(r));
    before = r;

    rc = parse(text, strlen(text), &r, &memory);

    tap_ok(rc == TRV_NONE && memcmp(&r, &before, sizeof(r)) == 0,
           "nowhere: \"%s\"", text);

    free(memory);
}


static void
test_limit(void)
{
    char            text[300];
    uint8_t        *memory;
    trv_redirect_t  r;

    memset(text, 'h', sizeof(text));
    memcpy(text, "MOVED 1 ", 8);
    memcpy(text + 8 + TRV_URL_HOST_MAX, ":1", 2);

    tap_ok(parse(text, 8 + TRV_URL_HOST_MAX + 2, &r, &memory) == TRV_OK
           && r.host.len == TRV_URL_HOST_MAX, "the longest host");
    free(memory);

    memcpy(text + 8 + TRV_URL_HOST_MAX, "h:1", 3);

    tap_ok(parse(text, 8 + TRV_URL_HOST_MAX + 3, &r, &memory) == TRV_NONE,
           "one byte longer");
    free(memory);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        test_good(&good[i]);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        test_bad(bad[i]);
    }

    test_limit();

    return tap_done();
}
