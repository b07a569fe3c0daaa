
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A connection and what it is on: private to cli_redis*.c.
 */


#ifndef _CLI_REDIS_PRIVATE_H_INCLUDED_
#define _CLI_REDIS_PRIVATE_H_INCLUDED_


#include "../core/trv_url.h"
#include "cli_redis.h"
#include "cli_socket.h"


#pragma GCC visibility push(hidden)


#define CLI_REDIS_HOPS  5             /* redirections, masters of masters */


struct cli_redis_s {
    const cli_target_t  *target;
    trv_url_t            url;         /* views into target->url and "decoded" */
    uint8_t             *decoded;
    char                *password;    /* NUL-terminated, NULL: none */
    char                *user;

    cli_address_t        address;     /* of the server that is spoken to */
    char                 host[TRV_URL_HOST_MAX + 1];
    char                 path[TRV_URL_PATH_MAX + 1];

    cli_socket_t        *socket;      /* NULL: not connected, or lost */
    redisReader         *reader;

    char                *out;         /* [sent][to be sent][free] */
    size_t               out_size;
    size_t               out_len;
    size_t               out_sent;

    size_t               outstanding;
    unsigned             patience;    /* milliseconds */
    unsigned             replicas;
    unsigned             asking:1;    /* each question follows an ASKING */
    unsigned             asked:1;     /* whose answer was read */
    cli_trouble_t        trouble;
};


/*
 * Leaves the server for this one and logs in.  TRV_OK, else trouble.  A host
 * of NULL is the path of the URL.
 */

trv_rc_t cli_redis_connect(cli_redis_t *redis, const trv_url_host_t *host);

/* says where the next connection goes */

void cli_redis_address(cli_redis_t *redis, const trv_url_host_t *host);

/* AUTH, if there is a password: TRV_OK, else the connection is dropped */

trv_rc_t cli_redis_login(cli_redis_t *redis);

/* connects to the server that the URL means: TRV_OK, else trouble */

trv_rc_t cli_redis_reach(cli_redis_t *redis, cli_redis_role_t want);

/* closes the connection and forgets what was on it */

void cli_redis_drop(cli_redis_t *redis);


#pragma GCC visibility pop


#endif /* _CLI_REDIS_PRIVATE_H_INCLUDED_ */
