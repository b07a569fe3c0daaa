
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The entries of the log, read in pieces of about a megabyte.
 */


#ifndef _CLI_LOG_H_INCLUDED_
#define _CLI_LOG_H_INCLUDED_


#include "../codec/trv_entry.h"
#include "cli_redis.h"


#pragma GCC visibility push(hidden)


/* what an entry says, and its fields as Redis sent them; for one call */

typedef struct {
    const trv_entry_t   *entry;
    const redisReply    *fields;      /* an array of names and values */
    trv_str_t            reason;      /* the last of them; empty: none */
    trv_str_t            by;
} cli_entry_t;


/* returns 0 to go on, else the reading ends with TRV_NONE */

typedef int (*cli_log_pt)(void *ctx, const cli_entry_t *entry);


typedef struct cli_log_s  cli_log_t;


/* NULL and *trouble without memory */

cli_log_t *cli_log_open(cli_redis_t *redis, const cli_target_t *target,
    cli_trouble_t *trouble);

void cli_log_close(cli_log_t *log);

/*
 * Reads the entries behind "from", up to "to".  TRV_OK; TRV_NONE: the callback
 * has ended it; TRV_MALFORMED: see *trouble.
 */

trv_rc_t cli_log_read(cli_log_t *log, trv_id_t from, trv_id_t to,
    cli_log_pt callback, void *ctx, cli_trouble_t *trouble);

/*
 * One entry as XRANGE, XREAD and XINFO show it: an array of an ID and fields.
 * TRV_OK and the callback was called; its views hold until the next call.
 */

trv_rc_t cli_log_take(cli_log_t *log, const redisReply *reply,
    cli_log_pt callback, void *ctx);

/*
 * Of a log without entries: CLI_FAILED if it is not there, which was said.
 * Who may not ask gets CLI_DONE.
 */

cli_status_t cli_log_exists(const cli_command_t *command, cli_redis_t *redis,
    const cli_target_t *target);

/* the ID of the last entry that was read; 0-0: none was */

trv_id_t cli_log_last(const cli_log_t *log);


#pragma GCC visibility pop


#endif /* _CLI_LOG_H_INCLUDED_ */
