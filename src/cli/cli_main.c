
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Which command is meant.
 */


#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "cli_near.h"
#include "cli_text.h"


static cli_status_t cli_help(int argc, char **argv);


static const cli_command_t  cli_help_command = {
    "help", "what a command does: help COMMAND",
    "usage: " CLI_NAME " help [COMMAND]\n",
    cli_help, NULL, NULL
};


static const cli_command_t *const  cli_commands[] = {
    &cli_add,
    &cli_restore,
    &cli_list,
    &cli_edges,
    &cli_watch,
    &cli_trim,
    &cli_accept,
    &cli_hash,
    &cli_import,
    &cli_explain,
    &cli_help_command
};

#define CLI_NCOMMANDS  (sizeof(cli_commands) / sizeof(cli_commands[0]))


static const char  cli_about[] =
    "usage: " CLI_NAME " COMMAND [OPTION]...\n"
    "\n"
    "Ends tokens that nginx accepts, with ngx_http_token_revoke_module.\n"
    "\n";


static const char  cli_statuses[] =
    "\n"
    "exit status: 0 all was done; 1 it was not, and why was said on standard\n"
    "error; 2 wrong usage; 3 it was, and some edges have not said that they\n"
    "have it (--wait); 4 it was, but for bad lines (import)\n";


static void
cli_overview(FILE *out)
{
    size_t  i;

    fputs(cli_about, out);

    for (i = 0; i < CLI_NCOMMANDS; i++) {
        fprintf(out, "    %-8s  %s\n", cli_commands[i]->name,
                cli_commands[i]->summary);
    }

    fputs(cli_statuses, out);
}


static const cli_command_t *
cli_find(const char *name)
{
    size_t  i;

    for (i = 0; i < CLI_NCOMMANDS; i++) {
        if (strcmp(cli_commands[i]->name, name) == 0) {
            return cli_commands[i];
        }
    }

    return NULL;
}


/*
 * What was given is not repeated: it may be a token, pasted into the wrong
 * place, and stderr may be a log.
 */

static cli_status_t
cli_unknown(const char *name)
{
    size_t  i;

    fprintf(stderr, CLI_NAME ": there is no such command");

    for (i = 0; i < CLI_NCOMMANDS; i++) {
        if (cli_near(cli_text_str(name), cli_text_str(cli_commands[i]->name))) {
            fprintf(stderr, "; was \"%s\" meant?\n", cli_commands[i]->name);
            return CLI_USAGE;
        }
    }

    fprintf(stderr, "; there are:");

    for (i = 0; i < CLI_NCOMMANDS; i++) {
        fprintf(stderr, "%s %s", i == 0 ? "" : ",", cli_commands[i]->name);
    }

    fputs("\n", stderr);

    return CLI_USAGE;
}


static cli_status_t
cli_help(int argc, char **argv)
{
    const cli_command_t  *command;

    if (argc > 2) {
        return cli_usage(&cli_help_command, "one command at a time");
    }

    if (argc < 2) {
        cli_overview(stdout);
        return cli_flush(&cli_help_command);
    }

    command = cli_find(argv[1]);
    if (command == NULL) {
        return cli_unknown(argv[1]);
    }

    fputs(command->help, stdout);

    return cli_flush(&cli_help_command);
}


cli_status_t
cli_usage(const cli_command_t *command, const char *fmt, ...)
{
    va_list  args;

    fprintf(stderr, CLI_NAME " %s: ", command->name);

    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);

    fputs("\n", stderr);

    return CLI_USAGE;
}


cli_status_t
cli_flush(const cli_command_t *command)
{
    return cli_flush_done(command, NULL, CLI_DONE);
}


cli_status_t
cli_flush_done(const cli_command_t *command, const char *done,
    cli_status_t status)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return status;
    }

    fprintf(stderr, CLI_NAME " %s: cannot write the answer: %s%s%s%s\n",
            command->name, strerror(errno), done != NULL ? "; " : "",
            done != NULL ? done : "", done != NULL ? " all the same" : "");

    return CLI_FAILED;
}


int
main(int argc, char **argv)
{
    const cli_command_t  *command;

    if (argc < 2) {
        cli_overview(stderr);
        return CLI_USAGE;
    }

    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return cli_help(argc - 1, argv + 1);
    }

    command = cli_find(argv[1]);
    if (command == NULL) {
        return cli_unknown(argv[1]);
    }

    return command->run(argc - 1, argv + 1);
}
