
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Which server is spoken to: hosts, Sentinel, the master of a replica, the
 * node of a cluster.
 */


#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trv_redirect.h"
#include "cli_redis_private.h"
#include "cli_text.h"


typedef enum {
    CLI_ROLE_OTHER = 0,           /* not known, not permitted to be known */
    CLI_ROLE_MASTER,
    CLI_ROLE_REPLICA,
    CLI_ROLE_FAILED               /* see the trouble */
} cli_role_t;


static trv_rc_t cli_redis_hosts(cli_redis_t *redis, cli_redis_role_t want);
static trv_rc_t cli_redis_master(cli_redis_t *redis, trv_url_host_t *host,
    char *buf);
static cli_role_t cli_redis_role(cli_redis_t *redis, trv_url_host_t *master,
    char *buf);
static cli_role_t cli_redis_told(cli_redis_t *redis, const redisReply *reply,
    trv_url_host_t *master, char *buf);
static trv_rc_t cli_redis_sentinel(cli_redis_t *redis);
static trv_rc_t cli_redis_sentinel_ask(cli_redis_t *redis,
    trv_url_host_t *host, char *buf);
static trv_rc_t cli_redis_place(const redisReply *host, const redisReply *port,
    trv_url_host_t *place, char *buf);


trv_rc_t
cli_redis_reach(cli_redis_t *redis, cli_redis_role_t want)
{
    char            buf[TRV_URL_HOST_MAX + 1];
    cli_role_t      role;
    trv_url_host_t  master;

    switch (redis->url.kind) {

    case TRV_URL_SENTINEL:
        return cli_redis_sentinel(redis);

    case TRV_URL_TCP:
        return cli_redis_hosts(redis, want);

    default:
        break;
    }

    if (cli_redis_connect(redis, NULL) != TRV_OK) {
        return TRV_NONE;
    }

    role = cli_redis_role(redis, &master, buf);

    if (role == CLI_ROLE_REPLICA && want == CLI_REDIS_MASTER) {
        return cli_redis_master(redis, &master, buf);
    }

    return role == CLI_ROLE_FAILED ? TRV_NONE : TRV_OK;
}


/* the first that has the role; else the master of the first replica */

static trv_rc_t
cli_redis_hosts(cli_redis_t *redis, cli_redis_role_t want)
{
    char            buf[2][TRV_URL_HOST_MAX + 1];
    unsigned        i, replicas;
    cli_role_t      role;
    trv_url_host_t  master[2];

    replicas = 0;

    for (i = 0; i < redis->url.nhosts; i++) {

        if (cli_redis_connect(redis, &redis->url.hosts[i]) != TRV_OK) {
            continue;
        }

        role = cli_redis_role(redis, &master[replicas], buf[replicas]);

        if (role == CLI_ROLE_MASTER || role == CLI_ROLE_OTHER
            || (role == CLI_ROLE_REPLICA && want == CLI_REDIS_ANY))
        {
            return TRV_OK;
        }

        if (role == CLI_ROLE_REPLICA) {
            replicas = 1;
        }
    }

    return replicas ? cli_redis_master(redis, &master[0], buf[0]) : TRV_NONE;
}


/* a replica of a replica has a master, too */

static trv_rc_t
cli_redis_master(cli_redis_t *redis, trv_url_host_t *host, char *buf)
{
    char           name[CLI_SOCKET_NAME];
    unsigned       hops;
    cli_role_t     role;
    cli_trouble_t  trouble;

    for (hops = 0; hops < CLI_REDIS_HOPS; hops++) {
        memcpy(name, redis->address.name, sizeof(name));

        if (cli_redis_connect(redis, host) != TRV_OK) {
            trouble = redis->trouble;

            cli_trouble_set(&redis->trouble, trouble.fault,
                            "redis %s is a replica, and its master cannot be "
                            "used: %s", name, trouble.what);
            return TRV_NONE;
        }

        role = cli_redis_role(redis, host, buf);

        if (role != CLI_ROLE_REPLICA) {
            return role == CLI_ROLE_FAILED ? TRV_NONE : TRV_OK;
        }
    }

    cli_trouble_set(&redis->trouble, CLI_FAULT_READONLY,
                    "redis %s is a replica of a replica, and no master was "
                    "found", redis->address.name);
    return TRV_NONE;
}


static cli_role_t
cli_redis_role(cli_redis_t *redis, trv_url_host_t *master, char *buf)
{
    cli_role_t   role;
    redisReply  *reply;

    redis->replicas = 0;

    reply = cli_redis_ask(redis, "ROLE");

    if (reply == NULL) {
        return CLI_ROLE_FAILED;
    }

    role = cli_redis_told(redis, reply, master, buf);

    freeReplyObject(reply);

    return role;
}


static cli_role_t
cli_redis_told(cli_redis_t *redis, const redisReply *reply,
    trv_url_host_t *master, char *buf)
{
    const char  *role;

    if (reply->type == REDIS_REPLY_ERROR) {

        /* it may be a question that this user may not ask */

        return redis->trouble.fault == CLI_FAULT_PASSWORD
               || redis->trouble.fault == CLI_FAULT_LOADING
               ? CLI_ROLE_FAILED : CLI_ROLE_OTHER;
    }

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 1
        || reply->element[0]->type != REDIS_REPLY_STRING)
    {
        return CLI_ROLE_OTHER;
    }

    role = reply->element[0]->str;

    if (strcmp(role, "master") == 0) {

        if (reply->elements > 2
            && reply->element[2]->type == REDIS_REPLY_ARRAY)
        {
            redis->replicas = (unsigned) reply->element[2]->elements;
        }

        return CLI_ROLE_MASTER;
    }

    if (strcmp(role, "slave") == 0 && reply->elements > 2
        && cli_redis_place(reply->element[1], reply->element[2], master, buf)
        == TRV_OK)
    {
        return CLI_ROLE_REPLICA;
    }

    if (strcmp(role, "sentinel") == 0) {
        cli_trouble_set(&redis->trouble, CLI_FAULT_TARGET,
                        "redis %s is a Sentinel: name the master that it "
                        "watches, as redis+sentinel://host:port/name",
                        redis->address.name);
        return CLI_ROLE_FAILED;
    }

    return CLI_ROLE_OTHER;
}


