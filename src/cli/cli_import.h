
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke import: what its files share.
 *
 *     cli_import.c        what was asked for
 *     cli_import_run.c    from the first line to the last word
 *     cli_import_value.c  what a line revokes, and until when
 *     cli_import_group.c  entries that are not full yet
 *     cli_import_write.c  entries on their way to Redis
 *     cli_import_state.c  how far it had come, kept in a file
 *     cli_import_say.c    what the operator is told
 *
 *     lines --> value --> group of its end --> flight --> confirmed
 *                         (up to 512 open)     (up to 64, in order)
 *
 * All that a line revokes is written before the line counts as done, so
 * "done up to line N" is true whatever happens next; behind it some more may
 * be in force, and is simply written again.
 */


#ifndef _CLI_IMPORT_H_INCLUDED_
#define _CLI_IMPORT_H_INCLUDED_


#include <stdio.h>

#include "../codec/trv_entry.h"
#include "cli_input_record.h"
#include "cli_jwt.h"
#include "cli_progress.h"
#include "cli_order.h"


#pragma GCC visibility push(hidden)


#define CLI_IMPORT_GROUPS   512
#define CLI_IMPORT_FLIGHTS  64

#define CLI_IMPORT_BATCH      1000
#define CLI_IMPORT_BATCH_MAX  16000   /* an entry has up to 16,384 pairs */

/* an entry is written when so many of its batches were read since it began */

#define CLI_IMPORT_BEHIND     50

/* bytes of the values of one entry */

#define CLI_IMPORT_BYTES    (1024 * 1024)

/* bad lines that are shown */

#define CLI_IMPORT_SHOWN    10


typedef struct {
    const char            *file;          /* "-": standard input */
    const char            *match;         /* "token" */
    const char            *before_text;   /* of --before, or NULL */
    int64_t                before;        /* Unix seconds */
    const char            *reason;
    const char            *by;
    const char            *until_text;    /* of --until or --ttl, or NULL */
    int64_t                until;         /* Unix seconds, TRV_END_NEVER */
    uint64_t               skip;          /* lines */
    unsigned               batch;
    unsigned               wait;          /* milliseconds, 0: no */
    unsigned               tokens:1;      /* the match is "token" */
    unsigned               always:1;      /* issued whenever */
    unsigned               dry_run:1;
    unsigned               keep_expired:1;
    unsigned               json:1;
    unsigned               create:1;
    unsigned               restart:1;
    cli_record_options_t   record;
    cli_target_t           target;
} cli_import_options_t;


/* an entry of the log: values with one end */

typedef struct cli_import_entry_s  cli_import_entry_t;

struct cli_import_entry_s {
    cli_import_entry_t  *next;        /* of those that are spare */
    int64_t              end;
    uint64_t             first;       /* the line of its first value */
    uint64_t             last;        /* and of its last one */
    uint64_t             done;        /* lines done when it is confirmed */
    const char          *ack;         /* nonce, or NULL */
    unsigned             n;
    unsigned             size;        /* of "len" */
    size_t               used;
    size_t               room;        /* of "text" */
    size_t              *len;
    char                *text;
};


/* what a dry run counts for each end */

typedef struct {
    int64_t   end;
    uint64_t  values;
    uint64_t  entries;
    char     *first;                  /* value */
    size_t    len;
} cli_import_sum_t;


/* whether an entry is in the log */

typedef enum {
    CLI_IMPORT_THERE = 0,
    CLI_IMPORT_GONE,
    CLI_IMPORT_UNKNOWN                /* it may not be asked */
} cli_import_there_t;


typedef struct {
    uint64_t   values;                /* to be revoked */
    uint64_t   tokens;                /* of them: not given as hashes */
    uint64_t   expired;               /* left out */
    uint64_t   empty;                 /* records without a value */
    uint64_t   spaced;                /* opaque tokens with a blank inside */
    uint64_t   spaced_line;           /* the first of them */
    uint64_t   bad;
    uint64_t   skipped;               /* lines */
    uint64_t   entries;               /* confirmed */
    uint64_t   written;               /* values in them */
} cli_import_count_t;


