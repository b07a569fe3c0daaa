
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the glue files share; what a zone is, is in ..._zone.h.  Each of them
 * owns one power:
 *
 *     ..._conf.c      what a location is told         (directives)
 *     ..._value.c     what is said about a wrong value
 *     ..._zone_conf.c what a zone is told             (token_revoke_zone)
 *     ..._redis.c     where a Redis is, and who we are there
 *     ..._zone.c      the shared memory: lays it out
 *     ..._zone_owner.c  who may write it: the mutex
 *     ..._zone_memory.c what is behind it: descriptors, mappings
 *     ..._zone_found.c  those that lie about
 *     ..._link.c      the connection to Redis: opens, greets, closes
 *     ..._link_target.c  where it goes
 *     ..._link_hello.c  what is said first
 *     ..._link_io.c   what goes through it
 *     ..._follow.c    the life of the follower
 *     ..._turn.c      its work, a piece at a time
 *     ..._candidate.c who follows
 *     ..._ask.c       what it asks, and what the answers mean
 *     ..._history.c   whether it is still the same log
 *     ..._report.c    what the operator is told of it
 *     ..._apply.c     writes the zone: rules, position, freshness
 *     ..._again.c     reads a log for the second time
 *     ..._entry.c     what the operator is told of an entry
 *     ..._accept.c    what he is shown until he accepts it
 *     ..._registry.c  what he is told in Redis: the link
 *     ..._registry_say.c  and the words
 *     ..._count.c     how many tokens a rule could match
 *     ..._source.c    where in a request the tokens are
 *     ..._traits.c    what a worker keeps to judge tokens
 *     ..._attribute.c what the request adds to a token
 *     ..._check.c     the decision on a request
 *     ..._judge.c     whether a rule refuses one of its tokens
 *     ..._verdict.c   what follows from it: status, log line, answer
 *     ..._wait.c      requests that wait
 *     ..._strict.c    what Redis has now, for those that want to know
 *     ..._strict_ask.c  the question, and what its answer means
 *     ..._strict_say.c  what the operator is told of it
 *     ..._query.c     sets that exist already (and ..._query_*.c)
 *     ..._answer.c    HTTP codes and header fields
 *     ..._variable.c  what the operator can log
 */


#ifndef _NGX_HTTP_TOKEN_REVOKE_H_INCLUDED_
#define _NGX_HTTP_TOKEN_REVOKE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>

#include "ngx_http_token_revoke_zone.h"

#include "core/trv_extract.h"
#include "core/trv_match.h"
#include "core/trv_strict.h"
#include "codec/trv_digest.h"


#pragma GCC visibility push(hidden)


typedef struct ngx_http_token_revoke_query_s
    ngx_http_token_revoke_query_t;
typedef struct ngx_http_token_revoke_asking_s
    ngx_http_token_revoke_asking_t;


#define NGX_HTTP_TOKEN_REVOKE_VERSION  "0.1"


typedef enum {
    NGX_HTTP_TOKEN_REVOKE_BEARER = 0,
    NGX_HTTP_TOKEN_REVOKE_AUTH,
    NGX_HTTP_TOKEN_REVOKE_BASIC,
    NGX_HTTP_TOKEN_REVOKE_COOKIE,
    NGX_HTTP_TOKEN_REVOKE_HEADER,
    NGX_HTTP_TOKEN_REVOKE_ARG,
    NGX_HTTP_TOKEN_REVOKE_VARIABLE,
    NGX_HTTP_TOKEN_REVOKE_NSOURCES
} ngx_http_token_revoke_source_e;


typedef struct {
    ngx_http_token_revoke_source_e     type;
    ngx_str_t                          text;       /* as it was written */
    ngx_str_t                          name;       /* scheme, cookie, ... */
    ngx_int_t                          index;      /* of the variable */
} ngx_http_token_revoke_source_t;


typedef struct {
    ngx_str_t                          name;
    ngx_http_complex_value_t           value;
} ngx_http_token_revoke_attribute_t;


typedef struct {
    ngx_array_t                        zones;      /* ..._zone_t * */
    ngx_array_t                        redis;      /* ..._redis_t * */
    ngx_array_t                        asked;      /* ..._asked_t * */
} ngx_http_token_revoke_main_conf_t;


