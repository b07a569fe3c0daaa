
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke explain: what its files share.
 *
 *     cli_explain.c        what was asked for, and the token
 *     cli_explain_zone.c   the token as an edge reads it
 *     cli_explain_match.c  which rules match it
 *     cli_explain_judge.c  whether they refuse it
 *     cli_explain_say.c    what the operator is told
 *     cli_explain_json.c   and scripts
 */


#ifndef _CLI_EXPLAIN_H_INCLUDED_
#define _CLI_EXPLAIN_H_INCLUDED_


#include "../core/trv_match.h"
#include "../core/trv_writer.h"
#include "cli_fold.h"
#include "cli_jwt.h"


#pragma GCC visibility push(hidden)


#define CLI_EXPLAIN_ATTRIBUTES  32


typedef struct {
    cli_target_t  target;
    int64_t       leeway;             /* seconds */
    int64_t       issued_at;          /* or TRV_ISSUED_UNKNOWN */
    unsigned      all:1;              /* also rules that do not hold any more */
    unsigned      json:1;
    size_t        nattributes;
    trv_str_t     attribute[CLI_EXPLAIN_ATTRIBUTES];
    trv_str_t     value[CLI_EXPLAIN_ATTRIBUTES];
} cli_explain_options_t;


/* a rule that matches, cut-off and end aside; a copy of its own */

typedef struct {
    cli_rule_t   rule;
    uint8_t     *text;                /* what the rule's views look at */
    cli_part_t   part[TRV_SHAPE_FIELDS];
    unsigned     open:1;              /* an attribute of it is not known */
    unsigned     refuses:1;
} cli_explain_rule_t;


typedef enum {
    CLI_EXPLAIN_PASSES = 0,
    CLI_EXPLAIN_REFUSED,
    CLI_EXPLAIN_OPEN,                 /* by attributes that were not given */
    CLI_EXPLAIN_UNREADABLE            /* token_revoke_on_error decides */
} cli_explain_verdict_t;


typedef struct {
    const cli_explain_options_t  *o;

    trv_str_t                raw;
    cli_jwt_t                jwt;
    trv_digest_t            *digest;
    int64_t                  now;     /* Unix seconds */

    size_t                   nattributes;
    trv_str_t               *attributes;   /* names: given, or of the edges */

    void                    *zone;
    void                    *memory;
    void                    *shapes_memory;
    trv_table_t              table;
    trv_writer_t            *writer;
    trv_shapes_t            *shapes;
    trv_plan_t              *plan;
    trv_traits_t             traits;
    unsigned                 shape;   /* of the last rule */

    size_t                   nrules;
    size_t                   size;
    cli_explain_rule_t      *rules;
    cli_fold_sum_t           sum;

    cli_explain_verdict_t    verdict;
    char                     match[TRV_SHAPE_FIELDS
                                   * (TRV_SELECTOR_TEXT_LEN + 1) + 16];
    unsigned                 nomem:1;
} cli_explain_t;


/* cli_explain_zone.c: reads the token; TRV_OK or TRV_NOMEM */

trv_rc_t cli_explain_open(cli_explain_t *ex);
void cli_explain_close(cli_explain_t *ex);

/* reads it again: there are other shapes than before */

trv_rc_t cli_explain_read(cli_explain_t *ex);

/* there are no shapes any more */

void cli_explain_forget(cli_explain_t *ex);

/*
 * cli_explain_match.c: asks Redis.  TRV_OK and a verdict, or TRV_MALFORMED and
 * *trouble.
 */

trv_rc_t cli_explain_rules(cli_explain_t *ex, cli_redis_t *redis,
    cli_trouble_t *trouble);

/*
 * The number of a rule's shape, which is in use then; TRV_LIMIT: there are too
 * many, TRV_NOMEM.
 */

trv_rc_t cli_explain_shape(cli_explain_t *ex, unsigned nparts,
    const cli_part_t *parts, unsigned *shape);

/* *open: it cannot be known, the attribute was not given */

int cli_explain_matches(const cli_explain_t *ex, const cli_part_t *part,
    unsigned *open);

/* cli_explain_judge.c: the verdict, of the rules that were found */

void cli_explain_judge(cli_explain_t *ex);

/* cli_explain_say.c: on stdout */

void cli_explain_say_token(cli_explain_t *ex);
void cli_explain_say_rules(cli_explain_t *ex);

/* cli_explain_json.c: one object; "asked": the rules are known */

cli_status_t cli_explain_json(cli_explain_t *ex, int asked);


#pragma GCC visibility pop


#endif /* _CLI_EXPLAIN_H_INCLUDED_ */
