
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_key.h"


static int trv_key_tagged(trv_str_t log);


size_t
trv_key_format(trv_str_t log, trv_str_t name, uint8_t *buf)
{
    int     tagged;
    size_t  len;

    tagged = trv_key_tagged(log);
    len = 0;

    if (!tagged) {
        buf[len++] = '{';
    }

    memcpy(buf + len, log.data, log.len);
    len += log.len;

    if (!tagged) {
        buf[len++] = '}';
    }

    buf[len++] = ':';

    memcpy(buf + len, name.data, name.len);

    return len + name.len;
}


/* a hash tag: something between the first "{" and the next "}" */

static int
trv_key_tagged(trv_str_t log)
{
    size_t          len;
    const uint8_t  *open, *close;

    open = log.len != 0 ? memchr(log.data, '{', log.len) : NULL;

    if (open == NULL) {
        return 0;
    }

    len = (size_t) (log.data + log.len - open);
    close = memchr(open, '}', len);

    return close != NULL && close != open + 1;
}
