
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The bytes of a file or of standard input, unpacked if they begin as gzip
 * does (RFC 1952).
 *
 * Why not gzread().  It waits until its buffer is full, so lines of a slow
 * pipe would lie there; and a signal that comes just before it waits would
 * be seen after the next line only.
 */


#ifndef _CLI_INPUT_BYTES_H_INCLUDED_
#define _CLI_INPUT_BYTES_H_INCLUDED_


#include <zlib.h>

#include "../core/trv.h"


#pragma GCC visibility push(hidden)


#define CLI_BYTES_CHUNK  (128 * 1024)


/* called while there is nothing to read; not 0: it is stopped */

typedef int (*cli_bytes_idle_pt)(void *ctx);


typedef enum {
    CLI_BYTES_OK = 0,
    CLI_BYTES_END,
    CLI_BYTES_FAILED,         /* "error" says why: "is damaged: ..." */
    CLI_BYTES_STOPPED
} cli_bytes_rc_t;


/* zero before it is opened; the last fields are private */

typedef struct {
    const volatile int  *stop;        /* set by a signal; or NULL */
    cli_bytes_idle_pt    idle;        /* or NULL */
    void                *ctx;

    const char          *error;
    uint64_t             done;        /* bytes of the file that were used */
    uint64_t             size;        /* of the file; 0: not known */

    int                  fd;
    char                 words[128];
    unsigned             begun:1;
    unsigned             gzip:1;
    unsigned             within:1;    /* a member of gzip has begun */
    unsigned             eof:1;
    z_stream             z;
    uint8_t             *in;          /* what was read ahead */
    size_t               nin;
    uint8_t              data[CLI_BYTES_CHUNK];
} cli_bytes_t;


/* "-": standard input; TRV_OK, or TRV_NONE and bytes->error */

trv_rc_t cli_bytes_open(cli_bytes_t *bytes, const char *name);
void cli_bytes_close(cli_bytes_t *bytes);

/* at least one byte, and *len of them, if it is CLI_BYTES_OK */

cli_bytes_rc_t cli_bytes_read(cli_bytes_t *bytes, uint8_t *buf, size_t size,
    size_t *len);


#pragma GCC visibility pop


#endif /* _CLI_INPUT_BYTES_H_INCLUDED_ */
