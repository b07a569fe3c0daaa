
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What an edge says of itself, read by jansson, and the keys beside a log.
 *
 * What makes it fail: in trv_utf8_len() any of its conditions, in
 * trv_edge_text() a character that is not escaped, in trv_edge_size() a part
 * that is not counted or a smaller TRV_EDGE_NAMES (the sanitizer sees it), in
 * trv_key_tagged() another idea of a hash tag than Redis's.
 */


#include <jansson.h>

#include "engine.h"
#include "trv_edge.h"
#include "trv_key.h"


typedef struct {
    const char  *log;
    const char  *key;
} key_case_t;


static const key_case_t  keys[] = {
    { "revoked",       "{revoked}:edges" },
    { "{app}revoked",  "{app}revoked:edges" },
    { "a{b}c",         "a{b}c:edges" },
    { "{}revoked",     "{{}revoked}:edges" },
    { "{revoked",      "{{revoked}:edges" },
    { "}{a}",          "}{a}:edges" },
    { "{}{a}",         "{{}{a}}:edges" },
    { "",              "{}:edges" },
};


typedef struct {
    const char  *name;
    const char  *shown;
} name_case_t;


static const name_case_t  names[] = {
    { "revoked",                "revoked" },
    { "a\"b\\c/d",              "a\"b\\c/d" },
    { "\x01\x1f\n\t",           "\x01\x1f\n\t" },
    { "\x7f",                   "\x7f" },
    { "\xc3\xa9",               "\xc3\xa9" },
    { "\xe2\x82\xac",           "\xe2\x82\xac" },
    { "\xf0\x9f\x98\x80",       "\xf0\x9f\x98\x80" },
    { "\xf4\x8f\xbf\xbf",       "\xf4\x8f\xbf\xbf" },
    { "\xff",                   "?" },
    { "\x80",                   "?" },
    { "\xc3",                   "?" },
    { "\xc3(",                  "?(" },
    { "\xc0\xaf",               "??" },
    { "\xe0\x80\xaf",           "???" },
    { "\xe2\x82",               "??" },
    { "\xed\xa0\x80",           "???" },
    { "\xf0\x80\x80\xaf",       "????" },
    { "\xf4\x90\x80\x80",       "????" },
    { "\xf8\x88\x80\x80",       "????" },
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
test_key(const key_case_t *c)
{
    size_t    len;
    uint8_t  *buf;

    len = strlen(c->log) + 5 + TRV_KEY_EXTRA;
    buf = malloc(len);

    if (buf == NULL) {
        exit(2);
    }

    len = trv_key_format(str(c->log), str("edges"), buf);

    tap_ok(len == strlen(c->key) && memcmp(buf, c->key, len) == 0,
           "the key beside \"%s\"", c->log);

    free(buf);
}


static json_t *
read_back(const trv_edge_t *edge)
{
    size_t   size, len;
    json_t  *json;
    uint8_t *buf;

    size = trv_edge_size(edge);
    buf = malloc(size);

    if (buf == NULL) {
        exit(2);
    }

    len = trv_edge_format(edge, buf);
    json = json_loadb((char *) buf, len, 0, NULL);

    free(buf);

    return json;
}


static trv_edge_t
edge_of(const engine_t *en)
{
    trv_edge_t  edge;

    static const uint64_t  had[TRV_SHAPES] = { 1, 20, 300 };

    memset(&edge, 0, sizeof(trv_edge_t));

    edge.version = "0.1";
    edge.state = "live";
    edge.log = str("revoked");
    edge.age = UINT64_MAX;
    edge.plan = en->plan;
    edge.had = had;

    return edge;
}


static void
test_name(const name_case_t *c)
{
    json_t      *json;
    engine_t     en;
    trv_edge_t   edge;
    const char  *log;

    engine_open(&en, 64 * KB);

    edge = edge_of(&en);
    edge.log = str(c->name);

    json = read_back(&edge);
    log = json_string_value(json_object_get(json, "log"));

    tap_ok(log != NULL && strcmp(log, c->shown) == 0, "name %zu",
           (size_t) (c - names));

    json_decref(json);
    engine_close(&en);
}


static void
test_edge(void)
{
    json_t      *json, *shapes, *list;
    engine_t     en;
    trv_edge_t   edge;

    static const trv_id_t   refusals[] = { { 1, 2 }, { UINT64_MAX, 3 } };
    static const char      *reports[] = { "loss", "gap", "refused" };
    static const trv_str_t  attributes[] = {
        trv_string("device"), trv_string("a\"b")
    };

    engine_open(&en, 64 * KB);

    (void) engine_apply(&en, "sub=a;iss=i", 9);
    (void) engine_apply(&en, "kid=a;attr.device=d;x\"y=1", 9);

    edge = edge_of(&en);
    edge.time = 1750000000123;
    edge.applied.ms = UINT64_MAX;
    edge.applied.seq = UINT64_MAX;
    edge.age = 12;
    edge.rules = 2;
    edge.percent = 3;
    edge.overflow = 1;
    edge.dry_run = 1;
    edge.retain = 3600;
    edge.refused = 7;
    edge.nrefusals = 2;
    edge.refusals = refusals;
    edge.nreports = 3;
    edge.reports = reports;
    edge.tokens = 1000;
    edge.dateless = 250;
    edge.nattributes = 2;
    edge.attributes = attributes;
    edge.names = 5;

    json = read_back(&edge);

    tap_ok(json != NULL, "it is JSON");
    tap_ok(json_integer_value(json_object_get(json, "time"))
           == 1750000000123, "its time");
    tap_ok(strcmp(json_string_value(json_object_get(json, "applied")),
                  "18446744073709551615-18446744073709551615") == 0,
           "the longest ID");
    tap_ok(json_integer_value(json_object_get(json, "age")) == 12, "its age");
    tap_ok(json_is_true(json_object_get(json, "overflow"))
           && json_is_true(json_object_get(json, "dry_run")), "what is true");
    tap_ok(json_real_value(json_object_get(json, "undated")) == 0.25,
           "a share");

    tap_ok(json_integer_value(json_object_get(json, "retain")) == 3600,
           "how long a rule is kept");

    list = json_object_get(json, "refused_ids");
    tap_ok(json_array_size(list) == 2
           && strcmp(json_string_value(json_array_get(list, 0)), "1-2") == 0
           && strcmp(json_string_value(json_array_get(list, 1)),
                     "18446744073709551615-3") == 0,
           "IDs of refused entries");

    list = json_object_get(json, "reports");
    tap_ok(json_array_size(list) == 3
           && strcmp(json_string_value(json_array_get(list, 2)), "refused")
              == 0, "reports");

    list = json_object_get(json, "attributes");
    tap_ok(json_array_size(list) == 2
           && strcmp(json_string_value(json_array_get(list, 1)), "a\"b") == 0,
           "attributes");

    shapes = json_object_get(json, "shapes");
    tap_ok(json_array_size(shapes) == 2, "shapes, without that of tokens");

    list = json_array_get(shapes, 1);
    tap_ok(strcmp(json_string_value(json_object_get(list, "match")),
                  "kid+x\"y+attr.device") == 0
           && json_integer_value(json_object_get(list, "tokens")) == 300,
           "the third one: %s",
           json_string_value(json_object_get(list, "match")));

    json_decref(json);

    edge.age = UINT64_MAX;
    json = read_back(&edge);
    tap_ok(json_is_null(json_object_get(json, "age")), "no age");
    tap_ok(json_integer_value(json_object_get(json, "names")) == 5,
           "how many names");
    json_decref(json);

    edge.names_full = 1;
    json = read_back(&edge);
    tap_ok(json_is_null(json_object_get(json, "names")), "or too many");
    json_decref(json);

    engine_close(&en);
}


static json_t *
names_read_back(const trv_names_t *of)
{
    size_t    len;
    json_t   *json;
    uint8_t  *buf;

    buf = malloc(TRV_EDGE_NAMES);
    if (buf == NULL) {
        exit(2);
    }

    len = trv_edge_names(of, buf);
    json = json_loadb((char *) buf, len, 0, NULL);

    free(buf);

    return json;
}


/* as many as there can be, each as long as can be, and to be escaped */

static void
test_names(void)
{
    int            good;
    char           text[TRV_NAMES_LEN + 1];
    size_t         i, k;
    json_t        *json;
    const char    *got;
    trv_names_t    learned;
    trv_learner_t  learner;

    memset(&learned, 0, sizeof(learned));
    memset(&learner, 0, sizeof(learner));

    learner.names = &learned;
    trv_names_begin(&learner);

    json = names_read_back(&learned);
    tap_ok(json_is_array(json) && json_array_size(json) == 0, "no names");
    json_decref(json);

    trv_names_see(&learner, str("a\"b\\c"));
    json = names_read_back(&learned);
    got = json_string_value(json_array_get(json, 0));
    tap_ok(json_array_size(json) == 1 && got != NULL
           && strcmp(got, "a\"b\\c") == 0, "a name");
    json_decref(json);

    for (i = 0; !trv_names_full(&learned); i++) {
        memset(text, i % 2 ? '"' : '\\', TRV_NAMES_LEN);
        snprintf(text, sizeof(text), "%zu", i);
        text[strlen(text)] = '\\';
        trv_names_see(&learner, str(text));
    }

    json = names_read_back(&learned);
    good = json_array_size(json) == i && i == trv_names_count(&learned);

    for (k = 0; k < json_array_size(json); k++) {
        got = json_string_value(json_array_get(json, k));
        good &= got != NULL && (strlen(got) == TRV_NAMES_LEN
                                || strcmp(got, "a\"b\\c") == 0);
    }

    tap_ok(good, "%zu long names", i);
    json_decref(json);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < nelts(keys); i++) {
        test_key(&keys[i]);
    }

    for (i = 0; i < nelts(names); i++) {
        test_name(&names[i]);
    }

    test_edge();
    test_names();

    return tap_done();
}
