
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The follower of a zone: one process at a time follows the log and writes
 * the zone.
 */


#ifndef _NGX_HTTP_TOKEN_REVOKE_FOLLOW_H_INCLUDED_
#define _NGX_HTTP_TOKEN_REVOKE_FOLLOW_H_INCLUDED_


#include "ngx_http_token_revoke_link.h"

#include "codec/trv_expand.h"


#pragma GCC visibility push(hidden)


/* work on a backlog is cut into turns of about this length, nanoseconds */

#define NGX_HTTP_TOKEN_REVOKE_TURN   500000

/* rules applied before the clock is looked at */

#define NGX_HTTP_TOKEN_REVOKE_RULES  256


/* what "..._apply.c" needs: the writing side of a zone */

typedef struct {
    ngx_http_token_revoke_zone_t  *zone;
    ngx_log_t                     *log;
    trv_writer_t                  *writer;      /* NULL: not the writer */
    void                          *memory;      /* of the writer */
    trv_expand_t                  *expand;      /* of the entry being applied */
    unsigned                       applying:1;
    unsigned                       warned:1;    /* 80 % full was said */
    time_t                         complained;  /* second of the last lines */
    ngx_uint_t                     complaints;  /* lines in that second */
} ngx_http_token_revoke_apply_t;


struct ngx_http_token_revoke_follower_s {
    ngx_http_token_revoke_zone_t  *zone;
    ngx_log_t                     *log;

    trv_follow_state_t             state;
    ngx_http_token_revoke_link_t   link;
    ngx_http_token_revoke_apply_t  apply;

    trv_digest_t                  *digest;
    trv_batch_t                   *batch;

    trv_answer_t                   answer;      /* waits for the batch */
    unsigned                       answered:1;

    uint64_t                       asked_boot;  /* when XINFO was sent, ms */
    uint64_t                       asked_wall;
    ngx_msec_t                     block;       /* of the XREAD before it */

    ngx_uint_t                     count;       /* entries asked for */
    off_t                          asked_at;    /* bytes received by then */

    ngx_event_t                    turn;        /* goes on with a backlog */
    ngx_event_t                    candidate;   /* tries to become the writer */
    ngx_event_t                    sweep;

    u_char                         reported[NGX_HTTP_TOKEN_REVOKE_REASON];
    unsigned                       live:1;      /* said in the log */
};


/* _apply.c: writes the zone */

/* NGX_OK, NGX_DECLINED: another process writes; NGX_ERROR */

ngx_int_t ngx_http_token_revoke_apply_open(
    ngx_http_token_revoke_apply_t *apply);
void ngx_http_token_revoke_apply_close(ngx_http_token_revoke_apply_t *apply);

/*
 * Applies a bounded part of the oldest entry of the batch.  NGX_OK: the batch
 * is empty; NGX_AGAIN: there is more; NGX_ERROR: no memory, it has to be read
 * again.
 */

ngx_int_t ngx_http_token_revoke_apply_some(
    ngx_http_token_revoke_apply_t *apply, trv_batch_t *batch);

trv_id_t ngx_http_token_revoke_apply_position(
    ngx_http_token_revoke_apply_t *apply);
void ngx_http_token_revoke_apply_seek(ngx_http_token_revoke_apply_t *apply,
    trv_id_t id);

/* "added": how many entries Redis has counted in this log, 0: it does not */

void ngx_http_token_revoke_apply_confirm(ngx_http_token_revoke_apply_t *apply,
    uint64_t boot, uint64_t wall, uint64_t added);

/* from the start again: another log, or other names in it */

void ngx_http_token_revoke_apply_restart(
    ngx_http_token_revoke_apply_t *apply);
void ngx_http_token_revoke_apply_sweep(ngx_http_token_revoke_apply_t *apply);

/* how much of the zone's memory is in use */

ngx_uint_t ngx_http_token_revoke_apply_percent(
    ngx_http_token_revoke_apply_t *apply);

/* _ask.c: the questions about the log; NGX_ERROR: the link has failed */

ngx_int_t ngx_http_token_revoke_ask_read(
    ngx_http_token_revoke_follower_t *follower);
ngx_int_t ngx_http_token_revoke_ask_info(
    ngx_http_token_revoke_follower_t *follower);
ngx_int_t ngx_http_token_revoke_ask_wait(
    ngx_http_token_revoke_follower_t *follower);

/* what an answer means; may move the position past entries that are gone */

trv_follow_event_t ngx_http_token_revoke_ask_meaning(
    ngx_http_token_revoke_follower_t *follower);

/* _report.c: tells the operator of a change, once */

void ngx_http_token_revoke_report_live(
    ngx_http_token_revoke_follower_t *follower);
void ngx_http_token_revoke_report_failed(
    ngx_http_token_revoke_follower_t *follower, const char *reason);
void ngx_http_token_revoke_report_loss(
    ngx_http_token_revoke_follower_t *follower);


#pragma GCC visibility pop


#endif /* _NGX_HTTP_TOKEN_REVOKE_FOLLOW_H_INCLUDED_ */
