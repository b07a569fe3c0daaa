
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * One process writes, three read, all on their own processors or not; the
 * writer is killed at a random moment and replaced, again and again, while the
 * table fills, grows, is churned when it is full, empties and shrinks.  For
 * each key a word beside the table says what has been acknowledged:
 *
 *      63          8 7       2 1     0
 *     +-------------+---------+-------+
 *     | changes     | version | phase |
 *     +-------------+---------+-------+
 *
 * A reader that finds the same word before and after its look-up knows what
 * the answer has to be.  usage: stress_table [seconds]
 *
 * What makes it fail: in trv_table_lookup() no second look at the root; in
 * trv_place_move() no change of the root; in trv_grow_rebuild() publishing the
 * root before the block is complete.  It has not been seen to notice F stored
 * before T, nor a missing second look at F: a few instructions are too short
 * a time.  For the first there is test_writer_crash.c.
 */


#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trv_writer.h"
#include "chance.h"
#include "tap.h"


#define ZONE      (64 * 1024)
#define KEYS      2400            /* more than fit */
#define READERS   3
#define SECONDS   4
#define VERSIONS  16
#define ROUND     256             /* look-ups before "stop" is looked at */
#define NOW       INT64_C(1750000000)


enum {
    PHASE_ABSENT = 0,
    PHASE_PRESENT,
    PHASE_CHANGING,               /* being put or removed */
    PHASE_MERGING                 /* there, with this version or the next */
};


typedef struct {
    uint64_t  checks;             /* answers that could be judged */
    uint64_t  missed;             /* a rule was there, and was not found */
    uint64_t  unknown;            /* no rule was there, and one was found */
    uint64_t  torn;               /* terms that this rule never had */
} counts_t;


typedef struct {
    uint64_t  stop;
    uint64_t  written;
    uint64_t  full;
    counts_t  counts[READERS];
    uint64_t  state[KEYS];
} board_t;


static trv_fp_t     keys[KEYS];
static board_t     *board;
static uint8_t     *base;
static trv_table_t  table;


static void *
shared(size_t size)
{
    void  *p;

    p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
             -1, 0);

    if (p == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }

    return p;
}


/* the terms of a key: a mixture of two, or of two keys, is none of any */

static trv_term_t
term_of(uint32_t key, unsigned version)
{
    int64_t   end;
    uint32_t  n;

    n = key * VERSIONS + version;
    end = NOW + ((int64_t) n + 1) * TRV_TERM_UNIT;

    return trv_term_make(n, end, key % TRV_TERM_SHAPES);
}


static inline unsigned
phase_of(uint64_t state)
{
    return (unsigned) (state & 3);
}


static inline unsigned
version_of(uint64_t state)
{
    return (unsigned) (state >> 2 & 63);
}


static void
announce(uint32_t key, unsigned phase, unsigned version)
{
    uint64_t  state;

    state = ((board->state[key] >> 8) + 1) << 8 | version << 2 | phase;

    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&board->state[key], state, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}


/* reading */

static void
judge(counts_t *c, uint32_t key)
{
    unsigned    version;
    uint64_t    before, after;
    trv_rc_t    rc;
    trv_term_t  term;

    term = 0;
    before = __atomic_load_n(&board->state[key], __ATOMIC_SEQ_CST);

    rc = trv_table_lookup(&table, keys[key], key % TRV_TERM_SHAPES, 0, NOW,
                          &term);

    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    after = __atomic_load_n(&board->state[key], __ATOMIC_SEQ_CST);

    version = trv_term_cutoff(term) % VERSIONS;

    if (rc == TRV_OK && term != term_of(key, version)) {
        c->torn++;
        return;
    }

    if (before != after || phase_of(before) == PHASE_CHANGING) {
        return;
    }

    c->checks++;

    if (phase_of(before) == PHASE_ABSENT) {
        c->unknown += rc == TRV_OK;
        return;
    }

    if (rc != TRV_OK) {
        c->missed++;
        return;
    }

    c->torn += version != version_of(before)
               && (phase_of(before) == PHASE_PRESENT
                   || version != version_of(before) + 1);
}


static void
reader(unsigned n)
{
    unsigned   i;
    counts_t  *c;

    seed = UINT64_C(0x9e3779b97f4a7c15) * (n + 1);
    c = &board->counts[n];

    while (!__atomic_load_n(&board->stop, __ATOMIC_RELAXED)) {
        for (i = 0; i < ROUND; i++) {
            judge(c, chance(KEYS));
        }
    }

    _exit(0);
}


/* writing */

static void
put(trv_writer_t *w, uint32_t key, unsigned version)
{
    announce(key, PHASE_CHANGING, 0);

    if (trv_writer_put(w, keys[key], term_of(key, version)) == TRV_OK) {
        announce(key, PHASE_PRESENT, version);
        return;
    }

    board->full++;
    announce(key, PHASE_ABSENT, 0);
}


static void
take(trv_writer_t *w, uint32_t key)
{
    announce(key, PHASE_CHANGING, 0);
    (void) trv_writer_remove(w, keys[key], key % TRV_TERM_SHAPES);
    announce(key, PHASE_ABSENT, 0);
}


static void
merge(trv_writer_t *w, uint32_t key)
{
    unsigned  version;

    version = version_of(board->state[key]);
    announce(key, PHASE_MERGING, version);
    (void) trv_writer_put(w, keys[key], term_of(key, version + 1));
    announce(key, PHASE_PRESENT, version + 1);
}


