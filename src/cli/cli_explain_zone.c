
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The token as an edge reads it, by the same code (trv_claims.c), under the
 * shapes of the log; and an empty table of the edge's.
 */


#define _GNU_SOURCE
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "../codec/trv_claims.h"
#include "cli_explain.h"


#define CLI_EXPLAIN_ZONE  (512 * 1024)

/* an issue time further ahead than this is not known */

#define CLI_EXPLAIN_AHEAD  86400


static trv_rc_t cli_explain_zone(cli_explain_t *ex);


trv_rc_t
cli_explain_open(cli_explain_t *ex)
{
    ex->digest = trv_digest_create();

    if (ex->digest == NULL
        || cli_jwt_read(&ex->jwt, ex->digest, ex->raw) != TRV_OK
        || cli_explain_zone(ex) != TRV_OK)
    {
        return TRV_NOMEM;
    }

    return cli_explain_read(ex);
}


void
cli_explain_close(cli_explain_t *ex)
{
    size_t  i;

    for (i = 0; i < ex->nrules; i++) {
        free(ex->rules[i].text);
    }

    if (ex->digest != NULL) {
        trv_digest_destroy(ex->digest);
    }

    cli_jwt_done(&ex->jwt);

    free(ex->rules);
    free(ex->attributes);
    free(ex->plan);
    free(ex->shapes_memory);
    free(ex->memory);
    free(ex->zone);
}


static trv_rc_t
cli_explain_zone(cli_explain_t *ex)
{
    uint8_t  key[TRV_KEY_LEN];

    if (RAND_bytes(key, sizeof(key)) != 1
        || posix_memalign(&ex->zone, 64, CLI_EXPLAIN_ZONE) != 0
        || posix_memalign(&ex->shapes_memory, 64, trv_shapes_size()) != 0)
    {
        return TRV_NOMEM;
    }

    memset(ex->zone, 0, CLI_EXPLAIN_ZONE);

    if (trv_table_format(ex->zone, CLI_EXPLAIN_ZONE, key) != TRV_OK
        || trv_table_attach(&ex->table, ex->zone, CLI_EXPLAIN_ZONE) != TRV_OK
        || posix_memalign(&ex->memory, 16, trv_writer_size(&ex->table)) != 0)
    {
        return TRV_NOMEM;
    }

    ex->writer = trv_writer_open(&ex->table, ex->memory);
    ex->shapes = ex->shapes_memory;

    ex->plan = malloc(trv_plan_size());
    if (ex->plan == NULL) {
        return TRV_NOMEM;
    }

    cli_explain_forget(ex);

    return TRV_OK;
}


/* there are no shapes */

void
cli_explain_forget(cli_explain_t *ex)
{
    memset(ex->shapes_memory, 0, trv_shapes_size());

    ex->shape = TRV_SHAPE_TOKEN;
    trv_plan_load(ex->plan, ex->shapes);
}


/* the traits of the token, and what the request adds to them */

trv_rc_t
cli_explain_read(cli_explain_t *ex)
{
    size_t                 k;
    unsigned               i;
    trv_rc_t               rc;
    trv_traits_t          *traits;
    const trv_selector_t  *selector;

    traits = &ex->traits;

    rc = trv_claims_read(ex->digest, &ex->table, ex->plan, ex->raw, NULL,
                         traits);

    if (rc != TRV_OK) {
        return rc;
    }

    if (traits->issued > ex->now + CLI_EXPLAIN_AHEAD) {
        traits->issued = TRV_ISSUED_UNKNOWN;
    }

    if (traits->issued == TRV_ISSUED_UNKNOWN
        && ex->o->issued_at <= ex->now + CLI_EXPLAIN_AHEAD)
    {
        traits->issued = ex->o->issued_at;
    }

    for (i = 0; i < ex->plan->nselectors; i++) {
        selector = &ex->plan->selector[i];

        if (selector->origin != TRV_FROM_ATTRIBUTE) {
            continue;
        }

        for (k = 0; k < ex->o->nattributes; k++) {
            if (trv_str_eq(selector->name, ex->o->attribute[k])
                && ex->o->value[k].len != 0)
            {
                trv_traits_add(traits, i,
                               trv_match_value(&ex->table, ex->o->value[k]));
            }
        }
    }

    return TRV_OK;
}
