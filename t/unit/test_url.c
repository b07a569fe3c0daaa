
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdlib.h>
#include "../../src/core/trv_url.h"
#include "tap.h"


typedef struct {
    const char  *text;
    const char  *log;             /* as it is written for logs */
    const char  *host;            /* or path */
    unsigned     port;
    unsigned     db;
    const char  *user;
    const char  *password;        /* NULL: none */
} url_case_t;


static const url_case_t  good[] = {

    { "redis://localhost", "redis://localhost:6379",
      "localhost", 6379, 0, "", NULL },

    { "redis://127.0.0.1:6380/", "redis://127.0.0.1:6380",
      "127.0.0.1", 6380, 0, "", NULL },

    { "REDIS://Redis_1.example:1/15", "redis://Redis_1.example:1/15",
      "Redis_1.example", 1, 15, "", NULL },

    { "redis://h:65535/2147483647", "redis://h:65535/2147483647",
      "h", 65535, 2147483647, "", NULL },

    { "redis://[::1]", "redis://[::1]:6379", "::1", 6379, 0, "", NULL },

    { "redis://[fe80::192.0.2.1]:7/3", "redis://[fe80::192.0.2.1]:7/3",
      "fe80::192.0.2.1", 7, 3, "", NULL },

    { "redis://:secret@h", "redis://h:6379", "h", 6379, 0, "", "secret" },

    { "redis://edge:secret@h:1/2", "redis://h:1/2",
      "h", 1, 2, "edge", "secret" },

    { "redis://edge@h", "redis://h:6379", "h", 6379, 0, "edge", NULL },
    { "redis://edge:@h", "redis://h:6379", "h", 6379, 0, "edge", "" },

    { "redis://u%40x:p%3A%2f%25%c3%a4@[::1]:1", "redis://[::1]:1",
      "::1", 1, 0, "u@x", "p:/%\xc3\xa4" },

    { "redis://u:a:b,c+d@h", "redis://h:6379",
      "h", 6379, 0, "u", "a:b,c+d" },

    { "unix:/run/redis.sock", "unix:/run/redis.sock",
      "/run/redis.sock", 0, 0, "", NULL },

    { "unix:/run/redis.sock?db=7", "unix:/run/redis.sock?db=7",
      "/run/redis.sock", 0, 7, "", NULL },

    { "Unix:/a", "unix:/a", "/a", 0, 0, "", NULL },
};


#define EXPECTED                                                              \
    "expected redis://[user:password@]host[:port][/db] or unix:/path[?db=N]"


typedef struct {
    const char  *text;
    const char  *error;
} bad_case_t;


static const bad_case_t  bad[] = {
    { "",                            EXPECTED },
    { "127.0.0.1:6379",              EXPECTED },
    { "redis:/h",                    EXPECTED },
    { "redis:h",                     EXPECTED },
    { "http://h",                    EXPECTED },
    { " redis://h",                  EXPECTED },
    { "unix:",                       EXPECTED },
    { "unix:/",                      EXPECTED },
    { "unix:run/redis.sock",         EXPECTED },
    { "unix:/a?",                    EXPECTED },
    { "unix:/a?DB=1",                EXPECTED },
    { "unix:/a?db=",                 "invalid database number" },
    { "unix:/a?db=1&x=2",            "invalid database number" },
    { "unix:/a?db=-1",               "invalid database number" },
    { "redis://h/a",                 "invalid database number" },
    { "redis://h/1/",                "invalid database number" },
    { "redis://h/+1",                "invalid database number" },
    { "redis://h/2147483648",        "invalid database number" },
    { "redis://h/99999999999999999999", "invalid database number" },
    { "redis://h:0",                 "invalid port" },
    { "redis://h:",                  "invalid port" },
    { "redis://h:65536",             "invalid port" },
    { "redis://h:x",                 "invalid port" },
    { "redis://h:6379x",             "invalid port" },
    { "redis://[::1]6379",           "invalid port" },
    { "redis://",                    "no host" },
    { "redis:///0",                  "no host" },
    { "redis://u:p@",                "no host" },
    { "redis://[]",                  "no host" },
    { "redis://:6379",               "no host" },
    { "redis://h h",                 "invalid host" },
    { "redis://h%41",                "invalid host" },
    { "redis://[h]",                 "invalid host" },
    { "redis://[::1",                "no \"]\" after the IPv6 address" },
    { "redis://::1",                 "an IPv6 address must be in brackets" },
    { "redis://a:1:2",               "an IPv6 address must be in brackets" },
    { "redis://@h",                  EXPECTED },
    { "redis://:@h",                 "empty password" },
    { "redis://u:%4@h",  "invalid percent-encoding in the password" },
    { "redis://u:%zz@h", "invalid percent-encoding in the password" },
    { "redis://u:%@h",   "invalid percent-encoding in the password" },
    { "redis://%g0:p@h", "invalid percent-encoding in the user name" },
    { "redis://u:p@w@h",
      "more than one \"@\", in a user name or password write %40" },
    { "redis://h?db=1",
      "unexpected \"?\" or \"#\", "
      "in a user name or password write %3F or %23" },
    { "redis://u:p#w@h",
      "unexpected \"?\" or \"#\", "
      "in a user name or password write %3F or %23" },
    { "rediss://h",  "TLS (rediss://) is not supported by this version" },
    { "redis+sentinel://h,i/m",
      "Sentinel (redis+sentinel://) is not supported by this version" },
    { "redis://h,i:1",   "several hosts are not supported by this version" },
    { "redis://u:p@h:1,i", "several hosts are not supported by this version" },
};


