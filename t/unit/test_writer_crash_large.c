
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The same with the chunks of a large zone.
 */


#define TRV_LARGE_ZONE         1

#define trv_table_format       large_table_format
#define trv_table_attach       large_table_attach
#define trv_table_fingerprint  large_table_fingerprint
#define trv_table_prefetch     large_table_prefetch
#define trv_table_lookup       large_table_lookup

#include "test_writer_crash.c"
#include "trv_table.c"
