
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The entries of the log.
 */


#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli_log.h"
#include "cli_text.h"


#define CLI_LOG_PIECE   (1024 * 1024)   /* bytes, about */
#define CLI_LOG_FIRST   16              /* entries */
#define CLI_LOG_MOST    10000


struct cli_log_s {
    cli_redis_t         *redis;
    const cli_target_t  *target;
    trv_digest_t        *digest;
    trv_batch_t         *batch;
    trv_id_t             last;
    unsigned             count;         /* entries of the next piece */
};


static trv_rc_t cli_log_piece(cli_log_t *log, trv_id_t to, redisReply **reply,
    cli_trouble_t *trouble);
static trv_rc_t cli_log_pieces(cli_log_t *log, const redisReply *reply,
    cli_log_pt callback, void *ctx);
static trv_rc_t cli_log_build(cli_log_t *log, cli_entry_t *entry);
static size_t cli_log_size(const redisReply *reply);
static void cli_log_nomem(cli_trouble_t *trouble);


cli_log_t *
cli_log_open(cli_redis_t *redis, const cli_target_t *target,
    cli_trouble_t *trouble)
{
    cli_log_t  *log;

    log = calloc(1, sizeof(cli_log_t));

    if (log == NULL) {
        cli_log_nomem(trouble);
        return NULL;
    }

    log->redis = redis;
    log->target = target;
    log->count = CLI_LOG_FIRST;
    log->digest = trv_digest_create();

    if (log->digest != NULL) {
        log->batch = trv_batch_create(log->digest);
    }

    if (log->batch == NULL) {
        cli_log_nomem(trouble);
        cli_log_close(log);
        return NULL;
    }

    return log;
}


void
cli_log_close(cli_log_t *log)
{
    if (log == NULL) {
        return;
    }

    if (log->batch != NULL) {
        trv_batch_destroy(log->batch);
    }

    if (log->digest != NULL) {
        trv_digest_destroy(log->digest);
    }

    free(log);
}


trv_id_t
cli_log_last(const cli_log_t *log)
{
    return log->last;
}


trv_rc_t
cli_log_read(cli_log_t *log, trv_id_t from, trv_id_t to, cli_log_pt callback,
    void *ctx, cli_trouble_t *trouble)
{
    size_t       n, size;
    trv_rc_t     rc;
    redisReply  *reply;

    log->last = from;

    for ( ;; ) {
        rc = cli_log_piece(log, to, &reply, trouble);

        if (rc != TRV_OK) {
            return rc;
        }

        n = reply->elements;
        size = cli_log_size(reply);

        rc = cli_log_pieces(log, reply, callback, ctx);

        freeReplyObject(reply);

        if (rc == TRV_NOMEM) {
            cli_log_nomem(trouble);
            return TRV_MALFORMED;
        }

        if (rc != TRV_OK || n < log->count) {
            return rc;
        }

        /* the next ones are taken to be of the same size */

        size = size / n + 1;
        n = CLI_LOG_PIECE / size + 1;

        log->count = n < CLI_LOG_MOST ? (unsigned) n : CLI_LOG_MOST;
    }
}


/* behind the last entry; the exclusive ranges of "(" are of Redis 6.2 */

static trv_rc_t
cli_log_piece(cli_log_t *log, trv_id_t to, redisReply **reply,
    cli_trouble_t *trouble)
{
    char         end[TRV_ID_LEN + 1];
    trv_id_t     from;
    redisReply  *r;

    from = log->last;

    if (++from.seq == 0) {
        from.ms++;
    }

    end[trv_id_format(to, (uint8_t *) end)] = '\0';

    r = cli_redis_ask(log->redis, "XRANGE %s %llu-%llu %s COUNT %u",
                      log->target->log, (unsigned long long) from.ms,
                      (unsigned long long) from.seq, end, log->count);

    if (cli_redis_failed(r)) {
        *trouble = *cli_redis_trouble(log->redis);

        if (r != NULL) {
            freeReplyObject(r);
        }

        return TRV_MALFORMED;
    }

    if (r->type != REDIS_REPLY_ARRAY) {
        cli_trouble_reply(trouble, cli_redis_name(log->redis), r);
        freeReplyObject(r);
        return TRV_MALFORMED;
    }

    *reply = r;

    return TRV_OK;
}


