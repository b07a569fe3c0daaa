
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the numbers of JSON say: compared as texts, and rounded down.
 */


#include "trv_json.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


/* the number, as it is compared (NULL: it is not), and rounded down */

typedef struct {
    const char  *number;
    const char  *whole;
    trv_rc_t     rc;
    int64_t      floor;
} number_case_t;


static const number_case_t  numbers[] = {
    { "0",      "0",    TRV_OK,   0 },
    { "-0",     "0",    TRV_OK,   0 },
    { "0.0",    "0",    TRV_OK,   0 },
    { "-0.0e9", "0",    TRV_OK,   0 },
    { "0e400",  "0",    TRV_OK,   0 },
    { "0e99999999999999999999999999",  "0", TRV_OK, 0 },
    { "0e-99999999999999999999999999", "0", TRV_OK, 0 },
    { "7",      "7",    TRV_OK,   7 },
    { "-7",     "-7",   TRV_OK,  -7 },
    { "10",     "10",   TRV_OK,  10 },
    { "10.0",   "10",   TRV_OK,  10 },
    { "1e1",    "10",   TRV_OK,  10 },
    { "1E+1",   "10",   TRV_OK,  10 },
    { "1e01",   "10",   TRV_OK,  10 },
    { "0.1e2",  "10",   TRV_OK,  10 },
    { "0.010e3", "10",  TRV_OK,  10 },
    { "100e-1", "10",   TRV_OK,  10 },
    { "1000.00e-2", "10", TRV_OK, 10 },
    { "-1e1",   "-10",  TRV_OK, -10 },
    { "1.5e1",  "15",   TRV_OK,  15 },
    { "12.30e2", "1230", TRV_OK, 1230 },
    { "1e0",    "1",    TRV_OK,   1 },
    { "1e-0",   "1",    TRV_OK,   1 },

    { "0.5",    NULL,   TRV_OK,   0 },
    { "-0.5",   NULL,   TRV_OK,  -1 },
    { "1.5",    NULL,   TRV_OK,   1 },
    { "-1.5",   NULL,   TRV_OK,  -2 },
    { "10.01",  NULL,   TRV_OK,  10 },
    { "1e-1",   NULL,   TRV_OK,   0 },
    { "-1e-1",  NULL,   TRV_OK,  -1 },
    { "15e-1",  NULL,   TRV_OK,   1 },
    { "10.5e-1", NULL,  TRV_OK,   1 },
    { "1.55e1", NULL,   TRV_OK,  15 },
    { "1e-400", NULL,   TRV_OK,   0 },
    { "-1e-999999999999999999999999", NULL, TRV_OK, -1 },

    { "1487894400.999", NULL,         TRV_OK, 1487894400 },
    { "1.4878944e9",    "1487894400", TRV_OK, 1487894400 },

    { "9223372036854775807", "9223372036854775807", TRV_OK, INT64_MAX },
    { "-9223372036854775807", "-9223372036854775807", TRV_OK, -INT64_MAX },
    { "9223372036854775807.5", NULL, TRV_OK, INT64_MAX },
    { "9223372036854775808", "9223372036854775808", TRV_LIMIT, 0 },
    { "-9223372036854775808", "-9223372036854775808", TRV_LIMIT, 0 },
    { "18446744073709551616", "18446744073709551616", TRV_LIMIT, 0 },
    { "36893488147419103232", "36893488147419103232", TRV_LIMIT, 0 },
    { "12345678901234567890123456789.0", "12345678901234567890123456789",
      TRV_LIMIT, 0 },
    { "1e20", "100000000000000000000", TRV_LIMIT, 0 },
    { "1e400", NULL, TRV_LIMIT, 0 },
    { "-1e400", NULL, TRV_LIMIT, 0 },
    { "1e9223372036854775807", NULL, TRV_LIMIT, 0 },
    { "1e99999999999999999999999999", NULL, TRV_LIMIT, 0 },
};


static trv_str_t
json_str(const char *text)
{
    trv_str_t  s;

    s.data = (const uint8_t *) text;
    s.len = strlen(text);

    return s;
}


static void
json_whole_is(trv_str_t number, trv_str_t expected, const char *name)
{
    uint8_t    buf[TRV_JSON_DIGITS + 1];
    trv_str_t  whole;

    whole = trv_json_whole(number, buf);
    tap_bytes(whole.data, whole.len, expected.data, expected.len, name);
}


static void
json_numbers(void)
{
    size_t                i;
    int64_t               value;
    trv_rc_t              rc;
    const number_case_t  *e;

    for (i = 0; i < nelts(numbers); i++) {
        e = &numbers[i];

        json_whole_is(json_str(e->number),
                      json_str(e->whole != NULL ? e->whole : ""), e->number);

        rc = trv_json_floor(json_str(e->number), &value);

        tap_ok(rc == e->rc && (rc != TRV_OK || value == e->floor),
               "rounded down");
    }
}


/* 400 digits are the most, however they are written */

static void
json_digits(void)
{
    char       digits[TRV_JSON_DIGITS + 4], other[TRV_JSON_DIGITS + 16];
    trv_str_t  none;

    none = json_str("");

    memset(digits, '7', sizeof(digits));
    digits[0] = '-';

    json_whole_is((trv_str_t) { 400, (uint8_t *) digits + 1 },
                  (trv_str_t) { 400, (uint8_t *) digits + 1 }, "400 digits");
    json_whole_is((trv_str_t) { 401, (uint8_t *) digits },
                  (trv_str_t) { 401, (uint8_t *) digits }, "and a sign");
    json_whole_is((trv_str_t) { 401, (uint8_t *) digits + 1 }, none,
                  "401 digits");

    memcpy(other, digits, 401);
    memcpy(other + 401, ".0", 2);

    json_whole_is((trv_str_t) { 403, (uint8_t *) other },
                  (trv_str_t) { 401, (uint8_t *) digits }, "and a fraction");

    memset(digits, '0', sizeof(digits));
    digits[0] = '1';

    json_whole_is(json_str("1e399"),
                  (trv_str_t) { 400, (uint8_t *) digits }, "1e399");
    json_whole_is(json_str("10e398"),
                  (trv_str_t) { 400, (uint8_t *) digits }, "10e398");
    json_whole_is(json_str("0.01e401"),
                  (trv_str_t) { 400, (uint8_t *) digits }, "0.01e401");
    json_whole_is(json_str("0.01e402"), none, "0.01e402");

    memset(other, '0', sizeof(other));
    memcpy(other, "0.", 2);
    memcpy(other + 400, "1e399", 5);

    json_whole_is((trv_str_t) { 405, (uint8_t *) other }, json_str("1"),
                  "a one behind many noughts");
}


int
main(void)
{
    json_numbers();
    json_digits();

    return tap_done();
}
