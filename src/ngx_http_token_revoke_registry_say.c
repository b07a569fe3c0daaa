
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What operators are told in Redis: the words.
 */


#include <openssl/rand.h>

#include "ngx_http_token_revoke_registry.h"

#include "codec/trv_edge.h"
#include "core/trv_key.h"


/* seconds for which an answer is kept */

#define NGX_HTTP_TOKEN_REVOKE_ACK_KEPT   "600"


static ngx_int_t ngx_http_token_revoke_registry_names(
    ngx_http_token_revoke_registry_t *registry);
static ngx_int_t ngx_http_token_revoke_registry_set(
    ngx_http_token_revoke_registry_t *registry, trv_str_t hash, u_char *text,
    size_t len);
static size_t ngx_http_token_revoke_registry_text(
    ngx_http_token_revoke_registry_t *registry, u_char **text);
static size_t ngx_http_token_revoke_registry_key(
    ngx_http_token_revoke_registry_t *registry, trv_str_t name, u_char **key);
static size_t ngx_http_token_revoke_registry_refusals(
    ngx_http_token_revoke_shared_t *sh, trv_id_t *refusals);
static ngx_int_t ngx_http_token_revoke_registry_push(
    ngx_http_token_revoke_registry_t *registry, const char *key,
    size_t keylen, const char *text, size_t len);


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


/*
 * The name of the operator's choice, or one that two containers with the same
 * host name do not share, and that stays for the life of the zone.
 */

ngx_int_t
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


/* while many entries come, "live" and "syncing" take turns */

void
ngx_http_token_revoke_registry_moved(
    ngx_http_token_revoke_registry_t *registry)
{
    const char  *word;

    word = ngx_http_token_revoke_registry_states[registry->follower->state];

    if (registry->said && ngx_strcmp(word, registry->said) != 0
        && ngx_strcmp(word, "syncing") != 0)
    {
        ngx_http_token_revoke_registry_changed(registry);
    }
}


void
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


void
ngx_http_token_revoke_registry_report(
    ngx_http_token_revoke_registry_t *registry)
{
    size_t     len;
    u_char    *text;
    trv_str_t  edges = trv_string("edges");

    registry->due = 0;

    /* the names go before their number */

    if (ngx_http_token_revoke_registry_names(registry) != NGX_OK) {
        return;
    }

    len = ngx_http_token_revoke_registry_text(registry, &text);

    if (len == 0) {
        return;
    }

    if (ngx_http_token_revoke_registry_set(registry, edges, text, len)
        == NGX_OK)
    {
        (void) ngx_http_token_revoke_link_flush(&registry->link, 0);
    }

    ngx_free(text);
}


/* NGX_OK, also if there is nothing to be said; NGX_ERROR: the link is lost */

static ngx_int_t
ngx_http_token_revoke_registry_names(
    ngx_http_token_revoke_registry_t *registry)
{
    u_char       *text;
    size_t        len;
    ngx_int_t     rc;
    ngx_uint_t    n;
    trv_str_t     key = trv_string("names");
    trv_names_t  *names;

    names = &registry->follower->zone->sh->claims;
    n = trv_names_count(names);

    if (n == registry->names
        && registry->quiet++ < NGX_HTTP_TOKEN_REVOKE_QUIET)
    {
        return NGX_OK;
    }

    registry->names = n;
    registry->quiet = 0;

    text = ngx_alloc(TRV_EDGE_NAMES, registry->follower->log);
    if (text == NULL) {
        return NGX_OK;
    }

    len = trv_edge_names(names, text);

    rc = ngx_http_token_revoke_registry_set(registry, key, text, len);

    ngx_free(text);

    return rc;
}


/* the field of this edge in the hash of that name */

static ngx_int_t
ngx_http_token_revoke_registry_set(ngx_http_token_revoke_registry_t *registry,
    trv_str_t hash, u_char *text, size_t len)
{
    u_char      *key;
    size_t       lens[4];
    ngx_int_t    rc;
    const char  *argv[4];

    argv[0] = "HSET";
    lens[0] = 4;
    lens[1] = ngx_http_token_revoke_registry_key(registry, hash, &key);

    if (lens[1] == 0) {
        return NGX_ERROR;
    }

    argv[1] = (char *) key;
    argv[2] = (char *) registry->id;
    lens[2] = registry->idlen;
    argv[3] = (char *) text;
    lens[3] = len;

    rc = ngx_http_token_revoke_link_ask(&registry->link, TRV_ASK_ANY, 4, argv,
                                        lens);
    ngx_free(key);

    return rc;
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
    trv_id_t                           refusals[NGX_HTTP_TOKEN_REVOKE_REFUSALS];
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
    registry->said = edge.state;
    edge.log.data = zone->log.data;
    edge.log.len = zone->log.len;
    edge.time = ngx_http_token_revoke_wall_msec() + follower->link.skew;
    edge.applied = trv_position_load(&sh->applied);
    edge.age = ngx_http_token_revoke_zone_age(zone);
    edge.rules = usage.rules;
    edge.percent = ngx_http_token_revoke_apply_percent(&follower->apply);
    edge.overflow = sh->overflow != 0;
    edge.dry_run = zone->dry_run;
    edge.retain = (uint64_t) zone->retain;
    edge.refused = sh->refused;
    edge.refusals = refusals;
    edge.nrefusals = ngx_http_token_revoke_registry_refusals(sh, refusals);
    edge.tokens = sh->counts.tokens;
    edge.dateless = sh->counts.dateless;
    edge.names = registry->names;
    edge.names_full = trv_names_full(&sh->claims) != 0;
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


/* the last ones, the oldest of them first */

static size_t
ngx_http_token_revoke_registry_refusals(ngx_http_token_revoke_shared_t *sh,
    trv_id_t *refusals)
{
    size_t    i, n;
    uint64_t  all;

    all = sh->refused;
    n = all < NGX_HTTP_TOKEN_REVOKE_REFUSALS ? all
        : NGX_HTTP_TOKEN_REVOKE_REFUSALS;

    for (i = 0; i < n; i++) {
        refusals[i] = sh->refusals[(all - n + i)
                                   % NGX_HTTP_TOKEN_REVOKE_REFUSALS];
    }

    return n;
}
