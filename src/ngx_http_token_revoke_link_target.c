
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Where a link goes: the hosts of the URL in turn (core/trv_round.c), and all
 * addresses of each.  A name is resolved again whenever its turn comes.
 */


#include "ngx_http_token_revoke_link.h"


static void ngx_http_token_revoke_link_literal(
    ngx_http_token_revoke_link_t *link);
static void ngx_http_token_revoke_link_resolve(
    ngx_http_token_revoke_link_t *link);
static void ngx_http_token_revoke_link_resolved(ngx_resolver_ctx_t *ctx);
static ngx_int_t ngx_http_token_revoke_link_addresses(
    ngx_http_token_revoke_link_t *link, ngx_resolver_ctx_t *ctx);


void
ngx_http_token_revoke_link_find(ngx_http_token_revoke_link_t *link)
{
    ngx_uint_t           nhosts;
    trv_round_target_t   target;

    link->moved = 0;

    nhosts = link->redis->nhosts;
    target = trv_round_peek(&link->round, nhosts);

    if (target != TRV_ROUND_HINT && link->addr < link->naddrs) {
        ngx_http_token_revoke_link_event(link, TRV_LINK_FOUND, NULL);
        return;
    }

    ngx_http_token_revoke_link_lose(link);
    link->asking = 0;

    if (link->redis->sentinels && target != TRV_ROUND_HINT) {
        ngx_http_token_revoke_link_enquire(link);
        return;
    }

    do {
        target = trv_round_next(&link->round, nhosts);
    } while (target == TRV_ROUND_OVER);

    if (target == TRV_ROUND_HINT) {
        link->asking = link->named_ask;
        ngx_http_token_revoke_link_go(link);
        return;
    }

    link->host = &link->redis->hosts[link->round.host];

    if (link->host->naddrs == 0) {
        ngx_http_token_revoke_link_resolve(link);
        return;
    }

    link->addrs = link->host->addrs;
    link->naddrs = link->host->naddrs;

    ngx_http_token_revoke_link_event(link, TRV_LINK_FOUND, NULL);
}


void
ngx_http_token_revoke_link_lose(ngx_http_token_revoke_link_t *link)
{
    if (link->resolving) {
        ngx_resolve_name_done(link->resolving);
        link->resolving = NULL;
    }

    link->addr = 0;
    link->naddrs = 0;

    if (link->found) {
        ngx_destroy_pool(link->found);
        link->found = NULL;
    }
}


ngx_uint_t
ngx_http_token_revoke_link_more(ngx_http_token_revoke_link_t *link)
{
    if (trv_round_peek(&link->round, link->redis->nhosts) == TRV_ROUND_HINT) {
        return 1;
    }

    if (link->addr < link->naddrs) {
        return 1;
    }

    if (trv_round_peek(&link->round, link->redis->nhosts) == TRV_ROUND_OVER) {
        (void) trv_round_next(&link->round, link->redis->nhosts);
        return 0;
    }

    return 1;
}


void
ngx_http_token_revoke_link_where(ngx_http_token_revoke_link_t *link,
    const char *reason, u_char *buf)
{
    u_char      *p, *last;
    ngx_uint_t   several;

    p = buf;
    last = buf + NGX_HTTP_TOKEN_REVOKE_REASON;

    several = link->redis->nhosts != 1 || link->naddrs > 1 || link->round.away;

    /* "addr" is the next one: without one there was no address at all */

    if (several && link->addr) {
        p = ngx_slprintf(p, last - 1, "%V: ",
                         &link->addrs[link->addr - 1].name);
    }

    ngx_cpystrn(p, (u_char *) reason, last - p);
}


ngx_str_t
ngx_http_token_revoke_link_address(ngx_http_token_revoke_link_t *link)
{
    ngx_str_t  none = ngx_null_string;

    return link->addr ? link->addrs[link->addr - 1].name : none;
}


ngx_uint_t
ngx_http_token_revoke_link_name(ngx_http_token_revoke_link_t *link,
    trv_str_t host, uint16_t port)
{
    if (!trv_round_hint(&link->round)) {
        return 0;
    }

    (void) ngx_http_token_revoke_link_call(link, host, port);

    link->named_ask = 0;

    return 1;
}


/* without a host it is that of now */

ngx_uint_t
ngx_http_token_revoke_link_call(ngx_http_token_revoke_link_t *link,
    trv_str_t host, uint16_t port)
{
    u_char                        *p;
    ngx_str_t                      name;
    ngx_uint_t                     other;
    ngx_http_token_revoke_host_t  *named;
    u_char                         text[TRV_URL_HOST_MAX + 3];

    name.data = (u_char *) host.data;
    name.len = host.len;

    if (name.len == 0) {
        name = link->host->name;
    }

    p = name.data;

    if (p[0] != '[' && ngx_strlchr(p, p + name.len, ':')) {
        p = ngx_snprintf(text, sizeof(text) - 1, "[%V]", &name);

    } else {
        p = ngx_snprintf(text, sizeof(text) - 1, "%V", &name);
    }

    *p = '\0';

    named = &link->named;

    other = named->port != port
            || named->name.len != (size_t) (p - text)
            || ngx_memcmp(named->name.data, text, named->name.len) != 0;

    ngx_memzero(named, sizeof(ngx_http_token_revoke_host_t));
    ngx_memcpy(link->name, text, p - text + 1);

    named->name.data = link->name;
    named->name.len = p - text;
    named->port = port;

    return other;
}


