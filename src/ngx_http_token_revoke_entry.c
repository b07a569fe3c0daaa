
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What the operator is told of one entry of the log.
 */


#include "ngx_http_token_revoke_follow.h"


/* entries that cannot be applied and are named in the log, a second */

#define NGX_HTTP_TOKEN_REVOKE_COMPLAINTS  10

/* the first rule of a kind, in words, at most so many bytes */

#define NGX_HTTP_TOKEN_REVOKE_WORDS  1024


/* an AND that matches nothing is the usual mistake: said in words, once */

void
ngx_http_token_revoke_entry_words(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry)
{
    size_t   len, idlen;
    uint8_t  id[TRV_ID_LEN], words[NGX_HTTP_TOKEN_REVOKE_WORDS];

    len = trv_expand_words(apply->expand, words, sizeof(words));
    idlen = trv_id_format(entry->id, id);

    ngx_log_error(NGX_LOG_NOTICE, apply->log, 0,
                  "token revoke zone \"%V\": entry %*s is the first of its "
                  "kind and refuses %*s",
                  &apply->zone->name, idlen, id, len, words);
}


void
ngx_http_token_revoke_entry_complain(ngx_http_token_revoke_apply_t *apply,
    const trv_entry_t *entry, trv_fault_t fault, ngx_uint_t refused)
{
    size_t   len;
    uint8_t  id[TRV_ID_LEN];

    if (refused) {
        ngx_http_token_revoke_accept_refused(apply, entry->id);
    }

    /* a log full of nonsense must not fill the disk of every edge */

    if (apply->complained != ngx_time()) {
        apply->complained = ngx_time();
        apply->complaints = 0;
    }

    if (apply->complaints++ >= NGX_HTTP_TOKEN_REVOKE_COMPLAINTS) {
        return;
    }

    len = trv_id_format(entry->id, id);

    ngx_log_error(NGX_LOG_WARN, apply->log, 0,
                  "token revoke zone \"%V\": entry %*s of log \"%V\" %s, %s%s",
                  &apply->zone->name, len, id, &apply->zone->log,
                  trv_fault_text(fault),
                  refused ? "it is not applied" : "the rest of it is applied",
                  apply->complaints == NGX_HTTP_TOKEN_REVOKE_COMPLAINTS
                  ? "; more entries in this second are only counted" : "");
}
