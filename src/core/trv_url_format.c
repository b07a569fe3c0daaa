
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A URL as it is written for logs.
 */


#include "trv_url_private.h"


static uint8_t *trv_url_put(uint8_t *p, const void *data, size_t len);
static uint8_t *trv_url_put_number(uint8_t *p, uint32_t number);
static uint8_t *trv_url_put_hosts(uint8_t *p, const trv_url_t *url);
static uint8_t *trv_url_put_encoded(uint8_t *p, trv_str_t text);


/* the longest scheme, the slash before a master, "?db=" and a database */

#define TRV_URL_FORMAT_FIXED  (18 + 1 + 4 + 10)

/* what a host has besides its name: brackets, colon, port and comma */

#define TRV_URL_FORMAT_HOST   (2 + 1 + 5 + 1)


size_t
trv_url_format_len(const trv_url_t *url)
{
    size_t    len;
    unsigned  i;

    len = TRV_URL_FORMAT_FIXED + url->path.len + 3 * url->master.len;

    for (i = 0; i < url->nhosts; i++) {
        len += TRV_URL_FORMAT_HOST + url->hosts[i].host.len;
    }

    return len;
}


size_t
trv_url_format(const trv_url_t *url, uint8_t *buf)
{
    uint8_t  *p;

    p = buf;

    if (url->kind == TRV_URL_UNIX) {
        p = trv_url_put(p, "unix:", 5);
        p = trv_url_put(p, url->path.data, url->path.len);

    } else {
        p = url->tls ? trv_url_put(p, "rediss", 6) : trv_url_put(p, "redis", 5);

        if (url->kind == TRV_URL_SENTINEL) {
            p = trv_url_put(p, "+sentinel", 9);
        }

        p = trv_url_put(p, "://", 3);
        p = trv_url_put_hosts(p, url);
    }

    if (url->kind == TRV_URL_SENTINEL) {
        p = trv_url_put(p, "/", 1);
        p = trv_url_put_encoded(p, url->master);
    }

    if (url->db != 0) {

        if (url->kind == TRV_URL_UNIX) {
            p = trv_url_put(p, "?db=", 4);

        } else {
            p = trv_url_put(p, "/", 1);
        }

        p = trv_url_put_number(p, url->db);
    }

    return (size_t) (p - buf);
}


static uint8_t *
trv_url_put(uint8_t *p, const void *data, size_t len)
{
    memcpy(p, data, len);

    return p + len;
}


static uint8_t *
trv_url_put_number(uint8_t *p, uint32_t number)
{
    size_t   i;
    uint8_t  digits[10];

    i = sizeof(digits);

    do {
        digits[--i] = (uint8_t) ('0' + number % 10);
        number /= 10;
    } while (number != 0);

    return trv_url_put(p, digits + i, sizeof(digits) - i);
}


static uint8_t *
trv_url_put_hosts(uint8_t *p, const trv_url_t *url)
{
    unsigned               i;
    const trv_url_host_t  *host;

    for (i = 0; i < url->nhosts; i++) {
        host = &url->hosts[i];

        if (i != 0) {
            p = trv_url_put(p, ",", 1);
        }

        p = trv_url_put(p, "[", host->ipv6);
        p = trv_url_put(p, host->host.data, host->host.len);
        p = trv_url_put(p, "]", host->ipv6);
        p = trv_url_put(p, ":", 1);
        p = trv_url_put_number(p, host->port);
    }

    return p;
}


/* the unreserved bytes of RFC 3986, section 2.3, are left as they are */

static uint8_t *
trv_url_put_encoded(uint8_t *p, trv_str_t text)
{
    size_t   i;
    uint8_t  c, lower;

    static const uint8_t  hex[] = "0123456789ABCDEF";

    for (i = 0; i < text.len; i++) {
        c = text.data[i];
        lower = trv_lower(c);

        if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9')
            || c == '-' || c == '.' || c == '_' || c == '~')
        {
            *p++ = c;
            continue;
        }

        *p++ = '%';
        *p++ = hex[c >> 4];
        *p++ = hex[c & 0xf];
    }

    return p;
}
