
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Why not jansson for the lines of JSON.  It refuses a whole line for a lone
 * surrogate in somebody's display name, 1e400 or NUL, and the token in that
 * line would not be revoked; of a name that comes twice it keeps one value.
 * trv_find() reads what the edge reads, and finds paths as the edge does.
 */


#include <stdlib.h>

#include "cli_input_csv.h"
#include "cli_input_record.h"


#define CLI_RECORD_COLUMNS  100000

#define CLI_RECORD_LONG     "is longer than 64 KB"


static cli_record_rc_t cli_record_guess(cli_record_t *record,
    const cli_record_options_t *options);
static const char *cli_record_doubt(trv_str_t line,
    const cli_record_options_t *options);
static cli_record_rc_t cli_record_header(cli_record_t *record,
    const cli_record_options_t *options);
static cli_record_rc_t cli_record_line(cli_record_t *record, trv_str_t *line);
static cli_record_rc_t cli_record_read(cli_record_t *record,
    cli_input_rc_t rc);
static cli_record_rc_t cli_record_csv(cli_record_t *record, trv_str_t line);
static cli_csv_rc_t cli_record_extend(cli_record_t *record, trv_str_t *line);
static cli_record_rc_t cli_record_json(cli_record_t *record, trv_str_t line);
static void cli_record_seen(void *data, unsigned selector, trv_str_t value);
static void cli_record_add(cli_record_t *record, trv_str_t value);
static cli_record_rc_t cli_record_bad(cli_record_t *record,
    const char *fault);


static const char *const  cli_formats[] = {
    [CLI_FORMAT_AUTO] = "auto",
    [CLI_FORMAT_LINES] = "lines",
    [CLI_FORMAT_CSV] = "csv",
    [CLI_FORMAT_JSON] = "json",
};


cli_format_t
cli_format_find(const char *name)
{
    cli_format_t  format;

    for (format = CLI_FORMAT_AUTO; format < CLI_NFORMATS; format++) {
        if (strcmp(cli_formats[format], name) == 0) {
            break;
        }
    }

    return format;
}


cli_record_rc_t
cli_record_begin(cli_record_t *record, const cli_record_options_t *options)
{
    cli_record_rc_t  rc;

    record->format = options->format;

    if (record->format == CLI_FORMAT_AUTO) {
        rc = cli_record_guess(record, options);

        if (rc != CLI_RECORD_OK) {
            return rc;
        }
    }

    if (record->format == CLI_FORMAT_JSON) {
        record->selector.origin = TRV_FROM_CLAIM;
        record->selector.name.data = (const uint8_t *) options->field;
        record->selector.name.len = strlen(options->field);

        record->wanted.selector = &record->selector;
        record->wanted.n = 0;
        trv_wanted_add(&record->wanted, 0);

        memset(&record->find, 0, sizeof(record->find));

        record->find.wanted = &record->wanted;
        record->find.value = cli_record_seen;
        record->find.value_data = record;
        record->find.paths = 1;
    }

    if (record->format == CLI_FORMAT_CSV) {
        return cli_record_header(record, options);
    }

    return CLI_RECORD_OK;
}


/* by what was asked for, and by the first line that is not blank */

static cli_record_rc_t
cli_record_guess(cli_record_t *record, const cli_record_options_t *options)
{
    trv_str_t          line;
    cli_record_rc_t    rc;
    cli_input_place_t  place;

    record->format = options->field != NULL ? CLI_FORMAT_JSON
                     : options->column != NULL ? CLI_FORMAT_CSV
                                               : CLI_FORMAT_LINES;

    do {
        rc = cli_record_line(record, &line);

        if (rc == CLI_RECORD_BAD) {
            line.len = 1;
            line.data = (const uint8_t *) "?";
            break;
        }

        if (rc != CLI_RECORD_OK) {
            return rc;
        }

        line = cli_record_trim(line);

    } while (line.len == 0);

    record->fault = cli_record_doubt(line, options);

    if (record->fault != NULL) {
        return CLI_RECORD_FAILED;
    }

    /* one that is too long is bad whatever the format, and is gone */

    if (rc == CLI_RECORD_BAD) {
        record->late = 1;
        return CLI_RECORD_OK;
    }

    place.len = 0;
    place.line = record->line - 1;

    cli_input_return(record->input, place);

    return CLI_RECORD_OK;
}


