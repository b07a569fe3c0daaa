
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
#include "core/trv_follow.h"


#pragma GCC visibility push(hidden)


/* rules applied before the clock is looked at */

#define NGX_HTTP_TOKEN_REVOKE_RULES  256


typedef struct ngx_http_token_revoke_registry_s
    ngx_http_token_revoke_registry_t;


/* what "..._apply.c" needs: the writing side of a zone */

typedef struct {
    ngx_http_token_revoke_zone_t  *zone;
    ngx_log_t                     *log;
    trv_writer_t                  *writer;      /* NULL: not the writer */
    void                          *memory;      /* of the writer */
    trv_expand_t                  *expand;      /* of the entry being applied */
    ngx_http_token_revoke_registry_t  *registry;

    trv_expand_mode_t              mode;        /* APPLY: the shared position */
    trv_mark_t                     cursor;      /* else this one */
    trv_mark_t                     from;        /* where reading again began */
    trv_id_t                       seen;        /* and what was applied then */
    trv_lifted_t                  *lifted;

    unsigned                       applying:1;
    unsigned                       unfit:1;     /* in REPLAY, see sh->unfit */
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

    unsigned                       found:1;     /* by XRANGE: what was */
    uint64_t                       found_digest;    /* applied before it */
    trv_mark_t                     before;      /* that entry, see _history.c */
    unsigned                       torn:1;      /* it was not there, or is */
    trv_mark_t                     gone;        /* another one: this one */
    uint64_t                       gone_digest; /* of that other one */
    trv_follow_event_t             read;        /* what XREAD meant */
    unsigned                       confirmed:1; /* by this process; then */
    trv_id_t                       deleted;     /* XINFO's max-deleted was */
    uint64_t                       doubted;     /* a replica cut off, since */
    uint64_t                       behind;      /* a replica, since then */
    ngx_msec_t                     role_asked;
    uint64_t                       lag;         /* of a replica, ms */

    uint64_t                       asked_boot;  /* when XINFO was sent, ms */
    uint64_t                       asked_wall;
    ngx_msec_t                     block;       /* of the XREAD before it */

    ngx_uint_t                     count;       /* entries asked for */
    off_t                          asked_at;    /* bytes received by then */

    ngx_event_t                    turn;        /* goes on with a backlog */
    ngx_event_t                    candidate;   /* tries to become the writer */
    ngx_event_t                    sweep;

    u_char                         reported[NGX_HTTP_TOKEN_REVOKE_REASON];
    u_char                         reason[NGX_HTTP_TOKEN_REVOKE_REASON];
    uint64_t                       reason_since;    /* boot ms */
    unsigned                       live:1;      /* said in the log, */
    unsigned                       failing:1;   /* which of these last */
    unsigned                       skewed:1;
    unsigned                       left:1;      /* a loss of before, once */
    ngx_uint_t                     dangers;
};


/* _candidate.c: who writes; starts with a worker, ends with it */

void ngx_http_token_revoke_candidate_start(
    ngx_http_token_revoke_follower_t *follower);
void ngx_http_token_revoke_candidate_stop(
    ngx_http_token_revoke_follower_t *follower);

/* the link is ready: asks the one who writes now to leave it to us */

void ngx_http_token_revoke_candidate_ready(
    ngx_http_token_revoke_follower_t *follower);

/* true if this process has stopped writing, for a newer one */

ngx_uint_t ngx_http_token_revoke_candidate_left(
    ngx_http_token_revoke_follower_t *follower);

/* _follow.c: this process is the writer now, and its link is ready */

void ngx_http_token_revoke_follow_begin(
    ngx_http_token_revoke_follower_t *follower);

/* and is not any more */

void ngx_http_token_revoke_follow_leave(
    ngx_http_token_revoke_follower_t *follower);

/* moves the state, and does what follows from it; may close the link */

void ngx_http_token_revoke_follow_event(
    ngx_http_token_revoke_follower_t *follower, trv_follow_event_t event);


/* _turn.c: there are bytes ("data" is a follower), or the rest of a turn */

void ngx_http_token_revoke_turn(void *data);
void ngx_http_token_revoke_turn_handler(ngx_event_t *ev);


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

/* forgets the entry that is being applied, and that the log is read again */

void ngx_http_token_revoke_apply_forget(ngx_http_token_revoke_apply_t *apply);

trv_mark_t ngx_http_token_revoke_apply_position(
    ngx_http_token_revoke_apply_t *apply);
void ngx_http_token_revoke_apply_seek(ngx_http_token_revoke_apply_t *apply,
    trv_mark_t mark);

/*
 * "added": how many entries Redis has counted in this log, 0: it does not;
 * "followed": the server that says so.  The other one is called before anything
 * is applied that a server says which may be another one.
 */

void ngx_http_token_revoke_apply_confirm(ngx_http_token_revoke_apply_t *apply,
    uint64_t boot, uint64_t wall, uint64_t added, trv_lineage_t followed);
