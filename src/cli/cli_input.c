
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Reading lines.
 */


#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli_input.h"


#define CLI_INPUT_CHUNK  (256 * 1024)
#define CLI_INPUT_SIZE   (CLI_INPUT_CHUNK + 2 * CLI_INPUT_RECORD)

/* bytes that are looked at to know what it is */

#define CLI_INPUT_MAGIC  5

/* a record, and CR and LF behind it */

#define CLI_INPUT_ROOM   (CLI_INPUT_RECORD + 2)


struct cli_input_s {
    cli_bytes_t  bytes;
    const char  *error;
    uint64_t     line;
    uint8_t     *start;
    uint8_t     *p;
    uint8_t     *last;
    unsigned     begun:1;         /* the first bytes were looked at */
    unsigned     eof:1;
    uint8_t      data[CLI_INPUT_SIZE];
};


/* what is not text, by its first bytes, and what to do about it */

typedef struct {
    const char  *magic;
    size_t       len;
    const char  *error;
} cli_input_kind_t;


static const cli_input_kind_t  cli_input_kinds[] = {
    { "\xff\xfe", 2, "is UTF-16: iconv -f UTF-16 -t UTF-8 makes it readable" },
    { "\xfe\xff", 2, "is UTF-16: iconv -f UTF-16 -t UTF-8 makes it readable" },
    { "\xfd" "7zXZ", 5, "is compressed by xz: xz -dc makes it readable" },
    { "\x28\xb5\x2f\xfd", 4,
      "is compressed by zstd: zstd -dc makes it readable" },
    { "BZh", 3, "is compressed by bzip2: bzip2 -dc makes it readable" },
    { "PK\x03\x04", 4, "is a ZIP archive: unzip -p makes it readable" },
};

#define CLI_INPUT_NKINDS  (sizeof(cli_input_kinds) / sizeof(cli_input_kind_t))


static cli_input_rc_t cli_input_fill(cli_input_t *input);
static cli_input_rc_t cli_input_begin(cli_input_t *input);
static cli_input_rc_t cli_input_find(cli_input_t *input, uint8_t **end);
static cli_input_rc_t cli_input_skip(cli_input_t *input);
static void cli_input_view(const cli_input_t *input, trv_str_t *record);


cli_input_t *
cli_input_open(const char *name, const volatile int *stop, const char **why)
{
    cli_input_t  *input;

    input = malloc(sizeof(cli_input_t));
    if (input == NULL) {
        *why = strerror(ENOMEM);
        return NULL;
    }

    memset(input, 0, sizeof(cli_input_t));

    if (cli_bytes_open(&input->bytes, name) != TRV_OK) {
        *why = input->bytes.error;
        cli_input_close(input);
        return NULL;
    }

    input->bytes.stop = stop;
    input->start = input->data;
    input->p = input->data;
    input->last = input->data;

    return input;
}


void
cli_input_idle(cli_input_t *input, cli_bytes_idle_pt idle, void *ctx)
{
    input->bytes.idle = idle;
    input->bytes.ctx = ctx;
}


void
cli_input_close(cli_input_t *input)
{
    if (input == NULL) {
        return;
    }

    cli_bytes_close(&input->bytes);

    /* there were tokens in it */

    explicit_bzero(input, sizeof(cli_input_t));
    free(input);
}


cli_input_rc_t
cli_input_line(cli_input_t *input, trv_str_t *record)
{
    uint8_t         *end;
    cli_input_rc_t   rc;

    if (!input->begun) {
        rc = cli_input_begin(input);

        if (rc != CLI_INPUT_OK) {
            return rc;
        }
    }

    input->start = input->p;

    rc = cli_input_find(input, &end);

    if (rc == CLI_INPUT_LONG) {
        rc = cli_input_skip(input);
        return rc == CLI_INPUT_OK ? CLI_INPUT_LONG : rc;
    }

    if (rc != CLI_INPUT_OK) {
        return rc;
    }

    input->p = end;
    input->line++;

    cli_input_view(input, record);

    return record->len > CLI_INPUT_RECORD ? CLI_INPUT_LONG : CLI_INPUT_OK;
}


cli_input_rc_t
cli_input_more(cli_input_t *input, trv_str_t *record)
{
    uint8_t            *end;
    cli_input_rc_t      rc;
    cli_input_place_t   place;

    place = cli_input_place(input);
    rc = cli_input_find(input, &end);

    if (rc == CLI_INPUT_OK) {
        input->p = end;
        input->line++;
    }

    /* it may have been moved */

    cli_input_view(input, record);

    if (record->len > CLI_INPUT_RECORD) {
        cli_input_return(input, place);
        cli_input_view(input, record);
        rc = CLI_INPUT_LONG;
    }

    return rc;
}


