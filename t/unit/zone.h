
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A table with its writer in private memory, for the tests of both.
 */


#ifndef _ZONE_H_INCLUDED_
#define _ZONE_H_INCLUDED_


#include <stdlib.h>

#include "trv_table_layout.h"
#include "trv_writer.h"
#include "tap.h"


#define NOW     INT64_C(1750000000)
#define NEVER   TRV_END_NEVER
#define ALWAYS  TRV_CUTOFF_ALWAYS
#define KB      1024
#define MB      (1024 * KB)

#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    uint8_t       *base;
    size_t         size;
    void          *memory;
    trv_table_t    table;
    trv_writer_t  *writer;
} zone_t;


static const uint8_t  secret[TRV_KEY_LEN] = "0123456789abcdef";


static inline void
zone_reopen(zone_t *z)
{
    free(z->memory);
    z->memory = malloc(trv_writer_size(&z->table));

    if (z->memory == NULL) {
        exit(2);
    }

    memset(z->memory, 0xa5, trv_writer_size(&z->table));
    z->writer = trv_writer_open(&z->table, z->memory);
}


static inline zone_t
zone_open(size_t size)
{
    void    *p;
    zone_t   z;

    if (posix_memalign(&p, 64, size) != 0) {
        exit(2);
    }

    memset(p, 0, size);

    z.base = p;
    z.size = size;
    z.memory = NULL;

    if (trv_table_format(z.base, size, secret) != TRV_OK
        || trv_table_attach(&z.table, z.base, size) != TRV_OK)
    {
        exit(2);
    }

    zone_reopen(&z);

    return z;
}


static inline void
zone_close(zone_t *z)
{
    free(z->memory);
    free(z->base);
}


static inline trv_fp_t
key(const zone_t *z, uint64_t i)
{
    return trv_table_fingerprint(&z->table, (uint8_t *) &i, sizeof(i));
}


static inline trv_rc_t
put(zone_t *z, uint64_t i, uint32_t cutoff, int64_t end)
{
    return trv_writer_put(z->writer, key(z, i), trv_term_make(cutoff, end, 5));
}


static inline trv_rc_t
look(const zone_t *z, uint64_t i, int64_t issued, int64_t now)
{
    trv_term_t  term;

    return trv_table_lookup(&z->table, key(z, i), 5, issued, now, &term);
}


static inline uint64_t
rules(const zone_t *z)
{
    trv_usage_t  usage;

    trv_writer_usage(z->writer, &usage);

    return usage.rules;
}


static inline uint64_t
used(const zone_t *z)
{
    trv_usage_t  usage;

    trv_writer_usage(z->writer, &usage);

    return usage.bytes_used;
}


/* how many of the keys first .. first + n - 1 are found */

static inline uint64_t
present(const zone_t *z, uint64_t first, uint64_t n)
{
    uint64_t  i, found;

    found = 0;

    for (i = first; i < first + n; i++) {
        found += look(z, i, 0, NOW) == TRV_OK;
    }

    return found;
}


/* puts keys 0, 1, .. until one does not fit; returns how many did */

static inline uint64_t
fill(zone_t *z, int64_t end)
{
    uint64_t  n;

    for (n = 0; put(z, n, ALWAYS, end) == TRV_OK; n++) {
        /* void */
    }

    return n;
}


static inline uint64_t
sweep(zone_t *z, int64_t now)
{
    uint64_t  n;
    unsigned  wrapped;

    n = 0;

    do {
        n += trv_writer_sweep(z->writer, now, 3, &wrapped);
    } while (!wrapped);

    return n;
}


#endif /* _ZONE_H_INCLUDED_ */
