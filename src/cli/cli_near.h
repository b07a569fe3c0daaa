
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Names that were probably meant.
 */


#ifndef _CLI_NEAR_H_INCLUDED_
#define _CLI_NEAR_H_INCLUDED_


#include "../core/trv.h"


#pragma GCC visibility push(hidden)


/*
 * True if the names are not the same, in any case, but differ by no more than
 * one letter that is wrong, missing, too much, or changed places with the next.
 */

int cli_near(trv_str_t a, trv_str_t b);

/* a field of the log ("before") that the name is near to, or NULL */

const char *cli_near_field(trv_str_t name);

/* the same of a common claim ("sub") */

const char *cli_near_claim(trv_str_t name);


#pragma GCC visibility pop


#endif /* _CLI_NEAR_H_INCLUDED_ */
