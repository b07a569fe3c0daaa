
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * One entry as token-revoke watch shows it.
 */


#ifndef _CLI_WATCH_H_INCLUDED_
#define _CLI_WATCH_H_INCLUDED_


#include "cli_json.h"
#include "cli_log.h"


#pragma GCC visibility push(hidden)


/* one line on stdout */

void cli_watch_text(const cli_entry_t *entry);

/* a new reference; values of one name are an array, a token's are hex */

json_t *cli_watch_json(const cli_entry_t *entry);


#pragma GCC visibility pop


#endif /* _CLI_WATCH_H_INCLUDED_ */
