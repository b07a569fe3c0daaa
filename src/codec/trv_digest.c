
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdlib.h>
#include <openssl/evp.h>

#include "trv_digest.h"
#include "../core/trv_percent.h"


/*
 * "prefix" holds the state between a prefix and the rest; copying a state
 * costs less than hashing the prefix again.
 */

struct trv_digest_s {
    EVP_MD      *md;
    EVP_MD_CTX  *ctx;
    EVP_MD_CTX  *prefix;
};


trv_digest_t *
trv_digest_create(void)
{
    trv_digest_t  *digest;

    digest = calloc(1, sizeof(trv_digest_t));
    if (digest == NULL) {
        return NULL;
    }

    digest->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    digest->ctx = EVP_MD_CTX_new();
    digest->prefix = EVP_MD_CTX_new();

    if (digest->md == NULL || digest->ctx == NULL || digest->prefix == NULL) {
        trv_digest_destroy(digest);
        return NULL;
    }

    return digest;
}


void
trv_digest_destroy(trv_digest_t *digest)
{
    if (digest == NULL) {
        return;
    }

    EVP_MD_CTX_free(digest->prefix);
    EVP_MD_CTX_free(digest->ctx);
    EVP_MD_free(digest->md);

    free(digest);
}


trv_rc_t
trv_digest_sha256(trv_digest_t *digest, trv_str_t data,
    uint8_t out[TRV_SHA256_LEN])
{
    if (EVP_DigestInit_ex(digest->ctx, digest->md, NULL) != 1
        || EVP_DigestUpdate(digest->ctx, data.data, data.len) != 1
        || EVP_DigestFinal_ex(digest->ctx, out, NULL) != 1)
    {
        return TRV_NOMEM;
    }

    return TRV_OK;
}


trv_rc_t
trv_digest_sha256_both(trv_digest_t *digest, trv_str_t data, size_t prefix,
    uint8_t out[TRV_SHA256_LEN], uint8_t whole[TRV_SHA256_LEN])
{
    if (EVP_DigestInit_ex(digest->ctx, digest->md, NULL) != 1
        || EVP_DigestUpdate(digest->ctx, data.data, prefix) != 1
        || EVP_MD_CTX_copy_ex(digest->prefix, digest->ctx) != 1
        || EVP_DigestFinal_ex(digest->prefix, out, NULL) != 1
        || EVP_DigestUpdate(digest->ctx, data.data + prefix,
                            data.len - prefix) != 1
        || EVP_DigestFinal_ex(digest->ctx, whole, NULL) != 1)
    {
        return TRV_NOMEM;
    }

    return TRV_OK;
}


trv_rc_t
trv_digest_from_hex(trv_str_t hex, uint8_t out[TRV_SHA256_LEN])
{
    int     high, low;
    size_t  i;

    if (hex.len != 2 * TRV_SHA256_LEN) {
        return TRV_NONE;
    }

    for (i = 0; i < TRV_SHA256_LEN; i++) {

        high = trv_hex_value(hex.data[2 * i]);
        low = trv_hex_value(hex.data[2 * i + 1]);

        if (high < 0 || low < 0) {
            return TRV_NONE;
        }

        out[i] = (uint8_t) (high << 4 | low);
    }

    return TRV_OK;
}


void
trv_digest_to_hex(const uint8_t in[TRV_SHA256_LEN],
    uint8_t hex[2 * TRV_SHA256_LEN])
{
    size_t  i;

    static const uint8_t  digits[] = "0123456789abcdef";

    for (i = 0; i < TRV_SHA256_LEN; i++) {
        hex[2 * i] = digits[in[i] >> 4];
        hex[2 * i + 1] = digits[in[i] & 15];
    }
}
