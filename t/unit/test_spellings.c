
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * However a token is written, it is found: very many spellings of
 * t/fuzz/spelling.h, the same ones each time.  Kills: a reading that is left
 * out, or only tried in one order.
 *
 * usage: test_spellings [--print N]
 *
 * With --print nothing is tested: N spellings that nginx takes are printed for
 * t/132-spellings.t, one a line: source, name, token, and the field or query
 * (both in hex).
 */


#include "../fuzz/spelling_check.h"
#include "tap.h"


#define SPELLINGS  200000
#define SHOWN      10


static const char *const  kinds[] = {
    [SPELLING_VALUE_OF] = "value",
    [SPELLING_SCHEME_OF] = "scheme",
    [SPELLING_BASIC_OF] = "basic",
    [SPELLING_COOKIE_OF] = "cookie",
    [SPELLING_ARG_OF] = "arg",
};


static const char *const  marks[] = {
    [SPELLING_PERCENT] = "percent-encoding",
    [SPELLING_PLUS] = "'+' for a blank",
    [SPELLING_QUOTES] = "quotes",
    [SPELLING_OPEN] = "quotes on one side, or something else",
    [SPELLING_BACKSLASH] = "backslashes",
    [SPELLING_OCTAL] = "octal bytes",
    [SPELLING_SCHEME] = "a scheme in the value",
    [SPELLING_BLANKS] = "blanks around it",
    [SPELLING_DEEP] = "all steps at once",
    [SPELLING_NAME] = "a name that is spelled",
    [SPELLING_PREFIX] = "other credentials before it",
    [SPELLING_BEHIND] = "something behind it",
    [SPELLING_PARAMETER] = "a parameter",
    [SPELLING_OTHER_CUT] = "pairs that only some separate",
    [SPELLING_SAME_NAME] = "the same name more than once",
    [SPELLING_TOO_MANY] = "too many tokens",
    [SPELLING_FOREIGN] = "bytes that base64 has not",
    [SPELLING_PADDING] = "padding",
    [SPELLING_SEEN] = "another source that has seen it before",
    [SPELLING_UNICODE] = "%u00XX",
    [SPELLING_NUL] = "NUL and more behind it",
    [SPELLING_GLUED] = "no blank behind the scheme",
    [SPELLING_SKIPPED] = "something that begins no JWT before it",
    [SPELLING_LIST] = "other elements of a list",
    [SPELLING_PROTOCOL] = "a name of a WebSocket protocol",
};


static void
print_hex(const spelling_text_t *text)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {
        printf("%02x", text->data[i]);
    }
}


static void
print_spelling(const spelling_t *s)
{
    printf("%s %.*s ", kinds[s->kind], (int) s->name.len,
           s->name.len != 0 ? (const char *) s->name.data : "");
    print_hex(&s->token);
    printf(" ");
    print_hex(&s->in);
    printf("\n");
}


static uint64_t
seed_of(unsigned i)
{
    return (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}


static void
print_some(unsigned n)
{
    unsigned           i;

    static spelling_t  s;

    for (i = 0; n != 0; i++) {
        spelling_make(&s, NULL, 0, seed_of(i), 1);

        if (!spelling_too_many(&s)) {
            print_spelling(&s);
            n--;
        }
    }
}


int
main(int argc, char **argv)
{
    unsigned           i, k, wrong, count[SPELLING_NMARKS];
    unsigned           of_kind[SPELLING_NKINDS];
    const char        *what;

    static spelling_t  s;

    if (argc == 3 && strcmp(argv[1], "--print") == 0) {
        print_some((unsigned) strtoul(argv[2], NULL, 10));
        return 0;
    }

    memset(count, 0, sizeof(count));
    memset(of_kind, 0, sizeof(of_kind));
    wrong = 0;

    for (i = 0; i < SPELLINGS && wrong < SHOWN; i++) {

        spelling_make(&s, NULL, 0, seed_of(i), i % 4 == 0);

        of_kind[s.kind]++;

        for (k = 0; k < SPELLING_NMARKS; k++) {
            count[k] += s.marks >> k & 1;
        }

        what = spelling_check(&s, 1);

        if (what != NULL) {
            wrong++;
            printf("# %s: ", what);
            print_spelling(&s);
        }
    }

    tap_uint(wrong, 0, "each token is found");
    tap_uint(i, SPELLINGS, "in each spelling");

    for (k = 0; k < SPELLING_NKINDS; k++) {
        tap_ok(of_kind[k] > SPELLINGS / 10, "many of kind %s", kinds[k]);
    }

    for (k = 0; k < SPELLING_NMARKS; k++) {
        tap_ok(count[k] > SPELLINGS / 1000, "with %s", marks[k]);
    }

    return tap_done();
}
