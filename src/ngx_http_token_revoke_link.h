
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * One connection to Redis: an nginx connection with hiredis's formatter in
 * front and hiredis's reader behind.  The link opens it, greets, writes,
 * reads and closes, and connects again after a failure; its owner asks
 * questions and is told of answers.
 */


#ifndef _NGX_HTTP_TOKEN_REVOKE_LINK_H_INCLUDED_
#define _NGX_HTTP_TOKEN_REVOKE_LINK_H_INCLUDED_


#include "ngx_http_token_revoke.h"

#include "codec/trv_reader.h"
#include "core/trv_info.h"
#include "core/trv_link.h"
#include "core/trv_round.h"
#include "core/trv_url.h"


#pragma GCC visibility push(hidden)


/* how much is read and understood before anything else may run */

#define NGX_HTTP_TOKEN_REVOKE_PIECE   16384

/* a reason: short, printable, NUL-terminated */

#define NGX_HTTP_TOKEN_REVOKE_REASON  160


typedef struct ngx_http_token_revoke_link_s  ngx_http_token_revoke_link_t;
typedef struct ngx_http_token_revoke_sentinel_s
    ngx_http_token_revoke_sentinel_t;


/*
 * What the owner is told.  Each may close the link; the link itself stays,
 * it is a part of its owner.
 *
 *     ready      questions may be asked
 *     readable   bytes have come: call ..._link_fill() and ..._link_answer()
 *     failed     what was ready is closed, or all hosts were tried in vain;
 *                the next attempt is scheduled
 *     exiting    nginx closes idle connections: the worker is leaving
 *
 * It has not failed if link->moved is set: Redis sent us elsewhere (MOVED).
 */

typedef struct {
    void  (*ready)(void *data);
    void  (*readable)(void *data);
    void  (*failed)(void *data, const char *reason);
    void  (*exiting)(void *data);
} ngx_http_token_revoke_link_owner_t;


typedef enum {
    NGX_HTTP_TOKEN_REVOKE_WANT_ANY = 0,
    NGX_HTTP_TOKEN_REVOKE_WANT_MASTER
} ngx_http_token_revoke_want_e;


/* zero, but for what the owner sets: the first six */

struct ngx_http_token_revoke_link_s {
    ngx_http_token_revoke_redis_t             *redis;
    const ngx_http_token_revoke_link_owner_t  *owner;
    void                                      *data;
    trv_batch_t                               *batch;      /* borrowed */
    ngx_http_token_revoke_want_e               want;
    ngx_uint_t                                 curious;    /* ask for more */

    trv_link_state_t                           state;
    ngx_connection_t                          *connection;
    ngx_log_t                                  quiet;
    trv_reader_t                              *reader;
    ngx_buf_t                                  out;        /* malloc'ed */
    ngx_uint_t                                 asked;      /* not answered */
    off_t                                      received;   /* bytes */

    ngx_event_t                                retry;
    ngx_uint_t                                 attempts;   /* rounds */

    /* ..._link_target.c */

    trv_round_t                                round;
    ngx_http_token_revoke_host_t              *host;
    ngx_addr_t                                *addrs;      /* of the host */
    ngx_uint_t                                 naddrs;
    ngx_uint_t                                 addr;       /* the next one */
    ngx_pool_t                                *found;      /* of "addrs" */
    ngx_resolver_ctx_t                        *resolving;
    ngx_http_token_revoke_host_t               named;      /* by a Redis */
    u_char                                     name[TRV_URL_HOST_MAX + 3];

    ngx_http_token_revoke_sentinel_t          *sentinel;   /* malloc'ed */

    /* ..._link_hello.c: what is known of this server */

    trv_info_t                                 info;
    int64_t                                    skew;       /* its clock, ms */
    uint64_t                                   greeted;    /* wall clock, ms */
    ngx_uint_t                                 step;       /* of the greeting */

    /* ..._link_tls.c */

    u_char                    said[NGX_HTTP_TOKEN_REVOKE_REASON];

    unsigned                                   served:1;   /* was ready */
    unsigned                                   skewed:1;   /* skew is known */
    unsigned                                   named_ask:1;
    unsigned                                   asking:1;   /* each command */
    unsigned                                   excused:1;  /* ASKING answered */
    unsigned                                   moved:1;    /* no failure */
    unsigned                                   over:1;     /* all tried */
    unsigned                                   hurry:1;    /* do not wait */
    unsigned                                   auth:1;     /* a Sentinel, too */
};


void ngx_http_token_revoke_link_init(ngx_http_token_revoke_link_t *link,
    ngx_log_t *log);

/* connects now; a failure is told to the owner */

void ngx_http_token_revoke_link_open(ngx_http_token_revoke_link_t *link);

/* closes for good; the owner is not told */

void ngx_http_token_revoke_link_stop(ngx_http_token_revoke_link_t *link);

/*
 * Closes, tells the owner why, and connects again after a while.  With an
 * error of Redis that names another address (MOVED, ASK) it goes there.
 */

void ngx_http_token_revoke_link_fail(ngx_http_token_revoke_link_t *link,
    const char *reason);

