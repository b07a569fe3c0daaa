
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * --wait: what the edges say.
 */


#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "cli_text.h"
#include "cli_time.h"
#include "cli_wait.h"


#define CLI_WAIT_KEY    512

/* milliseconds after which Ctrl-C is noticed */

#define CLI_WAIT_SLICE  200


static void cli_wait_listen(void);
static void cli_wait_signal(int signo);
static void cli_wait_nonce(char nonce[CLI_WAIT_NONCE + 1]);
static void cli_wait_replicas(cli_wait_t *wait, double until);
static int cli_wait_all(const cli_wait_t *wait);
static int cli_wait_take(cli_wait_t *wait, const char *key, double left);
static void cli_wait_answer(cli_wait_t *wait, trv_str_t text);
static trv_str_t cli_wait_word(trv_str_t *text);
static void cli_wait_dry(const cli_wait_t *wait);
static void cli_wait_slowest(const cli_wait_t *wait);
static void cli_wait_missing(const cli_wait_t *wait, size_t i);


const char *const  cli_wait_answers[] = {
    [CLI_ANSWER_MISSING] = "missing",
    [CLI_ANSWER_OK] = "ok",
    [CLI_ANSWER_REFUSED] = "refused",
    [CLI_ANSWER_OVERFLOW] = "overflow",
};


static volatile sig_atomic_t  cli_wait_signalled;


unsigned
cli_wait_limit(const cli_command_t *command, const char *value)
{
    char    *end;
    double   seconds;

    if (value == NULL) {
        return CLI_WAIT_DEFAULT;
    }

    seconds = strtod(value, &end);

    if (end == value || *end != '\0' || !(seconds >= 0.1 && seconds <= 3600)) {
        cli_usage(command, "--wait wants seconds, from 0.1 to 3600");
        return 0;
    }

    return (unsigned) (seconds * 1000);
}


trv_rc_t
cli_wait_begin(cli_wait_t *wait, cli_redis_t *redis,
    const cli_target_t *target, unsigned limit)
{
    memset(wait, 0, sizeof(cli_wait_t));

    wait->redis = redis;
    wait->target = target;
    wait->limit = limit;

    cli_wait_nonce(wait->nonce);

    if (cli_edges_load(redis, target, &wait->edges) != TRV_OK) {
        return TRV_MALFORMED;
    }

    wait->answers = calloc(wait->edges.n + 1, sizeof(cli_answer_t));
    wait->after = calloc(wait->edges.n + 1, sizeof(double));

    if (wait->answers == NULL || wait->after == NULL) {
        cli_wait_end(wait);
        return TRV_MALFORMED;
    }

    return TRV_OK;
}


void
cli_wait_end(cli_wait_t *wait)
{
    cli_edges_free(&wait->edges);
    free(wait->answers);
    free(wait->after);

    wait->answers = NULL;
    wait->after = NULL;
}


void
cli_wait_start(cli_wait_t *wait)
{
    wait->started = cli_time_elapsed();

    if (wait->limit != 0) {
        cli_wait_listen();
    }
}


/*
 * The first Ctrl-C ends the waiting, a second one the command.  From before the
 * entry is sent: once it may be written, that has to be said.
 */

static void
cli_wait_listen(void)
{
    struct sigaction  action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = cli_wait_signal;
    action.sa_flags = SA_RESTART | SA_RESETHAND;

    (void) sigaction(SIGINT, &action, NULL);
}


static void
cli_wait_nonce(char nonce[CLI_WAIT_NONCE + 1])
{
    size_t             i;
    unsigned char      random[CLI_WAIT_NONCE];
    static const char  letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789_-";

    if (RAND_bytes(random, sizeof(random)) != 1) {
        memset(random, 0, sizeof(random));
        snprintf((char *) random, sizeof(random), "%f", cli_time_elapsed());
    }

    for (i = 0; i < CLI_WAIT_NONCE; i++) {
        nonce[i] = letters[random[i] & 63];
    }

    nonce[i] = '\0';
}


