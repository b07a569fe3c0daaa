
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The lines of token-revoke list: rules of an entry that differ by a value
 * only stand on one.
 */


#ifndef _CLI_LINE_H_INCLUDED_
#define _CLI_LINE_H_INCLUDED_


#include "cli_fold.h"


#pragma GCC visibility push(hidden)


/* the line that is not ended yet; zero: there is none */

typedef struct {
    unsigned    open:1;
    cli_rule_t  last;             /* without its parts and remarks */
    uint64_t    more;
    char       *reason;           /* copies */
    char       *by_whom;
} cli_line_t;


/* the rule goes on the line, or on a new one if "alone" is set */

void cli_line_put(cli_line_t *line, const cli_rule_t *rule, int alone);

/* ends the line, if there is one */

void cli_line_end(cli_line_t *line);


#pragma GCC visibility pop


#endif /* _CLI_LINE_H_INCLUDED_ */
