
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Revokes many tokens at once, named PREFIX and 32 digits from 0 on:
 *
 *     push log SOCKET KEY PREFIX COUNT PER     XADD, PER of them in an entry
 *     push keys SOCKET KEY PREFIX COUNT        SET KEY:hash 1
 *     push hashes PREFIX COUNT                 the hashes, on standard output
 *
 * All commands are made before the first one is sent, so that what is
 * printed, in seconds, is Redis's time and no time of ours.
 */


#include "lib/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../src/codec/trv_digest.h"


#define HEX      64
#define DIGITS   32
#define ROOM     (HEX + 64)       /* of one token in a command */
#define NAME     128


typedef struct {
    char     *text;
    size_t    len;
    size_t    lines;              /* of the answers that will come */
} commands_t;


static trv_digest_t  *digest;


static void
hex_of(const char *prefix, unsigned long i, char *hex, const char *digits)
{
    char           token[NAME + DIGITS];
    uint8_t        sum[TRV_SHA256_LEN];
    unsigned       k;
    trv_str_t      s;

    s.data = (uint8_t *) token;
    s.len = (size_t) snprintf(token, sizeof(token), "%s%0*lu", prefix, DIGITS,
                              i);

    if (trv_digest_sha256(digest, s, sum) != TRV_OK) {
        client_die("no SHA-256");
    }

    for (k = 0; k < TRV_SHA256_LEN; k++) {
        hex[2 * k] = digits[sum[k] >> 4];
        hex[2 * k + 1] = digits[sum[k] & 15];
    }

    hex[HEX] = '\0';
}


static void
make_log(commands_t *c, const char *key, const char *prefix,
    unsigned long count, unsigned long per)
{
    char           hex[HEX + 1], *p;
    unsigned long  i, k, n;

    p = c->text;

    for (i = 0; i < count; i += n) {
        n = count - i < per ? count - i : per;

        p += sprintf(p, "*%lu\r\n$4\r\nXADD\r\n$%zu\r\n%s\r\n$1\r\n*\r\n",
                     3 + 2 * n, strlen(key), key);

        for (k = 0; k < n; k++) {
            hex_of(prefix, i + k, hex, "0123456789abcdef");
            p += sprintf(p, "$5\r\ntoken\r\n$64\r\n%s\r\n", hex);
        }

        c->lines += 2;
    }

    c->len = (size_t) (p - c->text);
}


static void
make_keys(commands_t *c, const char *key, const char *prefix,
    unsigned long count)
{
    char           hex[HEX + 1], *p;
    unsigned long  i;

    p = c->text;

    for (i = 0; i < count; i++) {
        hex_of(prefix, i, hex, "0123456789abcdef");
        p += sprintf(p, "*3\r\n$3\r\nSET\r\n$%zu\r\n%s:%s\r\n$1\r\n1\r\n",
                     strlen(key) + 1 + HEX, key, hex);
        c->lines++;
    }

    c->len = (size_t) (p - c->text);
}


static int
dial(const char *path)
{
    int                 fd;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);

    fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (fd == -1 || connect(fd, (struct sockaddr *) &sun, sizeof(sun)) == -1) {
        client_die("%s: %s", path, strerror(errno));
    }

    return fd;
}


/* lines of some answers; an error ends the program */

static size_t
answers(int fd)
{
    char     data[65536];
    size_t   lines;
    ssize_t  i, n;

    n = recv(fd, data, sizeof(data) - 1, MSG_DONTWAIT);

    if (n == 0 || (n == -1 && errno != EAGAIN)) {
        client_die("redis has gone");
    }

    for (lines = 0, i = 0; i < n; i++) {
        lines += data[i] == '\n';

        if (data[i] == '-' && (i == 0 || data[i - 1] == '\n')) {
            client_die("redis says %.*s", (int) (n - i), data + i);
        }
    }

    return lines;
}


static void
push(int fd, commands_t *c)
{
    size_t         sent, lines;
    ssize_t        n;
    struct pollfd  p;

    p.fd = fd;
    sent = 0;
    lines = 0;

    while (lines < c->lines) {
        p.events = sent < c->len ? POLLIN|POLLOUT : POLLIN;

        if (poll(&p, 1, -1) == -1) {
            client_die("poll: %s", strerror(errno));
        }

        if (p.revents & POLLIN) {
            lines += answers(fd);
        }

        if (p.revents & POLLOUT) {
            n = send(fd, c->text + sent, c->len - sent, MSG_DONTWAIT);
            sent += n > 0 ? (size_t) n : 0;
        }
    }
}


int
main(int argc, char **argv)
{
    int            fd;
    char           hex[HEX + 1];
    uint64_t       start;
    commands_t     c;
    unsigned long  i, count, per;

    digest = trv_digest_create();

    if (argc == 4 && strcmp(argv[1], "hashes") == 0) {
        count = strtoul(argv[3], NULL, 10);

        for (i = 0; i < count; i++) {
            hex_of(argv[2], i, hex, "0123456789ABCDEF");
            puts(hex);
        }

        return 0;
    }

    if (argc < 6) {
        client_die("usage: push log SOCKET KEY PREFIX COUNT PER");
    }

    count = strtoul(argv[5], NULL, 10);
    per = argc > 6 ? strtoul(argv[6], NULL, 10) : 1;

    memset(&c, 0, sizeof(c));
    c.text = malloc((count + 1) * (ROOM + NAME));

    if (c.text == NULL || count == 0 || per == 0) {
        client_die("cannot make %lu commands", count);
    }

    if (strcmp(argv[1], "log") == 0) {
        make_log(&c, argv[3], argv[4], count, per);

    } else {
        make_keys(&c, argv[3], argv[4], count);
    }

    fd = dial(argv[2]);
    start = client_now();
    push(fd, &c);

    printf("%.6f\n", (double) (client_now() - start) / 1e9);

    return 0;
}