typedef enum {
    NGX_HTTP_TOKEN_REVOKE_DENY = 0,
    NGX_HTTP_TOKEN_REVOKE_ALLOW
} ngx_http_token_revoke_on_error_e;


typedef struct {
    ngx_http_token_revoke_zone_t      *zone;       /* NULL: off */
    ngx_str_t                          zone_name;  /* data NULL: not said */
    ngx_array_t                       *sources;    /* ..._source_t */
    ngx_array_t                       *attributes; /* ..._attribute_t */
    ngx_array_t                       *queries;    /* ..._query_t, NULL: off */
    ngx_http_complex_value_t          *issued_at;
    ngx_msec_t                         leeway;
    ngx_uint_t                         on_error;
    ngx_msec_t                         wait;
    ngx_msec_t                         max_stale;
    ngx_uint_t                         status;
    ngx_uint_t                         log_level;
    ngx_uint_t                         dry_run;
    ngx_uint_t                         strict;
} ngx_http_token_revoke_loc_conf_t;


typedef enum {
    NGX_HTTP_TOKEN_REVOKE_NONE = 0,
    NGX_HTTP_TOKEN_REVOKE_PASSED,
    NGX_HTTP_TOKEN_REVOKE_REVOKED,
    NGX_HTTP_TOKEN_REVOKE_REVOKED_DRY_RUN,
    NGX_HTTP_TOKEN_REVOKE_UNAVAILABLE,
    NGX_HTTP_TOKEN_REVOKE_UNAVAILABLE_ALLOWED,
    NGX_HTTP_TOKEN_REVOKE_MALFORMED,
    NGX_HTTP_TOKEN_REVOKE_NSTATUSES
} ngx_http_token_revoke_status_e;


/* what is known about a request; lives in its pool, survives redirects */

typedef struct {
    ngx_http_request_t                *request;
    ngx_queue_t                        queue;      /* while it waits */
    ngx_msec_t                         wait_start;
    ngx_msec_t                         waited;     /* before, ms */
    trv_wish_t                         wish;       /* where it is strict */
    ngx_http_token_revoke_asking_t    *asking;     /* NULL: asks nothing */

    ngx_http_token_revoke_zone_t      *zone;
    ngx_http_token_revoke_zone_t      *decides;    /* it or its previous */
    ngx_str_t                          source;     /* of "token" */
    trv_str_t                          token;      /* judged, or decisive */
    ngx_str_t                          match;      /* "iss+sub (no iat)" */
    ngx_http_token_revoke_query_t     *query;      /* NULL: a rule matched */
    uint64_t                           age;        /* at the decision, ms */
    trv_fresh_state_t                  fresh;      /* at the decision */
    ngx_http_token_revoke_status_e     status;
    uint8_t                            id[TRV_SHA256_LEN];

    unsigned                           identified:1;   /* "id" is set */
    unsigned                           evaluating:1;   /* words of a query */
    unsigned                           unreadable:1;   /* a claim in them */
    unsigned                           vain:1;         /* a query failed */
    unsigned                           waiting:1;      /* in a queue */
    unsigned                           watched:1;      /* waits for a zone */
    unsigned                           woken:1;        /* and waits no more */
    unsigned                           crowded:1;      /* too many wait */
    unsigned                           refused:1;      /* an answer was given */
} ngx_http_token_revoke_ctx_t;


/* _conf.c */