typedef struct {
    const cli_import_options_t  *o;

    cli_record_t         *record;
    trv_digest_t         *digest;
    cli_jwt_t             jwt;
    cli_redis_t          *redis;
    cli_progress_t        progress;
    cli_import_count_t    count;

    int64_t               now;            /* when it began, Unix seconds */
    int64_t               began;          /* monotonic milliseconds */
    char                  before[32];
    char                  end[32];        /* of the entry that is written */
    int64_t               until;

    unsigned              ngroups;
    int64_t               ends[CLI_IMPORT_GROUPS];
    cli_import_entry_t   *group[CLI_IMPORT_GROUPS];
    cli_import_entry_t   *spare;

    unsigned              first_flight;
    unsigned              nflights;
    cli_import_entry_t   *flight[CLI_IMPORT_FLIGHTS];

    uint64_t              line;           /* lines read */
    uint64_t              done;           /* all of it is in Redis up to here */
    char                  last[48];       /* ID of the last entry, or "" */
    cli_wait_t            waiting;
    cli_status_t          waited;         /* what --wait has come to */
    unsigned              tries;          /* since the last answer */

    char                 *state;          /* name of the file, or NULL */
    int64_t               saved;          /* when, monotonic milliseconds */

    unsigned              nsums;
    cli_import_sum_t     *sums;

    const char          **argv;
    size_t               *argvlen;

    cli_record_rc_t       ended;          /* why no more is read */
    unsigned              typed:1;        /* by somebody, at a terminal */
    unsigned              failed:1;       /* "trouble" says why */
    unsigned              nolog:1;        /* there is no such log */
    unsigned              lost:1;         /* what was written is gone */
    unsigned              nomem:1;
    cli_trouble_t         trouble;
} cli_import_t;


/* set by SIGINT, SIGTERM and SIGHUP */

extern volatile int  cli_import_stop;


/* cli_import_run.c: exit status of the command */

cli_status_t cli_import_run(const cli_import_options_t *o);

/*
 * cli_import_value.c: takes a value of the record in; it is counted as what
 * it is.  TRV_OK; TRV_MALFORMED: the line is bad, and why; TRV_NOMEM, or
 * TRV_NONE: it cannot go on.
 */

trv_rc_t cli_import_value(cli_import_t *im, trv_str_t value,
    const char **fault);

/*
 * cli_import_group.c: adds a value to the entry of its end; entries that are
 * full are written.  TRV_OK, TRV_NOMEM or TRV_NONE, as all functions below.
 */

trv_rc_t cli_import_add(cli_import_t *im, int64_t end, const void *text,
    size_t len);

/* between two records: writes what has waited for long */

trv_rc_t cli_import_add_old(cli_import_t *im);

/* writes what is left, all lines being done then; the last one has the nonce */

trv_rc_t cli_import_add_rest(cli_import_t *im);

/* the entry can be used again */

void cli_import_entry_free(cli_import_t *im, cli_import_entry_t *entry);

void cli_import_groups_done(cli_import_t *im);

/* cli_import_write.c: takes the entry over */

trv_rc_t cli_import_write(cli_import_t *im, cli_import_entry_t *entry);

/* connects for the first time; TRV_OK, or TRV_NONE: "trouble" says why */

trv_rc_t cli_import_connect(cli_import_t *im);

/* reads what answers there are, or (all) waits for all of them */

trv_rc_t cli_import_confirm(cli_import_t *im, int all);

cli_import_there_t cli_import_there(cli_import_t *im, const char *id);

/* cli_import_state.c */

/* "state" is set if there can be one; goes on from there if it may */

void cli_import_state_find(cli_import_t *im);

/* now and then, or at once: "last" is the last chance */

void cli_import_state_save(cli_import_t *im, int last);
void cli_import_state_done(cli_import_t *im);

/* cli_import_say.c */

void cli_import_say_bad(cli_import_t *im, const char *fault);

/* the bar, if it is time for it */

void cli_import_say_progress(cli_import_t *im);

/* one line on stderr, that the bar does not get in the way of */

void cli_import_say(cli_import_t *im, const char *fmt, ...)
__attribute__((format(printf, 2, 3)));

/* the last words; returns the exit status */

cli_status_t cli_import_say_end(cli_import_t *im);


#pragma GCC visibility pop


#endif /* _CLI_IMPORT_H_INCLUDED_ */
