
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Sockets with and without TLS: private to cli_socket*.c.
 */


#ifndef _CLI_SOCKET_PRIVATE_H_INCLUDED_
#define _CLI_SOCKET_PRIVATE_H_INCLUDED_


#include "cli_socket.h"


#pragma GCC visibility push(hidden)


typedef struct cli_tls_s  cli_tls_t;


struct cli_socket_s {
    int                   fd;         /* closed by cli_socket_close() */
    const cli_address_t  *address;
    cli_tls_t            *tls;        /* NULL: without */
    short                 reading;    /* events that the last read and write */
    short                 writing;    /* wait for, besides POLLIN, POLLOUT */
};


/* TLS on the connected socket: TRV_OK, else *trouble */

trv_rc_t cli_tls_open(cli_socket_t *socket, cli_trouble_t *trouble);
void cli_tls_close(cli_tls_t *tls);

/* as cli_socket_read() and _write() */

ssize_t cli_tls_read(cli_socket_t *socket, char *buf, size_t size,
    cli_trouble_t *trouble);
ssize_t cli_tls_write(cli_socket_t *socket, const char *buf, size_t len,
    cli_trouble_t *trouble);


#pragma GCC visibility pop


#endif /* _CLI_SOCKET_PRIVATE_H_INCLUDED_ */
