
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the request adds to a token: attributes, and an issue time for tokens
 * that have none.  An attribute is evaluated when a rule uses it, once for a
 * request; an issue time for each token.
 */


#include "ngx_http_token_revoke.h"

#include "core/trv_number.h"
#include "core/trv_siphash.h"


static ngx_int_t ngx_http_token_revoke_attribute_define(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *name);
static int ngx_libc_cdecl ngx_http_token_revoke_attribute_cmp(const void *one,
    const void *two);
static void ngx_http_token_revoke_attribute_room(trv_traits_t *traits,
    ngx_uint_t *claims);
static ngx_int_t ngx_http_token_revoke_attribute_afresh(ngx_http_request_t *r,
    ngx_http_complex_value_t *complex, ngx_str_t *value);


/* token_revoke_attribute name value */

char *
ngx_http_token_revoke_attribute(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_token_revoke_loc_conf_t *trlcf = conf;

    trv_str_t                           name;
    ngx_str_t                          *value;
    ngx_uint_t                          i;
    ngx_http_compile_complex_value_t    ccv;
    ngx_http_token_revoke_attribute_t  *attribute;

    value = cf->args->elts;

    name.data = value[1].data;
    name.len = value[1].len;

    if (name.len > TRV_SELECTOR_NAME_LEN || trv_selector_is_taken(name)) {
        return ngx_http_token_revoke_value_invalid(cf, &value[1],
                                 "a name without dots that is not a field of "
                                 "the log or a registered claim");
    }

    if (trlcf->attributes == NGX_CONF_UNSET_PTR) {
        trlcf->attributes = ngx_array_create(cf->pool, 4,
                                    sizeof(ngx_http_token_revoke_attribute_t));
        if (trlcf->attributes == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    attribute = trlcf->attributes->elts;

    for (i = 0; i < trlcf->attributes->nelts; i++) {
        if (attribute[i].name.len == value[1].len
            && ngx_strncmp(attribute[i].name.data, value[1].data,
                           value[1].len)
               == 0)
        {
            return ngx_http_token_revoke_value_invalid(cf, &value[1],
                                             "each attribute to be said once");
        }
    }

    attribute = ngx_array_push(trlcf->attributes);
    if (attribute == NULL) {
        return NGX_CONF_ERROR;
    }

    attribute->name = value[1];

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[2];
    ccv.complex_value = &attribute->value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* the names of a location's attributes become known to its zone */

ngx_int_t
ngx_http_token_revoke_attribute_merge(ngx_conf_t *cf,
    ngx_http_token_revoke_loc_conf_t *trlcf)
{
    ngx_uint_t                          i;
    ngx_http_token_revoke_attribute_t  *attribute;

    if (trlcf->attributes == NULL) {
        return NGX_OK;
    }

    attribute = trlcf->attributes->elts;

    for (i = 0; i < trlcf->attributes->nelts; i++) {
        if (ngx_http_token_revoke_attribute_define(cf, trlcf->zone,
                                                   &attribute[i].name)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_token_revoke_attribute_define(ngx_conf_t *cf,
    ngx_http_token_revoke_zone_t *zone, ngx_str_t *name)
{
    trv_str_t   text, *known;
    ngx_uint_t  i;

    if (zone->attributes == NULL) {
        zone->attributes = ngx_array_create(cf->pool, 4, sizeof(trv_str_t));
        if (zone->attributes == NULL) {
            return NGX_ERROR;
        }
    }

    text.data = name->data;
    text.len = name->len;

    known = zone->attributes->elts;

    for (i = 0; i < zone->attributes->nelts; i++) {
        if (trv_str_eq(known[i], text)) {
            return NGX_OK;
        }
    }

    known = ngx_array_push(zone->attributes);
    if (known == NULL) {
        return NGX_ERROR;
    }

    *known = text;

    return NGX_OK;
}


/*
 * A number that changes with the set of names, whatever their order.  It is
 * never 0, which stands for a zone that nobody has written yet.
 */

uint64_t
ngx_http_token_revoke_attribute_names(ngx_http_token_revoke_zone_t *zone)
{
    uint64_t         sum;
    trv_str_t       *name;
    ngx_uint_t       i;
    trv_hash128_t    hash;

    sum = 1;

    if (zone->attributes == NULL) {
        return sum;
    }

    ngx_qsort(zone->attributes->elts, zone->attributes->nelts,
              sizeof(trv_str_t), ngx_http_token_revoke_attribute_cmp);

    name = zone->attributes->elts;

    for (i = 0; i < zone->attributes->nelts; i++) {
        hash = trv_siphash128(sum, i, name[i].data, name[i].len);
        sum = hash.w[0] | 1;
    }

    return sum;
}


static int ngx_libc_cdecl
ngx_http_token_revoke_attribute_cmp(const void *one, const void *two)
{
    const trv_str_t *a = one;
    const trv_str_t *b = two;

    int  rc;

    rc = ngx_memcmp(a->data, b->data, ngx_min(a->len, b->len));

    return rc ? rc : (a->len > b->len) - (a->len < b->len);
}


/*
 * Adds the attributes that rules select.  NGX_OK, or NGX_ERROR: no memory.  An
 * empty value is none.
 */

ngx_int_t
ngx_http_token_revoke_attribute_add(ngx_http_request_t *r,
    ngx_http_token_revoke_loc_conf_t *trlcf, const trv_table_t *table,
    const trv_plan_t *plan, trv_traits_t *traits)
{
    unsigned                            i;
    trv_str_t                           bytes;
    ngx_str_t                           value;
    ngx_uint_t                          k, claims;
    const trv_selector_t               *selector;
    ngx_http_token_revoke_attribute_t  *attribute;

    if (!plan->attributes || trlcf->attributes == NULL) {
        return NGX_OK;
    }

    attribute = trlcf->attributes->elts;
    claims = traits->ntraits;

    for (i = 0; i < plan->nselectors; i++) {
        selector = &plan->selector[i];

        if (selector->origin != TRV_FROM_ATTRIBUTE) {
            continue;
        }

        for (k = 0; k < trlcf->attributes->nelts; k++) {

            if (attribute[k].name.len != selector->name.len
                || ngx_memcmp(attribute[k].name.data, selector->name.data,
                              selector->name.len)
                   != 0)
            {
                continue;
            }

            if (ngx_http_complex_value(r, &attribute[k].value, &value)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            if (value.len == 0) {
                break;
            }

            bytes.data = value.data;
            bytes.len = value.len;

            ngx_http_token_revoke_attribute_room(traits, &claims);

            trv_traits_add(traits, i, trv_match_value(table, bytes));
            break;
        }
    }

    return NGX_OK;
}


/*
 * A token that is full of values must not keep a rule on the request from
 * matching: it loses one of them, and is marked for it.
 */

static void
ngx_http_token_revoke_attribute_room(trv_traits_t *traits, ngx_uint_t *claims)
{
    if (traits->ntraits != TRV_TRAITS || *claims == 0) {
        return;
    }

    (*claims)--;
    traits->ntraits--;
    traits->trait[*claims] = traits->trait[traits->ntraits];
    traits->crowded = 1;
}


/*
 * The issue time of a token without a usable "iat", for this request.  One of
 * tomorrow is none: a wrong clock, or a way around a cut-off.  NGX_OK, also if
 * it stays unknown; NGX_ERROR: no memory.
 */

ngx_int_t
ngx_http_token_revoke_attribute_issued(ngx_http_request_t *r,
    ngx_http_token_revoke_loc_conf_t *trlcf, trv_traits_t *traits)
{
    int64_t    seconds, latest;
    ngx_str_t  value;
    trv_str_t  text;

    latest = (int64_t) ngx_time() + 86400;

    if (traits->issued > latest) {
        traits->issued = TRV_ISSUED_UNKNOWN;
    }

    if (traits->issued != TRV_ISSUED_UNKNOWN || trlcf->issued_at == NULL) {
        return NGX_OK;
    }

    if (ngx_http_token_revoke_attribute_afresh(r, trlcf->issued_at, &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    text.data = value.data;
    text.len = value.len;

    if (trv_number_time(text, &seconds) == TRV_OK && seconds <= latest) {
        traits->issued = seconds;
    }

    return NGX_OK;
}


/*
 * Evaluates a value for one token.  A map of a claim would remember it for the
 * request, and answer for the next token with the claim of this one: all
 * variables are put back to what they were.
 */

static ngx_int_t
ngx_http_token_revoke_attribute_afresh(ngx_http_request_t *r,
    ngx_http_complex_value_t *complex, ngx_str_t *value)
{
    size_t                      size;
    ngx_int_t                   rc;
    ngx_http_variable_value_t  *saved;
    ngx_http_core_main_conf_t  *cmcf;

    if (complex->lengths == NULL) {
        return ngx_http_complex_value(r, complex, value);
    }

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    size = cmcf->variables.nelts * sizeof(ngx_http_variable_value_t);

    saved = ngx_palloc(r->pool, size);
    if (saved == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(saved, r->variables, size);

    rc = ngx_http_complex_value(r, complex, value);

    ngx_memcpy(r->variables, saved, size);

    return rc;
}
