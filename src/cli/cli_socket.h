
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A stream of bytes to a server: TCP or a unix socket, with TLS if it is
 * asked for.  Nothing here waits without a limit but the resolver of names,
 * which has limits of its own.
 */


#ifndef _CLI_SOCKET_H_INCLUDED_
#define _CLI_SOCKET_H_INCLUDED_


#include <sys/types.h>

#include "cli_trouble.h"


#pragma GCC visibility push(hidden)


#define CLI_SOCKET_NAME  320


typedef struct cli_socket_s  cli_socket_t;


/* where to; "path" is NULL for TCP, the files of TLS may be NULL */

typedef struct {
    const char  *host;
    unsigned     port;
    const char  *path;
    unsigned     tls:1;
    const char  *ca;
    const char  *cert;
    const char  *key;
    unsigned     timeout;             /* milliseconds */
    char         name[CLI_SOCKET_NAME];   /* for messages: "10.0.0.7:6379" */
} cli_address_t;


/*
 * The certificate of the server has to be signed by one that is trusted and be
 * made for this host (RFC 6125, section 6.4).  NULL and *trouble otherwise.
 */

cli_socket_t *cli_socket_open(const cli_address_t *address,
    cli_trouble_t *trouble);

void cli_socket_close(cli_socket_t *socket);

/*
 * The number of bytes, 0 if there is nothing to read (no room to write) yet,
 * or -1 and *trouble: CLI_FAULT_LOST.
 */

ssize_t cli_socket_read(cli_socket_t *socket, char *buf, size_t size,
    cli_trouble_t *trouble);

ssize_t cli_socket_write(cli_socket_t *socket, const char *buf, size_t len,
    cli_trouble_t *trouble);

/*
 * Waits until something can be read, or also written if "write" is set: 1;
 * 0: the time is over; -1: a signal came.
 */

int cli_socket_wait(const cli_socket_t *socket, int write, int milliseconds);


#pragma GCC visibility pop


#endif /* _CLI_SOCKET_H_INCLUDED_ */
