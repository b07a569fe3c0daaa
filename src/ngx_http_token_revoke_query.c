
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The questions of one request: for each of its tokens, each query of the
 * location.
 */


#include "ngx_http_token_revoke_query.h"


static ngx_int_t ngx_http_token_revoke_query_begin(
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found);
static ngx_int_t ngx_http_token_revoke_query_token(
    ngx_http_token_revoke_ctx_t *ctx, ngx_array_t *queries);
static ngx_int_t ngx_http_token_revoke_query_add(
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_query_t *query);
static ngx_uint_t ngx_http_token_revoke_query_known(
    ngx_http_token_revoke_asking_t *asking,
    ngx_http_token_revoke_query_t *query, ngx_str_t *words);
static void ngx_http_token_revoke_query_send(
    ngx_http_token_revoke_asking_t *asking);
static void ngx_http_token_revoke_query_late(
    ngx_http_token_revoke_asking_t *asking, ngx_msec_t *left);
static void ngx_http_token_revoke_query_show(
    ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_question_t *question);


/*
 * The first call asks, the others look at what was answered; between them is
 * nothing but waiting, so the tokens are the same.  The token that is shown
 * stays what it was, unless Redis says that another one is revoked.
 */

ngx_int_t
ngx_http_token_revoke_query_look(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_loc_conf_t *trlcf, trv_candidates_t *found,
    trv_verdict_t *verdict, ngx_msec_t *left)
{
    ngx_str_t                        source;
    trv_str_t                        token;
    ngx_uint_t                       deny;
    ngx_http_token_revoke_asking_t  *asking;

    deny = (trlcf->on_error == NGX_HTTP_TOKEN_REVOKE_DENY);

    /* one that failed while it waited has been sent to an error page */

    if (ctx->asking && ctx->asking->conf != trlcf) {
        ngx_http_token_revoke_query_forget(ctx);
    }

    if (ctx->asking == NULL) {
        token = ctx->token;
        source = ctx->source;

        if (ngx_http_token_revoke_query_begin(ctx, trlcf, found) != NGX_OK) {
            return NGX_ERROR;
        }

        ctx->token = token;
        ctx->source = source;
        ctx->identified = 0;

        if (!ctx->asking->malformed || !deny) {
            ngx_http_token_revoke_query_send(ctx->asking);
        }
    }

    asking = ctx->asking;

    ngx_http_token_revoke_query_late(asking, left);

    *verdict = TRV_VERDICT_PASS;

    if (asking->yes) {
        ngx_http_token_revoke_query_show(ctx, asking->yes);
        *verdict = TRV_VERDICT_REVOKED;
    }

    if (asking->malformed) {
        *verdict = trv_decide_both(*verdict, TRV_VERDICT_MALFORMED, deny);
    }

    if (asking->failed) {
        *verdict = trv_decide_both(*verdict, TRV_VERDICT_UNAVAILABLE, deny);
    }

    if (asking->pending) {
        *verdict = trv_decide_both(*verdict, TRV_VERDICT_WAIT, deny);
    }

    return NGX_OK;
}


void
ngx_http_token_revoke_query_crowded(ngx_http_token_revoke_ctx_t *ctx)
{
    ngx_http_token_revoke_query_t  *query;

    if (ctx->asking && ctx->asking->pending) {
        query = ctx->asking->questions[0].query;

        ngx_http_token_revoke_query_failed(query->asked->asker, query,
                                           "too many requests wait");
    }
}


/* also from the cleanup of a request whose client has gone; idempotent */

void
ngx_http_token_revoke_query_forget(ngx_http_token_revoke_ctx_t *ctx)
{
    ngx_uint_t  i;

    if (ctx->asking == NULL) {
        return;
    }

    for (i = 0; i < ctx->asking->n; i++) {
        ngx_http_token_revoke_query_drop(&ctx->asking->questions[i]);
    }

    ctx->asking = NULL;
}


/*
 * All words of all questions, before the first one is sent.  A map of a claim
 * would be remembered for the request, and answer for the next token with the
 * claim of this one: all variables are put back to what they were.
 */