/* text and buffer have exactly their size: a sanitizer sees any step beyond */

static trv_rc_t
parse(const char *text, size_t len, trv_url_t *url, const char **error,
    uint8_t **memory)
{
    trv_str_t  s;

    *memory = malloc(2 * len + 1);
    memcpy(*memory, text, len);

    s.data = *memory;
    s.len = len;

    return trv_url_parse(s, *memory + len, url, error);
}


static int
equals(trv_str_t s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.data, text, s.len) == 0;
}


static void
test_good(const url_case_t *c)
{
    int          ok;
    size_t       len;
    uint8_t     *memory, log[256];
    trv_url_t    url;
    const char  *error;

    error = "";

    if (!tap_ok(parse(c->text, strlen(c->text), &url, &error, &memory)
                == TRV_OK, "\"%s\" is understood %s", c->text, error))
    {
        free(memory);
        return;
    }

    if (c->host[0] == '/') {
        ok = url.kind == TRV_URL_UNIX && equals(url.path, c->host);

    } else {
        ok = url.kind == TRV_URL_TCP && equals(url.host, c->host)
             && url.port == c->port;
    }

    tap_ok(ok && url.db == c->db, "\"%s\" is the place", c->text);

    tap_ok(url.user.len == strlen(c->user)
           && memcmp(url.user.data != NULL ? (char *) url.user.data : "",
                     c->user, url.user.len) == 0
           && url.password_set == (c->password != NULL)
           && (c->password == NULL || equals(url.password, c->password)),
           "\"%s\" has user and password", c->text);

    len = trv_url_format(&url, log);

    tap_bytes(log, len, c->log, strlen(c->log), "written for logs");

    tap_ok(len <= (c->host[0] == '/' ? url.path.len : url.host.len)
           + TRV_URL_FORMAT_EXTRA, "and no longer than promised");

    free(memory);
}


/* a prefix of a good URL is understood or refused, and has a reason then */

static void
test_prefixes(const char *text)
{
    size_t       len;
    unsigned     wrong;
    uint8_t     *memory;
    trv_rc_t     rc;
    trv_url_t    url;
    const char  *error;

    wrong = 0;

    for (len = 0; len <= strlen(text); len++) {
        error = NULL;
        rc = parse(text, len, &url, &error, &memory);

        wrong += rc == TRV_OK ? error != NULL : error == NULL;
        free(memory);
    }

    tap_ok(wrong == 0, "every prefix of \"%s\"", text);
}


static void
test_path_limit(void)
{
    char         text[5 + TRV_URL_PATH_MAX + 2];
    uint8_t     *memory;
    trv_url_t    url;
    const char  *error;

    memset(text, 'x', sizeof(text));
    memcpy(text, "unix:/", 6);

    tap_ok(parse(text, 5 + TRV_URL_PATH_MAX, &url, &error, &memory) == TRV_OK,
           "the longest path");
    free(memory);

    tap_ok(parse(text, 5 + TRV_URL_PATH_MAX + 1, &url, &error, &memory)
           == TRV_MALFORMED
           && strcmp(error, "the path of the socket is too long") == 0,
           "one byte longer");
    free(memory);
}


int
main(void)
{
    size_t       i;
    uint8_t     *memory;
    trv_rc_t     rc;
    trv_url_t    url;
    const char  *error;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        test_good(&good[i]);
        test_prefixes(good[i].text);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        error = "nothing";
        rc = parse(bad[i].text, strlen(bad[i].text), &url, &error, &memory);

        tap_ok(rc == TRV_MALFORMED && strcmp(error, bad[i].error) == 0,
               "\"%s\" is refused: %s", bad[i].text, error);
        free(memory);
    }

    test_path_limit();

    return tap_done();
}
