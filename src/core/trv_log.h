
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Positions in the log: the IDs of a Redis stream, "<ms>-<seq>".
 */


#ifndef _TRV_LOG_H_INCLUDED_
#define _TRV_LOG_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


typedef struct {
    uint64_t  ms;             /* Unix time of the entry, milliseconds */
    uint64_t  seq;            /* counts the entries of one millisecond */
} trv_id_t;


/* the longest ID: two numbers of 20 digits and a dash */

#define TRV_ID_LEN  41


/* negative, 0 or positive, as memcmp() */

static inline int
trv_id_cmp(trv_id_t a, trv_id_t b)
{
    if (a.ms != b.ms) {
        return a.ms < b.ms ? -1 : 1;
    }

    return a.seq < b.seq ? -1 : a.seq > b.seq;
}


/* the ID before this one, which is not 0-0 */

static inline trv_id_t
trv_id_before(trv_id_t id)
{
    if (id.seq-- == 0) {
        id.ms--;
    }

    return id;
}


/*
 * Reads "<ms>-<seq>" or "<ms>".  Returns TRV_OK, or TRV_MALFORMED and leaves
 * *id alone; a number beyond 64 bits is malformed.
 */

trv_rc_t trv_id_parse(trv_str_t text, trv_id_t *id);


/* writes the ID without a NUL; returns the number of bytes */

size_t trv_id_format(trv_id_t id, uint8_t buf[TRV_ID_LEN]);


/* up to where the log was applied: an entry, and what was known of it */

typedef struct {
    trv_id_t  id;
    uint64_t  digest;         /* of its content (trv_entry_t), 0: not known */
    uint64_t  added;          /* entries by then, as Redis counts them; 0: not
                                 known */
} trv_mark_t;


/*
 * The applied position in shared memory: two slots and a selector, so that a
 * writer that dies between two stores leaves the older position, never a mix.
 * Fresh zero memory is the position 0-0: nothing applied.
 *
 *     selector ---> slot[0]   the position that holds
 *                   slot[1]   being written
 *
 * One writer.  A reader that runs beside it gets one of the positions
 * that held while it was reading.
 */

typedef struct {
    uint64_t    selector;
    trv_mark_t  slot[2];
} trv_position_t;


void trv_position_store(trv_position_t *position, trv_mark_t mark);
trv_mark_t trv_position_mark(trv_position_t *position);

/* its ID alone */

trv_id_t trv_position_load(trv_position_t *position);


#pragma GCC visibility pop


#endif /* _TRV_LOG_H_INCLUDED_ */
