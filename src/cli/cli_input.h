
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The lines of a file or of standard input, compressed by gzip or not.
 *
 *     buffer   | done | start .. p | p .. last | free |
 *                       the record   not read yet
 *
 * A record is a line, or several of them: a quoted field of CSV may have line
 * ends in it.
 */


#ifndef _CLI_INPUT_H_INCLUDED_
#define _CLI_INPUT_H_INCLUDED_


#include "cli_input_bytes.h"


#pragma GCC visibility push(hidden)


/* bytes of a record, its line end not counted; a longer one is a bad line */

#define CLI_INPUT_RECORD  65536


typedef enum {
    CLI_INPUT_OK = 0,
    CLI_INPUT_LONG,           /* a line that is too long: there is no text */
    CLI_INPUT_END,
    CLI_INPUT_FAILED,         /* cli_input_error() says why */
    CLI_INPUT_STOPPED         /* *stop was set by a signal */
} cli_input_rc_t;


/* where something that was read ends */

typedef struct {
    size_t    len;            /* from the start of the record */
    uint64_t  line;
} cli_input_place_t;


typedef struct cli_input_s  cli_input_t;


/*
 * Opens a file, or standard input if the name is "-".  Reading is stopped when
 * a signal sets *stop, which may be NULL.  On failure NULL, and *why is the
 * words for it.
 */

cli_input_t *cli_input_open(const char *name, const volatile int *stop,
    const char **why);
void cli_input_close(cli_input_t *input);

/* what is done while a pipe has nothing to read */

void cli_input_idle(cli_input_t *input, cli_bytes_idle_pt idle, void *ctx);


/*
 * The next line is the record: a view without its line end (LF, CRLF), valid
 * until the next call, of bytes that may be changed.  A byte order mark is
 * left out.
 */

cli_input_rc_t cli_input_line(cli_input_t *input, trv_str_t *record);

/*
 * Adds one more line to the record, with the line end between them.  Returns
 * also CLI_INPUT_LONG or CLI_INPUT_END, and then the record is as it was.
 */

cli_input_rc_t cli_input_more(cli_input_t *input, trv_str_t *record);

/* where the record ends now, and to make it end there again */

cli_input_place_t cli_input_place(const cli_input_t *input);
void cli_input_return(cli_input_t *input, cli_input_place_t place);


/* lines read so far: the number of the last one of the record */

uint64_t cli_input_number(const cli_input_t *input);

/*
 * How much of the file was read, as it lies on the disk, and its size; size 0:
 * not known.
 */

void cli_input_progress(const cli_input_t *input, uint64_t *done,
    uint64_t *size);

/* "is damaged: ...", of the input */

const char *cli_input_error(const cli_input_t *input);


#pragma GCC visibility pop


#endif /* _CLI_INPUT_H_INCLUDED_ */
