
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The writer of the shapes in use.
 */


#include "trv_shape_set.h"


/* a set in the making */

typedef struct {
    trv_set_t  *set;
    uint64_t    used;
    unsigned    nselectors;
    unsigned    nwords;
} trv_build_set_t;


static const trv_set_t *trv_shapes_set(const trv_shapes_t *shapes);
static unsigned trv_set_selectors(const trv_set_t *set, unsigned shape,
    trv_selector_t *selectors);
static void trv_build_begin(trv_build_set_t *build, trv_shapes_t *shapes,
    uint64_t keep);
static void trv_build_shape(trv_build_set_t *build, unsigned shape,
    const trv_selector_t *selectors, unsigned n);
static unsigned trv_build_selector(trv_build_set_t *build,
    const trv_selector_t *selector);
static void trv_build_publish(trv_build_set_t *build, trv_shapes_t *shapes,
    uint64_t last);


/* origin 8 bits, length 16, and where the name begins, in words, 32 */

static inline uint64_t
trv_selector_pack(const trv_selector_t *selector, unsigned word)
{
    return (uint64_t) selector->origin
           | (uint64_t) selector->name.len << 8
           | (uint64_t) word << 32;
}


static unsigned
trv_set_selectors(const trv_set_t *set, unsigned shape,
    trv_selector_t *selectors)
{
    unsigned  i, n;

    for (i = 0; i < TRV_SHAPE_FIELDS; i++) {
        n = trv_set_field(set, shape, i);

        if (n == 0) {
            break;
        }

        selectors[i] = trv_set_selector(set, n - 1);
    }

    return i;
}


/* for the writer: nobody writes the set that holds */

static const trv_set_t *
trv_shapes_set(const trv_shapes_t *shapes)
{
    uint64_t  generation;

    generation = __atomic_load_n(&shapes->generation, __ATOMIC_ACQUIRE);

    return &shapes->set[generation & 1];
}


uint64_t
trv_shapes_used(const trv_shapes_t *shapes)
{
    return trv_shapes_set(shapes)->used | TRV_SHAPES_ALWAYS;
}


trv_rc_t
trv_shapes_find(const trv_shapes_t *shapes, const trv_selector_t *selectors,
    unsigned n, unsigned *shape)
{
    unsigned          i, j;
    const trv_set_t  *set;
    trv_selector_t    has[TRV_SHAPE_FIELDS];

    if (n == 1 && selectors[0].origin == TRV_FROM_TOKEN) {
        *shape = TRV_SHAPE_TOKEN;
        return TRV_OK;
    }

    set = trv_shapes_set(shapes);

    for (i = 0; i < TRV_SHAPES; i++) {

        if ((set->used >> i & 1) == 0
            || trv_set_selectors(set, i, has) != n)
        {
            continue;
        }

        for (j = 0; j < n; j++) {
            if (trv_selector_cmp(&has[j], &selectors[j]) != 0) {
                break;
            }
        }

        if (j == n) {
            *shape = i;
            return TRV_OK;
        }
    }

    return TRV_NONE;
}


/*
 * A number that became free is given again as late as possible: a reader may
 * still be looking for what its last owner stood for.
 */

trv_rc_t
trv_shapes_add(trv_shapes_t *shapes, const trv_selector_t *selectors,
    unsigned n, unsigned *shape)
{
    unsigned          i;
    const trv_set_t  *set;
    trv_build_set_t   build;

    if (n == 0 || n > TRV_SHAPE_FIELDS) {
        return TRV_LIMIT;
    }

    for (i = 0; i < n; i++) {
        if (selectors[i].name.len > TRV_SELECTOR_NAME_LEN) {
            return TRV_LIMIT;
        }
    }

    if (trv_shapes_find(shapes, selectors, n, shape) == TRV_OK) {
        return TRV_OK;
    }

    set = trv_shapes_set(shapes);

    if ((set->used | TRV_SHAPES_ALWAYS) == UINT64_MAX) {
        return TRV_LIMIT;
    }

    i = (unsigned) set->last;

    do {
        i = (i + 1) % TRV_SHAPES;
    } while (i == TRV_SHAPE_TOKEN || (set->used >> i & 1) != 0);

    trv_build_begin(&build, shapes, set->used);
    trv_build_shape(&build, i, selectors, n);
    trv_build_publish(&build, shapes, i);

    *shape = i;

    return TRV_OK;
}


