
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Where a Redis is.
 */


#include "trv_url.h"


static int trv_url_scheme(trv_str_t *text, trv_str_t scheme);
static const char *trv_url_tcp(trv_str_t text, uint8_t *buf, trv_url_t *url);
static const char *trv_url_unix(trv_str_t text, trv_url_t *url);
static const char *trv_url_userinfo(trv_str_t text, uint8_t *buf,
    trv_url_t *url);
static int trv_url_decode(trv_str_t in, uint8_t *buf, trv_str_t *out);
static int trv_url_hex(uint8_t c);
static const char *trv_url_address(trv_str_t text, trv_url_t *url);
static int trv_url_host_valid(trv_str_t host, int ipv6);
static int trv_url_number(trv_str_t text, uint32_t max, uint32_t *number);
static size_t trv_url_find(trv_str_t text, uint8_t c);
static trv_str_t trv_url_head(trv_str_t text, size_t len);
static trv_str_t trv_url_tail(trv_str_t text, size_t from);
static uint8_t *trv_url_put(uint8_t *p, const void *data, size_t len);
static uint8_t *trv_url_put_number(uint8_t *p, uint32_t number);


static const char  trv_url_expected[] =
    "expected redis://[user:password@]host[:port][/db] or unix:/path[?db=N]";

static const char  trv_url_bad_db[] = "invalid database number";


/* schemes that are known, and why most of them are refused */

typedef struct {
    trv_str_t       scheme;
    trv_url_kind_t  kind;
    const char     *refused;
} trv_url_scheme_t;


static const trv_url_scheme_t  trv_url_schemes[] = {

    { trv_string("redis://"),            TRV_URL_TCP,   NULL },
    { trv_string("unix:"),               TRV_URL_UNIX,  NULL },

    { trv_string("rediss://"),           TRV_URL_TCP,
      "TLS (rediss://) is not supported by this version" },

    { trv_string("redis+sentinel://"),   TRV_URL_TCP,
      "Sentinel (redis+sentinel://) is not supported by this version" },

    { trv_string("rediss+sentinel://"),  TRV_URL_TCP,
      "Sentinel (rediss+sentinel://) is not supported by this version" },
};

#define TRV_URL_NSCHEMES                                                      \
    (sizeof(trv_url_schemes) / sizeof(trv_url_schemes[0]))


trv_rc_t
trv_url_parse(trv_str_t text, uint8_t *buf, trv_url_t *url, const char **error)
{
    size_t      i;
    const char *wrong;

    memset(url, 0, sizeof(trv_url_t));

    for (i = 0; i < TRV_URL_NSCHEMES; i++) {
        if (trv_url_scheme(&text, trv_url_schemes[i].scheme)) {
            break;
        }
    }

    if (i == TRV_URL_NSCHEMES) {
        wrong = trv_url_expected;

    } else if (trv_url_schemes[i].refused != NULL) {
        wrong = trv_url_schemes[i].refused;

    } else if (trv_url_schemes[i].kind == TRV_URL_UNIX) {
        wrong = trv_url_unix(text, url);

    } else {
        wrong = trv_url_tcp(text, buf, url);
    }

    if (wrong != NULL) {
        *error = wrong;
        return TRV_MALFORMED;
    }

    return TRV_OK;
}


/* true if the text begins with the scheme, which is then cut off */

static int
trv_url_scheme(trv_str_t *text, trv_str_t scheme)
{
    if (text->len < scheme.len
        || !trv_str_caseeq(trv_url_head(*text, scheme.len), scheme))
    {
        return 0;
    }

    *text = trv_url_tail(*text, scheme.len);

    return 1;
}


/* the functions below return NULL, or what is wrong */

static const char *
trv_url_tcp(trv_str_t text, uint8_t *buf, trv_url_t *url)
{
    size_t      i;
    trv_str_t   authority, db;
    const char *wrong;

    if (trv_url_find(text, '?') != text.len
        || trv_url_find(text, '#') != text.len)
    {
        return "unexpected \"?\" or \"#\", "
               "in a user name or password write %3F or %23";
    }

    url->kind = TRV_URL_TCP;

    i = trv_url_find(text, '/');
    authority = trv_url_head(text, i);

    i = trv_url_find(authority, '@');

    if (i != authority.len) {

        wrong = trv_url_userinfo(trv_url_head(authority, i), buf, url);

        if (wrong != NULL) {
            return wrong;
        }

        authority = trv_url_tail(authority, i + 1);

        /* which of them ends the password is a guess that we do not make */

        if (trv_url_find(authority, '@') != authority.len) {
            return "more than one \"@\", "
                   "in a user name or password write %40";
        }
    }

    wrong = trv_url_address(authority, url);

    if (wrong != NULL) {
        return wrong;
    }

    db = trv_url_tail(text, trv_url_find(text, '/'));

    if (db.len <= 1) {
        return NULL;
    }

    return trv_url_number(trv_url_tail(db, 1), INT32_MAX, &url->db)
           ? NULL : trv_url_bad_db;
}


