
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The options of a command: those of its own, those of its target, and
 * --help.  What was typed is not repeated: it may be a token.
 */


#ifndef _CLI_OPTION_H_INCLUDED_
#define _CLI_OPTION_H_INCLUDED_


#include "cli_target.h"


#pragma GCC visibility push(hidden)


/*
 * Reads the options of "command" (cli.h): "ctx" is given to its "option" with
 * each of its own.  "target" gets the defaults and what was said, NULL: the
 * command asks no Redis.  True: the other arguments begin at "optind"; false:
 * the command ends with *status, either help was shown, or a line on stderr
 * says what is wrong.
 */

int cli_options(const cli_command_t *command, cli_target_t *target, void *ctx,
    int argc, char **argv, cli_status_t *status);


#pragma GCC visibility pop


#endif /* _CLI_OPTION_H_INCLUDED_ */
