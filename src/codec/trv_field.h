
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The names that have a meaning of their own in an entry of the log, and what
 * the reserved ones add up to.
 */


#ifndef _TRV_FIELD_H_INCLUDED_
#define _TRV_FIELD_H_INCLUDED_


#include "trv_entry.h"


#pragma GCC visibility push(hidden)


typedef enum {
    TRV_FIELD_MATCH = 0,          /* any other name: a part of the match */
    TRV_FIELD_TOKEN,
    TRV_FIELD_BEFORE,
    TRV_FIELD_UNTIL,
    TRV_FIELD_TTL,
    TRV_FIELD_ACTION,
    TRV_FIELD_ACK,
    TRV_FIELD_REMARK,             /* "reason", "by": for people */
    TRV_NFIELDS
} trv_field_t;


/* names are matched exactly, in lower case */

trv_field_t trv_field_find(trv_str_t name);


/*
 * True if a match with this name revokes for ever unless the entry says
 * otherwise: it names one thing that is not issued again.
 */

int trv_field_lasting(trv_str_t name);


/* what the reserved fields of one entry have said so far; zero: nothing */

typedef struct {
    int64_t       before;         /* the latest */
    int64_t       end;            /* the latest */
    trv_action_t  action;         /* the strongest */
    unsigned      dated:1;        /* "before" is set */
    unsigned      always:1;
    unsigned      own:1;          /* the entry's own time is one of them */
    unsigned      ended:1;        /* "end" is set */
    unsigned      acted:1;        /* "action" is set */
    uint8_t       ack_len;
    uint8_t       ack[TRV_ENTRY_ACK_LEN];
} trv_reserved_t;


/*
 * Takes in the value of a field from TRV_FIELD_BEFORE on.  Returns
 * TRV_FAULT_NONE, or what is wrong with it.
 */

trv_fault_t trv_reserved_take(trv_reserved_t *reserved, trv_field_t field,
    trv_str_t value, trv_id_t id);


/* the cut-off; "lasting" and "now" (Unix milliseconds) are for the default */

uint32_t trv_reserved_cutoff(const trv_reserved_t *reserved, trv_id_t id,
    int lasting, int64_t now);


/* the end in Unix seconds, or TRV_END_NEVER */

int64_t trv_reserved_end(const trv_reserved_t *reserved);


#pragma GCC visibility pop


#endif /* _TRV_FIELD_H_INCLUDED_ */
