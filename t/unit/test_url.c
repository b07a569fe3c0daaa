
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


/* several hosts, TLS and Sentinel */

typedef struct {
    const char      *text;
    const char      *log;
    trv_url_kind_t   kind;
    unsigned         tls;
    const char      *hosts;       /* "name port" of each */
    unsigned         db;
    const char      *user;
    const char      *master;
} many_case_t;


static const many_case_t  many[] = {

    { "redis://a,b:1,[::1]:2,[::2]/3",
      "redis://a:6379,b:1,[::1]:2,[::2]:6379/3",
      TRV_URL_TCP, 0, "a 6379 b 1 ::1 2 ::2 6379 ", 3, "", "" },

    { "redis://u:p,q@a,b", "redis://a:6379,b:6379",
      TRV_URL_TCP, 0, "a 6379 b 6379 ", 0, "u", "" },

    { "redis://1,2,3,4,5,6,7,8/",
      "redis://1:6379,2:6379,3:6379,4:6379,5:6379,6:6379,7:6379,8:6379",
      TRV_URL_TCP, 0,
      "1 6379 2 6379 3 6379 4 6379 5 6379 6 6379 7 6379 8 6379 ", 0, "", "" },

    { "rediss://h", "rediss://h:6379",
      TRV_URL_TCP, 1, "h 6379 ", 0, "", "" },

    { "RedisS://u:p@h:1,i:2/4", "rediss://h:1,i:2/4",
      TRV_URL_TCP, 1, "h 1 i 2 ", 4, "u", "" },

    { "redis+sentinel://h/m", "redis+sentinel://h:26379/m",
      TRV_URL_SENTINEL, 0, "h 26379 ", 0, "", "m" },

    { "redis+sentinel://h1,h2:26380/mymaster/2",
      "redis+sentinel://h1:26379,h2:26380/mymaster/2",
      TRV_URL_SENTINEL, 0, "h1 26379 h2 26380 ", 2, "", "mymaster" },

    { "redis+sentinel://h/m?db=7", "redis+sentinel://h:26379/m/7",
      TRV_URL_SENTINEL, 0, "h 26379 ", 7, "", "m" },

    { "redis+sentinel://h/m/?db=7", "redis+sentinel://h:26379/m/7",
      TRV_URL_SENTINEL, 0, "h 26379 ", 7, "", "m" },

    { "redis+sentinel://h/m/", "redis+sentinel://h:26379/m",
      TRV_URL_SENTINEL, 0, "h 26379 ", 0, "", "m" },

    { "rediss+sentinel://u%40:p@[::1]:5,h/%61%2F%3f%0A~/1",
      "rediss+sentinel://[::1]:5,h:26379/a%2F%3F%0A~/1",
      TRV_URL_SENTINEL, 1, "::1 5 h 26379 ", 1, "u@", "a/?\n~" },

    { "redis+sentinel://h/%e4%E4%fF\xc3",
      "redis+sentinel://h:26379/%E4%E4%FF%C3",
      TRV_URL_SENTINEL, 0, "h 26379 ", 0, "", "\xe4\xe4\xff\xc3" },
};


#define EXPECTED                                                              \
    "expected redis://[user:password@]host[:port][/db] or unix:/path[?db=N]"


#define MASTER  "expected redis+sentinel://host[:port]/master-name[/db]"


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
    { "redis://h//0",     "repeated \"/\"" },
    { "redis://h//",      "repeated \"/\"" },
    { "redis://u:p/w@h",
      "\"@\" after a \"/\", in a user name or password write %2F" },
    { "redis://h,",       "no host" },
    { "redis://,h",       "no host" },
    { "redis://h,,i",     "no host" },
    { "redis://h,:1",     "no host" },
    { "redis://h,i:0",    "invalid port" },
    { "redis://h,i j",    "invalid host" },
    { "redis://h,[::1",   "no \"]\" after the IPv6 address" },
    { "redis://h,::1",    "an IPv6 address must be in brackets" },
    { "redis://a,u:p@b",
      "unexpected \",\" before a \"@\", in a user name write %2C" },
    { "redis://u:p@a,u:p@b",
      "more than one \"@\", in a user name or password write %40" },
    { "redis://1,2,3,4,5,6,7,8,9", "too many hosts" },
    { "rediss://",        "no host" },
    { "rediss://h?db=1",
      "unexpected \"?\" or \"#\", "
      "in a user name or password write %3F or %23" },
    { "redis+sentinel://h",       MASTER },
    { "redis+sentinel://h/",      MASTER },
    { "redis+sentinel://h?db=1",  MASTER },
    { "redis+sentinel:///m",      "no host" },
    { "redis+sentinel://h,/m",    "no host" },
    { "redis+sentinel://h//m",    "no master name" },
    { "redis+sentinel://h//",     "no master name" },
    { "redis+sentinel://h/m//2",  "repeated \"/\"" },
    { "redis+sentinel://h/m/a",   "invalid database number" },
    { "redis+sentinel://h/m/2/",  "invalid database number" },
    { "redis+sentinel://h/m?db=", "invalid database number" },
    { "redis+sentinel://h/m/2?db=2", "two database numbers" },
    { "redis+sentinel://h/%",
      "invalid percent-encoding in the master name" },
    { "redis+sentinel://h/m%4",
      "invalid percent-encoding in the master name" },
    { "redis+sentinel://u:p/w@h/m",
      "\"@\" after a \"/\", in a user name or password write %2F" },
    { "redis+sentinel://u:p?w@h/m",
      "unexpected \"?\" or \"#\", "
      "in a user name or password write %3F or %23" },
    { "redis+sentinel://h/m#",
      "unexpected \"?\" or \"#\", "
      "in a user name or password write %3F or %23" },
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
        ok = url.kind == TRV_URL_UNIX && equals(url.path, c->host)
             && url.nhosts == 0;

    } else {
        ok = url.kind == TRV_URL_TCP && url.nhosts == 1
             && equals(url.hosts[0].host, c->host)
             && url.hosts[0].port == c->port;
    }

    tap_ok(ok && url.db == c->db && !url.tls && url.master.len == 0,
           "\"%s\" is the place", c->text);

    tap_ok(url.user.len == strlen(c->user)
           && memcmp(url.user.data != NULL ? (char *) url.user.data : "",
                     c->user, url.user.len) == 0
           && url.password_set == (c->password != NULL)
           && (c->password == NULL || equals(url.password, c->password)),
           "\"%s\" has user and password", c->text);

    len = trv_url_format(&url, log);

    tap_bytes(log, len, c->log, strlen(c->log), "written for logs");

    tap_ok(len <= trv_url_format_len(&url), "and no longer than promised");

    free(memory);
}


