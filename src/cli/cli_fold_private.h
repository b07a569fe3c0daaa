
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A fold that is going on: private to cli_fold*.c.
 */


#ifndef _CLI_FOLD_PRIVATE_H_INCLUDED_
#define _CLI_FOLD_PRIVATE_H_INCLUDED_


#include "cli_fold_table.h"
#include "cli_rules.h"


#pragma GCC visibility push(hidden)


#define CLI_BLOOM_BITS    28
#define CLI_BLOOM_BYTES   ((size_t) 1 << (CLI_BLOOM_BITS - 3))
#define CLI_BLOOM_HASHES  4

/* a match with all its names and values */

#define CLI_FOLD_MATCH                                                        \
    (TRV_SHAPE_FIELDS * (TRV_ENTRY_NAME_LEN + TRV_ENTRY_VALUE_LEN + 32))


typedef enum {
    CLI_FOLD_KEEPING = 0,         /* all rules, as long as they are few */
    CLI_FOLD_COUNTING,            /* which matches are there more than once */
    CLI_FOLD_STREAMING            /* the others go out as they come */
} cli_fold_mode_t;


typedef struct {
    const cli_fold_options_t  *options;
    cli_fold_sum_t            *sum;
    cli_fold_mode_t            mode;
    int64_t                    now;        /* Unix seconds */
    cli_table_t                table;
    uint64_t                  *bloom;
    cli_rules_t               *rules;
    trv_digest_t              *digest;
    uint8_t                   *match;
    trv_id_t                   complained;

    /* of the entry that is being folded */

    const cli_entry_t         *entry;
    cli_source_t              *source;
    int64_t                    end;        /* of its rules */
    unsigned                   dead:1;

    unsigned                   many:1;     /* too many to be kept */
    unsigned                   nomem:1;
    unsigned                   stopped:1;  /* by the caller */
} cli_folding_t;


/* a rule of the entry (cli_rules_pt); ends the fold if it returns 1 */

int cli_fold_rule(void *ctx, unsigned nparts, const cli_part_t *parts);

/* notes that there is no memory: 1 */

int cli_fold_nomem(cli_folding_t *f);


#pragma GCC visibility pop


#endif /* _CLI_FOLD_PRIVATE_H_INCLUDED_ */
