
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "ngx_http_token_revoke_link.h"

#include "core/trv_backoff.h"
#include "core/trv_redirect.h"


/* before the next host is tried, milliseconds */

#define NGX_HTTP_TOKEN_REVOKE_LINK_NEXT  1

/* rounds of which the wait grows: a failover is over within seconds */

#define NGX_HTTP_TOKEN_REVOKE_LINK_PATIENCE  4


static void ngx_http_token_revoke_link_follow(
    ngx_http_token_revoke_link_t *link, const char *error);
static void ngx_http_token_revoke_link_connect(
    ngx_http_token_revoke_link_t *link);
static void ngx_http_token_revoke_link_again(
    ngx_http_token_revoke_link_t *link, const char *reason);
static void ngx_http_token_revoke_link_close(
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
    link->quiet.next = NULL;

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

    if (link->state == TRV_LINK_READY) {
        trv_round_again(&link->round);
    }

    ngx_http_token_revoke_link_event(link, TRV_LINK_STOP, NULL);
    ngx_http_token_revoke_link_lose(link);
    ngx_http_token_revoke_link_dismiss(link);
}


void
ngx_http_token_revoke_link_fail(ngx_http_token_revoke_link_t *link,
    const char *reason)
{
    if (link->state == TRV_LINK_READY) {
        ngx_http_token_revoke_link_follow(link, reason);
    }

    ngx_http_token_revoke_link_event(link, TRV_LINK_FAILED, reason);
}


/* where a Redis Cluster sends us */

static void
ngx_http_token_revoke_link_follow(ngx_http_token_revoke_link_t *link,
    const char *error)
{
    trv_str_t       text;
    trv_redirect_t  redirect;

    text.data = (const uint8_t *) error;
    text.len = ngx_strlen(error);

    if (trv_redirect_parse(text, &redirect) != TRV_OK) {
        return;
    }

    link->moved = ngx_http_token_revoke_link_name(link, redirect.host,
                                                  redirect.port);
    link->named_ask = redirect.kind == TRV_REDIRECT_ASK;
}


void
ngx_http_token_revoke_link_proved(ngx_http_token_revoke_link_t *link)
{
    link->attempts = 0;
    trv_round_proved(&link->round);
}


void
ngx_http_token_revoke_link_event(ngx_http_token_revoke_link_t *link,
    trv_link_event_t event, const char *reason)
{
    switch (trv_link_step(&link->state, event)) {

    case TRV_LINK_DO_FIND:
        ngx_http_token_revoke_link_find(link);
        break;

    case TRV_LINK_DO_CONNECT:
        ngx_http_token_revoke_link_connect(link);
        break;

    case TRV_LINK_DO_SECURE:
        ngx_http_token_revoke_link_secure(link);
        break;

    case TRV_LINK_DO_GREET:
        ngx_http_token_revoke_link_greet(link);
        break;

    case TRV_LINK_DO_SERVE:
        link->served = 1;
        ngx_http_token_revoke_link_watch(link);
        link->owner->ready(link->data);
        break;

    case TRV_LINK_DO_RETRY:
        ngx_http_token_revoke_link_again(link, reason);
        break;

    case TRV_LINK_DO_CLOSE:
        ngx_http_token_revoke_link_close(link);
        break;

    default:
        break;
    }
}


/*
 * The next host is tried at once; a whole round in vain, or a link that was
 * lost, is waited after.  The owner is told of these two only.
 */

static void
ngx_http_token_revoke_link_again(ngx_http_token_revoke_link_t *link,
    const char *reason)
{
    ngx_msec_t  delay;
    ngx_uint_t  served;
    u_char      where[NGX_HTTP_TOKEN_REVOKE_REASON];

    ngx_http_token_revoke_link_where(link, reason, where);
    ngx_http_token_revoke_link_unwatch(link);
    ngx_http_token_revoke_link_close(link);

    served = link->served;
    link->served = 0;

    link->over = !ngx_http_token_revoke_link_more(link);
    delay = NGX_HTTP_TOKEN_REVOKE_LINK_NEXT;

    if (link->hurry) {
        link->hurry = 0;

    } else if (link->over) {
        delay = trv_backoff_delay(link->attempts, (uint32_t) ngx_random());

        if (link->attempts < NGX_HTTP_TOKEN_REVOKE_LINK_PATIENCE
            || link->redis->sentinels == NULL)
        {
            link->attempts++;
        }

    } else if (served && !link->moved) {
        delay = trv_backoff_delay(0, (uint32_t) ngx_random());
    }

    ngx_add_timer(&link->retry, delay);

    if (served || link->over) {
        link->owner->failed(link->data, (char *) where);
    }
}


static void
ngx_http_token_revoke_link_connect(ngx_http_token_revoke_link_t *link)
{
    ngx_int_t               rc;
    ngx_addr_t             *addr;
    ngx_connection_t       *c;
    ngx_peer_connection_t   peer;

    addr = &link->addrs[link->addr++];

    ngx_memzero(&peer, sizeof(ngx_peer_connection_t));

    peer.sockaddr = addr->sockaddr;
    peer.socklen = addr->socklen;
    peer.name = &addr->name;
    peer.get = ngx_event_get_peer;
    peer.log = &link->quiet;
    peer.log_error = NGX_ERROR_ERR;

    link->received = 0;
    link->asked = 0;
    link->excused = 0;
    link->said[0] = '\0';
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
    ngx_http_token_revoke_link_listen(link);

    /* an exiting worker closes idle connections by calling their handler */

    c->idle = 1;
    c->read->cancelable = 1;
    c->write->cancelable = 1;

    if (rc == NGX_AGAIN) {
        ngx_add_timer(c->write, link->redis->timeout);
        return;
    }

    ngx_http_token_revoke_link_event(link, TRV_LINK_CONNECTED, NULL);
}


void
ngx_http_token_revoke_link_listen(ngx_http_token_revoke_link_t *link)
{
    ngx_connection_t  *c;

    c = link->connection;

    c->read->handler = ngx_http_token_revoke_link_read_handler;
    c->write->handler = ngx_http_token_revoke_link_write_handler;
}


/* idempotent */

static void
ngx_http_token_revoke_link_close(ngx_http_token_revoke_link_t *link)
{
    ngx_pool_t  *pool;

    if (link->connection) {
        ngx_http_token_revoke_link_unsecure(link);

        pool = link->connection->pool;

        ngx_close_connection(link->connection);
        link->connection = NULL;

        if (pool) {
            ngx_destroy_pool(pool);
        }
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


void
ngx_http_token_revoke_link_errno(ngx_http_token_revoke_link_t *link,
    const char *what, ngx_err_t err)
{
    u_char  *p, reason[NGX_HTTP_TOKEN_REVOKE_REASON];

    /*
     * Which of these it is depends on who was faster: taking turns in the log
     * they would look like something new at each attempt
     */

    if (err == NGX_ECONNRESET || err == NGX_EPIPE) {
        ngx_http_token_revoke_link_fail(link, "redis closed the connection");
        return;
    }

    p = ngx_snprintf(reason, sizeof(reason) - 1, "%s", what);

    if (err) {
        p = ngx_snprintf(p, reason + sizeof(reason) - 1 - p, " (%d: ", err);
        p = ngx_strerror(err, p, reason + sizeof(reason) - 2 - p);
        *p++ = ')';
    }

    *p = '\0';

    ngx_http_token_revoke_link_fail(link, (char *) reason);
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

    if (link->state == TRV_LINK_GREETING) {
        ngx_http_token_revoke_link_greeted(link);
        return;
    }

    link->owner->readable(link->data);
}
