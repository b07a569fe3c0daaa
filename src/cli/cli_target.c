
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Which log of which Redis a command is about.
 */


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/trv_key.h"
#include "cli_target.h"


static int cli_target_timeout(const cli_command_t *command,
    cli_target_t *target, const char *value);


void
cli_target_init(cli_target_t *target)
{
    const char  *log;

    memset(target, 0, sizeof(cli_target_t));

    log = getenv(CLI_ENV_LOG);

    target->url = getenv(CLI_ENV_REDIS);
    target->log = log != NULL && *log != '\0' ? log : CLI_LOG;
    target->timeout = CLI_TIMEOUT;
}


int
cli_target_option(const cli_command_t *command, cli_target_t *target, int c,
    const char *value)
{
    switch (c) {

    case CLI_OPTION_REDIS:
        target->url = value;
        return 1;

    case CLI_OPTION_LOG:

        if (*value == '\0') {
            cli_usage(command, "--log wants the name of a key");
            return -1;
        }

        target->log = value;
        return 1;

    case CLI_OPTION_PASSWORD_FILE:
        target->password_file = value;
        return 1;

    case CLI_OPTION_CA:
        target->ca = value;
        return 1;

    case CLI_OPTION_CERT:
        target->cert = value;
        return 1;

    case CLI_OPTION_KEY:
        target->key = value;
        return 1;

    case CLI_OPTION_TIMEOUT:
        return cli_target_timeout(command, target, value);

    default:
        return 0;
    }
}


static int
cli_target_timeout(const cli_command_t *command, cli_target_t *target,
    const char *value)
{
    char    *end;
    double   seconds;

    seconds = strtod(value, &end);

    if (end == value || *end != '\0' || !(seconds >= 0.001 && seconds <= 3600))
    {
        cli_usage(command, "--timeout wants seconds, up to 3600");
        return -1;
    }

    target->timeout = (unsigned) (seconds * 1000);

    return 1;
}


/* a name that does not fit is not written at all */

size_t
cli_target_key(const cli_target_t *target, const char *name, char *buf,
    size_t size)
{
    size_t     len;
    trv_str_t  log, tail;

    log.data = (const uint8_t *) target->log;
    log.len = strlen(target->log);

    tail.data = (const uint8_t *) name;
    tail.len = strlen(name);

    if (log.len + tail.len + TRV_KEY_EXTRA >= size) {
        buf[0] = '\0';
        return size;
    }

    len = trv_key_format(log, tail, (uint8_t *) buf);
    buf[len] = '\0';

    return len;
}
