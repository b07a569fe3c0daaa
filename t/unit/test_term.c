
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_term.h"
#include "tap.h"


#define EPOCH   INT64_C(1577836800)
#define LAST    (EPOCH + 16 * ((INT64_C(1) << 26) - 1))
#define NEVER   TRV_END_NEVER
#define ALWAYS  TRV_CUTOFF_ALWAYS


typedef struct {
    const char  *name;
    int64_t      end;
    int64_t      kept;
} end_case_t;


static const end_case_t  ends[] = {
    { "no end stays no end",             NEVER,            NEVER },
    { "the epoch is the first end",      EPOCH,            EPOCH + 16 },
    { "before the epoch",                EPOCH - 1,        EPOCH + 16 },
    { "zero",                            0,                EPOCH + 16 },
    { "the most negative number",        INT64_MIN,        EPOCH + 16 },
    { "one second is rounded up",        EPOCH + 1,        EPOCH + 16 },
    { "a whole unit stays",              EPOCH + 16,       EPOCH + 16 },
    { "a unit and a second",             EPOCH + 17,       EPOCH + 32 },
    { "in 2025",                         1750000001,       1750000016 },
    { "the last end that fits",          LAST,             LAST },
    { "rounded up to the last",          LAST - 15,        LAST },
    { "one second too far is no end",    LAST + 1,         NEVER },
    { "the largest number but one",      INT64_MAX - 1,    NEVER },
};


typedef struct {
    const char  *name;
    int64_t      end;
    int64_t      now;
    int          dead;
} dead_case_t;


static const dead_case_t  deaths[] = {
    { "a second before its end",    EPOCH + 32,  EPOCH + 31,  0 },
    { "at its very second",         EPOCH + 32,  EPOCH + 32,  1 },
    { "after it",                   EPOCH + 32,  EPOCH + 33,  1 },
    { "rounded, still alive",       EPOCH + 33,  EPOCH + 47,  0 },
    { "rounded, dead",              EPOCH + 33,  EPOCH + 48,  1 },
    { "a clock before the epoch",   EPOCH + 32,  0,           0 },
    { "no end, the last second",    NEVER,       INT64_MAX,   0 },
    { "an end in the distant past", 0,           EPOCH + 16,  1 },
    { "the last end, before it",    LAST,        LAST - 1,    0 },
    { "the last end",               LAST,        LAST,        1 },
};


typedef struct {
    const char  *name;
    uint32_t     cutoff[3];
    int64_t      end[3];
} merge_case_t;


static const merge_case_t  merges[] = {
    { "the later of both",
      { 100, 200, 200 },  { EPOCH + 16, EPOCH + 32, EPOCH + 32 } },
    { "later cut-off of one, later end of the other",
      { 100, 200, 200 },  { EPOCH + 64, EPOCH + 32, EPOCH + 64 } },
    { "no end is the latest",
      { 100, 200, 200 },  { NEVER, LAST, NEVER } },
    { "two without end",
      { 7, 7, 7 },        { NEVER, NEVER, NEVER } },
    { "always with always",
      { ALWAYS, ALWAYS, ALWAYS },
      { EPOCH + 16, EPOCH + 48, EPOCH + 48 } },
    { "cut-off zero",
      { 0, 0, 0 },        { EPOCH + 16, EPOCH + 16, EPOCH + 16 } },
    { "equal",
      { 5, 5, 5 },        { LAST, LAST, LAST } },
};


typedef struct {
    const char  *name;
    uint32_t     cutoff[2];
    unsigned     shape[2];
    int          same;
} same_case_t;


static const same_case_t  sames[] = {
    { "two numbers",             { 1, 2 },            { 3, 3 },  1 },
    { "always twice",            { ALWAYS, ALWAYS },  { 3, 3 },  1 },
    { "always and a number",     { ALWAYS, 1 },       { 3, 3 },  0 },
    { "a number and always",     { 1, ALWAYS },       { 3, 3 },  0 },
    { "the largest number",      { ALWAYS - 1, 0 },   { 3, 3 },  1 },
    { "two shapes",              { 1, 1 },            { 3, 4 },  0 },
    { "two shapes, always",      { ALWAYS, ALWAYS },  { 0, 63 }, 0 },
};


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


static void
test_ends(void)
{
    size_t      i;
    trv_term_t  term;

    for (i = 0; i < nelts(ends); i++) {
        term = trv_term_make(42, ends[i].end, 63);

        tap_ok(trv_term_end(term) == ends[i].kept
               && trv_term_cutoff(term) == 42
               && trv_term_shape(term) == 63,
               "end: %s", ends[i].name);
    }

    for (i = 0; i < nelts(deaths); i++) {
        term = trv_term_make(ALWAYS, deaths[i].end, 0);

        tap_ok(trv_term_dead(term, deaths[i].now) == deaths[i].dead,
               "dead: %s", deaths[i].name);
    }
}


static void
test_pairs(void)
{
    size_t               i;
    trv_term_t           a, b, m;
    const same_case_t   *s;
    const merge_case_t  *c;

    for (i = 0; i < nelts(merges); i++) {
        c = &merges[i];
        a = trv_term_make(c->cutoff[0], c->end[0], 9);
        b = trv_term_make(c->cutoff[1], c->end[1], 9);
        m = trv_term_make(c->cutoff[2], c->end[2], 9);

        tap_ok(trv_term_merge(a, b) == m && trv_term_merge(b, a) == m,
               "merge: %s", c->name);
    }

    for (i = 0; i < nelts(sames); i++) {
        s = &sames[i];
        a = trv_term_make(s->cutoff[0], EPOCH, s->shape[0]);
        b = trv_term_make(s->cutoff[1], NEVER, s->shape[1]);

        tap_ok(trv_term_same(a, b) == s->same, "same: %s", s->name);
    }
}


int
main(void)
{
    unsigned    shape;
    trv_term_t  term;

    test_ends();
    test_pairs();

    for (shape = 0; shape < TRV_TERM_SHAPES; shape++) {
        term = trv_term_make(ALWAYS, LAST, shape);

        if (trv_term_shape(term) != shape || trv_term_end(term) != LAST
            || trv_term_cutoff(term) != ALWAYS)
        {
            break;
        }
    }

    tap_uint(shape, TRV_TERM_SHAPES, "each shape beside full fields");
    tap_uint(trv_term_make(0, NEVER, 64), 0, "a shape stays in its bits");

    return tap_done();
}
