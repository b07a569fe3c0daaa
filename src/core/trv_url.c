
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Where a Redis is.
 */


#include "trv_url_private.h"


static int trv_url_scheme(trv_str_t *text, trv_str_t scheme);
static const char *trv_url_read(trv_str_t text, uint8_t *buf, trv_url_t *url);
static const char *trv_url_tcp(trv_str_t text, uint8_t *buf, trv_url_t *url);
static const char *trv_url_sentinel(trv_str_t text, uint8_t *buf,
    trv_url_t *url);
static const char *trv_url_unix(trv_str_t text, trv_url_t *url);
static const char *trv_url_authority(trv_str_t text, uint16_t port,
    uint8_t *buf, trv_url_t *url, trv_str_t *rest);
static const char *trv_url_userinfo(trv_str_t text, uint8_t *buf,
    trv_url_t *url);
static const char *trv_url_segment(trv_str_t text, trv_url_t *url);
static const char *trv_url_query(trv_str_t text, trv_url_t *url,
    const char *expected);
static int trv_url_decode(trv_str_t in, uint8_t *buf, trv_str_t *out);


static const char  trv_url_expected[] =
    "expected redis://[user:password@]host[:port][/db] or unix:/path[?db=N]";

static const char  trv_url_expected_master[] =
    "expected redis+sentinel://host[:port]/master-name[/db]";

static const char  trv_url_bad_db[] = "invalid database number";

static const char  trv_url_bad_delimiter[] =
    "unexpected \"?\" or \"#\", in a user name or password write %3F or %23";


typedef struct {
    trv_str_t       scheme;
    trv_url_kind_t  kind;
    unsigned        tls:1;
} trv_url_scheme_t;


static const trv_url_scheme_t  trv_url_schemes[] = {
    { trv_string("redis://"),            TRV_URL_TCP,       0 },
    { trv_string("rediss://"),           TRV_URL_TCP,       1 },
    { trv_string("redis+sentinel://"),   TRV_URL_SENTINEL,  0 },
    { trv_string("rediss+sentinel://"),  TRV_URL_SENTINEL,  1 },
    { trv_string("unix:"),               TRV_URL_UNIX,      0 },
};

#define TRV_URL_NSCHEMES                                                      \
    (sizeof(trv_url_schemes) / sizeof(trv_url_schemes[0]))


trv_rc_t
trv_url_parse(trv_str_t text, uint8_t *buf, trv_url_t *url, const char **error)
{
    const char *wrong;

    memset(url, 0, sizeof(trv_url_t));

    wrong = trv_url_read(text, buf, url);

    if (wrong != NULL) {
        *error = wrong;
        return TRV_MALFORMED;
    }

    return TRV_OK;
}


/* this and the functions below return NULL, or what is wrong */

