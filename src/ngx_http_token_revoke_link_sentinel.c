
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Where the master is now, by Redis Sentinel.  A link of its own, open for
 * one question, asks the Sentinels in turn: before each connect, and again
 * at intervals while the connection is in use.  A master that was deposed
 * while we could not tell may answer for a long time, and means well.
 *
 *     asked --address--> connected --2 s--> asked --the same--> ...
 *                            ^                |
 *                            +----another-----+
 */


#include "ngx_http_token_revoke_link.h"


/* milliseconds */

#define NGX_HTTP_TOKEN_REVOKE_LINK_WATCH  2000


struct ngx_http_token_revoke_sentinel_s {
    ngx_http_token_revoke_link_t  *master;      /* whom it is asked for */
    ngx_http_token_revoke_link_t   link;
    ngx_event_t                    watch;
};


static ngx_http_token_revoke_sentinel_t *
ngx_http_token_revoke_sentinel_create(ngx_http_token_revoke_link_t *link);
static void ngx_http_token_revoke_sentinel_watch_handler(ngx_event_t *ev);
static void ngx_http_token_revoke_sentinel_ready(void *data);
static void ngx_http_token_revoke_sentinel_readable(void *data);
static void ngx_http_token_revoke_sentinel_failed(void *data,
    const char *reason);
static void ngx_http_token_revoke_sentinel_exiting(void *data);
static void ngx_http_token_revoke_sentinel_answered(
    ngx_http_token_revoke_sentinel_t *sentinel, trv_answer_t *answer);
static void ngx_http_token_revoke_sentinel_named(
    ngx_http_token_revoke_link_t *master, trv_answer_t *answer);


static const ngx_http_token_revoke_link_owner_t
    ngx_http_token_revoke_sentinel_owner =
{
    ngx_http_token_revoke_sentinel_ready,
    ngx_http_token_revoke_sentinel_readable,
    ngx_http_token_revoke_sentinel_failed,
    ngx_http_token_revoke_sentinel_exiting
};


void
ngx_http_token_revoke_link_enquire(ngx_http_token_revoke_link_t *link)
{
    if (link->sentinel == NULL) {
        link->sentinel = ngx_http_token_revoke_sentinel_create(link);
    }

    if (link->sentinel == NULL) {
        ngx_http_token_revoke_link_fail(link, "no memory");
        return;
    }

    ngx_http_token_revoke_link_stop(&link->sentinel->link);
    ngx_http_token_revoke_link_open(&link->sentinel->link);
}


static ngx_http_token_revoke_sentinel_t *
ngx_http_token_revoke_sentinel_create(ngx_http_token_revoke_link_t *link)
{
    ngx_http_token_revoke_sentinel_t  *sentinel;

    sentinel = ngx_calloc(sizeof(ngx_http_token_revoke_sentinel_t),
                          &link->quiet);
    if (sentinel == NULL) {
        return NULL;
    }

    sentinel->master = link;

    sentinel->link.redis = link->redis->sentinels;
    sentinel->link.owner = &ngx_http_token_revoke_sentinel_owner;
    sentinel->link.data = sentinel;

    ngx_http_token_revoke_link_init(&sentinel->link, link->retry.log);

    sentinel->watch.data = sentinel;
    sentinel->watch.log = link->retry.log;
    sentinel->watch.handler = ngx_http_token_revoke_sentinel_watch_handler;
    sentinel->watch.cancelable = 1;

    return sentinel;
}


void
ngx_http_token_revoke_link_watch(ngx_http_token_revoke_link_t *link)
{
    if (link->sentinel) {
        ngx_add_timer(&link->sentinel->watch,
                      NGX_HTTP_TOKEN_REVOKE_LINK_WATCH);
    }
}


void
ngx_http_token_revoke_link_unwatch(ngx_http_token_revoke_link_t *link)
{
    if (link->sentinel == NULL) {
        return;
    }

    if (link->sentinel->watch.timer_set) {
        ngx_del_timer(&link->sentinel->watch);
    }

    ngx_http_token_revoke_link_stop(&link->sentinel->link);
}


void
ngx_http_token_revoke_link_dismiss(ngx_http_token_revoke_link_t *link)
{
    if (link->sentinel) {
        ngx_http_token_revoke_link_unwatch(link);

        ngx_free(link->sentinel);
        link->sentinel = NULL;
    }
}


static void
ngx_http_token_revoke_sentinel_watch_handler(ngx_event_t *ev)
{
    ngx_http_token_revoke_sentinel_t  *sentinel;

    sentinel = ev->data;

    if (!ngx_exiting) {
        ngx_http_token_revoke_link_enquire(sentinel->master);
    }
}


