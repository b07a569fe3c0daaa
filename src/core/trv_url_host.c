
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The hosts of a URL.
 */


#include "trv_url_private.h"


static const char *trv_url_bracketed(trv_str_t text, trv_url_host_t *host,
    trv_str_t *rest);
static const char *trv_url_plain(trv_str_t text, trv_url_host_t *host,
    trv_str_t *rest);


const char *
trv_url_hosts(trv_str_t text, uint16_t port, trv_url_t *url)
{
    size_t      i;
    const char *wrong;

    for ( ;; ) {

        if (url->nhosts == TRV_URL_HOSTS) {
            return "too many hosts";
        }

        i = trv_url_find(text, ',');

        wrong = trv_url_host(trv_url_head(text, i), port,
                             &url->hosts[url->nhosts++]);

        if (wrong != NULL || i == text.len) {
            return wrong;
        }

        text = trv_url_tail(text, i + 1);
    }
}


const char *
trv_url_host(trv_str_t text, uint16_t port, trv_url_host_t *host)
{
    uint32_t    number;
    trv_str_t   rest;
    const char *wrong;

    host->ipv6 = text.len != 0 && text.data[0] == '[';

    wrong = host->ipv6 ? trv_url_bracketed(text, host, &rest)
                       : trv_url_plain(text, host, &rest);

    if (wrong != NULL) {
        return wrong;
    }

    if (host->host.len == 0) {
        return "no host";
    }

    if (host->host.len > TRV_URL_HOST_MAX
        || !trv_url_host_valid(host->host, host->ipv6))
    {
        return "invalid host";
    }

    host->port = port;

    if (rest.len == 0) {
        return NULL;
    }

    if (rest.data[0] != ':'
        || !trv_url_number(trv_url_tail(rest, 1), UINT16_MAX, &number)
        || number == 0)
    {
        return "invalid port";
    }

    host->port = (uint16_t) number;

    return NULL;
}


static const char *
trv_url_bracketed(trv_str_t text, trv_url_host_t *host, trv_str_t *rest)
{
    size_t  i;

    i = trv_url_find(text, ']');

    if (i == text.len) {
        return "no \"]\" after the IPv6 address";
    }

    host->host = trv_url_tail(trv_url_head(text, i), 1);
    *rest = trv_url_tail(text, i + 1);

    return NULL;
}


static const char *
trv_url_plain(trv_str_t text, trv_url_host_t *host, trv_str_t *rest)
{
    size_t  i;

    i = trv_url_find(text, ':');

    host->host = trv_url_head(text, i);
    *rest = trv_url_tail(text, i);

    if (rest->len != 0 && trv_url_has(trv_url_tail(*rest, 1), ':')) {
        return "an IPv6 address must be in brackets";
    }

    return NULL;
}


int
trv_url_host_valid(trv_str_t host, int ipv6)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < host.len; i++) {
        c = trv_lower(host.data[i]);

        if (ipv6) {
            if (trv_url_hex(c) < 0 && c != ':' && c != '.') {
                return 0;
            }

            continue;
        }

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9')
            && c != '.' && c != '-' && c != '_')
        {
            return 0;
        }
    }

    return 1;
}


int
trv_url_hex(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = trv_lower(c);

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


int
trv_url_number(trv_str_t text, uint32_t max, uint32_t *number)
{
    size_t    i;
    uint64_t  n;

    n = 0;

    for (i = 0; i < text.len; i++) {

        if (text.data[i] < '0' || text.data[i] > '9') {
            return 0;
        }

        n = n * 10 + (text.data[i] - '0');

        if (n > max) {
            return 0;
        }
    }

    *number = (uint32_t) n;

    return text.len != 0;
}
