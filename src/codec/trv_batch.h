
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The memory of entries: nodes in a queue.
 *
 *     batch --> first --> node --> node --> NULL      finished entries
 *           --> open  --> node                        the one being built
 *           --> spare --> node --> NULL               to be used again
 *
 *     node  --> tokens  [hash][hash][hash]            grows by realloc()
 *           --> pairs   [name, value][name, value]    grows by realloc()
 *           --> blocks  [text...] --> [text...]       never moves
 *
 * Arrays move only while the entry is open: nobody has a pointer to them yet.
 */


#ifndef _TRV_BATCH_H_INCLUDED_
#define _TRV_BATCH_H_INCLUDED_


#include "../core/trv_sum.h"
#include "trv_field.h"


#pragma GCC visibility push(hidden)


/* memory of spare nodes that is kept, bytes */

#define TRV_BATCH_SPARE      (256 * 1024)

#define TRV_BATCH_BLOCK_MIN  1024
#define TRV_BATCH_BLOCK_MAX  (64 * 1024)


typedef struct trv_block_s  trv_block_t;

struct trv_block_s {
    trv_block_t  *next;
    size_t        size;
    size_t        used;
    uint8_t       data[];
};


typedef struct trv_node_s  trv_node_t;

struct trv_node_s {
    trv_entry_t         entry;        /* counts its tokens and pairs */
    trv_node_t         *next;
    trv_block_t        *blocks;       /* the newest first */
    trv_entry_token_t  *tokens;
    trv_pair_t         *pairs;
    uint32_t            tokens_size;  /* allocated */
    uint32_t            pairs_size;
    uint8_t             ack[TRV_ENTRY_ACK_LEN];
};


/* what is known of the open entry besides what is in its node */

typedef struct {
    trv_reserved_t  reserved;
    trv_sum_t       sum;
    trv_field_t     field;            /* of the name that waits for a value */
    trv_str_t       name;             /* if it is a match */
    unsigned        named:1;          /* a name waits for its value */
    unsigned        ignored:1;        /* and the value is of no use */
    unsigned        token:1;          /* there was a field "token" */
    unsigned        lasting:1;
    uint32_t        npairs;
    uint32_t        nnames;
    trv_str_t       names[TRV_ENTRY_FIELDS];
} trv_build_t;


struct trv_batch_s {
    trv_digest_t  *digest;
    trv_node_t    *first;
    trv_node_t   **last;
    trv_node_t    *open;
    trv_node_t    *spare;
    size_t         spare_size;
    unsigned       spoiled:1;
    trv_build_t    build;
};


/* an empty node that belongs to the caller, or NULL without memory */

trv_node_t *trv_batch_take(trv_batch_t *batch);

/* gives the node back, to be used again or freed; NULL is ignored */

void trv_batch_give(trv_batch_t *batch, trv_node_t *node);

/* adds the node, which is finished, to the end of the queue */

void trv_batch_append(trv_batch_t *batch, trv_node_t *node);


/* forgets tokens and pairs, and gives back memory that is more than a little */

void trv_node_empty(trv_node_t *node);

/* room for one more, which is not counted yet; NULL without memory */

uint8_t *trv_node_token(trv_node_t *node);
trv_pair_t *trv_node_pair(trv_node_t *node);

/* TRV_OK and a view of the copy, or TRV_NOMEM */

trv_rc_t trv_node_copy(trv_node_t *node, trv_str_t text, trv_str_t *copy);


#pragma GCC visibility pop


#endif /* _TRV_BATCH_H_INCLUDED_ */
