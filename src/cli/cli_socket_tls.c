
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * TLS by OpenSSL on a socket that does not block.
 */


#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "../core/trv.h"
#include "cli_socket_private.h"


struct cli_tls_s {
    SSL_CTX  *ctx;
    SSL      *ssl;
};


static trv_rc_t cli_tls_context(cli_tls_t *tls, const cli_address_t *address,
    cli_trouble_t *trouble);
static trv_rc_t cli_tls_files(cli_tls_t *tls, const cli_address_t *address,
    cli_trouble_t *trouble);
static trv_rc_t cli_tls_peer(cli_tls_t *tls, const char *host);
static trv_rc_t cli_tls_handshake(cli_socket_t *socket,
    cli_trouble_t *trouble);
static void cli_tls_doubt(cli_trouble_t *trouble);
static void cli_tls_failed(const cli_socket_t *socket, cli_trouble_t *trouble);
static ssize_t cli_tls_result(cli_socket_t *socket, int n, short *events,
    cli_trouble_t *trouble);
static const char *cli_tls_error(void);


trv_rc_t
cli_tls_open(cli_socket_t *sock, cli_trouble_t *trouble)
{
    cli_tls_t            *tls;
    const cli_address_t  *address;

    address = sock->address;

    tls = calloc(1, sizeof(cli_tls_t));

    if (tls == NULL) {
        cli_trouble_set(trouble, CLI_FAULT_NOMEM, "there is no memory");
        return TRV_NOMEM;
    }

    sock->tls = tls;

    if (cli_tls_context(tls, address, trouble) != TRV_OK) {
        return TRV_NONE;
    }

    tls->ssl = SSL_new(tls->ctx);

    if (tls->ssl == NULL || SSL_set_fd(tls->ssl, sock->fd) != 1
        || cli_tls_peer(tls, address->host) != TRV_OK)
    {
        cli_trouble_set(trouble, CLI_FAULT_TLS, "OpenSSL has failed (%s)",
                        cli_tls_error());
        return TRV_NONE;
    }

    return cli_tls_handshake(sock, trouble);
}


void
cli_tls_close(cli_tls_t *tls)
{
    if (tls == NULL) {
        return;
    }

    SSL_free(tls->ssl);
    SSL_CTX_free(tls->ctx);
    free(tls);
}


static trv_rc_t
cli_tls_context(cli_tls_t *tls, const cli_address_t *address,
    cli_trouble_t *trouble)
{
    tls->ctx = SSL_CTX_new(TLS_client_method());

    if (tls->ctx == NULL) {
        cli_trouble_set(trouble, CLI_FAULT_TLS, "OpenSSL has failed (%s)",
                        cli_tls_error());
        return TRV_NONE;
    }

    SSL_CTX_set_min_proto_version(tls->ctx, TLS1_2_VERSION);
    SSL_CTX_set_verify(tls->ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(tls->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE
                     | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);

    return cli_tls_files(tls, address, trouble);
}


static trv_rc_t
cli_tls_files(cli_tls_t *tls, const cli_address_t *address,
    cli_trouble_t *trouble)
{
    const char  *file, *key;

    file = address->ca;

    if (file == NULL) {
        (void) SSL_CTX_set_default_verify_paths(tls->ctx);

    } else if (SSL_CTX_load_verify_locations(tls->ctx, file, NULL) != 1) {
        goto failed;
    }

    file = address->cert;

    if (file != NULL
        && SSL_CTX_use_certificate_chain_file(tls->ctx, file) != 1)
    {
        goto failed;
    }

    key = address->key != NULL ? address->key : address->cert;

    if (key == NULL) {
        return TRV_OK;
    }

    file = key;

    if (SSL_CTX_use_PrivateKey_file(tls->ctx, key, SSL_FILETYPE_PEM) == 1) {
        return TRV_OK;
    }

failed:

    cli_trouble_set(trouble, CLI_FAULT_TARGET,
                    "\"%s\" cannot be used for TLS (%s)", file,
                    cli_tls_error());

    return TRV_NONE;
}


/* an address is looked for among the addresses of the certificate */

static trv_rc_t
cli_tls_peer(cli_tls_t *tls, const char *host)
{
    X509_VERIFY_PARAM  *param;

    param = SSL_get0_param(tls->ssl);

    if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1) {
        return TRV_OK;
    }

    ERR_clear_error();

    if (SSL_set_tlsext_host_name(tls->ssl, host) != 1
        || SSL_set1_host(tls->ssl, host) != 1)
    {
        return TRV_NONE;
    }

    return TRV_OK;
}


