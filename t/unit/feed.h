
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the tests of entries and of batches are written with.
 */


#ifndef _FEED_H_INCLUDED_
#define _FEED_H_INCLUDED_


#include <stdlib.h>
#include "../../src/codec/trv_entry.h"


static inline trv_str_t
str(const char *text)
{
    trv_str_t  s;

    s.data = (const uint8_t *) text;
    s.len = strlen(text);

    return s;
}


static inline int
equals(trv_str_t s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.data, text, s.len) == 0;
}


/* "name=value", or a name without a value; from memory that is gone after */

static inline trv_rc_t
feed(trv_batch_t *batch, const char *pair)
{
    char        *copy, *value;
    trv_rc_t     rc;

    copy = strdup(pair);
    value = strchr(copy, '=');

    if (value != NULL) {
        *value++ = '\0';
    }

    rc = trv_batch_name(batch, str(copy));

    if (rc == TRV_OK && value != NULL) {
        rc = trv_batch_value(batch, str(value));
    }

    free(copy);

    return rc;
}


#endif /* _FEED_H_INCLUDED_ */
