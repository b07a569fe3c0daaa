
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Two processes that see a name for the first time at the same moment can put
 * it into two slots.  A look-up finds the first of them, and only that one is
 * shown.  A process that is killed between the two writes of a slot leaves it
 * taken for ever, which costs that slot and no more.
 */


#include "trv_names.h"
#include "trv_siphash.h"
#include "trv_utf8.h"


/* the length of a slot that is being written */

#define TRV_NAMES_BUSY   0xff

/* slots for one name: so many are taken by others only if most of them are */

#define TRV_NAMES_TRIES  16


/* all bytes of a name of up to 16, of a longer one those at both ends */

typedef struct {
    uint64_t  first;
    uint64_t  last;
} trv_names_words_t;


/* the slots of a name, one after the other; "step" is odd: no slot twice */

typedef struct {
    unsigned  at;
    unsigned  step;
} trv_names_walk_t;


static inline uint64_t
trv_names_load32(const uint8_t *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8
           | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}


static inline trv_names_words_t
trv_names_words(const uint8_t *p, size_t len)
{
    trv_names_words_t  words;

    if (len >= 8) {
        words.first = trv_load64(p);
        words.last = trv_load64(p + len - 8);

    } else if (len >= 4) {
        words.first = trv_names_load32(p);
        words.last = trv_names_load32(p + len - 4);

    } else {
        words.first = p[0];
        words.last = (uint64_t) p[len / 2] << 8 | p[len - 1];
    }

    return words;
}


/*
 * No secret is in it: who makes names that meet in the same slots fills the
 * table with fewer of them.
 */

static inline trv_names_walk_t
trv_names_walk(const trv_names_words_t *words, size_t len)
{
    uint64_t          h;
    trv_names_walk_t  walk;

    h = (words->first ^ len) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 29 ^ words->last) * UINT64_C(0xbf58476d1ce4e5b9);

    walk.at = (unsigned) (h >> 57);
    walk.step = (unsigned) (h >> 50) | 1;

    return walk;
}


/* the slot has a name of the same length */

static inline int
trv_names_same(const trv_names_slot_t *slot, trv_str_t name)
{
    trv_names_words_t  one, other;

    one = trv_names_words(slot->text, name.len);
    other = trv_names_words(name.data, name.len);

    return one.first == other.first && one.last == other.last
           && (name.len <= 16
               || memcmp(slot->text + 8, name.data + 8, name.len - 16) == 0);
}


/* false: another process was faster */

static int
trv_names_put(trv_names_slot_t *slot, trv_str_t name)
{
    uint8_t  len;

    len = 0;

    if (!__atomic_compare_exchange_n(&slot->len, &len, TRV_NAMES_BUSY, 0,
                                     __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    {
        return 0;
    }

    memcpy(slot->text, name.data, name.len);

    __atomic_store_n(&slot->len, (uint8_t) name.len, __ATOMIC_RELEASE);

    return 1;
}


int
trv_names_fit(trv_str_t name)
{
    size_t   i, n;
    uint8_t  c;

    if (name.len == 0 || name.len > TRV_NAMES_LEN) {
        return 0;
    }

    for (i = 0; i < name.len; i += n) {

        n = trv_utf8_len(name.data + i, name.len - i);
        c = name.data[i];

        /* those of ASCII, DEL, and U+0080 to U+009F */

        if (n == 0 || c < 0x20 || c == 0x7f
            || (c == 0xc2 && name.data[i + 1] < 0xa0))
        {
            return 0;
        }
    }

    return 1;
}


/* the slot of a name that was not guessed; TRV_NAMES: it has none */

static unsigned
trv_names_slot(trv_names_t *names, trv_str_t name)
{
    uint8_t             len;
    unsigned            i, at;
    trv_names_slot_t   *slot;
    trv_names_walk_t    walk;
    trv_names_words_t   words;

    words = trv_names_words(name.data, name.len);
    walk = trv_names_walk(&words, name.len);

    for (i = 0; i < TRV_NAMES_TRIES; i++) {

        at = (walk.at + i * walk.step) % TRV_NAMES;
        slot = &names->slot[at];

        len = __atomic_load_n(&slot->len, __ATOMIC_ACQUIRE);

        if (len == name.len && trv_names_same(slot, name)) {
            return at;
        }

        if (len != 0) {
            continue;
        }

        if (!trv_names_fit(name)) {
            return TRV_NAMES;
        }

        if (trv_names_put(slot, name)) {
            return at;
        }
    }

    if (trv_names_fit(name)) {
        __atomic_store_n(&names->full, 1, __ATOMIC_RELAXED);
    }

    return TRV_NAMES;
}


/* not a part of its caller, which is to need no stack */

static void __attribute__((noinline))
trv_names_learn(trv_learner_t *learner, trv_str_t name)
{
    unsigned  at;

    if (trv_names_full(learner->names)) {
        return;
    }

    at = trv_names_slot(learner->names, name);

    if (at != TRV_NAMES) {
        learner->next[learner->at] = (uint8_t) at;
        learner->at = at;
    }
}


void
trv_names_see(trv_learner_t *learner, trv_str_t name)
{
    unsigned           at;
    trv_names_slot_t  *slot;

    if (name.len == 0 || name.len > TRV_NAMES_LEN) {
        return;
    }

    at = learner->next[learner->at];
    slot = &learner->names->slot[at];

    if (__atomic_load_n(&slot->len, __ATOMIC_ACQUIRE) == name.len
        && trv_names_same(slot, name))
    {
        learner->at = at;
        return;
    }

    trv_names_learn(learner, name);
}


/* true if a look-up finds the name in an earlier slot of its walk */

static int
trv_names_again(const trv_names_t *names, unsigned self, trv_str_t name)
{
    uint8_t                  len;
    unsigned                 i, at;
    trv_names_walk_t         walk;
    trv_names_words_t        words;
    const trv_names_slot_t  *slot;

    words = trv_names_words(name.data, name.len);
    walk = trv_names_walk(&words, name.len);

    for (i = 0; i < TRV_NAMES_TRIES; i++) {

        at = (walk.at + i * walk.step) % TRV_NAMES;

        if (at == self) {
            return 0;
        }

        slot = &names->slot[at];
        len = __atomic_load_n(&slot->len, __ATOMIC_ACQUIRE);

        if (len == name.len && trv_names_same(slot, name)) {
            return 1;
        }
    }

    return 0;
}


trv_rc_t
trv_names_next(const trv_names_t *names, unsigned *at, trv_str_t *name)
{
    uint8_t                  len;
    unsigned                 i;
    const trv_names_slot_t  *slot;

    while (*at < TRV_NAMES) {

        i = (*at)++;

        slot = &names->slot[i];
        len = __atomic_load_n(&slot->len, __ATOMIC_ACQUIRE);

        if (len == 0 || len == TRV_NAMES_BUSY) {
            continue;
        }

        name->data = slot->text;
        name->len = len;

        if (!trv_names_again(names, i, *name)) {
            return TRV_OK;
        }
    }

    return TRV_NONE;
}


unsigned
trv_names_count(const trv_names_t *names)
{
    unsigned   n, at;
    trv_str_t  name;

    at = 0;

    for (n = 0; trv_names_next(names, &at, &name) == TRV_OK; n++) {
        /* void */
    }

    return n;
}


int
trv_names_full(const trv_names_t *names)
{
    return __atomic_load_n(&names->full, __ATOMIC_RELAXED) != 0;
}
