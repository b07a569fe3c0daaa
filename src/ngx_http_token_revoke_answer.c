
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a client is told.
 */


#include "ngx_http_token_revoke.h"


/* seconds: longer than a failover, shorter than patience */

#define NGX_HTTP_TOKEN_REVOKE_RETRY_AFTER  "5"


static ngx_table_elt_t *ngx_http_token_revoke_answer_header(
    ngx_http_request_t *r, const char *name, size_t nlen, const char *value,
    size_t vlen);


#define ngx_http_token_revoke_answer_add(r, name, value)                      \
    ngx_http_token_revoke_answer_header(r, name, sizeof(name) - 1,            \
                                        value, sizeof(value) - 1)


/*
 * RFC 6750, section 3.1: "invalid_token" makes a client that can do so fetch
 * a new token by itself.  A challenge belongs to 401 only.
 *
 * It is not for r->headers_out.www_authenticate: what is there is hidden when
 * an error page is in a location with "satisfy any" that lets the client in.
 */

ngx_int_t
ngx_http_token_revoke_answer_revoked(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_table_elt_t  *h;

    if (status != NGX_HTTP_UNAUTHORIZED) {
        return status;
    }

    h = ngx_http_token_revoke_answer_add(r, "WWW-Authenticate",
                          "Bearer error=\"invalid_token\", "
                          "error_description=\"The token has been revoked\"");
    if (h == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_HTTP_UNAUTHORIZED;
}


/* nobody can say whether the token is revoked: RFC 9110, section 15.6.4 */

ngx_int_t
ngx_http_token_revoke_answer_unavailable(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_http_token_revoke_answer_add(r, "Retry-After",
                                         NGX_HTTP_TOKEN_REVOKE_RETRY_AFTER);

    return h == NULL ? NGX_HTTP_INTERNAL_SERVER_ERROR
                     : NGX_HTTP_SERVICE_UNAVAILABLE;
}


static ngx_table_elt_t *
ngx_http_token_revoke_answer_header(ngx_http_request_t *r, const char *name,
    size_t nlen, const char *value, size_t vlen)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NULL;
    }

    h->hash = 1;
#if (nginx_version >= 1023000)
    h->next = NULL;
#endif
    h->key.len = nlen;
    h->key.data = (u_char *) name;
    h->value.len = vlen;
    h->value.data = (u_char *) value;

    return h;
}
