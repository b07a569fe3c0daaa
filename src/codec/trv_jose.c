
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_jose.h"
#include "../core/trv_base64.h"


/* characters that are decoded to see if it is worth to decode all of them */

#define TRV_JOSE_PEEK  32


/* leaves out what may stand before JSON: white space and a byte order mark */

static trv_str_t
trv_jose_skip_space(trv_str_t json)
{
    size_t  i;

    i = 0;

    if (json.len >= 3 && memcmp(json.data, "\xef\xbb\xbf", 3) == 0) {
        i = 3;
    }

    while (i < json.len
           && (json.data[i] == ' ' || json.data[i] == '\t'
               || json.data[i] == '\r' || json.data[i] == '\n'))
    {
        i++;
    }

    return trv_jose_slice(json, i, json.len);
}


/*
 * True if the text is the beginning of an object with a member; "more" tells
 * whether it goes on, so that a text which is too short to say is one too.
 * With '{' alone one in 256 random strings would pass for a broken header.
 */

static int
trv_jose_object_begins(trv_str_t json, int more)
{
    json = trv_jose_skip_space(json);

    if (json.len == 0) {
        return more;
    }

    if (*json.data != '{') {
        return 0;
    }

    json = trv_jose_skip_space(trv_jose_slice(json, 1, json.len));

    return json.len == 0 ? more : *json.data == '"';
}


/* where the first parts end, and how many parts there are in all, or 6 */

static unsigned
trv_jose_split(trv_str_t raw, size_t end[TRV_JOSE_PARTS])
{
    unsigned        n;
    const uint8_t  *p, *last;

    n = 0;
    p = raw.data;
    last = raw.data + raw.len;

    while (n < TRV_JOSE_PARTS) {

        p = memchr(p, '.', (size_t) (last - p));
        if (p == NULL) {
            end[n++] = raw.len;
            return n;
        }

        end[n++] = (size_t) (p - raw.data);
        p++;
    }

    return n + 1;
}


static void
trv_jose_member(void *data, trv_str_t name, trv_json_kind_t kind,
    trv_str_t text)
{
    trv_jose_t  *jose;

    static const trv_str_t  alg = trv_string("alg");
    static const trv_str_t  enc = trv_string("enc");

    (void) text;

    jose = data;

    jose->alg |= kind == TRV_JSON_STRING && trv_str_eq(name, alg);
    jose->enc |= kind == TRV_JSON_STRING && trv_str_eq(name, enc);
}


/* what our reader refuses others may accept: it begins like a header */

static trv_jose_kind_t
trv_jose_parse(trv_str_t json, const trv_find_t *wish, trv_jose_t *jose)
{
    uint8_t     nest[trv_json_nest_len(sizeof(jose->header))];
    trv_find_t  find;

    jose->alg = 0;
    jose->enc = 0;

    memset(&find, 0, sizeof(find));
    find.wanted = &trv_find_nothing;

    if (wish != NULL) {
        find = *wish;
    }

    find.member = trv_jose_member;
    find.member_data = jose;

    if (trv_find(&find, jose->header, json.len, nest) != TRV_OK) {
        return TRV_JOSE_UNREAD;
    }

    if (!jose->alg) {
        return TRV_JOSE_NONE;
    }

    return jose->enc ? TRV_JOSE_ENCRYPTED : TRV_JOSE_SIGNED;
}


static trv_jose_kind_t
trv_jose_header(trv_str_t part, const trv_find_t *find, trv_jose_t *jose)
{
    trv_str_t  json, peek;

    json.data = jose->header;

    /* an opaque token with dots ends here */

    peek = part;

    if (peek.len > TRV_JOSE_PEEK) {
        peek.len = TRV_JOSE_PEEK;
    }

    json.len = trv_base64_decode(peek, TRV_BASE64_SKIP, jose->header);

    if (!trv_jose_object_begins(json, 1)) {
        return TRV_JOSE_NONE;
    }

    if (part.len <= TRV_JOSE_HEADER_MAX / 3 * 4) {
        json.len = trv_base64_decode(part, TRV_BASE64_SKIP, jose->header);

        return trv_jose_object_begins(json, 0)
               ? trv_jose_parse(json, find, jose) : TRV_JOSE_NONE;
    }

    part.len = TRV_JOSE_HEADER_MAX / 3 * 4;
    json.len = trv_base64_decode(part, TRV_BASE64_SKIP, jose->header);

    return trv_jose_object_begins(json, 0)
           ? TRV_JOSE_UNREAD : TRV_JOSE_NONE;
}


void
trv_jose_read(trv_str_t raw, const trv_find_t *find, trv_jose_t *jose)
{
    const uint8_t  *dot;

    jose->kind = TRV_JOSE_NONE;
    jose->parts = 1;

    dot = raw.len != 0 ? memchr(raw.data, '.', raw.len) : NULL;
    if (dot == NULL) {
        return;
    }

    jose->kind = trv_jose_header(trv_jose_slice(raw, 0,
                                                (size_t) (dot - raw.data)),
                                 find, jose);

    if (jose->kind != TRV_JOSE_NONE) {
        jose->parts = trv_jose_split(raw, jose->end);
    }
}
