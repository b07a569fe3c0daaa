
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Memory of the codec's long-lived objects.
 */


#include <stdlib.h>
#include "trv_memory.h"


trv_realloc_pt  trv_memory_realloc = realloc;


void *
trv_realloc(void *p, size_t size)
{
    return trv_memory_realloc(p, size);
}


void *
trv_alloc(size_t size)
{
    return trv_memory_realloc(NULL, size);
}


void
trv_free(void *p)
{
    free(p);
}
