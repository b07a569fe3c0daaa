
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What is bounded here is the work: a candidate is read once for each set of
 * steps however often it occurs, there are TRV_READINGS_MAX of them, and what
 * is decoded is not more than TRV_DECODED_MAX in all.
 */


#include "trv_percent.h"
#include "trv_reading.h"


trv_str_t
trv_text_trim(trv_str_t text)
{
    while (text.len != 0 && (*text.data == ' ' || *text.data == '\t')) {
        text = trv_text_from(text, 1);
    }

    while (text.len != 0
           && (text.data[text.len - 1] == ' '
               || text.data[text.len - 1] == '\t'))
    {
        text.len--;
    }

    return text;
}


trv_str_t
trv_text_skip(trv_str_t text)
{
    while (text.len != 0 && (*text.data <= ' ' || *text.data > '~')) {
        text = trv_text_from(text, 1);
    }

    return text;
}


static trv_str_t
trv_text_strip_quotes(trv_str_t text)
{
    while (text.len != 0 && *text.data == '"') {
        text = trv_text_from(text, 1);
    }

    while (text.len != 0 && text.data[text.len - 1] == '"') {
        text.len--;
    }

    return text;
}


/* true if one of the steps below makes something else of it */

static int
trv_reading_differs(trv_str_t value, unsigned how)
{
    if (trv_text_visible(value) != value.len) {
        return 1;
    }

    if ((how & TRV_READ_QUOTED)
        && (*value.data == '"' || value.data[value.len - 1] == '"'))
    {
        return 1;
    }

    if ((how & TRV_READ_PLUS) && memchr(value.data, '+', value.len) != NULL) {
        return 1;
    }

    return (how & TRV_READ_PERCENT) && trv_percent_found(value);
}


trv_rc_t
trv_occurrence_add(trv_occurrence_t *o, trv_str_t value)
{
    trv_candidate_t   *item, *end;
    trv_candidates_t  *c;

    if (value.len == 0) {
        return TRV_OK;
    }

    c = o->c;
    end = c->item + c->n;

    for (item = c->item; item < end; item++) {
        if (trv_str_eq(item->value, value)) {
            break;
        }
    }

    if (item == end) {

        if (c->n == TRV_READINGS_MAX
            || (!o->counted && c->ntokens == TRV_TOKENS_MAX))
        {
            return TRV_LIMIT;
        }

        item->value = value;
        item->source = c->source;
        item->done = 0;
        item->pending = 0;

        c->n++;
        c->ntokens += !o->counted;
        o->counted = 1;
    }

    if (trv_text_plain(value)) {
        return TRV_OK;
    }

    o->rough = 1;

    if ((item->done & o->how) != o->how
        && trv_reading_differs(value, o->how))
    {
        item->pending |= o->how;
        o->pending = 1;
    }

    return TRV_OK;
}


/*
 * Undoes backslashes: "\c" is c, and if "octal" is true "\101" is the byte
 * 0101, as Python writes cookies.  Returns the number of bytes written.
 */

