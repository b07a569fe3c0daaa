
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The readings of one occurrence of a token: what the extractors of
 * trv_extract.h share.
 *
 *     value as sent ---+--> without blanks around it
 *                      +--> without quotes, escapes undone
 *                      +--> percent-decoded, '+' kept or a blank
 *                      +--> behind "Bearer" or "DPoP"
 *
 * Each reading is read again, until nothing new is found: servers, and the
 * proxies before them, do these steps in different orders, and some do one of
 * them twice.
 */


#ifndef _TRV_READING_H_INCLUDED_
#define _TRV_READING_H_INCLUDED_


#include "trv_extract.h"


#pragma GCC visibility push(hidden)


/* which steps the servers take that read this kind of value */

#define TRV_READ_QUOTED   1       /* "value" */
#define TRV_READ_PERCENT  2       /* %XX */
#define TRV_READ_PLUS     4       /* '+' is a blank: with or without %XX */
#define TRV_READ_SCHEME   8       /* "Bearer value" */
#define TRV_READ_BLANKS   16      /* around the value: of every kind */


/*
 * A token in the request, whose readings count as one.  Lives on the stack
 * while they are collected.
 */

typedef struct {
    trv_candidates_t  *c;
    unsigned           how;           /* TRV_READ_... */
    unsigned           counted:1;     /* there was something new */
    unsigned           rough:1;       /* a value was not trv_text_plain() */
    unsigned           pending:1;     /* steps are left to do */
} trv_occurrence_t;


/* what the candidates were before a call, to be restored if it fails */

typedef struct {
    unsigned  n;
    unsigned  ntokens;
    size_t    decoded;
} trv_mark_t;


static inline trv_str_t
trv_text(const uint8_t *data, size_t len)
{
    trv_str_t  text;

    text.len = len;
    text.data = data;

    return text;
}


/* what is left of the text behind its first "n" bytes */

static inline trv_str_t
trv_text_from(trv_str_t text, size_t n)
{
    return trv_text(text.data + n, text.len - n);
}


static inline void
trv_occurrence_open(trv_occurrence_t *o, trv_candidates_t *c, unsigned how)
{
    o->c = c;
    o->how = how|TRV_READ_BLANKS;
    o->counted = 0;
    o->rough = 0;
    o->pending = 0;
}


static inline trv_mark_t
trv_candidates_mark(const trv_candidates_t *c)
{
    trv_mark_t  mark;

    mark.n = c->n;
    mark.ntokens = c->ntokens;
    mark.decoded = c->decoded;

    return mark;
}


/* 16 bytes at once: a vector of the compiler, on any processor */

#define TRV_BLOCK  16

typedef uint8_t  trv_block_t __attribute__((vector_size(TRV_BLOCK)));


/* true if one of the bytes of a block ends a span, see below */

static inline int
trv_text_block_ends(const uint8_t *p, uint8_t low, uint8_t a, uint8_t b)
{
    uint64_t     any[2];
    trv_block_t  block, ends;

    memcpy(&block, p, TRV_BLOCK);

    ends = (trv_block_t) (block - low > (uint8_t) (0x7e - low));

    if (a >= low) {
        ends |= (trv_block_t) (block == a);
    }

    if (b >= low && b != a) {
        ends |= (trv_block_t) (block == b);
    }

    memcpy(any, &ends, TRV_BLOCK);

    return (any[0] | any[1]) != 0;
}


/*
 * The number of bytes before the first one that is not in low..0x7e or is a
 * or b.  Called with constants, so that tests which can never be true are
 * left out.
 */

static inline size_t
trv_text_span(trv_str_t text, uint8_t low, uint8_t a, uint8_t b)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i + TRV_BLOCK <= text.len; i += TRV_BLOCK) {
        if (trv_text_block_ends(text.data + i, low, a, b)) {
            break;
        }
    }

    for ( /* void */; i < text.len; i++) {

        c = text.data[i];

        if (c < low || c > 0x7e || c == a || c == b) {
            break;
        }
    }

    return i;
}


/* visible: neither a blank nor a control byte nor beyond ASCII */

static inline size_t
trv_text_visible(trv_str_t text)
{
    return trv_text_span(text, 0x21, 0, 0);
}


/* true if no reading differs: nothing up to ',', no ';' and no '=' */

static inline int
trv_text_plain(trv_str_t text)
{
    return trv_text_span(text, ',' + 1, ';', '=') == text.len;
}


/* cuts off what HTTP calls blanks: SP and HTAB (RFC 9110, section 5.6.3) */

trv_str_t trv_text_trim(trv_str_t text);

/* cuts off what is not visible, on the left */

trv_str_t trv_text_skip(trv_str_t text);


/*
 * Adds a value unless it is empty or there already.  TRV_OK, or TRV_LIMIT if
 * there is no room for it.
 */

trv_rc_t trv_occurrence_add(trv_occurrence_t *o, trv_str_t value);

/* Takes the steps.  TRV_OK, TRV_LIMIT or TRV_NOMEM. */

trv_rc_t trv_occurrence_close(trv_occurrence_t *o);


/*
 * Memory for a decoded value, not to be given back: TRV_OK, TRV_NOMEM, or
 * TRV_LIMIT if the request has used up TRV_DECODED_MAX.
 */

trv_rc_t trv_candidates_alloc(trv_candidates_t *c, size_t size, uint8_t **out);


/*
 * The end of each function of trv_extract.h: passes "rc" on, and if it is not
 * TRV_OK takes back what was added since the mark.
 */

trv_rc_t trv_candidates_settle(trv_candidates_t *c, trv_mark_t mark,
    trv_rc_t rc);


#pragma GCC visibility pop


#endif /* _TRV_READING_H_INCLUDED_ */
