
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The code of long texts, against vectors that were computed from the
 * definition with another program, and for what a text can be changed into.
 *
 * What makes it fail: one key for both NHs; a pair that is left out; zeros in
 * place of the length; a block that does not go into the chain.
 */


#include "trv_mac.h"
#include "tap.h"


#define SIZE  8192


typedef struct {
    size_t       len;
    const char  *code;
} mac_vector_t;


#ifdef __SIZEOF_INT128__

/* key 00 01 .. 0f; byte i of the text is 7 i + i / 251 */

static const mac_vector_t  vectors[] = {
    {    0, "9b7501f94566712da5951c9f3c5d27ed" },
    {    1, "afb017e5a63945a3c07fb78c19928f37" },
    {   15, "8faf7865c092cf4bd393ef588015650d" },
    {   16, "7923b7e66829b9a164fd847cec317f7d" },
    {   17, "49a195e220924e37a4b29200ceab6c01" },
    {  628, "812f9fe0a529399d825cb6101aa21cf2" },
    { 1023, "5a9855f6c91c7469da43d246f031da26" },
    { 1024, "f6db58152c25ea4b0104bfd1e8baa34c" },
    { 1025, "a56cb781aa9949dcef42f8ae548fb8bf" },
    { 2048, "db27b485a5c84af2986e95511d9c0698" },
    { 2500, "73bf5ca3f2d25c405e881df46179c471" },
    { 8192, "78018fd21c70b9a06f7f5b9f0386539b" },
};

#endif


static uint8_t    text[SIZE + 16];
static trv_mac_t  mac;


static trv_hash128_t
code(size_t len)
{
    trv_str_t  s;

    s.data = text;
    s.len = len;

    return trv_mac(&mac, s);
}


static int
same(trv_hash128_t a, trv_hash128_t b)
{
    return a.w[0] == b.w[0] && a.w[1] == b.w[1];
}


#ifdef __SIZEOF_INT128__

static void
test_vectors(void)
{
    char           hex[33];
    size_t         i;
    unsigned       k;
    uint8_t        bytes[16];
    trv_hash128_t  hash;

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        hash = code(vectors[i].len);

        trv_store64(bytes, hash.w[0]);
        trv_store64(bytes + 8, hash.w[1]);

        for (k = 0; k < 16; k++) {
            snprintf(hex + 2 * k, 3, "%02x", bytes[k]);
        }

        tap_ok(strcmp(hex, vectors[i].code) == 0, "%zu bytes: %s",
               vectors[i].len, hex);
    }
}

#endif


/* one bit anywhere, either half of the code */

static void
test_bits(size_t len)
{
    size_t         i;
    unsigned       half[2];
    trv_hash128_t  before, after;

    before = code(len);
    half[0] = 0;
    half[1] = 0;

    for (i = 0; i < 8 * len; i++) {
        text[i / 8] ^= (uint8_t) (1 << i % 8);
        after = code(len);
        text[i / 8] ^= (uint8_t) (1 << i % 8);

        half[0] += before.w[0] == after.w[0];
        half[1] += before.w[1] == after.w[1];
    }

    tap_ok(half[0] == 0 && half[1] == 0, "%zu bytes: each bit counts", len);
}


/* of all beginnings, also those of zeros, no two have the same code */

static void
test_lengths(const char *what)
{
    size_t                i, j;
    unsigned              equal;

    static trv_hash128_t  codes[SIZE / 4];

    equal = 0;

    for (i = 0; i < SIZE / 4; i++) {
        codes[i] = code(i);

        for (j = 0; j < i; j++) {
            equal += same(codes[i], codes[j]);
        }
    }

    tap_uint(equal, 0, what);
}


static void
test_blocks(void)
{
    uint8_t        block[TRV_MAC_BLOCK];
    trv_hash128_t  before;

    before = code(3 * TRV_MAC_BLOCK);

    memcpy(block, text, TRV_MAC_BLOCK);
    memcpy(text, text + TRV_MAC_BLOCK, TRV_MAC_BLOCK);
    memcpy(text + TRV_MAC_BLOCK, block, TRV_MAC_BLOCK);

    tap_ok(!same(before, code(3 * TRV_MAC_BLOCK)), "blocks have an order");

    memcpy(block, text, 16);
    memmove(text, text + 16, 16);
    memcpy(text + 16, block, 16);

    tap_ok(!same(before, code(3 * TRV_MAC_BLOCK)), "and so have pairs");
}


int
main(void)
{
    size_t   i;
    uint8_t  key[TRV_KEY_LEN];

    for (i = 0; i < sizeof(key); i++) {
        key[i] = (uint8_t) i;
    }

    trv_mac_open(&mac, key);

    test_lengths("beginnings of zeros");

    for (i = 0; i < SIZE; i++) {
        text[i] = (uint8_t) (i * 7 + i / 251);
    }

#ifdef __SIZEOF_INT128__
    test_vectors();
#endif

    test_lengths("beginnings of a text");
    test_bits(1);
    test_bits(40);
    test_bits(1024);
    test_bits(1100);
    test_bits(2500);
    test_blocks();

    return tap_done();
}
