
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "../../src/core/trv_log.h"
#include "tap.h"


typedef struct {
    const char  *text;
    trv_rc_t     rc;
    trv_id_t     id;
} id_case_t;


static const id_case_t  cases[] = {
    { "0-0",                      TRV_OK,         { 0, 0 } },
    { "1700000000000-3",          TRV_OK,         { 1700000000000, 3 } },
    { "1700000000000",            TRV_OK,         { 1700000000000, 0 } },
    { "007-08",                   TRV_OK,         { 7, 8 } },
    { "18446744073709551615-18446744073709551615",
      TRV_OK, { UINT64_MAX, UINT64_MAX } },
    { "18446744073709551616-0",   TRV_MALFORMED,  { 0, 0 } },
    { "0-18446744073709551616",   TRV_MALFORMED,  { 0, 0 } },
    { "99999999999999999999-0",   TRV_MALFORMED,  { 0, 0 } },
    { "184467440737095516150",    TRV_MALFORMED,  { 0, 0 } },
    { "",                         TRV_MALFORMED,  { 0, 0 } },
    { "-",                        TRV_MALFORMED,  { 0, 0 } },
    { "1-",                       TRV_MALFORMED,  { 0, 0 } },
    { "-1",                       TRV_MALFORMED,  { 0, 0 } },
    { "1-2-3",                    TRV_MALFORMED,  { 0, 0 } },
    { "1-*",                      TRV_MALFORMED,  { 0, 0 } },
    { "1 -2",                     TRV_MALFORMED,  { 0, 0 } },
    { " 1-2",                     TRV_MALFORMED,  { 0, 0 } },
    { "1-2 ",                     TRV_MALFORMED,  { 0, 0 } },
    { "1--2",                     TRV_MALFORMED,  { 0, 0 } },
    { "$",                        TRV_MALFORMED,  { 0, 0 } },
};


static trv_str_t
str(const char *text)
{
    trv_str_t  s;

    s.data = (const uint8_t *) text;
    s.len = strlen(text);

    return s;
}


static void
test_parse(void)
{
    size_t    i;
    trv_rc_t  rc;
    trv_id_t  id;

    static const trv_id_t  untouched = { 77, 88 };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        id = untouched;
        rc = trv_id_parse(str(cases[i].text), &id);

        tap_ok(rc == cases[i].rc
               && trv_id_cmp(id, rc == TRV_OK ? cases[i].id : untouched) == 0,
               "parse \"%s\"", cases[i].text);
    }
}


static void
test_format(void)
{
    size_t    i, len;
    uint8_t   buf[TRV_ID_LEN];
    trv_id_t  id;

    static const char *const  texts[] = {
        "0-0", "1-0", "10-9", "1700000000000-3",
        "18446744073709551615-18446744073709551615",
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        (void) trv_id_parse(str(texts[i]), &id);
        len = trv_id_format(id, buf);

        tap_bytes(buf, len, texts[i], strlen(texts[i]), texts[i]);
    }
}


static void
test_cmp(void)
{
    size_t  i, j;
    int     order;

    static const trv_id_t  ids[] = {
        { 0, 0 }, { 0, UINT64_MAX }, { 1, 0 }, { 1, 1 },
        { UINT64_MAX, 0 }, { UINT64_MAX, UINT64_MAX },
    };

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        for (j = 0; j < sizeof(ids) / sizeof(ids[0]); j++) {
            order = trv_id_cmp(ids[i], ids[j]);

            tap_ok((order < 0) == (i < j) && (order > 0) == (i > j),
                   "order of ID %zu and %zu", i, j);
        }
    }
}


static int
holds(trv_position_t *position, trv_mark_t mark)
{
    trv_mark_t  found;

    found = trv_position_mark(position);

    return trv_id_cmp(found.id, mark.id) == 0
           && trv_id_cmp(trv_position_load(position), mark.id) == 0
           && found.digest == mark.digest
           && found.added == mark.added;
}


/* what the writer had done when it died, and the position that holds then */

static void
test_position(void)
{
    trv_id_t        zero = { 0, 0 };
    trv_mark_t      a = { { 5, 6 }, 7, 8 }, b = { { 9, 10 }, 11, 12 };
    size_t          i;
    trv_position_t  position;

    memset(&position, 0, sizeof(position));

    tap_ok(trv_id_cmp(trv_position_load(&position), zero) == 0,
           "fresh memory: nothing applied");

    trv_position_store(&position, a);
    tap_ok(holds(&position, a), "one store");

    trv_position_store(&position, b);
    tap_ok(holds(&position, b), "two stores");

    /* the next store dies after any of the words of its slot */

    for (i = 0; i < sizeof(trv_mark_t) / sizeof(uint64_t); i++) {
        ((uint64_t *) &position.slot[(position.selector + 1) & 1])[i] = 99;

        tap_ok(holds(&position, b), "dead after word %zu", i);
    }

    trv_position_store(&position, a);
    tap_ok(holds(&position, a),
           "the successor goes on");

    position.selector = UINT64_MAX;
    trv_position_store(&position, b);
    tap_ok(holds(&position, b),
           "the selector comes round");
}


int
main(void)
{
    test_parse();
    test_format();
    test_cmp();
    test_position();

    return tap_done();
}
