# Internal redirects.  A pass is not kept: wherever a request is led, the
# location there decides anew, by its own sources and its own zone.  A refusal
# is kept, so that an error page can be shown.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

run_tests();

__DATA__

=== TEST 1: try_files leads into a location that checks
--- config
    location = /t {
        try_files  /nothing /strict;
    }

    location = /strict {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('redirect-1')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer redirect-1', 'Authorization: Bearer good']
--- error_code eval
[401, 200]



=== TEST 2: try_files leads into a location with more sources
--- config
    token_revoke  zone=edge;

    location = /t {
        try_files  /nothing /strict;
    }

    location = /strict {
        token_revoke_from  bearer cookie:session;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('redirect-2')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
["Authorization: Bearer good\nCookie: session=redirect-2",
 "Authorization: Bearer good\nCookie: session=good"]
--- error_code eval
[401, 200]



=== TEST 3: try_files leads into a location with another zone
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    token_revoke_zone  zone=strict:4m redis=unix:$TEST_NGINX_REDIS_SOCKET
                       log=strict;
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /nothing /strict;
    }

    location = /strict {
        token_revoke  zone=strict;
        try_files     /index.html =404;
    }
--- redis
XADD strict * token redirect-3
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer redirect-3', 'Authorization: Bearer good']
--- error_code eval
[401, 200]



=== TEST 4: try_files leads out of a dry run
--- config
    token_revoke  zone=edge;

    location = /t {
        token_revoke_dry_run  on;
        try_files             /nothing /strict;
    }

    location = /strict {
        try_files  /index.html =404;
    }
--- redis eval
::revoked('redirect-4')
--- request
GET /t
--- more_headers
Authorization: Bearer redirect-4
--- error_code: 401



=== TEST 5: try_files leads into a named location that checks
--- config
    location = /t {
        try_files  /nothing @strict;
    }

    location @strict {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('redirect-5')
--- request
GET /t
--- more_headers
Authorization: Bearer redirect-5
--- error_code: 401



=== TEST 6: X-Accel-Redirect leads into a location with more sources
--- config
    location = /t {
        token_revoke  zone=edge;
        proxy_pass    http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app;
    }

    location = /app {
        add_header  X-Accel-Redirect /strict;
        return      200;
    }

    location = /strict {
        internal;

        token_revoke       zone=edge;
        token_revoke_from  bearer header:X-Key;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('redirect-6')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
["Authorization: Bearer good\nX-Key: redirect-6",
 "Authorization: Bearer good\nX-Key: good"]
--- error_code eval
[401, 200]



=== TEST 7: error_page leads into a location that checks
--- config
    location = /t {
        error_page  404 = /strict;
        try_files   /nothing =404;
    }

    location = /strict {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('redirect-7')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer redirect-7', 'Authorization: Bearer good']
--- error_code eval
[401, 200]



=== TEST 8: an index leads into a location that checks
--- config
    location = / {
        index  index.html;
    }

    location = /index.html {
        token_revoke  zone=edge;
    }
--- redis eval
::revoked('redirect-8')
--- request eval
['GET /', 'GET /']
--- more_headers eval
['Authorization: Bearer redirect-8', 'Authorization: Bearer good']
--- error_code eval
[401, 200]



=== TEST 9: a rewrite leads into a location that checks
--- config
    location = /t {
        token_revoke  off;
        rewrite       ^ /strict last;
    }

    location = /strict {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('redirect-9')
--- request
GET /t
--- more_headers
Authorization: Bearer redirect-9
--- error_code: 401



=== TEST 10: into a location that does not check: what was decided stands
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /nothing /plain;
    }

    location = /plain {
        token_revoke  off;
        add_header    X-Status $token_revoke_status;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('redirect-10')
--- request eval
['GET /t', 'GET /t', 'GET /plain']
--- more_headers eval
['Authorization: Bearer redirect-10', 'Authorization: Bearer good',
 'Authorization: Bearer redirect-10']
--- error_code eval
[401, 200, 200]
--- response_headers eval
['', 'X-Status: PASSED', 'X-Status: ']



=== TEST 11: a second decision replaces the first one
--- config
    token_revoke  zone=edge;

    location = /t {
        try_files  /nothing /next;
    }

    location = /next {
        token_revoke_from  cookie:session;
        add_header         X-Status $token_revoke_status;
        add_header         X-Source $token_revoke_source;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('redirect-11')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
["Authorization: Bearer good\nCookie: session=good",
 'Authorization: Bearer good']
--- response_headers eval
["X-Status: PASSED\nX-Source: cookie:session", "X-Status: NONE\nX-Source: "]



=== TEST 12: a refusal is kept: the page of the error is not refused again
--- config
    token_revoke  zone=edge;
    error_page    401 /one;

    location = /t {
        try_files  /index.html =404;
    }

    location = /one {
        try_files  /nothing /two;
    }

    location = /two {
        try_files  /index.html =404;
    }
--- redis eval
::revoked('redirect-12')
--- request
GET /t
--- more_headers
Authorization: Bearer redirect-12
--- error_code: 401
--- response_body_like: It works!