static const char *
trv_url_read(trv_str_t text, uint8_t *buf, trv_url_t *url)
{
    size_t  i;

    for (i = 0; i < TRV_URL_NSCHEMES; i++) {
        if (trv_url_scheme(&text, trv_url_schemes[i].scheme)) {
            break;
        }
    }

    if (i == TRV_URL_NSCHEMES) {
        return trv_url_expected;
    }

    url->kind = trv_url_schemes[i].kind;
    url->tls = trv_url_schemes[i].tls;

    switch (url->kind) {

    case TRV_URL_UNIX:
        return trv_url_unix(text, url);

    case TRV_URL_SENTINEL:
        return trv_url_sentinel(text, buf, url);

    default:
        return trv_url_tcp(text, buf, url);
    }
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


static const char *
trv_url_tcp(trv_str_t text, uint8_t *buf, trv_url_t *url)
{
    trv_str_t   rest;
    const char *wrong;

    if (trv_url_has(text, '?') || trv_url_has(text, '#')) {
        return trv_url_bad_delimiter;
    }

    wrong = trv_url_authority(text, TRV_URL_PORT, buf, url, &rest);

    return wrong != NULL ? wrong : trv_url_segment(rest, url);
}


static const char *
trv_url_sentinel(trv_str_t text, uint8_t *buf, trv_url_t *url)
{
    size_t      i;
    trv_str_t   rest, query, name;
    const char *wrong;

    if (trv_url_has(text, '#')) {
        return trv_url_bad_delimiter;
    }

    i = trv_url_find(text, '?');
    query = trv_url_tail(text, i);
    text = trv_url_head(text, i);

    wrong = trv_url_query(query, url, trv_url_bad_delimiter);

    if (wrong == NULL) {
        wrong = trv_url_authority(text, TRV_URL_PORT_SENTINEL, buf, url,
                                  &rest);
    }

    if (wrong != NULL) {
        return wrong;
    }

    if (rest.len <= 1) {
        return trv_url_expected_master;
    }

    rest = trv_url_tail(rest, 1);
    i = trv_url_find(rest, '/');
    name = trv_url_head(rest, i);
    rest = trv_url_tail(rest, i);

    if (name.len == 0) {
        return "no master name";
    }

    /* the name is behind user and password, in the buffer as in the text */

    if (!trv_url_decode(name, buf + (name.data - text.data), &url->master)) {
        return "invalid percent-encoding in the master name";
    }

    if (rest.len > 1 && query.len != 0) {
        return "two database numbers";
    }

    return trv_url_segment(rest, url);
}


static const char *
trv_url_unix(trv_str_t text, trv_url_t *url)
{
    size_t  i;

    i = trv_url_find(text, '?');

    url->path = trv_url_head(text, i);

    if (url->path.len < 2 || url->path.data[0] != '/'
        || trv_url_has(url->path, '\0'))
    {
        return trv_url_expected;
    }

    if (url->path.len > TRV_URL_PATH_MAX) {
        return "the path of the socket is too long";
    }

    return trv_url_query(trv_url_tail(text, i), url, trv_url_expected);
}


/* what is before the first slash; *rest is the slash and what follows it */

static const char *
trv_url_authority(trv_str_t text, uint16_t port, uint8_t *buf, trv_url_t *url,
    trv_str_t *rest)
{
    size_t      i;
    trv_str_t   authority;
    const char *wrong;

    i = trv_url_find(text, '/');
    authority = trv_url_head(text, i);
    *rest = trv_url_tail(text, i);

    i = trv_url_find(authority, '@');

    if (i == authority.len) {

        /* passwords in base64 have slashes */

        return trv_url_has(*rest, '@')
               ? "\"@\" after a \"/\", in a user name or password write %2F"
               : trv_url_hosts(authority, port, url);
    }

    wrong = trv_url_userinfo(trv_url_head(authority, i), buf, url);

    if (wrong != NULL) {
        return wrong;
    }

    authority = trv_url_tail(authority, i + 1);

    /* which of them ends the password is a guess that we do not make */

    if (trv_url_has(authority, '@')) {
        return "more than one \"@\", in a user name or password write %40";
    }

    return trv_url_hosts(authority, port, url);
}


static const char *
trv_url_userinfo(trv_str_t text, uint8_t *buf, trv_url_t *url)
{
    size_t  colon;

    colon = trv_url_find(text, ':');

    /* "host,user@host": another guess that we do not make */

    if (trv_url_has(trv_url_head(text, colon), ',')) {
        return "unexpected \",\" before a \"@\", in a user name write %2C";
    }

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


/* nothing, a slash, or a slash and a database number */

static const char *
trv_url_segment(trv_str_t text, trv_url_t *url)
{
    if (text.len <= 1) {
        return NULL;
    }

    if (text.data[1] == '/') {
        return "repeated \"/\"";
    }

    return trv_url_number(trv_url_tail(text, 1), INT32_MAX, &url->db)
           ? NULL : trv_url_bad_db;
}


/* nothing, or "?db=" and a database number */

static const char *
trv_url_query(trv_str_t text, trv_url_t *url, const char *expected)
{
    static const trv_str_t  db = trv_string("?db=");

    if (text.len == 0) {
        return NULL;
    }

    if (text.len < db.len || memcmp(text.data, db.data, db.len) != 0) {
        return expected;
    }

    return trv_url_number(trv_url_tail(text, db.len), INT32_MAX, &url->db)
           ? NULL : trv_url_bad_db;
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
