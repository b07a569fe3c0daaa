
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The strict answers of one worker about one zone.
 */


#ifndef _NGX_HTTP_TOKEN_REVOKE_STRICT_H_INCLUDED_
#define _NGX_HTTP_TOKEN_REVOKE_STRICT_H_INCLUDED_


#include "ngx_http_token_revoke_link.h"


#pragma GCC visibility push(hidden)


struct ngx_http_token_revoke_strict_s {
    ngx_http_token_revoke_zone_t  *zone;
    trv_strict_t                   strict;
    ngx_http_token_revoke_link_t   link;

    ngx_event_t                    turn;       /* posted: send, or read on */
    ngx_event_t                    pause;
    off_t                          received;   /* when the question was sent */
    trv_log_end_t                  log;        /* as it was answered */

    u_char                         reason[NGX_HTTP_TOKEN_REVOKE_REASON];
};


/* _strict.c: moves the state, and does what follows from it */

void ngx_http_token_revoke_strict_event(ngx_http_token_revoke_strict_t *strict,
    trv_strict_event_t event);

/*
 * _strict_ask.c: sends the question; and reads what has come of its answer,
 * of which an event is made ("data" is what was asked with)
 */

void ngx_http_token_revoke_strict_ask(ngx_http_token_revoke_strict_t *strict);
void ngx_http_token_revoke_strict_readable(void *data);


#pragma GCC visibility pop


#endif /* _NGX_HTTP_TOKEN_REVOKE_STRICT_H_INCLUDED_ */
