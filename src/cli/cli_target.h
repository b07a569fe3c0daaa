
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Which log of which Redis a command is about: --redis or TOKEN_REVOKE_REDIS,
 * --log, and how to get in.  All commands that talk to Redis have the same
 * options for it.
 *
 *     static const struct option  cli_list_options[] = {
 *         CLI_TARGET_OPTIONS,
 *         { "json", no_argument, NULL, 'j' },
 *         { "help", no_argument, NULL, 'h' },
 *         { NULL, 0, NULL, 0 }
 *     };
 */


#ifndef _CLI_TARGET_H_INCLUDED_
#define _CLI_TARGET_H_INCLUDED_


#include <getopt.h>

#include "../core/trv.h"
#include "cli_trouble.h"


#pragma GCC visibility push(hidden)


#define CLI_LOG         "revoked"
#define CLI_TIMEOUT     5000            /* milliseconds, for each step */

#define CLI_ENV_REDIS     "TOKEN_REVOKE_REDIS"
#define CLI_ENV_LOG       "TOKEN_REVOKE_LOG"
#define CLI_ENV_PASSWORD  "TOKEN_REVOKE_PASSWORD"


/* values of getopt_long() that no letter has */

enum {
    CLI_OPTION_REDIS = 0x100,
    CLI_OPTION_LOG,
    CLI_OPTION_PASSWORD_FILE,
    CLI_OPTION_CA,
    CLI_OPTION_CERT,
    CLI_OPTION_KEY,
    CLI_OPTION_TIMEOUT,

    CLI_OPTION_OWN = 0x200              /* those of a command begin here */
};


#define CLI_TARGET_OPTIONS                                                    \
    { "redis", required_argument, NULL, CLI_OPTION_REDIS },                   \
    { "log", required_argument, NULL, CLI_OPTION_LOG },                       \
    { "password-file", required_argument, NULL, CLI_OPTION_PASSWORD_FILE },   \
    { "ca", required_argument, NULL, CLI_OPTION_CA },                         \
    { "cert", required_argument, NULL, CLI_OPTION_CERT },                     \
    { "key", required_argument, NULL, CLI_OPTION_KEY },                       \
    { "timeout", required_argument, NULL, CLI_OPTION_TIMEOUT }


/* the lines of "help" about them */

#define CLI_TARGET_HELP                                                       \
    "    --redis URL          redis://[user[:password]@]host[:port][/db],\n"  \
    "                         rediss://... (TLS), unix:/path, several hosts\n" \
    "                         with commas, redis+sentinel://host,host/name;\n" \
    "                         or TOKEN_REVOKE_REDIS\n"                        \
    "    --log KEY            the log's key: revoked, or TOKEN_REVOKE_LOG\n"  \
    "    --password-file FILE or TOKEN_REVOKE_PASSWORD: a password in\n"      \
    "                         --redis is seen in the list of processes\n"     \
    "    --ca, --cert, --key FILE\n"                                          \
    "                         for TLS: who is trusted (the system's), and\n"  \
    "                         what this side shows (nothing)\n"               \
    "    --timeout SECONDS    for each step (5)\n"


typedef struct {
    const char  *url;
    const char  *log;
    const char  *password_file;
    const char  *ca;
    const char  *cert;
    const char  *key;
    unsigned     timeout;               /* milliseconds */
} cli_target_t;


/* the defaults, and what the environment says */

void cli_target_init(cli_target_t *target);

/*
 * Takes an option: 1; 0: it is none of these; -1: its value is of no use, and
 * a line on stderr said so.
 */

int cli_target_option(const cli_command_t *command, cli_target_t *target,
    int c, const char *value);


/*
 * The keys beside the log (trv_key.h), with a NUL.  Returns the length without
 * it, or "size" if that is not enough: then the key is empty.
 */

size_t cli_target_key(const cli_target_t *target, const char *name, char *buf,
    size_t size);


#pragma GCC visibility pop


#endif /* _CLI_TARGET_H_INCLUDED_ */