/* finishes what the predecessor was doing when it was killed */

static trv_writer_t *
takeover(void)
{
    void          *memory;
    uint32_t       i;
    trv_writer_t  *w;

    memory = malloc(trv_writer_size(&table));

    if (memory == NULL) {
        exit(2);
    }

    w = trv_writer_open(&table, memory);

    for (i = 0; i < KEYS; i++) {

        if (phase_of(board->state[i]) == PHASE_CHANGING) {
            take(w, i);

        } else if (phase_of(board->state[i]) == PHASE_MERGING) {
            merge(w, i);
        }
    }

    return w;
}


static void
dies(int signo)
{
    (void) kill(getpid(), SIGKILL);
    _exit(signo);
}


/* by turns the table fills, is churned, and empties */

static void
writer(unsigned generation)
{
    uint32_t           key;
    unsigned           wrapped, puts;
    trv_writer_t      *w;
    struct itimerval   timer;

    static const unsigned  percent[] = { 95, 75, 60, 80, 10, 70 };

    seed = UINT64_C(0xbf58476d1ce4e5b9) * (generation + 1);
    puts = percent[generation % (sizeof(percent) / sizeof(percent[0]))];

    signal(SIGALRM, dies);
    memset(&timer, 0, sizeof(timer));
    timer.it_value.tv_usec = (suseconds_t) (500 + chance(20000));
    setitimer(ITIMER_REAL, &timer, NULL);

    w = takeover();

    for ( ; ; ) {
        key = chance(KEYS);
        board->written++;

        if (phase_of(board->state[key]) == PHASE_ABSENT) {

            if (chance(100) < puts) {
                put(w, key, chance(VERSIONS / 2));
            }

        } else if (version_of(board->state[key]) + 1 < VERSIONS
                   && chance(8) == 0)
        {
            merge(w, key);

        } else if (chance(100) >= puts) {
            take(w, key);
        }

        if (chance(64) == 0) {
            (void) trv_writer_sweep(w, NOW, 1, &wrapped);
        }
    }
}


static pid_t
start(void (*run)(unsigned), unsigned n)
{
    pid_t  pid;

    fflush(stdout);
    pid = fork();

    if (pid == -1) {
        perror("fork");
        exit(2);
    }

    if (pid == 0) {
        run(n);
        _exit(2);
    }

    return pid;
}


/* nobody else is there any more */

static void
settle(counts_t *sum)
{
    uint32_t       i;
    uint64_t       n;
    unsigned       wrapped;
    trv_usage_t    usage;
    trv_writer_t  *w;

    w = takeover();
    n = 0;

    do {
        n += trv_writer_sweep(w, NOW, 1, &wrapped);
    } while (!wrapped);

    tap_uint(n, 0, "the sweep finds nothing that is dead");

    for (i = 0; i < KEYS; i++) {
        judge(sum, i);
        n += phase_of(board->state[i]) == PHASE_PRESENT;
    }

    trv_writer_usage(w, &usage);
    tap_uint(usage.rules, n, "the last writer counts all rules once");

    free(w);
}


int
main(int argc, char **argv)
{
    pid_t      pid[READERS];
    time_t     end;
    uint32_t   i;
    uint64_t   kills;
    unsigned   ok;
    int        status;
    counts_t   sum;

    static const uint8_t  secret[TRV_KEY_LEN] = "fedcba9876543210";

    base = shared(ZONE);
    board = shared(sizeof(board_t));

    if (trv_table_format(base, ZONE, secret) != TRV_OK
        || trv_table_attach(&table, base, ZONE) != TRV_OK)
    {
        return 2;
    }

    for (i = 0; i < KEYS; i++) {
        keys[i] = trv_table_fingerprint(&table, (uint8_t *) &i, sizeof(i));
    }

    for (i = 0; i < READERS; i++) {
        pid[i] = start(reader, i);
    }

    end = time(NULL) + (argc > 1 ? atoi(argv[1]) : SECONDS);
    kills = 0;
    ok = 1;

    do {
        if (waitpid(start(writer, (unsigned) kills), &status, 0) == -1
            || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        {
            ok = 0;
            break;
        }

        kills++;

    } while (time(NULL) < end);

    tap_ok(ok && kills > 0, "writers are killed and replaced");

    __atomic_store_n(&board->stop, 1, __ATOMIC_RELAXED);
    memset(&sum, 0, sizeof(sum));
    ok = 1;

    for (i = 0; i < READERS; i++) {
        ok &= waitpid(pid[i], &status, 0) == pid[i] && status == 0;

        sum.checks += board->counts[i].checks;
        sum.missed += board->counts[i].missed;
        sum.unknown += board->counts[i].unknown;
        sum.torn += board->counts[i].torn;
    }

    tap_ok(ok && sum.checks > 0, "readers come to their end");

    printf("# %" PRIu64 " kills, %" PRIu64 " steps", kills, board->written);
    printf(", %" PRIu64 " times full", board->full);
    printf(", %" PRIu64 " answers judged\n", sum.checks);

    settle(&sum);

    tap_uint(sum.missed, 0, "no rule was missed");
    tap_uint(sum.unknown, 0, "no rule was found that was not there");
    tap_uint(sum.torn, 0, "no terms were torn");

    return tap_done();
}
