
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The memory of entries: nodes in a queue.
 */


#include "trv_batch.h"
#include "trv_memory.h"


static size_t trv_node_size(const trv_node_t *node);
static void trv_node_free(trv_node_t *node);


/* an array that grew beyond this does not stay with a node that is empty */

#define TRV_NODE_KEEP  256


trv_batch_t *
trv_batch_create(trv_digest_t *digest)
{
    trv_batch_t  *batch;

    batch = trv_alloc(sizeof(trv_batch_t));

    if (batch == NULL) {
        return NULL;
    }

    memset(batch, 0, sizeof(trv_batch_t));

    batch->digest = digest;
    batch->last = &batch->first;

    return batch;
}


void
trv_batch_destroy(trv_batch_t *batch)
{
    trv_node_t  *node;

    if (batch == NULL) {
        return;
    }

    trv_batch_clear(batch);

    while (batch->spare != NULL) {
        node = batch->spare;
        batch->spare = node->next;
        trv_node_free(node);
    }

    trv_free(batch);
}


const trv_entry_t *
trv_batch_first(trv_batch_t *batch)
{
    return batch->first != NULL ? &batch->first->entry : NULL;
}


void
trv_batch_shift(trv_batch_t *batch)
{
    trv_node_t  *node;

    node = batch->first;

    if (node == NULL) {
        return;
    }

    batch->first = node->next;

    if (batch->first == NULL) {
        batch->last = &batch->first;
    }

    trv_batch_give(batch, node);
}


void
trv_batch_clear(trv_batch_t *batch)
{
    while (batch->first != NULL) {
        trv_batch_shift(batch);
    }

    trv_batch_give(batch, batch->open);

    batch->open = NULL;
    batch->spoiled = 0;
}


trv_node_t *
trv_batch_take(trv_batch_t *batch)
{
    trv_node_t  *node;

    node = batch->spare;

    if (node != NULL) {
        batch->spare = node->next;
        batch->spare_size -= trv_node_size(node);

        return node;
    }

    node = trv_alloc(sizeof(trv_node_t));

    if (node == NULL) {
        return NULL;
    }

    memset(node, 0, sizeof(trv_node_t));

    return node;
}


void
trv_batch_give(trv_batch_t *batch, trv_node_t *node)
{
    size_t  size;

    if (node == NULL) {
        return;
    }

    trv_node_empty(node);

    size = trv_node_size(node);

    if (batch->spare_size + size > TRV_BATCH_SPARE) {
        trv_node_free(node);
        return;
    }

    batch->spare_size += size;

    node->next = batch->spare;
    batch->spare = node;
}


void
trv_batch_append(trv_batch_t *batch, trv_node_t *node)
{
    node->next = NULL;

    *batch->last = node;
    batch->last = &node->next;
}


void
trv_node_empty(trv_node_t *node)
{
    trv_block_t  *block;

    memset(&node->entry, 0, sizeof(trv_entry_t));

    if (node->tokens_size > TRV_NODE_KEEP) {
        trv_free(node->tokens);
        node->tokens = NULL;
        node->tokens_size = 0;
    }

    if (node->pairs_size > TRV_NODE_KEEP) {
        trv_free(node->pairs);
        node->pairs = NULL;
        node->pairs_size = 0;
    }

    /* the oldest block is the smallest */

    while (node->blocks != NULL && node->blocks->next != NULL) {
        block = node->blocks;
        node->blocks = block->next;
        trv_free(block);
    }

    if (node->blocks != NULL) {
        node->blocks->used = 0;
    }
}


/* of an empty node */

static size_t
trv_node_size(const trv_node_t *node)
{
    return sizeof(trv_node_t)
           + node->tokens_size * (size_t) TRV_SHA256_LEN
           + node->pairs_size * sizeof(trv_pair_t)
           + (node->blocks != NULL ? node->blocks->size : 0);
}


static void
trv_node_free(trv_node_t *node)
{
    trv_block_t  *block;

    while (node->blocks != NULL) {
        block = node->blocks;
        node->blocks = block->next;
        trv_free(block);
    }

    trv_free(node->tokens);
    trv_free(node->pairs);
    trv_free(node);
}


uint8_t *
trv_node_token(trv_node_t *node)
{
    void      *tokens;
    uint32_t   size;

    if (node->entry.ntokens == node->tokens_size) {

        size = node->tokens_size != 0 ? node->tokens_size * 2 : 4;
        tokens = trv_realloc(node->tokens, size * (size_t) TRV_SHA256_LEN);

        if (tokens == NULL) {
            return NULL;
        }

        node->tokens = tokens;
        node->tokens_size = size;
    }

    return node->tokens[node->entry.ntokens];
}


trv_pair_t *
trv_node_pair(trv_node_t *node)
{
    void      *pairs;
    uint32_t   size;

    if (node->entry.npairs == node->pairs_size) {

        size = node->pairs_size != 0 ? node->pairs_size * 2 : 4;
        pairs = trv_realloc(node->pairs, size * sizeof(trv_pair_t));

        if (pairs == NULL) {
            return NULL;
        }

        node->pairs = pairs;
        node->pairs_size = size;
    }

    return &node->pairs[node->entry.npairs];
}


trv_rc_t
trv_node_copy(trv_node_t *node, trv_str_t text, trv_str_t *copy)
{
    size_t        size;
    trv_block_t  *block;

    block = node->blocks;

    if (block == NULL || block->size - block->used < text.len) {

        size = block != NULL ? block->size * 2 : TRV_BATCH_BLOCK_MIN;

        if (size > TRV_BATCH_BLOCK_MAX) {
            size = TRV_BATCH_BLOCK_MAX;
        }

        if (size < text.len) {
            size = text.len;
        }

        block = trv_alloc(sizeof(trv_block_t) + size);

        if (block == NULL) {
            return TRV_NOMEM;
        }

        block->next = node->blocks;
        block->size = size;
        block->used = 0;

        node->blocks = block;
    }

    copy->data = block->data + block->used;
    copy->len = text.len;

    if (text.len != 0) {
        memcpy(block->data + block->used, text.data, text.len);
        block->used += text.len;
    }

    return TRV_OK;
}
