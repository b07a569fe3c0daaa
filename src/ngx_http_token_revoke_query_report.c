
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the operator is told of queries: each change once, and of what fails
 * while others are answered one line in a while.  Each worker speaks for
 * itself: it has a connection of its own.
 */


#include "ngx_http_token_revoke_query.h"


/* seconds between two lines about questions that failed alone */

#define NGX_HTTP_TOKEN_REVOKE_QUERY_QUIET  10


void
ngx_http_token_revoke_query_lost(ngx_http_token_revoke_asker_t *asker,
    const char *reason)
{
    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "token revoke cannot query redis \"%V\": %s; requests are "
                  "left to token_revoke_on_error at once",
                  &asker->redis->text, reason);

    asker->lost = 1;
}


void
ngx_http_token_revoke_query_again(ngx_http_token_revoke_asker_t *asker)
{
    if (!asker->lost) {
        return;
    }

    asker->lost = 0;

    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                  "token revoke can query redis \"%V\" again",
                  &asker->redis->text);
}


/*
 * Redis repeats the arguments of a command that it does not know, and one of
 * them can be a token.
 */

void
ngx_http_token_revoke_query_failed(ngx_http_token_revoke_asker_t *asker,
    ngx_http_token_revoke_query_t *query, const char *reason)
{
    size_t   len;
    u_char  *args;

    if (asker->told
        && ngx_time() - asker->told < NGX_HTTP_TOKEN_REVOKE_QUERY_QUIET)
    {
        return;
    }

    asker->told = ngx_time();

    len = ngx_strlen(reason);

    args = ngx_strstrn((u_char *) reason, ", with args",
                       sizeof(", with args") - 2);

    if (args) {
        len = args - (u_char *) reason;
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "token revoke query \"%V\" of redis \"%V\" failed: %*s; "
                  "token_revoke_on_error decides",
                  &query->name, &asker->redis->text, len, reason);
}
