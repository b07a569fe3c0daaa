
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Sets that exist already: what the files of token_revoke_query share.
 *
 *     ..._query_conf.c   the directive
 *     ..._query_value.c  its arguments, for one token
 *     ..._query.c        the questions of one request
 *     ..._query_ask.c    the questions of one worker to one Redis
 *     ..._query_link.c   and the answers
 *     ..._query_report.c what the operator is told of it
 *
 *     request                 worker, one for each Redis
 *
 *     asking                  asker
 *      +- question ---------> queued ----> ring ----> answered
 *      +- question                    |           |
 *                              end of the pass   answers, in order
 *
 * A request that goes takes its questions out of the queue, and leaves an
 * empty place in the ring: the answer that belongs there is read, and no more.
 */


#ifndef _NGX_HTTP_TOKEN_REVOKE_QUERY_H_INCLUDED_
#define _NGX_HTTP_TOKEN_REVOKE_QUERY_H_INCLUDED_


#include "ngx_http_token_revoke_link.h"

#include "core/trv_ring.h"


#pragma GCC visibility push(hidden)


/* words of one command, and bytes of them */

#define NGX_HTTP_TOKEN_REVOKE_QUERY_WORDS  64
#define NGX_HTTP_TOKEN_REVOKE_QUERY_BYTES  65536

/* questions of one request */

#define NGX_HTTP_TOKEN_REVOKE_QUESTIONS    256


/* a piece of a word: a variable, or, with index -1, its text */

typedef struct {
    ngx_int_t                          index;
    ngx_str_t                          text;
} ngx_http_token_revoke_part_t;


typedef struct {
    ngx_array_t                        parts;
    unsigned                           varies:1;   /* has a variable */
} ngx_http_token_revoke_phrase_t;


typedef struct ngx_http_token_revoke_asker_s  ngx_http_token_revoke_asker_t;


/* a Redis that is asked, as one cycle's configuration sees it */

typedef struct {
    ngx_http_token_revoke_redis_t     *redis;
    ngx_http_token_revoke_asker_t     *asker;      /* of this worker */
} ngx_http_token_revoke_asked_t;


struct ngx_http_token_revoke_query_s {
    ngx_http_token_revoke_asked_t     *asked;
    ngx_msec_t                         timeout;
    ngx_http_token_revoke_phrase_t    *words;
    ngx_uint_t                         nwords;
    ngx_str_t                          name;       /* SISMEMBER */
    ngx_str_t                          match;      /* query SISMEMBER */
};


typedef enum {
    NGX_HTTP_TOKEN_REVOKE_UNASKED = 0,
    NGX_HTTP_TOKEN_REVOKE_QUEUED,
    NGX_HTTP_TOKEN_REVOKE_ASKED,
    NGX_HTTP_TOKEN_REVOKE_OVER
} ngx_http_token_revoke_question_e;


typedef enum {
    NGX_HTTP_TOKEN_REVOKE_NO = 0,
    NGX_HTTP_TOKEN_REVOKE_YES,
    NGX_HTTP_TOKEN_REVOKE_UNKNOWN
} ngx_http_token_revoke_reply_e;


/* lives in the pool of its request */

typedef struct {
    ngx_queue_t                        queue;      /* while it is queued */
    ngx_http_token_revoke_ctx_t       *ctx;
    ngx_http_token_revoke_query_t     *query;
    ngx_http_token_revoke_question_e   state;
    uint64_t                           number;     /* of its place, asked */
    ngx_msec_t                         deadline;
    trv_str_t                          token;
    ngx_str_t                          source;     /* of the token */
    ngx_str_t                         *words;
} ngx_http_token_revoke_question_t;


struct ngx_http_token_revoke_asking_s {
    ngx_http_token_revoke_loc_conf_t  *conf;       /* that it was begun for */
    ngx_http_token_revoke_question_t  *questions;
    ngx_http_token_revoke_question_t  *yes;        /* the first one */
    ngx_uint_t                         n;
    ngx_uint_t                         pending;
    unsigned                           failed:1;   /* no answer */
    unsigned                           malformed:1;
};


struct ngx_http_token_revoke_asker_s {
    ngx_http_token_revoke_redis_t     *redis;
    ngx_http_token_revoke_link_t       link;

    ngx_queue_t                        queued;
    ngx_uint_t                         nqueued;
    trv_ring_t                         ring;       /* malloc'ed */
    ngx_uint_t                         waiting;    /* of the ring */

    ngx_event_t                        turn;       /* posted: send */
    ngx_event_t                        more;       /* posted: read on */
    ngx_msec_t                         ready;      /* since when */

    time_t                             told;       /* of a failure, last */

    unsigned                           down:1;     /* nobody waits */
    unsigned                           lost:1;     /* the operator knows */
    unsigned                           idle:1;     /* closed for idleness */
};


/* _query_value.c */

ngx_int_t ngx_http_token_revoke_query_compile(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_token_revoke_phrase_t *word);

/*
 * The words for the token of the context.  NGX_OK; NGX_DECLINED: a variable is
 * empty, the question does not apply; NGX_ABORT: one cannot be read, or is too
 * long; NGX_ERROR: no memory.  They live as long as the request.
 */

ngx_int_t ngx_http_token_revoke_query_evaluate(
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_query_t *query,
    ngx_str_t *words);

/*
 * _query_ask.c: queues the question, to be sent at the end of this pass.
 * NGX_DECLINED: Redis cannot be asked now.  Nothing is answered before it
 * returns, and all that is queued is answered, if only by "unknown", unless
 * it is dropped.
 */

ngx_int_t ngx_http_token_revoke_query_ask(
    ngx_http_token_revoke_question_t *question);

/* the request is gone, or waits no longer; idempotent */

void ngx_http_token_revoke_query_drop(
    ngx_http_token_revoke_question_t *question);

/* closes the link; idempotent, and a question that still comes opens it */

void ngx_http_token_revoke_query_shut(ngx_http_token_revoke_asker_t *asker);

/*
 * _query_link.c: what the link tells; the event that reads on; and whoever
 * waits is told that there will be no answer
 */

extern const ngx_http_token_revoke_link_owner_t
    ngx_http_token_revoke_query_owner;

void ngx_http_token_revoke_query_more(ngx_event_t *ev);
void ngx_http_token_revoke_query_give_up(
    ngx_http_token_revoke_asker_t *asker);

/*
 * _query.c: an answer, or that there is none; the question is neither queued
 * nor in the ring now
 */

void ngx_http_token_revoke_query_answered(
    ngx_http_token_revoke_question_t *question,
    ngx_http_token_revoke_reply_e reply);
void ngx_http_token_revoke_query_unknown(
    ngx_http_token_revoke_question_t *question);

/* _query_report.c */

void ngx_http_token_revoke_query_lost(ngx_http_token_revoke_asker_t *asker,
    const char *reason);
void ngx_http_token_revoke_query_again(ngx_http_token_revoke_asker_t *asker);

/* a question that failed alone, while others may be answered */

void ngx_http_token_revoke_query_failed(ngx_http_token_revoke_asker_t *asker,
    ngx_http_token_revoke_query_t *query, const char *reason);


#pragma GCC visibility pop


#endif /* _NGX_HTTP_TOKEN_REVOKE_QUERY_H_INCLUDED_ */
