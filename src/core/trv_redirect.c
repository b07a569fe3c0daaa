
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Where a Redis Cluster says that a key is.
 */


#include "trv_redirect.h"
#include "trv_url_private.h"


static trv_rc_t trv_redirect_kind(trv_str_t *text, trv_redirect_kind_t *kind);
static trv_rc_t trv_redirect_address(trv_str_t text, trv_redirect_t *found);


static const trv_str_t  trv_redirect_kinds[TRV_REDIRECT_NKINDS] = {
    [TRV_REDIRECT_MOVED] = trv_string("MOVED "),
    [TRV_REDIRECT_ASK] = trv_string("ASK "),
};


trv_rc_t
trv_redirect_parse(trv_str_t text, trv_redirect_t *redirect)
{
    size_t          i;
    uint32_t        slot;
    trv_redirect_t  found;

    memset(&found, 0, sizeof(trv_redirect_t));

    if (trv_redirect_kind(&text, &found.kind) != TRV_OK) {
        return TRV_NONE;
    }

    i = trv_url_find(text, ' ');

    if (i == text.len
        || !trv_url_number(trv_url_head(text, i), TRV_REDIRECT_SLOTS - 1,
                           &slot))
    {
        return TRV_NONE;
    }

    found.slot = (uint16_t) slot;

    /* should more be said one day, it will be behind a blank */

    text = trv_url_tail(text, i + 1);
    text = trv_url_head(text, trv_url_find(text, ' '));

    if (trv_redirect_address(text, &found) != TRV_OK) {
        return TRV_NONE;
    }

    *redirect = found;

    return TRV_OK;
}


/* cuts off the word that the text begins with */

static trv_rc_t
trv_redirect_kind(trv_str_t *text, trv_redirect_kind_t *kind)
{
    trv_str_t            word;
    trv_redirect_kind_t  k;

    for (k = 0; k < TRV_REDIRECT_NKINDS; k++) {
        word = trv_redirect_kinds[k];

        if (text->len >= word.len
            && memcmp(text->data, word.data, word.len) == 0)
        {
            *text = trv_url_tail(*text, word.len);
            *kind = k;
            return TRV_OK;
        }
    }

    return TRV_NONE;
}


/* Redis writes an IPv6 address without brackets: the last colon counts */

static trv_rc_t
trv_redirect_address(trv_str_t text, trv_redirect_t *found)
{
    size_t    i;
    uint32_t  port;

    i = text.len;

    while (i != 0 && text.data[i - 1] != ':') {
        i--;
    }

    if (i == 0
        || !trv_url_number(trv_url_tail(text, i), UINT16_MAX, &port)
        || port == 0)
    {
        return TRV_NONE;
    }

    found->port = (uint16_t) port;
    found->host = trv_url_head(text, i - 1);

    if (found->host.len > 1 && found->host.data[0] == '['
        && found->host.data[found->host.len - 1] == ']')
    {
        found->host = trv_url_tail(found->host, 1);
        found->host.len--;
        found->ipv6 = 1;
    }

    if (trv_url_has(found->host, ':')) {
        found->ipv6 = 1;
    }

    if (found->host.len > TRV_URL_HOST_MAX
        || (found->ipv6 && found->host.len == 0)
        || !trv_url_host_valid(found->host, found->ipv6))
    {
        return TRV_NONE;
    }

    return TRV_OK;
}