void
cli_wait_run(cli_wait_t *wait)
{
    char    key[CLI_WAIT_KEY], name[CLI_WAIT_NONCE + 8];
    double  left;

    snprintf(name, sizeof(name), "ack:%s", wait->nonce);

    if (cli_target_key(wait->target, name, key, sizeof(key)) >= sizeof(key)) {
        wait->unread = 1;
        return;
    }

    cli_wait_listen();

    while (!cli_wait_all(wait) && !cli_wait_signalled) {
        left = wait->started + wait->limit - cli_time_elapsed();

        if (left < 1 || !cli_wait_take(wait, key, left)) {
            break;
        }
    }

    if (!cli_wait_signalled) {
        cli_wait_replicas(wait, wait->started + wait->limit);
    }

    wait->stopped = cli_wait_signalled != 0;

    (void) signal(SIGINT, SIG_DFL);
}


static void
cli_wait_signal(int signo)
{
    cli_wait_signalled = signo;
}


/* silent edges are not waited for: they are listed */

static int
cli_wait_all(const cli_wait_t *wait)
{
    size_t  i;

    for (i = 0; i < wait->edges.n; i++) {
        if (!wait->edges.edges[i].silent
            && wait->answers[i] == CLI_ANSWER_MISSING)
        {
            return 0;
        }
    }

    return 1;
}


/* the next answer, or none for a while; 0: no more can be read */

static int
cli_wait_take(cli_wait_t *wait, const char *key, double left)
{
    redisReply         *reply;
    trv_str_t           text;
    const redisReply   *item;

    left = left < CLI_WAIT_SLICE ? left : CLI_WAIT_SLICE;

    cli_redis_patience(wait->redis, (unsigned) left);
    reply = cli_redis_ask(wait->redis, "BLPOP %s %.3f", key, left / 1000);
    cli_redis_patience(wait->redis, 0);

    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        wait->unread = 1;

    } else if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2) {
        item = reply->element[1];
        text.data = (const uint8_t *) item->str;
        text.len = item->type == REDIS_REPLY_STRING ? (size_t) item->len : 0;

        cli_wait_answer(wait, text);
        freeReplyObject(reply);
        return 1;

    } else if (reply->type == REDIS_REPLY_NIL) {
        freeReplyObject(reply);
        return 1;
    }

    if (reply != NULL) {
        freeReplyObject(reply);
    }

    return 0;
}


/* "<id> ok": the id may have blanks, the word behind it has none */

static void
cli_wait_answer(cli_wait_t *wait, trv_str_t text)
{
    size_t         i;
    trv_str_t      word;
    cli_edge_t    *edge;
    cli_answer_t   answer;

    word = cli_wait_word(&text);

    for (answer = CLI_ANSWER_OK; answer <= CLI_ANSWER_OVERFLOW; answer++) {
        if (trv_str_eq(word, cli_text_str(cli_wait_answers[answer]))) {
            break;
        }
    }

    edge = cli_edges_find(&wait->edges, text);

    if (answer > CLI_ANSWER_OVERFLOW) {
        return;
    }

    if (edge == NULL) {
        wait->others++;
        return;
    }

    i = (size_t) (edge - wait->edges.edges);

    if (wait->answers[i] != CLI_ANSWER_MISSING) {
        return;
    }

    wait->answers[i] = answer;
    wait->after[i] = cli_time_elapsed() - wait->started;
    wait->enforced += answer == CLI_ANSWER_OK;
}


/* cuts the last word off */

static trv_str_t
cli_wait_word(trv_str_t *text)
{
    trv_str_t  word;

    word.len = 0;

    while (word.len < text->len
           && text->data[text->len - word.len - 1] != ' ')
    {
        word.len++;
    }

    word.data = text->data + text->len - word.len;
    text->len -= word.len < text->len ? word.len + 1 : word.len;

    return word;
}


/* one is enough for the entry to survive the master */

