
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_input_bytes.h"


/* milliseconds between two calls of "idle" */

#define CLI_BYTES_PAUSE   50

/* zlib: the largest window, and a header of gzip */

#define CLI_BYTES_WINDOW  (15 + 16)


static cli_bytes_rc_t cli_bytes_more(cli_bytes_t *bytes);
static cli_bytes_rc_t cli_bytes_wait(cli_bytes_t *bytes);
static int cli_bytes_poll(cli_bytes_t *bytes);
static int cli_bytes_is_gzip(const cli_bytes_t *bytes);
static cli_bytes_rc_t cli_bytes_begin(cli_bytes_t *bytes);
static cli_bytes_rc_t cli_bytes_inflate(cli_bytes_t *bytes, uint8_t *buf,
    size_t size, size_t *len);
static cli_bytes_rc_t cli_bytes_failed(cli_bytes_t *bytes, const char *error);


trv_rc_t
cli_bytes_open(cli_bytes_t *bytes, const char *name)
{
    struct stat  st;

    bytes->fd = strcmp(name, "-") == 0 ? dup(STDIN_FILENO)
                                       : open(name, O_RDONLY|O_CLOEXEC);

    if (bytes->fd == -1 || fstat(bytes->fd, &st) != 0) {
        bytes->error = strerror(errno);
        return TRV_NONE;
    }

    if (S_ISDIR(st.st_mode)) {
        bytes->error = strerror(EISDIR);
        return TRV_NONE;
    }

    if (S_ISREG(st.st_mode)) {
        bytes->size = (uint64_t) st.st_size;
    }

    return TRV_OK;
}


void
cli_bytes_close(cli_bytes_t *bytes)
{
    if (bytes->gzip) {
        (void) inflateEnd(&bytes->z);
    }

    if (bytes->fd != -1) {
        (void) close(bytes->fd);
    }
}


cli_bytes_rc_t
cli_bytes_read(cli_bytes_t *bytes, uint8_t *buf, size_t size, size_t *len)
{
    cli_bytes_rc_t  rc;

    if (!bytes->begun) {
        rc = cli_bytes_begin(bytes);

        if (rc != CLI_BYTES_OK) {
            return rc;
        }
    }

    if (bytes->gzip) {
        return cli_bytes_inflate(bytes, buf, size, len);
    }

    if (bytes->nin == 0) {
        rc = cli_bytes_more(bytes);

        if (rc != CLI_BYTES_OK) {
            return rc;
        }
    }

    *len = bytes->nin < size ? bytes->nin : size;
    memcpy(buf, bytes->in, *len);

    bytes->in += *len;
    bytes->nin -= *len;
    bytes->done += *len;

    return CLI_BYTES_OK;
}


/* two bytes tell gzip, if there are so many */

static cli_bytes_rc_t
cli_bytes_begin(cli_bytes_t *bytes)
{
    cli_bytes_rc_t  rc;

    do {
        rc = cli_bytes_more(bytes);

    } while (rc == CLI_BYTES_OK && bytes->nin < 2);

    if (rc == CLI_BYTES_END && bytes->nin != 0) {
        rc = CLI_BYTES_OK;
    }

    if (rc != CLI_BYTES_OK) {
        return rc;
    }

    bytes->begun = 1;

    if (!cli_bytes_is_gzip(bytes)) {
        return CLI_BYTES_OK;
    }

    if (inflateInit2(&bytes->z, CLI_BYTES_WINDOW) != Z_OK) {
        return cli_bytes_failed(bytes, "cannot be read: out of memory");
    }

    bytes->gzip = 1;
    bytes->within = 1;

    return CLI_BYTES_OK;
}


static int
cli_bytes_is_gzip(const cli_bytes_t *bytes)
{
    return bytes->nin >= 2 && bytes->in[0] == 0x1f && bytes->in[1] == 0x8b;
}


/* members may follow one another, and whatever else is behind is ignored */

