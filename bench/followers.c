
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Stands for many edges that follow one log, and for whoever writes it:
 *
 *     followers SOCKET KEY EDGES ENTRIES PAUSE_MS PID TOKENS [register]
 *
 * Each edge asks as the module does: XREAD BLOCK, XRANGE and XINFO STREAM in
 * one write, again when all are answered; with "register" it also writes itself
 * into a hash once a second.  First all of them wait for two seconds, then the
 * entries are written, each of so many tokens.  One line says what it has
 * cost:
 *
 *     edges entries rest_ns busy_ns p50_us p99_us max_us
 *
 * rest_ns is CPU of process PID, which is Redis, in a second of waiting,
 * busy_ns for all entries (edges that get one a second or sooner do not ask
 * otherwise); the times are from sending XADD until the last edge has read the
 * entry.
 */


#include "lib/client.h"

#include <hiredis/hiredis.h>
#include <sys/epoll.h>
#include <sys/resource.h>


#define EVENTS   64
#define ID       48
#define BLOCK    1000
#define REST     2
#define SECOND   UINT64_C(1000000000)


typedef struct {
    redisContext  *redis;
    uint64_t       registered;
    unsigned       left;          /* answers that will come */
    unsigned       reading;       /* the first one of them */
    unsigned       number;
    char           id[ID];
} edge_t;


static const char   *key;
static edge_t       *edges;
static unsigned      nedges;
static unsigned      nread;       /* edges that have the last entry */
static int           registers;
static char         *entry;       /* the command that adds one */
static size_t        entry_len;


static uint64_t
cpu_of(const char *pid)
{
    char                name[64];
    FILE               *f;
    unsigned long long  ns;

    snprintf(name, sizeof(name), "/proc/%s/schedstat", pid);
    f = fopen(name, "r");

    if (f == NULL || fscanf(f, "%llu", &ns) != 1) {
        client_die("cannot read %s", name);
    }

    fclose(f);

    return ns;
}


static redisContext *
dial(const char *path)
{
    redisContext  *c;

    c = redisConnectUnix(path);

    if (c == NULL || c->err) {
        client_die("%s: %s", path, c ? c->errstr : "no memory");
    }

    return c;
}


static void
ask(edge_t *e)
{
    int       done;
    uint64_t  now;

    redisAppendCommand(e->redis, "XREAD BLOCK %d COUNT 100 STREAMS %s %s",
                       BLOCK, key, e->id);
    redisAppendCommand(e->redis, "XRANGE %s %s %s COUNT 1", key, e->id, e->id);
    redisAppendCommand(e->redis, "XINFO STREAM %s", key);
    e->left = 3;
    e->reading = 1;

    now = client_now();

    if (registers && now - e->registered > SECOND) {
        e->registered = now;
        redisAppendCommand(e->redis, "HSET {%s}:edges edge-%06u %s-%0200d",
                           key, e->number, e->id, 0);
        e->left++;
    }

    do {
        if (redisBufferWrite(e->redis, &done) != REDIS_OK) {
            client_die("redis has gone: %s", e->redis->errstr);
        }
    } while (!done);
}


/* the ID to go on from is the last one of XINFO STREAM */

static void
see(edge_t *e, redisReply *r)
{
    size_t  i;

    if (r->type == REDIS_REPLY_ERROR) {
        client_die("redis says %s", r->str);
    }

    if (e->reading) {
        e->reading = 0;
        nread += (r->type == REDIS_REPLY_ARRAY);
        return;
    }

    if (r->type == REDIS_REPLY_ARRAY && r->elements < 2) {
        return;
    }

    for (i = 0; r->type == REDIS_REPLY_ARRAY && i + 1 < r->elements; i += 2) {
        if (strcmp(r->element[i]->str, "last-generated-id") == 0) {
            snprintf(e->id, ID, "%s", r->element[i + 1]->str);
        }
    }
}


static void
hear(edge_t *e)
{
    void  *reply;

    if (redisBufferRead(e->redis) != REDIS_OK) {
        client_die("redis has gone: %s", e->redis->errstr);
    }

    for ( ;; ) {
        reply = NULL;

        if (redisGetReplyFromReader(e->redis, &reply) != REDIS_OK) {
            client_die("cannot read redis: %s", e->redis->errstr);
        }

        if (reply == NULL) {
            return;
        }

        see(e, reply);
        freeReplyObject(reply);

        if (--e->left == 0) {
            ask(e);
        }
    }
}


