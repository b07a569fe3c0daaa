# The module is loaded, and nobody uses it, or only a part of it: nothing is
# connected, nothing is said, and nothing of a request changes.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_UNUSED_PORT} = free_port();

run_tests();

__DATA__

=== TEST 1: without a directive nothing is said, not even at debug level
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- request
GET /t?token=unused
--- more_headers
Authorization: Bearer unused
Cookie: token=unused
--- response_headers
! WWW-Authenticate
! Retry-After
--- response_body_like: It works!
--- no_error_log
token revoke



=== TEST 2: "off" alone needs no zone
--- config
    token_revoke  off;

    location = /t {
        token_revoke  off;
        try_files     /index.html =404;
    }
--- request
GET /t
--- more_headers
Authorization: Bearer unused
--- no_error_log
token revoke



=== TEST 3: the variables exist, and have no value
--- config
    location = /t {
        add_header  X-All "[$token_revoke_status$token_revoke_match]";
        add_header  X-All "[$token_revoke_token$token_revoke_source]";
        add_header  X-All "[$token_revoke_age]";
        try_files   /index.html =404;
    }
--- request
GET /t
--- more_headers
Authorization: Bearer unused
--- response_headers
X-All: [], [], []
--- no_error_log
token revoke



=== TEST 4: a zone that no location uses is followed, and changes nothing
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
--- config
    location = /t {
        add_header  X-Status "[$token_revoke_status]";
        try_files   /index.html =404;
    }
--- redis eval
::revoked('unused-4')
--- request
GET /t
--- more_headers
Authorization: Bearer unused-4
--- response_headers
X-Status: []
--- error_log
token revoke zone "edge" follows log "revoked"



=== TEST 5: a Redis that is away does not touch locations without the module
--- http_config
    token_revoke_zone  zone=away:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;
--- config
    location = /t {
        try_files     /index.html =404;
    }

    location = /on {
        token_revoke       zone=away;
        token_revoke_wait  0;
        try_files          /index.html =404;
    }
--- request eval
['GET /t', 'GET /on', 'GET /on']
--- more_headers eval
['Authorization: Bearer unused-5', 'Authorization: Bearer unused-5', '']
--- error_code eval
[200, 503, 200]