static size_t
trv_reading_unescape(trv_str_t text, int octal, uint8_t *out)
{
    size_t          n;
    const uint8_t  *p, *end;

    n = 0;
    p = text.data;
    end = p + text.len;

    while (p < end) {

        if (*p != '\\' || end - p < 2) {
            out[n++] = *p++;
            continue;
        }

        p++;

        if (octal && end - p >= 3 && p[0] >= '0' && p[0] <= '3'
            && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' && p[2] <= '7')
        {
            out[n++] = (uint8_t) ((p[0] - '0') << 6 | (p[1] - '0') << 3
                                  | (p[2] - '0'));
            p += 3;
            continue;
        }

        out[n++] = *p++;
    }

    return n;
}


static trv_rc_t
trv_reading_add_unescaped(trv_occurrence_t *o, trv_str_t value, int octal)
{
    size_t     len;
    uint8_t   *out;
    trv_rc_t   rc;

    rc = trv_candidates_alloc(o->c, value.len, &out);
    if (rc != TRV_OK) {
        return rc;
    }

    len = trv_reading_unescape(value, octal, out);

    return trv_occurrence_add(o, trv_text(out, len));
}


/*
 *     "abc"     abc     RFC 6265, Tomcat, Python
 *     "abcX     abc     the cookie package of Node.js, which looks at the
 *                       first byte only
 *     "abc      abc     Python's strip('"')
 *     "\141bc"  abc     Python
 *     "\a\b\c"  abc     RFC 2109
 *
 * What comes out is not unquoted again: 32 KB of quotes would take a while.
 */

static trv_rc_t
trv_reading_unquote(trv_occurrence_t *o, trv_str_t value)
{
    trv_rc_t  rc;

    o->how &= ~(unsigned) TRV_READ_QUOTED;

    rc = trv_occurrence_add(o, trv_text_strip_quotes(value));

    if (rc != TRV_OK || value.len < 3 || *value.data != '"') {
        return rc;
    }

    value = trv_text(value.data + 1, value.len - 2);

    rc = trv_occurrence_add(o, value);

    if (rc != TRV_OK || memchr(value.data, '\\', value.len) == NULL) {
        return rc;
    }

    rc = trv_reading_add_unescaped(o, value, 0);

    if (rc != TRV_OK) {
        return rc;
    }

    return trv_reading_add_unescaped(o, value, 1);
}


static trv_rc_t
trv_reading_decode(trv_occurrence_t *o, trv_str_t value, int plus)
{
    size_t     len;
    uint8_t   *out;
    trv_rc_t   rc;

    rc = trv_candidates_alloc(o->c, value.len, &out);
    if (rc != TRV_OK) {
        return rc;
    }

    len = trv_percent_decode(value, plus, out);

    return trv_occurrence_add(o, trv_text(out, len));
}


/* a cookie can be "Bearer%20abc" */

static trv_rc_t
trv_reading_unscheme(trv_occurrence_t *o, trv_str_t value)
{
    size_t  i, n;

    static const trv_str_t  schemes[] = {
        trv_string("Bearer"),
        trv_string("DPoP")
    };

    n = trv_text_visible(value);

    for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {

        if (n == schemes[i].len
            && trv_str_caseeq(trv_text(value.data, n), schemes[i]))
        {
            value = trv_text_skip(trv_text_from(value, n));
            return trv_occurrence_add(o, value);
        }
    }

    return TRV_OK;
}


static trv_rc_t
trv_reading_steps(trv_occurrence_t *o, trv_str_t value, unsigned how)
{
    trv_rc_t        rc;
    trv_str_t       text;
    const uint8_t  *nul;

    /*
     * Java's trim() takes away all that is below 0x21, others what Unicode
     * calls a blank: no token begins or ends with such bytes.
     */

    text = trv_text_skip(value);

    while (text.len != 0 && (text.data[text.len - 1] <= ' '
                             || text.data[text.len - 1] > '~'))
    {
        text.len--;
    }

    rc = trv_occurrence_add(o, text);

    /* "abc%00d": a program in C sees "abc" */

    nul = text.len != 0 ? memchr(text.data, '\0', text.len) : NULL;

    if (rc == TRV_OK && nul != NULL) {
        rc = trv_occurrence_add(o, trv_text(text.data,
                                            (size_t) (nul - text.data)));
    }

    if (rc == TRV_OK && (how & TRV_READ_QUOTED)
        && (*value.data == '"' || value.data[value.len - 1] == '"'))
    {
        rc = trv_reading_unquote(o, value);
        o->how |= TRV_READ_QUOTED;
    }

    if (rc == TRV_OK && (how & TRV_READ_SCHEME)) {
        rc = trv_reading_unscheme(o, text);
    }

    if (rc == TRV_OK && (how & TRV_READ_PERCENT) && trv_percent_found(value)) {
        rc = trv_reading_decode(o, value, 0);
    }

    if (rc == TRV_OK && (how & TRV_READ_PLUS)
        && memchr(value.data, '+', value.len) != NULL)
    {
        rc = trv_reading_decode(o, value, 1);
    }

    return rc;
}


trv_rc_t
trv_occurrence_close(trv_occurrence_t *o)
{
    trv_rc_t          rc;
    unsigned          i, how;
    trv_candidate_t  *item;

    while (o->pending) {

        o->pending = 0;

        for (i = 0; i < o->c->n; i++) {

            item = &o->c->item[i];
            how = item->pending;

            if (how == 0) {
                continue;
            }

            item->pending = 0;
            item->done |= how;

            rc = trv_reading_steps(o, item->value, how);
            if (rc != TRV_OK) {
                return rc;
            }
        }
    }

    return TRV_OK;
}


trv_rc_t
trv_candidates_alloc(trv_candidates_t *c, size_t size, uint8_t **out)
{
    if (size > TRV_DECODED_MAX - c->decoded) {
        return TRV_LIMIT;
    }

    *out = c->alloc(c->ctx, size);
    if (*out == NULL) {
        return TRV_NOMEM;
    }

    c->decoded += size;

    return TRV_OK;
}


trv_rc_t
trv_candidates_settle(trv_candidates_t *c, trv_mark_t mark, trv_rc_t rc)
{
    unsigned  i;

    if (rc == TRV_OK) {
        return TRV_OK;
    }

    c->n = mark.n;
    c->ntokens = mark.ntokens;
    c->decoded = mark.decoded;

    /* a reading that is gone has to be found again next time */

    for (i = 0; i < c->n; i++) {
        c->item[i].done = 0;
        c->item[i].pending = 0;
    }

    return rc;
}
