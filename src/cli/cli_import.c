
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke import: all tokens of a file.
 */


#include <stdlib.h>
#include <string.h>

#include "../codec/trv_field.h"
#include "../core/trv_number.h"
#include "cli_import.h"
#include "cli_option.h"
#include "cli_time.h"


enum {
    CLI_IMPORT_FORMAT = CLI_OPTION_OWN,
    CLI_IMPORT_COLUMN,
    CLI_IMPORT_HEADER,
    CLI_IMPORT_FIELD,
    CLI_IMPORT_MATCH,
    CLI_IMPORT_KEEP,
    CLI_IMPORT_UNTIL,
    CLI_IMPORT_TTL,
    CLI_IMPORT_BEFORE,
    CLI_IMPORT_REASON,
    CLI_IMPORT_BY,
    CLI_IMPORT_BATCH_SIZE,
    CLI_IMPORT_CREATE,
    CLI_IMPORT_RESTART,
    CLI_IMPORT_SKIP,
    CLI_IMPORT_WAIT,
    CLI_IMPORT_DRY_RUN
};


static const struct option  cli_import_options[] = {
    CLI_TARGET_OPTIONS,
    { "format", required_argument, NULL, CLI_IMPORT_FORMAT },
    { "column", required_argument, NULL, CLI_IMPORT_COLUMN },
    { "header", no_argument, NULL, CLI_IMPORT_HEADER },
    { "field", required_argument, NULL, CLI_IMPORT_FIELD },
    { "match", required_argument, NULL, CLI_IMPORT_MATCH },
    { "keep-expired", no_argument, NULL, CLI_IMPORT_KEEP },
    { "until", required_argument, NULL, CLI_IMPORT_UNTIL },
    { "ttl", required_argument, NULL, CLI_IMPORT_TTL },
    { "before", required_argument, NULL, CLI_IMPORT_BEFORE },
    { "reason", required_argument, NULL, CLI_IMPORT_REASON },
    { "by", required_argument, NULL, CLI_IMPORT_BY },
    { "batch", required_argument, NULL, CLI_IMPORT_BATCH_SIZE },
    { "create", no_argument, NULL, CLI_IMPORT_CREATE },
    { "restart", no_argument, NULL, CLI_IMPORT_RESTART },
    { "skip", required_argument, NULL, CLI_IMPORT_SKIP },
    { "wait", optional_argument, NULL, CLI_IMPORT_WAIT },
    { "dry-run", no_argument, NULL, CLI_IMPORT_DRY_RUN },
    { "json", no_argument, NULL, 'j' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};


static cli_status_t cli_import_main(int argc, char **argv);
static cli_status_t cli_import_option(void *ctx, int c, char *value);
static const char *cli_import_take(cli_import_options_t *o, int c,
    const char *value);
static const char *cli_import_text(cli_import_options_t *o, int c,
    const char *value);
static const char *cli_import_number(cli_import_options_t *o, int c,
    const char *value);
static const char *cli_import_time(cli_import_options_t *o, int c,
    const char *value);
static const char *cli_import_check(cli_import_options_t *o);
static trv_str_t cli_import_str(const char *text);


static cli_status_t
cli_import_main(int argc, char **argv)
{
    char                   by[CLI_ORDER_AUTHOR];
    const char            *wrong;
    cli_status_t           status;
    cli_import_options_t   o;

    memset(&o, 0, sizeof(cli_import_options_t));

    o.match = "token";
    o.until = TRV_END_NEVER;
    o.batch = CLI_IMPORT_BATCH;

    if (!cli_options(&cli_import, &o.target, &o, argc, argv, &status)) {
        return status;
    }

    if (optind + 1 != argc) {
        return cli_usage(&cli_import, "one file is to be named, or \"-\" for"
                         " standard input; a token is not taken as an"
                         " argument");
    }

    o.file = argv[optind];

    if (o.by == NULL) {
        cli_order_author(by);
        o.by = by;
    }

    wrong = cli_import_check(&o);

    if (wrong != NULL) {
        return cli_usage(&cli_import, "%s", wrong);
    }

    return cli_import_run(&o);
}


static cli_status_t
cli_import_option(void *ctx, int c, char *value)
{
    const char            *wrong;
    cli_import_options_t  *o;

    o = ctx;

    if (c == CLI_IMPORT_WAIT) {
        o->wait = cli_wait_limit(&cli_import, value);
        return o->wait != 0 ? CLI_DONE : CLI_USAGE;
    }

    wrong = cli_import_take(o, c, value);

    return wrong == NULL ? CLI_DONE : cli_usage(&cli_import, "%s", wrong);
}


/* NULL, or what is wrong; values are not repeated: one may be a token */

static const char *
cli_import_take(cli_import_options_t *o, int c, const char *value)
{
    switch (c) {

    case CLI_IMPORT_HEADER:
        o->record.header = 1;
        return NULL;

    case CLI_IMPORT_KEEP:
        o->keep_expired = 1;
        return NULL;

    case CLI_IMPORT_CREATE:
        o->create = 1;
        return NULL;

    case CLI_IMPORT_RESTART:
        o->restart = 1;
        return NULL;

    case CLI_IMPORT_DRY_RUN:
        o->dry_run = 1;
        return NULL;

    case 'j':
        o->json = 1;
        return NULL;

    case CLI_IMPORT_UNTIL:
    case CLI_IMPORT_TTL:
    case CLI_IMPORT_BEFORE:
        return cli_import_time(o, c, value);

    case CLI_IMPORT_BATCH_SIZE:
    case CLI_IMPORT_SKIP:
        return cli_import_number(o, c, value);

    default:
        return cli_import_text(o, c, value);
    }
}


static const char *
cli_import_text(cli_import_options_t *o, int c, const char *value)
{
    if (value[0] == '\0' || strlen(value) > TRV_ENTRY_VALUE_LEN) {
        return "an option has an empty value, or one over 8 KB";
    }

    switch (c) {

    case CLI_IMPORT_FORMAT:
        o->record.format = cli_format_find(value);
        return o->record.format == CLI_NFORMATS
               ? "--format is auto, lines, csv or json" : NULL;

    case CLI_IMPORT_COLUMN:
        o->record.column = value;
        return NULL;

    case CLI_IMPORT_FIELD:
        o->record.field = value;
        return strlen(value) > TRV_SELECTOR_NAME_LEN
               ? "--field is over 256 bytes" : NULL;

    case CLI_IMPORT_MATCH:
        o->match = value;
        return strlen(value) > TRV_ENTRY_NAME_LEN
               ? "--match is over 256 bytes" : NULL;

    case CLI_IMPORT_REASON:
        o->reason = value;
        return NULL;

    default:
        o->by = value;
        return NULL;
    }
}


static const char *
cli_import_number(cli_import_options_t *o, int c, const char *value)
{
    int64_t  number;

    if (trv_number_parse(cli_import_str(value), &number) != TRV_OK
        || number <= 0
        || (c == CLI_IMPORT_BATCH_SIZE && number > CLI_IMPORT_BATCH_MAX))
    {
        return c == CLI_IMPORT_SKIP ? "--skip is a number of lines"
                                    : "--batch is from 1 to 16000";
    }

    if (c == CLI_IMPORT_SKIP) {
        o->skip = (uint64_t) number;

    } else {
        o->batch = (unsigned) number;
    }

    return NULL;
}


/* later ones stand, as of all options */

static const char *
cli_import_time(cli_import_options_t *o, int c, const char *value)
{
    int      always;
    int64_t  now, number;

    number = 0;
    now = cli_time_now() / 1000;

    if (c == CLI_IMPORT_TTL) {

        if (cli_time_duration(value, &number) != TRV_OK || number == 0) {
            return "--ttl is a number of seconds, or 15m, 2h, 30d";
        }

        o->until_text = value;
        o->until = now + number;

        return NULL;
    }

    always = c == CLI_IMPORT_BEFORE && strcmp(value, "always") == 0;

    if (!always && cli_time_parse(value, now, &number) != TRV_OK) {
        return c == CLI_IMPORT_BEFORE
               ? "--before is a time, 2026-11-22T03:15:07Z or Unix seconds, or"
                 " always"
               : "--until is a time, 2026-11-22T03:15:07Z or Unix seconds";
    }

    if (c == CLI_IMPORT_BEFORE) {
        o->before_text = value;
        o->always = (unsigned) always;
        o->before = number;
        return number < 0 ? "--before is before 1970" : NULL;
    }

    o->until_text = value;
    o->until = number;

    return number <= now
           ? "--until has passed already: nothing would be revoked" : NULL;
}


/* what options say together */

static const char *
cli_import_check(cli_import_options_t *o)
{
    trv_field_t  field;

    field = trv_field_find(cli_import_str(o->match));

    if (field > TRV_FIELD_TOKEN || strcmp(o->match, "all") == 0) {
        return "--match is \"token\", a claim, a header parameter or an"
               " attribute, none of the reserved names";
    }

    o->tokens = field == TRV_FIELD_TOKEN;

    if (o->before_text == NULL) {
        o->before = cli_time_now() / 1000;
        o->always = o->tokens || trv_field_lasting(cli_import_str(o->match));
    }

    if (o->record.column != NULL && o->record.field != NULL) {
        return "--column is of CSV, and --field is of JSON: one of them";
    }

    if (o->record.format == CLI_FORMAT_CSV && o->record.column == NULL) {
        return "--format csv needs --column NAME, or a number from 1 on";
    }

    if (o->record.format == CLI_FORMAT_JSON && o->record.field == NULL) {
        return "--format json needs --field NAME";
    }

    if ((o->record.column != NULL && o->record.format == CLI_FORMAT_JSON)
        || (o->record.field != NULL && o->record.format == CLI_FORMAT_CSV)
        || (o->record.format == CLI_FORMAT_LINES
            && (o->record.column != NULL || o->record.field != NULL)))
    {
        return "--column is of CSV, --field is of JSON, --format says another"
               " thing";
    }

    return NULL;
}


static trv_str_t
cli_import_str(const char *text)
{
    trv_str_t  str;

    str.data = (const uint8_t *) text;
    str.len = strlen(text);

    return str;
}


const cli_command_t  cli_import = {
    "import",
    "revoke all tokens of a file",

    "usage: " CLI_NAME " import FILE|- [OPTION]...\n"
    "\n"
    "Revokes what is in a file or on standard input: one token, JWT or\n"
    "SHA-256 (64 hex digits) a line, a column of CSV, or a field of JSON\n"
    "lines; compressed by gzip or not.  Tokens are hashed here: none is\n"
    "sent.  Blanks around one and \"Bearer\" before it are dropped, and what\n"
    "stands behind a hash and a blank, as sha256sum and \"" CLI_NAME "\n"
    "hash\" write it.  A rule ends a day after the \"exp\" of its token;\n"
    "tokens that expired longer ago are left out.  Bad lines are counted and\n"
    "do not stop it.\n"
    "\n"
    "When it was stopped (Ctrl-C, a lost connection), the same command goes\n"
    "on where it was, if the file is the same and the log still has what was\n"
    "written; from standard input with --skip.  Writing twice does no harm.\n"
    "\n"
    "    --format FORMAT      auto (by the options), lines, csv, json\n"
    "    --column NAME|N      CSV: the column, by the header or from 1 on\n"
    "    --header             CSV: the first line is a header, though N is\n"
    "                         used\n"
    "    --field NAME         JSON: the field, or a path: session.token; of\n"
    "                         an array each value\n"
    "    --match NAME         what the values are: token (as it is), jti,\n"
    "                         sub, sid, ...\n"
    "    --keep-expired       expired tokens, too; they end with --until\n"
    "    --until TIME, --ttl DURATION\n"
    "                         the end of what has no \"exp\"; as long as its\n"
    "                         token a rule lasts in any case\n"
    "    --before TIME        what was issued up to then; or \"always\".\n"
    "                         Without it: always for token, jti, sid and\n"
    "                         kid, else now\n"
    "    --reason TEXT        for whoever reads the log\n"
    "    --by WHO             (you@this-host)\n"
    "    --wait[=SECONDS]     until the edges have said that they refuse\n"
    "                         them; at most 10 seconds\n"
    "    --batch N            values in an entry (1000); the last of all is\n"
    "                         in one of its own\n"
    "    --create             begin a log if there is none\n"
    "    --restart            begin with the first line\n"
    "    --skip N             leave N lines out\n"
    "    --dry-run            only count and show; Redis is not asked\n"
    "    -j, --json           one object: the outcome\n"
    "    -h, --help           this text\n"
    "\n"
    CLI_TARGET_HELP
    "\n"
    "TIME is Unix seconds, 2026-11-22T03:15:07Z, \"2026-11-22 03:15\" (local\n"
    "time), -2h or +30d; DURATION is seconds, 15m, 2h, 30d or 4w.\n"
    "\n"
    "exit status: 0 all is written, and with --wait in force on all edges; 1\n"
    "not all, up to which line was said; 2 wrong usage; 3 all is written, and\n"
    "some edges have not said that they refuse it; 4 all but bad lines\n",

    cli_import_main, cli_import_options, cli_import_option
};
