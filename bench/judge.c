
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What it costs to judge a token, without nginx around it: from the value of
 * an Authorization field to the answer of the table, as the glue does it.  It
 * prints nanoseconds and judges nothing.  usage: judge [rules]
 */


#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "../src/codec/trv_claims.h"
#include "../src/codec/trv_expand.h"
#include "../src/core/trv_base64.h"
#include "../src/core/trv_extract.h"
#include "../src/core/trv_memo.h"


#define SIZE    (256UL * 1024 * 1024)
#define NOW     1750000000
#define TOKENS  1000                  /* different ones, asked for in turn */
#define ROUNDS  200
#define TURNS   7                     /* the best of so many counts */
#define TOKEN   4096


typedef struct {
    char    text[TOKEN];
    size_t  len;
} header_t;


static trv_table_t    table;
static trv_shapes_t  *shapes;
static trv_writer_t  *writer;
static trv_digest_t  *digest;
static trv_plan_t    *plan;
static trv_memo_t    *memo;
static trv_names_t    claims;
static trv_learner_t  learner;
static header_t       headers[TOKENS];


static void *
zeroed(size_t size)
{
    void  *p;

    p = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1,
             0);

    if (p == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }

    return p;
}


static double
now_ns(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec * 1e9 + (double) ts.tv_nsec;
}


static void
open_zone(void)
{
    uint8_t  *base;

    static const uint8_t  key[TRV_KEY_LEN] = "0123456789abcdef";

    base = zeroed(SIZE);

    (void) trv_table_format(base, SIZE, key);
    (void) trv_table_attach(&table, base, SIZE);

    writer = trv_writer_open(&table, zeroed(trv_writer_size(&table)));
    shapes = zeroed(trv_shapes_size());
    plan = zeroed(trv_plan_size());
    memo = trv_memo_open(zeroed(trv_memo_size(4096)), 4096, key);
    digest = trv_digest_create();
    learner.names = &claims;
}


/* rules on tokens that nobody has */

static void
fill(uint64_t n)
{
    uint64_t    i, x;
    unsigned    k;
    trv_fp_t    fp[16];
    trv_term_t  term;

    term = trv_term_make(TRV_CUTOFF_ALWAYS, TRV_END_NEVER, 0);

    for (i = 0; i < n; i += 16) {
        for (k = 0; k < 16; k++) {
            x = i + k;
            fp[k] = trv_table_fingerprint(&table, (uint8_t *) &x, sizeof(x));
            trv_writer_prefetch(writer, fp[k]);
        }

        for (k = 0; k < 16; k++) {
            (void) trv_writer_put(writer, fp[k], term);
        }
    }
}


/* one rule of each of so many shapes */

static void
use_shapes(unsigned n)
{
    char               name[32];
    unsigned           i;
    trv_id_t           id;
    trv_str_t          s;
    trv_batch_t       *batch;
    trv_expand_t      *expand;
    trv_expand_zone_t  zone;

    static const char  *names[] = { "sub", "jti", "iss", "client_id", "aud" };

    memset(&zone, 0, sizeof(zone));
    zone.table = &table;
    zone.shapes = shapes;
    zone.writer = writer;
    zone.now = NOW;

    id.ms = NOW * UINT64_C(1000);
    id.seq = 0;

    batch = trv_batch_create(digest);
    expand = trv_expand_create();

    for (i = 0; i + 1 < n; i++) {
        snprintf(name, sizeof(name), "%s", i < 5 ? names[i] : "");

        if (i >= 5) {
            snprintf(name, sizeof(name), "claim_%u", i);
        }

        s.data = (uint8_t *) name;
        s.len = strlen(name);

        id.seq++;
        (void) trv_batch_begin(batch, id);
        (void) trv_batch_name(batch, s);
        s.data = (uint8_t *) "nobody";
        s.len = 6;
        (void) trv_batch_value(batch, s);
        (void) trv_batch_finish(batch, NOW * 1000LL);

        (void) trv_expand_begin(expand, &zone, trv_batch_first(batch));

        while (trv_expand_step(expand, &zone, 256) == TRV_NONE) {
            /* void */
        }

        trv_batch_shift(batch);
    }

    trv_plan_load(plan, shapes);
}


static void
make_opaque(void)
{
    unsigned  i;

    for (i = 0; i < TOKENS; i++) {
        headers[i].len = (size_t) snprintf(headers[i].text, TOKEN,
                             "Bearer opaque%034ux", i * 2654435761u);
    }
}


/* a payload of about so many bytes, a signature of RS256 */

