
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The only file that opens connections.
 */


#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../core/trv.h"
#include "cli_socket_private.h"


static int cli_socket_unix(const cli_address_t *address,
    cli_trouble_t *trouble);
static int cli_socket_tcp(const cli_address_t *address,
    cli_trouble_t *trouble);
static int cli_socket_connect(const struct sockaddr *sa, socklen_t len,
    unsigned timeout);
static int cli_socket_connected(int fd, unsigned timeout);
static void cli_socket_refused(const cli_address_t *address, int err,
    cli_trouble_t *trouble);
static void cli_socket_broke(const cli_socket_t *socket, int err,
    cli_trouble_t *trouble);


cli_socket_t *
cli_socket_open(const cli_address_t *address, cli_trouble_t *trouble)
{
    cli_socket_t  *sock;

    sock = calloc(1, sizeof(cli_socket_t));

    if (sock == NULL) {
        cli_trouble_set(trouble, CLI_FAULT_NOMEM, "there is no memory");
        return NULL;
    }

    sock->address = address;

    sock->fd = address->path != NULL ? cli_socket_unix(address, trouble)
               : cli_socket_tcp(address, trouble);

    if (sock->fd == -1) {
        free(sock);
        return NULL;
    }

    if (address->tls && cli_tls_open(sock, trouble) != TRV_OK) {
        cli_socket_close(sock);
        return NULL;
    }

    return sock;
}


void
cli_socket_close(cli_socket_t *sock)
{
    if (sock == NULL) {
        return;
    }

    cli_tls_close(sock->tls);
    close(sock->fd);
    free(sock);
}


static int
cli_socket_unix(const cli_address_t *address, cli_trouble_t *trouble)
{
    int                 fd;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    strncpy(sun.sun_path, address->path, sizeof(sun.sun_path) - 1);

    fd = cli_socket_connect((struct sockaddr *) &sun, sizeof(sun),
                            address->timeout);

    if (fd == -1) {
        cli_socket_refused(address, errno, trouble);
    }

    return fd;
}


/* the addresses that the name has, one after the other */

static int
cli_socket_tcp(const cli_address_t *address, cli_trouble_t *trouble)
{
    int               fd, rc, one;
    char              port[16];
    struct addrinfo   hints, *list, *ai;

    memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;

    snprintf(port, sizeof(port), "%u", address->port);

    rc = getaddrinfo(address->host, port, &hints, &list);

    if (rc != 0) {
        cli_trouble_set(trouble, CLI_FAULT_UNREACHABLE,
                        "redis %s cannot be reached (its name cannot be "
                        "resolved: %s)", address->name,
                        rc == EAI_SYSTEM ? strerror(errno)
                        : gai_strerror(rc));
        return -1;
    }

    fd = -1;

    for (ai = list; ai != NULL && fd == -1; ai = ai->ai_next) {
        fd = cli_socket_connect(ai->ai_addr, ai->ai_addrlen, address->timeout);
    }

    rc = errno;
    freeaddrinfo(list);

    if (fd == -1) {
        cli_socket_refused(address, rc, trouble);
        return -1;
    }

    one = 1;
    (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

    return fd;
}


/* a descriptor that does not block, or -1 and errno */

static int
cli_socket_connect(const struct sockaddr *sa, socklen_t len, unsigned timeout)
{
    int  fd, err;

    fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd == -1) {
        return -1;
    }

    if (connect(fd, sa, len) == 0) {
        return fd;
    }

    if (errno == EINPROGRESS && cli_socket_connected(fd, timeout) == 0) {
        return fd;
    }

    err = errno;
    close(fd);
    errno = err;

    return -1;
}


static int
cli_socket_connected(int fd, unsigned timeout)
{
    int            rc, err;
    socklen_t      len;
    struct pollfd  pfd;

    pfd.fd = fd;
    pfd.events = POLLOUT;

    rc = poll(&pfd, 1, (int) timeout);

    if (rc == 0) {
        errno = ETIMEDOUT;
        return -1;
    }

    len = sizeof(err);

    if (rc == -1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == -1) {
        return -1;
    }

    errno = err;

    return err == 0 ? 0 : -1;
}


static void
cli_socket_refused(const cli_address_t *address, int err,
    cli_trouble_t *trouble)
{
    cli_trouble_set(trouble, CLI_FAULT_UNREACHABLE,
                    "redis %s cannot be reached (%s)", address->name,
                    err == ETIMEDOUT ? "no answer in time" : strerror(err));
}


ssize_t
cli_socket_read(cli_socket_t *sock, char *buf, size_t size,
    cli_trouble_t *trouble)
{
    ssize_t  n;

    sock->reading = 0;

    if (sock->tls != NULL) {
        return cli_tls_read(sock, buf, size, trouble);
    }

    n = recv(sock->fd, buf, size, 0);

    if (n > 0) {
        return n;
    }

    if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }

    cli_socket_broke(sock, n == 0 ? 0 : errno, trouble);

    return -1;
}


ssize_t
cli_socket_write(cli_socket_t *sock, const char *buf, size_t len,
    cli_trouble_t *trouble)
{
    ssize_t  n;

    sock->writing = POLLOUT;

    if (sock->tls != NULL) {
        return cli_tls_write(sock, buf, len, trouble);
    }

    n = send(sock->fd, buf, len, MSG_NOSIGNAL);

    if (n >= 0) {
        return n;
    }

    if (errno == EAGAIN || errno == EINTR) {
        return 0;
    }

    cli_socket_broke(sock, errno, trouble);

    return -1;
}


static void
cli_socket_broke(const cli_socket_t *sock, int err, cli_trouble_t *trouble)
{
    cli_trouble_set(trouble, CLI_FAULT_LOST,
                    "redis %s closed the connection%s%s%s",
                    sock->address->name, err ? " (" : "",
                    err ? strerror(err) : "", err ? ")" : "");
}


int
cli_socket_wait(const cli_socket_t *sock, int write, int milliseconds)
{
    int            rc;
    struct pollfd  pfd;

    pfd.fd = sock->fd;
    pfd.events = POLLIN | sock->reading;

    if (write) {
        pfd.events |= sock->writing;
    }

    rc = poll(&pfd, 1, milliseconds);

    return rc > 0 ? 1 : rc;
}