static ngx_int_t
ngx_http_token_revoke_query_begin(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_loc_conf_t *trlcf, trv_candidates_t *found)
{
    size_t                           size;
    ngx_int_t                        rc;
    ngx_uint_t                       i, n;
    ngx_http_request_t              *r;
    ngx_http_core_main_conf_t       *cmcf;
    ngx_http_variable_value_t       *saved;
    ngx_http_token_revoke_asking_t  *asking;
    ngx_http_token_revoke_source_t  *source;

    r = ctx->request;
    source = trlcf->sources->elts;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    size = cmcf->variables.nelts * sizeof(ngx_http_variable_value_t);

    saved = ngx_palloc(r->pool, size);
    asking = ngx_pcalloc(r->pool, sizeof(ngx_http_token_revoke_asking_t));

    if (saved == NULL || asking == NULL) {
        return NGX_ERROR;
    }

    ctx->asking = asking;
    asking->conf = trlcf;

    n = ngx_min(found->n * trlcf->queries->nelts,
                NGX_HTTP_TOKEN_REVOKE_QUESTIONS);

    asking->questions = ngx_palloc(r->pool,
                                 n * sizeof(ngx_http_token_revoke_question_t));
    if (asking->questions == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(saved, r->variables, size);

    rc = NGX_OK;

    for (i = 0; i < found->n && rc == NGX_OK; i++) {

        ctx->token = found->item[i].value;
        ctx->source = source[found->item[i].source].text;
        ctx->identified = 0;

        rc = ngx_http_token_revoke_query_token(ctx, trlcf->queries);

        ngx_memcpy(r->variables, saved, size);
    }

    return rc;
}


static ngx_int_t
ngx_http_token_revoke_query_token(ngx_http_token_revoke_ctx_t *ctx,
    ngx_array_t *queries)
{
    ngx_int_t                       rc;
    ngx_uint_t                      i;
    ngx_http_token_revoke_query_t  *query;

    query = queries->elts;

    for (i = 0; i < queries->nelts; i++) {
        rc = ngx_http_token_revoke_query_add(ctx, &query[i]);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_ABORT) {
            ctx->asking->malformed = 1;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_token_revoke_query_add(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_query_t *query)
{
    ngx_int_t                          rc;
    ngx_str_t                         *words;
    ngx_http_token_revoke_asking_t    *asking;
    ngx_http_token_revoke_question_t  *question;

    asking = ctx->asking;

    words = ngx_palloc(ctx->request->pool, query->nwords * sizeof(ngx_str_t));
    if (words == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_token_revoke_query_evaluate(ctx, query, words);

    if (rc != NGX_OK) {
        return rc;
    }

    /* two readings of a token may make one question */

    if (ngx_http_token_revoke_query_known(asking, query, words)) {
        return NGX_OK;
    }

    if (asking->n == NGX_HTTP_TOKEN_REVOKE_QUESTIONS) {
        return NGX_ABORT;
    }

    question = &asking->questions[asking->n++];

    question->ctx = ctx;
    question->query = query;
    question->state = NGX_HTTP_TOKEN_REVOKE_UNASKED;
    question->token = ctx->token;
    question->source = ctx->source;
    question->words = words;

    return NGX_OK;
}


static ngx_uint_t
ngx_http_token_revoke_query_known(ngx_http_token_revoke_asking_t *asking,
    ngx_http_token_revoke_query_t *query, ngx_str_t *words)
{
    ngx_str_t   *known;
    ngx_uint_t   i, k;

    for (i = 0; i < asking->n; i++) {

        if (asking->questions[i].query != query) {
            continue;
        }

        known = asking->questions[i].words;

        for (k = 0; k < query->nwords; k++) {
            if (known[k].len != words[k].len
                || ngx_memcmp(known[k].data, words[k].data, words[k].len) != 0)
            {
                break;
            }
        }

        if (k == query->nwords) {
            return 1;
        }
    }

    return 0;
}


static void
ngx_http_token_revoke_query_send(ngx_http_token_revoke_asking_t *asking)
{
    ngx_uint_t                         i;
    ngx_http_token_revoke_question_t  *question;

    for (i = 0; i < asking->n; i++) {
        question = &asking->questions[i];

        question->deadline = ngx_current_msec + question->query->timeout;

        if (ngx_http_token_revoke_query_ask(question) == NGX_OK) {
            asking->pending++;

        } else {
            asking->failed = 1;
        }
    }
}


/* milliseconds until the next question is late; those that are have failed */

static void
ngx_http_token_revoke_query_late(ngx_http_token_revoke_asking_t *asking,
    ngx_msec_t *left)
{
    ngx_uint_t                         i;
    ngx_msec_int_t                     ms;
    ngx_http_token_revoke_question_t  *question;

    *left = (ngx_msec_t) -1;

    for (i = 0; i < asking->n; i++) {
        question = &asking->questions[i];

        if (question->state != NGX_HTTP_TOKEN_REVOKE_QUEUED
            && question->state != NGX_HTTP_TOKEN_REVOKE_ASKED)
        {
            continue;
        }

        ms = (ngx_msec_int_t) (question->deadline - ngx_current_msec);

        if (ms > 0) {
            *left = ngx_min(*left, (ngx_msec_t) ms);
            continue;
        }

        ngx_http_token_revoke_query_failed(question->query->asked->asker,
                                           question->query,
                                           "redis did not answer in time");

        ngx_http_token_revoke_query_drop(question);

        asking->pending--;
        asking->failed = 1;
    }
}


static void
ngx_http_token_revoke_query_show(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_question_t *question)
{
    ctx->token = question->token;
    ctx->source = question->source;
    ctx->match = question->query->match;
    ctx->query = question->query;
    ctx->identified = 0;
}


/* the first yes, or the last answer, decides; nothing of it runs in here */

void
ngx_http_token_revoke_query_answered(
    ngx_http_token_revoke_question_t *question,
    ngx_http_token_revoke_reply_e reply)
{
    ngx_http_token_revoke_ctx_t     *ctx;
    ngx_http_token_revoke_asking_t  *asking;

    ctx = question->ctx;
    asking = ctx->asking;

    question->state = NGX_HTTP_TOKEN_REVOKE_OVER;
    asking->pending--;

    if (reply == NGX_HTTP_TOKEN_REVOKE_UNKNOWN) {
        asking->failed = 1;
    }

    if (reply == NGX_HTTP_TOKEN_REVOKE_YES && asking->yes == NULL) {
        asking->yes = question;
    }

    if (asking->pending == 0 || asking->yes) {
        ngx_http_token_revoke_wait_wake(ctx);
    }
}


void
ngx_http_token_revoke_query_unknown(
    ngx_http_token_revoke_question_t *question)
{
    ngx_http_token_revoke_query_answered(question,
                                         NGX_HTTP_TOKEN_REVOKE_UNKNOWN);
}