void ngx_http_token_revoke_apply_follow(ngx_http_token_revoke_apply_t *apply,
    trv_lineage_t followed);

void ngx_http_token_revoke_apply_sweep(ngx_http_token_revoke_apply_t *apply);

/* how much of the zone's memory is in use */

ngx_uint_t ngx_http_token_revoke_apply_percent(
    ngx_http_token_revoke_apply_t *apply);

/* _again.c: reads the log again; see there for why */

ngx_uint_t ngx_http_token_revoke_again_needed(
    ngx_http_token_revoke_apply_t *apply);
void ngx_http_token_revoke_again_order(ngx_http_token_revoke_apply_t *apply);

/* the two passes, and their end; NGX_ERROR: no memory */

ngx_int_t ngx_http_token_revoke_again_collect(
    ngx_http_token_revoke_apply_t *apply);
void ngx_http_token_revoke_again_replay(ngx_http_token_revoke_apply_t *apply);
void ngx_http_token_revoke_again_settle(ngx_http_token_revoke_apply_t *apply);

/* a rule of this entry did not fit */

void ngx_http_token_revoke_again_full(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry);

/* _accept.c: what is shown until an operator accepts it; "id": of the last
   entry of which he cannot have meant it */

void ngx_http_token_revoke_accept_report(ngx_http_token_revoke_apply_t *apply,
    ngx_http_token_revoke_report_e report, trv_id_t id);
void ngx_http_token_revoke_accept_refused(ngx_http_token_revoke_apply_t *apply,
    trv_id_t id);

/* an entry with "action accept" */

void ngx_http_token_revoke_accept(ngx_http_token_revoke_apply_t *apply,
    trv_id_t id);

/* _entry.c: tells the operator of one entry */

void ngx_http_token_revoke_entry_words(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry);
void ngx_http_token_revoke_entry_complain(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry, trv_fault_t fault, ngx_uint_t refused);

/* _registry.c: NGX_ERROR: no memory; starts and stops with writing */

ngx_int_t ngx_http_token_revoke_registry_init(
    ngx_http_token_revoke_follower_t *follower, ngx_cycle_t *cycle);
void ngx_http_token_revoke_registry_start(
    ngx_http_token_revoke_registry_t *registry);
void ngx_http_token_revoke_registry_stop(
    ngx_http_token_revoke_registry_t *registry);

/* an entry with a nonce was applied, or nothing of it: it is refused */

void ngx_http_token_revoke_registry_applied(
    ngx_http_token_revoke_registry_t *registry, const trv_entry_t *entry,
    ngx_uint_t refused);

/*
 * What is said in this turn, and not only in the next second: something that
 * an operator may wait for, and another state of the follower.
 */

void ngx_http_token_revoke_registry_changed(
    ngx_http_token_revoke_registry_t *registry);
void ngx_http_token_revoke_registry_moved(
    ngx_http_token_revoke_registry_t *registry);

/* _ask.c: the questions about the log; NGX_ERROR: the link has failed */

ngx_int_t ngx_http_token_revoke_ask_check(
    ngx_http_token_revoke_follower_t *follower);
ngx_int_t ngx_http_token_revoke_ask_read(
    ngx_http_token_revoke_follower_t *follower);
ngx_int_t ngx_http_token_revoke_ask_info(
    ngx_http_token_revoke_follower_t *follower);
ngx_int_t ngx_http_token_revoke_ask_wait(
    ngx_http_token_revoke_follower_t *follower);

/* what an answer means, when its entries have been applied */

trv_follow_event_t ngx_http_token_revoke_ask_meaning(
    ngx_http_token_revoke_follower_t *follower);

/* _history.c: what an answer about the log means */

trv_follow_event_t ngx_http_token_revoke_history(
    ngx_http_token_revoke_follower_t *follower);

/* and one about the entry that had been applied when it was asked */

void ngx_http_token_revoke_history_before(
    ngx_http_token_revoke_follower_t *follower);

/* the entry to ask for: the last one of those whose rules decide */

trv_mark_t ngx_http_token_revoke_history_mark(
    ngx_http_token_revoke_follower_t *follower);

/* _report.c: tells the operator of a change, once */

void ngx_http_token_revoke_report_live(
    ngx_http_token_revoke_follower_t *follower);
void ngx_http_token_revoke_report_failed(
    ngx_http_token_revoke_follower_t *follower, const char *reason);
void ngx_http_token_revoke_report_loss(
    ngx_http_token_revoke_follower_t *follower, const char *why);
void ngx_http_token_revoke_report_left(
    ngx_http_token_revoke_follower_t *follower, const char *why);
void ngx_http_token_revoke_report_gap(
    ngx_http_token_revoke_follower_t *follower, trv_id_t end,
    uint64_t missed);
void ngx_http_token_revoke_report_redis(
    ngx_http_token_revoke_follower_t *follower);


#pragma GCC visibility pop


#endif /* _NGX_HTTP_TOKEN_REVOKE_FOLLOW_H_INCLUDED_ */