void
trv_shapes_retire(trv_shapes_t *shapes, uint64_t gone)
{
    const trv_set_t  *set;
    trv_build_set_t   build;

    set = trv_shapes_set(shapes);

    if ((set->used & gone) == 0) {
        return;
    }

    trv_build_begin(&build, shapes, set->used & ~gone);
    trv_build_publish(&build, shapes, set->last);
}


/* begins the other set with the shapes "keep" of the one that holds */

static void
trv_build_begin(trv_build_set_t *build, trv_shapes_t *shapes, uint64_t keep)
{
    unsigned          i, n;
    uint64_t          generation;
    const trv_set_t  *from;
    trv_selector_t    selectors[TRV_SHAPE_FIELDS];

    generation = __atomic_load_n(&shapes->generation, __ATOMIC_RELAXED);
    from = &shapes->set[generation & 1];

    build->set = &shapes->set[(generation + 1) & 1];
    build->used = 0;
    build->nselectors = 0;
    build->nwords = 0;

    /*
     * Release fence: whoever sees one of the stores that follow sees this
     * generation too, and so notices that the set which it is copying, that
     * of the generation before, does not hold any more.
     */

    __atomic_thread_fence(__ATOMIC_RELEASE);

    for (i = 0; i < TRV_SHAPES; i++) {

        if (keep >> i & 1) {
            n = trv_set_selectors(from, i, selectors);
            trv_build_shape(build, i, selectors, n);
        }
    }
}


static void
trv_build_shape(trv_build_set_t *build, unsigned shape,
    const trv_selector_t *selectors, unsigned n)
{
    unsigned  i;
    uint64_t  number, word[TRV_SHAPE_WORDS];

    memset(word, 0, sizeof(word));

    for (i = 0; i < n; i++) {
        number = trv_build_selector(build, &selectors[i]) + 1;
        word[i / TRV_WORD_FIELDS] |= number
                                     << i % TRV_WORD_FIELDS * TRV_FIELD_BITS;
    }

    for (i = 0; i < TRV_SHAPE_WORDS; i++) {
        trv_set_store(&build->set->shape[shape][i], word[i]);
    }

    build->used |= UINT64_C(1) << shape;
}


/* each name once; returns its number */

static unsigned
trv_build_selector(trv_build_set_t *build, const trv_selector_t *selector)
{
    size_t          i, len, left;
    uint64_t        word;
    unsigned        n;
    trv_selector_t  has;

    for (n = 0; n < build->nselectors; n++) {
        has = trv_set_selector(build->set, n);

        if (trv_selector_cmp(&has, selector) == 0) {
            return n;
        }
    }

    trv_set_store(&build->set->selector[n],
                  trv_selector_pack(selector, build->nwords));

    len = selector->name.len;

    for (i = 0; i < len; i += TRV_WORD) {
        word = 0;
        left = len - i;

        memcpy(&word, selector->name.data + i,
               left < TRV_WORD ? left : TRV_WORD);

        trv_set_store(&build->set->names[build->nwords], word);
        build->nwords++;
    }

    build->nselectors++;

    return n;
}


static void
trv_build_publish(trv_build_set_t *build, trv_shapes_t *shapes, uint64_t last)
{
    uint64_t    generation;
    trv_set_t  *set;

    set = build->set;

    trv_set_store(&set->used, build->used);
    trv_set_store(&set->last, last);
    trv_set_store(&set->nselectors, (uint64_t) build->nselectors);
    trv_set_store(&set->nwords, (uint64_t) build->nwords);

    generation = __atomic_load_n(&shapes->generation, __ATOMIC_RELAXED) + 1;

    /* release: whoever sees the generation sees the set */

    TRV_SHAPE_STORE_HOOK();

    __atomic_store_n(&shapes->generation, generation, __ATOMIC_RELEASE);
}


unsigned
trv_shape_normalize(trv_selector_t *selectors, unsigned n)
{
    int             rc;
    unsigned        i, j, left;
    trv_selector_t  selector;

    left = 0;

    for (i = 0; i < n; i++) {
        selector = selectors[i];
        rc = 1;

        for (j = left; j > 0; j--) {
            rc = trv_selector_cmp(&selector, &selectors[j - 1]);

            if (rc >= 0) {
                break;
            }
        }

        if (j > 0 && rc == 0) {
            continue;
        }

        memmove(&selectors[j + 1], &selectors[j],
                (left - j) * sizeof(trv_selector_t));

        selectors[j] = selector;
        left++;
    }

    /* "all" is the last of the origins */

    if (left > 1 && selectors[left - 1].origin == TRV_FROM_ALL) {
        left--;
    }

    return left;
}