static cli_bytes_rc_t
cli_bytes_inflate(cli_bytes_t *bytes, uint8_t *buf, size_t size, size_t *len)
{
    int              code;
    z_stream        *z;
    cli_bytes_rc_t   rc;

    z = &bytes->z;
    z->next_out = buf;
    z->avail_out = (unsigned) size;

    while (z->avail_out == size) {

        if (!bytes->within && bytes->nin >= 2) {

            if (!cli_bytes_is_gzip(bytes)) {
                return CLI_BYTES_END;
            }

            (void) inflateReset(z);
            bytes->within = 1;
        }

        if (bytes->nin == 0 || !bytes->within) {
            rc = cli_bytes_more(bytes);

            if (rc == CLI_BYTES_END && bytes->within) {
                return cli_bytes_failed(bytes, "ends too early: the"
                                               " compressed data is not whole");
            }

            if (rc != CLI_BYTES_OK) {
                return rc;
            }

            continue;
        }

        z->next_in = bytes->in;
        z->avail_in = (unsigned) bytes->nin;

        code = inflate(z, Z_NO_FLUSH);

        bytes->done += bytes->nin - z->avail_in;
        bytes->in = z->next_in;
        bytes->nin = z->avail_in;

        if (code == Z_STREAM_END) {
            bytes->within = 0;

        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return cli_bytes_failed(bytes, "is damaged: the compressed data is"
                                           " not as it was");
        }
    }

    *len = size - z->avail_out;

    return CLI_BYTES_OK;
}


/* reads behind what is there */

static cli_bytes_rc_t
cli_bytes_more(cli_bytes_t *bytes)
{
    ssize_t          n;
    cli_bytes_rc_t   rc;

    if (bytes->eof) {
        return CLI_BYTES_END;
    }

    if (bytes->nin != 0) {
        memmove(bytes->data, bytes->in, bytes->nin);
    }

    bytes->in = bytes->data;

    do {
        rc = cli_bytes_wait(bytes);

        if (rc != CLI_BYTES_OK) {
            return rc;
        }

        n = read(bytes->fd, bytes->data + bytes->nin,
                 sizeof(bytes->data) - bytes->nin);

    } while (n == -1 && (errno == EINTR || errno == EAGAIN));

    if (n == -1) {
        snprintf(bytes->words, sizeof(bytes->words), "cannot be read: %s",
                 strerror(errno));
        return cli_bytes_failed(bytes, bytes->words);
    }

    if (n == 0) {
        bytes->eof = 1;
        return CLI_BYTES_END;
    }

    bytes->nin += (size_t) n;

    return CLI_BYTES_OK;
}


/* a file is always ready */

static cli_bytes_rc_t
cli_bytes_wait(cli_bytes_t *bytes)
{
    for ( ;; ) {

        if (bytes->size == 0 && !cli_bytes_poll(bytes)) {

            if (bytes->idle != NULL && bytes->idle(bytes->ctx) != 0) {
                return CLI_BYTES_STOPPED;
            }

            if (bytes->stop == NULL || !*bytes->stop) {
                continue;
            }
        }

        return bytes->stop != NULL && *bytes->stop ? CLI_BYTES_STOPPED
                                                   : CLI_BYTES_OK;
    }
}


/*
 * False: there is nothing to read yet, or there was a signal.  Signals are let
 * in while it waits, and only then, so that none can come between a look at
 * "stop" and the wait.
 */

static int
cli_bytes_poll(cli_bytes_t *bytes)
{
    int              n;
    sigset_t         all, old;
    struct pollfd    pfd;
    struct timespec  pause;

    pfd.fd = bytes->fd;
    pfd.events = POLLIN;

    pause.tv_sec = 0;
    pause.tv_nsec = CLI_BYTES_PAUSE * 1000000;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);

    n = 0;

    if (bytes->stop == NULL || !*bytes->stop) {
        n = ppoll(&pfd, 1, &pause, &old);
    }

    sigprocmask(SIG_SETMASK, &old, NULL);

    return n == 1;
}


static cli_bytes_rc_t
cli_bytes_failed(cli_bytes_t *bytes, const char *error)
{
    bytes->error = error;

    return CLI_BYTES_FAILED;
}
