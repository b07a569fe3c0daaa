
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a value of the file is, and until when it is to be revoked.
 */


#include "cli_import.h"


#define CLI_DAY   86400
#define CLI_HOUR  3600

/* ends that are further ahead are rounded up to the day, others to the hour */

#define CLI_IMPORT_NEAR  (7 * CLI_DAY)

/* later ends than this (in the year 2054) the edge does not know */

#define CLI_IMPORT_FAR   INT64_C(2650000000)


static trv_rc_t cli_import_token(cli_import_t *im, trv_str_t raw);
static int cli_import_is_hash(trv_str_t raw, uint8_t id[TRV_SHA256_LEN]);
static int64_t cli_import_until(cli_import_t *im, int *expired);
static trv_rc_t cli_import_other(cli_import_t *im, trv_str_t value,
    const char **fault);


trv_rc_t
cli_import_value(cli_import_t *im, trv_str_t value, const char **fault)
{
    if (!im->o->tokens) {
        return cli_import_other(im, value, fault);
    }

    value = trv_entry_strip(value);

    if (value.len == 0) {
        im->count.empty++;
        return TRV_OK;
    }

    return cli_import_token(im, value);
}


/* a token is never written: its identity is */

static trv_rc_t
cli_import_token(cli_import_t *im, trv_str_t raw)
{
    int       expired;
    int64_t   end;
    uint8_t   id[TRV_SHA256_LEN], hex[2 * TRV_SHA256_LEN];
    trv_rc_t  rc;

    end = im->until;

    if (cli_import_is_hash(raw, id)) {
        trv_digest_to_hex(id, hex);

    } else {
        rc = cli_jwt_read(&im->jwt, im->digest, raw);

        if (rc != TRV_OK) {
            im->nomem = 1;
            return rc;
        }

        end = cli_import_until(im, &expired);

        if (expired) {
            im->count.expired++;
            return TRV_OK;
        }

        if (im->jwt.token.kind == TRV_TOKEN_OPAQUE
            && memchr(raw.data, ' ', raw.len) != NULL
            && im->count.spaced++ == 0)
        {
            im->count.spaced_line = im->record->line;
        }

        im->count.tokens++;
        trv_digest_to_hex(im->jwt.token.id[0], hex);
    }

    im->count.values++;

    return cli_import_add(im, end, hex, sizeof(hex));
}


/*
 * 64 hex digits, or such a hash with a blank and more behind it: what
 * sha256sum and "token-revoke hash" write.
 */

static int
cli_import_is_hash(trv_str_t raw, uint8_t id[TRV_SHA256_LEN])
{
    if (raw.len > 2 * TRV_SHA256_LEN
        && (raw.data[2 * TRV_SHA256_LEN] == ' '
            || raw.data[2 * TRV_SHA256_LEN] == '\t'))
    {
        raw.len = 2 * TRV_SHA256_LEN;
    }

    return trv_digest_from_hex(raw, id) == TRV_OK;
}


/*
 * A day behind "exp", since some refresh endpoints take expired tokens; never
 * earlier than the end that was asked for.  Rounded up, so that many tokens
 * share an entry.
 */

static int64_t
cli_import_until(cli_import_t *im, int *expired)
{
    int64_t  end, unit;

    *expired = 0;

    if (cli_jwt_time(&im->jwt, "exp", &end) != TRV_OK) {
        return im->until;
    }

    if (end >= CLI_IMPORT_FAR - 2 * CLI_DAY) {
        return TRV_END_NEVER;
    }

    /* so far in the past that a day more or less is no matter */

    end = end < 0 ? 0 : end + CLI_DAY;

    if (end <= im->now) {
        *expired = !im->o->keep_expired;
        return im->until;
    }

    unit = end - im->now > CLI_IMPORT_NEAR ? CLI_DAY : CLI_HOUR;
    end = (end + unit - 1) / unit * unit;

    return im->o->until != TRV_END_NEVER && im->until > end ? im->until : end;
}


/* what may be a token is not taken for a name: it would stand in Redis */

static trv_rc_t
cli_import_other(cli_import_t *im, trv_str_t value, const char **fault)
{
    if (value.len > TRV_ENTRY_VALUE_LEN) {
        *fault = "has a value over 8 KB";
        return TRV_MALFORMED;
    }

    trv_jose_read(value, NULL, &im->jwt.jose);

    if (im->jwt.jose.kind != TRV_JOSE_NONE) {
        *fault = "is a token (a JWT), which --match is not about";
        return TRV_MALFORMED;
    }

    im->count.values++;

    return cli_import_add(im, im->until, value.data, value.len);
}
