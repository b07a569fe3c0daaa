
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The rules that some entry of the log restores.  Who reads a log again that
 * was applied before reads it twice: first he collects these, then he applies
 * the entries, and what was restored later is not put back for a moment.
 */


#ifndef _TRV_LIFTED_H_INCLUDED_
#define _TRV_LIFTED_H_INCLUDED_


#include "../core/trv_log.h"
#include "../core/trv_table.h"


#pragma GCC visibility push(hidden)


/* rules; 48 MB with the room that a hash table needs */

#define TRV_LIFTED_MAX  (1024 * 1024)


typedef struct trv_lifted_s  trv_lifted_t;


typedef struct {
    trv_fp_t  fp;             /* of the match, whatever its shape's number */
    unsigned  again;          /* it was revoked again after that */
    trv_id_t  id;             /* the entry that restored it last */
} trv_lift_t;


/* empty; NULL without memory */

trv_lifted_t *trv_lifted_create(void);
void trv_lifted_destroy(trv_lifted_t *lifted);

size_t trv_lifted_count(const trv_lifted_t *lifted);

/*
 * In the order of the log.  Returns TRV_OK, TRV_NOMEM, or TRV_LIMIT: there are
 * too many, this one is not remembered.
 */

trv_rc_t trv_lifted_add(trv_lifted_t *lifted, trv_fp_t fp, trv_id_t id);

/* a revocation of it was met; nothing happens if it was not restored before */

void trv_lifted_again(trv_lifted_t *lifted, trv_fp_t fp);

/* NULL: nothing restores it; valid until the next call that adds */

trv_lift_t *trv_lifted_find(const trv_lifted_t *lifted, trv_fp_t fp);


#pragma GCC visibility pop


#endif /* _TRV_LIFTED_H_INCLUDED_ */
