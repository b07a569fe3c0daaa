
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Names of what a rule compares.
 */


#include "trv_selector.h"


static int trv_selector_behind(trv_str_t name, trv_str_t prefix,
    trv_str_t *rest);
static int trv_selector_find(trv_str_t name, const trv_str_t *names, size_t n);
static int trv_selector_special(trv_str_t name);
static int trv_selector_str_cmp(trv_str_t a, trv_str_t b);


#define trv_nitems(array)  (sizeof(array) / sizeof(array[0]))


typedef struct {
    trv_str_t     prefix;
    trv_origin_t  origin;
} trv_selector_prefix_t;


enum {
    TRV_PREFIX_CLAIM = 0,
    TRV_PREFIX_HEADER,
    TRV_PREFIX_ATTRIBUTE
};


static const trv_selector_prefix_t  trv_selector_prefixes[] = {
    [TRV_PREFIX_CLAIM] = { trv_string("claim."), TRV_FROM_CLAIM },
    [TRV_PREFIX_HEADER] = { trv_string("header."), TRV_FROM_HEADER },
    [TRV_PREFIX_ATTRIBUTE] = { trv_string("attr."), TRV_FROM_ATTRIBUTE },
};


static const trv_str_t  trv_selector_headers[] = {
    trv_string("alg"),
    trv_string("kid"),
    trv_string("typ"),
};


/* of the log, besides "token" */

static const trv_str_t  trv_selector_fields[] = {
    trv_string("before"),
    trv_string("until"),
    trv_string("ttl"),
    trv_string("action"),
    trv_string("ack"),
    trv_string("reason"),
    trv_string("by"),
};


static const trv_str_t  trv_selector_token = trv_string("token");
static const trv_str_t  trv_selector_all = trv_string("all");


/*
 * Names that are no attribute's, in the order of trv_selector_str_cmp(): the
 * fields of the log, the header's, and the registry "JSON Web Token Claims"
 */

