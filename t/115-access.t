# Who else lets in, refuses, limits or delays: auth_basic, auth_request,
# auth_delay, limit_req, limit_conn, limit_except.  Above each test stands which
# change breaks it.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_APP_PORT} = free_port();

# an application of whoever asks: /seen says which token it got

default_http_config(<<'_EOC_');
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;

    server {
        listen  $TEST_NGINX_APP_PORT;

        location / {
            return 200 "app\n";
        }

        location = /yes {
            add_header  X-Seen $http_authorization;
            return      204;
        }

        location = /no {
            add_header  WWW-Authenticate 'Bearer realm="app"' always;
            return      401;
        }
    }
_EOC_

run_tests();

__DATA__

=== TEST 1: a right password that was revoked gets our challenge only
# a check that looks at the user name only, or at a location too early
--- config
    location = /t {
        auth_basic            closed;
        auth_basic_user_file  $TEST_NGINX_SERVER_ROOT/html/users;
        token_revoke          zone=edge;
        token_revoke_from     basic;
        try_files             /index.html =404;
    }
--- user_files
>>> users
user:{PLAIN}password
other:{PLAIN}word
--- redis eval
::revoked('password')
--- request eval
[('GET /t') x 3]
--- more_headers eval
['Authorization: Basic dXNlcjpwYXNzd29yZA==',
 'Authorization: Basic b3RoZXI6d29yZA==',
 'Authorization: Basic b3RoZXI6d3Jvbmc=']
--- error_code eval
[401, 200, 401]
--- raw_response_headers_like eval
['WWW-Authenticate: Bearer error(?!.*Basic)', '200 OK',
 'WWW-Authenticate: Basic(?!.*Bearer)']



=== TEST 2: auth_basic still refuses a token that passes
# a pass as NGX_OK in the access phase under "satisfy any"
--- config
    location = /t {
        auth_basic            closed;
        auth_basic_user_file  $TEST_NGINX_SERVER_ROOT/html/users;
        token_revoke          zone=edge;
        token_revoke_from     bearer cookie:session;
        try_files             /index.html =404;
    }

    location = /any {
        satisfy               any;
        auth_basic            closed;
        auth_basic_user_file  $TEST_NGINX_SERVER_ROOT/html/users;
        token_revoke          zone=edge;
        try_files             /index.html =404;
    }
--- user_files
>>> users
user:{PLAIN}password
--- request eval
['GET /t', 'GET /any', 'GET /t']
--- more_headers eval
['Authorization: Bearer good', 'Authorization: Bearer good',
 "Authorization: Basic dXNlcjpwYXNzd29yZA==\nCookie: session=good"]
--- error_code eval
[401, 401, 200]



=== TEST 3: "satisfy any" does not let a revoked token in by auth_request
# a check in the access phase: any other module that says yes lets it in
--- config
    location = /t {
        satisfy       any;
        deny          all;
        auth_request  /auth;
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }

    location = /auth {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT/yes;
    }
--- redis eval
::revoked('access-3')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer access-3', 'Authorization: Bearer good']
--- error_code eval
[401, 200]



=== TEST 4: the service behind auth_request sees the token that passed
# a check behind the access phase: of what is refused it hears nothing
--- config
    location = /t {
        token_revoke      zone=edge;
        auth_request      /auth;
        auth_request_set  $seen $upstream_http_x_seen;
        add_header        X-Seen $seen always;
        try_files         /index.html =404;
    }

    location = /auth {
        token_revoke  zone=edge;
        proxy_pass    http://127.0.0.1:$TEST_NGINX_APP_PORT/yes;
    }
--- redis eval
::revoked('access-4')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer good', 'Authorization: Bearer access-4']
--- error_code eval
[200, 401]
--- response_headers eval
['X-Seen: Bearer good', 'X-Seen: ']



=== TEST 5: the challenge of the service is its own
# a check behind the access phase: the service answers first
--- config
    location = /t {
        token_revoke  zone=edge;
        auth_request  /auth;
        try_files     /index.html =404;
    }

    location = /auth {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT/no;
    }
