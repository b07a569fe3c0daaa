
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Entries that differ have different sums.
 */


#include <stdlib.h>
#include "../../src/core/trv_sum.h"
#include "tap.h"


#define TEXTS  6


typedef struct {
    const char  *name;
    const char  *a[TEXTS];
    const char  *b[TEXTS];
} pair_case_t;


static const pair_case_t  different[] = {
    { "a value", { "sub", "alice" }, { "sub", "alicf" } },
    { "a name", { "sub", "alice" }, { "sud", "alice" } },
    { "name and value swapped", { "sub", "alice" }, { "alice", "sub" } },
    { "a pair more", { "sub", "a" }, { "sub", "a", "sub", "a" } },
    { "pairs swapped", { "sub", "a", "iss", "b" }, { "iss", "b", "sub", "a" } },
    { "values swapped",
      { "sub", "a", "iss", "b" }, { "sub", "b", "iss", "a" } },
    { "names swapped",
      { "sub", "a", "iss", "b" }, { "iss", "a", "sub", "b" } },
    { "the first of two",
      { "sub", "a", "iss", "b" }, { "sub", "c", "iss", "b" } },
    { "the first of three",
      { "t", "1", "t", "2", "t", "3" }, { "t", "4", "t", "2", "t", "3" } },
    { "three in turn",
      { "t", "1", "t", "2", "t", "3" }, { "t", "2", "t", "3", "t", "1" } },
    { "another border", { "su", "balice" }, { "sub", "alice" } },
    { "the border of a pair", { "a", "bc", "d", "" }, { "a", "b", "cd", "" } },
    { "an empty value", { "sub", "" }, { "sub" } },
    { "an empty name", { "", "sub" }, { "sub", "" } },
    { "nothing but empty texts", { "", "" }, { "", "", "", "" } },
    { "one empty text", { "" }, { "", "" } },
    { "one text", { "a" }, { "b" } },
    { "a reason",
      { "sub", "a", "reason", "x" }, { "sub", "a", "reason", "y" } },
    { "upper case", { "sub", "alice" }, { "sub", "Alice" } },
};


/* from memory of its size: a sanitizer sees any step beyond */

static void
add(trv_sum_t *sum, const void *data, size_t len)
{
    uint8_t    *memory;
    trv_str_t   text;

    memory = malloc(len != 0 ? len : 1);
    memcpy(memory, data, len);

    text.data = len != 0 ? memory : NULL;
    text.len = len;

    trv_sum_add(sum, text);
    free(memory);
}


static uint64_t
sum_of(const char *const *texts)
{
    unsigned   i;
    trv_sum_t  sum;

    trv_sum_clear(&sum);

    for (i = 0; i < TEXTS && texts[i] != NULL; i++) {
        add(&sum, texts[i], strlen(texts[i]));
    }

    return trv_sum_value(&sum);
}


static uint64_t
sum_one(const uint8_t *value, size_t len)
{
    trv_sum_t  sum;

    trv_sum_clear(&sum);
    add(&sum, "token", 5);
    add(&sum, value, len);

    return trv_sum_value(&sum);
}


static int
compare(const void *a, const void *b)
{
    uint64_t  x, y;

    x = *(const uint64_t *) a;
    y = *(const uint64_t *) b;

    return x < y ? -1 : x > y;
}


static unsigned
doubles(uint64_t *sums, size_t n)
{
    size_t    i;
    unsigned  found;

    found = 0;
    qsort(sums, n, sizeof(uint64_t), compare);

    for (i = 1; i < n; i++) {
        found += sums[i] == sums[i - 1];
    }

    return found;
}


/* texts of every length with one bit turned, all of them together */

#define LENGTHS  150