static const trv_str_t  trv_selector_taken[] = {
    trv_string("_claim_names"),
    trv_string("_claim_sources"),
    trv_string("_sd"),
    trv_string("_sd_alg"),
    trv_string("ace_profile"),
    trv_string("ack"),
    trv_string("acr"),
    trv_string("act"),
    trv_string("action"),
    trv_string("address"),
    trv_string("alg"),
    trv_string("all"),
    trv_string("also_known_as"),
    trv_string("amr"),
    trv_string("analyticsIdList"),
    trv_string("at_hash"),
    trv_string("at_use_nbr"),
    trv_string("atc"),
    trv_string("ath"),
    trv_string("attest"),
    trv_string("aud"),
    trv_string("auth_time"),
    trv_string("authority_hints"),
    trv_string("authorization_details"),
    trv_string("azp"),
    trv_string("before"),
    trv_string("birth_family_name"),
    trv_string("birth_given_name"),
    trv_string("birth_middle_name"),
    trv_string("birthdate"),
    trv_string("bootcount"),
    trv_string("bootseed"),
    trv_string("by"),
    trv_string("c_hash"),
    trv_string("cdnicrit"),
    trv_string("cdniets"),
    trv_string("cdniip"),
    trv_string("cdnistd"),
    trv_string("cdnistt"),
    trv_string("cdniuc"),
    trv_string("cdniv"),
    trv_string("client_id"),
    trv_string("cmw"),
    trv_string("cnf"),
    trv_string("cnonce"),
    trv_string("constraints"),
    trv_string("consumerPlmnId"),
    trv_string("consumerSnpnId"),
    trv_string("crit"),
    trv_string("crn"),
    trv_string("dbgstat"),
    trv_string("delegation"),
    trv_string("dest"),
    trv_string("div"),
    trv_string("dloas"),
    trv_string("eat_nonce"),
    trv_string("eat_profile"),
    trv_string("email"),
    trv_string("email_verified"),
    trv_string("entitlements"),
    trv_string("events"),
    trv_string("exi"),
    trv_string("exp"),
    trv_string("family_name"),
    trv_string("gender"),
    trv_string("geohash"),
    trv_string("given_name"),
    trv_string("groups"),
    trv_string("htm"),
    trv_string("htu"),
    trv_string("hwmodel"),
    trv_string("hwversion"),
    trv_string("iat"),
    trv_string("intuse"),
    trv_string("iss"),
    trv_string("jcard"),
    trv_string("jkt"),
    trv_string("jti"),
    trv_string("jwks"),
    trv_string("kid"),
    trv_string("locale"),
    trv_string("location"),
    trv_string("logo_uri"),
    trv_string("manifests"),
    trv_string("may_act"),
    trv_string("measres"),
    trv_string("measurements"),
    trv_string("metadata"),
    trv_string("metadata_policy"),
    trv_string("metadata_policy_crit"),
    trv_string("middle_name"),
    trv_string("mky"),
    trv_string("msgi"),
    trv_string("msisdn"),
    trv_string("name"),
    trv_string("nationalities"),
    trv_string("nbf"),
    trv_string("nickname"),
    trv_string("nonce"),
    trv_string("oemboot"),
    trv_string("oemid"),
    trv_string("opt"),
    trv_string("orig"),
    trv_string("origid"),
    trv_string("phone_number"),
    trv_string("phone_number_verified"),
    trv_string("picture"),
    trv_string("place_of_birth"),
    trv_string("preferred_username"),
    trv_string("producerNfServiceSetId"),
    trv_string("producerNfSetId"),
    trv_string("producerNsiList"),
    trv_string("producerPlmnId"),
    trv_string("producerSnpnId"),
    trv_string("producerSnssaiList"),
    trv_string("profile"),
    trv_string("rcd"),
    trv_string("rcdi"),
    trv_string("rdap_allowed_purposes"),
    trv_string("rdap_dnt_allowed"),
    trv_string("reason"),
    trv_string("ref"),
    trv_string("resOwnerId"),
    trv_string("roles"),
    trv_string("rph"),
    trv_string("salutation"),
    trv_string("scope"),
    trv_string("sd_hash"),
    trv_string("sid"),
    trv_string("sig_val_claims"),
    trv_string("sip_callid"),
    trv_string("sip_cseq_num"),
    trv_string("sip_date"),
    trv_string("sip_from_tag"),
    trv_string("sip_via_branch"),
    trv_string("sourceNfInstanceId"),
    trv_string("sph"),
    trv_string("status"),
    trv_string("status_list"),
    trv_string("sub"),
    trv_string("sub_id"),
    trv_string("sub_jwk"),
    trv_string("submods"),
    trv_string("sueids"),
    trv_string("swname"),
    trv_string("swversion"),
    trv_string("title"),
    trv_string("toe"),
    trv_string("token"),
    trv_string("token_introspection"),
    trv_string("trust_anchor_hints"),
    trv_string("trust_framework"),
    trv_string("trust_mark_issuers"),
    trv_string("trust_mark_owners"),
    trv_string("trust_mark_type"),
    trv_string("trust_marks"),
    trv_string("ttl"),
    trv_string("txn"),
    trv_string("typ"),
    trv_string("ueid"),
    trv_string("until"),
    trv_string("updated_at"),
    trv_string("uptime"),
    trv_string("vc"),
    trv_string("verified_claims"),
    trv_string("vot"),
    trv_string("vp"),
    trv_string("vtm"),
    trv_string("website"),
    trv_string("zoneinfo"),
};


trv_rc_t
trv_selector_resolve(trv_str_t name, const trv_str_t *attributes,
    size_t nattributes, trv_selector_t *selector)
{
    size_t     i;
    trv_str_t  rest;

    for (i = 0; i < trv_nitems(trv_selector_prefixes); i++) {

        if (trv_selector_behind(name, trv_selector_prefixes[i].prefix, &rest)) {
            selector->origin = trv_selector_prefixes[i].origin;
            selector->name = rest;

            return rest.len != 0 ? TRV_OK : TRV_MALFORMED;
        }
    }

    selector->name = name;

    if (trv_str_eq(name, trv_selector_token)) {
        selector->origin = TRV_FROM_TOKEN;
        selector->name.len = 0;

    } else if (trv_str_eq(name, trv_selector_all)) {
        selector->origin = TRV_FROM_ALL;
        selector->name.len = 0;

    } else if (trv_selector_find(name, trv_selector_headers,
                                 trv_nitems(trv_selector_headers)))
    {
        selector->origin = TRV_FROM_HEADER;

    } else if (trv_selector_find(name, attributes, nattributes)) {
        selector->origin = TRV_FROM_ATTRIBUTE;

    } else {
        selector->origin = TRV_FROM_CLAIM;
    }

    return TRV_OK;
}


