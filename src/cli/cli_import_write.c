
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Entries on their way to Redis: many at a time, kept until each is confirmed,
 * and sent again over a new connection when one is lost.  That one of them was
 * applied already does no harm.
 */


#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli_import.h"


/* connections in a row that bring no answer, and the pause before the next */

#define CLI_IMPORT_TRIES  7
#define CLI_IMPORT_PAUSE  100         /* milliseconds, doubled each time */


static trv_rc_t cli_import_send(cli_import_t *im,
    const cli_import_entry_t *entry);
static int cli_import_words(cli_import_t *im, const cli_import_entry_t *entry);
static void cli_import_word(cli_import_t *im, int *n, const char *word,
    size_t len);
static trv_rc_t cli_import_answer(cli_import_t *im, redisReply *reply);
static trv_rc_t cli_import_refused(cli_import_t *im, const redisReply *reply);
static trv_rc_t cli_import_again(cli_import_t *im);
static trv_rc_t cli_import_reopen(cli_import_t *im);
static int cli_import_worth(cli_fault_t fault);
static trv_rc_t cli_import_count(cli_import_t *im, cli_import_entry_t *entry);


trv_rc_t
cli_import_connect(cli_import_t *im)
{
    im->redis = cli_redis_open(&im->o->target, CLI_REDIS_MASTER, &im->trouble);

    if (im->redis == NULL) {
        im->failed = 1;
        return TRV_NONE;
    }

    return TRV_OK;
}


trv_rc_t
cli_import_write(cli_import_t *im, cli_import_entry_t *entry)
{
    trv_rc_t  rc;
    unsigned  i;

    if (im->o->dry_run) {
        return cli_import_count(im, entry);
    }

    while (im->nflights == CLI_IMPORT_FLIGHTS) {
        rc = cli_import_answer(im, cli_redis_read(im->redis));

        if (rc != TRV_OK) {
            cli_import_entry_free(im, entry);
            return rc;
        }
    }

    i = (im->first_flight + im->nflights++) % CLI_IMPORT_FLIGHTS;
    im->flight[i] = entry;

    if (cli_import_send(im, entry) == TRV_OK) {
        return TRV_OK;
    }

    return im->nomem ? TRV_NOMEM : cli_import_again(im);
}


/* of a dry run: what would be written, by its end */

static trv_rc_t
cli_import_count(cli_import_t *im, cli_import_entry_t *entry)
{
    unsigned           i;
    cli_import_sum_t  *sum;

    for (i = 0; i < im->nsums; i++) {
        if (im->sums[i].end == entry->end) {
            break;
        }
    }

    if (i == im->nsums) {
        sum = realloc(im->sums, (i + 1) * sizeof(cli_import_sum_t));
        if (sum == NULL) {
            im->nomem = 1;
            return TRV_NOMEM;
        }

        im->sums = sum;
        im->nsums++;

        memset(&sum[i], 0, sizeof(cli_import_sum_t));
        sum[i].end = entry->end;
        sum[i].len = entry->len[0];

        sum[i].first = malloc(sum[i].len);
        if (sum[i].first == NULL) {
            im->nomem = 1;
            return TRV_NOMEM;
        }

        memcpy(sum[i].first, entry->text, sum[i].len);
    }

    im->sums[i].values += entry->n;
    im->sums[i].entries++;
    im->count.entries++;
    im->count.written += entry->n;
    im->done = entry->done;

    cli_import_entry_free(im, entry);

    return TRV_OK;
}


static trv_rc_t
cli_import_send(cli_import_t *im, const cli_import_entry_t *entry)
{
    int       n;
    trv_rc_t  rc;

    n = cli_import_words(im, entry);

    rc = cli_redis_appendv(im->redis, n, im->argv, im->argvlen);

    if (rc == TRV_NOMEM) {
        im->nomem = 1;
    }

    return rc;
}


/* XADD log [NOMKSTREAM] * name value ... before ... */

static int
cli_import_words(cli_import_t *im, const cli_import_entry_t *entry)
{
    int          n;
    unsigned     i;
    const char  *text, *match;

    n = 0;
    text = entry->text;
    match = im->o->match;

    cli_import_word(im, &n, "XADD", 4);
    cli_import_word(im, &n, im->o->target.log, strlen(im->o->target.log));

    if (!im->o->create) {
        cli_import_word(im, &n, "NOMKSTREAM", 10);
    }

    cli_import_word(im, &n, "*", 1);

    for (i = 0; i < entry->n; i++) {
        cli_import_word(im, &n, match, strlen(match));
        cli_import_word(im, &n, text, entry->len[i]);

        text += entry->len[i];
    }

    cli_import_word(im, &n, "before", 6);
    cli_import_word(im, &n, im->before, strlen(im->before));

    if (entry->end != TRV_END_NEVER) {
        snprintf(im->end, sizeof(im->end), "%" PRId64, entry->end);

        cli_import_word(im, &n, "until", 5);
        cli_import_word(im, &n, im->end, strlen(im->end));
    }

    if (im->o->reason != NULL) {
        cli_import_word(im, &n, "reason", 6);
        cli_import_word(im, &n, im->o->reason, strlen(im->o->reason));
    }

    if (im->o->by != NULL) {
        cli_import_word(im, &n, "by", 2);
        cli_import_word(im, &n, im->o->by, strlen(im->o->by));
    }

    if (entry->ack != NULL) {
        cli_import_word(im, &n, "ack", 3);
        cli_import_word(im, &n, entry->ack, strlen(entry->ack));
    }

    return n;
}


