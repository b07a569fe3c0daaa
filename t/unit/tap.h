
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The Test Anything Protocol in four functions, for t/unit/test_*.c; the
 * plan is printed at the end: "return tap_done();".
 */


#ifndef _TAP_H_INCLUDED_
#define _TAP_H_INCLUDED_


#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>


static unsigned  tap_count;
static unsigned  tap_failed;


static inline int __attribute__((format(printf, 2, 3)))
tap_ok(int ok, const char *fmt, ...)
{
    va_list  args;

    tap_failed += !ok;
    printf("%sok %u - ", ok ? "" : "not ", ++tap_count);

    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);

    printf("\n");
    fflush(stdout);

    return ok;
}


static inline int
tap_uint(uint64_t got, uint64_t expected, const char *name)
{
    if (tap_ok(got == expected, "%s", name)) {
        return 1;
    }

    printf("#      got: %" PRIu64 "\n# expected: %" PRIu64 "\n", got, expected);

    return 0;
}


static inline int
tap_bytes(const void *got, size_t len, const void *expected, size_t elen,
    const char *name)
{
    if (tap_ok(len == elen && (len == 0 || memcmp(got, expected, len) == 0),
               "%s", name))
    {
        return 1;
    }

    printf("#      got: \"%.*s\" (%zu)\n# expected: \"%.*s\" (%zu)\n",
           (int) len, (const char *) got, len,
           (int) elen, (const char *) expected, elen);

    return 0;
}


static inline int
tap_done(void)
{
    printf("1..%u\n", tap_count);
    return tap_failed != 0;
}


#endif /* _TAP_H_INCLUDED_ */
