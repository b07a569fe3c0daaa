
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The answers to the questions of one worker, in the order of the questions,
 * and what becomes of those that have none.
 */


#include "ngx_http_token_revoke_query.h"


/* pieces of answers that are read before anything else may run */

#define NGX_HTTP_TOKEN_REVOKE_QUERY_PIECES  4

/* milliseconds: a connection that was of use for so long is missed */

#define NGX_HTTP_TOKEN_REVOKE_QUERY_USEFUL  1000


static void ngx_http_token_revoke_query_ready(void *data);
static void ngx_http_token_revoke_query_readable(void *data);
static ngx_int_t ngx_http_token_revoke_query_fill(
    ngx_http_token_revoke_asker_t *asker);
static void ngx_http_token_revoke_query_take(
    ngx_http_token_revoke_asker_t *asker, trv_answer_t *answer);
static void ngx_http_token_revoke_query_link_failed(void *data,
    const char *reason);
static void ngx_http_token_revoke_query_requeue(
    ngx_http_token_revoke_asker_t *asker);
static void ngx_http_token_revoke_query_exiting(void *data);


const ngx_http_token_revoke_link_owner_t
    ngx_http_token_revoke_query_owner =
{
    ngx_http_token_revoke_query_ready,
    ngx_http_token_revoke_query_readable,
    ngx_http_token_revoke_query_link_failed,
    ngx_http_token_revoke_query_exiting
};


static void
ngx_http_token_revoke_query_ready(void *data)
{
    ngx_http_token_revoke_asker_t *asker = data;

    asker->down = 0;
    asker->idle = 0;
    asker->ready = ngx_current_msec;

    ngx_http_token_revoke_query_again(asker);

    ngx_post_event(&asker->turn, &ngx_posted_events);
}


void
ngx_http_token_revoke_query_more(ngx_event_t *ev)
{
    ngx_http_token_revoke_asker_t  *asker;

    asker = ev->data;

    if (asker->link.state == TRV_LINK_READY) {
        ngx_http_token_revoke_query_readable(asker);
    }
}


static void
ngx_http_token_revoke_query_readable(void *data)
{
    ngx_http_token_revoke_asker_t *asker = data;

    ngx_int_t     rc;
    ngx_uint_t    n;
    trv_answer_t  answer;

    n = 0;

    while (n < NGX_HTTP_TOKEN_REVOKE_QUERY_PIECES) {
        rc = ngx_http_token_revoke_link_answer(&asker->link, &answer);

        if (rc == NGX_OK) {
            ngx_http_token_revoke_query_take(asker, &answer);
            rc = asker->link.state == TRV_LINK_READY ? NGX_OK : NGX_ERROR;

        } else if (rc == NGX_AGAIN) {
            rc = ngx_http_token_revoke_query_fill(asker);
            n++;
        }

        if (rc == NGX_AGAIN && ngx_exiting && asker->waiting == 0
            && asker->nqueued == 0)
        {
            ngx_http_token_revoke_query_shut(asker);
        }

        if (rc != NGX_OK) {
            return;
        }
    }

    ngx_post_event(&asker->more, &ngx_posted_next_events);
}


/*
 * A Redis may close connections that nobody uses ("timeout" of redis.conf):
 * that is no failure, and is not waited after.
 */

static ngx_int_t
ngx_http_token_revoke_query_fill(ngx_http_token_revoke_asker_t *asker)
{
    ngx_int_t  rc;

    if (trv_ring_count(&asker->ring) == 0
        && ngx_current_msec - asker->ready
        >= NGX_HTTP_TOKEN_REVOKE_QUERY_USEFUL)
    {
        asker->idle = 1;
        asker->link.hurry = 1;
    }

    rc = ngx_http_token_revoke_link_fill(&asker->link);

    if (rc != NGX_ERROR) {
        asker->idle = 0;
        asker->link.hurry = 0;
    }

    return rc;
}


/* a redirection is one of the link: all questions go to the other Redis */

