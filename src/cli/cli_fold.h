
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The log folded into what is in force now, as an edge does that reads it from
 * its start: names are canonical ("claim.sub" is "sub"), ORs are multiplied,
 * the later cut-off and the later end of the same match stand, a rule with a
 * cut-off and one with "always" are two, "restore" lifts both.
 *
 * Memory is bounded.  Up to CLI_FOLD_KEEP rules are kept, and come in the order
 * of their IDs.  If there are more, the log is read twice:
 *
 *     first    a Bloom filter of 32 MB finds the matches that are there more
 *              than once: written again, or restored
 *     then     what is there once is in force as it stands, and goes to the
 *              caller as it is read; the others are folded, and come last
 *
 * So ten million tokens, each pushed once, cost 32 MB and no more.
 */


#ifndef _CLI_FOLD_H_INCLUDED_
#define _CLI_FOLD_H_INCLUDED_


#include "../core/trv_selector.h"
#include "../core/trv_shape.h"
#include "cli_log.h"


#pragma GCC visibility push(hidden)


#define CLI_FOLD_KEEP  200000


/* one thing that a rule compares; of TRV_FROM_TOKEN the 32 bytes, no hex */

typedef struct {
    trv_selector_t  selector;
    trv_str_t       value;
} cli_part_t;


typedef enum {
    CLI_RULE_FORCE = 0,           /* refuses */
    CLI_RULE_ENDED,               /* its "until" is over */
    CLI_RULE_LIFTED               /* by a restore */
} cli_rule_state_t;


/* all memory is the fold's, for the time of one call */

typedef struct {
    cli_rule_state_t   state;
    unsigned           nparts;    /* in the order of trv_selector_cmp() */
    const cli_part_t  *parts;
    trv_id_t           id;        /* the entry that has said it last */
    trv_id_t           first;     /* the oldest one that it cannot be without */
    uint32_t           cutoff;    /* Unix seconds, or TRV_CUTOFF_ALWAYS */
    int64_t            end;       /* Unix seconds, or TRV_END_NEVER */
    trv_str_t          reason;    /* of "id" */
    trv_str_t          by;
} cli_rule_t;


typedef struct {
    void  *ctx;

    /*
     * False: the rule is of no interest, and costs nothing.  Has to depend on
     * the parts alone.  NULL: all are of interest.
     */

    int  (*want)(void *ctx, unsigned nparts, const cli_part_t *parts);

    /* 0 to go on, else the fold ends */

    int  (*rule)(void *ctx, const cli_rule_t *rule);

    /* an entry with a fault, once; may be NULL */

    void (*fault)(void *ctx, const cli_entry_t *entry, trv_fault_t fault,
        int refused);

    /* names that are attributes at the edges: "device" is "attr.device" */

    const trv_str_t  *attributes;
    size_t            nattributes;

    int64_t           retain;     /* of rules without an end; 0: for ever */
    int64_t           now;        /* Unix seconds, 0: this machine's clock */
    unsigned          over:1;     /* also what has ended or was lifted */
} cli_fold_options_t;


typedef struct {
    uint64_t  entries;
    uint64_t  rules;              /* in force */
    uint64_t  ended;
    uint64_t  lifted;
    uint64_t  refused;            /* entries of which nothing is applied */
    trv_id_t  last;               /* the last entry */
} cli_fold_sum_t;


/* TRV_OK; TRV_NONE: the callback has ended it; TRV_MALFORMED: *trouble */

trv_rc_t cli_fold(cli_redis_t *redis, const cli_target_t *target,
    const cli_fold_options_t *options, cli_fold_sum_t *sum,
    cli_trouble_t *trouble);


#pragma GCC visibility pop


#endif /* _CLI_FOLD_H_INCLUDED_ */
