
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Is it still the log that was applied?  Asked on every connection and after
 * every piece; core/trv_history.c decides, this file collects the facts and
 * says what follows.
 */


#include "ngx_http_token_revoke_follow.h"

#include "core/trv_history.h"


/*
 * A replica may be behind what was read from another server; one that stays
 * so, milliseconds, will not get there
 */

#define NGX_HTTP_TOKEN_REVOKE_BEHIND  5000


static trv_history_verdict_t ngx_http_token_revoke_history_judge(
    ngx_http_token_revoke_follower_t *follower, trv_history_t *history,
    const char **why);
static ngx_uint_t ngx_http_token_revoke_history_patient(
    ngx_http_token_revoke_follower_t *follower);
static ngx_uint_t ngx_http_token_revoke_history_isnew(
    ngx_http_token_revoke_follower_t *follower);
static void ngx_http_token_revoke_history_carry(
    ngx_http_token_revoke_follower_t *follower);
static void ngx_http_token_revoke_history_facts(
    ngx_http_token_revoke_follower_t *follower, trv_history_t *history);
static ngx_int_t ngx_http_token_revoke_history_lost(
    ngx_http_token_revoke_follower_t *follower, const trv_history_t *history,
    const char *why);
static void ngx_http_token_revoke_history_gap(
    ngx_http_token_revoke_follower_t *follower, const trv_history_t *history);


trv_follow_event_t
ngx_http_token_revoke_history(ngx_http_token_revoke_follower_t *follower)
{
    const char             *why;
    trv_history_t           history;
    trv_history_verdict_t   verdict;

    if (ngx_http_token_revoke_history_isnew(follower)) {
        ngx_http_token_revoke_history_carry(follower);
    }

    ngx_http_token_revoke_history_facts(follower, &history);

    verdict = ngx_http_token_revoke_history_judge(follower, &history, &why);

    if (verdict == TRV_HISTORY_BEHIND) {

        if (ngx_http_token_revoke_history_patient(follower)) {
            ngx_cpystrn((u_char *) follower->answer.error,
                        (u_char *) "the replica is behind what was applied",
                        sizeof(follower->answer.error));
            return TRV_FOLLOW_FAILED;
        }

        verdict = TRV_HISTORY_LOST;
    }

    follower->behind = 0;

    if (verdict == TRV_HISTORY_LOST
        && ngx_http_token_revoke_history_lost(follower, &history, why)
           == NGX_OK)
    {
        return TRV_FOLLOW_AGAIN;
    }

    if (verdict == TRV_HISTORY_GAP) {
        ngx_http_token_revoke_history_gap(follower, &history);
    }

    if (follower->state == TRV_FOLLOW_CHECKING) {
        return TRV_FOLLOW_SAME;
    }

    return trv_id_cmp(history.applied, history.last_entry) < 0
           ? TRV_FOLLOW_BEHIND : TRV_FOLLOW_CONFIRMED;
}


/*
 * New memory has applied nothing, so any log would do for it: what is asked is
 * whether it is the one that the memory before had applied, which others may
 * still be writing.
 */

trv_mark_t
ngx_http_token_revoke_history_mark(ngx_http_token_revoke_follower_t *follower)
{
    if (ngx_http_token_revoke_history_isnew(follower)) {
        return trv_position_mark(&follower->zone->previous->sh->applied);
    }

    return ngx_http_token_revoke_apply_position(&follower->apply);
}


static ngx_uint_t
ngx_http_token_revoke_history_isnew(ngx_http_token_revoke_follower_t *follower)
{
    trv_id_t  applied, none = { 0, 0 };

    applied = ngx_http_token_revoke_apply_position(&follower->apply).id;

    return follower->state == TRV_FOLLOW_CHECKING
           && follower->zone->previous != NULL
           && ngx_http_token_revoke_zone_age(follower->zone) == TRV_AGE_NEVER
           && trv_id_cmp(applied, none) == 0;
}


/*
 * What nobody has accepted is still to be looked at.  Entries that were
 * refused are found in the log again.
 */

static void
ngx_http_token_revoke_history_carry(ngx_http_token_revoke_follower_t *follower)
{
    uint32_t                         reports;
    ngx_http_token_revoke_shared_t  *before;

    before = follower->zone->previous->sh;

    reports = __atomic_load_n(&before->reports, __ATOMIC_ACQUIRE)
              & ~follower->zone->sh->reports;

    if (reports & (1U << NGX_HTTP_TOKEN_REVOKE_GAP)) {
        ngx_http_token_revoke_accept_report(&follower->apply,
                               NGX_HTTP_TOKEN_REVOKE_GAP,
                               before->reported[NGX_HTTP_TOKEN_REVOKE_GAP]);
    }

    if (reports & (1U << NGX_HTTP_TOKEN_REVOKE_LOSS)) {
        ngx_http_token_revoke_accept_report(&follower->apply,
                               NGX_HTTP_TOKEN_REVOKE_LOSS,
                               before->reported[NGX_HTTP_TOKEN_REVOKE_LOSS]);

        ngx_http_token_revoke_report_left(follower,
                                "has a loss that nobody has accepted");
    }
}


