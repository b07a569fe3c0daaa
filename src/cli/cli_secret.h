
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Passwords: they come from a file, and leave no copy in memory.
 */


#ifndef _CLI_SECRET_H_INCLUDED_
#define _CLI_SECRET_H_INCLUDED_


#include "../core/trv.h"
#include "cli_text.h"
#include "cli_trouble.h"


#pragma GCC visibility push(hidden)


/*
 * The first line of the file, without its end, for cli_secret_free().
 * TRV_OK, else *trouble.
 */

trv_rc_t cli_secret_file(const char *file, char **secret,
    cli_trouble_t *trouble);

/* overwrites the string; NULL is ignored */

void cli_secret_free(char *secret);


#pragma GCC visibility pop


#endif /* _CLI_SECRET_H_INCLUDED_ */
