
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Passwords.
 */


#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_secret.h"


#define CLI_SECRET_LEN  4096


trv_rc_t
cli_secret_file(const char *file, char **secret, cli_trouble_t *trouble)
{
    int      fd, err;
    char     buf[CLI_SECRET_LEN];
    size_t   len;
    ssize_t  n;

    *secret = NULL;

    fd = open(file, O_RDONLY | O_CLOEXEC);
    n = fd == -1 ? -1 : read(fd, buf, sizeof(buf));
    err = errno;

    if (fd != -1) {
        close(fd);
    }

    if (n == -1) {
        cli_trouble_set(trouble, CLI_FAULT_TARGET,
                        "the password cannot be read from \"%s\" (%s)", file,
                        strerror(err));
        return TRV_NONE;
    }

    len = 0;

    while (len < (size_t) n && buf[len] != '\n' && buf[len] != '\r') {
        len++;
    }

    if (len == 0 || len == sizeof(buf)) {
        explicit_bzero(buf, sizeof(buf));
        cli_trouble_set(trouble, CLI_FAULT_TARGET,
                        "\"%s\" has no password in its first line", file);
        return TRV_NONE;
    }

    *secret = strndup(buf, len);
    explicit_bzero(buf, sizeof(buf));

    if (*secret == NULL) {
        cli_trouble_set(trouble, CLI_FAULT_NOMEM, "there is no memory");
        return TRV_NOMEM;
    }

    return TRV_OK;
}


void
cli_secret_free(char *secret)
{
    if (secret != NULL) {
        explicit_bzero(secret, strlen(secret));
        free(secret);
    }
}
