
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * A zone with its shapes, and what applies entries to it and asks about
 * tokens, for the tests of rules over any claim.
 *
 * Entries and tokens are written as "name=value;name=value".  In a token
 * "token" is the token itself, and "iat" its issue time.
 */


#ifndef _ENGINE_H_INCLUDED_
#define _ENGINE_H_INCLUDED_


#include "trv_expand.h"
#include "trv_token.h"
#include "zone.h"


#define ENGINE_TEXT  512              /* bytes of an entry or a token */
#define ENGINE_MS    (NOW * 1000)     /* when entries were written */


typedef struct {
    zone_t              zone;
    trv_shapes_t       *shapes;
    trv_plan_t         *plan;
    trv_expand_t       *expand;
    trv_expand_zone_t   with;
    trv_digest_t       *digest;
    trv_batch_t        *batch;
} engine_t;


static const trv_str_t  engine_attributes[] = {
    trv_string("device"), trv_string("host")
};


static inline void *
engine_alloc(size_t size)
{
    void  *p;

    if (posix_memalign(&p, 64, size) != 0) {
        exit(2);
    }

    memset(p, 0, size);

    return p;
}


static inline void
engine_open(engine_t *en, size_t size)
{
    en->zone = zone_open(size);
    en->shapes = engine_alloc(trv_shapes_size());
    en->plan = engine_alloc(trv_plan_size());
    en->expand = trv_expand_create();
    en->digest = trv_digest_create();
    en->batch = trv_batch_create(en->digest);

    if (en->expand == NULL || en->digest == NULL || en->batch == NULL) {
        exit(2);
    }

    en->with.mode = TRV_EXPAND_APPLY;
    en->with.lifted = NULL;
    en->with.table = &en->zone.table;
    en->with.shapes = en->shapes;
    en->with.writer = en->zone.writer;
    en->with.attributes = engine_attributes;
    en->with.nattributes = nelts(engine_attributes);
    en->with.retain = 0;
    en->with.now = NOW;

    trv_plan_load(en->plan, en->shapes);
}


static inline void
engine_close(engine_t *en)
{
    trv_batch_destroy(en->batch);
    trv_digest_destroy(en->digest);
    trv_expand_destroy(en->expand);
    free(en->plan);
    free(en->shapes);
    zone_close(&en->zone);
}


/* the next "name=value" of the text; 0 if there are no more */

static inline int
engine_pair(const char **text, trv_str_t *name, trv_str_t *value)
{
    size_t       len;
    const char  *p;

    len = strcspn(*text, ";");

    if (len == 0) {
        return 0;
    }

    p = memchr(*text, '=', len);

    if (p == NULL) {
        exit(2);
    }

    name->data = (const uint8_t *) *text;
    name->len = (size_t) (p - *text);

    value->data = (const uint8_t *) p + 1;
    value->len = len - name->len - 1;

    *text += len;
    *text += **text == ';';

    return 1;
}


/* the entry, which is the caller's until engine_shift() */

static inline const trv_entry_t *
engine_entry(engine_t *en, uint64_t ms, const char *text)
{
    trv_id_t   id;
    trv_str_t  name, value;

    id.ms = ms;
    id.seq = 0;

    (void) trv_batch_begin(en->batch, id);

    while (engine_pair(&text, &name, &value)) {
        (void) trv_batch_name(en->batch, name);
        (void) trv_batch_value(en->batch, value);
    }

    if (trv_batch_finish(en->batch, (int64_t) ms) != TRV_OK) {
        exit(2);
    }

    return trv_batch_first(en->batch);
}


static inline trv_rc_t
engine_expand(engine_t *en, const trv_entry_t *entry, unsigned max)
{
    trv_rc_t  rc;

    rc = trv_expand_begin(en->expand, &en->with, entry);

    if (rc != TRV_OK) {
        return rc;
    }

    do {
        rc = trv_expand_step(en->expand, &en->with, max);
    } while (rc == TRV_NONE);

    return rc;
}


/* applies an entry; max: rules in a step */

static inline trv_rc_t
engine_apply(engine_t *en, const char *text, unsigned max)
{
    trv_rc_t  rc;

    rc = engine_expand(en, engine_entry(en, ENGINE_MS, text), max);

    trv_batch_shift(en->batch);
    trv_plan_load(en->plan, en->shapes);

    return rc;
}


/* a value of the token, if the plan asks for it */

static inline void
engine_trait(engine_t *en, trv_traits_t *traits, trv_str_t name,
    trv_str_t value)
{
    unsigned        i;
    trv_selector_t  selector;

    if (trv_selector_resolve(name, engine_attributes,
                             nelts(engine_attributes), &selector)
        != TRV_OK)
    {
        exit(2);
    }

    for (i = 0; i < en->plan->nselectors; i++) {
        if (trv_selector_cmp(&selector, &en->plan->selector[i]) == 0) {
            trv_traits_add(traits, i,
                           trv_match_value(&en->zone.table, value));
        }
    }
}


static inline void
engine_token(engine_t *en, const char *text, trv_traits_t *traits)
{
    trv_str_t  name, value;

    memset(traits, 0xa5, sizeof(trv_traits_t));

    traits->issued = TRV_ISSUED_UNKNOWN;
    traits->unreadable = 0;
    trv_traits_open(traits);

    while (engine_pair(&text, &name, &value)) {

        if (name.len == 3 && memcmp(name.data, "iat", 3) == 0) {
            traits->issued = strtoll((const char *) value.data, NULL, 10);

        } else if (name.len == 5 && memcmp(name.data, "token", 5) == 0) {
            (void) trv_digest_sha256(en->digest, value,
                                     traits->id[traits->nids++]);

        } else {
            engine_trait(en, traits, name, value);
        }
    }
}


static inline trv_rc_t
engine_ask(engine_t *en, const char *text, int64_t leeway, trv_match_t *match)
{
    trv_rc_t      rc;
    trv_match_t   kept;
    trv_traits_t  traits;

    engine_token(en, text, &traits);

    rc = trv_match_lookup(&en->zone.table, en->plan, &traits, leeway, NOW,
                          match);

    /* what is computed first and looked up then is the same */

    trv_match_probe(&en->zone.table, en->plan, &traits);
    traits.ntraits = traits.probed ? 0 : traits.ntraits;

    if (trv_match_lookup(&en->zone.table, en->plan, &traits, leeway, NOW,
                         &kept) != rc
        || (rc == TRV_NONE && kept.had != match->had)
        || (rc == TRV_OK && (kept.shape != match->shape
                             || kept.undated != match->undated
                             || kept.term != match->term)))
    {
        return TRV_MALFORMED;
    }

    return rc;
}


#endif /* _ENGINE_H_INCLUDED_ */
