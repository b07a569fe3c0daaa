
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Property: what INFO says is the same in one piece as line by line; every
 * text in it ends, and is a part of the input; a lag is not negative but for
 * -1, and a server that is loading, or a replica whose link is down, confirms
 * nothing.
 *
 * Input: the text of INFO.
 */


#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "trv_info.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
fuzz_check(int good)
{
    if (!good) {
        abort();
    }
}


/* parses a copy of exactly that size */

static void
fuzz_parse(trv_info_t *info, const uint8_t *data, size_t size)
{
    uint8_t    *p;
    trv_str_t   text;

    p = malloc(size != 0 ? size : 1);
    fuzz_check(p != NULL);

    if (size != 0) {
        memcpy(p, data, size);
    }

    text.data = p;
    text.len = size;

    trv_info_parse(info, text);
    free(p);
}


static void
fuzz_text(const char *text, size_t room, const uint8_t *data, size_t size)
{
    fuzz_check(memchr(text, '\0', room) != NULL
               && (text[0] == '\0'
                   || memmem(data, size, text, strlen(text)) != NULL));
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          at, n;
    int64_t         lag;
    trv_info_t      whole, lines;
    const uint8_t  *end;

    trv_info_clear(&whole);
    trv_info_clear(&lines);

    fuzz_parse(&whole, data, size);

    for (at = 0; at < size; at += n) {
        end = memchr(data + at, '\n', size - at);
        n = end != NULL ? (size_t) (end - data) + 1 - at : size - at;

        fuzz_parse(&lines, data + at, n);
    }

    fuzz_check(memcmp(&whole, &lines, sizeof(trv_info_t)) == 0);

    fuzz_text(whole.run_id, sizeof(whole.run_id), data, size);
    fuzz_text(whole.replid, sizeof(whole.replid), data, size);
    fuzz_text(whole.replid2, sizeof(whole.replid2), data, size);
    fuzz_text(whole.master_host, sizeof(whole.master_host), data, size);

    lag = trv_info_lag(&whole);

    fuzz_check(lag >= -1
               && (lag == 0) <= (whole.role == TRV_ROLE_MASTER)
               && (lag > 0) <= (whole.role == TRV_ROLE_REPLICA
                                && whole.link_up && whole.last_io >= 0)
               && (lag >= 0) <= !whole.loading);

    return 0;
}
