
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A strict question, and its answer.  XREAD would not do: it finds nothing,
 * too, when the log is another one.  And what a replica has is not what its
 * master has: each question asks for the role as well, which can change under
 * a connection.
 */


#include "ngx_http_token_revoke_strict.h"


/* pieces of an answer that are read before anything else may run */

#define NGX_HTTP_TOKEN_REVOKE_STRICT_PIECES  8


static void ngx_http_token_revoke_strict_answer(
    ngx_http_token_revoke_strict_t *strict, trv_answer_t *answer);
static void ngx_http_token_revoke_strict_answered(
    ngx_http_token_revoke_strict_t *strict);


void
ngx_http_token_revoke_strict_ask(ngx_http_token_revoke_strict_t *strict)
{
    size_t       lens[3];
    const char  *argv[3];

    strict->received = strict->link.received;

    argv[0] = "XINFO";
    lens[0] = 5;
    argv[1] = "STREAM";
    lens[1] = 6;
    argv[2] = (char *) strict->zone->log.data;
    lens[2] = strict->zone->log.len;

    if (ngx_http_token_revoke_link_ask(&strict->link, TRV_ASK_XINFO, 3, argv,
                                       lens)
        != NGX_OK)
    {
        return;
    }

    argv[0] = "INFO";
    lens[0] = 4;
    argv[1] = "replication";
    lens[1] = 11;

    if (ngx_http_token_revoke_link_ask(&strict->link, TRV_ASK_TEXT, 2, argv,
                                       lens)
        == NGX_OK)
    {
        (void) ngx_http_token_revoke_link_flush(&strict->link, 0);
    }
}


void
ngx_http_token_revoke_strict_readable(void *data)
{
    ngx_http_token_revoke_strict_t *strict = data;

    ngx_int_t     rc;
    ngx_uint_t    n;
    trv_answer_t  answer;

    for (n = 0; n < NGX_HTTP_TOKEN_REVOKE_STRICT_PIECES; n++) {
        rc = ngx_http_token_revoke_link_answer(&strict->link, &answer);

        if (rc == NGX_OK) {
            ngx_http_token_revoke_strict_answer(strict, &answer);
            rc = strict->link.state == TRV_LINK_READY ? NGX_OK : NGX_ERROR;

        } else if (rc == NGX_AGAIN) {
            rc = ngx_http_token_revoke_link_fill(&strict->link);
        }

        if (rc != NGX_OK) {
            return;
        }
    }

    ngx_post_event(&strict->turn, &ngx_posted_next_events);
}


/* the log, and then who it was that said it: both, or nothing is known */

static void
ngx_http_token_revoke_strict_answer(ngx_http_token_revoke_strict_t *strict,
    trv_answer_t *answer)
{
    trv_log_end_t  *log;

    log = &strict->log;

    if (answer->ask == TRV_ASK_TEXT && answer->type == TRV_ANSWER_OK) {
        trv_info_parse(&strict->link.info, answer->text);

        if (strict->link.info.role != TRV_ROLE_MASTER) {
            ngx_http_token_revoke_link_fail(&strict->link,
                                         "a replica, and a master is wanted");
            return;
        }

        log->lineage = trv_lineage(&strict->link.info);
        log->bytes = (size_t) (strict->link.received - strict->received);

        ngx_http_token_revoke_strict_answered(strict);
        return;
    }

    ngx_memzero(log, sizeof(trv_log_end_t));

    if (answer->type == TRV_ANSWER_OK) {
        log->last_generated = answer->last_generated;
        log->first_entry = answer->first_entry;
        log->last_entry = answer->last_entry;
        log->first_digest = answer->first_digest;
        log->last_digest = answer->last_digest;
        log->added = answer->entries_added;
        return;
    }

    /* a log that does not exist is an empty log */

    if (answer->type != TRV_ANSWER_ERROR
        || ngx_strncmp(answer->error, "ERR no such key", 15) != 0)
    {
        ngx_http_token_revoke_link_fail(&strict->link, answer->error);
    }
}


static void
ngx_http_token_revoke_strict_answered(ngx_http_token_revoke_strict_t *strict)
{
    const char          *reason;
    trv_strict_event_t   event;

    ngx_http_token_revoke_link_proved(&strict->link);

    event = trv_strict_compare(&strict->strict, &strict->log);

    switch (event) {

    case TRV_STRICT_LOSS:
        reason = "the log is not the one that was applied";
        break;

    case TRV_STRICT_SPLIT:
        reason = "the master that was asked is not of the history that is "
                 "followed";
        break;

    default:
        reason = "";
        break;
    }

    ngx_cpystrn(strict->reason, (u_char *) reason,
                NGX_HTTP_TOKEN_REVOKE_REASON);

    ngx_http_token_revoke_strict_event(strict, event);

    ngx_http_token_revoke_wait_now();
}