static void
ngx_http_token_revoke_query_take(ngx_http_token_revoke_asker_t *asker,
    trv_answer_t *answer)
{
    ngx_http_token_revoke_reply_e      reply;
    ngx_http_token_revoke_question_t  *question;

    if (answer->type == TRV_ANSWER_ERROR
        && (ngx_strncmp(answer->error, "MOVED ", 6) == 0
            || ngx_strncmp(answer->error, "ASK ", 4) == 0))
    {
        ngx_http_token_revoke_link_fail(&asker->link, answer->error);
        return;
    }

    question = trv_ring_peek(&asker->ring)->who;
    trv_ring_pop(&asker->ring);

    if (answer->type == TRV_ANSWER_OK) {
        ngx_http_token_revoke_link_proved(&asker->link);
    }

    if (question == NULL) {
        return;
    }

    asker->waiting--;

    reply = answer->type != TRV_ANSWER_OK ? NGX_HTTP_TOKEN_REVOKE_UNKNOWN
            : answer->yes ? NGX_HTTP_TOKEN_REVOKE_YES
            : NGX_HTTP_TOKEN_REVOKE_NO;

    if (reply == NGX_HTTP_TOKEN_REVOKE_UNKNOWN) {
        ngx_http_token_revoke_query_failed(asker, question->query,
                                           answer->error);
    }

    ngx_http_token_revoke_query_answered(question, reply);
}


static void
ngx_http_token_revoke_query_link_failed(void *data, const char *reason)
{
    ngx_http_token_revoke_asker_t *asker = data;

    if (asker->more.posted) {
        ngx_delete_posted_event(&asker->more);
    }

    if (asker->link.moved) {
        ngx_http_token_revoke_query_requeue(asker);
        return;
    }

    if (asker->idle) {
        asker->idle = 0;
        return;
    }

    if (!asker->down) {
        asker->down = 1;
        ngx_http_token_revoke_query_lost(asker, reason);
    }

    ngx_http_token_revoke_query_give_up(asker);
}


/* in front of those that were not sent yet, in their order */

static void
ngx_http_token_revoke_query_requeue(ngx_http_token_revoke_asker_t *asker)
{
    ngx_queue_t                        sent;
    ngx_http_token_revoke_question_t  *question;

    ngx_queue_init(&sent);

    while (trv_ring_count(&asker->ring)) {
        question = trv_ring_peek(&asker->ring)->who;
        trv_ring_pop(&asker->ring);

        if (question) {
            question->state = NGX_HTTP_TOKEN_REVOKE_QUEUED;
            ngx_queue_insert_tail(&sent, &question->queue);
            asker->nqueued++;
            asker->waiting--;
        }
    }

    if (!ngx_queue_empty(&asker->queued)) {
        ngx_queue_add(&sent, &asker->queued);
        ngx_queue_init(&asker->queued);
    }

    if (!ngx_queue_empty(&sent)) {
        ngx_queue_add(&asker->queued, &sent);
    }
}


void
ngx_http_token_revoke_query_give_up(ngx_http_token_revoke_asker_t *asker)
{
    ngx_queue_t                       *q;
    ngx_http_token_revoke_question_t  *question;

    ngx_http_token_revoke_query_requeue(asker);

    while (!ngx_queue_empty(&asker->queued)) {
        q = ngx_queue_head(&asker->queued);
        question = ngx_queue_data(q, ngx_http_token_revoke_question_t, queue);

        ngx_queue_remove(q);
        asker->nqueued--;

        ngx_http_token_revoke_query_unknown(question);
    }
}


/* a worker that leaves answers first who waits */

static void
ngx_http_token_revoke_query_exiting(void *data)
{
    ngx_http_token_revoke_asker_t *asker = data;

    if (asker->waiting == 0 && asker->nqueued == 0) {
        ngx_http_token_revoke_query_shut(asker);
        return;
    }

    if (asker->link.connection) {
        asker->link.connection->close = 0;
        return;
    }

    ngx_http_token_revoke_link_open(&asker->link);
}
