# Tokens in variables: whatever nginx can compute can be a token.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

run_tests();

__DATA__

=== TEST 1: a variable of a request
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  $http_x_token;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('variable-1')
--- request eval
['GET /t', 'GET /t', 'GET /t', 'GET /t']
--- more_headers eval
['X-Token: variable-1', 'X-Token: other', 'X-Token:', '']
--- error_code eval
[401, 200, 200, 200]



=== TEST 2: a part of the path
--- config
    location ~ ^/stream/(?<key>[^/]+)/ {
        token_revoke       zone=edge;
        token_revoke_from  $key;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('variable-2')
--- request eval
['GET /stream/variable-2/1.ts', 'GET /stream/other/1.ts',
 'GET /stream/%76ariable-2/1.ts']
--- error_code eval
[401, 200, 401]



=== TEST 3: a map, which is evaluated for each request
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;

    map $arg_key $key {
        "~^k-(?<rest>.*)$"  $rest;
        default             "";
    }
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  $key;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('variable-3')
--- request eval
['GET /t?key=k-variable-3', 'GET /t?key=variable-3', 'GET /t?key=k-',
 'GET /t']
--- error_code eval
[401, 200, 200, 200]



=== TEST 4: a variable that was set
--- config
    location = /t {
        set $key $arg_a$arg_b;

        token_revoke       zone=edge;
        token_revoke_from  $key;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('variable-4')
--- request eval
['GET /t?a=varia&b=ble-4', 'GET /t?a=ble-4&b=varia']
--- error_code eval
[401, 200]



=== TEST 5: a scheme in the variable
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  $http_x_token;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('variable-5')
--- request
GET /t
--- more_headers
X-Token: Bearer variable-5
--- error_code: 401



=== TEST 6: a variable is evaluated again after an internal redirect
--- config
    set $key "";

    location = /t {
        set $key good;

        token_revoke       zone=edge;
        token_revoke_from  $key;
        try_files          /nothing /next;
    }

    location = /next {
        set $key variable-6;

        token_revoke       zone=edge;
        token_revoke_from  $key;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('variable-6')
--- request
GET /t
--- error_code: 401



=== TEST 7: one of our own variables has nothing before the decision
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  $token_revoke_token bearer;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('variable-7')
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer variable-7', 'Authorization: Bearer other']
--- error_code eval
[401, 200]
