
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Preloaded into an nginx: what it asks for with MADV_COLLAPSE is written into
 * a file, and answered as the test says (t/511-pages.t).
 *
 *     PAGES=file PAGES_ERRNO=22 LD_PRELOAD=pages.so nginx ...
 *
 * Each line of the file: pid, address and length in hex.
 */


#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>


#define PAGES_COLLAPSE  25


static void
pages_note(void *addr, size_t len)
{
    int          fd, n;
    char         line[64];
    const char  *name;

    name = getenv("PAGES");
    fd = name ? open(name, O_WRONLY|O_APPEND|O_CREAT|O_CLOEXEC, 0666) : -1;

    if (fd == -1) {
        return;
    }

    n = snprintf(line, sizeof(line), "%d %zx %zx\n", (int) getpid(),
                 (size_t) (uintptr_t) addr, len);

    if (write(fd, line, (size_t) n) != n) {
        abort();
    }

    (void) close(fd);
}


int
madvise(void *addr, size_t len, int advice)
{
    const char  *text;

    if (advice != PAGES_COLLAPSE) {
        return (int) syscall(SYS_madvise, addr, len, advice);
    }

    pages_note(addr, len);

    text = getenv("PAGES_ERRNO");

    if (text == NULL || atoi(text) == 0) {
        return 0;
    }

    errno = atoi(text);

    return -1;
}
