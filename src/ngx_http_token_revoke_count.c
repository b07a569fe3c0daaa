
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * How many tokens were looked up, and how many of them had all that a rule
 * asks for: a rule that no token can match is the usual mistake.  A worker
 * counts for itself and adds it up once a second, so that workers do not
 * fight for a cache line at each token.
 */


#include "ngx_http_token_revoke.h"


typedef struct {
    ngx_http_token_revoke_counts_t  counts;
    time_t                          added;
} ngx_http_token_revoke_tally_t;


static void ngx_http_token_revoke_count_add(
    ngx_http_token_revoke_tally_t *tally,
    ngx_http_token_revoke_counts_t *counts);


/* one for each zone; without memory nothing is counted */

static ngx_http_token_revoke_tally_t  *ngx_http_token_revoke_tallies;


void
ngx_http_token_revoke_count_init(ngx_cycle_t *cycle, ngx_uint_t nzones)
{
    ngx_http_token_revoke_tallies
        = ngx_pcalloc(cycle->pool,
                      nzones * sizeof(ngx_http_token_revoke_tally_t));
}


void
ngx_http_token_revoke_count(ngx_http_token_revoke_zone_t *zone, uint64_t had,
    ngx_uint_t dated)
{
    ngx_http_token_revoke_tally_t  *tally;

    if (ngx_http_token_revoke_tallies == NULL) {
        return;
    }

    tally = &ngx_http_token_revoke_tallies[zone->index];

    tally->counts.tokens++;
    tally->counts.dateless += !dated;

    for ( /* void */ ; had != 0; had &= had - 1) {
        tally->counts.had[__builtin_ctzll(had)]++;
    }

    if (tally->added != ngx_time()) {
        tally->added = ngx_time();
        ngx_http_token_revoke_count_add(tally, &zone->sh->counts);
    }
}


static void
ngx_http_token_revoke_count_add(ngx_http_token_revoke_tally_t *tally,
    ngx_http_token_revoke_counts_t *counts)
{
    ngx_uint_t  i;

    __atomic_fetch_add(&counts->tokens, tally->counts.tokens,
                       __ATOMIC_RELAXED);
    __atomic_fetch_add(&counts->dateless, tally->counts.dateless,
                       __ATOMIC_RELAXED);

    for (i = 0; i < TRV_SHAPES; i++) {
        if (tally->counts.had[i]) {
            __atomic_fetch_add(&counts->had[i], tally->counts.had[i],
                               __ATOMIC_RELAXED);
        }
    }

    ngx_memzero(&tally->counts, sizeof(ngx_http_token_revoke_counts_t));
}
