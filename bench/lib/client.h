
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Connections of an HTTP client that has many requests in flight, one on each
 * connection, and counts what came back and when.
 */


#ifndef _BENCH_CLIENT_H_INCLUDED_
#define _BENCH_CLIENT_H_INCLUDED_


#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>


#define CLIENT_STATUSES  600

#define CLIENT_PRINTF    __attribute__((noreturn, format(printf, 1, 2)))


/* what is to be done, and what has come of it */

typedef struct {
    unsigned     connections;
    unsigned     requests;        /* of a slice, ... */
    double       seconds;         /* ... or its length, if not 0 */
    unsigned     rate;            /* requests a second, 0: as many as go */
    unsigned     which;           /* server: 0, 1, ... as connected */
    const char  *path;
    size_t      *cursor;          /* of the tokens, goes on from here */

    size_t       done;            /* answers */
    uint64_t     wall;            /* nanoseconds from first to last */
    uint32_t    *latency;         /* of "done" answers, nanoseconds */
    size_t       room;            /* of "latency" */
    unsigned     status[CLIENT_STATUSES];
} client_slice_t;


/* says what is wrong and ends the program */

void client_die(const char *format, ...) CLIENT_PRINTF;

/* monotonic nanoseconds */

uint64_t client_now(void);

/* the lines of a file: what is sent in turn as bearer token */

void client_tokens(client_slice_t *s, const char *file);

/* s->connections to a port of this machine, as server "which" */

void client_connect(client_slice_t *s, unsigned which, unsigned port);

/*
 * Runs one slice and fills the second half of it.  Ends early, with what has
 * been answered, on SIGINT or SIGTERM.
 */

void client_run(client_slice_t *s);

/* waits until a server that has answered everything has gone to sleep */

void client_rest(void);


#endif /* _BENCH_CLIENT_H_INCLUDED_ */
