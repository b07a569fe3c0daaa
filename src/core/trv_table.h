
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The table of rules in shared memory, as its readers see it: keyed
 * fingerprints and their terms.  One process writes (trv_writer.h), any
 * number reads, without locks and without waiting.
 */


#ifndef _TRV_TABLE_H_INCLUDED_
#define _TRV_TABLE_H_INCLUDED_


#include "trv.h"
#include "trv_term.h"


#pragma GCC visibility push(hidden)


#define TRV_KEY_LEN  16


/* 96 bits of a keyed hash: 64 are stored, 32 say where; a is never 0 */

typedef struct {
    uint64_t  a;
    uint32_t  g;
} trv_fp_t;


/*
 * A process's view of the table: an address and what was read once from the
 * header.  Owned by the caller, nothing to release; the table itself holds
 * no addresses, so every process may map it where it likes.
 */

typedef struct {
    uint8_t  *base;
    size_t    size;
    uint8_t  *parts;          /* records of the partitions */
    uint8_t  *chunks;
    uint32_t  nparts;
    uint32_t  nchunks;
    uint32_t  shift;          /* a chunk has 1 << shift lines */
    uint64_t  k0;             /* the key, read from the header */
    uint64_t  k1;
} trv_table_t;


/*
 * Makes an empty table of "size" bytes at "base", 64-byte aligned, which must
 * be zero (fresh memory of the system is; it is not touched, so that pages
 * are used only as the table fills).  The key is random, 16 bytes.
 * Returns TRV_OK, or TRV_LIMIT if the size is too small (32 KB will do) or
 * too large (512 GB).  The header is complete when its magic is written, last.
 */

trv_rc_t trv_table_format(uint8_t *base, size_t size,
    const uint8_t key[TRV_KEY_LEN]);


/*
 * Looks at a table that was formatted by this or another process.  Returns
 * TRV_OK, or TRV_MALFORMED if magic, layout or size are not those of ours.
 */

trv_rc_t trv_table_attach(trv_table_t *table, uint8_t *base, size_t size);


/* the fingerprint of a rule's match under the table's key */

trv_fp_t trv_table_fingerprint(const trv_table_t *table, const uint8_t *data,
    size_t len);


/* begins to load what the look-up will read: call it for all fingerprints */

void trv_table_prefetch(const trv_table_t *table, trv_fp_t fp);


/*
 * Looks for a rule that refuses: one that is not dead at "now" (Unix
 * seconds), and whose cut-off is "always" or is not before "issued" (Unix
 * seconds; INT64_MIN if the issue time is not known: older than any cut-off).
 * Returns TRV_OK and the term, or TRV_NONE.
 */

trv_rc_t trv_table_lookup(const trv_table_t *table, trv_fp_t fp,
    unsigned shape, int64_t issued, int64_t now, trv_term_t *term);


#pragma GCC visibility pop


#endif /* _TRV_TABLE_H_INCLUDED_ */