void
ngx_http_token_revoke_history_before(
    ngx_http_token_revoke_follower_t *follower)
{
    trv_mark_t  *before;

    before = &follower->before;

    if (follower->torn
        || (before->id.ms == 0 && before->id.seq == 0)
        || (follower->found && before->digest == follower->found_digest))
    {
        return;
    }

    follower->torn = 1;
    follower->gone = *before;
    follower->gone_digest = follower->found ? follower->found_digest : 0;
}


/*
 * An entry that was not there any more after others had been read behind it
 * is judged first: of what was read last this log has it all.
 */

static trv_history_verdict_t
ngx_http_token_revoke_history_judge(ngx_http_token_revoke_follower_t *follower,
    trv_history_t *history, const char **why)
{
    trv_history_t  gone;

    if (follower->torn) {
        follower->torn = 0;

        gone = *history;

        gone.position = history->applied;
        gone.applied = follower->gone.id;
        gone.digest = follower->gone.digest;
        gone.added = follower->gone.added;
        gone.confirmed = 0;
        gone.passed = 1;
        gone.asked = 1;
        gone.found = follower->gone_digest != 0;
        gone.found_digest = follower->gone_digest;

        if (trv_history_judge(&gone, why) == TRV_HISTORY_LOST) {
            return TRV_HISTORY_LOST;
        }
    }

    return trv_history_judge(history, why);
}


static ngx_uint_t
ngx_http_token_revoke_history_patient(
    ngx_http_token_revoke_follower_t *follower)
{
    if (follower->behind == 0) {
        follower->behind = ngx_http_token_revoke_boot_msec();
    }

    return ngx_http_token_revoke_boot_msec() - follower->behind
           < NGX_HTTP_TOKEN_REVOKE_BEHIND;
}


static void
ngx_http_token_revoke_history_facts(ngx_http_token_revoke_follower_t *follower,
    trv_history_t *history)
{
    trv_mark_t     mark;
    trv_answer_t  *answer;

    answer = &follower->answer;

    mark = follower->state == TRV_FOLLOW_CHECKING
           ? follower->before
           : ngx_http_token_revoke_apply_position(&follower->apply);

    ngx_memzero(history, sizeof(trv_history_t));

    history->applied = mark.id;
    history->digest = mark.digest;
    history->added = mark.added;
    history->confirmed = follower->confirmed;
    history->deleted = follower->deleted;

    /* whether the applied entry is there was asked before */

    if (follower->state == TRV_FOLLOW_CHECKING) {
        history->asked = 1;
        history->found = follower->found;
        history->found_digest = follower->found_digest;
    }

    history->replica = follower->link.info.role == TRV_ROLE_REPLICA;

    if (answer->type != TRV_ANSWER_OK) {
        return;
    }

    history->exists = 1;
    history->first_digest = answer->first_digest;
    history->length = answer->length;
    history->last_generated = answer->last_generated;
    history->first_entry = answer->first_entry;
    history->last_entry = answer->last_entry;
    history->last_digest = answer->last_digest;
    history->entries_added = answer->entries_added;
    history->max_deleted = answer->max_deleted;
}


/*
 * The rules are kept, those of the other log are added; said once.  New memory
 * has none to keep: NGX_DECLINED, it goes on with what is left of the log.
 */

static ngx_int_t
ngx_http_token_revoke_history_lost(ngx_http_token_revoke_follower_t *follower,
    const trv_history_t *history, const char *why)
{
    ngx_uint_t  known;

    ngx_http_token_revoke_accept_report(&follower->apply,
                                        NGX_HTTP_TOKEN_REVOKE_LOSS,
                                        history->last_generated);

    if (ngx_http_token_revoke_history_isnew(follower)) {
        ngx_http_token_revoke_report_left(follower, why);
        return NGX_DECLINED;
    }

    known = follower->zone->sh->again;

    ngx_http_token_revoke_again_order(&follower->apply);

    /* also if a connection was lost before it was read to its end */

    if (!known) {
        ngx_http_token_revoke_report_loss(follower, why);
    }

    return NGX_OK;
}


/*
 * Trimming is the operator's act.  It is reported unless all that was not seen
 * is so old that its rules would have ended.
 */

static void
ngx_http_token_revoke_history_gap(ngx_http_token_revoke_follower_t *follower,
    const trv_history_t *history)
{
    uint64_t                       missed;
    trv_id_t                       end;
    trv_mark_t                     mark;
    ngx_http_token_revoke_zone_t  *zone;

    zone = follower->zone;

    end = history->length != 0 ? history->first_entry
                               : history->last_generated;

    missed = history->entries_added - history->added;

    if (trv_id_cmp(history->first_entry, history->applied) > 0) {
        missed -= history->length;
    }

    /* how many were added is not known any more until it is confirmed */

    mark = ngx_http_token_revoke_apply_position(&follower->apply);
    mark.added = 0;
    ngx_http_token_revoke_apply_seek(&follower->apply, mark);

    if (zone->retain != 0
        && end.ms / 1000 + zone->retain < (uint64_t) ngx_time())
    {
        return;
    }

    ngx_http_token_revoke_accept_report(&follower->apply,
                                        NGX_HTTP_TOKEN_REVOKE_GAP,
                                        history->last_generated);

    ngx_http_token_revoke_report_gap(follower, end,
                                     history->entries_added ? missed : 0);
}
