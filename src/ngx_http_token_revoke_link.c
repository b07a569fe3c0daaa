
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <hiredis/hiredis.h>

#include "ngx_http_token_revoke_link.h"

#include "core/trv_backoff.h"


static void ngx_http_token_revoke_link_event(
    ngx_http_token_revoke_link_t *link, trv_link_event_t event,
    const char *reason);
static void ngx_http_token_revoke_link_connect(
    ngx_http_token_revoke_link_t *link);
static void ngx_http_token_revoke_link_greet(
    ngx_http_token_revoke_link_t *link);
static void ngx_http_token_revoke_link_close(
    ngx_http_token_revoke_link_t *link);
static void ngx_http_token_revoke_link_errno(
    ngx_http_token_revoke_link_t *link, const char *what, ngx_err_t err);
static ngx_int_t ngx_http_token_revoke_link_out(
    ngx_http_token_revoke_link_t *link, const u_char *data, size_t len);
static ngx_int_t ngx_http_token_revoke_link_send(
    ngx_http_token_revoke_link_t *link);
static void ngx_http_token_revoke_link_retry_handler(ngx_event_t *ev);
static void ngx_http_token_revoke_link_write_handler(ngx_event_t *wev);
static void ngx_http_token_revoke_link_read_handler(ngx_event_t *rev);


void
ngx_http_token_revoke_link_init(ngx_http_token_revoke_link_t *link,
    ngx_log_t *log)
{
    /*
     * nginx reports each failed connect() and recv() by itself, some as
     * "crit", at every attempt; the owner reports a change, once
     */

    link->quiet = *log;
    link->quiet.log_level = NGX_LOG_STDERR;

    link->retry.data = link;
    link->retry.log = log;
    link->retry.handler = ngx_http_token_revoke_link_retry_handler;
    link->retry.cancelable = 1;
}


void
ngx_http_token_revoke_link_open(ngx_http_token_revoke_link_t *link)
{
    ngx_http_token_revoke_link_event(link, TRV_LINK_OPEN, NULL);
}


void
ngx_http_token_revoke_link_stop(ngx_http_token_revoke_link_t *link)
{
    if (link->retry.timer_set) {
        ngx_del_timer(&link->retry);
    }

    ngx_http_token_revoke_link_event(link, TRV_LINK_STOP, NULL);
}


void
ngx_http_token_revoke_link_fail(ngx_http_token_revoke_link_t *link,
    const char *reason)
{
    ngx_http_token_revoke_link_event(link, TRV_LINK_FAILED, reason);
}


void
ngx_http_token_revoke_link_proved(ngx_http_token_revoke_link_t *link)
{
    link->attempts = 0;
}


static void
ngx_http_token_revoke_link_event(ngx_http_token_revoke_link_t *link,
    trv_link_event_t event, const char *reason)
{
    switch (trv_link_step(&link->state, event)) {

    case TRV_LINK_DO_CONNECT:
        ngx_http_token_revoke_link_connect(link);
        break;

    case TRV_LINK_DO_GREET:
        ngx_http_token_revoke_link_greet(link);
        break;

    case TRV_LINK_DO_SERVE:
        link->owner->ready(link->data);
        break;

    case TRV_LINK_DO_RETRY:
        ngx_http_token_revoke_link_close(link);
        ngx_add_timer(&link->retry,
                      trv_backoff_delay(link->attempts++,
                                        (uint32_t) ngx_random()));
        link->owner->failed(link->data, reason);
        break;

    case TRV_LINK_DO_CLOSE:
        ngx_http_token_revoke_link_close(link);
        break;

    default:
        break;
    }
}


static void
ngx_http_token_revoke_link_connect(ngx_http_token_revoke_link_t *link)
{
    ngx_int_t               rc;
    ngx_addr_t             *addr;
    ngx_connection_t       *c;
    ngx_peer_connection_t   peer;

    addr = &link->zone->addrs[link->next++ % link->zone->naddrs];

    ngx_memzero(&peer, sizeof(ngx_peer_connection_t));

    peer.sockaddr = addr->sockaddr;
    peer.socklen = addr->socklen;
    peer.name = &addr->name;
    peer.get = ngx_event_get_peer;
    peer.log = &link->quiet;
    peer.log_error = NGX_ERROR_ERR;

    link->received = 0;
    link->reader = trv_reader_create(link->batch);

    if (link->reader == NULL) {
        ngx_http_token_revoke_link_fail(link, "no memory");
        return;
    }

    ngx_set_socket_errno(0);

    rc = ngx_event_connect_peer(&peer);

    if (rc == NGX_ERROR || rc == NGX_DECLINED) {
        ngx_http_token_revoke_link_errno(link, "connect() failed",
                                         ngx_socket_errno);
        return;
    }

    /* the link owns the connection and closes it, in ..._link_close() */

    c = peer.connection;
    link->connection = c;

    c->data = link;
    c->read->handler = ngx_http_token_revoke_link_read_handler;
    c->write->handler = ngx_http_token_revoke_link_write_handler;

    /* an exiting worker closes idle connections by calling their handler */

    c->idle = 1;
    c->read->cancelable = 1;
    c->write->cancelable = 1;

    if (rc == NGX_AGAIN) {
        ngx_add_timer(c->write, link->zone->timeout);
        return;
    }

    ngx_http_token_revoke_link_event(link, TRV_LINK_CONNECTED, NULL);
}


