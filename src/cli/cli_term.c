
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The terminal.
 */


#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli_term.h"


static const char *const  cli_term_colours[CLI_NCOLOURS] = {
    [CLI_COLOUR_NONE] = "\033[0m",
    [CLI_COLOUR_RED] = "\033[31m",
    [CLI_COLOUR_GREEN] = "\033[32m",
    [CLI_COLOUR_YELLOW] = "\033[33m",
    [CLI_COLOUR_DIM] = "\033[2m",
};


int
cli_term_is(FILE *stream)
{
    return isatty(fileno(stream));
}


unsigned
cli_term_width(FILE *stream)
{
    struct winsize  size;

    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col != 0) {
        return size.ws_col;
    }

    return 80;
}


const char *
cli_term_colour(FILE *stream, cli_colour_t colour)
{
    const char  *term, *no;

    term = getenv("TERM");
    no = getenv("NO_COLOR");

    if ((no != NULL && *no != '\0')
        || term == NULL || strcmp(term, "dumb") == 0
        || !cli_term_is(stream))
    {
        return "";
    }

    return cli_term_colours[colour];
}


int
cli_term_asks(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}


int
cli_term_confirm(const char *question)
{
    char     *line;
    int       yes;
    size_t    size;
    ssize_t   n;

    fprintf(stderr, "%s [y/N] ", question);
    fflush(stderr);

    line = NULL;
    size = 0;

    n = getline(&line, &size, stdin);
    yes = n > 0 && (line[0] == 'y' || line[0] == 'Y');

    if (n <= 0) {
        fputs("\n", stderr);
    }

    free(line);

    return yes;
}
