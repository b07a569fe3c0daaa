
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The memory of a fold: rules by the digest of their match, and which digests
 * were seen more than once.
 *
 *     slots[]     digest of a match, open addressing
 *        |
 *        +--> rule with a cut-off --> text of the match (owned)
 *        +--> rule with "always"  --> source: ID, reason, author (counted)
 */


#ifndef _CLI_FOLD_TABLE_H_INCLUDED_
#define _CLI_FOLD_TABLE_H_INCLUDED_


#include "cli_fold.h"


#pragma GCC visibility push(hidden)


#define CLI_DIGEST_LEN  16


typedef struct {
    uint64_t  w[2];
} cli_digest_t;


/* who said it; shared by the rules of an entry */

typedef struct {
    unsigned   uses;
    trv_id_t   id;
    size_t     reason_len;
    size_t     by_len;
    uint8_t    text[];                /* reason, by */
} cli_source_t;


typedef struct {
    cli_rule_state_t   state;
    cli_source_t      *source;
    trv_id_t           first;
    uint32_t           cutoff;
    int64_t            end;
    uint64_t           number;        /* in the order in which they came */
    unsigned           nparts;
    cli_part_t        *parts;         /* and the bytes behind them */
} cli_kept_t;


/* kept[0]: with a cut-off; kept[1]: always */

typedef struct {
    cli_digest_t   digest;            /* 0, 0: free */
    cli_kept_t    *kept[2];
} cli_slot_t;


typedef struct {
    cli_slot_t    *slots;
    size_t         nslots;            /* a power of two, or 0 */
    size_t         used;

    cli_kept_t   **over;              /* ended or lifted, if they are wanted */
    size_t         nover;
    size_t         over_size;

    uint64_t       rules;             /* kept ones, over or not */
    uint64_t       number;
} cli_table_t;


void cli_table_free(cli_table_t *table);

/* the slot of the digest, made if there is none; NULL without memory */

cli_slot_t *cli_table_slot(cli_table_t *table, cli_digest_t digest);

/* NULL if there is none */

cli_slot_t *cli_table_find(const cli_table_t *table, cli_digest_t digest);

/* a rule with copies of its parts, and one more use of the source; or NULL */

cli_kept_t *cli_table_keep(cli_table_t *table, unsigned nparts,
    const cli_part_t *parts, cli_source_t *source);

void cli_table_drop(cli_table_t *table, cli_kept_t *kept);

/* remembers a rule that is over; TRV_OK, or TRV_NOMEM and it is dropped */

trv_rc_t cli_table_over(cli_table_t *table, cli_kept_t *kept);

/* all rules in the order of their IDs; NULL without memory; to be freed */

cli_kept_t **cli_table_sorted(const cli_table_t *table, size_t *n);


cli_source_t *cli_source_create(const cli_entry_t *entry);
void cli_source_release(cli_source_t *source);


#pragma GCC visibility pop


#endif /* _CLI_FOLD_TABLE_H_INCLUDED_ */
