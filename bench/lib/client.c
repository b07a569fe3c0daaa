
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>


#define SERVERS  8
#define EVENTS   64
#define ANSWER   16384
#define REQUEST  16384
#define REST_US  2000


typedef struct {
    int       fd;
    size_t    len;
    uint64_t  due;                /* when the request was, or should be, sent */
    char      answer[ANSWER];
} connection_t;


typedef struct {
    int            epoll;
    int            timer;
    unsigned       n;
    unsigned       nidle;
    connection_t  *connection;
    connection_t **idle;          /* those without a request */
} server_t;


static server_t               servers[SERVERS];
static char                  *text;       /* of the tokens */
static size_t                *token_at;   /* ntokens + 1 of them */
static size_t                 ntokens;
static volatile sig_atomic_t  stopped;


void
client_die(const char *format, ...)
{
    va_list  args;

    va_start(args, format);
    fprintf(stderr, "load: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);

    exit(1);
}


uint64_t
client_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}


void
client_rest(void)
{
    usleep(REST_US);
}


static void
client_stop(int signal)
{
    (void) signal;
    stopped = 1;
}


void
client_tokens(client_slice_t *s, const char *file)
{
    FILE    *f;
    long     size;
    size_t   i;

    (void) s;

    f = fopen(file, "r");

    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) <= 0) {
        client_die("no tokens in %s", file);
    }

    rewind(f);
    text = malloc((size_t) size);
    token_at = malloc(((size_t) size + 1) * sizeof(size_t));

    if (text == NULL || token_at == NULL
        || fread(text, 1, (size_t) size, f) != (size_t) size)
    {
        client_die("cannot read %s", file);
    }

    fclose(f);

    token_at[0] = 0;

    for (i = 0; i < (size_t) size; i++) {
        if (text[i] == '\n') {
            token_at[++ntokens] = i + 1;
        }
    }
}


static int
client_socket(unsigned port)
{
    int                 fd, one;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_port = htons((uint16_t) port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    fd = socket(AF_INET, SOCK_STREAM, 0);
    one = 1;

    if (fd == -1
        || connect(fd, (struct sockaddr *) &sin, sizeof(sin)) == -1
        || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == -1)
    {
        client_die("port %u: %s", port, strerror(errno));
    }

    return fd;
}


static void
client_watch(int epoll, int fd, void *data)
{
    struct epoll_event  ev;

    ev.events = EPOLLIN;
    ev.data.ptr = data;

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) == -1) {
        client_die("epoll_ctl: %s", strerror(errno));
    }
}


void
client_connect(client_slice_t *s, unsigned which, unsigned port)
{
    unsigned   i;
    server_t  *server;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, client_stop);
    signal(SIGTERM, client_stop);

    server = &servers[which];
    server->n = s->connections;
    server->epoll = epoll_create1(0);
    server->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    server->connection = calloc(server->n, sizeof(connection_t));
    server->idle = calloc(server->n, sizeof(connection_t *));

    client_watch(server->epoll, server->timer, NULL);

    for (i = 0; i < server->n; i++) {
        server->connection[i].fd = client_socket(port);
        client_watch(server->epoll, server->connection[i].fd,
                     &server->connection[i]);
        server->idle[server->nidle++] = &server->connection[i];
    }
}


static void
client_send(client_slice_t *s, server_t *server, uint64_t due)
{
    int            n;
    size_t         i;
    char           request[REQUEST];
    connection_t  *c;

    c = server->idle[--server->nidle];
    c->due = due;
    c->len = 0;

    if (ntokens == 0) {
        n = snprintf(request, REQUEST, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n",
                     s->path);

    } else {
        i = (*s->cursor)++ % ntokens;

        n = snprintf(request, REQUEST, "GET %s HTTP/1.1\r\nHost: h\r\n"
                     "Authorization: Bearer %.*s\r\n\r\n", s->path,
                     (int) (token_at[i + 1] - token_at[i] - 1),
                     &text[token_at[i]]);
    }

    if (n >= REQUEST || send(c->fd, request, (size_t) n, 0) != n) {
        client_die("cannot send a request: %s", strerror(errno));
    }
}


