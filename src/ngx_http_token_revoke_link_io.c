
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What goes through a link: commands out, answers in.
 */


#include "ngx_http_token_revoke_link.h"

#include <hiredis/hiredis.h>


static ngx_int_t ngx_http_token_revoke_link_asking(
    ngx_http_token_revoke_link_t *link);
static ngx_int_t ngx_http_token_revoke_link_out(
    ngx_http_token_revoke_link_t *link, const u_char *data, size_t len);


ngx_int_t
ngx_http_token_revoke_link_ask(ngx_http_token_revoke_link_t *link,
    trv_ask_t ask, int argc, const char **argv, const size_t *lens)
{
    char       *command;
    int         len;
    ngx_int_t   rc;

    if (link->asking && link->state == TRV_LINK_READY
        && ngx_http_token_revoke_link_asking(link) != NGX_OK)
    {
        return NGX_ERROR;
    }

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

    link->asked++;

    return NGX_OK;
}


/* a slot that is on its way: each command for it is announced */

static ngx_int_t
ngx_http_token_revoke_link_asking(ngx_http_token_revoke_link_t *link)
{
    static const u_char  asking[] = "*1\r\n$6\r\nASKING\r\n";

    if (ngx_http_token_revoke_link_out(link, asking, sizeof(asking) - 1)
        != NGX_OK
        || trv_reader_expect(link->reader, TRV_ASK_ANY) != TRV_OK)
    {
        ngx_http_token_revoke_link_fail(link, "no memory");
        return NGX_ERROR;
    }

    link->asked++;

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
    ngx_event_t  *rev;

    if (ngx_http_token_revoke_link_send(link) != NGX_OK) {
        return NGX_ERROR;
    }

    rev = link->connection->read;

    /* one question more is no reason to wait longer for the others */

    if (wait && rev->timer_set) {
        ngx_del_timer(rev);
    }

    if (!rev->timer_set) {
        ngx_add_timer(rev, wait + link->redis->timeout);
    }

    if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        ngx_http_token_revoke_link_fail(link, "no event for reading");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
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
            ngx_http_token_revoke_link_broken(link, "send() failed");
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
    trv_rc_t           rc;
    ngx_connection_t  *c;
    u_char             piece[NGX_HTTP_TOKEN_REVOKE_PIECE];

    c = link->connection;

    n = c->recv(c, piece, sizeof(piece));

    if (n == NGX_AGAIN) {

        if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
            ngx_http_token_revoke_link_fail(link, "no event for reading");
            return NGX_ERROR;
        }

        return NGX_AGAIN;
    }

    if (n == 0) {
        ngx_http_token_revoke_link_fail(link, "redis closed the connection");
        return NGX_ERROR;
    }

    if (n < 0) {
        ngx_http_token_revoke_link_broken(link, "recv() failed");
        return NGX_ERROR;
    }

    link->received += n;

    /*
     * A slow answer is an answer: the time-out is between two pieces of it.
     * A timer that is set is not moved by less than 300 ms, so it is deleted
     */

    if (c->read->timer_set) {
        ngx_del_timer(c->read);
        ngx_add_timer(c->read, link->redis->timeout);
    }

    rc = trv_reader_feed(link->reader, piece, n);

    if (rc != TRV_OK) {
        ngx_http_token_revoke_link_fail(link, rc == TRV_NOMEM ? "no memory"
                                                              : "not a redis");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_token_revoke_link_answer(ngx_http_token_revoke_link_t *link,
    trv_answer_t *answer)
{
    trv_rc_t      rc;
    ngx_event_t  *rev;

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

        rev = link->connection->read;

        if (--link->asked == 0 && rev->timer_set) {
            ngx_del_timer(rev);
        }

        if (!link->asking || link->state != TRV_LINK_READY) {
            return NGX_OK;
        }

        /* every other answer is that to ASKING: what it says, the next does */

        link->excused = !link->excused;

        if (!link->excused) {
            return NGX_OK;
        }
    }
}
