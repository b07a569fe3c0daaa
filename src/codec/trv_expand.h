
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * From an entry to its rules: selectors, digests of values, and every
 * combination of them, cut into steps.
 */


#ifndef _TRV_EXPAND_H_INCLUDED_
#define _TRV_EXPAND_H_INCLUDED_


#include "../core/trv_match.h"
#include "../core/trv_writer.h"
#include "trv_entry.h"
#include "trv_lifted.h"


#pragma GCC visibility push(hidden)


#define TRV_EXPAND_RULES  65536       /* of one entry, ORs multiplied */


typedef struct trv_expand_s  trv_expand_t;


/*
 * A log that was applied before is read again in two passes over all of it:
 *
 *     COLLECT   nothing is applied; "lifted" is told what is restored
 *     REPLAY    entries are applied, but nothing that a later one restores is
 *               put back, and nothing that was revoked again is removed
 *
 * In REPLAY a restore that is not after "seen" has been applied before.  Of a
 * rule that is revoked again after its restore, both happen at once.
 */

typedef enum {
    TRV_EXPAND_APPLY = 0,
    TRV_EXPAND_COLLECT,
    TRV_EXPAND_REPLAY
} trv_expand_mode_t;


/* what an expansion works on; borrowed for as long as it is used */

typedef struct {
    trv_expand_mode_t   mode;
    trv_lifted_t       *lifted;       /* COLLECT, REPLAY */
    trv_id_t            seen;         /* REPLAY */
    const trv_table_t  *table;
    trv_shapes_t       *shapes;
    trv_writer_t       *writer;
    const trv_str_t    *attributes;   /* names defined in the zone */
    size_t              nattributes;
    int64_t             retain;       /* seconds, 0: without an end */
    int64_t             now;          /* Unix seconds */
} trv_expand_zone_t;


/* NULL without memory; reused for all entries */

trv_expand_t *trv_expand_create(void);
void trv_expand_destroy(trv_expand_t *expand);


/*
 * Begins with an entry, which stays with the caller until the last step.  An
 * entry that is refused or accepts something, and a revocation whose end has
 * passed, has nothing to do.  Returns
 *
 *     TRV_OK          steps follow
 *     TRV_LIMIT       more than TRV_EXPAND_RULES rules (TRV_FAULT_RULES)
 *     TRV_MALFORMED   a name ends with its prefix (TRV_FAULT_PREFIX)
 *     TRV_NOMEM
 *
 * and unless it is TRV_OK, nothing of the entry is applied.
 */

trv_rc_t trv_expand_begin(trv_expand_t *expand, const trv_expand_zone_t *zone,
    const trv_entry_t *entry);


/*
 * Does about "max" rules' worth of work; a shape is in use before its first
 * rule, and one that nobody uses is not restored.  Returns
 *
 *     TRV_NONE    there is more to do
 *     TRV_OK      the entry is done
 *     TRV_FULL    the entry is done, but a rule of it did not fit
 *     TRV_LIMIT   there are too many shapes: nothing of it was applied
 *                 (TRV_FAULT_SHAPES)
 *     TRV_NOMEM   in COLLECT only
 */

trv_rc_t trv_expand_step(trv_expand_t *expand, const trv_expand_zone_t *zone,
    unsigned max);


/*
 * The shape of the entry, when a step has returned TRV_OK or TRV_FULL; *isnew:
 * this entry was the first one of it, and has put it into use.
 */

unsigned trv_expand_shape(const trv_expand_t *expand, int *isnew);

/*
 * The first rule of the entry in words: sub="alice" and client_id="tv-app"
 * issued until 1487894400.  Control bytes and quotes are escaped, long values
 * are cut, token identities are shown by their first digits.  To be called
 * after trv_expand_begin(), while the entry is there.  Returns the number of
 * bytes written, at most "size".
 */

size_t trv_expand_words(const trv_expand_t *expand, uint8_t *buf, size_t size);


#pragma GCC visibility pop


#endif /* _TRV_EXPAND_H_INCLUDED_ */
