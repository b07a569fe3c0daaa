
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Fields of a record of CSV (RFC 4180).
 */


#ifndef _CLI_INPUT_CSV_H_INCLUDED_
#define _CLI_INPUT_CSV_H_INCLUDED_


#include "../core/trv.h"


#pragma GCC visibility push(hidden)


typedef enum {
    CLI_CSV_OK = 0,
    CLI_CSV_FEW,              /* there are not so many fields */
    CLI_CSV_OPEN,             /* a quote is not closed: more lines are needed */
    CLI_CSV_BROKEN,           /* text between a quote and the comma */
    CLI_CSV_FAILED            /* the lines it needs cannot be read */
} cli_csv_rc_t;


/*
 * The field of this number, from 0 on, as it stands in the record, quotes
 * included; the whole record is looked at first.
 */

cli_csv_rc_t cli_csv_find(trv_str_t record, unsigned number,
    trv_str_t *field);

/* number of the first field that has this value; it is CLI_CSV_FEW if none */

cli_csv_rc_t cli_csv_search(trv_str_t record, const char *name,
    unsigned *number);

/* without its quotes, and doubled ones made one, in place */

trv_str_t cli_csv_value(trv_str_t field);


#pragma GCC visibility pop


#endif /* _CLI_INPUT_CSV_H_INCLUDED_ */
