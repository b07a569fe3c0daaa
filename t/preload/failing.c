
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Preloaded into an nginx: the n-th allocation from now on fails.  A test sets
 * the countdown in a file that all processes of that nginx have mapped, and
 * sees there whether it has come to its end (t/lib/TokenRevoke/Failing.pm).
 *
 *     FAILING=file LD_PRELOAD=failing.so nginx ...
 *
 * The file: pid of the process that is meant (-1: any), what is left of the
 * countdown (0: none), how often an allocation has failed; int32_t each.
 */


#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>


typedef struct {
    int32_t  pid;
    int32_t  left;
    int32_t  failed;
} failing_t;


/* the names by which glibc's own functions can be reached */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);


static failing_t  *failing;


static void __attribute__((constructor))
failing_init(void)
{
    int          fd;
    void        *p;
    const char  *name;

    name = getenv("FAILING");
    fd = name ? open(name, O_RDWR|O_CLOEXEC) : -1;

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(failing_t), PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);

    (void) close(fd);

    if (p != MAP_FAILED) {
        failing = p;
    }
}


/* true: this one fails */

static int
failing_now(void)
{
    int32_t  pid;

    if (failing == NULL
        || __atomic_load_n(&failing->left, __ATOMIC_ACQUIRE) <= 0)
    {
        return 0;
    }

    pid = __atomic_load_n(&failing->pid, __ATOMIC_ACQUIRE);

    if ((pid != -1 && pid != getpid())
        || __atomic_sub_fetch(&failing->left, 1, __ATOMIC_ACQ_REL) != 0)
    {
        return 0;
    }

    (void) __atomic_add_fetch(&failing->failed, 1, __ATOMIC_ACQ_REL);
    errno = ENOMEM;

    return 1;
}


void *
malloc(size_t size)
{
    return failing_now() ? NULL : __libc_malloc(size);
}


void *
calloc(size_t n, size_t size)
{
    return failing_now() ? NULL : __libc_calloc(n, size);
}


void *
realloc(void *p, size_t size)
{
    return failing_now() ? NULL : __libc_realloc(p, size);
}


void *
memalign(size_t alignment, size_t size)
{
    return failing_now() ? NULL : __libc_memalign(alignment, size);
}


void *
aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    int  err;

    err = errno;
    *p = memalign(alignment, size);
    errno = err;

    return *p ? 0 : ENOMEM;
}