static void
test_bits(void)
{
    size_t    len, i, n;
    uint8_t   text[LENGTHS];
    uint64_t  *sums;

    sums = malloc(LENGTHS * LENGTHS * 8 * sizeof(uint64_t));
    memset(text, 'f', sizeof(text));
    n = 0;

    for (len = 0; len < LENGTHS; len++) {
        sums[n++] = sum_one(text, len);

        for (i = 0; i < 8 * len; i++) {
            text[i / 8] ^= (uint8_t) (1 << i % 8);
            sums[n++] = sum_one(text, len);
            text[i / 8] ^= (uint8_t) (1 << i % 8);
        }
    }

    tap_uint(doubles(sums, n), 0, "each bit of each length counts");
    free(sums);
}


/* two bytes swapped, or two blocks, anywhere */

static void
test_swaps(void)
{
    size_t    i, j, n;
    uint8_t   text[96], one;
    uint64_t  *sums;

    sums = malloc((96 * 96 + 1) * sizeof(uint64_t));

    for (i = 0; i < sizeof(text); i++) {
        text[i] = (uint8_t) (i + 1);
    }

    n = 0;
    sums[n++] = sum_one(text, sizeof(text));

    for (i = 0; i < sizeof(text); i++) {
        for (j = i + 1; j < sizeof(text); j++) {
            one = text[i];
            text[i] = text[j];
            text[j] = one;

            sums[n++] = sum_one(text, sizeof(text));

            text[j] = text[i];
            text[i] = one;
        }
    }

    for (i = 16; i < sizeof(text); i += 16) {
        memmove(text + 16, text, i);
        sums[n++] = sum_one(text, i + 16);
    }

    tap_uint(doubles(sums, n), 0, "the order of bytes counts");
    free(sums);
}


/* of a text that is too long the beginning counts, and that it is */

static void
test_long(void)
{
    uint8_t   *text;
    uint64_t   longest, longer;

    text = malloc(3 * TRV_SUM_TEXT_MAX);
    memset(text, 'x', 3 * TRV_SUM_TEXT_MAX);

    longest = sum_one(text, TRV_SUM_TEXT_MAX);
    longer = sum_one(text, TRV_SUM_TEXT_MAX + 1);

    tap_ok(longest != longer, "one byte over the limit");
    tap_ok(sum_one(text, 3 * TRV_SUM_TEXT_MAX) == longer, "any number of them");

    text[TRV_SUM_TEXT_MAX] = 'y';
    tap_ok(sum_one(text, TRV_SUM_TEXT_MAX + 1) == longer, "whatever they are");

    text[TRV_SUM_TEXT_MAX - 1] = 'y';
    tap_ok(sum_one(text, TRV_SUM_TEXT_MAX + 1) != longer
           && sum_one(text, TRV_SUM_TEXT_MAX) != longest, "the byte before");

    free(text);
}


/* tokens that are counted up, alone and in entries of three */

#define MANY  100000


static void
test_many(void)
{
    char       value[65];
    size_t     n;
    uint64_t  *sums;
    trv_sum_t  sum;

    sums = malloc(2 * MANY * sizeof(uint64_t));
    trv_sum_clear(&sum);

    for (n = 0; n < MANY; n++) {
        sprintf(value, "%064zx", n);
        sums[n] = sum_one((uint8_t *) value, 64);

        if (n % 3 == 0) {
            trv_sum_clear(&sum);
        }

        add(&sum, "token", 5);
        add(&sum, value, 64);
        sums[MANY + n] = n % 3 != 0 ? trv_sum_value(&sum)
                                    : sums[n] ^ UINT64_MAX;
    }

    tap_uint(doubles(sums, 2 * MANY), 0, "no two of many are the same");
    free(sums);
}


int
main(void)
{
    size_t     i;
    trv_sum_t  sum;

    trv_sum_clear(&sum);
    tap_ok(trv_sum_value(&sum) == 0, "of nothing");

    memset(&sum, 0, sizeof(sum));
    tap_ok(trv_sum_value(&sum) == 0, "zero memory");

    for (i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
        tap_ok(sum_of(different[i].a) != sum_of(different[i].b)
               && sum_of(different[i].a) != 0 && sum_of(different[i].b) != 0
               && sum_of(different[i].a) == sum_of(different[i].a),
               "%s", different[i].name);
    }

    test_bits();
    test_swaps();
    test_long();
    test_many();

    return tap_done();
}
