
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_claims.h"
#include "trv_memory.h"
#include "../core/trv_base64.h"
#include "../core/trv_number.h"


/* payloads that fit into nginx's usual header buffers take no memory */

#define TRV_CLAIMS_LOCAL  8192


/* the claims of a JWS, decoded; "memory" is NULL if "local" was enough */

typedef struct {
    uint8_t      *text;
    size_t        len;
    uint8_t      *nest;
    void         *memory;
    uint8_t       local[TRV_CLAIMS_LOCAL];
} trv_payload_t;


typedef struct {
    const trv_table_t  *table;
    trv_traits_t       *traits;
    trv_learner_t      *learner;      /* NULL: nobody wants the names */
    unsigned            dated:1;      /* there was an issue time, or several */
} trv_claims_t;


typedef struct {
    uint8_t    *buf;
    size_t      size;
    size_t      len;
    trv_rc_t    rc;
} trv_claim_t;


/*
 * True if tolerant decoders agree on what the part says.  They differ where
 * '=' stands in the middle, which no issuer writes.
 */

static trv_rc_t
trv_payload_agree(trv_str_t part, const trv_payload_t *payload, int *agree)
{
    size_t    len;
    uint8_t  *other;
    unsigned  mode;

    *agree = 1;

    if (!trv_base64_ambiguous(part)) {
        return TRV_OK;
    }

    other = trv_alloc(trv_base64_decoded_len(part.len));
    if (other == NULL) {
        return TRV_NOMEM;
    }

    for (mode = TRV_BASE64_SKIP + 1; mode < TRV_BASE64_NMODES; mode++) {

        len = trv_base64_decode(part, (trv_base64_mode_t) mode, other);

        *agree &= len == payload->len
                  && memcmp(other, payload->text, len) == 0;
    }

    trv_free(other);

    return TRV_OK;
}


/*
 * Decodes the second part of a JWS.  TRV_OK, TRV_MALFORMED or TRV_NOMEM; only
 * after TRV_OK there is something to be closed.
 */

static trv_rc_t
trv_payload_open(trv_str_t raw, const trv_jose_t *jose,
    trv_payload_t *payload)
{
    int        agree;
    size_t     size;
    trv_rc_t   rc;
    trv_str_t  part;

    part = trv_jose_slice(raw, jose->end[0] + 1, jose->end[1]);
    size = trv_base64_decoded_len(part.len);

    payload->memory = NULL;
    payload->text = payload->local;

    if (size + trv_json_nest_len(size) > sizeof(payload->local)) {

        payload->memory = trv_alloc(size + trv_json_nest_len(size));
        if (payload->memory == NULL) {
            return TRV_NOMEM;
        }

        payload->text = payload->memory;
    }

    payload->nest = payload->text + size;
    payload->len = trv_base64_decode(part, TRV_BASE64_SKIP, payload->text);

    rc = trv_payload_agree(part, payload, &agree);

    if (rc == TRV_OK && !agree) {
        rc = TRV_MALFORMED;
    }

    if (rc != TRV_OK) {
        trv_free(payload->memory);
    }

    return rc;
}


static trv_rc_t
trv_payload_find(trv_payload_t *payload, const trv_find_t *find)
{
    return trv_find(find, payload->text, payload->len, payload->nest);
}


static void
trv_payload_close(trv_payload_t *payload)
{
    trv_free(payload->memory);
}


static void
trv_claims_value_seen(void *data, unsigned selector, trv_str_t value)
{
    trv_claims_t  *claims;

    claims = data;

    /* hostile tokens have thousands */

    if (claims->traits->crowded) {
        return;
    }

    trv_traits_add(claims->traits, selector,
                   trv_match_value(claims->table, value));
}


/*
 * The issue time.  Of several the earliest stands, and one that is not known
 * is earlier than all others.
 */

static void
trv_claims_issued_seen(trv_claims_t *claims, trv_json_kind_t kind,
    trv_str_t text)
{
    int64_t  issued;

    issued = TRV_ISSUED_UNKNOWN;

    if (kind == TRV_JSON_NUMBER && trv_json_floor(text, &issued) == TRV_OK) {
        issued = trv_number_seconds(issued);

    } else {
        issued = TRV_ISSUED_UNKNOWN;
    }

    if (!claims->dated || issued < claims->traits->issued) {
        claims->traits->issued = issued;
    }

    claims->dated = 1;
}


static void
trv_claims_member_seen(void *data, trv_str_t name, trv_json_kind_t kind,
    trv_str_t text)
{
    trv_claims_t  *claims;

    static const trv_str_t  iat = trv_string("iat");

    claims = data;

    if (trv_str_eq(name, iat)) {
        trv_claims_issued_seen(claims, kind, text);
    }

    if (claims->learner != NULL) {
        trv_names_see(claims->learner, name);
    }
}


