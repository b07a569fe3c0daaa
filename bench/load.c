
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Makes load on servers in turn and says what it cost them:
 *
 *     load [options] NAME=PORT:PATH:PID[,PID...] ...
 *
 *     -t file      a token on each line, sent in turn (without: no token)
 *     -c number    connections (32)
 *     -n number    requests of a slice (10000)
 *     -r number    rounds: a slice of each server in turn (1)
 *     -o number    the token to begin with, counted from 0 (0)
 *     -w number    requests to each server before the first round (0)
 *     -s number    requests a second, at fixed times; 0 is as many as go (0)
 *     -d seconds   one slice of that long instead of -n, until SIGINT at most
 *     -l file      the latencies, a microsecond value on each line
 *
 * A slice is one line:
 *
 *     NAME requests wall_ns p50_ns p99_ns max_ns cpu_ns[,cpu_ns...] 200=n ...
 *
 * CPU is what /proc/PID/schedstat counted while the slice was served, of each
 * process.  With -s a latency counts from the time when the request was due,
 * so that one that is kept waiting by others is seen.  A server that answers
 * in chunks or closes the connection is an error.
 */


#include "lib/client.h"


#define PIDS     8
#define TARGETS  8


typedef struct {
    char     *name;
    char     *path;
    unsigned  port;
    unsigned  npids;
    long      pid[PIDS];
    size_t    cursor;             /* the next token: each gets all of them */
} target_t;


typedef struct {
    unsigned  requests;
    unsigned  rounds;
    unsigned  warm;
    unsigned  ntargets;
    size_t    first;
    char     *latencies;
    target_t  target[TARGETS];
} options_t;


/* nanoseconds that a process has run; it has to be at rest to be exact */

static uint64_t
cpu_of(long pid)
{
    char                name[64];
    FILE               *f;
    unsigned long long  ns;

    snprintf(name, sizeof(name), "/proc/%ld/schedstat", pid);
    f = fopen(name, "r");

    if (f == NULL || fscanf(f, "%llu", &ns) != 1) {
        client_die("cannot read %s", name);
    }

    fclose(f);

    return ns;
}


static int
compare(const void *a, const void *b)
{
    uint32_t  x, y;

    x = *(const uint32_t *) a;
    y = *(const uint32_t *) b;

    return x < y ? -1 : x > y;
}


static void
print_slice(target_t *t, client_slice_t *s, uint64_t *cpu)
{
    size_t    n;
    unsigned  i;

    n = s->done;

    if (n == 0) {
        client_die("no request was answered by %s", t->name);
    }

    qsort(s->latency, n, sizeof(uint32_t), compare);

    printf("%s %zu %llu %u %u %u ", t->name, n, (unsigned long long) s->wall,
           s->latency[n / 2], s->latency[n - 1 - n / 100], s->latency[n - 1]);

    for (i = 0; i < t->npids; i++) {
        printf("%s%llu", i ? "," : "", (unsigned long long) cpu[i]);
    }

    if (t->npids == 0) {
        printf("0");
    }

    for (i = 0; i < CLIENT_STATUSES; i++) {
        if (s->status[i]) {
            printf(" %u=%u", i, s->status[i]);
        }
    }

    printf("\n");
    fflush(stdout);
}


static void
run_slice(target_t *t, client_slice_t *s, const char *latencies)
{
    FILE     *f;
    size_t    i;
    uint64_t  cpu[PIDS];

    s->path = t->path;
    s->cursor = &t->cursor;

    client_rest();

    for (i = 0; i < t->npids; i++) {
        cpu[i] = cpu_of(t->pid[i]);
    }

    client_run(s);
    client_rest();

    for (i = 0; i < t->npids; i++) {
        cpu[i] = cpu_of(t->pid[i]) - cpu[i];
    }

    print_slice(t, s, cpu);

    if (latencies != NULL) {
        f = fopen(latencies, "w");

        if (f == NULL) {
            client_die("cannot write %s", latencies);
        }

        for (i = 0; i < s->done; i++) {
            fprintf(f, "%.1f\n", s->latency[i] / 1e3);
        }

        fclose(f);
    }
}


static void
add_target(options_t *o, char *text)
{
    char      *p;
    target_t  *t;

    t = &o->target[o->ntargets++];
    t->name = text;

    if (o->ntargets > TARGETS || (p = strchr(text, '=')) == NULL) {
        client_die("what is \"%s\"?", text);
    }

    *p++ = '\0';
    t->port = (unsigned) strtoul(p, &p, 10);

    if (*p++ != ':' || t->port == 0) {
        client_die("no port for %s", t->name);
    }

    t->path = p;
    p = strchr(p, ':');

    while (p != NULL && t->npids < PIDS) {
        *p++ = '\0';
        t->pid[t->npids++] = strtol(p, &p, 10);
        p = *p == ',' ? p : NULL;
    }
}


static void
parse(int argc, char **argv, options_t *o, client_slice_t *s)
{
    int  c;

    while ((c = getopt(argc, argv, "t:c:n:r:o:w:s:d:l:")) != -1) {

        switch (c) {

        case 't': client_tokens(s, optarg);                        break;
        case 'c': s->connections = (unsigned) atoi(optarg);      break;
        case 'n': o->requests = (unsigned) atoi(optarg);         break;
        case 'r': o->rounds = (unsigned) atoi(optarg);           break;
        case 'o': o->first = (size_t) atol(optarg);              break;
        case 'w': o->warm = (unsigned) atoi(optarg);             break;
        case 's': s->rate = (unsigned) atoi(optarg);             break;
        case 'd': s->seconds = atof(optarg);                     break;
        case 'l': o->latencies = optarg;                         break;

        default:
            exit(2);
        }
    }

    for (c = optind; c < argc; c++) {
        add_target(o, argv[c]);
    }

    if (o->ntargets == 0 || s->connections == 0) {
        client_die("usage: load [options] NAME=PORT:PATH:PID[,PID...] ...");
    }
}


int
main(int argc, char **argv)
{
    unsigned        i, r;
    options_t       o;
    client_slice_t  s;

    memset(&o, 0, sizeof(o));
    memset(&s, 0, sizeof(s));

    o.requests = 10000;
    o.rounds = 1;
    s.connections = 32;

    parse(argc, argv, &o, &s);

    for (i = 0; i < o.ntargets; i++) {
        client_connect(&s, i, o.target[i].port);
        o.target[i].cursor = o.first;

        if (o.warm) {
            s.requests = o.warm;
            s.which = i;
            s.path = o.target[i].path;
            s.cursor = &o.target[i].cursor;
            client_run(&s);
        }
    }

    s.requests = o.requests;

    for (r = 0; r < o.rounds; r++) {
        for (i = 0; i < o.ntargets; i++) {
            s.which = i;
            run_slice(&o.target[i], &s, o.latencies);
        }
    }

    return 0;
}