static void
make_jwt(unsigned size)
{
    unsigned   i;
    size_t     n, len;
    char       payload[2048], signature[343];
    trv_str_t  part;

    static const char  header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\","
                                  "\"kid\":\"2024-key-1\"}";

    memset(signature, 'A', sizeof(signature));

    for (i = 0; i < TOKENS; i++) {
        n = (size_t) sprintf(payload,
                "{\"iss\":\"https://idp.example.com/\",\"sub\":\"user-%08u\","
                "\"aud\":\"forum\",\"iat\":%u,\"exp\":%u,\"jti\":\"%032u\","
                "\"client_id\":\"tv-app\"", i, NOW - 60, NOW + 3600, i);

        while (n + 40 < size) {
            n += (size_t) sprintf(payload + n,
                                  ",\"claim_number_%03zu\":\"a value\"", n);
        }

        payload[n++] = '}';

        len = (size_t) sprintf(headers[i].text, "Bearer ");

        part.data = (const uint8_t *) header;
        part.len = sizeof(header) - 1;
        len += trv_base64url_encode(part, (uint8_t *) headers[i].text + len);
        headers[i].text[len++] = '.';

        part.data = (const uint8_t *) payload;
        part.len = n;
        len += trv_base64url_encode(part, (uint8_t *) headers[i].text + len);
        headers[i].text[len++] = '.';

        memcpy(headers[i].text + len, signature, sizeof(signature) - 1);
        headers[i].len = len + sizeof(signature) - 1;
    }
}


static unsigned
judge(const header_t *header, int remember)
{
    unsigned          i, found;
    trv_str_t         text;
    trv_match_t       match;
    trv_ticket_t      ticket;
    trv_traits_t      traits;
    trv_candidates_t  c;

    c.alloc = NULL;
    c.source = 0;
    c.ntokens = 0;
    c.n = 0;
    c.decoded = 0;

    text.data = (const uint8_t *) header->text;
    text.len = header->len;

    (void) trv_extract_bearer(&c, text);

    for (found = 0, i = 0; i < c.n; i++) {

        if (!remember
            || memchr(c.item[i].value.data, '.', c.item[i].value.len) == NULL)
        {
            (void) trv_claims_read(digest, &table, plan, c.item[i].value,
                                   &learner, &traits);

        } else if (trv_memo_get(memo, c.item[i].value, plan->generation,
                                &traits, &ticket)
                   != TRV_OK)
        {
            (void) trv_claims_read(digest, &table, plan, c.item[i].value,
                                   &learner, &traits);
            trv_match_probe(&table, plan, &traits);
            trv_memo_put(memo, &ticket, plan->generation, &traits);
        }

        found += trv_match_lookup(&table, plan, &traits, 0, NOW, &match)
                 == TRV_OK;
    }

    return found;
}


static void
measure(const char *name, int remember)
{
    double    best, t;
    unsigned  turn, round, i, found;

    for (found = 0, i = 0; i < TOKENS; i++) {
        found += judge(&headers[i], remember);
    }

    for (best = 1e18, turn = 0; turn < TURNS; turn++) {
        t = now_ns();

        for (round = 0; round < ROUNDS / TURNS; round++) {
            for (i = 0; i < TOKENS; i++) {
                found += judge(&headers[i], remember);
            }
        }

        t = (now_ns() - t) / (ROUNDS / TURNS * TOKENS);
        best = t < best ? t : best;
    }

    printf("    %-44s %6.0f ns%s\n", name, best, found ? " (REFUSED)" : "");
}


int
main(int argc, char **argv)
{
    uint64_t  n;

    n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;

    open_zone();
    fill(n);

    printf("%llu rules on tokens; header of %s\n", (unsigned long long) n,
           "Authorization: Bearer");

    use_shapes(1);
    make_opaque();
    measure("opaque, 40 bytes, 1 shape", 1);

    use_shapes(6);
    measure("opaque, 40 bytes, 6 shapes", 1);

    make_jwt(183);
    printf("    (a JWT of %zu bytes)\n", headers[0].len - 7);
    measure("JWT seen before, 6 shapes", 1);
    measure("JWT the first time, 6 shapes", 0);

    make_jwt(700);
    printf("    (a JWT of %zu bytes)\n", headers[0].len - 7);
    measure("JWT seen before, 6 shapes", 1);
    measure("JWT the first time, 6 shapes", 0);

    use_shapes(12);
    measure("JWT seen before, 12 shapes", 1);
    measure("JWT the first time, 12 shapes", 0);

    return 0;
}
