
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Whether a rule refuses one of the tokens of a request.
 */


#include "ngx_http_token_revoke.h"


/* what is known of the candidates of one request while they are judged */

typedef struct {
    ngx_http_request_t                *request;
    ngx_http_token_revoke_ctx_t       *ctx;
    ngx_http_token_revoke_loc_conf_t  *conf;
    const trv_plan_t                  *plan;
    trv_candidates_t                  *found;
    trv_facts_t                       *facts;

    ngx_uint_t                         doubts;   /* how many are doubtful */
    ngx_uint_t                         sure;     /* there are no doubts */
    uint8_t                            doubtful[TRV_READINGS_MAX];

    /* by the token's own claim, Unix seconds, or TRV_ISSUED_UNKNOWN */

    int64_t                            issued[TRV_READINGS_MAX];
} ngx_http_token_revoke_judge_t;


static ngx_int_t ngx_http_token_revoke_judge_token(
    ngx_http_token_revoke_judge_t *judge, ngx_uint_t i, int64_t issued);
static ngx_int_t ngx_http_token_revoke_judge_doubts(
    ngx_http_token_revoke_judge_t *judge);
static ngx_int_t ngx_http_token_revoke_judge_words(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, const trv_plan_t *plan,
    trv_match_t *match);


/*
 * Sets "matched" if one of the tokens is revoked, and "unreadable" if one could
 * not be compared with all rules.  NGX_OK, or NGX_ERROR: no memory.
 */