/* AUTH and SELECT are written together; ready when both were answered */

static void
ngx_http_token_revoke_link_greet(ngx_http_token_revoke_link_t *link)
{
    int                            argc;
    size_t                         lens[3];
    const char                    *argv[3];
    ngx_http_token_revoke_zone_t  *zone;

    zone = link->zone;
    link->greetings = 0;

    (void) ngx_tcp_nodelay(link->connection);

    if (zone->password.len) {
        argc = 0;
        argv[argc] = "AUTH";
        lens[argc++] = 4;

        if (zone->user.len) {
            argv[argc] = (char *) zone->user.data;
            lens[argc++] = zone->user.len;
        }

        argv[argc] = (char *) zone->password.data;
        lens[argc++] = zone->password.len;

        if (ngx_http_token_revoke_link_ask(link, TRV_ASK_ANY, argc, argv, lens)
            != NGX_OK)
        {
            return;
        }

        link->greetings++;
    }

    if (zone->db.len) {
        argv[0] = "SELECT";
        lens[0] = 6;
        argv[1] = (char *) zone->db.data;
        lens[1] = zone->db.len;

        if (ngx_http_token_revoke_link_ask(link, TRV_ASK_ANY, 2, argv, lens)
            != NGX_OK)
        {
            return;
        }

        link->greetings++;
    }

    if (link->greetings == 0) {
        ngx_http_token_revoke_link_event(link, TRV_LINK_GREETED, NULL);
        return;
    }

    (void) ngx_http_token_revoke_link_flush(link, 0);
}


/* idempotent */

static void
ngx_http_token_revoke_link_close(ngx_http_token_revoke_link_t *link)
{
    if (link->connection) {
        ngx_close_connection(link->connection);
        link->connection = NULL;
    }

    if (link->reader) {
        trv_reader_destroy(link->reader);
        link->reader = NULL;
    }

    if (link->out.start) {
        ngx_free(link->out.start);
        ngx_memzero(&link->out, sizeof(ngx_buf_t));
    }
}


static void
ngx_http_token_revoke_link_errno(ngx_http_token_revoke_link_t *link,
    const char *what, ngx_err_t err)
{
    u_char  *p, reason[NGX_HTTP_TOKEN_REVOKE_REASON];

    p = ngx_snprintf(reason, sizeof(reason) - 1, "%s", what);

    if (err) {
        p = ngx_snprintf(p, reason + sizeof(reason) - 1 - p, " (%d: ", err);
        p = ngx_strerror(err, p, reason + sizeof(reason) - 2 - p);
        *p++ = ')';
    }

    *p = '\0';

    ngx_http_token_revoke_link_fail(link, (char *) reason);
}


