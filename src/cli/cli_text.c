
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Text that others wrote, shown to people.
 */


#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "cli_text.h"


typedef struct {
    uint32_t  first;
    uint32_t  last;
} cli_text_range_t;


/* characters that a terminal or a reader would be led astray by */

static const cli_text_range_t  cli_text_hidden[] = {
    { 0x00, 0x1f },
    { 0x7f, 0x9f },
    { 0x61c, 0x61c },
    { 0x200b, 0x200f },
    { 0x2028, 0x202e },
    { 0x2060, 0x206f },
    { 0xd800, 0xdfff },
    { 0xfeff, 0xfeff },
    { 0xfff9, 0xfffb },
    { 0xe0000, 0xe007f },
};


static void cli_text_write(FILE *out, trv_str_t text, size_t max, int quotes);
static size_t cli_text_decode(trv_str_t text, uint32_t *c);


void
cli_text_put(FILE *out, trv_str_t text, size_t max)
{
    cli_text_write(out, text, max, 0);
}


void
cli_text_quote(FILE *out, trv_str_t text, size_t max)
{
    fputc('"', out);
    cli_text_write(out, text, max, 1);
    fputc('"', out);
}


static void
cli_text_write(FILE *out, trv_str_t text, size_t max, int quotes)
{
    size_t  n, written;

    for (written = 0; text.len != 0; written += n) {

        if (max != 0 && written >= max) {
            fputs("...", out);
            return;
        }

        n = cli_text_char(text);

        if (n == 0) {
            n = 1;
            fprintf(out, "\\x%02x", text.data[0]);

        } else {
            if (text.data[0] == '\\' || (quotes && text.data[0] == '"')) {
                fputc('\\', out);
            }

            fwrite(text.data, 1, n, out);
        }

        text.data += n;
        text.len -= n;
    }
}


char *
cli_text_escape(trv_str_t text, size_t max)
{
    char    *buf;
    FILE    *out;
    size_t   len;

    out = open_memstream(&buf, &len);

    if (out == NULL) {
        return NULL;
    }

    cli_text_put(out, text, max);

    if (fclose(out) != 0) {
        free(buf);
        return NULL;
    }

    return buf;
}


void
cli_text_plain(char *text)
{
    for ( /* void */; *text != '\0'; text++) {
        if ((unsigned char) *text < 0x20 || *text == 0x7f) {
            *text = '?';
        }
    }
}


size_t
cli_text_char(trv_str_t text)
{
    size_t    i, n;
    uint32_t  c;

    n = cli_text_decode(text, &c);

    for (i = 0; i < sizeof(cli_text_hidden) / sizeof(cli_text_hidden[0]); i++) {
        if (c >= cli_text_hidden[i].first && c <= cli_text_hidden[i].last) {
            return 0;
        }
    }

    return n;
}


static size_t
cli_text_decode(trv_str_t text, uint32_t *c)
{
    size_t                 i, n;
    static const uint32_t  least[] = { 0, 0, 0x80, 0x800, 0x10000 };

    *c = 0;

    if (text.len == 0) {
        return 0;
    }

    *c = text.data[0];

    if (*c < 0x80) {
        return 1;
    }

    n = *c >= 0xf8 ? 0 : *c >= 0xf0 ? 4 : *c >= 0xe0 ? 3 : *c >= 0xc0 ? 2 : 0;

    if (n == 0 || n > text.len) {
        return 0;
    }

    *c &= 0x7fu >> n;

    for (i = 1; i < n; i++) {

        if ((text.data[i] & 0xc0) != 0x80) {
            return 0;
        }

        *c = *c << 6 | (text.data[i] & 0x3f);
    }

    return *c >= least[n] && *c <= 0x10ffff ? n : 0;
}


trv_str_t
cli_text_str(const char *text)
{
    trv_str_t  s;

    s.data = (const uint8_t *) text;
    s.len = strlen(text);

    return s;
}
