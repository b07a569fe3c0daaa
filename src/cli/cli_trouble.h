
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What went wrong with Redis, in words for a tired person: what happened,
 * what is in force now, what to do next; one line.
 *
 *     token-revoke add: redis 10.0.0.7:6379 is full (maxmemory); nothing was
 *     revoked; make room or raise maxmemory, then repeat the command
 */


#ifndef _CLI_TROUBLE_H_INCLUDED_
#define _CLI_TROUBLE_H_INCLUDED_


#include <hiredis/hiredis.h>

#include "cli.h"


#pragma GCC visibility push(hidden)


typedef enum {
    CLI_FAULT_NONE = 0,
    CLI_FAULT_TARGET,         /* the URL, a file: nothing was tried */
    CLI_FAULT_UNREACHABLE,    /* no connection */
    CLI_FAULT_TLS,
    CLI_FAULT_LOST,           /* the connection broke: what was asked last may
                                 have been done or not */
    CLI_FAULT_TIMEOUT,        /* no answer in time: the same */
    CLI_FAULT_PROTOCOL,       /* not RESP: the same */
    CLI_FAULT_NOMEM,

    /* those below are answers of Redis: what was asked was not done */

    CLI_FAULT_PASSWORD,       /* NOAUTH, WRONGPASS */
    CLI_FAULT_NOPERM,
    CLI_FAULT_WRONGTYPE,      /* the key is no stream */
    CLI_FAULT_READONLY,       /* a replica */
    CLI_FAULT_FULL,           /* OOM */
    CLI_FAULT_MISCONF,        /* it cannot save, and so does not write */
    CLI_FAULT_LOADING,
    CLI_FAULT_MOVED,          /* MOVED, ASK */
    CLI_FAULT_CLUSTER,        /* CLUSTERDOWN, TRYAGAIN */
    CLI_FAULT_UNKNOWN,        /* it does not know the command: too old */
    CLI_FAULT_OTHER,
    CLI_NFAULTS
} cli_fault_t;


/* texts without a full stop and without control bytes, NUL-terminated */

typedef struct {
    cli_fault_t  fault;
    char         what[512];   /* what happened; names the server */
    char         next[512];   /* what to do next, or empty */
} cli_trouble_t;


/* fills in all; "next" is that of the fault */

void cli_trouble_set(cli_trouble_t *trouble, cli_fault_t fault,
    const char *fmt, ...)
__attribute__((format(printf, 3, 4)));

/* what an error of Redis means, whose name (host:port) is "server" */

void cli_trouble_reply(cli_trouble_t *trouble, const char *server,
    const redisReply *reply);

/* the fault alone, of an error's text */

cli_fault_t cli_trouble_fault(const char *error);

/*
 * One line on stderr.  "state" says what is in force now ("nothing was
 * revoked"), or is NULL.  Returns CLI_FAILED.
 */

cli_status_t cli_trouble_say(const cli_command_t *command,
    const cli_trouble_t *trouble, const char *state);


#pragma GCC visibility pop


#endif /* _CLI_TROUBLE_H_INCLUDED_ */