/* a master that a Sentinel names can have been deposed in this moment */

static trv_rc_t
cli_redis_sentinel(cli_redis_t *redis)
{
    char            buf[TRV_URL_HOST_MAX + 1];
    unsigned        i;
    cli_role_t      role;
    cli_trouble_t   trouble;
    trv_url_host_t  host;

    memset(&trouble, 0, sizeof(trouble));

    for (i = 0; i < redis->url.nhosts; i++) {

        cli_redis_address(redis, &redis->url.hosts[i]);

        if (cli_redis_sentinel_ask(redis, &host, buf) != TRV_OK) {
            continue;
        }

        if (cli_redis_connect(redis, &host) == TRV_OK) {
            role = cli_redis_role(redis, &host, buf);

            if (role == CLI_ROLE_MASTER || role == CLI_ROLE_OTHER) {
                return TRV_OK;
            }

            if (role == CLI_ROLE_REPLICA) {
                cli_trouble_set(&redis->trouble, CLI_FAULT_READONLY,
                                "redis %s, the master that Sentinel names, is "
                                "a replica", redis->address.name);
                snprintf(redis->trouble.next, sizeof(redis->trouble.next),
                         "a failover is going on: repeat the command in a "
                         "moment");
            }
        }

        trouble = redis->trouble;
    }

    /* what is known of the master goes before what a Sentinel said */

    if (trouble.fault != CLI_FAULT_NONE) {
        redis->trouble = trouble;
    }

    return TRV_NONE;
}


static trv_rc_t
cli_redis_sentinel_ask(cli_redis_t *redis, trv_url_host_t *host, char *buf)
{
    trv_rc_t      rc;
    redisReply   *reply;
    trv_str_t     name;
    unsigned      i;

    redis->socket = cli_socket_open(&redis->address, &redis->trouble);
    redis->reader = redisReaderCreate();

    if (redis->socket == NULL || redis->reader == NULL) {
        cli_redis_drop(redis);
        return TRV_NONE;
    }

    name = redis->url.master;
    rc = TRV_NONE;

    /* most Sentinels want no password; those that do have the same */

    for (i = 0; i < 2; i++) {
        reply = cli_redis_ask(redis, "SENTINEL get-master-addr-by-name %b",
                              name.data, name.len);

        if (reply == NULL || i == 1 || reply->type != REDIS_REPLY_ERROR
            || redis->trouble.fault != CLI_FAULT_PASSWORD
            || redis->password == NULL)
        {
            break;
        }

        freeReplyObject(reply);

        if (cli_redis_login(redis) != TRV_OK) {
            return TRV_NONE;
        }
    }

    if (reply == NULL) {
        return TRV_NONE;
    }

    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2) {
        rc = cli_redis_place(reply->element[0], reply->element[1], host, buf);

    } else if (reply->type != REDIS_REPLY_ERROR) {
        cli_trouble_set(&redis->trouble, CLI_FAULT_TARGET,
                        "the Sentinel at %s knows no master \"%.*s\"",
                        redis->address.name, (int) name.len,
                        (const char *) name.data);
    }

    freeReplyObject(reply);

    return rc;
}


/* what ROLE and SENTINEL name: two strings, or a string and a number */

static trv_rc_t
cli_redis_place(const redisReply *host, const redisReply *port,
    trv_url_host_t *place, char *buf)
{
    long long  n;

    if (host->type != REDIS_REPLY_STRING || host->len == 0
        || host->len > TRV_URL_HOST_MAX)
    {
        return TRV_MALFORMED;
    }

    n = port->type == REDIS_REPLY_INTEGER ? port->integer
        : port->type == REDIS_REPLY_STRING ? atoll(port->str) : 0;

    if (n < 1 || n > 65535) {
        return TRV_MALFORMED;
    }

    memcpy(buf, host->str, host->len);

    memset(place, 0, sizeof(trv_url_host_t));
    place->host.data = (const uint8_t *) buf;
    place->host.len = host->len;
    place->port = (uint16_t) n;

    return TRV_OK;
}


/* "MOVED 3999 10.0.0.7:6379"; without a host it is the same host */

trv_rc_t
cli_redis_follow(cli_redis_t *redis, const redisReply *reply)
{
    char            buf[TRV_URL_HOST_MAX + 1];
    trv_url_host_t  place;
    trv_redirect_t  to;

    if (reply->type != REDIS_REPLY_ERROR
        || trv_redirect_parse(cli_text_str(reply->str), &to) != TRV_OK)
    {
        return TRV_NONE;
    }

    if (to.host.len > TRV_URL_HOST_MAX
        || (to.host.len == 0 && redis->address.path != NULL))
    {
        return TRV_MALFORMED;
    }

    snprintf(buf, sizeof(buf), "%.*s", (int) to.host.len,
             (const char *) to.host.data);

    memset(&place, 0, sizeof(place));
    place.host = cli_text_str(to.host.len == 0 ? redis->host : buf);
    place.port = to.port;

    if (cli_redis_connect(redis, &place) != TRV_OK) {
        return TRV_MALFORMED;
    }

    redis->asking = to.kind == TRV_REDIRECT_ASK;

    return TRV_OK;
}