ngx_int_t
ngx_http_token_revoke_link_ask(ngx_http_token_revoke_link_t *link,
    trv_ask_t ask, int argc, const char **argv, const size_t *lens)
{
    char       *command;
    int         len;
    ngx_int_t   rc;

    len = redisFormatCommandArgv(&command, argc, argv, lens);

    if (len < 0) {
        ngx_http_token_revoke_link_fail(link, "no memory");
        return NGX_ERROR;
    }

    rc = ngx_http_token_revoke_link_out(link, (u_char *) command, len);

    redisFreeCommand(command);

    if (rc != NGX_OK || trv_reader_expect(link->reader, ask) != TRV_OK) {
        ngx_http_token_revoke_link_fail(link, "no memory");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* appends to what was not sent yet */

static ngx_int_t
ngx_http_token_revoke_link_out(ngx_http_token_revoke_link_t *link,
    const u_char *data, size_t len)
{
    size_t      rest, size;
    u_char     *p;
    ngx_buf_t  *out;

    out = &link->out;

    if (len > (size_t) (out->end - out->last)) {
        rest = out->last - out->pos;
        size = 2 * (rest + len);

        p = ngx_alloc(size, &link->quiet);
        if (p == NULL) {
            return NGX_ERROR;
        }

        if (out->start) {
            ngx_memcpy(p, out->pos, rest);
            ngx_free(out->start);
        }

        out->start = p;
        out->pos = p;
        out->last = p + rest;
        out->end = p + size;
    }

    out->last = ngx_cpymem(out->last, data, len);

    return NGX_OK;
}


ngx_int_t
ngx_http_token_revoke_link_flush(ngx_http_token_revoke_link_t *link,
    ngx_msec_t wait)
{
    if (ngx_http_token_revoke_link_send(link) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_add_timer(link->connection->read, wait + link->zone->timeout);

    if (ngx_handle_read_event(link->connection->read, 0) != NGX_OK) {
        ngx_http_token_revoke_link_fail(link, "no event for reading");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_token_revoke_link_send(ngx_http_token_revoke_link_t *link)
{
    ssize_t            n;
    ngx_buf_t         *out;
    ngx_connection_t  *c;

    c = link->connection;
    out = &link->out;

    while (out->pos < out->last) {
        n = c->send(c, out->pos, out->last - out->pos);

        if (n == NGX_AGAIN) {
            break;
        }

        if (n == NGX_ERROR) {
            ngx_http_token_revoke_link_errno(link, "send() failed",
                                             ngx_socket_errno);
            return NGX_ERROR;
        }

        out->pos += n;
    }

    if (out->pos == out->last) {
        out->pos = out->start;
        out->last = out->start;
    }

    if (ngx_handle_write_event(c->write, 0) != NGX_OK) {
        ngx_http_token_revoke_link_fail(link, "no event for writing");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_token_revoke_link_fill(ngx_http_token_revoke_link_t *link)
{
    ssize_t            n;
    ngx_connection_t  *c;
    u_char             piece[NGX_HTTP_TOKEN_REVOKE_PIECE];

    c = link->connection;

    n = c->recv(c, piece, sizeof(piece));

    if (n == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (n == 0) {
        ngx_http_token_revoke_link_fail(link, "redis closed the connection");
        return NGX_ERROR;
    }

    if (n < 0) {
        ngx_http_token_revoke_link_errno(link, "recv() failed",
                                         ngx_socket_errno);
        return NGX_ERROR;
    }

    link->received += n;

    if (trv_reader_feed(link->reader, piece, n) != TRV_OK) {
        ngx_http_token_revoke_link_fail(link, "no memory");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_token_revoke_link_answer(ngx_http_token_revoke_link_t *link,
    trv_answer_t *answer)
{
    trv_rc_t  rc;

    for ( ;; ) {
        rc = trv_reader_next(link->reader, ngx_http_token_revoke_wall_msec(),
                             answer);

        if (rc == TRV_NONE) {
            return NGX_AGAIN;
        }

        if (rc != TRV_OK) {
            ngx_http_token_revoke_link_fail(link, rc == TRV_NOMEM
                                                  ? "no memory"
                                                  : "not a redis");
            return NGX_ERROR;
        }

        if (link->state != TRV_LINK_GREETING) {
            return NGX_OK;
        }

        if (answer->type != TRV_ANSWER_OK) {
            ngx_http_token_revoke_link_fail(link, answer->error);
            return NGX_ERROR;
        }

        if (--link->greetings == 0) {
            ngx_http_token_revoke_link_event(link, TRV_LINK_GREETED, NULL);

            if (link->state != TRV_LINK_READY) {
                return NGX_ERROR;
            }
        }
    }
}


static void
ngx_http_token_revoke_link_retry_handler(ngx_event_t *ev)
{
    ngx_http_token_revoke_link_t  *link;

    link = ev->data;

    if (ngx_exiting) {
        link->owner->exiting(link->data);
        return;
    }

    ngx_http_token_revoke_link_open(link);
}


static void
ngx_http_token_revoke_link_write_handler(ngx_event_t *wev)
{
    int                            err;
    socklen_t                      len;
    ngx_connection_t              *c;
    ngx_http_token_revoke_link_t  *link;

    c = wev->data;
    link = c->data;

    if (wev->timedout) {
        ngx_http_token_revoke_link_fail(link, "connect() timed out");
        return;
    }

    if (link->state != TRV_LINK_CONNECTING) {
        (void) ngx_http_token_revoke_link_send(link);
        return;
    }

    err = 0;
    len = sizeof(int);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1) {
        err = ngx_socket_errno;
    }

    if (err) {
        ngx_http_token_revoke_link_errno(link, "connect() failed", err);
        return;
    }

    if (wev->timer_set) {
        ngx_del_timer(wev);
    }

    ngx_http_token_revoke_link_event(link, TRV_LINK_CONNECTED, NULL);
}


static void
ngx_http_token_revoke_link_read_handler(ngx_event_t *rev)
{
    ngx_connection_t              *c;
    ngx_http_token_revoke_link_t  *link;

    c = rev->data;
    link = c->data;

    if (c->close) {
        link->owner->exiting(link->data);
        return;
    }

    if (rev->timedout) {
        ngx_http_token_revoke_link_fail(link, "redis did not answer in time");
        return;
    }

    /* with a refused connection both events are ready: writing finds out why */

    if (link->state == TRV_LINK_CONNECTING) {
        return;
    }

    link->owner->readable(link->data);
}