static int
trv_selector_behind(trv_str_t name, trv_str_t prefix, trv_str_t *rest)
{
    if (name.len < prefix.len
        || memcmp(name.data, prefix.data, prefix.len) != 0)
    {
        return 0;
    }

    rest->data = name.data + prefix.len;
    rest->len = name.len - prefix.len;

    return 1;
}


static int
trv_selector_find(trv_str_t name, const trv_str_t *names, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (trv_str_eq(name, names[i])) {
            return 1;
        }
    }

    return 0;
}


int
trv_selector_cmp(const trv_selector_t *a, const trv_selector_t *b)
{
    if (a->origin != b->origin) {
        return a->origin < b->origin ? -1 : 1;
    }

    return trv_selector_str_cmp(a->name, b->name);
}


static int
trv_selector_str_cmp(trv_str_t a, trv_str_t b)
{
    int     rc;
    size_t  len;

    len = a.len < b.len ? a.len : b.len;
    rc = len != 0 ? memcmp(a.data, b.data, len) : 0;

    if (rc != 0) {
        return rc;
    }

    return a.len < b.len ? -1 : a.len > b.len;
}


int
trv_selector_is_taken(trv_str_t name)
{
    int     rc;
    size_t  low, high, i;

    if (name.len == 0 || memchr(name.data, '.', name.len) != NULL) {
        return 1;
    }

    low = 0;
    high = trv_nitems(trv_selector_taken);

    while (low < high) {
        i = low + (high - low) / 2;
        rc = trv_selector_str_cmp(name, trv_selector_taken[i]);

        if (rc == 0) {
            return 1;
        }

        if (rc < 0) {
            high = i;

        } else {
            low = i + 1;
        }
    }

    return 0;
}


size_t
trv_selector_text(const trv_selector_t *selector, uint8_t *buf)
{
    size_t     len;
    trv_str_t  prefix, name;

    name = selector->name;
    prefix.len = 0;

    switch (selector->origin) {

    case TRV_FROM_TOKEN:
        name = trv_selector_token;
        break;

    case TRV_FROM_ALL:
        name = trv_selector_all;
        break;

    case TRV_FROM_ATTRIBUTE:
        prefix = trv_selector_prefixes[TRV_PREFIX_ATTRIBUTE].prefix;
        break;

    case TRV_FROM_HEADER:

        if (!trv_selector_find(name, trv_selector_headers,
                               trv_nitems(trv_selector_headers)))
        {
            prefix = trv_selector_prefixes[TRV_PREFIX_HEADER].prefix;
        }

        break;

    default:  /* TRV_FROM_CLAIM */

        if (trv_selector_special(name)) {
            prefix = trv_selector_prefixes[TRV_PREFIX_CLAIM].prefix;
        }
    }

    if (prefix.len != 0) {
        memcpy(buf, prefix.data, prefix.len);
    }

    len = name.len < TRV_SELECTOR_NAME_LEN ? name.len : TRV_SELECTOR_NAME_LEN;

    if (len != 0) {
        memcpy(buf + prefix.len, name.data, len);
    }

    return prefix.len + len;
}


/* true if the bare name would not be a claim */

static int
trv_selector_special(trv_str_t name)
{
    size_t          i;
    trv_str_t       rest;
    trv_selector_t  selector;

    for (i = 0; i < trv_nitems(trv_selector_prefixes); i++) {
        if (trv_selector_behind(name, trv_selector_prefixes[i].prefix, &rest)) {
            return 1;
        }
    }

    if (trv_selector_find(name, trv_selector_fields,
                          trv_nitems(trv_selector_fields)))
    {
        return 1;
    }

    (void) trv_selector_resolve(name, NULL, 0, &selector);

    return selector.origin != TRV_FROM_CLAIM;
}
