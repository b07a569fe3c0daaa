
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * RFC 4180, and a little more: quotes in a field that does not begin with one
 * are letters, and blanks around a quoted field are allowed.
 */


#include "cli_input_csv.h"


/* a record while its fields are cut off */

typedef struct {
    const uint8_t  *p;
    const uint8_t  *last;
    unsigned        more:1;       /* a comma was met: one more field follows */
} cli_csv_t;


static int
cli_csv_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}


static const uint8_t *
cli_csv_blanks(const uint8_t *p, const uint8_t *last)
{
    while (p < last && cli_csv_blank(*p)) {
        p++;
    }

    return p;
}


/* behind the quote that ends the field, or NULL */

static const uint8_t *
cli_csv_quoted(const uint8_t *p, const uint8_t *last)
{
    for ( ;; ) {

        p = memchr(p, '"', (size_t) (last - p));

        if (p == NULL) {
            return NULL;
        }

        p++;

        if (p == last || *p != '"') {
            return p;
        }

        p++;
    }
}


static cli_csv_rc_t
cli_csv_next(cli_csv_t *csv, trv_str_t *field)
{
    const uint8_t  *p, *end;

    p = cli_csv_blanks(csv->p, csv->last);

    if (p < csv->last && *p == '"') {

        end = cli_csv_quoted(p + 1, csv->last);
        if (end == NULL) {
            return CLI_CSV_OPEN;
        }

        end = cli_csv_blanks(end, csv->last);

        if (end < csv->last && *end != ',') {
            return CLI_CSV_BROKEN;
        }

    } else {
        end = memchr(csv->p, ',', (size_t) (csv->last - csv->p));

        if (end == NULL) {
            end = csv->last;
        }
    }

    field->data = csv->p;
    field->len = (size_t) (end - csv->p);

    csv->more = end < csv->last;
    csv->p = csv->more ? end + 1 : end;

    return CLI_CSV_OK;
}


cli_csv_rc_t
cli_csv_find(trv_str_t record, unsigned number, trv_str_t *field)
{
    unsigned      n, found;
    trv_str_t     next;
    cli_csv_t     csv;
    cli_csv_rc_t  rc;

    csv.p = record.data;
    csv.last = record.data + record.len;
    found = 0;
    n = 0;

    do {
        rc = cli_csv_next(&csv, &next);

        if (rc != CLI_CSV_OK) {
            return rc;
        }

        if (n++ == number) {
            *field = next;
            found = 1;
        }

    } while (csv.more);

    return found ? CLI_CSV_OK : CLI_CSV_FEW;
}


cli_csv_rc_t
cli_csv_search(trv_str_t record, const char *name, unsigned *number)
{
    unsigned      n;
    trv_str_t     next, wanted;
    cli_csv_t     csv;
    cli_csv_rc_t  rc;

    wanted.data = (const uint8_t *) name;
    wanted.len = strlen(name);

    csv.p = record.data;
    csv.last = record.data + record.len;
    n = 0;

    do {
        rc = cli_csv_next(&csv, &next);

        if (rc != CLI_CSV_OK) {
            return rc;
        }

        if (trv_str_eq(cli_csv_value(next), wanted)) {
            *number = n;
            return CLI_CSV_OK;
        }

        n++;

    } while (csv.more);

    return CLI_CSV_FEW;
}


trv_str_t
cli_csv_value(trv_str_t field)
{
    uint8_t        *to;
    const uint8_t  *p, *last;

    p = cli_csv_blanks(field.data, field.data + field.len);
    last = field.data + field.len;

    while (last > p && cli_csv_blank(last[-1])) {
        last--;
    }

    if (p == last || *p != '"') {
        field.data = p;
        field.len = (size_t) (last - p);
        return field;
    }

    /* its last byte is the other quote */

    last--;
    p++;
    field.data = p;
    to = (uint8_t *) p;

    while (p < last) {
        *to++ = *p;
        p += *p == '"' ? 2 : 1;
    }

    field.len = (size_t) (to - field.data);

    return field;
}
