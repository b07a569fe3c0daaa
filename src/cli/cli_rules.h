
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The rules of one entry: every combination of its values, under canonical
 * names, as the edge makes them (src/codec/trv_expand.c).
 */


#ifndef _CLI_RULES_H_INCLUDED_
#define _CLI_RULES_H_INCLUDED_


#include "cli_fold.h"


#pragma GCC visibility push(hidden)


typedef struct cli_rules_s  cli_rules_t;


/* returns 0 to go on, else the rest is left out */

typedef int (*cli_rules_pt)(void *ctx, unsigned nparts,
    const cli_part_t *parts);


/* NULL without memory; reused for all entries */

cli_rules_t *cli_rules_create(void);
void cli_rules_destroy(cli_rules_t *rules);

/*
 * Returns TRV_OK; TRV_NONE: the callback has ended it; TRV_LIMIT: too many
 * rules (TRV_FAULT_RULES); TRV_MALFORMED: a prefix without a name
 * (TRV_FAULT_PREFIX); TRV_NOMEM.
 */

trv_rc_t cli_rules_expand(cli_rules_t *rules, const trv_entry_t *entry,
    const trv_str_t *attributes, size_t nattributes, cli_rules_pt callback,
    void *ctx);


#pragma GCC visibility pop


#endif /* _CLI_RULES_H_INCLUDED_ */
