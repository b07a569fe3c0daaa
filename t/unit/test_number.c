
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "../../src/core/trv_number.h"
#include "tap.h"


typedef struct {
    const char  *text;
    trv_rc_t     rc;
    int64_t      value;
    int64_t      seconds;
} number_case_t;


static const number_case_t  cases[] = {
    { "0",                        TRV_OK,  0,               0 },
    { "-0",                       TRV_OK,  0,               0 },
    { "+5",                       TRV_OK,  5,               5 },
    { "-5",                       TRV_OK,  -5,              -5 },
    { "1487894400",               TRV_OK,  1487894400,      1487894400 },
    { "1487894400.999",           TRV_OK,  1487894400,      1487894400 },
    { "-1.5",                     TRV_OK,  -2,              -2 },
    { "-1.0",                     TRV_OK,  -1,              -1 },
    { "-0.000001",                TRV_OK,  -1,              -1 },
    { "99999999999",              TRV_OK,  99999999999,     99999999999 },
    { "99999999999.9",            TRV_OK,  99999999999,     99999999999 },
    { "100000000000",             TRV_OK,  100000000000,    100000000 },
    { "1487894400999",            TRV_OK,  1487894400999,   1487894400 },
    { "1487894400999.9",          TRV_OK,  1487894400999,   1487894400 },
    { "-1487894400999",           TRV_OK,  -1487894400999,  -1487894400999 },
    { "000000000000000000000001", TRV_OK,  1,               1 },
    { "9223372036854775807",      TRV_OK,  INT64_MAX,       INT64_MAX / 1000 },
    { "-9223372036854775807.5",   TRV_OK,  INT64_MIN,       INT64_MIN },

    { "9223372036854775808",      TRV_MALFORMED,  0,  0 },
    { "-9223372036854775809",     TRV_MALFORMED,  0,  0 },
    { "99999999999999999999",     TRV_MALFORMED,  0,  0 },
    { "",                         TRV_MALFORMED,  0,  0 },
    { "+",                        TRV_MALFORMED,  0,  0 },
    { "-",                        TRV_MALFORMED,  0,  0 },
    { ".",                        TRV_MALFORMED,  0,  0 },
    { "5.",                       TRV_MALFORMED,  0,  0 },
    { ".5",                       TRV_MALFORMED,  0,  0 },
    { "1.5.2",                    TRV_MALFORMED,  0,  0 },
    { "1.-5",                     TRV_MALFORMED,  0,  0 },
    { "--1",                      TRV_MALFORMED,  0,  0 },
    { "+-1",                      TRV_MALFORMED,  0,  0 },
    { " 1",                       TRV_MALFORMED,  0,  0 },
    { "1 ",                       TRV_MALFORMED,  0,  0 },
    { "1,5",                      TRV_MALFORMED,  0,  0 },
    { "1e9",                      TRV_MALFORMED,  0,  0 },
    { "0x10",                     TRV_MALFORMED,  0,  0 },
    { "1h",                       TRV_MALFORMED,  0,  0 },
    { "2017-02-24T00:00:00Z",     TRV_MALFORMED,  0,  0 },
    { "always",                   TRV_MALFORMED,  0,  0 },
    { "inf",                      TRV_MALFORMED,  0,  0 },
};


int
main(void)
{
    size_t     i;
    int64_t    value;
    trv_rc_t   rc;
    trv_str_t  text;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        text.data = (const uint8_t *) cases[i].text;
        text.len = strlen(cases[i].text);

        value = 4711;
        rc = trv_number_parse(text, &value);

        tap_ok(rc == cases[i].rc
               && value == (rc == TRV_OK ? cases[i].value : 4711),
               "number \"%s\"", cases[i].text);

        value = 4711;
        rc = trv_number_time(text, &value);

        tap_ok(rc == cases[i].rc
               && value == (rc == TRV_OK ? cases[i].seconds : 4711),
               "time \"%s\"", cases[i].text);
    }

    return tap_done();
}