--- redis eval
::revoked('access-5')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer good', 'Authorization: Bearer access-5']
--- error_code eval
[401, 401]
--- raw_response_headers_like eval
['realm="app"(?!.*invalid_token)', 'invalid_token(?!.*realm="app")']



=== TEST 6: auth_delay does not delay our refusal
# a check in the access phase: its 401 is delayed, and the connection held
--- config
    location = /t {
        auth_delay    1h;
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('access-6')
--- request
GET /t
--- more_headers
Authorization: Bearer access-6
--- error_code: 401
--- no_error_log
delaying unauthorized request



=== TEST 7: auth_delay still delays that of auth_basic
# nothing of ours: this shows that the test above sees what it looks for
--- config
    location = /t {
        auth_delay            20ms;
        auth_basic            closed;
        auth_basic_user_file  $TEST_NGINX_SERVER_ROOT/html/users;
        token_revoke          zone=edge;
        try_files             /index.html =404;
    }
--- user_files
>>> users
user:{PLAIN}password
--- request
GET /t
--- more_headers
Authorization: Bearer good
--- error_code: 401
--- error_log
delaying unauthorized request



=== TEST 8: what limit_req delays is checked afterwards
# a handler in front of limit_req: it checks too early, and twice
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    limit_req_zone     $server_name zone=access8:1m rate=10r/s;
--- config
    location = /t {
        limit_req     zone=access8 burst=10;
        add_header    X-Limit $limit_req_status always;
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('access-8')
--- pipelined_requests eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer good', 'Authorization: Bearer access-8']
--- error_code eval
[200, 401]
--- raw_response_headers_like eval
['X-Limit: PASSED', 'X-Limit: DELAYED']



=== TEST 9: limit_req counts a request once, with its error page
# a refusal that is not kept, or not left to error_page
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    limit_req_zone     $server_name zone=access9:1m rate=1r/m;
--- config
    limit_req         zone=access9 burst=1 nodelay;
    limit_req_status  429;
    token_revoke      zone=edge;
    error_page        401 /page.html;

    location = /t {
        try_files  /index.html =404;
    }
--- user_files
>>> page.html
page
--- redis eval
::revoked('access-9')
--- request eval
[('GET /t') x 3]
--- more_headers
Authorization: Bearer access-9
--- error_code eval
[401, 401, 429]
--- response_body_like eval
['^page$', '^page$', '429 Too Many']



=== TEST 10: limit_conn lets go of what was refused
# a decision that is kept with the connection; or a refusal that leaves the
# request open
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    limit_conn_zone    $server_name zone=access10:1m;
--- config
    location = /t {
        limit_conn         access10 1;
        limit_conn_status  429;
        token_revoke       zone=edge;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('access-10')
--- pipelined_requests eval
[('GET /t') x 4]
--- more_headers eval
['Authorization: Bearer access-10', 'Authorization: Bearer access-10',
 'Authorization: Bearer access-10', 'Authorization: Bearer good']
--- error_code eval
[401, 401, 401, 200]



=== TEST 11: limit_conn refuses before a token is looked up
# a handler in front of limit_conn: a flood would have all its tokens hashed
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    limit_conn_zone    $server_name zone=access11:1m;
--- config
    limit_conn         access11 1;
    limit_conn_status  429;

    location = /t {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_SERVER_PORT/inner;
    }

    location = /inner {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('access-11')
--- request
GET /t
--- more_headers
Authorization: Bearer access-11
--- error_code: 429
--- no_error_log
token revoke: token



=== TEST 12: limit_except keeps the check of its location
# a configuration that is not merged into what limit_except makes
--- config
    location /t {
        token_revoke  zone=edge;

        limit_except GET {
            allow  127.0.0.1;
            deny   all;
        }

        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- redis eval
::revoked('access-12')
--- request eval
['POST /t', 'GET /t', 'POST /t']
--- more_headers eval
['Authorization: Bearer access-12', 'Authorization: Bearer access-12',
 'Authorization: Bearer good']
--- error_code eval
[401, 401, 200]
