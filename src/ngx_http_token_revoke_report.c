
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the operator is told of a follower: one line for each change, not for
 * each attempt.  docs/operations.md lists them.
 */


#include "ngx_http_token_revoke_follow.h"


/* milliseconds: two clocks that differ more make cut-offs wrong */

#define NGX_HTTP_TOKEN_REVOKE_SKEW  5000

/* so long redis is away for another reason, and it is said, milliseconds */

#define NGX_HTTP_TOKEN_REVOKE_AWAY  60000


static ngx_uint_t ngx_http_token_revoke_report_worth(
    ngx_http_token_revoke_follower_t *follower, const char *reason);
static ngx_uint_t ngx_http_token_revoke_report_away(const char *reason);
static size_t ngx_http_token_revoke_report_id(
    ngx_http_token_revoke_follower_t *follower, uint8_t id[TRV_ID_LEN]);
static void ngx_http_token_revoke_report_clock(
    ngx_http_token_revoke_follower_t *follower);
static void ngx_http_token_revoke_report_danger(
    ngx_http_token_revoke_follower_t *follower, ngx_uint_t danger,
    ngx_uint_t is, const char *text);


void
ngx_http_token_revoke_report_live(ngx_http_token_revoke_follower_t *follower)
{
    size_t                         len;
    uint8_t                        id[TRV_ID_LEN];
    ngx_http_token_revoke_zone_t  *zone;

    zone = follower->zone;
    len = ngx_http_token_revoke_report_id(follower, id);

    ngx_log_debug3(NGX_LOG_DEBUG_EVENT, follower->log, 0,
                   "token revoke zone \"%V\" is confirmed up to %*s",
                   &zone->name, len, id);

    if (follower->live) {
        return;
    }

    follower->live = 1;
    follower->failing = 0;

    ngx_log_error(NGX_LOG_NOTICE, follower->log, 0,
                  "token revoke zone \"%V\" follows log \"%V\" of redis "
                  "\"%V\", applied up to %*s, %ui%% of the zone in use",
                  &zone->name, &zone->log, &zone->redis->text, len, id,
                  ngx_http_token_revoke_apply_percent(&follower->apply));
}


void
ngx_http_token_revoke_report_failed(ngx_http_token_revoke_follower_t *follower,
    const char *reason)
{
    uint64_t                       age;
    ngx_http_token_revoke_zone_t  *zone;

    if (!ngx_http_token_revoke_report_worth(follower, reason)) {
        return;
    }

    follower->live = 0;
    follower->failing = 1;
    ngx_cpystrn(follower->reported, (u_char *) reason,
                NGX_HTTP_TOKEN_REVOKE_REASON);

    zone = follower->zone;
    age = ngx_http_token_revoke_zone_age(zone);

    if (age == TRV_AGE_NEVER) {
        ngx_log_error(NGX_LOG_WARN, follower->log, 0,
                      "token revoke zone \"%V\" cannot follow log \"%V\" of "
                      "redis \"%V\": %s; nothing is known yet",
                      &zone->name, &zone->log, &zone->redis->text, reason);
        return;
    }

    ngx_log_error(NGX_LOG_WARN, follower->log, 0,
                  "token revoke zone \"%V\" lost log \"%V\" of redis \"%V\": "
                  "%s; deciding by rules confirmed %uL ms ago",
                  &zone->name, &zone->log, &zone->redis->text, reason, age);
}


/*
 * The first failure, and another reason than before that has come to stay:
 * reasons that take turns, of several hosts or of one that starts, would fill
 * the log.  That a redis whose connection was lost cannot be connected to is
 * nothing new, unless it stays so for a while.
 */

static ngx_uint_t
ngx_http_token_revoke_report_worth(ngx_http_token_revoke_follower_t *follower,
    const char *reason)
{
    uint64_t  now;

    now = ngx_http_token_revoke_boot_msec();

    if (!follower->failing || ngx_strcmp(follower->reason, reason) != 0) {
        follower->reason_since = now;
        ngx_cpystrn(follower->reason, (u_char *) reason,
                    NGX_HTTP_TOKEN_REVOKE_REASON);

        return !follower->failing;
    }

    if (ngx_strcmp(follower->reported, reason) == 0) {
        return 0;
    }

    return !ngx_http_token_revoke_report_away((char *) follower->reported)
           || !ngx_http_token_revoke_report_away(reason)
           || now - follower->reason_since >= NGX_HTTP_TOKEN_REVOKE_AWAY;
}


/* a reason can have an address in front */

static ngx_uint_t
ngx_http_token_revoke_report_away(const char *reason)
{
    return ngx_strstr(reason, "redis closed the connection") != NULL
           || ngx_strstr(reason, "redis did not answer in time") != NULL
           || ngx_strstr(reason, "connect() ") != NULL;
}


