
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the table costs: nanoseconds of a look-up and of an insert at some
 * numbers of rules, and bytes a rule when the zone is full.  It prints and
 * judges nothing.  usage: table [megabytes]
 *
 * Each look-up depends on the answer of the one before it, so that the
 * processor cannot overlap them: a request has no second token to go on with.
 */


#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "trv_writer.h"


#define BATCH    16
#define LOOKUPS  2000000
#define SHAPES   6
#define TURNS    32


typedef struct {
    trv_table_t    table;
    trv_writer_t  *writer;
    uint64_t       n;             /* rules put so far: keys 0 .. n-1 */
} bench_t;


static volatile uint64_t  sink;


static double
now_ns(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec * 1e9 + (double) ts.tv_nsec;
}


static uint64_t
mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);

    return x ^ x >> 31;
}


/* stands for a keyed hash: cheap, so that the table itself is measured */

static trv_fp_t
key(uint64_t i)
{
    trv_fp_t  fp;

    fp.a = mix(i * UINT64_C(0x9e3779b97f4a7c15) + 1);
    fp.g = (uint32_t) mix(fp.a + UINT64_C(0x9e3779b97f4a7c15));

    return fp;
}


static trv_table_t
zone(size_t size)
{
    uint8_t      *base;
    trv_table_t   table;

    static const uint8_t  secret[TRV_KEY_LEN] = "benchmark's key";

    base = mmap(NULL, size, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (base == MAP_FAILED
        || trv_table_format(base, size, secret) != TRV_OK
        || trv_table_attach(&table, base, size) != TRV_OK)
    {
        perror("zone");
        exit(2);
    }

    return table;
}


/* up to n rules, or until it is full; returns nanoseconds a rule */

static double
insert(bench_t *b, uint64_t n, unsigned batch)
{
    double    t;
    trv_fp_t  fp[BATCH];
    uint64_t  i, first;
    unsigned  j;

    first = b->n;
    t = now_ns();

    for (i = first; i + batch <= n; i += batch) {

        for (j = 0; j < batch; j++) {
            fp[j] = key(i + j);

            if (batch > 1) {
                trv_writer_prefetch(b->writer, fp[j]);
            }
        }

        for (j = 0; j < batch; j++) {
            if (trv_writer_put(b->writer, fp[j],
                               trv_term_make(TRV_CUTOFF_ALWAYS, TRV_END_NEVER,
                                             0))
                != TRV_OK)
            {
                goto full;
            }

            b->n++;
        }
    }

full:

    return b->n == first ? 0 : (now_ns() - t) / (double) (b->n - first);
}


/* one way and the other in turn, since larger blocks cost more */

static void
grow(bench_t *b, uint64_t n, double *single, double *batched)
{
    uint64_t  i, step;

    step = (n - b->n) / (2 * TURNS) / BATCH * BATCH;

    *single = 0;
    *batched = 0;

    for (i = 0; i < TURNS; i++) {
        *single += insert(b, b->n + step, 1) / TURNS;
        *batched += insert(b, b->n + step, BATCH) / TURNS;
    }

    (void) insert(b, n, 1);
}


/* "first" 0: rules that are there; beyond n: rules that are not */

static double
lookup(bench_t *b, uint64_t first, uint64_t range, unsigned probes)
{
    double      t;
    uint64_t    i, x, found;
    trv_fp_t    fp[SHAPES];
    unsigned    j;
    trv_term_t  term;

    found = 0;
    term = 0;
    x = 1;
    t = now_ns();

    for (i = 0; i < LOOKUPS; i++) {
        x = mix(x + found + i);

        for (j = 0; j < probes; j++) {
            fp[j] = key(first + ((x >> 32) + j * 7919) % range);

            if (probes > 1) {
                trv_table_prefetch(&b->table, fp[j]);
            }
        }

        for (j = 0; j < probes; j++) {
            found += trv_table_lookup(&b->table, fp[j], 0, 0, 1750000000,
                                      &term)
                     == TRV_OK;
        }

        found += term >> 63;
    }

    t = (now_ns() - t) / LOOKUPS;
    sink += found;

    return t;
}


static void
fingerprint(void)
{
    double       t;
    uint8_t      data[33] = { 0 };
    unsigned     i;
    trv_fp_t     fp;
    trv_table_t  table;

    table = zone(1024 * 1024);
    t = now_ns();

    for (i = 0; i < LOOKUPS; i++) {
        fp = trv_table_fingerprint(&table, data, sizeof(data));
        data[0] = (uint8_t) fp.a;
    }

    printf("fingerprint of 33 bytes: %.1f ns\n\n", (now_ns() - t) / LOOKUPS);

    munmap(table.base, table.size);
}


static bench_t
start(size_t size, size_t *memory)
{
    void     *p;
    bench_t   b;

    b.n = 0;
    b.table = zone(size);
    *memory = trv_writer_size(&b.table);

    p = malloc(*memory);

    if (p == NULL) {
        exit(2);
    }

    b.writer = trv_writer_open(&b.table, p);

    return b;
}


static void
stop(bench_t *b)
{
    free(b->writer);
    munmap(b->table.base, b->table.size);
}


static void
row(bench_t *b, uint64_t n)
{
    double       single, batched;
    trv_usage_t  usage;

    grow(b, n, &single, &batched);
    trv_writer_usage(b->writer, &usage);

    printf("%9lu %7.0f %7.0f %7.0f %7.0f %8.0f %8.0f %8.2f\n",
           (unsigned long) b->n,
           lookup(b, UINT64_C(1) << 40, UINT64_C(1) << 32, 1),
           lookup(b, UINT64_C(1) << 40, UINT64_C(1) << 32, 2),
           lookup(b, UINT64_C(1) << 40, UINT64_C(1) << 32, SHAPES),
           lookup(b, 0, b->n, 1), single, batched,
           (double) usage.bytes_used / (double) b->n);
}


static void
again(bench_t *b)
{
    double    t;
    void     *p;
    unsigned  wrapped;

    p = malloc(trv_writer_size(&b->table));

    if (p == NULL) {
        exit(2);
    }

    t = now_ns();
    b->writer = trv_writer_open(&b->table, p);
    printf("open: %.2f ms\n", (now_ns() - t) / 1e6);

    t = now_ns();
    while (trv_writer_sweep(b->writer, 1750000000, 64, &wrapped), !wrapped) {
        /* void */
    }

    printf("first sweep, which counts: %.1f ms\n", (now_ns() - t) / 1e6);

    t = now_ns();
    while (trv_writer_sweep(b->writer, 1750000000, 64, &wrapped), !wrapped) {
        /* void */
    }

    printf("next sweep: %.1f ms\n", (now_ns() - t) / 1e6);
}


int
main(int argc, char **argv)
{
    size_t    i, size, memory;
    double    t;
    void     *p;
    bench_t   b;

    static const uint64_t  rows[] = { 10000, 1000000, 10000000 };

    size = (size_t) (argc > 1 ? atoi(argv[1]) : 200) * 1024 * 1024;

    fingerprint();

    printf("zone of %zu MB, ns\n"
           "    rules    miss  2miss  %umiss     hit   insert  batched"
           "  bytes/rule\n", size / 1024 / 1024, SHAPES);

    b = start(size, &memory);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        row(&b, rows[i]);
    }

    t = insert(&b, UINT64_MAX - BATCH, BATCH);
    printf("\nfull: %lu rules, %.2f bytes a rule, the last ones %.0f ns each\n",
           (unsigned long) b.n, (double) size / (double) b.n, t);
    printf("private memory of the writer: %zu bytes\n", memory);

    p = b.writer;
    again(&b);
    free(p);

    stop(&b);

    return 0;
}
