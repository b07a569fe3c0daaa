
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The options of a command.
 */


#include <stdio.h>
#include <string.h>

#include "cli_near.h"
#include "cli_option.h"
#include "cli_text.h"


#define CLI_OPTION_LETTERS  16


static void cli_option_letters(const struct option *option,
    char letters[CLI_OPTION_LETTERS]);
static cli_status_t cli_option_wrong(const cli_command_t *command, int c,
    const char *word);
static const char *cli_option_meant(const struct option *option,
    const char *word);


int
cli_options(const cli_command_t *command, cli_target_t *target, void *ctx,
    int argc, char **argv, cli_status_t *status)
{
    int   c, taken;
    char  letters[CLI_OPTION_LETTERS];

    if (target != NULL) {
        cli_target_init(target);
    }

    cli_option_letters(command->options, letters);

    opterr = 0;

    do {
        c = getopt_long(argc, argv, letters, command->options, NULL);

        if (c == -1) {
            return 1;
        }

        if (c == 'h') {
            fputs(command->help, stdout);
            *status = cli_flush(command);
            return 0;
        }

        if (c == '?' || c == ':') {
            *status = cli_option_wrong(command, c, argv[optind - 1]);
            return 0;
        }

        taken = target != NULL
                ? cli_target_option(command, target, c, optarg) : 0;

        *status = taken == -1 ? CLI_USAGE
                  : taken ? CLI_DONE
                  : command->option(ctx, c, optarg);

    } while (*status == CLI_DONE);

    return 0;
}


/* no letter has a value; ':' lets getopt_long() tell what is wrong */

static void
cli_option_letters(const struct option *option,
    char letters[CLI_OPTION_LETTERS])
{
    char  *p;

    p = letters;
    *p++ = ':';

    for ( /* void */ ; option->name != NULL; option++) {
        if (option->val < CLI_OPTION_REDIS
            && p < letters + CLI_OPTION_LETTERS - 1)
        {
            *p++ = (char) option->val;
        }
    }

    *p = '\0';
}


/* "optopt" is the value of an option that is known */

static cli_status_t
cli_option_wrong(const cli_command_t *command, int c, const char *word)
{
    const char           *meant;
    const struct option  *option;

    for (option = command->options; option->name != NULL; option++) {

        if (optopt == option->val) {
            return cli_usage(command, c == ':' ? "--%s wants a value"
                                               : "--%s takes no value",
                             option->name);
        }
    }

    meant = cli_option_meant(command->options, word);

    if (meant != NULL) {
        return cli_usage(command, "there is no such option; was \"--%s\" "
                                  "meant?", meant);
    }

    return cli_usage(command, "there is no such option; see \"" CLI_NAME
                     " help %s\"", command->name);
}


/* "--resaon", also with "=" and a value behind it; or NULL */

static const char *
cli_option_meant(const struct option *option, const char *word)
{
    trv_str_t  name;

    if (strncmp(word, "--", 2) != 0) {
        return NULL;
    }

    name.data = (const uint8_t *) word + 2;
    name.len = strcspn(word + 2, "=");

    for ( /* void */ ; option->name != NULL; option++) {
        if (cli_near(name, cli_text_str(option->name))) {
            return option->name;
        }
    }

    return NULL;
}
