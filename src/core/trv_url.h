
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Where a Redis is:
 *
 *     redis://[user[:password]@]host[:port][,host[:port]...][/db]
 *     redis+sentinel://[user[:password]@]host[:port][,...]/master[/db]
 *     unix:/path[?db=N]
 *
 * and with TLS "rediss://" and "rediss+sentinel://".  The scheme in any case,
 * an IPv6 address in brackets; user, password and the master's name
 * percent-encoded (RFC 3986, section 2.1).  "redis://:password@host" is a
 * password without a user, "redis://user@host" a user whose password comes
 * from elsewhere.  Several hosts are addresses of one replicated Redis; with
 * Sentinel they are the Sentinels, and the database may be "?db=N", too.
 */


#ifndef _TRV_URL_H_INCLUDED_
#define _TRV_URL_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


#define TRV_URL_PORT           6379
#define TRV_URL_PORT_SENTINEL  26379

#define TRV_URL_HOSTS          8
#define TRV_URL_HOST_MAX       255    /* RFC 1035, section 2.3.4 */
#define TRV_URL_PATH_MAX       107    /* sun_path of Linux, less its NUL */


typedef enum {
    TRV_URL_TCP = 0,
    TRV_URL_UNIX,
    TRV_URL_SENTINEL,
    TRV_URL_NKINDS
} trv_url_kind_t;


typedef struct {
    trv_str_t       host;             /* never empty, without brackets */
    uint16_t        port;
    unsigned        ipv6:1;           /* the host was in brackets */
} trv_url_host_t;


/* host and path are views into the text, what was decoded into the buffer */

typedef struct {
    trv_url_kind_t  kind;
    unsigned        tls:1;
    unsigned        password_set:1;   /* there was one, it may be empty */
    unsigned        nhosts;           /* 0 for UNIX, else at least 1 */
    trv_url_host_t  hosts[TRV_URL_HOSTS];
    uint32_t        db;
    trv_str_t       path;             /* UNIX: begins with a slash */
    trv_str_t       user;             /* decoded; empty: none */
    trv_str_t       password;         /* decoded */
    trv_str_t       master;           /* SENTINEL: decoded, never empty */
} trv_url_t;


/*
 * Reads a URL.  "buf" has room for text.len bytes and takes what was decoded.
 * Returns TRV_OK, or TRV_MALFORMED and *error: a static text that says what
 * is wrong or was expected, and never has a part of the URL in it.
 */

trv_rc_t trv_url_parse(trv_str_t text, uint8_t *buf, trv_url_t *url,
    const char **error);


/*
 * Reads host[:port], with an IPv6 address in brackets; "port" is for one that
 * has none.  Returns NULL, or what is wrong as above.
 */

const char *trv_url_host(trv_str_t text, uint16_t port,
    trv_url_host_t *host);

/* true if the bytes are those of a name, an IPv4 or (ipv6) IPv6 address */

int trv_url_host_valid(trv_str_t host, int ipv6);


/*
 * Writes the URL for logs: without user and password, with the ports, without
 * a database 0, the master's name percent-encoded.  Returns the number of
 * bytes; "buf" has room for trv_url_format_len() of them.
 */

size_t trv_url_format(const trv_url_t *url, uint8_t *buf);

/* how many bytes trv_url_format() writes at most */

size_t trv_url_format_len(const trv_url_t *url);


#pragma GCC visibility pop


#endif /* _TRV_URL_H_INCLUDED_ */
