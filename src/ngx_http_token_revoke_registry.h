
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What operators are told in Redis: between ..._registry.c, the link and its
 * life, and ..._registry_say.c, what goes through it.
 */


#ifndef _NGX_HTTP_TOKEN_REVOKE_REGISTRY_H_INCLUDED_
#define _NGX_HTTP_TOKEN_REVOKE_REGISTRY_H_INCLUDED_


#include "ngx_http_token_revoke_follow.h"


#pragma GCC visibility push(hidden)


/* answers that wait for the link */

#define NGX_HTTP_TOKEN_REVOKE_ACKS       64

/*
 * The names of claims are written when there is a new one, and after so many
 * reports, since somebody can have deleted them.
 */

#define NGX_HTTP_TOKEN_REVOKE_QUIET      60

/* the longest name of an edge */

#define NGX_HTTP_TOKEN_REVOKE_EDGE_LEN   256


typedef struct {
    u_char                              nonce[TRV_ENTRY_ACK_LEN];
    size_t                              len;
    const char                         *result;
} ngx_http_token_revoke_ack_t;


struct ngx_http_token_revoke_registry_s {
    ngx_http_token_revoke_follower_t   *follower;
    ngx_http_token_revoke_link_t        link;
    ngx_event_t                         turn;      /* posted: acks are due */
    ngx_event_t                         tick;

    trv_plan_t                         *plan;
    const char                         *said;      /* the state */
    u_char                              id[NGX_HTTP_TOKEN_REVOKE_EDGE_LEN];
    size_t                              idlen;

    ngx_uint_t                          names;     /* that were written */
    ngx_uint_t                          quiet;     /* reports since then */

    ngx_uint_t                          nacks;
    ngx_http_token_revoke_ack_t         acks[NGX_HTTP_TOKEN_REVOKE_ACKS];

    unsigned                            due:1;         /* a report, now */
    unsigned                            complained:1;
    unsigned                            forbidden:1;   /* until a reload */
};


/* the name of this edge; NGX_ERROR: no random bytes */

ngx_int_t ngx_http_token_revoke_registry_id(
    ngx_http_token_revoke_registry_t *registry);

/* each writes a command; without memory nothing is said this time */

void ngx_http_token_revoke_registry_report(
    ngx_http_token_revoke_registry_t *registry);
void ngx_http_token_revoke_registry_ack(
    ngx_http_token_revoke_registry_t *registry,
    ngx_http_token_revoke_ack_t *ack);


#pragma GCC visibility pop


#endif /* _NGX_HTTP_TOKEN_REVOKE_REGISTRY_H_INCLUDED_ */
