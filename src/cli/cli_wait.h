
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * --wait: an entry has a nonce, and each edge that has applied the entry says
 * so in the list "{revoked}:ack:<nonce>" (docs/redis.md).
 *
 *     cli_wait_begin()    the registry is read, a nonce is made
 *     XADD ... ack NONCE
 *     cli_wait_run()      until all have answered that are not silent
 *     cli_wait_report()   "enforced on 12 of 12 registered edges, ..."
 */


#ifndef _CLI_WAIT_H_INCLUDED_
#define _CLI_WAIT_H_INCLUDED_


#include "cli_edges.h"


#pragma GCC visibility push(hidden)


#define CLI_WAIT_NONCE    22            /* characters, 128 bits and a bit */
#define CLI_WAIT_DEFAULT  10000         /* milliseconds */


typedef enum {
    CLI_ANSWER_MISSING = 0,
    CLI_ANSWER_OK,
    CLI_ANSWER_REFUSED,                 /* the edge did not apply the entry */
    CLI_ANSWER_OVERFLOW                 /* its zone is full */
} cli_answer_t;


/* the words of an answer, by cli_answer_t */

extern const char *const  cli_wait_answers[];


typedef struct {
    cli_redis_t         *redis;
    const cli_target_t  *target;
    unsigned             limit;         /* milliseconds */
    char                 nonce[CLI_WAIT_NONCE + 1];
    cli_edges_t          edges;         /* registered when it began */
    cli_answer_t        *answers;       /* of each of them */
    double              *after;         /* milliseconds, since "started" */
    double               started;       /* cli_time_elapsed() */
    size_t               enforced;
    size_t               others;        /* that answered and are in no list */
    unsigned             replicas;      /* the master has so many */
    unsigned             confirmed;     /* and so many of them have it */
    unsigned             unread:1;      /* the answers could not be read */
    unsigned             stopped:1;     /* by Ctrl-C */
} cli_wait_t;


/* what --wait[=SECONDS] says; 0 and a line on stderr if it cannot be */

unsigned cli_wait_limit(const cli_command_t *command, const char *value);

/*
 * TRV_OK, or TRV_MALFORMED and cli_redis_trouble(): nobody could be waited
 * for, and nothing should be written.
 */

trv_rc_t cli_wait_begin(cli_wait_t *wait, cli_redis_t *redis,
    const cli_target_t *target, unsigned limit);

void cli_wait_end(cli_wait_t *wait);

/* call it just before the entry is sent */

void cli_wait_start(cli_wait_t *wait);

/* call it when the entry is written */

void cli_wait_run(cli_wait_t *wait);

/*
 * Says on stdout what the edges have said; CLI_DONE, or CLI_MISSING.  "done"
 * is the word for it: "enforced", "lifted".
 */

cli_status_t cli_wait_report(const cli_wait_t *wait, const char *done);

/* the same as an object, and the status alone */

json_t *cli_wait_json(const cli_wait_t *wait);
cli_status_t cli_wait_status(const cli_wait_t *wait);


#pragma GCC visibility pop


#endif /* _CLI_WAIT_H_INCLUDED_ */