static const char *
cli_record_doubt(trv_str_t line, const cli_record_options_t *options)
{
    if (line.data[0] == '[' && options->column == NULL) {
        return "looks like an array of JSON, and one object a line is read"
               " (jq -c '.[]' makes them; --format lines if these are tokens)";
    }

    if (line.data[0] == '{' && options->field == NULL) {
        return "looks like JSON: say --field NAME (or --format lines if these"
               " are tokens)";
    }

    if (memchr(line.data, ',', line.len) != NULL
        && options->column == NULL && options->field == NULL)
    {
        return "looks like CSV: say --column NAME, or --column 1 (or --format"
               " lines if these are tokens)";
    }

    return NULL;
}


static cli_record_rc_t
cli_record_header(cli_record_t *record, const cli_record_options_t *options)
{
    char             *end;
    trv_str_t         line;
    cli_csv_rc_t      found;
    unsigned long     number;
    cli_record_rc_t   rc;

    number = strtoul(options->column, &end, 10);

    if (*end != '\0') {
        number = 0;

    } else if (number == 0 || number > CLI_RECORD_COLUMNS) {
        record->fault = "cannot have a column of that number";
        return CLI_RECORD_FAILED;

    } else if (!options->header) {
        record->column = (unsigned) number - 1;
        return CLI_RECORD_OK;
    }

    do {
        rc = cli_record_line(record, &line);

    } while (rc == CLI_RECORD_OK && cli_record_trim(line).len == 0);

    if (rc == CLI_RECORD_OK) {

        found = cli_record_extend(record, &line);

        if (found == CLI_CSV_FAILED) {
            return record->failed;
        }

        if (number == 0 && found != CLI_CSV_OPEN && found != CLI_CSV_BROKEN) {
            found = cli_csv_search(line, options->column, &record->column);

        } else {
            record->column = (unsigned) number - 1;
        }

        if (found == CLI_CSV_OK) {
            return CLI_RECORD_OK;
        }

        rc = CLI_RECORD_BAD;
    }

    if (rc == CLI_RECORD_BAD) {
        record->fault = "has no header line with that column";
        rc = CLI_RECORD_FAILED;
    }

    return rc;
}


cli_record_rc_t
cli_record_skip(cli_record_t *record, uint64_t line)
{
    trv_str_t        text;
    cli_record_rc_t  rc;

    while (cli_input_number(record->input) < line) {

        rc = cli_record_line(record, &text);

        if (rc != CLI_RECORD_OK && rc != CLI_RECORD_BAD) {
            return rc;
        }
    }

    return CLI_RECORD_OK;
}


cli_record_rc_t
cli_record_next(cli_record_t *record)
{
    trv_str_t        line, trimmed;
    cli_record_rc_t  rc;

    if (record->late) {
        record->late = 0;
        return cli_record_bad(record, CLI_RECORD_LONG);
    }

    do {
        rc = cli_record_line(record, &line);

        if (rc != CLI_RECORD_OK) {
            return rc;
        }

        trimmed = cli_record_trim(line);

    } while (trimmed.len == 0);

    switch (record->format) {

    case CLI_FORMAT_CSV:
        return cli_record_csv(record, line);

    case CLI_FORMAT_JSON:
        return cli_record_json(record, line);

    default:
        cli_record_add(record, trimmed);
        return CLI_RECORD_OK;
    }
}


static cli_record_rc_t
cli_record_line(cli_record_t *record, trv_str_t *line)
{
    cli_input_rc_t  rc;

    record->n = 0;
    record->used = 0;

    rc = cli_input_line(record->input, line);

    record->line = cli_input_number(record->input);

    return cli_record_read(record, rc);
}


