
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Rules as people and scripts read them.
 */


#include <string.h>

#include "cli_show.h"
#include "cli_text.h"
#include "cli_time.h"


static int cli_show_plain(trv_str_t text);


void
cli_show_parts(FILE *out, unsigned nparts, const cli_part_t *parts, size_t max)
{
    size_t     len;
    uint8_t    buf[TRV_SELECTOR_TEXT_LEN];
    unsigned   i;
    trv_str_t  name;

    for (i = 0; i < nparts; i++) {
        len = trv_selector_text(&parts[i].selector, buf);

        name.data = buf;
        name.len = len;

        if (i != 0) {
            fputc(' ', out);
        }

        cli_text_put(out, name, 0);
        fputc(' ', out);
        cli_show_value(out, &parts[i], max);
    }
}


void
cli_show_value(FILE *out, const cli_part_t *part, size_t max)
{
    size_t  i;

    switch (part->selector.origin) {

    case TRV_FROM_ALL:
        fputc('1', out);
        break;

    case TRV_FROM_TOKEN:

        for (i = 0; i < part->value.len; i++) {
            fprintf(out, "%02x", part->value.data[i]);
        }

        break;

    default:

        if (cli_show_plain(part->value)) {
            cli_text_put(out, part->value, max);

        } else {
            cli_text_quote(out, part->value, max);
        }
    }
}


/* as a shell takes it without quotes */

static int
cli_show_plain(trv_str_t text)
{
    size_t             i;
    static const char  letters[] = "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_-.,:/@+=%^";

    for (i = 0; i < text.len; i++) {
        if (memchr(letters, text.data[i], sizeof(letters) - 1) == NULL) {
            return 0;
        }
    }

    return text.len != 0;
}


void
cli_show_cutoff(FILE *out, uint32_t cutoff)
{
    char  buf[CLI_TIME_TEXT];

    if (cutoff == TRV_CUTOFF_ALWAYS) {
        fputs("whenever issued", out);

    } else {
        fprintf(out, "issued until %s", cli_time_text(cutoff, buf));
    }
}


void
cli_show_end(FILE *out, int64_t end)
{
    char  buf[CLI_TIME_TEXT];

    if (end != TRV_END_NEVER) {
        fprintf(out, ", until %s", cli_time_text(end, buf));
    }
}


void
cli_show_id(FILE *out, trv_id_t id)
{
    uint8_t  buf[TRV_ID_LEN];

    fwrite(buf, 1, trv_id_format(id, buf), out);
}


json_t *
cli_show_name(const trv_selector_t *selector)
{
    uint8_t    buf[TRV_SELECTOR_TEXT_LEN];
    trv_str_t  name;

    name.data = buf;
    name.len = trv_selector_text(selector, buf);

    return cli_json_text(name);
}


json_t *
cli_show_value_json(const cli_part_t *part)
{
    if (part->selector.origin == TRV_FROM_TOKEN) {
        return cli_json_hex(part->value);
    }

    if (part->selector.origin == TRV_FROM_ALL) {
        return json_string("1");
    }

    return cli_json_text(part->value);
}


json_t *
cli_show_json(const cli_rule_t *rule)
{
    json_t             *object, *match, *name;
    unsigned            i;
    static const char  *states[] = { "in force", "ended", "restored" };

    match = json_object();

    for (i = 0; i < rule->nparts; i++) {
        name = cli_show_name(&rule->parts[i].selector);

        (void) json_object_set_new(match, json_string_value(name),
                                   cli_show_value_json(&rule->parts[i]));
        json_decref(name);
    }

    object = json_object();

    (void) json_object_set_new(object, "id", cli_json_id(rule->id));
    (void) json_object_set_new(object, "state",
                               json_string(states[rule->state]));
    (void) json_object_set_new(object, "match", match);
    (void) json_object_set_new(object, "before",
                               rule->cutoff == TRV_CUTOFF_ALWAYS
                               ? json_string("always")
                               : json_integer(rule->cutoff));
    (void) json_object_set_new(object, "until", rule->end == TRV_END_NEVER
                               ? json_null() : json_integer(rule->end));

    if (rule->reason.len != 0) {
        (void) json_object_set_new(object, "reason",
                                   cli_json_text(rule->reason));
    }

    if (rule->by.len != 0) {
        (void) json_object_set_new(object, "by", cli_json_text(rule->by));
    }

    return object;
}
