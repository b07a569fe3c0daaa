
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_rule.h"


/* as many as memory is asked for at the same time */

#define TRV_APPLY_GROUP  16


trv_rc_t
trv_apply_step(trv_writer_t *writer, const trv_table_t *table,
    trv_apply_t *apply, uint32_t max)
{
    uint32_t  i, n, end;
    trv_fp_t  fp[TRV_APPLY_GROUP];

    end = apply->ntokens - apply->done > max ? apply->done + max
                                             : apply->ntokens;

    while (apply->done < end) {
        n = end - apply->done;

        if (n > TRV_APPLY_GROUP) {
            n = TRV_APPLY_GROUP;
        }

        for (i = 0; i < n; i++) {
            fp[i] = trv_rule_token(table, apply->tokens[apply->done + i]);
            trv_writer_prefetch(writer, fp[i]);
        }

        for (i = 0; i < n; i++) {
            if (apply->restore) {
                (void) trv_writer_remove(writer, fp[i], TRV_SHAPE_TOKEN);

            } else if (trv_writer_put(writer, fp[i], apply->term) != TRV_OK) {
                apply->full = 1;
            }
        }

        apply->done += n;
    }

    return apply->done < apply->ntokens ? TRV_NONE : TRV_OK;
}