static void
cli_import_word(cli_import_t *im, int *n, const char *word, size_t len)
{
    im->argv[*n] = word;
    im->argvlen[*n] = len;
    (*n)++;
}


trv_rc_t
cli_import_confirm(cli_import_t *im, int all)
{
    trv_rc_t     rc;
    redisReply  *reply;

    while (im->nflights != 0) {

        reply = all ? cli_redis_read(im->redis) : cli_redis_poll(im->redis);

        if (reply == NULL && !all && !cli_redis_is_lost(im->redis)) {
            return TRV_OK;
        }

        rc = cli_import_answer(im, reply);

        if (rc != TRV_OK) {
            return rc;
        }

        cli_import_say_progress(im);
    }

    return TRV_OK;
}


/* to the oldest entry on its way; frees the reply */

static trv_rc_t
cli_import_answer(cli_import_t *im, redisReply *reply)
{
    trv_rc_t             rc;
    cli_import_entry_t  *entry;

    if (reply == NULL) {
        return cli_import_again(im);
    }

    if (reply->type != REDIS_REPLY_STRING || reply->len >= sizeof(im->last)) {
        rc = cli_import_refused(im, reply);
        freeReplyObject(reply);
        return rc;
    }

    memcpy(im->last, reply->str, reply->len);
    im->last[reply->len] = '\0';

    freeReplyObject(reply);

    entry = im->flight[im->first_flight];

    im->first_flight = (im->first_flight + 1) % CLI_IMPORT_FLIGHTS;
    im->nflights--;

    im->count.entries++;
    im->count.written += entry->n;
    im->done = entry->done;
    im->tries = 0;

    cli_import_entry_free(im, entry);

    return TRV_OK;
}


/* what stands in the way of this entry stands in the way of all */

static trv_rc_t
cli_import_refused(cli_import_t *im, const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_NIL) {
        im->nolog = 1;
        return TRV_NONE;
    }

    cli_trouble_reply(&im->trouble, cli_redis_name(im->redis), reply);

    switch (im->trouble.fault) {

    case CLI_FAULT_MOVED:
    case CLI_FAULT_CLUSTER:
    case CLI_FAULT_LOADING:
    case CLI_FAULT_READONLY:
        return cli_import_again(im);

    default:
        im->failed = 1;
        return TRV_NONE;
    }
}


/* over a new connection, which finds out who is the master now */

static trv_rc_t
cli_import_again(cli_import_t *im)
{
    int       pause;
    trv_rc_t  rc;

    if (im->redis != NULL && cli_redis_is_lost(im->redis)) {
        im->trouble = *cli_redis_trouble(im->redis);
    }

    rc = TRV_NONE;

    while (rc != TRV_OK) {

        if (cli_import_stop || im->tries == CLI_IMPORT_TRIES
            || !cli_import_worth(im->trouble.fault))
        {
            im->failed = 1;
            return TRV_NONE;
        }

        cli_import_say(im, "%s; the lines up to %" PRIu64 " are in Redis,"
                       " trying again", im->trouble.what, im->done);

        pause = CLI_IMPORT_PAUSE << im->tries++;
        (void) poll(NULL, 0, pause);

        rc = cli_import_reopen(im);

        if (im->lost || im->nomem) {
            return TRV_NONE;
        }
    }

    return TRV_OK;
}


static trv_rc_t
cli_import_reopen(cli_import_t *im)
{
    unsigned  i;

    cli_redis_close(im->redis);

    im->redis = cli_redis_open(&im->o->target, CLI_REDIS_MASTER, &im->trouble);

    if (im->redis == NULL) {
        return TRV_NONE;
    }

    /* a failover may have lost what was confirmed */

    if (im->last[0] != '\0'
        && cli_import_there(im, im->last) == CLI_IMPORT_GONE)
    {
        im->lost = 1;
        return TRV_NONE;
    }

    for (i = 0; i < im->nflights; i++) {
        if (cli_import_send(im, im->flight[(im->first_flight + i)
                                           % CLI_IMPORT_FLIGHTS])
            != TRV_OK)
        {
            im->trouble = *cli_redis_trouble(im->redis);
            return TRV_NONE;
        }
    }

    return TRV_OK;
}


/* false: it would be the same again */

static int
cli_import_worth(cli_fault_t fault)
{
    switch (fault) {

    case CLI_FAULT_UNREACHABLE:
    case CLI_FAULT_LOST:
    case CLI_FAULT_TIMEOUT:
    case CLI_FAULT_MOVED:
    case CLI_FAULT_CLUSTER:
    case CLI_FAULT_LOADING:
    case CLI_FAULT_READONLY:
        return 1;

    default:
        return 0;
    }
}


cli_import_there_t
cli_import_there(cli_import_t *im, const char *id)
{
    redisReply          *reply;
    cli_import_there_t   there;

    reply = cli_redis_ask(im->redis, "XRANGE %s %s %s COUNT 1",
                          im->o->target.log, id, id);

    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY) {
        there = CLI_IMPORT_UNKNOWN;

    } else {
        there = reply->elements != 0 ? CLI_IMPORT_THERE : CLI_IMPORT_GONE;
    }

    if (reply != NULL) {
        freeReplyObject(reply);
    }

    return there;
}