static void
ngx_http_token_revoke_sentinel_ready(void *data)
{
    ngx_http_token_revoke_sentinel_t *sentinel = data;

    size_t       lens[3];
    ngx_str_t   *name;
    const char  *argv[3];

    name = &sentinel->master->redis->master;

    argv[0] = "SENTINEL";
    lens[0] = 8;
    argv[1] = "GET-MASTER-ADDR-BY-NAME";
    lens[1] = 23;
    argv[2] = (char *) name->data;
    lens[2] = name->len;

    if (ngx_http_token_revoke_link_ask(&sentinel->link, TRV_ASK_ADDRESS, 3,
                                       argv, lens)
        == NGX_OK)
    {
        (void) ngx_http_token_revoke_link_flush(&sentinel->link, 0);
    }
}


static void
ngx_http_token_revoke_sentinel_readable(void *data)
{
    ngx_http_token_revoke_sentinel_t *sentinel = data;

    ngx_int_t                      rc;
    trv_answer_t                   answer;
    ngx_http_token_revoke_link_t  *link;

    link = &sentinel->link;

    do {
        rc = ngx_http_token_revoke_link_answer(link, &answer);

        if (rc == NGX_OK) {
            ngx_http_token_revoke_sentinel_answered(sentinel, &answer);
            return;
        }

        if (rc == NGX_AGAIN) {
            rc = ngx_http_token_revoke_link_fill(link);
        }

    } while (rc == NGX_OK);
}


static void
ngx_http_token_revoke_sentinel_answered(
    ngx_http_token_revoke_sentinel_t *sentinel, trv_answer_t *answer)
{
    ngx_http_token_revoke_link_t  *link, *master;
    u_char                         host[TRV_URL_HOST_MAX];

    link = &sentinel->link;
    master = sentinel->master;

    if (answer->type == TRV_ANSWER_NIL) {
        ngx_http_token_revoke_link_fail(link, "it knows no such master");
        return;
    }

    if (answer->type != TRV_ANSWER_OK) {

        /* a password is said to those Sentinels only that ask for one */

        if (!link->auth && link->redis->password.len
            && ngx_strncmp(answer->error, "NOAUTH", 6) == 0)
        {
            link->auth = 1;
            trv_round_retry(&link->round);
        }

        ngx_http_token_revoke_link_fail(link, answer->error);
        return;
    }

    if (answer->text.len > sizeof(host)) {
        ngx_http_token_revoke_link_fail(link, "it names no address");
        return;
    }

    /* the text is the reader's, which is closed */

    ngx_memcpy(host, answer->text.data, answer->text.len);
    answer->text.data = host;

    ngx_http_token_revoke_link_proved(link);
    ngx_http_token_revoke_link_stop(link);

    /* the master's owner may stop it, and with it us */

    ngx_http_token_revoke_sentinel_named(master, answer);
}


static void
ngx_http_token_revoke_sentinel_named(ngx_http_token_revoke_link_t *master,
    trv_answer_t *answer)
{
    ngx_uint_t  other;
    u_char      reason[NGX_HTTP_TOKEN_REVOKE_REASON];

    if (master->state == TRV_LINK_FINDING) {
        (void) ngx_http_token_revoke_link_call(master, answer->text,
                                               answer->port);
        ngx_http_token_revoke_link_go(master);
        return;
    }

    if (master->state != TRV_LINK_READY) {
        return;
    }

    other = ngx_http_token_revoke_link_call(master, answer->text,
                                            answer->port);
    if (!other) {
        ngx_http_token_revoke_link_watch(master);
        return;
    }

    (void) ngx_snprintf(reason, sizeof(reason),
                        "sentinel names another master, %V:%ui%Z",
                        &master->named.name, (ngx_uint_t) master->named.port);
    reason[sizeof(reason) - 1] = '\0';

    master->hurry = 1;
    ngx_http_token_revoke_link_fail(master, (char *) reason);
}


/*
 * All of them were asked in vain.  Without a connection to a master that is
 * a failure; with one it is the Sentinels' affair.
 */

static void
ngx_http_token_revoke_sentinel_failed(void *data, const char *reason)
{
    ngx_http_token_revoke_sentinel_t *sentinel = data;

    ngx_http_token_revoke_link_t  *master;
    u_char                         text[NGX_HTTP_TOKEN_REVOKE_REASON];

    if (!sentinel->link.over) {
        return;
    }

    master = sentinel->master;

    (void) ngx_snprintf(text, sizeof(text), "sentinel %s%Z", reason);
    text[sizeof(text) - 1] = '\0';

    ngx_http_token_revoke_link_stop(&sentinel->link);

    if (master->state == TRV_LINK_FINDING) {
        ngx_http_token_revoke_link_fail(master, (char *) text);

    } else if (master->state == TRV_LINK_READY) {
        ngx_http_token_revoke_link_watch(master);
    }
}


/* without a connection of its own the master's link is not told by nginx */

static void
ngx_http_token_revoke_sentinel_exiting(void *data)
{
    ngx_http_token_revoke_sentinel_t *sentinel = data;

    ngx_http_token_revoke_link_t  *master;

    master = sentinel->master;

    ngx_http_token_revoke_link_stop(&sentinel->link);

    if (master->connection == NULL) {
        master->owner->exiting(master->data);
    }
}
