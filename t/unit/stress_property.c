
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A million random entries and a million random tokens: see test_property.c,
 * which is the same with sanitizers, and shorter.
 */


#define ROUNDS  50000

#include "test_property.c"