static void
test_many(const many_case_t *c)
{
    char         hosts[256], *p;
    size_t       len;
    uint8_t     *memory, log[256];
    unsigned     i;
    trv_url_t    url;
    const char  *error;

    error = "";

    if (!tap_ok(parse(c->text, strlen(c->text), &url, &error, &memory)
                == TRV_OK, "\"%s\" is understood %s", c->text, error))
    {
        free(memory);
        return;
    }

    p = hosts;

    for (i = 0; i < url.nhosts; i++) {
        p += sprintf(p, "%.*s %u ", (int) url.hosts[i].host.len,
                     (const char *) url.hosts[i].host.data, url.hosts[i].port);
    }

    tap_ok(url.kind == c->kind && url.tls == c->tls && url.db == c->db
           && strcmp(hosts, c->hosts) == 0, "\"%s\" is the place", c->text);

    tap_ok(url.user.len == strlen(c->user)
           && (url.user.len == 0 || equals(url.user, c->user))
           && url.master.len == strlen(c->master)
           && (url.master.len == 0 || equals(url.master, c->master)),
           "\"%s\" has user and master", c->text);

    len = trv_url_format(&url, log);

    tap_bytes(log, len, c->log, strlen(c->log), "written for logs");

    tap_ok(len <= trv_url_format_len(&url), "and no longer than promised");

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


/* the longest that there is: all that can be longer in logs is */

static void
test_format_limit(void)
{
    char         text[4096], *p;
    size_t       len;
    uint8_t     *memory, *log;
    unsigned     i;
    trv_url_t    url;
    const char  *error;

    p = text + sprintf(text, "rediss+sentinel://");

    for (i = 0; i < TRV_URL_HOSTS; i++) {
        p += sprintf(p, "%s[", i != 0 ? "," : "");
        memset(p, 'f', TRV_URL_HOST_MAX);
        p += TRV_URL_HOST_MAX;
        p += sprintf(p, "]:65535");
    }

    p += sprintf(p, "/\x01\xff\x80 /2147483647");

    if (!tap_ok(parse(text, (size_t) (p - text), &url, &error, &memory)
                == TRV_OK, "the longest hosts"))
    {
        return;
    }

    log = malloc(trv_url_format_len(&url));
    len = trv_url_format(&url, log);

    tap_ok(len == (size_t) (p - text) + 2 * 4
           && len <= trv_url_format_len(&url)
           && len + 16 > trv_url_format_len(&url),
           "are written into what was promised");

    free(log);
    free(memory);

    memset(text, 'x', sizeof(text));
    memcpy(text, "redis://", 8);

    tap_ok(parse(text, 8 + TRV_URL_HOST_MAX, &url, &error, &memory) == TRV_OK,
           "the longest host");
    free(memory);

    tap_ok(parse(text, 8 + TRV_URL_HOST_MAX + 1, &url, &error, &memory)
           == TRV_MALFORMED && strcmp(error, "invalid host") == 0,
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

    for (i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
        test_many(&many[i]);
        test_prefixes(many[i].text);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        error = "nothing";
        rc = parse(bad[i].text, strlen(bad[i].text), &url, &error, &memory);

        tap_ok(rc == TRV_MALFORMED && strcmp(error, bad[i].error) == 0,
               "\"%s\" is refused: %s", bad[i].text, error);
        free(memory);
    }

    test_path_limit();
    test_format_limit();

    return tap_done();
}
