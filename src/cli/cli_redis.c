
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Questions to Redis and their answers.
 */


#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli_redis_private.h"


#define CLI_REDIS_SEND   16384          /* bytes that are worth a write */
#define CLI_REDIS_LIMIT  (1024 * 1024)  /* and that are not kept unsent */
#define CLI_REDIS_READ   65536


static trv_rc_t cli_redis_add(cli_redis_t *redis, char *bytes, int len);
static trv_rc_t cli_redis_room(cli_redis_t *redis, size_t len);
static redisReply *cli_redis_asked(cli_redis_t *redis, char *bytes, int len);
static redisReply *cli_redis_next(cli_redis_t *redis, int wait);
static redisReply *cli_redis_parsed(cli_redis_t *redis);
static int cli_redis_pump(cli_redis_t *redis);
static int cli_redis_send(cli_redis_t *redis);
static int cli_redis_receive(cli_redis_t *redis);
static int cli_redis_wait(cli_redis_t *redis);
static void cli_redis_lose(cli_redis_t *redis);
static trv_rc_t cli_redis_nomem(cli_redis_t *redis);


static const char  cli_redis_asking[] = "*1\r\n$6\r\nASKING\r\n";


redisReply *
cli_redis_ask(cli_redis_t *redis, const char *fmt, ...)
{
    int       len;
    char     *bytes;
    va_list   args;

    bytes = NULL;

    va_start(args, fmt);
    len = redisvFormatCommand(&bytes, fmt, args);
    va_end(args);

    return cli_redis_asked(redis, bytes, len);
}


redisReply *
cli_redis_askv(cli_redis_t *redis, int argc, const char **argv,
    const size_t *argvlen)
{
    int    len;
    char  *bytes;

    bytes = NULL;
    len = redisFormatCommandArgv(&bytes, argc, argv, argvlen);

    return cli_redis_asked(redis, bytes, len);
}


/* with its redirections; the bytes are freed */

static redisReply *
cli_redis_asked(cli_redis_t *redis, char *bytes, int len)
{
    char        *copy;
    trv_rc_t     rc;
    unsigned     hops;
    redisReply  *reply;

    reply = NULL;

    for (hops = 0; /* void */; hops++) {

        copy = len > 0 ? malloc((size_t) len) : NULL;

        if (copy == NULL) {
            (void) cli_redis_nomem(redis);
            break;
        }

        memcpy(copy, bytes, (size_t) len);

        if (cli_redis_add(redis, copy, len) != TRV_OK) {
            break;
        }

        reply = cli_redis_read(redis);

        if (reply == NULL || reply->type != REDIS_REPLY_ERROR
            || redis->trouble.fault != CLI_FAULT_MOVED
            || hops == CLI_REDIS_HOPS)
        {
            break;
        }

        rc = cli_redis_follow(redis, reply);

        if (rc == TRV_NONE) {
            break;
        }

        freeReplyObject(reply);
        reply = NULL;

        if (rc != TRV_OK) {
            break;
        }
    }

    free(bytes);

    return reply;
}


trv_rc_t
cli_redis_append(cli_redis_t *redis, const char *fmt, ...)
{
    int       len;
    char     *bytes;
    va_list   args;

    bytes = NULL;

    va_start(args, fmt);
    len = redisvFormatCommand(&bytes, fmt, args);
    va_end(args);

    return cli_redis_add(redis, bytes, len);
}


trv_rc_t
cli_redis_appendv(cli_redis_t *redis, int argc, const char **argv,
    const size_t *argvlen)
{
    int    len;
    char  *bytes;

    bytes = NULL;
    len = redisFormatCommandArgv(&bytes, argc, argv, argvlen);

    return cli_redis_add(redis, bytes, len);
}


/* the bytes are freed */

static trv_rc_t
cli_redis_add(cli_redis_t *redis, char *bytes, int len)
{
    size_t    n, before;
    trv_rc_t  rc;

    if (redis->socket == NULL) {
        free(bytes);
        return TRV_NONE;
    }

    if (bytes == NULL || len <= 0) {
        return cli_redis_nomem(redis);
    }

    n = (size_t) len;
    before = redis->asking ? sizeof(cli_redis_asking) - 1 : 0;

    rc = cli_redis_room(redis, n + before);

    if (rc == TRV_OK) {
        memcpy(redis->out + redis->out_len, cli_redis_asking, before);
        memcpy(redis->out + redis->out_len + before, bytes, n);

        redis->out_len += before + n;
        redis->outstanding++;
    }

    free(bytes);

    if (rc != TRV_OK) {
        return cli_redis_nomem(redis);
    }

    if (redis->out_len - redis->out_sent < CLI_REDIS_SEND) {
        return TRV_OK;
    }

    /* also answers are taken in: a server that cannot write stops reading */

    do {
        if (cli_redis_pump(redis) == 0
            && redis->out_len - redis->out_sent > CLI_REDIS_LIMIT)
        {
            (void) cli_redis_wait(redis);
        }

    } while (redis->socket != NULL
             && redis->out_len - redis->out_sent > CLI_REDIS_LIMIT);

    return redis->socket != NULL ? TRV_OK : TRV_NONE;
}


