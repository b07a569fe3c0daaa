
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The questions of one worker to one Redis, over one link: all that requests
 * want to know in a pass of the event loop is sent at its end.
 */


#include "ngx_http_token_revoke_query.h"


/* questions without an answer; while a slot moves each of them counts twice */

#define NGX_HTTP_TOKEN_REVOKE_QUERY_RING  (TRV_READER_ASKS / 2)

/* bytes that Redis has not taken yet */

#define NGX_HTTP_TOKEN_REVOKE_QUERY_OUT   (8 * 1024 * 1024)


static ngx_int_t ngx_http_token_revoke_query_room(
    ngx_http_token_revoke_asker_t *asker);
static void ngx_http_token_revoke_query_turn(ngx_event_t *ev);
static const char *ngx_http_token_revoke_query_hopeless(
    ngx_http_token_revoke_asker_t *asker,
    ngx_http_token_revoke_question_t *question);
static ngx_int_t ngx_http_token_revoke_query_put(
    ngx_http_token_revoke_asker_t *asker,
    ngx_http_token_revoke_question_t *question);


ngx_int_t
ngx_http_token_revoke_query_start(ngx_array_t *all, ngx_cycle_t *cycle)
{
    ngx_uint_t                       i;
    ngx_http_token_revoke_asker_t   *asker;
    ngx_http_token_revoke_asked_t  **asked;

    asked = all->elts;

    for (i = 0; i < all->nelts; i++) {
        asker = ngx_pcalloc(cycle->pool,
                            sizeof(ngx_http_token_revoke_asker_t));
        if (asker == NULL) {
            return NGX_ERROR;
        }

        asked[i]->asker = asker;

        asker->redis = asked[i]->redis;

        ngx_queue_init(&asker->queued);

        asker->link.redis = asker->redis;
        asker->link.owner = &ngx_http_token_revoke_query_owner;
        asker->link.data = asker;

        ngx_http_token_revoke_link_init(&asker->link, cycle->log);

        asker->turn.data = asker;
        asker->turn.log = cycle->log;
        asker->turn.handler = ngx_http_token_revoke_query_turn;

        asker->more.data = asker;
        asker->more.log = cycle->log;
        asker->more.handler = ngx_http_token_revoke_query_more;

        /* the link is opened before the first request comes */

        ngx_post_event(&asker->turn, &ngx_posted_next_events);
    }

    return NGX_OK;
}


void
ngx_http_token_revoke_query_shut(ngx_http_token_revoke_asker_t *asker)
{
    ngx_http_token_revoke_link_stop(&asker->link);

    if (asker->turn.posted) {
        ngx_delete_posted_event(&asker->turn);
    }

    if (asker->more.posted) {
        ngx_delete_posted_event(&asker->more);
    }

    ngx_http_token_revoke_query_give_up(asker);

    ngx_free(asker->ring.slot);
    ngx_memzero(&asker->ring, sizeof(trv_ring_t));

    asker->down = 0;
    asker->idle = 0;
}


void
ngx_http_token_revoke_query_stop(ngx_array_t *all)
{
    ngx_uint_t                       i;
    ngx_http_token_revoke_asked_t  **asked;

    asked = all->elts;

    for (i = 0; i < all->nelts; i++) {
        if (asked[i]->asker) {
            ngx_http_token_revoke_query_shut(asked[i]->asker);
        }
    }
}


ngx_int_t
ngx_http_token_revoke_query_ask(ngx_http_token_revoke_question_t *question)
{
    ngx_http_token_revoke_asker_t  *asker;

    asker = question->query->asked->asker;

    if (asker->down) {
        return NGX_DECLINED;
    }

    if (trv_ring_count(&asker->ring) + asker->nqueued
        >= NGX_HTTP_TOKEN_REVOKE_QUERY_RING)
    {
        ngx_http_token_revoke_query_failed(asker, question->query,
                                           "too many questions are open");
        return NGX_DECLINED;
    }

    question->state = NGX_HTTP_TOKEN_REVOKE_QUEUED;

    ngx_queue_insert_tail(&asker->queued, &question->queue);
    asker->nqueued++;

    ngx_post_event(&asker->turn, &ngx_posted_events);

    return NGX_OK;
}


