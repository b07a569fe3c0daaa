
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A rule in words, for the log.
 */


#include "trv_digest.h"
#include "trv_expand_private.h"


/* bytes of a value, and digits of a token's identity, that are shown */

#define TRV_WORDS_VALUE   64
#define TRV_WORDS_DIGITS  12

/* what is longer, and could be a token by its letters, is not shown whole */

#define TRV_WORDS_SECRET  16
#define TRV_WORDS_HINT    6

#define TRV_WORDS_NUMBER  20


/* what does not fit is left out */

typedef struct {
    uint8_t  *p;
    uint8_t  *last;
} trv_words_t;


static void trv_words_field(trv_words_t *words, const trv_entry_t *entry,
    const trv_expand_field_t *field);
static void trv_words_shown(trv_words_t *words, trv_str_t text);
static int trv_words_secret(trv_str_t text);
static void trv_words_put(trv_words_t *words, const void *data, size_t len);
static void trv_words_text(trv_words_t *words, const char *text);
static void trv_words_escape(trv_words_t *words, const uint8_t *data,
    size_t len);
static void trv_words_number(trv_words_t *words, int64_t number);


size_t
trv_expand_words(const trv_expand_t *expand, uint8_t *buf, size_t size)
{
    unsigned            i;
    const char         *joint;
    trv_words_t         words;
    const trv_entry_t  *entry;

    if (expand->n == 0) {
        return 0;
    }

    entry = expand->entry;
    words.p = buf;
    words.last = buf + size;
    joint = "";

    for (i = 0; i < expand->nfields; i++) {

        /* beside anything else "all" says nothing */

        if (expand->field[i].selector.origin == TRV_FROM_ALL
            && expand->nfields > 1)
        {
            continue;
        }

        trv_words_text(&words, joint);
        trv_words_field(&words, entry, &expand->field[i]);
        joint = " and ";
    }

    if (entry->cutoff == TRV_CUTOFF_ALWAYS) {
        trv_words_text(&words, " whenever issued");

    } else {
        trv_words_text(&words, " issued until ");
        trv_words_number(&words, entry->cutoff);
    }

    if (expand->end != TRV_END_NEVER) {
        trv_words_text(&words, ", until ");
        trv_words_number(&words, expand->end);
    }

    return (size_t) (words.p - buf);
}


static void
trv_words_field(trv_words_t *words, const trv_entry_t *entry,
    const trv_expand_field_t *field)
{
    trv_str_t  name;
    uint8_t    buf[TRV_SELECTOR_TEXT_LEN], hex[2 * TRV_SHA256_LEN];

    if (field->selector.origin == TRV_FROM_ALL) {
        trv_words_text(words, "every token");
        return;
    }

    name.data = buf;
    name.len = trv_selector_text(&field->selector, buf);

    trv_words_escape(words, name.data, name.len);
    trv_words_text(words, "=\"");

    if (field->selector.origin == TRV_FROM_TOKEN && entry->ntokens != 0) {
        trv_digest_to_hex(entry->tokens[0], hex);

        trv_words_put(words, hex, TRV_WORDS_DIGITS);
        trv_words_text(words, "\"...");

        return;
    }

    trv_words_shown(words, field->first);
}


static void
trv_words_shown(trv_words_t *words, trv_str_t text)
{
    size_t  len;

    len = trv_words_secret(text) ? TRV_WORDS_HINT : TRV_WORDS_VALUE;

    if (text.len <= len) {
        trv_words_escape(words, text.data, text.len);
        trv_words_text(words, "\"");
        return;
    }

    trv_words_escape(words, text.data, len);
    trv_words_text(words, "\"...");
}


/*
 * An operator may paste a token where a claim is meant.  Long values of the
 * letters of base64 and of JWTs only, without what addresses and URLs have
 * (RFC 6750, section 2.1: b64token), are taken for one.
 */

static int
trv_words_secret(trv_str_t text)
{
    size_t   i;
    uint8_t  c;

    if (text.len <= TRV_WORDS_SECRET) {
        return 0;
    }

    for (i = 0; i < text.len; i++) {
        c = trv_lower(text.data[i]);

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9')
            && memchr("-._~+/=", c, 7) == NULL)
        {
            return 0;
        }
    }

    return 1;
}


static void
trv_words_put(trv_words_t *words, const void *data, size_t len)
{
    size_t  room;

    room = (size_t) (words->last - words->p);

    if (len > room) {
        len = room;
    }

    if (len != 0) {
        memcpy(words->p, data, len);
        words->p += len;
    }
}


static void
trv_words_text(trv_words_t *words, const char *text)
{
    trv_words_put(words, text, strlen(text));
}


/* the log is read on terminals, and by programs that look for quotes */

static void
trv_words_escape(trv_words_t *words, const uint8_t *data, size_t len)
{
    size_t   i;
    uint8_t  escaped[4];

    static const char  digits[] = "0123456789abcdef";

    for (i = 0; i < len; i++) {

        if (data[i] >= 0x20 && data[i] < 0x7f
            && data[i] != '"' && data[i] != '\\')
        {
            trv_words_put(words, &data[i], 1);
            continue;
        }

        escaped[0] = '\\';
        escaped[1] = 'x';
        escaped[2] = (uint8_t) digits[data[i] >> 4];
        escaped[3] = (uint8_t) digits[data[i] & 0x0f];

        trv_words_put(words, escaped, sizeof(escaped));
    }
}


static void
trv_words_number(trv_words_t *words, int64_t number)
{
    size_t    i;
    uint64_t  n;
    uint8_t   digits[TRV_WORDS_NUMBER];

    i = sizeof(digits);
    n = number < 0 ? -(uint64_t) number : (uint64_t) number;

    do {
        digits[--i] = (uint8_t) ('0' + n % 10);
        n /= 10;
    } while (n != 0);

    if (number < 0) {
        trv_words_text(words, "-");
    }

    trv_words_put(words, digits + i, sizeof(digits) - i);
}