static void
make_entry(unsigned tokens)
{
    char      *p;
    unsigned   i;

    entry = malloc(256 + 96 * (size_t) tokens);
    p = entry;

    p += sprintf(p, "*%u\r\n$4\r\nXADD\r\n$%zu\r\n%s\r\n$1\r\n*\r\n",
                 3 + 2 * tokens, strlen(key), key);

    for (i = 0; i < tokens; i++) {
        p += sprintf(p, "$5\r\ntoken\r\n$64\r\n%064u\r\n", i);
    }

    entry_len = (size_t) (p - entry);
}


/* the answer, which is the ID, to be freed */

static redisReply *
add_entry(redisContext *writer)
{
    void  *reply;

    redisAppendFormattedCommand(writer, entry, entry_len);

    if (redisGetReply(writer, &reply) != REDIS_OK) {
        client_die("redis has gone: %s", writer->errstr);
    }

    return reply;
}


/* until then, or until every edge has read so many entries */

static void
follow(int epoll, uint64_t until, unsigned entries)
{
    int                 i, n;
    uint64_t            now;
    struct epoll_event  events[EVENTS];

    for ( ;; ) {
        now = client_now();

        if (now >= until || nread >= entries) {
            return;
        }

        n = epoll_wait(epoll, events, EVENTS,
                       (int) ((until - now) / 1000000) + 1);

        for (i = 0; i < n; i++) {
            hear(events[i].data.ptr);
        }
    }
}


static void
start(int epoll, const char *path)
{
    unsigned            i;
    redisReply         *r;
    redisContext       *writer;
    struct epoll_event  ev;

    writer = dial(path);
    r = add_entry(writer);

    for (i = 0; i < nedges; i++) {
        edges[i].redis = dial(path);
        edges[i].number = i;
        edges[i].registered = client_now() + SECOND / nedges * i - SECOND;
        snprintf(edges[i].id, ID, "%s", r->str);

        ev.events = EPOLLIN;
        ev.data.ptr = &edges[i];
        epoll_ctl(epoll, EPOLL_CTL_ADD, edges[i].redis->fd, &ev);

        ask(&edges[i]);

        /* spread over the second, as edges are that started on their own */

        follow(epoll, client_now() + SECOND / nedges, UINT32_MAX);
    }

    freeReplyObject(r);
    redisFree(writer);
}


static int
compare(const void *a, const void *b)
{
    double  x, y;

    x = *(const double *) a;
    y = *(const double *) b;

    return x < y ? -1 : x > y;
}


static void
measure(int epoll, const char *path, unsigned entries, uint64_t pause,
    const char *pid)
{
    double        *took;
    uint64_t       rest, busy, t;
    unsigned       i;
    redisContext  *writer;

    writer = dial(path);
    took = calloc(entries, sizeof(double));

    rest = cpu_of(pid);
    follow(epoll, client_now() + REST * SECOND, UINT32_MAX);
    rest = (cpu_of(pid) - rest) / REST;

    busy = cpu_of(pid);

    for (i = 0; i < entries; i++) {
        nread = 0;
        t = client_now();

        freeReplyObject(add_entry(writer));
        follow(epoll, t + UINT64_C(10000000000), nedges);
        took[i] = (double) (client_now() - t) / 1e3;

        follow(epoll, t + pause, UINT32_MAX);
    }

    busy = cpu_of(pid) - busy;

    qsort(took, entries, sizeof(double), compare);

    printf("%u %u %llu %llu %.0f %.0f %.0f\n", nedges, entries,
           (unsigned long long) rest, (unsigned long long) busy,
           took[entries / 2], took[entries - 1 - entries / 100],
           took[entries - 1]);
}


int
main(int argc, char **argv)
{
    int            epoll;
    struct rlimit  limit;

    if (argc < 8) {
        client_die("usage: followers SOCKET KEY EDGES ENTRIES PAUSE_MS PID"
                   " TOKENS");
    }

    key = argv[2];
    nedges = (unsigned) atoi(argv[3]);
    registers = argc > 8;
    edges = calloc(nedges, sizeof(edge_t));
    epoll = epoll_create1(0);

    if (edges == NULL || nedges == 0 || atoi(argv[4]) <= 0) {
        client_die("how many edges and entries?");
    }

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    make_entry((unsigned) atoi(argv[7]));
    start(epoll, argv[1]);
    measure(epoll, argv[1], (unsigned) atoi(argv[4]),
            (uint64_t) atoi(argv[5]) * 1000000, argv[6]);

    return 0;
}
