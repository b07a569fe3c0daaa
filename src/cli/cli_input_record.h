
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a file says, record by record: lines, CSV (RFC 4180) with a chosen
 * column, or an object of JSON a line with a chosen field.
 */


#ifndef _CLI_INPUT_RECORD_H_INCLUDED_
#define _CLI_INPUT_RECORD_H_INCLUDED_


#include "../core/trv_find.h"
#include "cli_input.h"


#pragma GCC visibility push(hidden)


/* values of one record: of an array in JSON */

#define CLI_RECORD_VALUES  1024


typedef enum {
    CLI_FORMAT_AUTO = 0,
    CLI_FORMAT_LINES,
    CLI_FORMAT_CSV,
    CLI_FORMAT_JSON,
    CLI_NFORMATS
} cli_format_t;


typedef struct {
    cli_format_t  format;
    const char   *column;         /* of CSV: a name, or digits from 1 on */
    const char   *field;          /* of JSON: a name, or a path with dots */
    unsigned      header:1;       /* of CSV: names in the first record */
} cli_record_options_t;


typedef enum {
    CLI_RECORD_OK = 0,            /* "n" values, perhaps none */
    CLI_RECORD_BAD,               /* "fault" says what is wrong with it */
    CLI_RECORD_END,
    CLI_RECORD_FAILED,            /* "fault" says why nothing can be read */
    CLI_RECORD_STOPPED
} cli_record_rc_t;


/* zero but for "input", and private but for what is said here */

typedef struct {
    cli_input_t     *input;
    cli_format_t     format;      /* what is read: never AUTO */
    uint64_t         line;        /* number of the record's first line */
    const char      *fault;
    unsigned         n;
    trv_str_t        value[CLI_RECORD_VALUES];

    unsigned         late:1;      /* a bad line has not been told of yet */
    cli_record_rc_t  failed;
    unsigned         column;      /* from 0 on */
    trv_selector_t   selector;
    trv_find_t       find;
    trv_wanted_t     wanted;
    size_t           used;        /* of "text" */
    uint8_t          nest[trv_json_nest_len(CLI_INPUT_RECORD)];
    uint8_t          text[CLI_INPUT_RECORD];
} cli_record_t;


/* "auto", "lines", "csv" or "json"; CLI_NFORMATS: none of them */

cli_format_t cli_format_find(const char *name);


/*
 * Finds out the format, and the column if the header names it.  The options
 * are borrowed.  CLI_RECORD_OK, or END, FAILED or STOPPED.
 */

cli_record_rc_t cli_record_begin(cli_record_t *record,
    const cli_record_options_t *options);

/* leaves out lines until the one of this number was left out, too */

cli_record_rc_t cli_record_skip(cli_record_t *record, uint64_t line);

/*
 * The next record; blank lines are left out.  The values are views of bytes
 * that may be changed, valid until the next call; of lines and CSV without
 * blanks around them, and no empty ones.
 */

cli_record_rc_t cli_record_next(cli_record_t *record);

/* cuts off what trv_entry_strip() does, but for the scheme */

trv_str_t cli_record_trim(trv_str_t text);


#pragma GCC visibility pop


#endif /* _CLI_INPUT_RECORD_H_INCLUDED_ */
