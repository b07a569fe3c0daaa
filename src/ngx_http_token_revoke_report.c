
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the operator is told of a follower: one line for each change, not for
 * each attempt.  docs/operations.md lists them.
 */


#include "ngx_http_token_revoke_follow.h"


void
ngx_http_token_revoke_report_live(ngx_http_token_revoke_follower_t *follower)
{
    size_t                         len;
    uint8_t                        id[TRV_ID_LEN];
    ngx_http_token_revoke_zone_t  *zone;

    zone = follower->zone;
    len = trv_id_format(ngx_http_token_revoke_apply_position(&follower->apply),
                        id);

    ngx_log_debug3(NGX_LOG_DEBUG_EVENT, follower->log, 0,
                   "token revoke zone \"%V\" is confirmed up to %*s",
                   &zone->name, len, id);

    if (follower->live) {
        return;
    }

    follower->live = 1;
    follower->reported[0] = '\0';

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

    if (!follower->live
        && ngx_strcmp(follower->reported, (u_char *) reason) == 0)
    {
        return;
    }

    follower->live = 0;
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


void
ngx_http_token_revoke_report_loss(ngx_http_token_revoke_follower_t *follower)
{
    size_t                         len;
    uint8_t                        id[TRV_ID_LEN];
    ngx_http_token_revoke_zone_t  *zone;

    zone = follower->zone;
    len = trv_id_format(ngx_http_token_revoke_apply_position(&follower->apply),
                        id);

    ngx_log_error(NGX_LOG_WARN, follower->log, 0,
                  "token revoke zone \"%V\": log \"%V\" of redis \"%V\" is "
                  "not the one that was applied up to %*s: entries were lost "
                  "or the log was replaced; all rules are kept, the log is "
                  "read from its start",
                  &zone->name, &zone->log, &zone->redis->text, len, id);
}
