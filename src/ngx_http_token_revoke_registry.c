
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What operators are told in Redis: who follows this log and how far it is,
 * once a second in the hash "{revoked}:edges", and that an entry is in force,
 * in the list "{revoked}:ack:<nonce>" (docs/redis.md).  It is written to the
 * master, over a link of its own: the follower's may lead to a replica, and
 * is blocked most of the time.
 */


#include <openssl/rand.h>

#include "ngx_http_token_revoke_follow.h"

#include "codec/trv_edge.h"
#include "core/trv_key.h"


/* milliseconds between two reports */

#define NGX_HTTP_TOKEN_REVOKE_REPORTING  1000

/* an entry that is older has nobody who waits for its nonce, milliseconds */

#define NGX_HTTP_TOKEN_REVOKE_ACK_AGE    60000

/* seconds for which an answer is kept, and answers that wait for the link */

#define NGX_HTTP_TOKEN_REVOKE_ACK_KEPT   "600"
#define NGX_HTTP_TOKEN_REVOKE_ACKS       64

/* the longest identity, and the longest nonce with what it is used in */

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
    u_char                              id[NGX_HTTP_TOKEN_REVOKE_EDGE_LEN];
    size_t                              idlen;

    ngx_uint_t                          nacks;
    ngx_http_token_revoke_ack_t         acks[NGX_HTTP_TOKEN_REVOKE_ACKS];

    unsigned                            complained:1;
    unsigned                            forbidden:1;   /* until a reload */
};


static ngx_int_t ngx_http_token_revoke_registry_id(
    ngx_http_token_revoke_registry_t *registry);
static void ngx_http_token_revoke_registry_report(
    ngx_http_token_revoke_registry_t *registry);
static size_t ngx_http_token_revoke_registry_text(
    ngx_http_token_revoke_registry_t *registry, u_char **text);
static size_t ngx_http_token_revoke_registry_key(
    ngx_http_token_revoke_registry_t *registry, trv_str_t name, u_char **key);
static void ngx_http_token_revoke_registry_ack(
    ngx_http_token_revoke_registry_t *registry,
    ngx_http_token_revoke_ack_t *ack);
static ngx_int_t ngx_http_token_revoke_registry_push(
    ngx_http_token_revoke_registry_t *registry, const char *key,
    size_t keylen, const char *text, size_t len);
static void ngx_http_token_revoke_registry_answer(
    ngx_http_token_revoke_registry_t *registry, trv_answer_t *answer);
static void ngx_http_token_revoke_registry_ready(void *data);
static void ngx_http_token_revoke_registry_readable(void *data);
static void ngx_http_token_revoke_registry_failed(void *data,
    const char *reason);
static void ngx_http_token_revoke_registry_exiting(void *data);
static void ngx_http_token_revoke_registry_tick_handler(ngx_event_t *ev);
static void ngx_http_token_revoke_registry_turn_handler(ngx_event_t *ev);


static const ngx_http_token_revoke_link_owner_t
    ngx_http_token_revoke_registry_owner =
{
    ngx_http_token_revoke_registry_ready,
    ngx_http_token_revoke_registry_readable,
    ngx_http_token_revoke_registry_failed,
    ngx_http_token_revoke_registry_exiting
};


/* the words of JSON, in the order of ngx_http_token_revoke_report_e */

static const char  *ngx_http_token_revoke_registry_reports[] = {
    "loss", "gap", "refused"
};


static const char  *ngx_http_token_revoke_registry_states[] = {
    [TRV_FOLLOW_COLD] = "cold",
    [TRV_FOLLOW_CHECKING] = "syncing",
    [TRV_FOLLOW_SYNCING] = "syncing",
    [TRV_FOLLOW_COLLECTING] = "syncing",
    [TRV_FOLLOW_REPLAYING] = "syncing",
    [TRV_FOLLOW_LIVE] = "live",
    [TRV_FOLLOW_UNSURE] = "detached",
    [TRV_FOLLOW_DETACHED] = "detached"
};


