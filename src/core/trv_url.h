
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Where a Redis is:
 *
 *     redis://[user[:password]@]host[:port][/db]
 *     unix:/path[?db=N]
 *
 * The scheme in any case, an IPv6 address in brackets, user and password
 * percent-encoded (RFC 3986, section 2.1).  "redis://:password@host" is a
 * password without a user, "redis://user@host" a user whose password comes
 * from elsewhere.
 */


#ifndef _TRV_URL_H_INCLUDED_
#define _TRV_URL_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


#define TRV_URL_PORT      6379
#define TRV_URL_PATH_MAX  107         /* sun_path of Linux, less its NUL */

/* what trv_url_format() adds at most to the host or the path */

#define TRV_URL_FORMAT_EXTRA  32


typedef enum {
    TRV_URL_TCP = 0,
    TRV_URL_UNIX,
    TRV_URL_NKINDS
} trv_url_kind_t;


/* host and path are views into the text, user and password into the buffer */

typedef struct {
    trv_url_kind_t  kind;
    trv_str_t       host;             /* TCP: never empty, without brackets */
    uint16_t        port;             /* TCP */
    unsigned        ipv6:1;           /* TCP: the host was in brackets */
    unsigned        password_set:1;   /* there was one, it may be empty */
    uint32_t        db;
    trv_str_t       path;             /* UNIX: begins with a slash */
    trv_str_t       user;             /* decoded; empty: none */
    trv_str_t       password;         /* decoded */
} trv_url_t;


/*
 * Reads a URL.  "buf" has room for text.len bytes and takes what was decoded.
 * Returns TRV_OK, or TRV_MALFORMED and *error: a static text that says what
 * is wrong or was expected, and never has a part of the URL in it.  What
 * other versions may understand (TLS, Sentinel, several hosts) is refused in
 * words of its own.
 */

trv_rc_t trv_url_parse(trv_str_t text, uint8_t *buf, trv_url_t *url,
    const char **error);


/*
 * Writes the URL for logs: without user and password, with the port, without
 * a database 0.  Returns the number of bytes, at most TRV_URL_FORMAT_EXTRA
 * and the length of the host or the path; "buf" has room for that.
 */

size_t trv_url_format(const trv_url_t *url, uint8_t *buf);


#pragma GCC visibility pop


#endif /* _TRV_URL_H_INCLUDED_ */
