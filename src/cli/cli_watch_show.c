
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * One entry as token-revoke watch shows it.
 */


#include <stdio.h>
#include <string.h>

#include "cli_show.h"
#include "cli_term.h"
#include "cli_text.h"
#include "cli_time.h"
#include "cli_watch.h"


#define CLI_WATCH_TEXT   64       /* bytes of a value */
#define CLI_WATCH_PAIRS  16       /* that are shown */


static void cli_watch_match(const trv_entry_t *entry);
static json_t *cli_watch_names(const trv_entry_t *entry);


static const char *const  cli_watch_actions[] = {
    [TRV_ACTION_REVOKE] = "revoke",
    [TRV_ACTION_RESTORE] = "restore",
    [TRV_ACTION_ACCEPT] = "accept",
};


static const cli_colour_t  cli_watch_colours[] = {
    [TRV_ACTION_REVOKE] = CLI_COLOUR_RED,
    [TRV_ACTION_RESTORE] = CLI_COLOUR_GREEN,
    [TRV_ACTION_ACCEPT] = CLI_COLOUR_DIM,
};


void
cli_watch_text(const cli_entry_t *entry)
{
    char                time[CLI_TIME_TEXT];
    cli_colour_t        colour;
    const trv_entry_t  *e;

    e = entry->entry;

    colour = e->refused ? CLI_COLOUR_YELLOW : cli_watch_colours[e->action];

    printf("%s  %s%s", cli_time_text((int64_t) (e->id.ms / 1000), time),
           cli_term_colour(stdout, colour), cli_watch_actions[e->action]);

    cli_watch_match(e);

    if (e->action == TRV_ACTION_REVOKE && !e->refused) {
        fputs(", ", stdout);
        cli_show_cutoff(stdout, e->cutoff);
        cli_show_end(stdout, e->end);
    }

    if (e->fault != TRV_FAULT_NONE) {
        printf(" (it %s: %s)", trv_fault_text(e->fault),
               e->refused ? "no edge applies it"
               : "the rest of it is applied");
    }

    fputs(cli_term_colour(stdout, CLI_COLOUR_NONE), stdout);

    if (entry->by.len != 0) {
        fputs("  by ", stdout);
        cli_text_put(stdout, entry->by, CLI_WATCH_TEXT);
    }

    if (entry->reason.len != 0) {
        fputs(": ", stdout);
        cli_text_put(stdout, entry->reason, CLI_WATCH_TEXT);
    }

    putchar('\n');
}


/* values of one name are joined by commas; a token's is its identity */

static void
cli_watch_match(const trv_entry_t *entry)
{
    uint32_t           i;
    uint8_t            hex[2 * TRV_SHA256_LEN];
    const trv_pair_t  *pair;

    if (entry->ntokens != 0) {
        trv_digest_to_hex(entry->tokens[0], hex);
        printf(" token %.*s", (int) sizeof(hex), (char *) hex);
    }

    if (entry->ntokens > 1) {
        printf(" and %u more", entry->ntokens - 1);
    }

    for (i = 0; i < entry->npairs; i++) {
        pair = &entry->pairs[i];

        if (i == CLI_WATCH_PAIRS) {
            printf(" and %u more", entry->npairs - i);
            break;
        }

        putchar(' ');
        cli_text_put(stdout, pair->name, CLI_WATCH_TEXT);
        putchar(' ');
        cli_text_quote(stdout, pair->value, CLI_WATCH_TEXT);
    }
}


json_t *
cli_watch_json(const cli_entry_t *entry)
{
    json_t             *object;
    const trv_entry_t  *e;

    e = entry->entry;
    object = json_object();

    (void) json_object_set_new(object, "id", cli_json_id(e->id));
    (void) json_object_set_new(object, "action",
                               json_string(cli_watch_actions[e->action]));

    if (e->fault != TRV_FAULT_NONE) {
        (void) json_object_set_new(object, "fault",
                                   json_string(trv_fault_text(e->fault)));
        (void) json_object_set_new(object, "refused",
                                   json_boolean(e->refused));
    }

    (void) json_object_set_new(object, "match", cli_watch_names(e));

    if (e->action == TRV_ACTION_REVOKE && !e->refused) {
        (void) json_object_set_new(object, "before",
                                   e->cutoff == TRV_CUTOFF_ALWAYS
                                   ? json_string("always")
                                   : json_integer(e->cutoff));
        (void) json_object_set_new(object, "until", e->end == TRV_END_NEVER
                                   ? json_null() : json_integer(e->end));
    }

    if (entry->reason.len != 0) {
        (void) json_object_set_new(object, "reason",
                                   cli_json_text(entry->reason));
    }

    if (entry->by.len != 0) {
        (void) json_object_set_new(object, "by", cli_json_text(entry->by));
    }

    return object;
}


static json_t *
cli_watch_names(const trv_entry_t *entry)
{
    json_t      *match, *list, *name;
    uint32_t     i;
    trv_str_t    bytes;
    const char  *key;

    match = json_object();
    list = json_array();

    for (i = 0; i < entry->ntokens; i++) {
        bytes.data = entry->tokens[i];
        bytes.len = TRV_SHA256_LEN;
        (void) json_array_append_new(list, cli_json_hex(bytes));
    }

    if (entry->ntokens != 0) {
        (void) json_object_set(match, "token", list);
    }

    json_decref(list);

    for (i = 0; i < entry->npairs; i++) {
        name = cli_json_text(entry->pairs[i].name);
        key = json_string_value(name);
        list = json_object_get(match, key);

        if (list == NULL) {
            list = json_array();
            (void) json_object_set_new(match, key, list);
        }

        (void) json_array_append_new(list,
                                     cli_json_text(entry->pairs[i].value));
        json_decref(name);
    }

    return match;
}
