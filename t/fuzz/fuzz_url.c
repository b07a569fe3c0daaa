
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Property: a URL that is understood is written for logs within the bound, and
 * what is written is understood as the same place, without user and password.
 * Of one that is refused nothing is repeated.  A redirection to a host that a
 * URL could have names that host.
 *
 * Input: a URL, or the text of an error of Redis.
 */


#include <stdlib.h>
#include <string.h>

#include "trv_redirect.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
fuzz_check(int good)
{
    if (!good) {
        abort();
    }
}


/* a block of that size, for the sanitizer */

static uint8_t *
fuzz_block(const uint8_t *data, size_t size)
{
    uint8_t  *p;

    p = malloc(size != 0 ? size : 1);
    fuzz_check(p != NULL);

    if (data != NULL && size != 0) {
        memcpy(p, data, size);
    }

    return p;
}


static int
fuzz_is_in(const char *p, const uint8_t *data, size_t size)
{
    return (const uint8_t *) p >= data && (const uint8_t *) p < data + size;
}


static int
fuzz_within(trv_str_t part, const uint8_t *data, size_t size)
{
    return part.len == 0
           || (part.data >= data && part.data + part.len <= data + size);
}


static void
fuzz_sane(const trv_url_t *url, trv_str_t text, const uint8_t *buf)
{
    unsigned               i;
    const trv_url_host_t  *host;

    fuzz_check((url->kind == TRV_URL_UNIX) == (url->nhosts == 0)
               && (url->kind == TRV_URL_UNIX) == (url->path.len != 0)
               && (url->kind == TRV_URL_SENTINEL) == (url->master.len != 0)
               && url->nhosts <= TRV_URL_HOSTS && url->db <= INT32_MAX
               && url->user.len + url->password.len <= text.len);

    fuzz_check(fuzz_within(url->path, text.data, text.len)
               && fuzz_within(url->user, buf, text.len)
               && fuzz_within(url->password, buf, text.len)
               && fuzz_within(url->master, buf, text.len));

    for (i = 0; i < url->nhosts; i++) {
        host = &url->hosts[i];

        fuzz_check(host->port != 0 && host->host.len != 0
                   && host->host.len <= TRV_URL_HOST_MAX
                   && fuzz_within(host->host, text.data, text.len)
                   && trv_url_host_valid(host->host, host->ipv6));
    }
}


static void
fuzz_same(const trv_url_t *a, const trv_url_t *b)
{
    unsigned  i;

    fuzz_check(a->kind == b->kind && a->tls == b->tls && a->db == b->db
               && a->nhosts == b->nhosts && trv_str_eq(a->path, b->path)
               && trv_str_eq(a->master, b->master) && b->user.len == 0
               && b->password.len == 0 && !b->password_set);

    for (i = 0; i < a->nhosts; i++) {
        fuzz_check(trv_str_eq(a->hosts[i].host, b->hosts[i].host)
                   && a->hosts[i].port == b->hosts[i].port
                   && a->hosts[i].ipv6 == b->hosts[i].ipv6);
    }
}


/* written, understood, and written again */

static void
fuzz_round(const trv_url_t *url)
{
    uint8_t     *log, *again, *buf;
    trv_str_t    text;
    trv_url_t    other;
    const char  *error;

    log = fuzz_block(NULL, trv_url_format_len(url));
    text.data = log;
    text.len = trv_url_format(url, log);
    fuzz_check(text.len <= trv_url_format_len(url));

    buf = fuzz_block(NULL, text.len);
    fuzz_check(trv_url_parse(text, buf, &other, &error) == TRV_OK);
    fuzz_same(url, &other);

    again = fuzz_block(NULL, trv_url_format_len(&other));
    fuzz_check(trv_url_format(&other, again) == text.len
               && memcmp(again, log, text.len) == 0);

    free(again);
    free(buf);
    free(log);
}


static void
fuzz_url(trv_str_t text)
{
    uint8_t     *buf;
    trv_url_t    url;
    const char  *error;

    buf = fuzz_block(NULL, text.len);
    error = NULL;

    if (trv_url_parse(text, buf, &url, &error) == TRV_OK) {
        fuzz_check(error == NULL);
        fuzz_sane(&url, text, buf);
        fuzz_round(&url);

    } else {
        fuzz_check(error != NULL && error[0] != '\0'
                   && !fuzz_is_in(error, text.data, text.len)
                   && !fuzz_is_in(error, buf, text.len));
    }

    free(buf);
}


static void
fuzz_redirect(trv_str_t text)
{
    trv_redirect_t  r;

    if (trv_redirect_parse(text, &r) != TRV_OK) {
        return;
    }

    fuzz_check(r.kind < TRV_REDIRECT_NKINDS && r.port != 0
               && r.slot < TRV_REDIRECT_SLOTS
               && fuzz_within(r.host, text.data, text.len)
               && r.host.len <= TRV_URL_HOST_MAX
               && (!r.ipv6 || r.host.len != 0)
               && trv_url_host_valid(r.host, r.ipv6)
               && (r.ipv6 || r.host.len == 0
                   || memchr(r.host.data, ':', r.host.len) == NULL));
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trv_str_t  text;

    text.data = fuzz_block(data, size);
    text.len = size;

    fuzz_url(text);
    fuzz_redirect(text);

    free((void *) text.data);

    return 0;
}