void
ngx_http_token_revoke_report_loss(ngx_http_token_revoke_follower_t *follower,
    const char *why)
{
    size_t                         len;
    uint8_t                        id[TRV_ID_LEN];
    ngx_http_token_revoke_zone_t  *zone;

    zone = follower->zone;
    len = ngx_http_token_revoke_report_id(follower, id);

    ngx_log_error(NGX_LOG_WARN, follower->log, 0,
                  "token revoke zone \"%V\": log \"%V\" of redis \"%V\" is "
                  "not the one that was applied up to %*s: it %s; all rules "
                  "are kept, the log is read from its start",
                  &zone->name, &zone->log, &zone->redis->text, len, id, why);
}


/* new memory is checked on each connection until it has read an entry */

void
ngx_http_token_revoke_report_left(ngx_http_token_revoke_follower_t *follower,
    const char *why)
{
    size_t                         len;
    uint8_t                        id[TRV_ID_LEN];
    ngx_http_token_revoke_zone_t  *zone;

    if (follower->left) {
        return;
    }

    follower->left = 1;

    zone = follower->zone;
    len = trv_id_format(follower->before.id, id);

    ngx_log_error(NGX_LOG_WARN, follower->log, 0,
                  "token revoke zone \"%V\": log \"%V\" of redis \"%V\" is "
                  "not the one that was applied up to %*s: it %s; the zone is "
                  "new, rules that the log has lost end when it is synced",
                  &zone->name, &zone->log, &zone->redis->text, len, id, why);
}


void
ngx_http_token_revoke_report_gap(ngx_http_token_revoke_follower_t *follower,
    trv_id_t end, uint64_t missed)
{
    u_char                        *p;
    size_t                         len;
    u_char                         count[NGX_INT64_LEN + 1];
    uint8_t                        id[TRV_ID_LEN];
    ngx_http_token_revoke_zone_t  *zone;

    zone = follower->zone;
    len = trv_id_format(end, id);

    p = missed ? ngx_sprintf(count, "%uL", missed)
               : ngx_cpymem(count, "some", 4);
    *p = '\0';

    ngx_log_error(NGX_LOG_WARN, follower->log, 0,
                  "token revoke zone \"%V\": log \"%V\" of redis \"%V\" was "
                  "trimmed up to %*s: %s entries before that were not seen",
                  &zone->name, &zone->log, &zone->redis->text, len, id, count);
}


/* what endangers revocations on the other side, at connect; each once */

void
ngx_http_token_revoke_report_redis(ngx_http_token_revoke_follower_t *follower)
{
    trv_info_t  *info;

    info = &follower->link.info;

    ngx_http_token_revoke_report_clock(follower);

    ngx_http_token_revoke_report_danger(follower, 1,
        info->evicts && info->maxmemory != 0,
        "may evict the log when its memory is full (maxmemory-policy)");

    ngx_http_token_revoke_report_danger(follower, 2,
        info->persistence_known && !info->aof && info->role == TRV_ROLE_MASTER,
        "keeps no append-only file: a crash of it loses revocations");
}


static void
ngx_http_token_revoke_report_clock(ngx_http_token_revoke_follower_t *follower)
{
    ngx_uint_t                     skewed;
    ngx_http_token_revoke_zone_t  *zone;

    zone = follower->zone;

    skewed = follower->link.skewed
             && (follower->link.skew > NGX_HTTP_TOKEN_REVOKE_SKEW
                 || follower->link.skew < -NGX_HTTP_TOKEN_REVOKE_SKEW);

    if (skewed && !follower->skewed) {
        ngx_log_error(NGX_LOG_WARN, follower->log, 0,
                      "token revoke zone \"%V\": the clock of redis \"%V\" is "
                      "off by %L ms: cut-offs and ends are wrong by as much",
                      &zone->name, &zone->redis->text, follower->link.skew);
    }

    follower->skewed = skewed;
}


static void
ngx_http_token_revoke_report_danger(ngx_http_token_revoke_follower_t *follower,
    ngx_uint_t danger, ngx_uint_t is, const char *text)
{
    if (!is) {
        follower->dangers &= ~danger;
        return;
    }

    if (follower->dangers & danger) {
        return;
    }

    follower->dangers |= danger;

    ngx_log_error(NGX_LOG_WARN, follower->log, 0,
                  "token revoke zone \"%V\": redis \"%V\" %s",
                  &follower->zone->name, &follower->zone->redis->text, text);
}


static size_t
ngx_http_token_revoke_report_id(ngx_http_token_revoke_follower_t *follower,
    uint8_t id[TRV_ID_LEN])
{
    trv_mark_t  mark;

    mark = ngx_http_token_revoke_apply_position(&follower->apply);

    return trv_id_format(mark.id, id);
}
