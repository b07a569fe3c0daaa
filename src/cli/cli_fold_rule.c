
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * One rule of the log, and what is known of its match so far.
 */


#include <stdlib.h>
#include <string.h>

#include "cli_fold_private.h"


static int cli_fold_count(cli_folding_t *f, cli_digest_t digest);
static int cli_fold_once(cli_folding_t *f, unsigned nparts,
    const cli_part_t *parts);
static int cli_fold_apply(cli_folding_t *f, cli_slot_t *slot, unsigned nparts,
    const cli_part_t *parts);
static int cli_fold_revoke(cli_folding_t *f, cli_slot_t *slot, unsigned nparts,
    const cli_part_t *parts);
static int cli_fold_restore(cli_folding_t *f, cli_slot_t *slot);
static void cli_fold_merge(cli_folding_t *f, cli_kept_t *kept);
static cli_digest_t cli_fold_token(const uint8_t id[TRV_SHA256_LEN]);
static uint64_t cli_fold_mix(uint64_t h);
static cli_digest_t cli_fold_digest(cli_folding_t *f, unsigned nparts,
    const cli_part_t *parts);


int
cli_fold_rule(void *ctx, unsigned nparts, const cli_part_t *parts)
{
    cli_slot_t     *slot;
    cli_digest_t    digest;
    cli_folding_t  *f;

    f = ctx;

    if (f->options->want != NULL
        && !f->options->want(f->options->ctx, nparts, parts))
    {
        return 0;
    }

    digest = cli_fold_digest(f, nparts, parts);

    if (f->mode == CLI_FOLD_COUNTING) {
        return cli_fold_count(f, digest);
    }

    slot = f->mode == CLI_FOLD_STREAMING ? cli_table_find(&f->table, digest)
           : cli_table_slot(&f->table, digest);

    if (slot == NULL) {
        return f->mode == CLI_FOLD_STREAMING ? cli_fold_once(f, nparts, parts)
               : cli_fold_nomem(f);
    }

    if (cli_fold_apply(f, slot, nparts, parts) != 0) {
        return 1;
    }

    f->many = f->mode == CLI_FOLD_KEEPING
              && (f->table.rules > CLI_FOLD_KEEP
                  || f->table.used > 2 * CLI_FOLD_KEEP);
    return f->many;
}


/* a match that may have been there before gets a slot in the table */

static int
cli_fold_count(cli_folding_t *f, cli_digest_t digest)
{
    unsigned  i, seen;
    uint64_t  bit, *word, mask;

    if (f->dead && !f->options->over) {
        return 0;
    }

    seen = 1;

    for (i = 0; i < CLI_BLOOM_HASHES; i++) {
        bit = (digest.w[0] + i * (digest.w[1] | 1)) >> (64 - CLI_BLOOM_BITS);
        word = &f->bloom[bit / 64];
        mask = UINT64_C(1) << bit % 64;

        if ((*word & mask) == 0) {
            *word |= mask;
            seen = 0;
        }
    }

    if (seen && cli_table_slot(&f->table, digest) == NULL) {
        return cli_fold_nomem(f);
    }

    return 0;
}


/* the log has this match once */

static int
cli_fold_once(cli_folding_t *f, unsigned nparts, const cli_part_t *parts)
{
    cli_rule_t           rule;
    const cli_entry_t   *entry;

    entry = f->entry;

    if (entry->entry->action != TRV_ACTION_REVOKE) {
        return 0;
    }

    if (f->dead) {
        f->sum->ended++;

        if (!f->options->over) {
            return 0;
        }

    } else {
        f->sum->rules++;
    }

    rule.state = f->dead ? CLI_RULE_ENDED : CLI_RULE_FORCE;
    rule.nparts = nparts;
    rule.parts = parts;
    rule.id = entry->entry->id;
    rule.first = entry->entry->id;
    rule.cutoff = entry->entry->cutoff;
    rule.end = f->end;
    rule.reason = entry->reason;
    rule.by = entry->by;

    f->stopped = f->options->rule(f->options->ctx, &rule) != 0;

    return f->stopped;
}


static int
cli_fold_apply(cli_folding_t *f, cli_slot_t *slot, unsigned nparts,
    const cli_part_t *parts)
{
    if (f->entry->entry->action == TRV_ACTION_RESTORE) {
        return cli_fold_restore(f, slot);
    }

    return cli_fold_revoke(f, slot, nparts, parts);
}