static trv_rc_t
cli_redis_room(cli_redis_t *redis, size_t len)
{
    char    *out;
    size_t   size;

    if (redis->out_sent != 0) {
        redis->out_len -= redis->out_sent;
        memmove(redis->out, redis->out + redis->out_sent, redis->out_len);
        redis->out_sent = 0;
    }

    if (redis->out_size - redis->out_len >= len) {
        return TRV_OK;
    }

    size = 2 * (redis->out_len + len) + CLI_REDIS_SEND;
    out = realloc(redis->out, size);

    if (out == NULL) {
        return TRV_NOMEM;
    }

    redis->out = out;
    redis->out_size = size;

    return TRV_OK;
}


redisReply *
cli_redis_read(cli_redis_t *redis)
{
    return cli_redis_next(redis, 1);
}


redisReply *
cli_redis_poll(cli_redis_t *redis)
{
    return cli_redis_next(redis, 0);
}


static redisReply *
cli_redis_next(cli_redis_t *redis, int wait)
{
    redisReply  *reply;

    if (redis->outstanding == 0) {
        return NULL;
    }

    for ( ;; ) {
        reply = cli_redis_parsed(redis);

        if (reply != NULL) {
            break;
        }

        if (redis->socket == NULL) {
            redis->outstanding = 0;
            return NULL;
        }

        if (cli_redis_pump(redis) != 0) {
            continue;
        }

        if (!wait || !cli_redis_wait(redis)) {
            return NULL;
        }
    }

    redis->outstanding--;

    if (reply->type == REDIS_REPLY_ERROR) {
        cli_trouble_reply(&redis->trouble, redis->address.name, reply);
    }

    return reply;
}


/* what is complete; the answers to ASKING are left out */

static redisReply *
cli_redis_parsed(cli_redis_t *redis)
{
    void  *reply;

    for ( ;; ) {
        reply = NULL;

        if (redis->reader == NULL
            || redisReaderGetReply(redis->reader, &reply) != REDIS_OK)
        {
            if (redis->socket != NULL) {
                cli_trouble_set(&redis->trouble, CLI_FAULT_PROTOCOL,
                                "redis %s does not answer as Redis does",
                                redis->address.name);
                cli_redis_drop(redis);
            }

            return NULL;
        }

        if (reply == NULL || !redis->asking || redis->asked) {
            redis->asked = reply == NULL ? redis->asked : 0;
            return reply;
        }

        redis->asked = 1;
        freeReplyObject(reply);
    }
}


/* moves what can be moved without waiting: 1; 0: nothing could be */

static int
cli_redis_pump(cli_redis_t *redis)
{
    int  moved;

    moved = redis->socket != NULL && cli_redis_receive(redis);

    if (redis->socket != NULL) {
        moved |= cli_redis_send(redis);
    }

    return moved;
}


static int
cli_redis_receive(cli_redis_t *redis)
{
    ssize_t      n;
    static char  buf[CLI_REDIS_READ];

    n = cli_socket_read(redis->socket, buf, sizeof(buf), &redis->trouble);

    if (n == -1) {
        cli_redis_lose(redis);
        return 1;
    }

    if (n > 0 && redisReaderFeed(redis->reader, buf, (size_t) n) != REDIS_OK) {
        (void) cli_redis_nomem(redis);
        return 1;
    }

    return n > 0;
}


static int
cli_redis_send(cli_redis_t *redis)
{
    ssize_t  n;

    if (redis->out_sent == redis->out_len) {
        return 0;
    }

    n = cli_socket_write(redis->socket, redis->out + redis->out_sent,
                         redis->out_len - redis->out_sent, &redis->trouble);

    if (n == -1) {
        cli_redis_lose(redis);
        return 1;
    }

    redis->out_sent += (size_t) n;

    return n > 0;
}


/* 1: try again; 0: the time is over, and the connection is given up */

static int
cli_redis_wait(cli_redis_t *redis)
{
    int  rc, ms;

    ms = (int) (redis->target->timeout + redis->patience);

    rc = cli_socket_wait(redis->socket, redis->out_sent != redis->out_len, ms);

    if (rc != 0) {
        return 1;
    }

    cli_trouble_set(&redis->trouble, CLI_FAULT_TIMEOUT,
                    "redis %s has not answered within %.3g s",
                    redis->address.name, ms / 1000.0);

    cli_redis_lose(redis);

    return 0;
}


/* answers that are here already can still be read */

static void
cli_redis_lose(cli_redis_t *redis)
{
    cli_socket_close(redis->socket);
    redis->socket = NULL;
}


static trv_rc_t
cli_redis_nomem(cli_redis_t *redis)
{
    cli_trouble_set(&redis->trouble, CLI_FAULT_NOMEM, "there is no memory");
    cli_redis_drop(redis);

    return TRV_NOMEM;
}


size_t
cli_redis_outstanding(const cli_redis_t *redis)
{
    return redis->outstanding;
}


int
cli_redis_is_lost(const cli_redis_t *redis)
{
    return redis->socket == NULL;
}


void
cli_redis_patience(cli_redis_t *redis, unsigned milliseconds)
{
    redis->patience = milliseconds;
}


const char *
cli_redis_name(const cli_redis_t *redis)
{
    return redis->address.name;
}


unsigned
cli_redis_db(const cli_redis_t *redis)
{
    return redis->url.db;
}


const cli_trouble_t *
cli_redis_trouble(const cli_redis_t *redis)
{
    return &redis->trouble;
}


unsigned
cli_redis_replicas(const cli_redis_t *redis)
{
    return redis->replicas;
}


int
cli_redis_failed(const redisReply *reply)
{
    return reply == NULL || reply->type == REDIS_REPLY_ERROR;
}