static cli_record_rc_t
cli_record_read(cli_record_t *record, cli_input_rc_t rc)
{
    switch (rc) {

    case CLI_INPUT_OK:
        return CLI_RECORD_OK;

    case CLI_INPUT_LONG:
        return cli_record_bad(record, CLI_RECORD_LONG);

    case CLI_INPUT_END:
        return CLI_RECORD_END;

    case CLI_INPUT_STOPPED:
        return CLI_RECORD_STOPPED;

    default:
        record->fault = cli_input_error(record->input);
        return CLI_RECORD_FAILED;
    }
}


/*
 * A quote that nobody closes must not swallow the rest of the file: the lines
 * behind the one it is in are read as records of their own.
 */

static cli_record_rc_t
cli_record_csv(cli_record_t *record, trv_str_t line)
{
    trv_str_t  field;

    switch (cli_record_extend(record, &line)) {

    case CLI_CSV_FAILED:
        return record->failed;

    case CLI_CSV_OPEN:
        return cli_record_bad(record, "has a quote that is not closed");

    case CLI_CSV_BROKEN:
        return cli_record_bad(record, "has text behind a closing quote");

    default:
        break;
    }

    if (cli_csv_find(line, record->column, &field) != CLI_CSV_OK) {
        return cli_record_bad(record, "has not so many columns");
    }

    cli_record_add(record, cli_record_trim(cli_csv_value(field)));

    return CLI_RECORD_OK;
}


/*
 * Adds lines as long as a quote is open.  If that fails for good, all of the
 * added ones are given back.
 */

static cli_csv_rc_t
cli_record_extend(cli_record_t *record, trv_str_t *line)
{
    size_t             len;
    trv_str_t          field;
    cli_csv_rc_t       rc;
    cli_input_rc_t     more;
    cli_input_place_t  place;

    place = cli_input_place(record->input);
    rc = cli_csv_find(*line, 0, &field);

    while (rc == CLI_CSV_OPEN) {

        len = line->len;
        more = cli_input_more(record->input, line);

        if (more == CLI_INPUT_FAILED || more == CLI_INPUT_STOPPED) {
            record->failed = cli_record_read(record, more);
            return CLI_CSV_FAILED;
        }

        if (more != CLI_INPUT_OK) {
            break;
        }

        if (memchr(line->data + len, '"', line->len - len) != NULL) {
            rc = cli_csv_find(*line, 0, &field);
        }
    }

    if (rc == CLI_CSV_OPEN || rc == CLI_CSV_BROKEN) {
        cli_input_return(record->input, place);
    }

    return rc;
}


static cli_record_rc_t
cli_record_json(cli_record_t *record, trv_str_t line)
{
    record->fault = NULL;

    if (trv_find(&record->find, (uint8_t *) line.data, line.len, record->nest)
        != TRV_OK)
    {
        return cli_record_bad(record, "is not an object of JSON");
    }

    return record->fault == NULL ? CLI_RECORD_OK : CLI_RECORD_BAD;
}


static void
cli_record_seen(void *data, unsigned selector, trv_str_t value)
{
    uint8_t       *copy;
    cli_record_t  *record;

    (void) selector;

    record = data;

    if (value.len > sizeof(record->text) - record->used) {
        (void) cli_record_bad(record, "has values that are too long");
        return;
    }

    copy = record->text + record->used;
    memcpy(copy, value.data, value.len);
    record->used += value.len;

    value.data = copy;
    cli_record_add(record, value);
}


static void
cli_record_add(cli_record_t *record, trv_str_t value)
{
    if (value.len == 0) {
        return;
    }

    if (record->n == CLI_RECORD_VALUES) {
        (void) cli_record_bad(record, "has too many values");
        return;
    }

    record->value[record->n++] = value;
}


/* what was found of it is not good either: one is all or nothing */

static cli_record_rc_t
cli_record_bad(cli_record_t *record, const char *fault)
{
    record->fault = fault;

    return CLI_RECORD_BAD;
}


static int
cli_record_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}


trv_str_t
cli_record_trim(trv_str_t text)
{
    while (text.len != 0 && cli_record_blank(text.data[0])) {
        text.data++;
        text.len--;
    }

    while (text.len != 0 && cli_record_blank(text.data[text.len - 1])) {
        text.len--;
    }

    return text;
}