void
ngx_http_token_revoke_query_drop(ngx_http_token_revoke_question_t *question)
{
    ngx_http_token_revoke_asker_t  *asker;

    asker = question->query->asked->asker;

    switch (question->state) {

    case NGX_HTTP_TOKEN_REVOKE_QUEUED:
        ngx_queue_remove(&question->queue);
        asker->nqueued--;
        break;

    case NGX_HTTP_TOKEN_REVOKE_ASKED:
        trv_ring_leave(&asker->ring, question->number);
        asker->waiting--;
        break;

    default:
        return;
    }

    question->state = NGX_HTTP_TOKEN_REVOKE_OVER;
}


static void
ngx_http_token_revoke_query_turn(ngx_event_t *ev)
{
    const char                        *reason;
    ngx_queue_t                       *q;
    ngx_http_token_revoke_link_t      *link;
    ngx_http_token_revoke_asker_t     *asker;
    ngx_http_token_revoke_question_t  *question;

    asker = ev->data;
    link = &asker->link;

    if (link->state != TRV_LINK_READY) {

        if (link->state == TRV_LINK_DOWN && !link->retry.timer_set) {
            ngx_http_token_revoke_link_open(link);
        }

        return;
    }

    if (ngx_queue_empty(&asker->queued)) {
        return;
    }

    while (!ngx_queue_empty(&asker->queued)) {
        q = ngx_queue_head(&asker->queued);
        question = ngx_queue_data(q, ngx_http_token_revoke_question_t, queue);

        ngx_queue_remove(q);
        asker->nqueued--;

        reason = ngx_http_token_revoke_query_hopeless(asker, question);

        if (reason) {
            ngx_http_token_revoke_query_failed(asker, question->query, reason);
            ngx_http_token_revoke_query_unknown(question);
            continue;
        }

        if (ngx_http_token_revoke_query_put(asker, question) != NGX_OK) {
            return;
        }
    }

    if (link->out.pos != link->out.last) {
        (void) ngx_http_token_revoke_link_flush(link, 0);
    }
}


/*
 * Why a question would not be answered in time.  If the oldest one has waited
 * for so long, a new one would, too; unless its answer is here, and not read.
 */

static const char *
ngx_http_token_revoke_query_hopeless(ngx_http_token_revoke_asker_t *asker,
    ngx_http_token_revoke_question_t *question)
{
    ngx_buf_t              *out;
    const trv_ring_slot_t  *oldest;

    oldest = trv_ring_peek(&asker->ring);

    if (oldest && !asker->more.posted
        && ngx_current_msec - (ngx_msec_t) oldest->at
        >= question->query->timeout)
    {
        return "redis does not answer in time";
    }

    out = &asker->link.out;

    if (out->last - out->pos > NGX_HTTP_TOKEN_REVOKE_QUERY_OUT) {
        return "redis does not read what it is asked";
    }

    if (ngx_http_token_revoke_query_room(asker) != NGX_OK) {
        return "no memory";
    }

    return NULL;
}


static ngx_int_t
ngx_http_token_revoke_query_room(ngx_http_token_revoke_asker_t *asker)
{
    uint64_t          size;
    trv_ring_slot_t  *slot;

    if (!trv_ring_full(&asker->ring)) {
        return NGX_OK;
    }

    size = asker->ring.size ? asker->ring.size * 2 : 64;

    slot = ngx_alloc(size * sizeof(trv_ring_slot_t), &asker->link.quiet);
    if (slot == NULL) {
        return NGX_ERROR;
    }

    slot = trv_ring_move(&asker->ring, slot, size);

    if (slot) {
        ngx_free(slot);
    }

    return NGX_OK;
}


/* in the ring first: if the link fails now, it is answered with the others */

static ngx_int_t
ngx_http_token_revoke_query_put(ngx_http_token_revoke_asker_t *asker,
    ngx_http_token_revoke_question_t *question)
{
    size_t       lens[NGX_HTTP_TOKEN_REVOKE_QUERY_WORDS];
    ngx_uint_t   i, n;
    const char  *argv[NGX_HTTP_TOKEN_REVOKE_QUERY_WORDS];

    n = question->query->nwords;

    for (i = 0; i < n; i++) {
        argv[i] = (const char *) question->words[i].data;
        lens[i] = question->words[i].len;
    }

    question->state = NGX_HTTP_TOKEN_REVOKE_ASKED;
    question->number = trv_ring_push(&asker->ring, question, ngx_current_msec);
    asker->waiting++;

    return ngx_http_token_revoke_link_ask(&asker->link, TRV_ASK_YESNO, n, argv,
                                          lens);
}