ngx_int_t
ngx_http_token_revoke_judge(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, ngx_http_token_revoke_loc_conf_t *trlcf,
    trv_candidates_t *found, trv_facts_t *facts)
{
    ngx_uint_t                     i;
    ngx_http_token_revoke_judge_t  judge;

    judge.request = r;
    judge.ctx = ctx;
    judge.conf = trlcf;
    judge.plan = ngx_http_token_revoke_traits_plan(ctx->decides);
    judge.found = found;
    judge.facts = facts;
    judge.doubts = 0;
    judge.sure = 0;

    /* the last one that is looked at is shown: the first one before it */

    for (i = found->n; i-- > 0; /* void */ ) {

        if (ngx_http_token_revoke_judge_token(&judge, i, TRV_ISSUED_UNKNOWN)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (facts->matched) {
            return NGX_OK;
        }
    }

    return judge.doubts ? ngx_http_token_revoke_judge_doubts(&judge) : NGX_OK;
}


/*
 * Judges one candidate: by its own issue time, and if it has none by "issued",
 * that of the token which it spells.  One of many that is refused only because
 * it has no issue time may be no token at all, but a reading beside the one
 * that is: that is found out when all of them have been looked at.
 */

static ngx_int_t
ngx_http_token_revoke_judge_token(ngx_http_token_revoke_judge_t *judge,
    ngx_uint_t i, int64_t issued)
{
    int64_t                            claim;
    trv_rc_t                           rc;
    trv_match_t                        match;
    trv_traits_t                       traits;
    ngx_http_request_t                *r;
    ngx_http_token_revoke_ctx_t       *ctx;
    ngx_http_token_revoke_source_t    *source;
    ngx_http_token_revoke_loc_conf_t  *trlcf;

    r = judge->request;
    ctx = judge->ctx;
    trlcf = judge->conf;
    source = trlcf->sources->elts;

    ctx->token = judge->found->item[i].value;
    ctx->source = source[judge->found->item[i].source].text;

    if (ngx_http_token_revoke_traits_read(ctx->decides, ctx->token, &traits)
        != NGX_OK
        || ngx_http_token_revoke_attribute_add(r, trlcf, &ctx->decides->table,
                                               judge->plan, &traits)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->identified = 1;
    ngx_memcpy(ctx->id, traits.id[0], TRV_SHA256_LEN);

    claim = traits.issued;

    if (ngx_http_token_revoke_attribute_issued(r, trlcf, &traits) != NGX_OK) {
        return NGX_ERROR;
    }

    /* not what the configuration says, and not a claim of the far future */

    judge->issued[i] = traits.issued == claim ? claim : TRV_ISSUED_UNKNOWN;
    judge->doubtful[i] = 0;

    if (traits.issued == TRV_ISSUED_UNKNOWN) {
        traits.issued = issued;
    }

    rc = trv_match_lookup(&ctx->decides->table, judge->plan, &traits,
                          (trlcf->leeway + 999) / 1000, ngx_time(), &match);

    /* once, and not by the shapes of "previous" */

    if (!judge->sure && ctx->decides == ctx->zone) {
        ngx_http_token_revoke_count(ctx->zone, match.had,
                                    traits.issued != TRV_ISSUED_UNKNOWN);
    }

    switch (rc) {

    case TRV_OK:

        if (match.undated && !judge->sure && !traits.unreadable
            && judge->found->n > 1)
        {
            judge->doubtful[i] = 1;
            judge->doubts++;
            return NGX_OK;
        }

        judge->facts->matched = 1;
        return ngx_http_token_revoke_judge_words(r, ctx, judge->plan, &match);

    case TRV_LIMIT:
        judge->facts->unreadable = 1;
        break;

    default:
        break;
    }

    if (traits.unreadable
        && (judge->plan->claims.n || judge->plan->headers.n))
    {
        judge->facts->unreadable = 1;
    }

    return NGX_OK;
}


/*
 * What only spells a token that has an issue time is judged by that time, and
 * everything else as it is: opaque, and older than any cut-off.
 */

static ngx_int_t
ngx_http_token_revoke_judge_doubts(ngx_http_token_revoke_judge_t *judge)
{
    int                spells;
    int64_t            issued;
    ngx_uint_t         i, j;
    trv_candidates_t  *found;

    found = judge->found;
    judge->sure = 1;

    for (i = found->n; i-- > 0; /* void */ ) {

        if (!judge->doubtful[i]) {
            continue;
        }

        issued = TRV_ISSUED_UNKNOWN;
        spells = 0;

        for (j = 0; j < found->n && !spells; j++) {

            if (judge->issued[j] == TRV_ISSUED_UNKNOWN) {
                continue;
            }

            if (trv_candidate_spells(found, found->item[i].value,
                                     found->item[j].value, &spells)
                != TRV_OK)
            {
                return NGX_ERROR;
            }

            if (spells) {
                issued = judge->issued[j];
            }
        }

        if (ngx_http_token_revoke_judge_token(judge, i, issued) != NGX_OK) {
            return NGX_ERROR;
        }

        if (judge->facts->matched) {
            return NGX_OK;
        }
    }

    /*
     * What is shown is the token, not a spelling of it.  There may be none with
     * an issue time: the rule can have been lifted since the first look
     */

    i = 0;

    while (i + 1 < found->n && judge->issued[i] == TRV_ISSUED_UNKNOWN) {
        i++;
    }

    return ngx_http_token_revoke_judge_token(judge, i, TRV_ISSUED_UNKNOWN);
}


/* $token_revoke_match: "iss+sub", "sub (no iat)" */

static ngx_int_t
ngx_http_token_revoke_judge_words(ngx_http_request_t *r,
    ngx_http_token_revoke_ctx_t *ctx, const trv_plan_t *plan,
    trv_match_t *match)
{
    u_char             *p;
    size_t              size;
    unsigned            i;
    const trv_shape_t  *shape;

    if (match->undated) {
        __atomic_fetch_add(&ctx->zone->sh->undated, 1, __ATOMIC_RELAXED);
    }

    if (match->shape == TRV_SHAPE_TOKEN && !match->undated) {
        ngx_str_set(&ctx->match, "token");
        return NGX_OK;
    }

    shape = &plan->shape[match->shape];

    size = (shape->n + 1) * (TRV_SELECTOR_TEXT_LEN + 1) + sizeof(" (no iat)");

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->match.data = p;

    if (match->shape == TRV_SHAPE_TOKEN) {
        p = ngx_cpymem(p, "token", 5);
    }

    for (i = 0; i < shape->n && match->shape != TRV_SHAPE_TOKEN; i++) {
        if (i) {
            *p++ = '+';
        }

        p += trv_selector_text(&plan->selector[shape->selector[i]], p);
    }

    if (match->undated) {
        p = ngx_cpymem(p, " (no iat)", 9);
    }

    ctx->match.len = p - ctx->match.data;

    return NGX_OK;
}