cli_input_place_t
cli_input_place(const cli_input_t *input)
{
    cli_input_place_t  place;

    place.len = (size_t) (input->p - input->start);
    place.line = input->line;

    return place;
}


void
cli_input_return(cli_input_t *input, cli_input_place_t place)
{
    input->p = input->start + place.len;
    input->line = place.line;
}


uint64_t
cli_input_number(const cli_input_t *input)
{
    return input->line;
}


void
cli_input_progress(const cli_input_t *input, uint64_t *done, uint64_t *size)
{
    *size = input->bytes.size;
    *done = input->bytes.done;

    /* of a plain file what waits in the buffer is known */

    if (!input->bytes.gzip) {
        *done -= (uint64_t) (input->last - input->p);
    }
}


const char *
cli_input_error(const cli_input_t *input)
{
    return input->error;
}


/* room behind "last", then bytes into it; OK also at the end of the file */

static cli_input_rc_t
cli_input_fill(cli_input_t *input)
{
    size_t  n, kept;

    kept = (size_t) (input->last - input->start);

    if (input->start != input->data) {
        memmove(input->data, input->start, kept);
        input->p -= input->start - input->data;
        input->start = input->data;
        input->last = input->data + kept;
    }

    switch (cli_bytes_read(&input->bytes, input->last, CLI_INPUT_CHUNK, &n)) {

    case CLI_BYTES_OK:
        input->last += n;
        return CLI_INPUT_OK;

    case CLI_BYTES_END:
        input->eof = 1;
        return CLI_INPUT_OK;

    case CLI_BYTES_STOPPED:
        return CLI_INPUT_STOPPED;

    default:
        input->error = input->bytes.error;
        return CLI_INPUT_FAILED;
    }
}


static cli_input_rc_t
cli_input_begin(cli_input_t *input)
{
    size_t                   i, len;
    cli_input_rc_t           rc;
    const cli_input_kind_t  *kind;

    /* a pipe may give them one by one */

    do {
        rc = cli_input_fill(input);

        if (rc != CLI_INPUT_OK) {
            return rc;
        }

    } while (!input->eof && input->last - input->p < CLI_INPUT_MAGIC);

    input->begun = 1;

    len = (size_t) (input->last - input->p);

    for (i = 0; i < CLI_INPUT_NKINDS; i++) {
        kind = &cli_input_kinds[i];

        if (len >= kind->len && memcmp(input->p, kind->magic, kind->len) == 0) {
            input->error = kind->error;
            return CLI_INPUT_FAILED;
        }
    }

    if (len >= 3 && memcmp(input->p, "\xef\xbb\xbf", 3) == 0) {
        input->p += 3;
    }

    return CLI_INPUT_OK;
}


/* where the line that begins at "p" ends, its line end included */

static cli_input_rc_t
cli_input_find(cli_input_t *input, uint8_t **end)
{
    size_t           seen;
    uint8_t         *lf;
    cli_input_rc_t   rc;

    seen = 0;

    for ( ;; ) {

        lf = memchr(input->p + seen, '\n',
                    (size_t) (input->last - input->p) - seen);
        if (lf != NULL) {
            *end = lf + 1;
            break;
        }

        if (input->eof) {

            /* Ctrl-C ends what writes into our pipe, too, in mid-line */

            if (input->bytes.stop != NULL && *input->bytes.stop) {
                return CLI_INPUT_STOPPED;
            }

            if (input->p == input->last) {
                return CLI_INPUT_END;
            }

            *end = input->last;
            break;
        }

        if (input->last - input->start > CLI_INPUT_ROOM) {
            return CLI_INPUT_LONG;
        }

        seen = (size_t) (input->last - input->p);

        rc = cli_input_fill(input);

        if (rc != CLI_INPUT_OK) {
            return rc;
        }
    }

    return *end - input->start > CLI_INPUT_ROOM ? CLI_INPUT_LONG : CLI_INPUT_OK;
}


/* leaves out the rest of a line that is too long */

static cli_input_rc_t
cli_input_skip(cli_input_t *input)
{
    uint8_t         *lf;
    cli_input_rc_t   rc;

    for ( ;; ) {

        lf = memchr(input->p, '\n', (size_t) (input->last - input->p));

        if (lf != NULL || input->eof) {
            input->p = lf != NULL ? lf + 1 : input->last;
            input->start = input->p;
            input->line++;
            return CLI_INPUT_OK;
        }

        input->p = input->last;
        input->start = input->last;

        rc = cli_input_fill(input);

        if (rc != CLI_INPUT_OK) {
            return rc;
        }
    }
}


static void
cli_input_view(const cli_input_t *input, trv_str_t *record)
{
    record->data = input->start;
    record->len = (size_t) (input->p - input->start);

    if (record->len != 0 && record->data[record->len - 1] == '\n') {
        record->len--;

        if (record->len != 0 && record->data[record->len - 1] == '\r') {
            record->len--;
        }
    }
}