/* the same, with the text of a system error behind what failed; 0: none */

void ngx_http_token_revoke_link_errno(ngx_http_token_revoke_link_t *link,
    const char *what, ngx_err_t err);

/*
 * The link works: what was asked was answered as it should be.  Without it
 * the next failure counts as one more of the same.
 */

void ngx_http_token_revoke_link_proved(ngx_http_token_revoke_link_t *link);

/*
 * Puts a command into the output.  "wait" is how long Redis may take on
 * purpose, milliseconds (a BLOCK, in the first command that was not answered
 * yet); its own time-out is added.  Returns NGX_OK, or NGX_ERROR: the link has
 * failed.
 */

ngx_int_t ngx_http_token_revoke_link_ask(ngx_http_token_revoke_link_t *link,
    trv_ask_t ask, int argc, const char **argv, const size_t *lens);
ngx_int_t ngx_http_token_revoke_link_flush(ngx_http_token_revoke_link_t *link,
    ngx_msec_t wait);

/*
 * Reads one piece from the socket.  NGX_OK: there may be answers; NGX_AGAIN:
 * nothing there, the owner will be told of more; NGX_ERROR: the link has failed
 * and the owner was told.
 */

ngx_int_t ngx_http_token_revoke_link_fill(ngx_http_token_revoke_link_t *link);

/*
 * The next answer to a question of the owner.  NGX_OK, NGX_AGAIN: more bytes
 * are needed; NGX_ERROR: the link has failed and the owner was told.
 */

ngx_int_t ngx_http_token_revoke_link_answer(ngx_http_token_revoke_link_t *link,
    trv_answer_t *answer);


/* where it is connected to, for logs; empty if it is not */

ngx_str_t ngx_http_token_revoke_link_address(
    ngx_http_token_revoke_link_t *link);

/*
 * Between the files of a link: ..._link.c, its life; ..._target.c, where it
 * goes; ..._tls.c, through what; ..._hello.c, what is said first; ..._io.c,
 * what goes through it.
 */

void ngx_http_token_revoke_link_event(ngx_http_token_revoke_link_t *link,
    trv_link_event_t event, const char *reason);

/* sends what is in the output; NGX_ERROR: the link has failed */

ngx_int_t ngx_http_token_revoke_link_send(ngx_http_token_revoke_link_t *link);

/* chooses link->addrs[link->addr], now or later: TRV_LINK_FOUND */

void ngx_http_token_revoke_link_find(ngx_http_token_revoke_link_t *link);

/* stops looking for an address */

void ngx_http_token_revoke_link_lose(ngx_http_token_revoke_link_t *link);

/* true if there is something to try before this round is over */

ngx_uint_t ngx_http_token_revoke_link_more(ngx_http_token_revoke_link_t *link);

/*
 * Writes the reason with the address in front of it, if there are several;
 * "buf" has room for NGX_HTTP_TOKEN_REVOKE_REASON bytes.
 */

void ngx_http_token_revoke_link_where(ngx_http_token_revoke_link_t *link,
    const char *reason, u_char *buf);

/* goes to link->named; and names it, 1: it was another one before */

void ngx_http_token_revoke_link_go(ngx_http_token_revoke_link_t *link);
ngx_uint_t ngx_http_token_revoke_link_call(ngx_http_token_revoke_link_t *link,
    trv_str_t host, uint16_t port);

/*
 * ..._sentinel.c: asks for the address of the master, and goes there; asks
 * again at intervals from now on, until ..._unwatch(); forgets about it
 */

void ngx_http_token_revoke_link_enquire(ngx_http_token_revoke_link_t *link);
void ngx_http_token_revoke_link_watch(ngx_http_token_revoke_link_t *link);
void ngx_http_token_revoke_link_unwatch(ngx_http_token_revoke_link_t *link);
void ngx_http_token_revoke_link_dismiss(ngx_http_token_revoke_link_t *link);

/*
 * Somebody named an address.  Returns 1 if it is the next one that is tried;
 * 0: an address was tried already in this round.
 */

ngx_uint_t ngx_http_token_revoke_link_name(ngx_http_token_revoke_link_t *link,
    trv_str_t host, uint16_t port);

/* the handshake, if there is one: TRV_LINK_SECURED, now or later */

void ngx_http_token_revoke_link_secure(ngx_http_token_revoke_link_t *link);

/* before the connection is closed */

void ngx_http_token_revoke_link_unsecure(ngx_http_token_revoke_link_t *link);

/* fails because send() or recv() did */

void ngx_http_token_revoke_link_broken(ngx_http_token_revoke_link_t *link,
    const char *what);

/* takes the events of the connection */

void ngx_http_token_revoke_link_listen(ngx_http_token_revoke_link_t *link);

void ngx_http_token_revoke_link_greet(ngx_http_token_revoke_link_t *link);
void ngx_http_token_revoke_link_greeted(ngx_http_token_revoke_link_t *link);


#pragma GCC visibility pop


#endif /* _NGX_HTTP_TOKEN_REVOKE_LINK_H_INCLUDED_ */
