
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdarg.h>
#include <stdio.h>

#include "trv_edge.h"
#include "../core/trv_utf8.h"


/* of numbers, names of members and the short texts */

#define TRV_EDGE_FIXED   640
#define TRV_EDGE_REPORT  32
#define TRV_EDGE_SHAPE   64

/* of one byte: \u001f */

#define TRV_EDGE_ESCAPE  6


static uint8_t *trv_edge_shapes(uint8_t *p, const trv_edge_t *edge);
static uint8_t *trv_edge_match(uint8_t *p, const trv_edge_t *edge,
    unsigned shape);
static uint8_t *trv_edge_lists(uint8_t *p, const trv_edge_t *edge);
static uint8_t *trv_edge_print(uint8_t *p, const char *fmt, ...)
__attribute__((format(printf, 2, 3)));
static uint8_t *trv_edge_string(uint8_t *p, trv_str_t text);
static uint8_t *trv_edge_text(uint8_t *p, trv_str_t text);


size_t
trv_edge_size(const trv_edge_t *edge)
{
    size_t             i, size;
    unsigned           shape, field;
    const trv_shape_t  *fields;

    size = TRV_EDGE_FIXED + TRV_EDGE_ESCAPE * edge->log.len
           + TRV_EDGE_REPORT * edge->nreports
           + (TRV_ID_LEN + 3) * edge->nrefusals;

    for (i = 0; i < edge->nattributes; i++) {
        size += 4 + TRV_EDGE_ESCAPE * edge->attributes[i].len;
    }

    for (shape = 0; shape < TRV_SHAPES; shape++) {

        if (!(edge->plan->used >> shape & 1)) {
            continue;
        }

        fields = &edge->plan->shape[shape];
        size += TRV_EDGE_SHAPE;

        for (field = 0; field < fields->n; field++) {
            i = edge->plan->selector[fields->selector[field]].name.len;
            size += 16 + TRV_EDGE_ESCAPE * i;
        }
    }

    return size;
}


size_t
trv_edge_format(const trv_edge_t *edge, uint8_t *buf)
{
    size_t    len;
    double    undated;
    uint8_t  *p, id[TRV_ID_LEN];

    len = trv_id_format(edge->applied, id);
    undated = edge->tokens != 0
              ? (double) edge->dateless / (double) edge->tokens : 0;

    p = trv_edge_print(buf, "{\"version\":\"%s\",\"time\":%llu,\"log\":",
                       edge->version, (unsigned long long) edge->time);
    p = trv_edge_string(p, edge->log);
    p = trv_edge_print(p, ",\"state\":\"%s\",\"applied\":\"%.*s\",\"age\":",
                       edge->state, (int) len, (char *) id);

    if (edge->age == UINT64_MAX) {
        p = trv_edge_print(p, "null");

    } else {
        p = trv_edge_print(p, "%llu", (unsigned long long) edge->age);
    }

    p = trv_edge_print(p, ",\"rules\":%llu,\"percent\":%u,\"overflow\":%s,"
                          "\"dry_run\":%s,\"retain\":%llu,\"refused\":%llu,"
                          "\"tokens\":%llu,\"undated\":%.4f",
                       (unsigned long long) edge->rules, edge->percent,
                       edge->overflow ? "true" : "false",
                       edge->dry_run ? "true" : "false",
                       (unsigned long long) edge->retain,
                       (unsigned long long) edge->refused,
                       (unsigned long long) edge->tokens, undated);

    if (edge->names_full) {
        p = trv_edge_print(p, ",\"names\":null");

    } else {
        p = trv_edge_print(p, ",\"names\":%u", edge->names);
    }

    p = trv_edge_lists(p, edge);
    p = trv_edge_shapes(p, edge);
    p = trv_edge_print(p, "}");

    return (size_t) (p - buf);
}


size_t
trv_edge_names(const trv_names_t *names, uint8_t *buf)
{
    uint8_t   *p;
    unsigned   at;
    trv_str_t  name;

    p = buf;
    *p++ = '[';

    for (at = 0; trv_names_next(names, &at, &name) == TRV_OK; /* void */ ) {

        if (p != buf + 1) {
            *p++ = ',';
        }

        p = trv_edge_string(p, name);
    }

    *p++ = ']';

    return (size_t) (p - buf);
}


