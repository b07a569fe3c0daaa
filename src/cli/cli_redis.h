
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Questions to Redis, one after the other or many at a time, with a time
 * limit for each step.  hiredis makes the bytes and reads them; sockets and
 * TLS are in cli_socket.c, so that an old hiredis can do it too.
 *
 *     open --> [Sentinel] --> connect --> AUTH, SELECT --> ROLE --> master?
 *                                ^                                    |
 *                                +------- the master it names --------+
 *                                +------- MOVED, ASK ---- a question
 */


#ifndef _CLI_REDIS_H_INCLUDED_
#define _CLI_REDIS_H_INCLUDED_


#include "cli_target.h"
#include "cli_trouble.h"


#pragma GCC visibility push(hidden)


typedef struct cli_redis_s  cli_redis_t;


/* who has to answer */

typedef enum {
    CLI_REDIS_ANY = 0,        /* a replica will do */
    CLI_REDIS_MASTER          /* a replica is left for the master it names */
} cli_redis_role_t;


/*
 * Connects to what the target says: the first of its hosts that answers and
 * has the role, found by Sentinel if it is one.  In a Redis Cluster it is the
 * node that holds the log.  Returns NULL and *trouble after a failure.  The
 * target is borrowed until cli_redis_close(), which takes NULL too.
 */

cli_redis_t *cli_redis_open(const cli_target_t *target, cli_redis_role_t role,
    cli_trouble_t *trouble);

void cli_redis_close(cli_redis_t *redis);


/* "10.0.0.7:6379", for messages: never with a password */

const char *cli_redis_name(const cli_redis_t *redis);

/* the number of the database */

unsigned cli_redis_db(const cli_redis_t *redis);

/* what happened last, when a function below has failed */

const cli_trouble_t *cli_redis_trouble(const cli_redis_t *redis);

/* the number of replicas that the master named when it was asked; 0: none */

unsigned cli_redis_replicas(const cli_redis_t *redis);


/*
 * One question and its answer.  The answer belongs to the caller
 * (freeReplyObject()).  NULL: there was none, the connection is of no use any
 * more (all functions fail until it is closed), and cli_redis_trouble() says
 * why.  A reply of type REDIS_REPLY_ERROR is an answer; cli_redis_trouble()
 * has the words for it.  MOVED and ASK are followed before.
 *
 * "fmt" is hiredis's: %s, %b with its size_t, %d, %lld, ...
 */

redisReply *cli_redis_ask(cli_redis_t *redis, const char *fmt, ...);

redisReply *cli_redis_askv(cli_redis_t *redis, int argc, const char **argv,
    const size_t *argvlen);


/*
 * The same in two steps, many at a time: append as many as you like, then read
 * as many answers, in the same order.  What is appended is sent when it is
 * more than a few KB and when an answer is read; answers that come while it
 * is sent are kept, so that neither side waits for the other.  Bound the number
 * of outstanding questions, or memory grows.
 *
 * append: TRV_OK, or TRV_NOMEM, or TRV_NONE: the connection is lost.
 * read: as cli_redis_ask(), but MOVED and ASK come as the errors they are.
 * Questions behind one that was not done may have been done.
 */

trv_rc_t cli_redis_append(cli_redis_t *redis, const char *fmt, ...);

trv_rc_t cli_redis_appendv(cli_redis_t *redis, int argc, const char **argv,
    const size_t *argvlen);

redisReply *cli_redis_read(cli_redis_t *redis);

/* an answer if it is here already; NULL: not yet, or lost (see _is_lost) */

redisReply *cli_redis_poll(cli_redis_t *redis);

/* questions whose answer was not read yet */

size_t cli_redis_outstanding(const cli_redis_t *redis);

/* true if the connection is of no use any more */

int cli_redis_is_lost(const cli_redis_t *redis);

/*
 * Goes to where a MOVED or ASK points, when no question is outstanding:
 * TRV_OK and the questions may be asked again; TRV_NONE if "reply" is neither;
 * TRV_MALFORMED and cli_redis_trouble().
 */

trv_rc_t cli_redis_follow(cli_redis_t *redis, const redisReply *reply);


/* how much longer than usual the next answers may take: BLPOP, XREAD BLOCK */

void cli_redis_patience(cli_redis_t *redis, unsigned milliseconds);


/* true if it is an error, or NULL */

int cli_redis_failed(const redisReply *reply);


#pragma GCC visibility pop


#endif /* _CLI_REDIS_H_INCLUDED_ */