static int
cli_fold_restore(cli_folding_t *f, cli_slot_t *slot)
{
    unsigned     k;
    cli_kept_t  *kept;

    for (k = 0; k < 2; k++) {
        kept = slot->kept[k];
        slot->kept[k] = NULL;

        if (kept == NULL) {
            continue;
        }

        f->sum->lifted++;
        kept->state = CLI_RULE_LIFTED;

        if (!f->options->over) {
            cli_table_drop(&f->table, kept);

        } else if (cli_table_over(&f->table, kept) != TRV_OK) {
            return cli_fold_nomem(f);
        }
    }

    return 0;
}


static int
cli_fold_revoke(cli_folding_t *f, cli_slot_t *slot, unsigned nparts,
    const cli_part_t *parts)
{
    cli_kept_t         *kept, **place;
    const trv_entry_t  *entry;

    entry = f->entry->entry;
    place = &slot->kept[entry->cutoff == TRV_CUTOFF_ALWAYS];

    if (f->dead) {
        f->sum->ended++;

        if (!f->options->over) {
            return 0;
        }

    } else if (*place != NULL) {
        cli_fold_merge(f, *place);
        return 0;
    }

    kept = cli_table_keep(&f->table, nparts, parts, f->source);

    if (kept == NULL) {
        return cli_fold_nomem(f);
    }

    kept->first = entry->id;
    kept->cutoff = entry->cutoff;
    kept->end = f->end;

    if (!f->dead) {
        *place = kept;
        return 0;
    }

    kept->state = CLI_RULE_ENDED;

    return cli_table_over(&f->table, kept) == TRV_OK ? 0 : cli_fold_nomem(f);
}


/* what came before is needed no more if all of it is said again */

static void
cli_fold_merge(cli_folding_t *f, cli_kept_t *kept)
{
    const trv_entry_t  *entry;

    entry = f->entry->entry;

    if (entry->cutoff >= kept->cutoff && f->end >= kept->end) {
        kept->first = entry->id;
    }

    if (entry->cutoff > kept->cutoff) {
        kept->cutoff = entry->cutoff;
    }

    if (f->end > kept->end) {
        kept->end = f->end;
    }

    cli_source_release(kept->source);

    kept->source = f->source;
    kept->source->uses++;
}


int
cli_fold_nomem(cli_folding_t *f)
{
    f->nomem = 1;

    return 1;
}


/*
 * Of a token its identity, which is a digest, unless somebody made it up: all
 * of it is mixed in.  Never 0, which is a free slot.
 */

static cli_digest_t
cli_fold_digest(cli_folding_t *f, unsigned nparts, const cli_part_t *parts)
{
    size_t        len[2];
    uint8_t      *p, out[TRV_SHA256_LEN];
    unsigned      i;
    trv_str_t     text;
    cli_digest_t  digest;

    if (nparts == 1 && parts->selector.origin == TRV_FROM_TOKEN) {
        return cli_fold_token(parts->value.data);
    }

    p = f->match;

    for (i = 0; i < nparts; i++) {
        len[0] = parts[i].selector.name.len;
        len[1] = parts[i].value.len;

        *p++ = (uint8_t) parts[i].selector.origin;
        memcpy(p, len, sizeof(len));
        p += sizeof(len);

        if (len[0] != 0) {
            memcpy(p, parts[i].selector.name.data, len[0]);
            p += len[0];
        }

        if (len[1] != 0) {
            memcpy(p, parts[i].value.data, len[1]);
            p += len[1];
        }
    }

    text.data = f->match;
    text.len = (size_t) (p - f->match);

    if (trv_digest_sha256(f->digest, text, out) != TRV_OK) {
        f->nomem = 1;
        memset(out, 1, sizeof(out));
    }

    memcpy(&digest, out, sizeof(digest));

    return digest;
}


static cli_digest_t
cli_fold_token(const uint8_t id[TRV_SHA256_LEN])
{
    uint64_t      w[4];
    unsigned      i;
    cli_digest_t  digest;

    memcpy(w, id, sizeof(w));

    digest.w[0] = 0;
    digest.w[1] = 0;

    for (i = 0; i < 4; i++) {
        digest.w[0] = cli_fold_mix(digest.w[0] ^ w[i]);
        digest.w[1] = cli_fold_mix(digest.w[1] + ~w[3 - i]);
    }

    digest.w[1] |= (digest.w[0] | digest.w[1]) == 0;

    return digest;
}


/* the finalizer of MurmurHash3: one to one, every bit goes to every bit */

static uint64_t
cli_fold_mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    h ^= h >> 33;

    return h;
}
