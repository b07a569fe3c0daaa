
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The work of a follower, in turns: what is next is applied, understood or
 * read, as much as fits into a turn's time.  What is left goes on in the next
 * pass of the event loop, since an edge-triggered read is not reported again.
 */


#include "ngx_http_token_revoke_follow.h"


/* a turn takes about so long, nanoseconds */

#define NGX_HTTP_TOKEN_REVOKE_TURN  500000


static ngx_int_t ngx_http_token_revoke_turn_work(
    ngx_http_token_revoke_follower_t *follower);
static uint64_t ngx_http_token_revoke_turn_clock(void);


void
ngx_http_token_revoke_turn(void *data)
{
    ngx_http_token_revoke_follower_t *follower = data;

    uint64_t   end;
    ngx_int_t  rc;

    end = ngx_http_token_revoke_turn_clock() + NGX_HTTP_TOKEN_REVOKE_TURN;

    if (ngx_http_token_revoke_candidate_left(follower)) {
        return;
    }

    do {
        rc = ngx_http_token_revoke_turn_work(follower);

        if (rc != NGX_OK) {
            return;
        }

    } while (ngx_http_token_revoke_turn_clock() < end);

    ngx_post_event(&follower->turn, &ngx_posted_next_events);
}


void
ngx_http_token_revoke_turn_handler(ngx_event_t *ev)
{
    ngx_http_token_revoke_turn(ev->data);
}


/*
 * One bounded piece of work, whatever is next: apply, understand, read.
 * NGX_OK: there may be more; NGX_AGAIN: nothing to do now; NGX_ERROR: the
 * link has failed and was taken care of.
 */

static ngx_int_t
ngx_http_token_revoke_turn_work(ngx_http_token_revoke_follower_t *follower)
{
    ngx_int_t  rc;

    rc = ngx_http_token_revoke_apply_some(&follower->apply, follower->batch);

    if (rc == NGX_AGAIN) {
        return NGX_OK;
    }

    if (rc == NGX_ERROR) {
        ngx_http_token_revoke_link_fail(&follower->link, "no memory");
        return NGX_ERROR;
    }

    /* an answer means something only when its entries have been applied */

    if (follower->answered) {
        follower->answered = 0;

        ngx_http_token_revoke_follow_event(follower,
                                 ngx_http_token_revoke_ask_meaning(follower));

        return follower->link.state == TRV_LINK_READY ? NGX_OK : NGX_ERROR;
    }

    rc = ngx_http_token_revoke_link_answer(&follower->link,
                                           &follower->answer);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_OK) {
        follower->answered = 1;
        return NGX_OK;
    }

    if (trv_batch_first(follower->batch)) {
        return NGX_OK;
    }

    return ngx_http_token_revoke_link_fill(&follower->link);
}


/* nanoseconds; nginx's own clock stands still during a turn */

static uint64_t
ngx_http_token_revoke_turn_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}
