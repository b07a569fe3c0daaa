
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A token, and what refuses it, for people.
 */


#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli_explain.h"
#include "cli_show.h"
#include "cli_term.h"
#include "cli_text.h"
#include "cli_time.h"


/* bytes of a value that are shown */

#define CLI_EXPLAIN_VALUE  256


static void cli_explain_say_ids(const cli_explain_t *ex);
static void cli_explain_say_object(const char *title, trv_str_t text);
static void cli_explain_say_member(trv_json_t *json, trv_str_t name);
static void cli_explain_say_string(trv_str_t text, int quoted);
static void cli_explain_say_times(cli_explain_t *ex);
static void cli_explain_say_verdict(const cli_explain_t *ex);
static void cli_explain_say_rule(const cli_explain_rule_t *rule);


void
cli_explain_say_token(cli_explain_t *ex)
{
    static const char  *kinds[] = {
        [TRV_TOKEN_OPAQUE] = "opaque: it says nothing of itself",
        [TRV_TOKEN_JWS] = "a signed JWT; its signature is not checked here",
        [TRV_TOKEN_JWE] = "an encrypted JWT: its claims cannot be read",
    };

    printf("kind      %s\n", kinds[ex->jwt.token.kind]);

    cli_explain_say_ids(ex);

    if (ex->jwt.token.kind != TRV_TOKEN_OPAQUE) {
        cli_explain_say_object("header", ex->jwt.header);
    }

    if (ex->jwt.token.kind == TRV_TOKEN_JWS) {
        cli_explain_say_object("claims", ex->jwt.claims);
    }

    cli_explain_say_times(ex);
}


static void
cli_explain_say_ids(const cli_explain_t *ex)
{
    uint8_t   hex[2 * TRV_SHA256_LEN];
    unsigned  i;

    for (i = 0; i < ex->jwt.token.nids; i++) {
        trv_digest_to_hex(ex->jwt.token.id[i], hex);

        printf("%s  %.*s\n", i == 0 ? "identity" : "or      ",
               (int) sizeof(hex), (char *) hex);
    }
}


/* a member a line; what cannot be read is shown as it is */

static void
cli_explain_say_object(const char *title, trv_str_t text)
{
    uint8_t          *nest;
    unsigned          n;
    trv_str_t         name;
    trv_json_t        json;
    trv_json_kind_t   kind;

    n = 0;
    nest = malloc(trv_json_nest_len(text.len));

    if (nest == NULL) {
        return;
    }

    trv_json_open(&json, text, nest);
    kind = trv_json_next(&json);

    while (kind == TRV_JSON_OBJECT || kind == TRV_JSON_NAME) {

        kind = trv_json_next(&json);

        if (kind != TRV_JSON_NAME) {
            break;
        }

        name = json.text;
        printf("%-10s", n++ == 0 ? title : "");
        cli_explain_say_member(&json, name);
    }

    if (kind == TRV_JSON_CLOSE) {
        kind = trv_json_next(&json);
    }

    if (kind != TRV_JSON_END) {
        printf("%-10scannot be read as JSON: ", title);
        cli_text_quote(stdout, text, CLI_EXPLAIN_VALUE);
        printf("\n");

    } else if (n == 0) {
        printf("%-10sempty\n", title);
    }

    free(nest);
}


/* a string as what it stands for, anything else as it is spelled */

static void
cli_explain_say_member(trv_json_t *json, trv_str_t name)
{
    trv_str_t         value;
    trv_json_kind_t   kind;

    cli_explain_say_string(name, 0);
    printf("  ");

    value.data = json->p;
    kind = trv_json_next(json);

    if (kind == TRV_JSON_STRING) {
        cli_explain_say_string(json->text, 1);
        printf("\n");
        return;
    }

    (void) trv_json_skip(json, kind);

    value.len = (size_t) (json->p - value.data);

    while (value.len != 0 && memchr(" \t\r\n:", value.data[0], 5) != NULL) {
        value.data++;
        value.len--;
    }

    cli_text_put(stdout, value, CLI_EXPLAIN_VALUE);
    printf("\n");
}


static void
cli_explain_say_string(trv_str_t text, int quoted)
{
    uint8_t  *copy;

    copy = malloc(text.len + 1);
    if (copy == NULL) {
        return;
    }

    text.len = trv_json_decode(text, copy);
    text.data = copy;

    if (quoted) {
        cli_text_quote(stdout, text, CLI_EXPLAIN_VALUE);

    } else {
        cli_text_put(stdout, text, CLI_EXPLAIN_VALUE);
    }

    free(copy);
}


static void
cli_explain_say_times(cli_explain_t *ex)
{
    char     text[CLI_TIME_TEXT];
    int64_t  expires;

    if (ex->traits.issued != TRV_ISSUED_UNKNOWN) {
        printf("issued    %s\n", cli_time_text(ex->traits.issued, text));

    } else {
        printf("issued    not known: it counts as older than any cut-off\n");
    }

    if (cli_jwt_time(&ex->jwt, "exp", &expires) == TRV_OK) {
        printf("%s   %s\n", expires <= ex->now ? "expired" : "expires",
               cli_time_text(expires, text));
    }
}


void
cli_explain_say_rules(cli_explain_t *ex)
{
    size_t  i;

    cli_explain_say_verdict(ex);

    for (i = 0; i < ex->nrules; i++) {
        cli_explain_say_rule(&ex->rules[i]);
    }

    if (ex->sum.refused != 0) {
        printf("%" PRIu64 " entries of the log are refused by the edges, see"
                          " \"" CLI_NAME " edges\"\n", ex->sum.refused);
    }
}


static void
cli_explain_say_verdict(const cli_explain_t *ex)
{
    const char  *red, *none;

    red = cli_term_colour(stdout, CLI_COLOUR_RED);
    none = cli_term_colour(stdout, CLI_COLOUR_NONE);

    switch (ex->verdict) {

    case CLI_EXPLAIN_REFUSED:
        printf("verdict   %srefused%s now, by ", red, none);
        cli_text_put(stdout, cli_text_str(ex->match), 0);
        printf("\n");
        break;

    case CLI_EXPLAIN_OPEN:
        printf("verdict   depends on attributes of the request: give them by"
               " --attribute NAME=VALUE\n");
        break;

    case CLI_EXPLAIN_UNREADABLE:
        printf("verdict   cannot be compared with all rules:"
               " token_revoke_on_error decides\n");
        break;

    default:
        printf("verdict   %spasses%s: no rule in the log refuses it now\n",
               cli_term_colour(stdout, CLI_COLOUR_GREEN), none);
        break;
    }
}


static void
cli_explain_say_rule(const cli_explain_rule_t *rule)
{
    const cli_rule_t  *r;

    r = &rule->rule;

    printf("\n    ");
    cli_show_id(stdout, r->id);
    printf("  ");
    cli_show_parts(stdout, r->nparts, r->parts, CLI_EXPLAIN_VALUE);
    printf("\n        ");
    cli_show_cutoff(stdout, r->cutoff);
    cli_show_end(stdout, r->end);

    if (r->state != CLI_RULE_FORCE) {
        printf("; %s", r->state == CLI_RULE_ENDED ? "has ended" : "restored");

    } else if (!rule->refuses) {
        printf("; this token was issued later");

    } else if (rule->open) {
        printf("; if the request has that attribute");
    }

    if (r->reason.len != 0) {
        printf("\n        reason ");
        cli_text_quote(stdout, r->reason, 0);
    }

    if (r->by.len != 0) {
        printf("\n        by ");
        cli_text_put(stdout, r->by, 0);
    }

    printf("\n");
}
