
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The terminal, if there is one: colours, its width, questions.
 */


#ifndef _CLI_TERM_H_INCLUDED_
#define _CLI_TERM_H_INCLUDED_


#include <stdio.h>


#pragma GCC visibility push(hidden)


typedef enum {
    CLI_COLOUR_NONE = 0,
    CLI_COLOUR_RED,
    CLI_COLOUR_GREEN,
    CLI_COLOUR_YELLOW,
    CLI_COLOUR_DIM,
    CLI_NCOLOURS
} cli_colour_t;


/* true if the stream is a terminal */

int cli_term_is(FILE *stream);

/* columns of the terminal; 80 if it is none, or does not say */

unsigned cli_term_width(FILE *stream);

/*
 * The sequence that begins the colour, CLI_COLOUR_NONE ends it.  Empty if the
 * stream is no terminal, TERM is "dumb" or NO_COLOR is set (no-color.org).
 */

const char *cli_term_colour(FILE *stream, cli_colour_t colour);

/* true if a question can be asked: standard input and error are terminals */

int cli_term_asks(void);

/* asks on stderr, "[y/N]" is added: true for an answer that begins with y */

int cli_term_confirm(const char *question);


#pragma GCC visibility pop


#endif /* _CLI_TERM_H_INCLUDED_ */
