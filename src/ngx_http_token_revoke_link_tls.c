
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * TLS under a link, by nginx's own ngx_ssl.  The chain is verified during the
 * handshake, the name right behind it: nothing of ours, AUTH least of all, is
 * sent before.
 */


#include "ngx_http_token_revoke_link.h"


#if (NGX_SSL)

static void ngx_http_token_revoke_link_shake(ngx_connection_t *c);
static ngx_uint_t ngx_http_token_revoke_link_peer(
    ngx_http_token_revoke_link_t *link);
static ngx_uint_t ngx_http_token_revoke_link_matches(X509 *cert,
    ngx_str_t *name);
static ngx_uint_t ngx_http_token_revoke_link_numeric(ngx_str_t *name);
static void ngx_http_token_revoke_link_untrusted(
    ngx_http_token_revoke_link_t *link, const char *text);
static void ngx_http_token_revoke_link_alert(
    ngx_http_token_revoke_link_t *link);
static void ngx_http_token_revoke_link_overhear(ngx_log_t *log,
    ngx_uint_t level, u_char *buf, size_t len);


void
ngx_http_token_revoke_link_secure(ngx_http_token_revoke_link_t *link)
{
    ngx_connection_t  *c;

    if (link->redis->ssl == NULL) {
        ngx_http_token_revoke_link_event(link, TRV_LINK_SECURED, NULL);
        return;
    }

    c = link->connection;

    /* what nginx has to say of TLS is a reason, and not a line in the log */

    link->quiet.log_level = NGX_LOG_INFO;
    link->quiet.writer = ngx_http_token_revoke_link_overhear;
    link->quiet.wdata = link;

    c->pool = ngx_create_pool(1024, &link->quiet);

    if (c->pool == NULL
        || ngx_ssl_create_connection(link->redis->ssl, c, NGX_SSL_CLIENT)
           != NGX_OK)
    {
        ngx_http_token_revoke_link_fail(link, "no memory");
        return;
    }

    /* what was not sent at once may be sent from another place (..._out()) */

    SSL_set_mode(c->ssl->connection, SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_set_mode(c->ssl->connection, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);

    if (!ngx_http_token_revoke_link_numeric(&link->host->name)
        && SSL_set_tlsext_host_name(c->ssl->connection,
                                    (char *) link->host->name.data)
           == 0)
    {
        ngx_http_token_revoke_link_fail(link, "no memory");
        return;
    }

    c->ssl->handler = ngx_http_token_revoke_link_shake;

    ngx_add_timer(c->read, link->redis->timeout);

    if (ngx_ssl_handshake(c) != NGX_AGAIN) {
        ngx_http_token_revoke_link_shake(c);
    }
}


/* the handshake is done, or it is not going to be */

static void
ngx_http_token_revoke_link_shake(ngx_connection_t *c)
{
    long                           rc;
    const char                    *text;
    ngx_http_token_revoke_link_t  *link;

    link = c->data;

    if (c->close) {
        link->owner->exiting(link->data);
        return;
    }

    if (c->read->timedout) {
        ngx_http_token_revoke_link_fail(link, "TLS handshake timed out");
        return;
    }

    rc = SSL_get_verify_result(c->ssl->connection);

    if (rc != X509_V_OK) {
        text = X509_verify_cert_error_string(rc);
        ngx_http_token_revoke_link_untrusted(link, text);
        return;
    }

    if (!c->ssl->handshaked) {
        ngx_http_token_revoke_link_broken(link, "TLS handshake failed");
        return;
    }

    if (!ngx_http_token_revoke_link_peer(link)) {
        ngx_http_token_revoke_link_untrusted(link, "it has another name");
        return;
    }

    ngx_del_timer(c->read);
    ngx_http_token_revoke_link_listen(link);

    ngx_http_token_revoke_link_event(link, TRV_LINK_SECURED, NULL);
}


/*
 * The certificate is of the host we went to, or, where a Redis that we
 * trusted has sent us (MOVED, Sentinel), of one of the URL.
 */

static ngx_uint_t
ngx_http_token_revoke_link_peer(ngx_http_token_revoke_link_t *link)
{
    X509                           *cert;
    ngx_uint_t                      i, found;
    ngx_http_token_revoke_redis_t  *redis;

    cert = SSL_get_peer_certificate(link->connection->ssl->connection);

    if (cert == NULL) {
        return 0;
    }

    redis = link->redis->sentinels ? link->redis->sentinels : link->redis;
    found = ngx_http_token_revoke_link_matches(cert, &link->host->name);

    for (i = 0; !found && link->host == &link->named && i < redis->nhosts; i++)
    {
        found = ngx_http_token_revoke_link_matches(cert,
                                                   &redis->hosts[i].name);
    }

    X509_free(cert);

    return found;
}


static ngx_uint_t
ngx_http_token_revoke_link_matches(X509 *cert, ngx_str_t *name)
{
    u_char  text[NGX_SOCKADDR_STRLEN];

    if (!ngx_http_token_revoke_link_numeric(name)) {
        return X509_check_host(cert, (char *) name->data, name->len, 0, NULL)
               == 1;
    }

    if (name->data[0] != '[') {
        return X509_check_ip_asc(cert, (char *) name->data, 0) == 1;
    }

    /* without its brackets */

    (void) ngx_cpystrn(text, name->data + 1,
                       ngx_min(name->len - 1, sizeof(text)));

    return X509_check_ip_asc(cert, (char *) text, 0) == 1;
}


static ngx_uint_t
ngx_http_token_revoke_link_numeric(ngx_str_t *name)
{
    return name->data[0] == '['
           || ngx_inet_addr(name->data, name->len) != INADDR_NONE;
}


static void
ngx_http_token_revoke_link_untrusted(ngx_http_token_revoke_link_t *link,
    const char *text)
{
    u_char  reason[NGX_HTTP_TOKEN_REVOKE_REASON];

    (void) ngx_snprintf(reason, sizeof(reason),
                        "its certificate is not accepted: %s%Z", text);
    reason[sizeof(reason) - 1] = '\0';

    ngx_http_token_revoke_link_fail(link, (char *) reason);
}


/* after close_notify, if it can be sent at once; nobody waits for an answer */

void
ngx_http_token_revoke_link_unsecure(ngx_http_token_revoke_link_t *link)
{
    ngx_connection_t  *c;

    c = link->connection;

    if (c->ssl == NULL) {
        return;
    }

    c->ssl->no_wait_shutdown = 1;

    if (ngx_ssl_shutdown(c) == NGX_AGAIN) {
        c->ssl->no_send_shutdown = 1;
        (void) ngx_ssl_shutdown(c);
    }
}


/*
 * A server that does not accept our certificate says so when for us the
 * handshake is over.  If writing fails first its alert was not read yet.
 */

static void
ngx_http_token_revoke_link_alert(ngx_http_token_revoke_link_t *link)
{
    u_char             piece[64];
    ngx_connection_t  *c;

    c = link->connection;

    if (link->said[0] == '\0' && c->ssl->handshaked) {
        (void) c->recv(c, piece, sizeof(piece));
    }
}


/*
 * "... (SSL: error:0A00010B:SSL routines::wrong version number)": what OpenSSL
 * says at the end is what an operator can use.
 */

static void
ngx_http_token_revoke_link_overhear(ngx_log_t *log, ngx_uint_t level,
    u_char *buf, size_t len)
{
    size_t                         n;
    u_char                        *p, *last;
    ngx_uint_t                     colons;
    ngx_http_token_revoke_link_t  *link;

    link = log->wdata;
    last = buf + len;

    p = ngx_strlcasestrn(buf, last, (u_char *) "(SSL: error:", 12 - 1);

    if (p == NULL || level > NGX_LOG_INFO) {
        return;
    }

    /* the code, the library, the function */

    for (colons = 0, p += 12; p < last && colons < 3; p++) {
        colons += *p == ':';
    }

    for (n = 0; p + n < last && p[n] != ':' && p[n] != ')'; n++) {
        /* void */
    }

    n = ngx_min(n, sizeof(link->said) - 1);

    ngx_memcpy(link->said, p, n);
    link->said[n] = '\0';
}

#else

void
ngx_http_token_revoke_link_secure(ngx_http_token_revoke_link_t *link)
{
    ngx_http_token_revoke_link_event(link, TRV_LINK_SECURED, NULL);
}


void
ngx_http_token_revoke_link_unsecure(ngx_http_token_revoke_link_t *link)
{
    (void) link;
}

#endif


void
ngx_http_token_revoke_link_broken(ngx_http_token_revoke_link_t *link,
    const char *what)
{
    u_char  reason[NGX_HTTP_TOKEN_REVOKE_REASON + 5];

#if (NGX_SSL)
    if (link->connection->ssl) {
        ngx_http_token_revoke_link_alert(link);

        if (link->said[0] == '\0') {
            what = "redis closed the connection";

        } else {
            (void) ngx_sprintf(reason, "TLS: %s%Z", link->said);
            what = (char *) reason;
        }

        ngx_http_token_revoke_link_fail(link, what);
        return;
    }
#else
    (void) reason;
#endif

    ngx_http_token_revoke_link_errno(link, what, ngx_socket_errno);
}
