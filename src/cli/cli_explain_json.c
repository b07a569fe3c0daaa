
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The same for scripts.
 */


#include <stdio.h>

#include "cli_explain.h"
#include "cli_json.h"
#include "cli_show.h"
#include "cli_text.h"


static void cli_explain_json_ids(json_t *object, const cli_explain_t *ex);
static void cli_explain_json_text(json_t *object, const char *name,
    trv_str_t text);
static void cli_explain_json_times(json_t *object, cli_explain_t *ex);
static json_t *cli_explain_json_rules(const cli_explain_t *ex);


cli_status_t
cli_explain_json(cli_explain_t *ex, int asked)
{
    json_t  *object;

    static const char  *verdicts[] = {
        [CLI_EXPLAIN_PASSES] = "passes",
        [CLI_EXPLAIN_REFUSED] = "refused",
        [CLI_EXPLAIN_OPEN] = "depends",
        [CLI_EXPLAIN_UNREADABLE] = "unreadable",
    };

    object = json_object();

    (void) json_object_set_new(object, "kind",
                               json_string(cli_jwt_kind(&ex->jwt)));

    cli_explain_json_ids(object, ex);

    if (ex->jwt.token.kind != TRV_TOKEN_OPAQUE) {
        cli_explain_json_text(object, "header", ex->jwt.header);
    }

    if (ex->jwt.token.kind == TRV_TOKEN_JWS) {
        cli_explain_json_text(object, "claims", ex->jwt.claims);
        (void) json_object_set_new(object, "signature",
                                   json_string("not checked"));
    }

    cli_explain_json_times(object, ex);

    if (asked) {
        (void) json_object_set_new(object, "verdict",
                                   json_string(verdicts[ex->verdict]));

        if (ex->verdict == CLI_EXPLAIN_REFUSED) {
            (void) json_object_set_new(object, "match",
                                       cli_json_text(cli_text_str(ex->match)));
        }

        (void) json_object_set_new(object, "rules",
                                   cli_explain_json_rules(ex));
    }

    return cli_json_put(&cli_explain, object);
}


static void
cli_explain_json_ids(json_t *object, const cli_explain_t *ex)
{
    json_t     *others;
    unsigned    i;
    trv_str_t   id;

    others = json_array();
    id.len = TRV_SHA256_LEN;

    for (i = 0; i < ex->jwt.token.nids; i++) {
        id.data = ex->jwt.token.id[i];

        if (i == 0) {
            (void) json_object_set_new(object, "identity", cli_json_hex(id));

        } else {
            (void) json_array_append_new(others, cli_json_hex(id));
        }
    }

    (void) json_object_set_new(object, "others", others);
}


/* what jansson refuses, or would change, is shown as a string */

static void
cli_explain_json_text(json_t *object, const char *name, trv_str_t text)
{
    json_t  *json;

    json = json_loadb((const char *) text.data, text.len,
                      JSON_REJECT_DUPLICATES|JSON_ALLOW_NUL, NULL);

    (void) json_object_set_new(object, name,
                               json != NULL ? json : cli_json_text(text));
}


static void
cli_explain_json_times(json_t *object, cli_explain_t *ex)
{
    int64_t  expires;

    (void) json_object_set_new(object, "issued",
                               ex->traits.issued == TRV_ISSUED_UNKNOWN
                               ? json_null()
                               : json_integer(ex->traits.issued));

    (void) json_object_set_new(object, "expires",
                               cli_jwt_time(&ex->jwt, "exp", &expires) == TRV_OK
                               ? json_integer(expires) : json_null());
}


static json_t *
cli_explain_json_rules(const cli_explain_t *ex)
{
    size_t   i;
    json_t  *rules, *rule;

    rules = json_array();

    for (i = 0; i < ex->nrules; i++) {
        rule = cli_show_json(&ex->rules[i].rule);

        (void) json_object_set_new(rule, "refuses",
                                   json_boolean(ex->rules[i].refuses
                                                && !ex->rules[i].open));

        if (ex->rules[i].open) {
            (void) json_object_set_new(rule, "depends", json_true());
        }

        (void) json_array_append_new(rules, rule);
    }

    return rules;
}
