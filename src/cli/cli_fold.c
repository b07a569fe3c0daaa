
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The log folded into what is in force now.
 */


#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli_fold_private.h"


static trv_rc_t cli_fold_open(cli_folding_t *f);
static void cli_fold_close(cli_folding_t *f);
static trv_rc_t cli_fold_passes(cli_folding_t *f, cli_log_t *log,
    cli_trouble_t *trouble);
static trv_rc_t cli_fold_pass(cli_folding_t *f, cli_log_t *log,
    cli_fold_mode_t mode, trv_id_t to, cli_trouble_t *trouble);
static int cli_fold_entry(void *ctx, const cli_entry_t *entry);
static void cli_fold_fault(cli_folding_t *f, trv_fault_t fault, int refused);
static trv_rc_t cli_fold_emit(cli_folding_t *f);


static const trv_id_t  cli_fold_start = { 0, 0 };
static const trv_id_t  cli_fold_end = { UINT64_MAX, UINT64_MAX };


trv_rc_t
cli_fold(cli_redis_t *redis, const cli_target_t *target,
    const cli_fold_options_t *options, cli_fold_sum_t *sum,
    cli_trouble_t *trouble)
{
    trv_rc_t        rc;
    cli_log_t      *log;
    cli_folding_t   f;

    memset(&f, 0, sizeof(f));

    f.options = options;
    f.sum = sum;
    f.now = options->now != 0 ? options->now : (int64_t) time(NULL);

    log = cli_log_open(redis, target, trouble);

    if (log == NULL) {
        return TRV_MALFORMED;
    }

    rc = cli_fold_open(&f);

    if (rc == TRV_OK) {
        rc = cli_fold_passes(&f, log, trouble);
    }

    if (rc == TRV_NOMEM) {
        cli_trouble_set(trouble, CLI_FAULT_NOMEM, "there is no memory");
        rc = TRV_MALFORMED;
    }

    cli_log_close(log);
    cli_fold_close(&f);

    return rc;
}


static trv_rc_t
cli_fold_open(cli_folding_t *f)
{
    f->rules = cli_rules_create();
    f->digest = trv_digest_create();
    f->match = malloc(CLI_FOLD_MATCH);

    if (f->rules == NULL || f->digest == NULL || f->match == NULL) {
        return TRV_NOMEM;
    }

    return TRV_OK;
}


static void
cli_fold_close(cli_folding_t *f)
{
    cli_table_free(&f->table);
    cli_rules_destroy(f->rules);

    if (f->digest != NULL) {
        trv_digest_destroy(f->digest);
    }

    free(f->match);
    free(f->bloom);
}


static trv_rc_t
cli_fold_passes(cli_folding_t *f, cli_log_t *log, cli_trouble_t *trouble)
{
    trv_rc_t  rc;

    rc = cli_fold_pass(f, log, CLI_FOLD_KEEPING, cli_fold_end, trouble);

    if (f->many) {
        cli_table_free(&f->table);

        f->bloom = calloc(1, CLI_BLOOM_BYTES);

        if (f->bloom == NULL) {
            return TRV_NOMEM;
        }

        rc = cli_fold_pass(f, log, CLI_FOLD_COUNTING, cli_fold_end, trouble);

        if (rc == TRV_OK) {
            rc = cli_fold_pass(f, log, CLI_FOLD_STREAMING, cli_log_last(log),
                               trouble);
        }
    }

    return rc == TRV_OK ? cli_fold_emit(f) : rc;
}


static trv_rc_t
cli_fold_pass(cli_folding_t *f, cli_log_t *log, cli_fold_mode_t mode,
    trv_id_t to, cli_trouble_t *trouble)
{
    trv_rc_t  rc;

    memset(f->sum, 0, sizeof(cli_fold_sum_t));

    f->mode = mode;
    f->many = 0;

    rc = cli_log_read(log, cli_fold_start, to, cli_fold_entry, f, trouble);

    return f->nomem ? TRV_NOMEM : rc;
}


static int
cli_fold_entry(void *ctx, const cli_entry_t *entry)
{
    trv_rc_t            rc;
    cli_folding_t      *f;
    const trv_entry_t  *e;

    f = ctx;
    e = entry->entry;

    f->entry = entry;
    f->sum->entries++;
    f->sum->last = e->id;

    if (e->action == TRV_ACTION_ACCEPT && !e->refused) {
        return 0;
    }

    if (e->fault != TRV_FAULT_NONE) {
        cli_fold_fault(f, e->fault, e->refused);
    }

    f->end = trv_entry_end(e, f->options->retain);
    f->dead = e->action == TRV_ACTION_REVOKE
              && trv_term_dead(trv_term_make(e->cutoff, f->end, 0), f->now);

    f->source = cli_source_create(entry);

    if (f->source == NULL) {
        return cli_fold_nomem(f);
    }

    rc = cli_rules_expand(f->rules, e, f->options->attributes,
                          f->options->nattributes, cli_fold_rule, f);

    cli_source_release(f->source);

    if (rc == TRV_NOMEM) {
        return cli_fold_nomem(f);
    }

    if (rc == TRV_LIMIT || rc == TRV_MALFORMED) {
        cli_fold_fault(f, rc == TRV_LIMIT ? TRV_FAULT_RULES : TRV_FAULT_PREFIX,
                       1);
    }

    return f->many || f->nomem || f->stopped;
}


/* once, although the log may be read again */

static void
cli_fold_fault(cli_folding_t *f, trv_fault_t fault, int refused)
{
    trv_id_t  id;

    id = f->entry->entry->id;

    if (refused) {
        f->sum->refused++;
    }

    if (f->options->fault != NULL && trv_id_cmp(id, f->complained) > 0) {
        f->complained = id;
        f->options->fault(f->options->ctx, f->entry, fault, refused);
    }
}


static trv_rc_t
cli_fold_emit(cli_folding_t *f)
{
    size_t        i, n;
    trv_rc_t      rc;
    cli_rule_t    rule;
    cli_kept_t  **all, *kept;

    all = cli_table_sorted(&f->table, &n);

    if (all == NULL) {
        return TRV_NOMEM;
    }

    rc = TRV_OK;

    for (i = 0; i < n && rc == TRV_OK; i++) {
        kept = all[i];

        rule.state = kept->state;
        rule.nparts = kept->nparts;
        rule.parts = kept->parts;
        rule.id = kept->source->id;
        rule.first = kept->first;
        rule.cutoff = kept->cutoff;
        rule.end = kept->end;
        rule.reason.data = kept->source->text;
        rule.reason.len = kept->source->reason_len;
        rule.by.data = kept->source->text + kept->source->reason_len;
        rule.by.len = kept->source->by_len;

        f->sum->rules += kept->state == CLI_RULE_FORCE;

        if (f->options->rule(f->options->ctx, &rule) != 0) {
            rc = TRV_NONE;
        }
    }

    free(all);

    return rc;
}
