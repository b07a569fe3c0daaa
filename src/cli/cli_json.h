
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What --json prints: one object a line.  jansson makes the text; bytes that
 * are not UTF-8 become U+FFFD, so that any value can be shown.
 */


#ifndef _CLI_JSON_H_INCLUDED_
#define _CLI_JSON_H_INCLUDED_


#include <jansson.h>

#include "../core/trv_log.h"
#include "cli.h"


#pragma GCC visibility push(hidden)


/* a new reference, or NULL without memory (as all of jansson takes it) */

json_t *cli_json_text(trv_str_t text);
json_t *cli_json_id(trv_id_t id);
json_t *cli_json_hex(trv_str_t bytes);

/*
 * Prints the object and a line end on stdout, and gives up the reference.
 * CLI_DONE, or CLI_FAILED and stderr says that there is no memory; what is
 * wrong with stdout is said by cli_flush().
 */

cli_status_t cli_json_put(const cli_command_t *command, json_t *object);


#pragma GCC visibility pop


#endif /* _CLI_JSON_H_INCLUDED_ */
