
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Memory of the codec's long-lived objects, with one place where a test can
 * make it run out.
 */


#ifndef _TRV_MEMORY_H_INCLUDED_
#define _TRV_MEMORY_H_INCLUDED_


#include "../core/trv.h"


#pragma GCC visibility push(hidden)


typedef void *(*trv_realloc_pt)(void *p, size_t size);


/* realloc(), unless a test has put something else here */

extern trv_realloc_pt  trv_memory_realloc;


/* as realloc(): NULL if there is no memory, and then "p" is as it was */

void *trv_realloc(void *p, size_t size);

void *trv_alloc(size_t size);
void trv_free(void *p);


#pragma GCC visibility pop


#endif /* _TRV_MEMORY_H_INCLUDED_ */
