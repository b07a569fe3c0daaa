
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What went wrong with Redis, in words.
 */


#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli_text.h"
#include "cli_trouble.h"


typedef struct {
    const char   *begins;     /* an error of Redis */
    cli_fault_t   fault;
    const char   *what;       /* "redis NAME" and this; NULL: its own words */
    const char   *next;       /* NULL: that of the fault */
} cli_trouble_error_t;


static const cli_trouble_error_t  cli_trouble_errors[] = {

    { "NOAUTH", CLI_FAULT_PASSWORD,
      "wants a password, and none was given", NULL },

    { "WRONGPASS", CLI_FAULT_PASSWORD,
      "does not accept this user and password", NULL },

    { "ERR invalid password", CLI_FAULT_PASSWORD,
      "does not accept this password", NULL },

    { "ERR AUTH <password> called without", CLI_FAULT_PASSWORD,
      "has no password, and one was given",
      "leave the password out, if this is the Redis that is meant" },

    { "ERR Client sent AUTH", CLI_FAULT_PASSWORD,
      "has no password, and one was given",
      "leave the password out, if this is the Redis that is meant" },

    { "NOPERM", CLI_FAULT_NOPERM, NULL, NULL },

    { "WRONGTYPE", CLI_FAULT_WRONGTYPE,
      "has something else than a log under this key: it is no stream", NULL },

    { "READONLY", CLI_FAULT_READONLY,
      "is a replica and takes no writes", NULL },

    { "MASTERDOWN", CLI_FAULT_READONLY,
      "is a replica that has lost its master", NULL },

    { "OOM", CLI_FAULT_FULL,
      "is full (maxmemory) and takes no more writes", NULL },

    { "MISCONF", CLI_FAULT_MISCONF,
      "cannot save its data to disk, and so takes no writes (MISCONF)", NULL },

    { "NOREPLICAS", CLI_FAULT_MISCONF,
      "has too few replicas, and so takes no writes (NOREPLICAS)",
      "bring the replicas back, or lower min-replicas-to-write, then repeat "
      "the command" },

    { "LOADING", CLI_FAULT_LOADING,
      "is still loading its data from disk", NULL },

    { "BUSY ", CLI_FAULT_LOADING,
      "is busy with a script", NULL },

    { "MOVED ", CLI_FAULT_MOVED,
      "says that another node of the cluster has the log", NULL },

    { "ASK ", CLI_FAULT_MOVED,
      "says that the log is being moved to another node of the cluster",
      NULL },

    { "CLUSTERDOWN", CLI_FAULT_CLUSTER,
      "says that the cluster is down", NULL },

    { "TRYAGAIN", CLI_FAULT_CLUSTER,
      "says that the log is being moved", NULL },

    { "ERR unknown command", CLI_FAULT_UNKNOWN, NULL, NULL },
    { "ERR unknown subcommand", CLI_FAULT_UNKNOWN, NULL, NULL },

    { "ERR DB index is out of range", CLI_FAULT_OTHER,
      "has no database of this number",
      "is the number at the end of the URL right?" },

    { "", CLI_FAULT_OTHER, NULL, NULL }
};


static const char *const  cli_trouble_next[CLI_NFAULTS] = {

    [CLI_FAULT_UNREACHABLE] =
        "is the address right (--redis or TOKEN_REVOKE_REDIS), and does Redis "
        "run there?",

    [CLI_FAULT_TLS] =
        "name the authority that has signed the certificate of Redis with "
        "--ca, and the host as the certificate names it",

    [CLI_FAULT_LOST] =
        "repeat the command: to say a thing twice changes nothing",

    [CLI_FAULT_TIMEOUT] =
        "does Redis still answer (redis-cli PING)?  To repeat the command "
        "changes nothing that was done",

    [CLI_FAULT_PROTOCOL] =
        "is it Redis that listens there?  If it wants TLS, write rediss://",

    [CLI_FAULT_PASSWORD] =
        "give the right one by --password-file, in TOKEN_REVOKE_PASSWORD or in "
        "the URL (redis://user:password@host)",

    [CLI_FAULT_NOPERM] =
        "docs/token-revoke.md has the ACL user that this command needs",

    [CLI_FAULT_WRONGTYPE] =
        "are --log and the number of the database right?",

    [CLI_FAULT_READONLY] =
        "name the master by --redis",

    [CLI_FAULT_FULL] =
        "make room (token-revoke trim, other keys) or raise maxmemory, then "
        "repeat the command",

    [CLI_FAULT_MISCONF] =
        "the log of Redis says why: make it able to save again, then repeat "
        "the command",

    [CLI_FAULT_LOADING] =
        "repeat the command in a moment",

    [CLI_FAULT_MOVED] =
        "repeat the command",

    [CLI_FAULT_CLUSTER] =
        "repeat the command when the cluster is well",

    [CLI_FAULT_UNKNOWN] =
        "is this Redis 6.2 or later?",
};


static const cli_trouble_error_t *cli_trouble_find(const char *error);


void
cli_trouble_set(cli_trouble_t *trouble, cli_fault_t fault, const char *fmt,
    ...)
{
    va_list      args;
    const char  *next;

    trouble->fault = fault;

    va_start(args, fmt);
    vsnprintf(trouble->what, sizeof(trouble->what), fmt, args);
    va_end(args);

    cli_text_plain(trouble->what);

    next = cli_trouble_next[fault];

    snprintf(trouble->next, sizeof(trouble->next), "%s", next ? next : "");
}


void
cli_trouble_reply(cli_trouble_t *trouble, const char *server,
    const redisReply *reply)
{
    const cli_trouble_error_t  *error;

    if (reply->type != REDIS_REPLY_ERROR) {
        cli_trouble_set(trouble, CLI_FAULT_PROTOCOL,
                        "redis %s answers something else than was asked for",
                        server);
        return;
    }

    error = cli_trouble_find(reply->str);

    if (error->what == NULL) {
        cli_trouble_set(trouble, error->fault, "redis %s says \"%s\"", server,
                        reply->str);

    } else {
        cli_trouble_set(trouble, error->fault, "redis %s %s", server,
                        error->what);
    }

    if (error->next != NULL) {
        snprintf(trouble->next, sizeof(trouble->next), "%s", error->next);
    }
}


cli_fault_t
cli_trouble_fault(const char *error)
{
    return cli_trouble_find(error)->fault;
}


static const cli_trouble_error_t *
cli_trouble_find(const char *error)
{
    const cli_trouble_error_t  *e;

    e = cli_trouble_errors;

    while (strncmp(error, e->begins, strlen(e->begins)) != 0) {
        e++;
    }

    return e;
}


cli_status_t
cli_trouble_say(const cli_command_t *command, const cli_trouble_t *trouble,
    const char *state)
{
    fprintf(stderr, CLI_NAME " %s: %s", command->name, trouble->what);

    if (state != NULL) {
        fprintf(stderr, "; %s", state);
    }

    if (trouble->next[0] != '\0') {
        fprintf(stderr, "; %s", trouble->next);
    }

    fputs("\n", stderr);

    return CLI_FAILED;
}