static trv_rc_t
cli_tls_handshake(cli_socket_t *sock, cli_trouble_t *trouble)
{
    int    n, error;
    short  events;

    for ( ;; ) {
        ERR_clear_error();

        n = SSL_connect(sock->tls->ssl);

        if (n == 1) {
            return TRV_OK;
        }

        error = SSL_get_error(sock->tls->ssl, n);

        if (error == SSL_ERROR_WANT_READ) {
            events = 0;

        } else if (error == SSL_ERROR_WANT_WRITE) {
            events = POLLOUT;

        } else {
            cli_tls_failed(sock, trouble);
            return TRV_NONE;
        }

        sock->writing = events;

        if (cli_socket_wait(sock, 1, (int) sock->address->timeout) == 0) {
            cli_trouble_set(trouble, CLI_FAULT_TLS,
                            "redis %s cannot be reached (it accepts the "
                            "connection and does not answer in TLS in time)",
                            sock->address->name);
            cli_tls_doubt(trouble);
            return TRV_NONE;
        }
    }
}


static void
cli_tls_failed(const cli_socket_t *sock, cli_trouble_t *trouble)
{
    long         verified;
    const char  *why;

    verified = SSL_get_verify_result(sock->tls->ssl);

    why = verified != X509_V_OK ? X509_verify_cert_error_string(verified)
          : cli_tls_error();

    cli_trouble_set(trouble, CLI_FAULT_TLS,
                    "redis %s cannot be spoken to in TLS (%s)",
                    sock->address->name, why);

    if (verified == X509_V_OK) {
        cli_tls_doubt(trouble);
    }
}


static void
cli_tls_doubt(cli_trouble_t *trouble)
{
    snprintf(trouble->next, sizeof(trouble->next),
             "does this port speak TLS (rediss://), and does it want a "
             "certificate of this side (--cert and --key)?");
}


ssize_t
cli_tls_read(cli_socket_t *sock, char *buf, size_t size,
    cli_trouble_t *trouble)
{
    int  n;

    ERR_clear_error();

    n = SSL_read(sock->tls->ssl, buf, (int) size);

    return cli_tls_result(sock, n, &sock->reading, trouble);
}


/* OpenSSL writes by write(), which has a signal for a closed connection */

ssize_t
cli_tls_write(cli_socket_t *sock, const char *buf, size_t len,
    cli_trouble_t *trouble)
{
    int      n;
    void   (*was)(int);
    ssize_t  result;

    was = signal(SIGPIPE, SIG_IGN);

    ERR_clear_error();

    n = SSL_write(sock->tls->ssl, buf, len > 65536 ? 65536 : (int) len);
    result = cli_tls_result(sock, n, &sock->writing, trouble);

    signal(SIGPIPE, was);

    return result;
}


static ssize_t
cli_tls_result(cli_socket_t *sock, int n, short *events,
    cli_trouble_t *trouble)
{
    if (n > 0) {
        return n;
    }

    switch (SSL_get_error(sock->tls->ssl, n)) {

    case SSL_ERROR_WANT_READ:
        *events = 0;
        return 0;

    case SSL_ERROR_WANT_WRITE:
        *events = POLLOUT;
        return 0;

    default:
        break;
    }

    /* in TLS 1.3 a certificate that is missing is seen by the first read */

    if (ERR_peek_error() != 0) {
        cli_tls_failed(sock, trouble);
        return -1;
    }

    cli_trouble_set(trouble, CLI_FAULT_LOST,
                    "redis %s closed the connection", sock->address->name);

    return -1;
}


static const char *
cli_tls_error(void)
{
    const char     *reason;
    unsigned long   error;

    error = ERR_peek_error();
    reason = error ? ERR_reason_error_string(error) : NULL;

    return reason ? reason : "the connection was closed";
}