static void
cli_wait_replicas(cli_wait_t *wait, double until)
{
    double       left;
    redisReply  *reply;

    wait->replicas = cli_redis_replicas(wait->redis);

    if (wait->replicas == 0 || cli_redis_is_lost(wait->redis)) {
        return;
    }

    left = until - cli_time_elapsed();
    left = left > 100 ? left : 100;

    cli_redis_patience(wait->redis, (unsigned) left);
    reply = cli_redis_ask(wait->redis, "WAIT 1 %u", (unsigned) left);
    cli_redis_patience(wait->redis, 0);

    if (reply == NULL) {
        return;
    }

    if (reply->type == REDIS_REPLY_INTEGER) {
        wait->confirmed = (unsigned) reply->integer;

    } else {
        wait->replicas = 0;
    }

    freeReplyObject(reply);
}


cli_status_t
cli_wait_status(const cli_wait_t *wait)
{
    return wait->edges.n != 0 && wait->enforced == wait->edges.n
           && !(wait->replicas != 0 && wait->confirmed == 0)
           ? CLI_DONE : CLI_MISSING;
}


cli_status_t
cli_wait_report(const cli_wait_t *wait, const char *done)
{
    size_t  i;

    if (wait->edges.n == 0) {
        printf("no edge is registered for this log: who follows it was not "
               "seen, and nobody has answered\n");

    } else {
        printf("%s on %zu of %zu registered edges", done, wait->enforced,
               wait->edges.n);
        cli_wait_slowest(wait);
    }

    for (i = 0; i < wait->edges.n; i++) {
        if (wait->answers[i] != CLI_ANSWER_OK) {
            cli_wait_missing(wait, i);
        }
    }

    cli_wait_dry(wait);

    if (wait->unread) {
        printf("  the answers could not be read: %s\n",
               cli_redis_trouble(wait->redis)->what);
    }

    if (wait->replicas != 0 && wait->confirmed == 0) {
        printf("  none of %u replicas has the entry yet: if the master fails "
               "now it may be lost\n", wait->replicas);
    }

    return cli_wait_status(wait);
}


static void
cli_wait_dry(const cli_wait_t *wait)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < wait->edges.n; i++) {
        n += wait->edges.edges[i].dry_run;
    }

    if (n != 0) {
        printf("  %zu of them in dry run: a location there refuses nothing "
               "(token_revoke_dry_run)\n", n);
    }
}


static void
cli_wait_slowest(const cli_wait_t *wait)
{
    size_t   i, slowest;
    double   after;

    after = -1;
    slowest = 0;

    for (i = 0; i < wait->edges.n; i++) {
        if (wait->answers[i] == CLI_ANSWER_OK && wait->after[i] > after) {
            after = wait->after[i];
            slowest = i;
        }
    }

    if (after >= 0) {
        fputs(", slowest ", stdout);
        cli_text_put(stdout, wait->edges.edges[slowest].id, 0);
        printf(" %.1f ms", after);
    }

    putchar('\n');
}


static void
cli_wait_missing(const cli_wait_t *wait, size_t i)
{
    char               time[CLI_TIME_TEXT], span[CLI_TIME_TEXT];
    const cli_edge_t  *edge;

    edge = &wait->edges.edges[i];

    fputs("  ", stdout);
    cli_text_put(stdout, edge->id, 0);

    if (wait->answers[i] == CLI_ANSWER_REFUSED) {
        printf(" has refused the entry: its error log says why\n");

    } else if (wait->answers[i] == CLI_ANSWER_OVERFLOW) {
        printf(" has a full zone: it leaves tokens that no rule matches to "
               "token_revoke_on_error; make the zone larger, and reload\n");

    } else if (!edge->silent) {
        if (wait->stopped) {
            printf(" had not answered when the waiting was stopped (it was ");

        } else {
            printf(" has not answered within %.3g s (it was ",
                   wait->limit / 1e3);
        }

        cli_text_put(stdout, cli_text_str(edge->state), 32);
        printf(", %lld ms old)\n", (long long) edge->age);

    } else if (edge->time == 0) {
        printf(" is silent, and does not say since when\n");

    } else {
        printf(" has been silent since %s (%s)\n",
               cli_time_text(edge->time / 1000, time),
               cli_time_span((wait->edges.now - edge->time) / 1000, span));
    }
}
