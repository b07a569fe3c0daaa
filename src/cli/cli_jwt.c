
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The texts in a token.
 */


#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "../core/trv_base64.h"
#include "../core/trv_number.h"
#include "cli_jwt.h"


typedef struct {
    trv_str_t  name;
    int64_t    value;
    unsigned   found:1;
} cli_jwt_time_t;


static const char *const  cli_jwt_kinds[] = {
    [TRV_TOKEN_OPAQUE] = "opaque",
    [TRV_TOKEN_JWS] = "jws",
    [TRV_TOKEN_JWE] = "jwe",
};


static trv_rc_t cli_jwt_decode(cli_jwt_t *jwt, trv_str_t raw);
static void cli_jwt_seen(void *data, trv_str_t name, trv_json_kind_t kind,
    trv_str_t text);


trv_rc_t
cli_jwt_read(cli_jwt_t *jwt, trv_digest_t *digest, trv_str_t raw)
{
    trv_rc_t  rc;

    jwt->header.len = 0;
    jwt->claims.len = 0;

    trv_jose_read(raw, NULL, &jwt->jose);

    rc = trv_token_identify_jose(digest, raw, &jwt->jose, &jwt->token);

    if (rc != TRV_OK || jwt->token.kind == TRV_TOKEN_OPAQUE) {
        return rc;
    }

    return cli_jwt_decode(jwt, raw);
}


/* | header | claims | nest of the claims | */

static trv_rc_t
cli_jwt_decode(cli_jwt_t *jwt, trv_str_t raw)
{
    size_t      need;
    uint8_t    *memory;
    trv_str_t   header, claims;

    header = trv_jose_slice(raw, 0, jwt->jose.end[0]);
    claims = trv_jose_slice(raw, jwt->jose.end[0] + 1, jwt->jose.end[1]);

    need = trv_base64_decoded_len(header.len)
           + trv_base64_decoded_len(claims.len);
    need += trv_json_nest_len(need);

    if (need > jwt->size) {
        memory = realloc(jwt->memory, need);
        if (memory == NULL) {
            return TRV_NOMEM;
        }

        jwt->memory = memory;
        jwt->size = need;
    }

    jwt->header.data = jwt->memory;
    jwt->header.len = trv_base64_decode(header, TRV_BASE64_SKIP, jwt->memory);

    if (jwt->token.kind == TRV_TOKEN_JWS) {
        jwt->claims.data = jwt->memory + trv_base64_decoded_len(header.len);
        jwt->claims.len = trv_base64_decode(claims, TRV_BASE64_SKIP,
                                            (uint8_t *) jwt->claims.data);
    }

    return TRV_OK;
}


void
cli_jwt_done(cli_jwt_t *jwt)
{
    if (jwt->memory != NULL) {
        explicit_bzero(jwt->memory, jwt->size);
        free(jwt->memory);
    }

    memset(jwt, 0, sizeof(cli_jwt_t));
}


trv_rc_t
cli_jwt_time(cli_jwt_t *jwt, const char *name, int64_t *value)
{
    uint8_t         *nest;
    trv_find_t       find;
    cli_jwt_time_t   time;

    if (jwt->claims.len == 0) {
        return TRV_NONE;
    }

    time.name.data = (const uint8_t *) name;
    time.name.len = strlen(name);
    time.found = 0;

    memset(&find, 0, sizeof(find));
    find.wanted = &trv_find_nothing;
    find.member = cli_jwt_seen;
    find.member_data = &time;

    nest = (uint8_t *) jwt->claims.data + jwt->claims.len;

    if (trv_find(&find, (uint8_t *) jwt->claims.data, jwt->claims.len, nest)
        != TRV_OK
        || !time.found)
    {
        return TRV_NONE;
    }

    *value = time.value;

    return TRV_OK;
}


static void
cli_jwt_seen(void *data, trv_str_t name, trv_json_kind_t kind, trv_str_t text)
{
    int64_t          value;
    cli_jwt_time_t  *time;

    time = data;

    if (kind != TRV_JSON_NUMBER || !trv_str_eq(name, time->name)
        || trv_json_floor(text, &value) != TRV_OK)
    {
        return;
    }

    value = trv_number_seconds(value);

    if (!time->found || value > time->value) {
        time->value = value;
        time->found = 1;
    }
}


const char *
cli_jwt_kind(const cli_jwt_t *jwt)
{
    return cli_jwt_kinds[jwt->token.kind];
}
