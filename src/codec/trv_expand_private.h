
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What is known of the entry that is being expanded: private to
 * trv_expand*.c.
 *
 *     names[]    as they stand in the entry   "claim.sub"  "aud"  "sub"
 *                                                   |        |      |
 *     field[]    in the order of the entry         sub <-----|------+
 *                                                   |       aud
 *     order[]    in the order of the shape         1: aud   0: sub
 *
 *     values[]   | of field 0 ... | of field 1 ... |
 */


#ifndef _TRV_EXPAND_PRIVATE_H_INCLUDED_
#define _TRV_EXPAND_PRIVATE_H_INCLUDED_


#include "trv_expand.h"


#pragma GCC visibility push(hidden)


typedef enum {
    TRV_EXPAND_HASH = 0,      /* digests of the values are made */
    TRV_EXPAND_PUT,           /* rules are put or removed */
    TRV_EXPAND_DONE
} trv_expand_phase_t;


/* a rule in the table, and among those that were lifted */

typedef struct {
    trv_fp_t  fp;
    trv_fp_t  lift;           /* unless it is applied for the first time */
} trv_expand_rule_t;


typedef struct {
    trv_selector_t  selector;
    trv_str_t       first;    /* value, for the words */
    uint32_t        n;        /* values */
    uint32_t        start;    /* index of the first one in values[] */
    uint32_t        filled;
    uint32_t        at;       /* the one that is combined now */
} trv_expand_field_t;


typedef struct {
    trv_str_t  text;
    unsigned   field;
} trv_expand_name_t;


struct trv_expand_s {
    const trv_entry_t   *entry;
    trv_expand_phase_t   phase;
    trv_rc_t             rc;          /* when it is done */

    unsigned             nnames;
    trv_expand_name_t    names[TRV_ENTRY_FIELDS];

    unsigned             nfields;
    trv_expand_field_t   field[TRV_ENTRY_FIELDS];

    unsigned             n;           /* selectors of the shape */
    trv_selector_t       selector[TRV_SHAPE_FIELDS];
    trv_expand_field_t  *order[TRV_SHAPE_FIELDS];

    int64_t              end;         /* Unix seconds, or TRV_END_NEVER */
    trv_term_t           term;
    unsigned             shape;
    uint64_t             kind;        /* the shape without its number */
    unsigned             isnew:1;
    unsigned             alone:1;     /* the shape is {token} */

    uint32_t             hashed;      /* tokens, then pairs */
    uint32_t             done;        /* rules */
    uint32_t             total;

    trv_value_t         *values;
    uint32_t             values_size;
};


/* what is done about one rule, in each of the modes */

void trv_expand_apply(trv_expand_t *expand, const trv_expand_zone_t *zone,
    const trv_expand_rule_t *rule);

/* the shape as a number that does not depend on those in use */

uint64_t trv_expand_kind(const trv_expand_t *expand, const trv_table_t *table);

/* the field that a name of the entry stands for; NULL if it is not known */

trv_expand_field_t *trv_expand_known(trv_expand_t *expand, trv_str_t name);


#pragma GCC visibility pop


#endif /* _TRV_EXPAND_PRIVATE_H_INCLUDED_ */