ngx_int_t
ngx_http_token_revoke_registry_init(
    ngx_http_token_revoke_follower_t *follower, ngx_cycle_t *cycle)
{
    ngx_http_token_revoke_registry_t  *registry;

    registry = ngx_pcalloc(cycle->pool,
                           sizeof(ngx_http_token_revoke_registry_t));
    if (registry == NULL) {
        return NGX_ERROR;
    }

    registry->plan = ngx_pcalloc(cycle->pool, trv_plan_size());
    if (registry->plan == NULL) {
        return NGX_ERROR;
    }

    follower->apply.registry = registry;

    registry->follower = follower;

    registry->link.redis = follower->zone->redis;
    registry->link.want = NGX_HTTP_TOKEN_REVOKE_WANT_MASTER;
    registry->link.owner = &ngx_http_token_revoke_registry_owner;
    registry->link.data = registry;

    ngx_http_token_revoke_link_init(&registry->link, cycle->log);

    registry->turn.data = registry;
    registry->turn.log = cycle->log;
    registry->turn.handler = ngx_http_token_revoke_registry_turn_handler;

    registry->tick.data = registry;
    registry->tick.log = cycle->log;
    registry->tick.handler = ngx_http_token_revoke_registry_tick_handler;
    registry->tick.cancelable = 1;

    return ngx_http_token_revoke_registry_id(registry);
}


/*
 * The name of the operator's choice, or one that two containers with the same
 * host name do not share, and that stays for the life of the zone.
 */

static ngx_int_t
ngx_http_token_revoke_registry_id(ngx_http_token_revoke_registry_t *registry)
{
    u_char                        *p, *last;
    uint32_t                       suffix, none;
    ngx_http_token_revoke_zone_t  *zone;

    zone = registry->follower->zone;
    p = registry->id;
    last = p + NGX_HTTP_TOKEN_REVOKE_EDGE_LEN;

    if (zone->edge.len) {
        registry->idlen = ngx_slprintf(p, last, "%V", &zone->edge) - p;
        return NGX_OK;
    }

    if (RAND_bytes((u_char *) &suffix, sizeof(suffix)) != 1) {
        return NGX_ERROR;
    }

    none = 0;
    suffix |= 1;

    (void) __atomic_compare_exchange_n(&zone->sh->suffix, &none, suffix, 0,
                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED);

    registry->idlen = ngx_slprintf(p, last, "%V/%V/%08xD",
                                   &ngx_cycle->hostname, &zone->name,
                                   zone->sh->suffix)
                      - p;

    return NGX_OK;
}


void
ngx_http_token_revoke_registry_start(
    ngx_http_token_revoke_registry_t *registry)
{
    if (!registry->forbidden) {
        ngx_http_token_revoke_link_open(&registry->link);
    }
}


/* idempotent */

void
ngx_http_token_revoke_registry_stop(ngx_http_token_revoke_registry_t *registry)
{
    ngx_http_token_revoke_link_stop(&registry->link);

    if (registry->tick.timer_set) {
        ngx_del_timer(&registry->tick);
    }

    if (registry->turn.posted) {
        ngx_delete_posted_event(&registry->turn);
    }

    registry->nacks = 0;
}


/*
 * In the turn in which the entry was applied; what does not fit, or comes
 * before the link is ready and is old by then, has nobody who waits for it.
 */

void
ngx_http_token_revoke_registry_applied(
    ngx_http_token_revoke_registry_t *registry, const trv_entry_t *entry)
{
    uint64_t                      now;
    ngx_http_token_revoke_ack_t  *ack;

    now = ngx_http_token_revoke_wall_msec()
          + registry->follower->link.skew;

    if (registry->forbidden
        || registry->nacks == NGX_HTTP_TOKEN_REVOKE_ACKS
        || entry->id.ms + NGX_HTTP_TOKEN_REVOKE_ACK_AGE < now)
    {
        return;
    }

    ack = &registry->acks[registry->nacks++];

    ngx_memcpy(ack->nonce, entry->ack.data, entry->ack.len);
    ack->len = entry->ack.len;

    ack->result = entry->refused ? "refused"
                  : registry->follower->zone->sh->overflow ? "overflow" : "ok";

    ngx_post_event(&registry->turn, &ngx_posted_events);
}


static void
ngx_http_token_revoke_registry_turn_handler(ngx_event_t *ev)
{
    ngx_uint_t                         i;
    ngx_http_token_revoke_registry_t  *registry;

    registry = ev->data;

    if (registry->link.state != TRV_LINK_READY) {
        return;
    }

    for (i = 0; i < registry->nacks; i++) {
        ngx_http_token_revoke_registry_ack(registry, &registry->acks[i]);

        if (registry->link.state != TRV_LINK_READY) {
            return;
        }
    }

    registry->nacks = 0;

    (void) ngx_http_token_revoke_link_flush(&registry->link, 0);
}


