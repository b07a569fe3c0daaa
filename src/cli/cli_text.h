
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Text that others wrote, shown to people: what is in tokens and in the log
 * must not drive a terminal (ECMA-48) nor break a line.
 */


#ifndef _CLI_TEXT_H_INCLUDED_
#define _CLI_TEXT_H_INCLUDED_


#include <stdio.h>

#include "../core/trv.h"


#pragma GCC visibility push(hidden)


/*
 * Writes the text with control bytes, DEL, backslashes, C1 controls, marks
 * that change the direction of text (U+202A and the like) and what is not
 * UTF-8 as \xNN or \\; at most "max" bytes of it, then "..." (0: all).
 */

void cli_text_put(FILE *out, trv_str_t text, size_t max);

/* the same between quotes, which are escaped as well */

void cli_text_quote(FILE *out, trv_str_t text, size_t max);

/* the same into memory that the caller frees; NULL without memory */

char *cli_text_escape(trv_str_t text, size_t max);

/* replaces control bytes by "?" in place: what Redis says in its errors */

void cli_text_plain(char *text);

/*
 * The length of the UTF-8 character at the beginning that may be shown as it
 * is, 0 if there is none (RFC 3629, section 4).
 */

size_t cli_text_char(trv_str_t text);

/* a view of a C string */

trv_str_t cli_text_str(const char *text);


#pragma GCC visibility pop


#endif /* _CLI_TEXT_H_INCLUDED_ */