static trv_rc_t
trv_claims_read_payload(trv_claims_t *claims, trv_str_t raw,
    const trv_jose_t *jose, const trv_wanted_t *wanted)
{
    trv_rc_t        rc;
    unsigned        crowded;
    uint16_t        ntraits;
    trv_find_t      find;
    trv_traits_t   *traits;
    trv_payload_t   payload;

    traits = claims->traits;

    ntraits = traits->ntraits;
    crowded = traits->crowded;

    rc = trv_payload_open(raw, jose, &payload);

    if (rc == TRV_OK) {
        find.wanted = wanted;
        find.value = trv_claims_value_seen;
        find.value_data = claims;
        find.member = trv_claims_member_seen;
        find.member_data = claims;
        find.paths = 1;

        if (claims->learner != NULL) {
            trv_names_begin(claims->learner);
        }

        rc = trv_payload_find(&payload, &find);

        trv_payload_close(&payload);
    }

    if (rc != TRV_MALFORMED) {
        return rc;
    }

    traits->unreadable = 1;
    traits->issued = TRV_ISSUED_UNKNOWN;
    traits->ntraits = ntraits;
    traits->crowded = crowded;

    return TRV_OK;
}


/*
 * A header that is not read, or that can be read in two ways, may name a key
 * that was revoked: it is as bad as claims that cannot be read.
 */

static void
trv_claims_judge_header(trv_traits_t *traits, trv_str_t raw,
    const trv_jose_t *jose)
{
    if (jose->kind == TRV_JOSE_NONE || jose->kind == TRV_JOSE_UNREAD) {
        traits->ntraits = 0;
        traits->crowded = 0;
    }

    if (jose->kind == TRV_JOSE_NONE) {
        return;
    }

    traits->unreadable =
        jose->kind == TRV_JOSE_UNREAD
        || trv_base64_ambiguous(trv_jose_slice(raw, 0, jose->end[0]));
}


trv_rc_t
trv_claims_read(trv_digest_t *digest, const trv_table_t *table,
    const trv_plan_t *plan, trv_str_t raw, trv_learner_t *learner,
    trv_traits_t *traits)
{
    trv_rc_t      rc;
    trv_find_t    header;
    trv_jose_t    jose;
    trv_token_t   token;
    trv_claims_t  claims;

    trv_traits_open(traits);

    claims.table = table;
    claims.traits = traits;
    claims.learner = learner;
    claims.dated = 0;

    header.wanted = &plan->headers;
    header.value = trv_claims_value_seen;
    header.value_data = &claims;
    header.paths = 0;

    trv_jose_read(raw, &header, &jose);
    trv_claims_judge_header(traits, raw, &jose);

    rc = trv_token_identify_jose(digest, raw, &jose, &token);

    if (rc != TRV_OK) {
        return rc;
    }

    traits->nids = (uint16_t) token.nids;
    memcpy(traits->id, token.id, token.nids * TRV_SHA256_LEN);

    if (token.kind != TRV_TOKEN_JWS) {
        return TRV_OK;
    }

    return trv_claims_read_payload(&claims, raw, &jose, &plan->claims);
}


static void
trv_claim_value_seen(void *data, unsigned selector, trv_str_t value)
{
    trv_claim_t  *claim;

    (void) selector;

    claim = data;

    if (claim->rc != TRV_NONE) {
        return;
    }

    if (value.len > claim->size) {
        claim->rc = TRV_LIMIT;
        return;
    }

    if (value.len != 0) {
        memcpy(claim->buf, value.data, value.len);
    }

    claim->len = value.len;
    claim->rc = TRV_OK;
}


/*
 * By its whole name first, then by steps.  Only a string that was found has
 * its escapes resolved in place, so there is the same to be read again.
 */

static trv_rc_t
trv_claim_find(trv_payload_t *payload, trv_str_t name, trv_claim_t *claim)
{
    trv_rc_t        rc;
    unsigned        paths;
    trv_find_t      find;
    trv_wanted_t    wanted;
    trv_selector_t  selector;

    selector.origin = TRV_FROM_CLAIM;
    selector.name = name;

    wanted.selector = &selector;
    wanted.n = 0;
    trv_wanted_add(&wanted, 0);

    memset(&find, 0, sizeof(find));
    find.wanted = &wanted;
    find.value = trv_claim_value_seen;
    find.value_data = claim;

    rc = TRV_OK;

    for (paths = 0; paths < 2 && rc == TRV_OK && claim->rc == TRV_NONE;
         paths++)
    {
        find.paths = paths;

        rc = trv_payload_find(payload, &find);
    }

    return rc == TRV_OK ? claim->rc : rc;
}


trv_rc_t
trv_claims_value(trv_str_t raw, trv_str_t name, uint8_t *buf, size_t size,
    size_t *len)
{
    trv_rc_t       rc;
    trv_jose_t     jose;
    trv_claim_t    claim;
    trv_payload_t  payload;

    *len = 0;

    trv_jose_read(raw, NULL, &jose);

    if (trv_token_kind(&jose) != TRV_TOKEN_JWS) {
        return TRV_NONE;
    }

    rc = trv_payload_open(raw, &jose, &payload);
    if (rc != TRV_OK) {
        return rc;
    }

    claim.buf = buf;
    claim.size = size;
    claim.len = 0;
    claim.rc = TRV_NONE;

    rc = trv_claim_find(&payload, name, &claim);

    trv_payload_close(&payload);

    if (rc == TRV_OK) {
        *len = claim.len;
    }

    return rc;
}
