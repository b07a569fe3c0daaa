
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Property: an object that jansson reads we read, and find in it, by a number
 * of names and paths, what a simple search of jansson's tree finds.  A text
 * that is not an object has no claims.
 *
 * jansson takes a NUL byte behind a number for white space: a text with one is
 * not shown to it, and has no claims.  It also turns numbers that have a point
 * or an exponent into doubles, which do not tell 1 from 0.99999999999999999999:
 * there the double of what we found is compared.
 */


#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "trv_find.h"


#define FUZZ_VALUES  4096


/* what is found for one name, in the order of the text */

typedef struct {
    trv_str_t  text;                  /* allocated, ends with NUL */
    int        seen;
} fuzz_value_t;


typedef struct {
    fuzz_value_t  value[FUZZ_VALUES];
    size_t        n;
    unsigned      wanted;
    int           real;               /* what is expected now */
} fuzz_list_t;


static const char *const  names[] = {
    "a", "b", "a.b", "a.a", "a.b.c", "b.a", "sub", ".a", "a.", ".", "a..b",
    "\xc3\xa9", "c", "d.e.f", "x", "realm_access.roles",
};

#define FUZZ_NAMES  (sizeof(names) / sizeof(names[0]))


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
fuzz_found(void *data, unsigned selector, trv_str_t value)
{
    uint8_t      *p;
    fuzz_list_t  *list;

    list = data;

    if (selector != list->wanted || list->n == FUZZ_VALUES) {
        return;
    }

    p = malloc(value.len + 1);
    if (p == NULL) {
        abort();
    }

    memcpy(p, value.data, value.len);
    p[value.len] = '\0';

    list->value[list->n].text.data = p;
    list->value[list->n].text.len = value.len;
    list->n++;
}


static int
fuzz_equal(json_t *tree, trv_str_t text)
{
    char   number[32];
    char  *end;

    switch (json_typeof(tree)) {

    case JSON_STRING:
        return json_string_length(tree) == text.len
               && memcmp(json_string_value(tree), text.data, text.len) == 0;

    case JSON_INTEGER:
        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
                 json_integer_value(tree));
        return strcmp(number, (const char *) text.data) == 0;

    case JSON_REAL:
        return strtod((const char *) text.data, &end) == json_real_value(tree)
               && *end == '\0';

    case JSON_TRUE:
        return strcmp((const char *) text.data, "true") == 0;

    case JSON_FALSE:
        return strcmp((const char *) text.data, "false") == 0;

    default:
        return 0;
    }
}


/* takes one of the values that was found; one that is not there must be real */

static void
fuzz_expect(fuzz_list_t *list, json_t *tree)
{
    size_t  i;

    if (json_is_object(tree) || json_is_array(tree) || json_is_null(tree)
        || json_is_real(tree) != list->real)
    {
        return;
    }

    for (i = 0; i < list->n; i++) {
        if (!list->value[i].seen && fuzz_equal(tree, list->value[i].text)) {
            list->value[i].seen = 1;
            return;
        }
    }

    if (!json_is_real(tree)) {
        abort();
    }
}


static void
fuzz_search(fuzz_list_t *list, json_t *object, const char *path)
{
    size_t       i, len;
    json_t      *value, *element;
    const char  *name;

    json_object_foreach(object, name, value) {

        len = strlen(name);

        if (strcmp(name, path) == 0) {

            fuzz_expect(list, value);

            json_array_foreach(value, i, element) {
                fuzz_expect(list, element);
            }

        } else if (json_is_object(value) && strncmp(name, path, len) == 0
                   && path[len] == '.')
        {
            fuzz_search(list, value, path + len + 1);
        }
    }
}


static trv_rc_t
fuzz_find(const uint8_t *data, size_t size, fuzz_list_t *list)
{
    uint8_t        *text, *nest;
    unsigned        i;
    trv_rc_t        rc;
    trv_find_t      find;
    trv_wanted_t    wanted;
    trv_selector_t  selector[FUZZ_NAMES];

    text = malloc(size + !size);
    nest = malloc(trv_json_nest_len(size));

    if (text == NULL || nest == NULL) {
        abort();
    }

    memcpy(text, data, size);

    memset(&find, 0, sizeof(find));
    find.wanted = &wanted;
    find.paths = 1;
    find.value = fuzz_found;
    find.value_data = list;

    wanted.selector = selector;
    wanted.n = 0;

    for (i = 0; i < FUZZ_NAMES; i++) {
        selector[i].origin = TRV_FROM_CLAIM;
        selector[i].name.data = (const uint8_t *) names[i];
        selector[i].name.len = strlen(names[i]);
        trv_wanted_add(&wanted, i);
    }

    rc = trv_find(&find, text, size, nest);

    free(text);
    free(nest);

    return rc;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                 nul;
    size_t              i;
    json_t             *root;
    trv_rc_t            rc;

    static fuzz_list_t  list;

    nul = size != 0 && memchr(data, '\0', size) != NULL;

    root = size != 0 && !nul
           ? json_loadb((const char *) data, size, JSON_REJECT_DUPLICATES
                        | JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL)
           : NULL;

    for (list.wanted = 0; list.wanted < FUZZ_NAMES; list.wanted++) {

        list.n = 0;
        rc = fuzz_find(data, size, &list);

        if ((root != NULL && (rc == TRV_OK) != json_is_object(root))
            || (nul && rc == TRV_OK))
        {
            abort();
        }

        if (root != NULL && rc == TRV_OK) {
            for (list.real = 0; list.real < 2; list.real++) {
                fuzz_search(&list, root, names[list.wanted]);
            }
        }

        for (i = 0; i < list.n; i++) {

            if (root != NULL && rc == TRV_OK && !list.value[i].seen) {
                abort();
            }

            free((void *) list.value[i].text.data);
            list.value[i].seen = 0;
        }
    }

    json_decref(root);

    return 0;
}