static trv_rc_t
cli_log_pieces(cli_log_t *log, const redisReply *reply, cli_log_pt callback,
    void *ctx)
{
    size_t    i;
    trv_rc_t  rc;

    for (i = 0; i < reply->elements; i++) {
        rc = cli_log_take(log, reply->element[i], callback, ctx);

        if (rc != TRV_OK) {
            return rc;
        }
    }

    return TRV_OK;
}


/* an entry that was deleted while it was read is nil: there is none */

trv_rc_t
cli_log_take(cli_log_t *log, const redisReply *reply, cli_log_pt callback,
    void *ctx)
{
    int          rc;
    trv_id_t     id;
    trv_str_t    text;
    cli_entry_t  entry;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2
        || reply->element[0]->type != REDIS_REPLY_STRING
        || reply->element[1]->type != REDIS_REPLY_ARRAY)
    {
        return TRV_OK;
    }

    text.data = (const uint8_t *) reply->element[0]->str;
    text.len = (size_t) reply->element[0]->len;

    if (trv_id_parse(text, &id) != TRV_OK) {
        return TRV_OK;
    }

    memset(&entry, 0, sizeof(entry));
    entry.fields = reply->element[1];

    if (trv_batch_begin(log->batch, id) != TRV_OK
        || cli_log_build(log, &entry) != TRV_OK)
    {
        return TRV_NOMEM;
    }

    log->last = id;

    entry.entry = trv_batch_first(log->batch);
    rc = callback(ctx, &entry);

    trv_batch_shift(log->batch);

    return rc == 0 ? TRV_OK : TRV_NONE;
}


static trv_rc_t
cli_log_build(cli_log_t *log, cli_entry_t *entry)
{
    size_t             i;
    trv_rc_t           rc;
    trv_str_t          text, name;
    const redisReply  *item;

    name.data = NULL;
    name.len = 0;

    for (i = 0; i < entry->fields->elements; i++) {
        item = entry->fields->element[i];

        text.data = (const uint8_t *) item->str;
        text.len = item->type == REDIS_REPLY_STRING ? (size_t) item->len : 0;

        if (i % 2 == 0) {
            name = text;
            rc = trv_batch_name(log->batch, text);

        } else {
            rc = trv_batch_value(log->batch, text);

            if (name.len == 6 && memcmp(name.data, "reason", 6) == 0) {
                entry->reason = text;

            } else if (name.len == 2 && memcmp(name.data, "by", 2) == 0) {
                entry->by = text;
            }
        }

        if (rc != TRV_OK) {
            return rc;
        }
    }

    return trv_batch_finish(log->batch, (int64_t) time(NULL) * 1000);
}


static size_t
cli_log_size(const redisReply *reply)
{
    size_t  i, size;

    size = sizeof(redisReply);

    if (reply->type == REDIS_REPLY_STRING) {
        return size + (size_t) reply->len;
    }

    for (i = 0; i < reply->elements; i++) {
        size += cli_log_size(reply->element[i]);
    }

    return size;
}


static void
cli_log_nomem(cli_trouble_t *trouble)
{
    cli_trouble_set(trouble, CLI_FAULT_NOMEM, "there is no memory");
}


cli_status_t
cli_log_exists(const cli_command_t *command, cli_redis_t *redis,
    const cli_target_t *target)
{
    int          missing;
    char        *log;
    redisReply  *reply;

    reply = cli_redis_ask(redis, "EXISTS %s", target->log);
    missing = !cli_redis_failed(reply) && reply->integer == 0;

    if (reply != NULL) {
        freeReplyObject(reply);
    }

    if (!missing) {
        return CLI_DONE;
    }

    log = cli_text_escape(cli_text_str(target->log), 256);

    fprintf(stderr, CLI_NAME " %s: redis %s has no log \"%s\" in database %u; "
            "are --log and the database right?\n", command->name,
            cli_redis_name(redis), log != NULL ? log : "",
            cli_redis_db(redis));

    free(log);

    return CLI_FAILED;
}