void
ngx_http_token_revoke_link_go(ngx_http_token_revoke_link_t *link)
{
    link->host = &link->named;

    ngx_http_token_revoke_link_literal(link);
}


/* what was named is an address, or a name for a resolver */

static void
ngx_http_token_revoke_link_literal(ngx_http_token_revoke_link_t *link)
{
    ngx_url_t  u;
    u_char     reason[NGX_HTTP_TOKEN_REVOKE_REASON];

    link->found = ngx_create_pool(1024, &link->quiet);

    if (link->found == NULL) {
        ngx_http_token_revoke_link_fail(link, "no memory");
        return;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = link->host->name;
    u.default_port = link->host->port;
    u.no_resolve = 1;

    if (ngx_parse_url(link->found, &u) == NGX_OK && u.naddrs) {
        link->addrs = u.addrs;
        link->naddrs = u.naddrs;

        ngx_http_token_revoke_link_event(link, TRV_LINK_FOUND, NULL);
        return;
    }

    if (link->redis->resolver) {
        ngx_http_token_revoke_link_resolve(link);
        return;
    }

    (void) ngx_snprintf(reason, sizeof(reason), "redis named \"%V\" and there "
                        "is no resolver%Z", &link->host->name);
    reason[sizeof(reason) - 1] = '\0';

    ngx_http_token_revoke_link_fail(link, (char *) reason);
}


/* nginx may call back at once, and then the link has gone on */

static void
ngx_http_token_revoke_link_resolve(ngx_http_token_revoke_link_t *link)
{
    ngx_resolver_ctx_t             *ctx;
    ngx_http_token_revoke_redis_t  *redis;

    redis = link->redis;

    ctx = ngx_resolve_start(redis->resolver, NULL);

    if (ctx == NULL || ctx == NGX_NO_RESOLVER) {
        ngx_http_token_revoke_link_fail(link, "no resolver");
        return;
    }

    ctx->name = link->host->name;
    ctx->handler = ngx_http_token_revoke_link_resolved;
    ctx->data = link;
    ctx->timeout = redis->resolver_timeout;
    ctx->cancelable = 1;

    link->resolving = ctx;

    if (ngx_resolve_name(ctx) != NGX_OK) {
        link->resolving = NULL;
        ngx_http_token_revoke_link_fail(link, "the resolver failed");
    }
}


static void
ngx_http_token_revoke_link_resolved(ngx_resolver_ctx_t *ctx)
{
    ngx_int_t                      rc;
    ngx_http_token_revoke_link_t  *link;
    u_char                         reason[NGX_HTTP_TOKEN_REVOKE_REASON];

    link = ctx->data;

    if (ctx->state) {
        (void) ngx_snprintf(reason, sizeof(reason) - 1,
                            "%V could not be resolved (%i: %s)%Z", &ctx->name,
                            ctx->state, ngx_resolver_strerror(ctx->state));
        reason[sizeof(reason) - 1] = '\0';

        ngx_http_token_revoke_link_lose(link);
        ngx_http_token_revoke_link_fail(link, (char *) reason);
        return;
    }

    rc = ngx_http_token_revoke_link_addresses(link, ctx);

    ngx_resolve_name_done(ctx);
    link->resolving = NULL;

    if (rc != NGX_OK) {
        ngx_http_token_revoke_link_fail(link, "no memory");
        return;
    }

    ngx_http_token_revoke_link_event(link, TRV_LINK_FOUND, NULL);
}


/* a copy of them: those of the resolver live as long as its context */

static ngx_int_t
ngx_http_token_revoke_link_addresses(ngx_http_token_revoke_link_t *link,
    ngx_resolver_ctx_t *ctx)
{
    u_char           *text;
    ngx_uint_t        i;
    ngx_addr_t       *addr;
    struct sockaddr  *sockaddr;

    if (link->found == NULL) {
        link->found = ngx_create_pool(1024, &link->quiet);
    }

    if (link->found == NULL) {
        return NGX_ERROR;
    }

    addr = ngx_pcalloc(link->found, ctx->naddrs * sizeof(ngx_addr_t));
    if (addr == NULL) {
        return NGX_ERROR;
    }

    link->addrs = addr;

    for (i = 0; i < ctx->naddrs; i++, addr++) {

        sockaddr = ngx_palloc(link->found, ctx->addrs[i].socklen);
        text = ngx_pnalloc(link->found, NGX_SOCKADDR_STRLEN);

        if (sockaddr == NULL || text == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(sockaddr, ctx->addrs[i].sockaddr, ctx->addrs[i].socklen);
        ngx_inet_set_port(sockaddr, link->host->port);

        addr->sockaddr = sockaddr;
        addr->socklen = ctx->addrs[i].socklen;
        addr->name.data = text;
        addr->name.len = ngx_sock_ntop(sockaddr, addr->socklen, text,
                                       NGX_SOCKADDR_STRLEN, 1);
    }

    link->naddrs = ctx->naddrs;

    return NGX_OK;
}