/* true if the answer is complete */

static int
client_complete(connection_t *c)
{
    char    *end, *field;
    size_t   body;

    c->answer[c->len] = '\0';
    end = strstr(c->answer, "\r\n\r\n");

    if (end == NULL) {
        return 0;
    }

    field = strcasestr(c->answer, "\r\nContent-Length:");

    if (field == NULL || field > end) {
        client_die("an answer without its length: %.200s", c->answer);
    }

    body = (size_t) strtoul(field + sizeof("\r\nContent-Length:") - 1, NULL,
                            10);

    return c->len >= (size_t) (end + 4 - c->answer) + body;
}


static void
client_read(client_slice_t *s, server_t *server, connection_t *c)
{
    ssize_t   n;
    uint64_t  took;
    unsigned  status;

    n = recv(c->fd, c->answer + c->len, ANSWER - 1 - c->len, 0);

    if (n <= 0) {
        client_die("the connection was closed after \"%.*s\"", (int) c->len,
                   c->answer);
    }

    c->len += (size_t) n;

    if (!client_complete(c)) {
        return;
    }

    status = (unsigned) atoi(c->answer + sizeof("HTTP/1.1 ") - 1);
    took = client_now() - c->due;

    s->status[status < CLIENT_STATUSES ? status : 0]++;
    s->latency[s->done++] = took < UINT32_MAX ? (uint32_t) took : UINT32_MAX;

    server->idle[server->nidle++] = c;
}


/* sends what is due; returns when the next one will be, 0: not known */

static uint64_t
client_fill(client_slice_t *s, server_t *server, uint64_t start, size_t *sent,
    size_t target)
{
    uint64_t  due, now;

    while (server->nidle && *sent < target && !stopped) {
        now = client_now();
        due = now;

        if (s->rate) {
            due = start + *sent * UINT64_C(1000000000) / s->rate;

            if (due > now) {
                return due;
            }
        }

        client_send(s, server, due);
        (*sent)++;
    }

    return 0;
}


static void
client_wake(server_t *server, uint64_t at)
{
    uint64_t           expirations;
    ssize_t            n;
    struct itimerspec  it;

    n = read(server->timer, &expirations, sizeof(expirations));
    (void) n;

    memset(&it, 0, sizeof(it));
    it.it_value.tv_sec = (time_t) (at / 1000000000);
    it.it_value.tv_nsec = (long) (at % 1000000000);

    timerfd_settime(server->timer, TFD_TIMER_ABSTIME, &it, NULL);
}


static void
client_room(client_slice_t *s, size_t n)
{
    if (s->room < n) {
        s->latency = realloc(s->latency, n * sizeof(uint32_t));
        s->room = n;

        if (s->latency == NULL) {
            client_die("no memory for %zu latencies", n);
        }
    }
}


/* of a slice that is limited by time: no more than so many requests */

#define MOST  (UINT64_C(16) * 1024 * 1024)


void
client_run(client_slice_t *s)
{
    int                 i, n;
    size_t              sent, target;
    uint64_t            start, end, due;
    server_t           *server;
    struct epoll_event  events[EVENTS];

    server = &servers[s->which];
    start = client_now();
    end = s->seconds > 0 ? start + (uint64_t) (s->seconds * 1e9) : UINT64_MAX;
    target = s->seconds > 0 ? MOST : s->requests;
    sent = 0;

    client_room(s, target);
    s->done = 0;
    memset(s->status, 0, sizeof(s->status));

    for ( ;; ) {

        if (client_now() >= end || stopped) {
            target = sent;
        }

        due = client_fill(s, server, start, &sent, target);

        if (due) {
            client_wake(server, due);
        }

        if (s->done == sent && sent == target) {
            break;
        }

        n = epoll_wait(server->epoll, events, EVENTS, 100);

        for (i = 0; i < n; i++) {
            if (events[i].data.ptr != NULL) {
                client_read(s, server, events[i].data.ptr);
            }
        }
    }

    s->wall = client_now() - start;
}
