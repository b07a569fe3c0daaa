
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Cuts tokens out of what a client sends.  Servers disagree about what a
 * value is (quoted or not, percent-encoded or not, one blank or several), and
 * whoever holds a revoked token chooses the spelling: every reading of a
 * value that some server has is found, each as a candidate of its own.
 */


#ifndef _TRV_EXTRACT_H_INCLUDED_
#define _TRV_EXTRACT_H_INCLUDED_


#include "trv.h"


#pragma GCC visibility push(hidden)


#define TRV_TOKENS_MAX    16      /* occurrences with different values */
#define TRV_READINGS_MAX  256     /* candidates in all */
#define TRV_DECODED_MAX   65536   /* bytes of memory taken for them */


typedef struct {
    trv_str_t     value;          /* never empty */
    unsigned      source;         /* what "source" of the list was */
    uint8_t       done;           /* of trv_reading.c: how it was read */
    uint8_t       pending;
} trv_candidate_t;


/*
 * The candidates of one request.  The caller sets "alloc" and "ctx" and
 * zeroes the rest but for "item", which is never read beyond "n"; "source" may
 * be changed between calls.  Values are views into what was given to the
 * functions below, or were allocated: they live as long as both.
 */

typedef struct {
    trv_alloc_pt     alloc;
    void            *ctx;
    unsigned         source;
    unsigned         ntokens;     /* occurrences counted so far */
    unsigned         n;
    size_t           decoded;     /* bytes of memory taken so far */
    trv_candidate_t  item[TRV_READINGS_MAX];
} trv_candidates_t;


/*
 * All return TRV_OK (also if nothing was found), TRV_LIMIT when the request is
 * beyond one of the limits above, or TRV_NOMEM; in the last two cases nothing
 * was added by that call.  A value that was found already is not added again,
 * and its source stays.
 */

/*
 * The whole value, what follows its first word, whatever that is ("Bearer" or
 * another scheme), and both of each element if the value is a list with commas.
 */

trv_rc_t trv_extract_value(trv_candidates_t *c, trv_str_t value);

/*
 * Credentials of an authentication scheme, RFC 9110, section 11.4; the scheme
 * in any case, followed by blanks (SP, HTAB).
 */

trv_rc_t trv_extract_scheme(trv_candidates_t *c, trv_str_t header,
    trv_str_t scheme);

/* the same of access tokens: Bearer (RFC 6750) and DPoP (RFC 9449) */

trv_rc_t trv_extract_bearer(trv_candidates_t *c, trv_str_t header);

/* user name and password, each a token, RFC 7617, section 2 */

trv_rc_t trv_extract_basic(trv_candidates_t *c, trv_str_t header);

/* all cookies of that name in one Cookie header field, RFC 6265, section 5.4 */

trv_rc_t trv_extract_cookie(trv_candidates_t *c, trv_str_t header,
    trv_str_t name);

/* all arguments of that name in a query, application/x-www-form-urlencoded */

trv_rc_t trv_extract_arg(trv_candidates_t *c, trv_str_t query, trv_str_t name);


/*
 * Every reading of a value is a candidate, and so are readings that are no
 * token for any server: "Bearer eyJ..." with the scheme, "eyJ..." with "%2e"
 * for its dots, or the word before a token.  Sets *spells if "outer" is only
 * that beside the token "inner": that and little around it, as it is or
 * percent-decoded, or the name of a scheme.  Nobody issues an opaque token that
 * has another token in it, or that is called "Bearer".
 *
 * TRV_OK, or TRV_NOMEM.
 */

trv_rc_t trv_candidate_spells(trv_candidates_t *c, trv_str_t outer,
    trv_str_t inner, int *spells);


#pragma GCC visibility pop


#endif /* _TRV_EXTRACT_H_INCLUDED_ */
