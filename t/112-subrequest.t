# Subrequests: the main request is checked, once, and what nginx asks on its
# own is neither checked again nor broken.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

run_tests();

__DATA__

=== TEST 1: auth_request is asked for what passes, and not for what is revoked
--- config
    token_revoke  zone=edge;

    location = /t {
        auth_request  /auth;
        try_files     /index.html =404;
    }

    location = /auth {
        internal;
        proxy_pass               http://127.0.0.1:$TEST_NGINX_SERVER_PORT/ask;
        proxy_pass_request_body  off;
        proxy_set_header         Content-Length "";
    }

    location = /ask {
        return 204;
    }
--- redis eval
::revoked('subrequest-1')
--- request
GET /t
--- more_headers
Authorization: Bearer subrequest-1
--- error_code: 401
--- no_error_log
http subrequest "/auth



=== TEST 2: a location of auth_request that checks does not check again
--- config
    token_revoke  zone=edge;

    location = /t {
        auth_request      /auth;
        auth_request_set  $seen $token_revoke_status;
        add_header        X-Seen $seen;
        try_files         /index.html =404;
    }

    location = /auth {
        token_revoke_from  bearer arg:t;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('subrequest-2')
--- request
GET /t?t=subrequest-2
--- more_headers
Authorization: Bearer good
--- response_headers
X-Seen: PASSED



=== TEST 3: what auth_request denies is denied
--- config
    token_revoke  zone=edge;

    location = /t {
        auth_request  /auth;
        try_files     /index.html =404;
    }

    location = /auth {
        return 403;
    }
--- request
GET /t
--- more_headers
Authorization: Bearer good
--- error_code: 403



=== TEST 4: SSI includes are part of the page that was checked
--- config
    token_revoke  zone=edge;

    location = /t.html {
        default_type  text/html;
        ssi           on;
    }

    location = /part {
        try_files  /part.html =404;
    }
--- user_files
>>> t.html
[<!--#include virtual="/part?x=1" -->]
>>> part.html
part
--- redis eval
::revoked('subrequest-4')
--- request eval
['GET /t.html', 'GET /t.html']
--- more_headers eval
['Authorization: Bearer good', 'Authorization: Bearer subrequest-4']
--- error_code eval
[200, 401]
--- response_body_like eval
['\[part\n\]', '401 Authorization Required']



=== TEST 5: the variables of an include are those of the page
--- config
    token_revoke  zone=edge;

    location = /t.html {
        default_type  text/html;
        ssi           on;
    }

    location = /part {
        token_revoke  off;
        return        200 "$token_revoke_status $token_revoke_source";
    }
--- user_files
>>> t.html
[<!--#include virtual="/part" -->]
--- request
GET /t.html
--- more_headers
Authorization: Bearer good
--- response_body
[PASSED bearer]



=== TEST 6: a mirror gets what passes, and not what is revoked
--- config
    token_revoke  zone=edge;

    location = /t {
        mirror     /mirror;
        try_files  /index.html =404;
    }

    location = /mirror {
        internal;
        proxy_pass  http://127.0.0.1:$TEST_NGINX_SERVER_PORT/copy;
    }

    location = /copy {
        return 204;
    }
--- redis eval
::revoked('subrequest-6')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer good', 'Authorization: Bearer subrequest-6']
--- error_code eval
[200, 401]



=== TEST 7: a revoked request is not mirrored
--- config
    token_revoke  zone=edge;

    location = /t {
        mirror     /mirror;
        try_files  /index.html =404;
    }

    location = /mirror {
        internal;
        return 204;
    }
--- redis eval
::revoked('subrequest-7')
--- request
GET /t
--- more_headers
Authorization: Bearer subrequest-7
--- error_code: 401
--- no_error_log
http subrequest "/mirror



=== TEST 8: post_action is not checked
--- config
    token_revoke  zone=edge;

    location = /t {
        token_revoke  off;
        post_action   /after;
        try_files     /index.html =404;
    }

    location = /after {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_SERVER_PORT/seen;
    }

    location = /seen {
        return 204;
    }
--- redis eval
::revoked('subrequest-8')
--- request
GET /t
--- more_headers
Authorization: Bearer subrequest-8
--- no_error_log eval
qr/token revoke: /
