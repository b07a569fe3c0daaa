# Our place among the other modules: behind those that limit and that find the
# address of the client, before those that let somebody in.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_UNUSED_PORT} = free_port();

run_tests();

__DATA__

=== TEST 1: limit_req in the same location still limits
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    limit_req_zone     $server_name zone=phases1:1m rate=1r/m;
--- config
    location = /t {
        limit_req         zone=phases1;
        limit_req_status  429;
        token_revoke      zone=edge;
        try_files         /index.html =404;
    }
--- request eval
['GET /t', 'GET /t']
--- more_headers
Authorization: Bearer good
--- error_code eval
[200, 429]



=== TEST 2: limit_req counts refused requests, and comes first
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    limit_req_zone     $server_name zone=phases2:1m rate=1r/m;
--- config
    location = /t {
        limit_req         zone=phases2;
        limit_req_status  429;
        token_revoke      zone=edge;
        try_files         /index.html =404;
    }
--- redis eval
::revoked('phases-2')
--- request eval
['GET /t', 'GET /t', 'GET /t']
--- more_headers
Authorization: Bearer phases-2
--- error_code eval
[401, 429, 429]



=== TEST 3: what limit_req refuses does not wait for Redis
--- http_config
    token_revoke_zone  zone=away:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;
    limit_req_zone     $server_name zone=phases3:1m rate=1r/m;
--- config
    location = /t {
        limit_req          zone=phases3;
        limit_req_status   429;
        token_revoke       zone=away;
        token_revoke_wait  1ms;
        try_files          /index.html =404;
    }
--- request eval
['GET /t', 'GET /t']
--- more_headers
Authorization: Bearer good
--- error_code eval
[503, 429]



=== TEST 4: limit_conn in the same location still limits
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    limit_conn_zone    $server_name zone=phases4:1m;
--- config
    location = /t {
        limit_conn         phases4 1;
        limit_conn_status  429;
        token_revoke       zone=edge;
        proxy_pass         http://127.0.0.1:$TEST_NGINX_SERVER_PORT/t?again;
    }
--- redis eval
::revoked('phases-4')
--- request
GET /t
--- more_headers
Authorization: Bearer good
--- error_code: 429



=== TEST 5: "satisfy any" does not let a revoked token in by a password
--- config
    location = /t {
        satisfy               any;
        auth_basic            closed;
        auth_basic_user_file  $TEST_NGINX_SERVER_ROOT/html/users;
        token_revoke          zone=edge;
        token_revoke_from     cookie:session;
        try_files             /index.html =404;
    }
--- user_files
>>> users
user:{PLAIN}password
--- redis eval
::revoked('phases-5')
--- request eval
['GET /t', 'GET /t', 'GET /t']
--- more_headers eval
["Authorization: Basic dXNlcjpwYXNzd29yZA==\nCookie: session=phases-5",
 "Authorization: Basic dXNlcjpwYXNzd29yZA==\nCookie: session=good",
 "Cookie: session=good"]
--- error_code eval
[401, 200, 401]
--- raw_response_headers_like eval
['WWW-Authenticate: Bearer', '200 OK', 'WWW-Authenticate: Basic']



=== TEST 6: "satisfy any" does not let a revoked token in by an address
--- config
    location = /t {
        satisfy       any;
        allow         127.0.0.1;
        deny          all;
        auth_basic    closed;
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('phases-6')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer phases-6', 'Authorization: Bearer good']
--- error_code eval
[401, 200]



=== TEST 7: a token that is not revoked does not let anybody in
--- config
    location = /t {
        satisfy       any;
        deny          all;
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }

    location = /all {
        satisfy       all;
        deny          all;
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- request eval
['GET /t', 'GET /all']
--- more_headers
Authorization: Bearer good
--- error_code eval
[403, 403]



=== TEST 8: a refusal comes before that of the access phase
--- config
    location = /t {
        deny          all;
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('phases-8')
--- request
GET /t
--- more_headers
Authorization: Bearer phases-8
--- error_code: 401



=== TEST 9: "return" answers before us
--- config
    location = /t {
        token_revoke  zone=edge;
        return        204;
    }
--- redis eval
::revoked('phases-9')
--- request
GET /t
--- more_headers
Authorization: Bearer phases-9
--- error_code: 204



=== TEST 10: "return" in an "if" answers before us, and otherwise we do
--- config
    location = /t {
        token_revoke  zone=edge;

        if ($request_method = OPTIONS) {
            return  204;
        }

        try_files  /index.html =404;
    }
--- redis eval
::revoked('phases-10')
--- request eval
['OPTIONS /t', 'GET /t']
--- more_headers
Authorization: Bearer phases-10
--- error_code eval
[204, 401]



=== TEST 11: a missing page is not told from one that is there
--- config
    location / {
        token_revoke  zone=edge;
    }
--- redis eval
::revoked('phases-11')
--- request eval
['GET /missing', 'GET /index.html', 'GET /missing']
--- more_headers eval
['Authorization: Bearer phases-11', 'Authorization: Bearer phases-11',
 'Authorization: Bearer good']
--- error_code eval
[401, 401, 404]
