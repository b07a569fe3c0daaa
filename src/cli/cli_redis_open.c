
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Opening a connection: the URL, the password, the server.
 */


#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_redis_private.h"
#include "cli_secret.h"


static trv_rc_t cli_redis_parse(cli_redis_t *redis);
static trv_rc_t cli_redis_secrets(cli_redis_t *redis);
static char *cli_redis_copy(trv_str_t text);
static trv_rc_t cli_redis_check(cli_redis_t *redis, redisReply *reply);


cli_redis_t *
cli_redis_open(const cli_target_t *target, cli_redis_role_t role,
    cli_trouble_t *trouble)
{
    redisReply   *reply;
    cli_redis_t  *redis;

    redis = calloc(1, sizeof(cli_redis_t));

    if (redis == NULL) {
        cli_trouble_set(trouble, CLI_FAULT_NOMEM, "there is no memory");
        return NULL;
    }

    redis->target = target;

    if (cli_redis_parse(redis) != TRV_OK || cli_redis_secrets(redis) != TRV_OK
        || cli_redis_reach(redis, role) != TRV_OK)
    {
        *trouble = redis->trouble;
        cli_redis_close(redis);
        return NULL;
    }

    /* a node of a cluster says where the log is, another Redis nothing new */

    reply = cli_redis_ask(redis, "XLEN %s", target->log);

    if (reply == NULL) {
        *trouble = redis->trouble;
        cli_redis_close(redis);
        return NULL;
    }

    freeReplyObject(reply);

    return redis;
}


void
cli_redis_close(cli_redis_t *redis)
{
    if (redis == NULL) {
        return;
    }

    cli_redis_drop(redis);
    cli_secret_free(redis->password);
    cli_secret_free((char *) redis->decoded);

    free(redis->user);
    free(redis->out);
    free(redis);
}


static trv_rc_t
cli_redis_parse(cli_redis_t *redis)
{
    size_t       len;
    const char  *error;

    if (redis->target->url == NULL || *redis->target->url == '\0') {
        cli_trouble_set(&redis->trouble, CLI_FAULT_TARGET,
                        "which Redis is not known: give its URL by --redis "
                        "or in " CLI_ENV_REDIS
                        ", as redis://127.0.0.1:6379");
        return TRV_MALFORMED;
    }

    len = strlen(redis->target->url);

    /* room for an end of its own: what was decoded is forgotten as a string */

    redis->decoded = calloc(1, len + 1);

    if (redis->decoded == NULL) {
        cli_trouble_set(&redis->trouble, CLI_FAULT_NOMEM, "there is no memory");
        return TRV_NOMEM;
    }

    if (trv_url_parse(cli_text_str(redis->target->url), redis->decoded,
                      &redis->url, &error)
        != TRV_OK)
    {
        cli_trouble_set(&redis->trouble, CLI_FAULT_TARGET,
                        "the URL of Redis cannot be understood: %s", error);
        return TRV_MALFORMED;
    }

    return TRV_OK;
}


static trv_rc_t
cli_redis_secrets(cli_redis_t *redis)
{
    trv_rc_t             rc;
    const char          *password;
    const cli_target_t  *target;

    target = redis->target;

    if (redis->url.user.len != 0) {
        redis->user = cli_redis_copy(redis->url.user);

        if (redis->user == NULL) {
            goto nomem;
        }
    }

    if (target->password_file != NULL) {
        rc = cli_secret_file(target->password_file, &redis->password,
                             &redis->trouble);

        return rc;
    }

    if (redis->url.password_set) {
        redis->password = cli_redis_copy(redis->url.password);

        if (redis->password == NULL) {
            goto nomem;
        }

        return TRV_OK;
    }

    password = getenv(CLI_ENV_PASSWORD);

    if (password == NULL || *password == '\0') {
        return TRV_OK;
    }

    redis->password = strdup(password);

    if (redis->password != NULL) {
        return TRV_OK;
    }

nomem:

    cli_trouble_set(&redis->trouble, CLI_FAULT_NOMEM, "there is no memory");

    return TRV_NOMEM;
}


static char *
cli_redis_copy(trv_str_t text)
{
    return strndup((const char *) text.data, text.len);
}


trv_rc_t
cli_redis_connect(cli_redis_t *redis, const trv_url_host_t *host)
{
    cli_redis_drop(redis);
    cli_redis_address(redis, host);

    redis->socket = cli_socket_open(&redis->address, &redis->trouble);

    if (redis->socket == NULL) {
        return TRV_NONE;
    }

    redis->reader = redisReaderCreate();

    if (redis->reader == NULL) {
        cli_trouble_set(&redis->trouble, CLI_FAULT_NOMEM, "there is no memory");
        cli_redis_drop(redis);
        return TRV_NOMEM;
    }

    if (cli_redis_login(redis) != TRV_OK) {
        return TRV_NONE;
    }

    if (redis->url.db == 0) {
        return TRV_OK;
    }

    return cli_redis_check(redis, cli_redis_ask(redis, "SELECT %u",
                                                redis->url.db));
}


/* the name is the redis's own: what was read can be overwritten */

void
cli_redis_address(cli_redis_t *redis, const trv_url_host_t *host)
{
    cli_address_t       *address;
    const cli_target_t  *target;

    address = &redis->address;
    target = redis->target;

    memset(address, 0, sizeof(cli_address_t));

    address->tls = redis->url.tls;
    address->ca = target->ca;
    address->cert = target->cert;
    address->key = target->key;
    address->timeout = target->timeout;

    if (host == NULL) {
        snprintf(redis->path, sizeof(redis->path), "%.*s",
                 (int) redis->url.path.len,
                 (const char *) redis->url.path.data);
        snprintf(address->name, sizeof(address->name), "unix:%s", redis->path);

        address->path = redis->path;
        return;
    }

    if ((const char *) host->host.data != redis->host) {
        snprintf(redis->host, sizeof(redis->host), "%.*s",
                 (int) host->host.len, (const char *) host->host.data);
    }

    address->host = redis->host;
    address->port = host->port;

    snprintf(address->name, sizeof(address->name),
             strchr(redis->host, ':') ? "[%s]:%u" : "%s:%u", redis->host,
             address->port);
}


trv_rc_t
cli_redis_login(cli_redis_t *redis)
{
    redisReply  *reply;

    if (redis->password == NULL) {
        return TRV_OK;
    }

    if (redis->user != NULL) {
        reply = cli_redis_ask(redis, "AUTH %s %s", redis->user,
                              redis->password);

    } else {
        reply = cli_redis_ask(redis, "AUTH %s", redis->password);
    }

    return cli_redis_check(redis, reply);
}


/* frees the reply; a connection that is not as it should be is none */

static trv_rc_t
cli_redis_check(cli_redis_t *redis, redisReply *reply)
{
    int  failed;

    failed = cli_redis_failed(reply);

    if (reply != NULL) {
        freeReplyObject(reply);
    }

    if (failed) {
        cli_redis_drop(redis);
        return TRV_NONE;
    }

    return TRV_OK;
}


void
cli_redis_drop(cli_redis_t *redis)
{
    cli_socket_close(redis->socket);

    if (redis->reader != NULL) {
        redisReaderFree(redis->reader);
    }

    redis->socket = NULL;
    redis->reader = NULL;
    redis->out_len = 0;
    redis->out_sent = 0;
    redis->outstanding = 0;
    redis->asking = 0;
    redis->asked = 0;
}