static uint8_t *
trv_edge_lists(uint8_t *p, const trv_edge_t *edge)
{
    size_t   i, len;
    uint8_t  id[TRV_ID_LEN];

    p = trv_edge_print(p, ",\"refused_ids\":[");

    for (i = 0; i < edge->nrefusals; i++) {
        len = trv_id_format(edge->refusals[i], id);
        p = trv_edge_print(p, "%s\"%.*s\"", i != 0 ? "," : "", (int) len,
                           (char *) id);
    }

    p = trv_edge_print(p, "],\"reports\":[");

    for (i = 0; i < edge->nreports; i++) {
        p = trv_edge_print(p, "%s\"%s\"", i != 0 ? "," : "",
                           edge->reports[i]);
    }

    p = trv_edge_print(p, "],\"attributes\":[");

    for (i = 0; i < edge->nattributes; i++) {
        p = trv_edge_print(p, "%s", i != 0 ? "," : "");
        p = trv_edge_string(p, edge->attributes[i]);
    }

    return trv_edge_print(p, "]");
}


/* that of {token} has no fields, and every token has it */

static uint8_t *
trv_edge_shapes(uint8_t *p, const trv_edge_t *edge)
{
    unsigned     shape;
    const char  *comma;

    comma = "";
    p = trv_edge_print(p, ",\"shapes\":[");

    for (shape = 0; shape < TRV_SHAPES; shape++) {

        if (!(edge->plan->used >> shape & 1)
            || edge->plan->shape[shape].n == 0)
        {
            continue;
        }

        p = trv_edge_print(p, "%s{\"match\":\"", comma);
        p = trv_edge_match(p, edge, shape);
        p = trv_edge_print(p, "\",\"tokens\":%llu}",
                           (unsigned long long) edge->had[shape]);
        comma = ",";
    }

    return trv_edge_print(p, "]");
}


/* as in $token_revoke_match: "iss+sub" */

static uint8_t *
trv_edge_match(uint8_t *p, const trv_edge_t *edge, unsigned shape)
{
    uint8_t             text[TRV_SELECTOR_TEXT_LEN];
    unsigned            i;
    trv_str_t           name;
    const trv_shape_t  *fields;

    fields = &edge->plan->shape[shape];

    for (i = 0; i < fields->n; i++) {
        name.data = text;
        name.len = trv_selector_text(
            &edge->plan->selector[fields->selector[i]], text);

        p = trv_edge_print(p, "%s", i != 0 ? "+" : "");
        p = trv_edge_text(p, name);
    }

    return p;
}


/* trv_edge_size() has said how much it is */

static uint8_t *
trv_edge_print(uint8_t *p, const char *fmt, ...)
{
    int      n;
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf((char *) p, TRV_EDGE_FIXED, fmt, args);
    va_end(args);

    return p + n;
}


static uint8_t *
trv_edge_string(uint8_t *p, trv_str_t text)
{
    *p++ = '"';
    p = trv_edge_text(p, text);
    *p++ = '"';

    return p;
}


static uint8_t *
trv_edge_text(uint8_t *p, trv_str_t text)
{
    size_t   i, n;
    uint8_t  c;

    static const char  hex[] = "0123456789abcdef";

    for (i = 0; i < text.len; i += n) {
        c = text.data[i];
        n = trv_utf8_len(text.data + i, text.len - i);

        if (n > 1) {
            memcpy(p, text.data + i, n);
            p += n;
            continue;
        }

        if (n == 0) {
            *p++ = '?';
            n = 1;

        } else if (c < 0x20) {
            memcpy(p, "\\u00", 4);
            p[4] = (uint8_t) hex[c >> 4];
            p[5] = (uint8_t) hex[c & 15];
            p += 6;

        } else {
            if (c == '"' || c == '\\') {
                *p++ = '\\';
            }

            *p++ = c;
        }
    }

    return p;
}
