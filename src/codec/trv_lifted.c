
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A hash table with linear probing, at most half full; fingerprints are
 * hashes already, and "a" is 0 in a free slot only.
 */


#include "trv_lifted.h"
#include "trv_memory.h"


#define TRV_LIFTED_MIN  64


struct trv_lifted_s {
    trv_lift_t  *slot;
    size_t       size;            /* a power of two, or 0 */
    size_t       n;
};


static trv_lift_t *trv_lifted_at(const trv_lifted_t *lifted, trv_fp_t fp);
static trv_rc_t trv_lifted_grow(trv_lifted_t *lifted);


trv_lifted_t *
trv_lifted_create(void)
{
    trv_lifted_t  *lifted;

    lifted = trv_alloc(sizeof(trv_lifted_t));

    if (lifted != NULL) {
        memset(lifted, 0, sizeof(trv_lifted_t));
    }

    return lifted;
}


void
trv_lifted_destroy(trv_lifted_t *lifted)
{
    trv_free(lifted->slot);
    trv_free(lifted);
}


size_t
trv_lifted_count(const trv_lifted_t *lifted)
{
    return lifted->n;
}


trv_rc_t
trv_lifted_add(trv_lifted_t *lifted, trv_fp_t fp, trv_id_t id)
{
    trv_lift_t  *lift;

    if (2 * (lifted->n + 1) > lifted->size
        && trv_lifted_grow(lifted) != TRV_OK)
    {
        return TRV_NOMEM;
    }

    lift = trv_lifted_at(lifted, fp);

    if (lift->fp.a == 0) {

        if (lifted->n == TRV_LIFTED_MAX) {
            return TRV_LIMIT;
        }

        lift->fp = fp;
        lifted->n++;
    }

    lift->id = id;
    lift->again = 0;

    return TRV_OK;
}


void
trv_lifted_again(trv_lifted_t *lifted, trv_fp_t fp)
{
    trv_lift_t  *lift;

    if (lifted->n == 0) {
        return;
    }

    lift = trv_lifted_at(lifted, fp);

    if (lift->fp.a != 0) {
        lift->again = 1;
    }
}


trv_lift_t *
trv_lifted_find(const trv_lifted_t *lifted, trv_fp_t fp)
{
    trv_lift_t  *lift;

    if (lifted->n == 0) {
        return NULL;
    }

    lift = trv_lifted_at(lifted, fp);

    return lift->fp.a != 0 ? lift : NULL;
}


/* the slot that has it, or the free one where it belongs */

static trv_lift_t *
trv_lifted_at(const trv_lifted_t *lifted, trv_fp_t fp)
{
    size_t       i;
    trv_lift_t  *lift;

    for (i = fp.a; ; i++) {
        lift = &lifted->slot[i & (lifted->size - 1)];

        if (lift->fp.a == 0 || (lift->fp.a == fp.a && lift->fp.g == fp.g)) {
            return lift;
        }
    }
}


static trv_rc_t
trv_lifted_grow(trv_lifted_t *lifted)
{
    size_t        i;
    trv_lifted_t  larger;

    larger.n = lifted->n;
    larger.size = lifted->size != 0 ? 2 * lifted->size : TRV_LIFTED_MIN;
    larger.slot = trv_alloc(larger.size * sizeof(trv_lift_t));

    if (larger.slot == NULL) {
        return TRV_NOMEM;
    }

    memset(larger.slot, 0, larger.size * sizeof(trv_lift_t));

    for (i = 0; i < lifted->size; i++) {
        if (lifted->slot[i].fp.a != 0) {
            *trv_lifted_at(&larger, lifted->slot[i].fp) = lifted->slot[i];
        }
    }

    trv_free(lifted->slot);

    *lifted = larger;

    return TRV_OK;
}
