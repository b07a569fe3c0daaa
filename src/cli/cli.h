
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke, the operator's command: a ring of its own that knows the core
 * and the codec, and nothing of nginx.  What it says a token is, the edge
 * says too, since both ask src/codec/trv_token.c.
 */


#ifndef _CLI_H_INCLUDED_
#define _CLI_H_INCLUDED_


#pragma GCC visibility push(hidden)


struct option;


#define CLI_NAME  "token-revoke"


/* exit statuses, documented by "token-revoke help" */

typedef enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_MISSING = 3,              /* done, but some edges have not said so */
    CLI_BAD_INPUT = 4             /* all was done but for some bad lines */
} cli_status_t;


/*
 * A command is given its own arguments, argv[0] is its name.  "help" is what
 * "token-revoke help COMMAND" prints.  The last two are for cli_option.h:
 * letters have no value, and "option" is given those that are known.
 */

typedef struct {
    const char           *name;
    const char           *summary;
    const char           *help;
    cli_status_t        (*run)(int argc, char **argv);
    const struct option  *options;
    cli_status_t        (*option)(void *ctx, int c, char *value);
} cli_command_t;


extern const cli_command_t  cli_add;
extern const cli_command_t  cli_restore;
extern const cli_command_t  cli_accept;
extern const cli_command_t  cli_list;
extern const cli_command_t  cli_edges;
extern const cli_command_t  cli_watch;
extern const cli_command_t  cli_trim;
extern const cli_command_t  cli_hash;
extern const cli_command_t  cli_import;
extern const cli_command_t  cli_explain;


/* one line on stderr that begins with the name of the command; CLI_USAGE */

cli_status_t cli_usage(const cli_command_t *command, const char *fmt, ...)
__attribute__((format(printf, 2, 3)));


/*
 * Writes out what is left: CLI_DONE, or CLI_FAILED, and stderr says why.  Said
 * by every command before it ends: a full disk is not success.
 */

cli_status_t cli_flush(const cli_command_t *command);

/*
 * The same after something was done, which "done" says where the answer cannot
 * be written.  CLI_FAILED then, else "status".
 */

cli_status_t cli_flush_done(const cli_command_t *command, const char *done,
    cli_status_t status);


#pragma GCC visibility pop


#endif /* _CLI_H_INCLUDED_ */