char *ngx_http_token_revoke(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_token_revoke_from(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
void *ngx_http_token_revoke_create_main_conf(ngx_conf_t *cf);
void *ngx_http_token_revoke_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_token_revoke_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);

/* _value.c: setters for nginx's command table; "post" is what is expected */

typedef struct {
    ngx_msec_t   min;
    ngx_msec_t   max;
    const char  *expected;
} ngx_http_token_revoke_range_t;


typedef struct {
    ngx_conf_enum_t  *names;
    const char       *expected;
} ngx_http_token_revoke_names_t;


char *ngx_http_token_revoke_value_time(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_token_revoke_value_code(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_token_revoke_value_name(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Says: invalid value "..." in "..." directive, expected ...; returns
 * NGX_CONF_ERROR.
 */

char *ngx_http_token_revoke_value_invalid(ngx_conf_t *cf, ngx_str_t *value,
    const char *expected);

/*
 * The value of an argument whose name, with its "=", has "len" bytes.
 * NGX_ERROR: it is empty or was seen before, which was said.
 */

ngx_int_t ngx_http_token_revoke_value_once(ngx_conf_t *cf, ngx_str_t *arg,
    size_t len, ngx_uint_t bit, ngx_uint_t *seen, ngx_str_t *value);

/* _attribute.c */

char *ngx_http_token_revoke_attribute(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_int_t ngx_http_token_revoke_attribute_merge(ngx_conf_t *cf,
    ngx_http_token_revoke_loc_conf_t *trlcf);
uint64_t ngx_http_token_revoke_attribute_names(
    ngx_http_token_revoke_zone_t *zone);
ngx_int_t ngx_http_token_revoke_attribute_add(ngx_http_request_t *r,
    ngx_http_token_revoke_loc_conf_t *trlcf, const trv_table_t *table,
    const trv_plan_t *plan, trv_traits_t *traits);
ngx_int_t ngx_http_token_revoke_attribute_issued(ngx_http_request_t *r,
    ngx_http_token_revoke_loc_conf_t *trlcf, trv_traits_t *traits);

/* _traits.c: a worker's own; NGX_ERROR: no memory */

ngx_int_t ngx_http_token_revoke_traits_init(ngx_cycle_t *cycle,
    ngx_array_t *zones);
void ngx_http_token_revoke_traits_done(void);

/* the shapes in use now; call it after the age was read */

const trv_plan_t *ngx_http_token_revoke_traits_plan(
    ngx_http_token_revoke_zone_t *zone);

/* of a whole token; and the identity of the one in the context, as its "id" */

ngx_int_t ngx_http_token_revoke_traits_sha256(trv_str_t token,
    uint8_t hash[TRV_SHA256_LEN]);
ngx_int_t ngx_http_token_revoke_identify(ngx_http_token_revoke_ctx_t *ctx);

/* of this token under that plan: remembered, or read */

ngx_int_t ngx_http_token_revoke_traits_read(
    ngx_http_token_revoke_zone_t *zone, trv_str_t token,
    trv_traits_t *traits);

/* _zone_conf.c */

char *ngx_http_token_revoke_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* _follow.c */

ngx_int_t ngx_http_token_revoke_follow_start(
    ngx_http_token_revoke_zone_t *zone, ngx_cycle_t *cycle);
void ngx_http_token_revoke_follow_stop(ngx_http_token_revoke_zone_t *zone);

/*
 * _source.c: TRV_OK, TRV_LIMIT or TRV_NOMEM.  A candidate's "source" is the
 * index of what named it in "sources"; its value lives as long as the request.
 */

trv_rc_t ngx_http_token_revoke_source_find(ngx_http_request_t *r,
    ngx_array_t *sources, trv_candidates_t *found);

/* _check.c */
ngx_int_t ngx_http_token_revoke_handler(ngx_http_request_t *r);

/* NULL: tokens were not looked for, or (see the next one) there was none */

ngx_http_token_revoke_ctx_t *ngx_http_token_revoke_get_ctx(
    ngx_http_request_t *r);

/* true if tokens were looked for and there was none */

ngx_uint_t ngx_http_token_revoke_is_none(ngx_http_request_t *r);

/* _count.c: "had" as in trv_match_t; "dated": it has an issue time */

void ngx_http_token_revoke_count_init(ngx_cycle_t *cycle, ngx_uint_t nzones);
void ngx_http_token_revoke_count(ngx_http_token_revoke_zone_t *zone,
    uint64_t had, ngx_uint_t dated);

/*
 * _judge.c: sets "matched" if one of the tokens is revoked, and "unreadable" if
 * one could not be compared with all rules; shows in the context which token
 * it was, and by what it matched.  NGX_OK, or NGX_ERROR: no memory.
 */

ngx_int_t ngx_http_token_revoke_judge(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found, trv_facts_t *facts);

/*
 * _verdict.c: sets the status of the context, tells the error log, and returns
 * what the phase engine is told.  A dry run is told NGX_DECLINED.
 */

ngx_int_t ngx_http_token_revoke_verdict_revoked(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf);
ngx_int_t ngx_http_token_revoke_verdict_unavailable(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf);
ngx_int_t ngx_http_token_revoke_verdict_malformed(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf);
ngx_int_t ngx_http_token_revoke_verdict_limit(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf);

/* _wait.c */

void ngx_http_token_revoke_wait_init(ngx_cycle_t *cycle, ngx_uint_t max);

/*
 * NGX_AGAIN: the request waits, until it is woken or its time is up; for its
 * zone, too, if it is to be watched.  NGX_DECLINED: too many do already
 */

ngx_int_t ngx_http_token_revoke_wait(ngx_http_token_revoke_ctx_t *ctx,
    ngx_msec_t left, ngx_uint_t watched);
void ngx_http_token_revoke_wait_wake(ngx_http_token_revoke_ctx_t *ctx);
void ngx_http_token_revoke_wait_forget(ngx_http_token_revoke_ctx_t *ctx);

/* those who wait are looked after at the end of this pass of the event loop */

void ngx_http_token_revoke_wait_now(void);

/* true if a request waits for a question behind number "answered" */

ngx_uint_t ngx_http_token_revoke_wait_any(ngx_http_token_revoke_zone_t *zone,
    uint64_t answered);

/* _strict.c: only with a zone that "asks" */

ngx_int_t ngx_http_token_revoke_strict_start(
    ngx_http_token_revoke_zone_t *zone, ngx_cycle_t *cycle);
void ngx_http_token_revoke_strict_stop(ngx_http_token_revoke_zone_t *zone);

/*
 * Whether all is applied that Redis had when the request came; call it before
 * the rules are looked up.
 */

trv_proof_t ngx_http_token_revoke_strict_look(
    ngx_http_token_revoke_ctx_t *ctx);

/* the request wants to know: Redis is asked, soon and with others */

void ngx_http_token_revoke_strict_want(ngx_http_token_revoke_ctx_t *ctx);

/* _strict_say.c: tells the operator of a change; "what" happens to requests */

void ngx_http_token_revoke_strict_lost(ngx_http_token_revoke_ctx_t *ctx,
    const char *what);
void ngx_http_token_revoke_strict_again(ngx_http_token_revoke_zone_t *zone);

/* _query_conf.c */

char *ngx_http_token_revoke_query(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* _query_ask.c: the connections of a worker to all that its "queries" ask */

ngx_int_t ngx_http_token_revoke_query_start(ngx_array_t *all,
    ngx_cycle_t *cycle);
void ngx_http_token_revoke_query_stop(ngx_array_t *all);

/*
 * _query.c: the verdict of Redis on the tokens of a request, of a location
 * that has queries.  They are asked in the first call; call it again when the
 * request has waited, for "left" milliseconds at most.  After REVOKED the
 * context shows which token it was.  NGX_OK, or NGX_ERROR: no memory.
 */

ngx_int_t ngx_http_token_revoke_query_look(ngx_http_token_revoke_ctx_t *ctx,
    ngx_http_token_revoke_loc_conf_t *trlcf, trv_candidates_t *found,
    trv_verdict_t *verdict, ngx_msec_t *left);

/* it cannot wait: the operator is told */

void ngx_http_token_revoke_query_crowded(ngx_http_token_revoke_ctx_t *ctx);

/* the request is decided or gone; idempotent */

void ngx_http_token_revoke_query_forget(ngx_http_token_revoke_ctx_t *ctx);

/* _answer.c: return the code for nginx's phase engine */

ngx_int_t ngx_http_token_revoke_answer_revoked(ngx_http_request_t *r,
    ngx_uint_t status);
ngx_int_t ngx_http_token_revoke_answer_unavailable(ngx_http_request_t *r);

/* _variable.c */

ngx_int_t ngx_http_token_revoke_add_variables(ngx_conf_t *cf);


#pragma GCC visibility pop


#endif /* _NGX_HTTP_TOKEN_REVOKE_H_INCLUDED_ */
