
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The one writer of a table.  What it needs besides the table (which chunks
 * are free, how full the partitions are) is private memory of the writing
 * process and rebuilt from the table by its successor: a writer may be killed
 * between any two stores.
 */


#ifndef _TRV_WRITER_H_INCLUDED_
#define _TRV_WRITER_H_INCLUDED_


#include "trv_table.h"


#pragma GCC visibility push(hidden)


typedef struct trv_writer_s  trv_writer_t;


/* bytes of private memory that the writer of this table needs */

size_t trv_writer_size(const trv_table_t *table);


/*
 * Makes a writer in "memory" (trv_writer_size() bytes, 16-byte aligned,
 * owned by the caller, who may free it when the writer is not used any
 * more).  Rebuilds the allocator from the table.  Only one writer may exist
 * for a table: the caller sees to that.
 */

trv_writer_t *trv_writer_open(const trv_table_t *table, void *memory);


/*
 * Begins to load what trv_writer_put() of this fingerprint will read and
 * write.  Memory is what a put waits for: with 16 fingerprints that were
 * prefetched before the first one is put, each takes about half the time.
 * Changes nothing; a fingerprint need not be put after all.
 */

void trv_writer_prefetch(const trv_writer_t *writer, trv_fp_t fp);


/*
 * Adds a rule, or merges it with the one that is there (trv_term_merge).
 * Returns TRV_OK, or TRV_FULL: the table does not hold the rule, and nothing
 * else was lost.
 */

trv_rc_t trv_writer_put(trv_writer_t *writer, trv_fp_t fp, trv_term_t term);


/*
 * Removes both rules (numeric and "always") of this fingerprint and shape.
 * Returns TRV_OK, or TRV_NONE if there were none.
 */

trv_rc_t trv_writer_remove(trv_writer_t *writer, trv_fp_t fp, unsigned shape);


/*
 * Frees the slots of dead rules in the next "partitions" partitions and
 * gives memory back that is used too thinly.  Returns the number of rules
 * removed.  Goes round and round; a call ends with the round, and *wrapped is
 * set to 1 then and to 0 otherwise.
 */

size_t trv_writer_sweep(trv_writer_t *writer, int64_t now,
    unsigned partitions, unsigned *wrapped);


/*
 * The shapes that may be in the table, bit by bit: those that the last
 * complete round of the sweep left there, and those put since it began; all
 * of them until a round of this writer has ended.
 */

uint64_t trv_writer_shapes(const trv_writer_t *writer);


typedef struct {
    uint64_t  rules;          /* in the table, dead ones included */
    uint64_t  bytes_used;     /* of bytes_total, by chunks in use */
    uint64_t  bytes_total;
    uint64_t  reach;          /* bytes from the base on that were ever used */
} trv_usage_t;


/* rules is exact after every partition was touched once or swept once */

void trv_writer_usage(const trv_writer_t *writer, trv_usage_t *usage);


#pragma GCC visibility pop


#endif /* _TRV_WRITER_H_INCLUDED_ */