static void
ngx_http_token_revoke_registry_ack(ngx_http_token_revoke_registry_t *registry,
    ngx_http_token_revoke_ack_t *ack)
{
    u_char     *p, *key;
    size_t      len, keylen;
    trv_str_t   name;
    u_char      buf[sizeof("ack:") + TRV_ENTRY_ACK_LEN];
    u_char      text[NGX_HTTP_TOKEN_REVOKE_EDGE_LEN + 16];

    p = ngx_cpymem(buf, "ack:", 4);
    p = ngx_cpymem(p, ack->nonce, ack->len);

    name.data = buf;
    name.len = p - buf;

    keylen = ngx_http_token_revoke_registry_key(registry, name, &key);

    if (keylen == 0) {
        return;
    }

    p = ngx_cpymem(text, registry->id, registry->idlen);
    len = ngx_sprintf(p, " %s", ack->result) - text;

    (void) ngx_http_token_revoke_registry_push(registry, (char *) key, keylen,
                                               (char *) text, len);

    ngx_free(key);
}


/* at once, so that no list is left that does not expire */

static ngx_int_t
ngx_http_token_revoke_registry_push(ngx_http_token_revoke_registry_t *registry,
    const char *key, size_t keylen, const char *text, size_t len)
{
    ngx_uint_t  i;

    const char *argv[4][3] = {
        { "MULTI", NULL, NULL }, { "RPUSH", key, text },
        { "EXPIRE", key, NGX_HTTP_TOKEN_REVOKE_ACK_KEPT },
        { "EXEC", NULL, NULL }
    };
    size_t  lens[4][3] = {
        { 5, 0, 0 }, { 5, keylen, len },
        { 6, keylen, sizeof(NGX_HTTP_TOKEN_REVOKE_ACK_KEPT) - 1 },
        { 4, 0, 0 }
    };

    for (i = 0; i < 4; i++) {
        if (ngx_http_token_revoke_link_ask(&registry->link, TRV_ASK_ANY,
                                           argv[i][1] ? 3 : 1, argv[i],
                                           lens[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_token_revoke_registry_tick_handler(ngx_event_t *ev)
{
    ngx_http_token_revoke_registry_t  *registry;

    registry = ev->data;

    if (ngx_exiting) {
        ngx_http_token_revoke_registry_stop(registry);
        return;
    }

    ngx_add_timer(ev, NGX_HTTP_TOKEN_REVOKE_REPORTING);

    /* one that was not answered yet is as good as another */

    if (registry->link.state == TRV_LINK_READY && registry->link.asked == 0) {
        ngx_http_token_revoke_registry_report(registry);
    }
}


static void
ngx_http_token_revoke_registry_report(
    ngx_http_token_revoke_registry_t *registry)
{
    u_char      *key, *text;
    size_t       lens[4];
    trv_str_t    edges = trv_string("edges");
    const char  *argv[4];

    argv[0] = "HSET";
    lens[0] = 4;
    lens[1] = ngx_http_token_revoke_registry_key(registry, edges, &key);

    if (lens[1] == 0) {
        return;
    }

    argv[1] = (char *) key;
    argv[2] = (char *) registry->id;
    lens[2] = registry->idlen;
    lens[3] = ngx_http_token_revoke_registry_text(registry, &text);

    if (lens[3] != 0) {
        argv[3] = (char *) text;

        if (ngx_http_token_revoke_link_ask(&registry->link, TRV_ASK_ANY, 4,
                                           argv, lens)
            == NGX_OK)
        {
            (void) ngx_http_token_revoke_link_flush(&registry->link, 0);
        }

        ngx_free(text);
    }

    ngx_free(key);
}


/* returns 0 without memory; else *key is to be freed */

static size_t
ngx_http_token_revoke_registry_key(ngx_http_token_revoke_registry_t *registry,
    trv_str_t name, u_char **key)
{
    trv_str_t   log;
    ngx_str_t  *text;

    text = &registry->follower->zone->log;

    log.data = text->data;
    log.len = text->len;

    *key = ngx_alloc(log.len + name.len + TRV_KEY_EXTRA,
                     registry->follower->log);

    return *key ? trv_key_format(log, name, *key) : 0;
}


static size_t
ngx_http_token_revoke_registry_text(ngx_http_token_revoke_registry_t *registry,
    u_char **text)
{
    ngx_uint_t                         i;
    const char                        *reports[NGX_HTTP_TOKEN_REVOKE_KINDS];
    trv_edge_t                         edge;
    trv_usage_t                        usage;
    ngx_http_token_revoke_zone_t      *zone;
    ngx_http_token_revoke_shared_t    *sh;
    ngx_http_token_revoke_follower_t  *follower;

    follower = registry->follower;
    zone = follower->zone;
    sh = zone->sh;

    ngx_memzero(&edge, sizeof(trv_edge_t));

    trv_plan_load(registry->plan, zone->shapes);
    trv_writer_usage(follower->apply.writer, &usage);

    edge.version = NGX_HTTP_TOKEN_REVOKE_VERSION;
    edge.state = ngx_http_token_revoke_registry_states[follower->state];
    edge.log.data = zone->log.data;
    edge.log.len = zone->log.len;
    edge.time = ngx_http_token_revoke_wall_msec() + follower->link.skew;
    edge.applied = trv_position_load(&sh->applied);
    edge.age = ngx_http_token_revoke_zone_age(zone);
    edge.rules = usage.rules;
    edge.percent = ngx_http_token_revoke_apply_percent(&follower->apply);
    edge.overflow = sh->overflow != 0;
    edge.dry_run = zone->dry_run;
    edge.refused = sh->refused;
    edge.tokens = sh->counts.tokens;
    edge.dateless = sh->counts.dateless;
    edge.plan = registry->plan;
    edge.had = sh->counts.had;
    edge.attributes = zone->attributes ? zone->attributes->elts : NULL;
    edge.nattributes = zone->attributes ? zone->attributes->nelts : 0;

    for (i = 0; i < NGX_HTTP_TOKEN_REVOKE_KINDS; i++) {
        if (sh->reports & (1U << i)) {
            reports[edge.nreports++]
                = ngx_http_token_revoke_registry_reports[i];
        }
    }

    edge.reports = reports;

    *text = ngx_alloc(trv_edge_size(&edge), follower->log);

    return *text ? trv_edge_format(&edge, *text) : 0;
}


static void
ngx_http_token_revoke_registry_ready(void *data)
{
    ngx_http_token_revoke_registry_t *registry = data;

    ngx_http_token_revoke_registry_tick_handler(&registry->tick);

    if (registry->nacks) {
        ngx_post_event(&registry->turn, &ngx_posted_events);
    }
}


static void
ngx_http_token_revoke_registry_readable(void *data)
{
    ngx_http_token_revoke_registry_t *registry = data;

    ngx_int_t     rc;
    trv_answer_t  answer;

    for ( ;; ) {
        rc = ngx_http_token_revoke_link_answer(&registry->link, &answer);

        if (rc == NGX_OK) {
            ngx_http_token_revoke_registry_answer(registry, &answer);

        } else if (rc == NGX_AGAIN) {
            rc = ngx_http_token_revoke_link_fill(&registry->link);
        }

        if (rc != NGX_OK || registry->link.state == TRV_LINK_DOWN) {
            break;
        }
    }

    if (rc == NGX_AGAIN
        && ngx_handle_read_event(registry->link.connection->read, 0) != NGX_OK)
    {
        ngx_http_token_revoke_link_fail(&registry->link,
                                        "no event for reading");
    }
}


static void
ngx_http_token_revoke_registry_answer(
    ngx_http_token_revoke_registry_t *registry, trv_answer_t *answer)
{
    if (answer->type != TRV_ANSWER_ERROR) {
        registry->complained = 0;
        ngx_http_token_revoke_link_proved(&registry->link);
        return;
    }

    if (ngx_strncmp(answer->error, "NOPERM", 6) == 0) {
        registry->forbidden = 1;
    }

    ngx_http_token_revoke_link_fail(&registry->link, answer->error);
}


/*
 * The follower says what is wrong with a Redis; here is said only what keeps
 * this edge from being seen by operators.
 */

static void
ngx_http_token_revoke_registry_failed(void *data, const char *reason)
{
    ngx_http_token_revoke_registry_t *registry = data;

    ngx_http_token_revoke_zone_t  *zone;

    zone = registry->follower->zone;

    if (registry->tick.timer_set) {
        ngx_del_timer(&registry->tick);
    }

    if (registry->forbidden) {
        ngx_http_token_revoke_registry_stop(registry);

    } else if (registry->follower->state != TRV_FOLLOW_LIVE
               || registry->link.attempts < 3)
    {
        return;
    }

    if (registry->complained) {
        return;
    }

    registry->complained = 1;

    ngx_log_error(NGX_LOG_WARN, registry->follower->log, 0,
                  "token revoke zone \"%V\" cannot register with redis \"%V\": "
                  "%s; it follows the log, but token-revoke does not see edge "
                  "\"%*s\"",
                  &zone->name, &zone->redis->text, reason, registry->idlen,
                  registry->id);
}


static void
ngx_http_token_revoke_registry_exiting(void *data)
{
    ngx_http_token_revoke_registry_stop(data);
}