static const char *
trv_url_unix(trv_str_t text, trv_url_t *url)
{
    size_t                  i;
    trv_str_t               query;
    static const trv_str_t  db = trv_string("db=");

    url->kind = TRV_URL_UNIX;

    i = trv_url_find(text, '?');

    url->path = trv_url_head(text, i);

    if (url->path.len < 2 || url->path.data[0] != '/'
        || trv_url_find(url->path, '\0') != url->path.len)
    {
        return trv_url_expected;
    }

    if (url->path.len > TRV_URL_PATH_MAX) {
        return "the path of the socket is too long";
    }

    if (i == text.len) {
        return NULL;
    }

    query = trv_url_tail(text, i + 1);

    if (query.len < db.len || memcmp(query.data, db.data, db.len) != 0) {
        return trv_url_expected;
    }

    return trv_url_number(trv_url_tail(query, db.len), INT32_MAX, &url->db)
           ? NULL : trv_url_bad_db;
}


static const char *
trv_url_userinfo(trv_str_t text, uint8_t *buf, trv_url_t *url)
{
    size_t  colon;

    colon = trv_url_find(text, ':');

    if (!trv_url_decode(trv_url_head(text, colon), buf, &url->user)) {
        return "invalid percent-encoding in the user name";
    }

    if (colon == text.len) {
        return url->user.len != 0 ? NULL : trv_url_expected;
    }

    url->password_set = 1;

    if (!trv_url_decode(trv_url_tail(text, colon + 1), buf + colon,
                        &url->password))
    {
        return "invalid percent-encoding in the password";
    }

    if (url->user.len == 0 && url->password.len == 0) {
        return "empty password";
    }

    return NULL;
}


static int
trv_url_decode(trv_str_t in, uint8_t *buf, trv_str_t *out)
{
    int     high, low;
    size_t  i;

    out->data = buf;

    for (i = 0; i < in.len; i++) {

        if (in.data[i] != '%') {
            *buf++ = in.data[i];
            continue;
        }

        if (in.len - i < 3) {
            return 0;
        }

        high = trv_url_hex(in.data[i + 1]);
        low = trv_url_hex(in.data[i + 2]);

        if (high < 0 || low < 0) {
            return 0;
        }

        *buf++ = (uint8_t) (high * 16 + low);
        i += 2;
    }

    out->len = (size_t) (buf - out->data);

    return 1;
}


static int
trv_url_hex(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = trv_lower(c);

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


/* host[:port] */

static const char *
trv_url_address(trv_str_t text, trv_url_t *url)
{
    size_t     i;
    uint32_t   port;
    trv_str_t  rest;

    if (trv_url_find(text, ',') != text.len) {
        return "several hosts are not supported by this version";
    }

    if (text.len != 0 && text.data[0] == '[') {
        i = trv_url_find(text, ']');

        if (i == text.len) {
            return "no \"]\" after the IPv6 address";
        }

        url->ipv6 = 1;
        url->host = trv_url_tail(trv_url_head(text, i), 1);
        rest = trv_url_tail(text, i + 1);

    } else {
        i = trv_url_find(text, ':');

        url->host = trv_url_head(text, i);
        rest = trv_url_tail(text, i);

        if (rest.len != 0
            && trv_url_find(trv_url_tail(rest, 1), ':') != rest.len - 1)
        {
            return "an IPv6 address must be in brackets";
        }
    }

    if (url->host.len == 0) {
        return "no host";
    }

    if (!trv_url_host_valid(url->host, url->ipv6)) {
        return "invalid host";
    }

    url->port = TRV_URL_PORT;

    if (rest.len == 0) {
        return NULL;
    }

    if (rest.data[0] != ':'
        || !trv_url_number(trv_url_tail(rest, 1), UINT16_MAX, &port)
        || port == 0)
    {
        return "invalid port";
    }

    url->port = (uint16_t) port;

    return NULL;
}


static int
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


static int
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


/* the index of the first such byte, or the length if there is none */

static size_t
trv_url_find(trv_str_t text, uint8_t c)
{
    const uint8_t  *p;

    p = text.len != 0 ? memchr(text.data, c, text.len) : NULL;

    return p != NULL ? (size_t) (p - text.data) : text.len;
}


static trv_str_t
trv_url_head(trv_str_t text, size_t len)
{
    text.len = len;

    return text;
}


static trv_str_t
trv_url_tail(trv_str_t text, size_t from)
{
    text.data += from;
    text.len -= from;

    return text;
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
        p = trv_url_put(p, "redis://[", url->ipv6 ? 9 : 8);
        p = trv_url_put(p, url->host.data, url->host.len);
        p = url->ipv6 ? trv_url_put(p, "]:", 2) : trv_url_put(p, ":", 1);
        p = trv_url_put_number(p, url->port);
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
