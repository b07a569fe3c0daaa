# $token_revoke_status: every value that it has, where it is used (access log,
# answers, requests to the application), and where it has none.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_UNUSED_PORT} = free_port();
$ENV{TEST_NGINX_APP_PORT} = free_port();

default_http_config(<<'_EOC_');
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    token_revoke_zone  zone=away:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;

    log_format  revoke  '$uri status=$token_revoke_status code=$status;';

    server {
        listen  $TEST_NGINX_APP_PORT;

        location / {
            return 200 "[$http_x_status]\n";
        }
    }
_EOC_

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('http_config', default_http_config());
    $block->set_value('config', "    access_log  logs/access.log revoke;\n\n"
                                . $block->config);
    $block->set_value('request', 'GET /t') if !defined $block->request;
});

run_tests();

__DATA__

=== TEST 1: NONE without a token
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- access_log
/index.html status=NONE code=200;



=== TEST 2: NONE with a token in a place that is not looked at
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- more_headers
Cookie: session=good
--- access_log
status=NONE code=200;



=== TEST 3: PASSED
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- more_headers
Authorization: Bearer good
--- access_log
status=PASSED code=200;



=== TEST 4: PASSED, whatever comes of the request later
--- config
    location = /t {
        token_revoke  zone=edge;
        deny          all;
    }
--- more_headers
Authorization: Bearer good
--- error_code: 403
--- access_log
/t status=PASSED code=403;



=== TEST 5: REVOKED
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('status-5')
--- more_headers
Authorization: Bearer status-5
--- error_code: 401
--- access_log
/t status=REVOKED code=401;



=== TEST 6: REVOKED with another code
--- config
    location = /t {
        token_revoke         zone=edge;
        token_revoke_status  403;
        try_files            /index.html =404;
    }
--- redis eval
::revoked('status-6')
--- more_headers
Authorization: Bearer status-6
--- error_code: 403
--- access_log
/t status=REVOKED code=403;



=== TEST 7: REVOKED on the page of the error
--- config
    token_revoke  zone=edge;
    error_page    401 /index.html;

    location = /t {
        try_files  /nothing =404;
    }
--- redis eval
::revoked('status-7')
--- more_headers
Authorization: Bearer status-7
--- error_code: 401
--- access_log
/index.html status=REVOKED code=401;



=== TEST 8: REVOKED_DRY_RUN
--- config
    location = /t {
        token_revoke          zone=edge;
        token_revoke_dry_run  on;
        try_files             /index.html =404;
    }
--- redis eval
::revoked('status-8')
--- more_headers
Authorization: Bearer status-8
--- access_log
status=REVOKED_DRY_RUN code=200;



=== TEST 9: PASSED in a dry run
It waits for nothing, so the edge has to be ready: that is what a command of
Redis is for here.
--- config
    location = /t {
        token_revoke          zone=edge;
        token_revoke_dry_run  on;
        try_files             /index.html =404;
    }
--- redis
XADD revoked * token another
--- more_headers
Authorization: Bearer good
--- access_log
status=PASSED code=200;



=== TEST 10: UNAVAILABLE
--- config
    location = /t {
        token_revoke       zone=away;
        token_revoke_wait  0;
        try_files          /index.html =404;
    }
--- more_headers
Authorization: Bearer good
--- error_code: 503
--- access_log
/t status=UNAVAILABLE code=503;



=== TEST 11: UNAVAILABLE after having waited
--- config
    location = /t {
        token_revoke       zone=away;
        token_revoke_wait  10ms;
        try_files          /index.html =404;
    }
--- more_headers
Authorization: Bearer good
--- error_code: 503
--- access_log
/t status=UNAVAILABLE code=503;



=== TEST 12: UNAVAILABLE_ALLOWED
--- config
    location = /t {
        token_revoke           zone=away;
        token_revoke_wait      0;
        token_revoke_on_error  allow;
        try_files              /index.html =404;
    }
--- more_headers
Authorization: Bearer good
--- access_log
status=UNAVAILABLE_ALLOWED code=200;



=== TEST 13: MALFORMED
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  arg:t;
        try_files          /index.html =404;
    }
--- request eval
'GET /t?' . CORE::join '&', map { "t=$_" } 1 .. 17
--- error_code: 400
--- access_log
/t status=MALFORMED code=400;



=== TEST 14: nothing where the module is off
--- config
    token_revoke  zone=edge;

    location = /t {
        token_revoke  off;
        try_files     /index.html =404;
    }
--- more_headers
Authorization: Bearer good
--- access_log
status=- code=200;



=== TEST 15: nothing where the module was never on
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- more_headers
Authorization: Bearer good
--- access_log
status=- code=200;



=== TEST 16: nothing for a request that nobody could read
--- config
    token_revoke  off;
--- raw_request eval
"GET /t HTTP/1.1\r\n\r\n"
--- error_code: 400
--- access_log
status=- code=400;



=== TEST 17: in the answer
--- config
    location = /t {
        token_revoke  zone=edge;
        add_header    X-Status $token_revoke_status always;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('status-17')
--- request eval
['GET /t', 'GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer good', 'Authorization: Bearer status-17', '']
--- error_code eval
[200, 401, 200]
--- response_headers eval
['X-Status: PASSED', 'X-Status: REVOKED', 'X-Status: NONE']



=== TEST 18: in the request to the application
--- config
    location = /t {
        token_revoke          zone=edge;
        token_revoke_dry_run  on;
        proxy_set_header      X-Status $token_revoke_status;
        proxy_pass            http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- redis eval
::revoked('status-18')
--- request eval
['GET /t', 'GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer good', 'Authorization: Bearer status-18', '']
--- response_body eval
["[PASSED]\n", "[REVOKED_DRY_RUN]\n", "[NONE]\n"]



=== TEST 19: used before the decision, it does not keep that value
--- config
    location = /t {
        set $before $token_revoke_status;

        token_revoke  zone=edge;
        add_header    X-Status $token_revoke_status;
        try_files     /index.html =404;
    }
--- more_headers
Authorization: Bearer good
--- response_headers
X-Status: PASSED
