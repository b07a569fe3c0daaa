
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A spelling in the making: its choices, which come from the bytes of a fuzzer
 * while there are any and then from a seed, and the text that is written.
 */


#ifndef _SPELLING_TEXT_H_INCLUDED_
#define _SPELLING_TEXT_H_INCLUDED_


#include <stdio.h>
#include <stdlib.h>

#include "../../src/core/trv_reading.h"


#define SPELLING_DEPTH   4
#define SPELLING_SURE    3            /* steps that are within the limits */
#define SPELLING_VALUE   400          /* bytes, so that no limit is met */
#define SPELLING_SIZE    8192


/* what was made use of, to be counted */

typedef enum {
    SPELLING_PERCENT = 0,
    SPELLING_PLUS,
    SPELLING_QUOTES,
    SPELLING_OPEN,
    SPELLING_BACKSLASH,
    SPELLING_OCTAL,
    SPELLING_SCHEME,
    SPELLING_BLANKS,
    SPELLING_DEEP,
    SPELLING_NAME,
    SPELLING_PREFIX,
    SPELLING_BEHIND,
    SPELLING_PARAMETER,
    SPELLING_OTHER_CUT,
    SPELLING_SAME_NAME,
    SPELLING_TOO_MANY,
    SPELLING_FOREIGN,
    SPELLING_PADDING,
    SPELLING_SEEN,
    SPELLING_UNICODE,
    SPELLING_NUL,
    SPELLING_GLUED,
    SPELLING_SKIPPED,
    SPELLING_LIST,
    SPELLING_PROTOCOL,
    SPELLING_NMARKS
} spelling_mark_t;


typedef enum {
    SPELLING_VALUE_OF = 0,            /* trv_extract_value() */
    SPELLING_SCHEME_OF,               /* trv_extract_scheme() */
    SPELLING_BASIC_OF,
    SPELLING_COOKIE_OF,
    SPELLING_ARG_OF,
    SPELLING_NKINDS
} spelling_kind_t;


typedef struct {
    size_t   len;
    uint8_t  data[SPELLING_SIZE];
} spelling_text_t;


typedef struct {
    const uint8_t    *choice;         /* of the fuzzer */
    size_t            nchoices;
    uint64_t          seed;

    unsigned          wire:1;         /* it has to go through nginx */
    spelling_kind_t   kind;
    spelling_kind_t   before;         /* SPELLING_NKINDS is none */
    unsigned          how;            /* TRV_READ_... */
    trv_str_t         name;
    unsigned          ntokens;        /* how many there are in it */
    unsigned          marks;

    uint8_t           avoid[256];     /* what may not stand in the value */
    unsigned          nsteps;
    spelling_text_t   step[SPELLING_DEPTH + 2];
    spelling_text_t   token;
    spelling_text_t   value;
    spelling_text_t   in;             /* what the extractor is given */
} spelling_t;


/* 0 .. n-1 */

static inline unsigned
spelling_pick(spelling_t *s, unsigned n)
{
    if (s->nchoices != 0) {
        s->nchoices--;
        return *s->choice++ % n;
    }

    s->seed ^= s->seed << 13;
    s->seed ^= s->seed >> 7;
    s->seed ^= s->seed << 17;

    return (unsigned) (s->seed >> 33) % n;
}


static inline int
spelling_once_in(spelling_t *s, unsigned n)
{
    return spelling_pick(s, n) == n - 1;
}


static inline void
spelling_put(spelling_text_t *text, uint8_t c)
{
    if (text->len == SPELLING_SIZE) {
        abort();
    }

    text->data[text->len++] = c;
}


static inline void
spelling_add(spelling_text_t *text, const void *data, size_t len)
{
    const uint8_t  *p, *end;

    p = data;

    for (end = p + len; p < end; p++) {
        spelling_put(text, *p);
    }
}


static inline void
spelling_adds(spelling_text_t *text, const char *words)
{
    spelling_add(text, words, strlen(words));
}


static inline void
spelling_add_text(spelling_text_t *text, const spelling_text_t *other)
{
    spelling_add(text, other->data, other->len);
}


static inline void
spelling_copy(spelling_text_t *text, const spelling_text_t *other)
{
    text->len = other->len;
    memcpy(text->data, other->data, other->len);
}


/* a byte that is neither visible nor, on the wire, the end of a line */

static inline uint8_t
spelling_blank(spelling_t *s)
{
    static const uint8_t  blanks[] = "  \t\t\x0b\x0c\x01\x7f\x80\xa0\xff\r\n";

    return blanks[spelling_pick(s, s->wire ? 11 : sizeof(blanks))];
}


static inline void
spelling_put_blanks(spelling_t *s, spelling_text_t *text, unsigned most)
{
    unsigned  n;

    for (n = spelling_pick(s, most + 1); n != 0; n--) {
        spelling_put(text, spelling_blank(s));
    }
}


/* a word in any case */

static inline void
spelling_put_word(spelling_t *s, spelling_text_t *text, trv_str_t word)
{
    size_t    i;
    uint8_t   c;
    unsigned  mode;

    mode = spelling_pick(s, 4);

    for (i = 0; i < word.len; i++) {
        c = word.data[i];

        if (((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
            && (mode == 2 || (mode == 3 && spelling_pick(s, 2))))
        {
            c ^= 0x20;
        }

        spelling_put(text, c);
    }
}


static inline int
spelling_has(const spelling_text_t *text, const uint8_t avoid[256])
{
    size_t  i;

    for (i = 0; i < text->len; i++) {
        if (avoid[text->data[i]]) {
            return 1;
        }
    }

    return 0;
}


/* the bytes that trv_text_span() ends at, and some more */

static inline void
spelling_avoid(uint8_t avoid[256], int invisible, const char *more)
{
    unsigned  c;

    for (c = 0; invisible && c < 256; c++) {
        avoid[c] |= c <= ' ' || c > '~';
    }

    while (*more != '\0') {
        avoid[(uint8_t) *more++] = 1;
    }
}


#endif /* _SPELLING_TEXT_H_INCLUDED_ */
