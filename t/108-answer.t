# What the client is told when a token is revoked, when nobody can say, and in
# a dry run; and what is done with error_page.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_UNUSED_PORT} = free_port();
$ENV{TEST_NGINX_APP_PORT} = free_port();

default_http_config(<<'_EOC_');
    server {
        listen  $TEST_NGINX_APP_PORT;

        location / {
            return 200 "$http_x_status [$http_authorization]\n";
        }
    }

    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    token_revoke_zone  zone=away:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;
    token_revoke_zone  zone=away-deny:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;
    token_revoke_zone  zone=away-allow:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;
_EOC_

sub challenge {
    return 'WWW-Authenticate: Bearer error="invalid_token", '
           . 'error_description="The token has been revoked"' . "\n";
}

# every block has a revoked token of its own, and sends it

my $n = 0;

add_block_preprocessor(sub {
    my ($block) = @_;

    my $token = 'answer-' . ++$n;

    $block->set_value('http_config', default_http_config());
    $block->set_value('redis', revoked($token));
    $block->set_value('more_headers', "Authorization: Bearer $token")
        if !defined $block->more_headers;
    $block->set_value('request', 'GET /t') if !defined $block->request;
});

run_tests();

__DATA__

=== TEST 1: 401 with the challenge that makes a client fetch a new token
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- error_code: 401
--- response_headers eval: ::challenge() . "! Retry-After\n"
--- response_body_like: 401 Authorization Required



=== TEST 2: another status has no challenge
--- config
    location = /t {
        token_revoke         zone=edge;
        token_revoke_status  403;
        try_files            /index.html =404;
    }
--- error_code: 403
--- response_headers
! WWW-Authenticate
--- response_body_like: 403 Forbidden



=== TEST 3: a revoked token can be told from a missing page by nobody
--- config
    location = /t {
        token_revoke         zone=edge;
        token_revoke_status  404;
        try_files            /index.html =404;
    }
--- error_code: 404
--- response_headers
! WWW-Authenticate
--- response_body_like: 404 Not Found



=== TEST 4: a status for which nginx has no page
--- config
    location = /t {
        token_revoke         zone=edge;
        token_revoke_status  451;
        try_files            /index.html =404;
    }
--- error_code: 451
--- response_headers
! WWW-Authenticate



=== TEST 5: the connection is closed without an answer
--- config
    location = /t {
        token_revoke         zone=edge;
        token_revoke_status  444;
        try_files            /index.html =404;
    }
--- ignore_response
--- error_log
http finalize request: 444



=== TEST 6: a dry run lets it pass, and says so in the log
--- config
    location = /t {
        token_revoke          zone=edge;
        token_revoke_dry_run  on;
        add_header            X-Status $token_revoke_status;
        try_files             /index.html =404;
    }
--- response_headers
X-Status: REVOKED_DRY_RUN
! WWW-Authenticate
--- response_body_like: It works!
--- error_log
is revoked by a rule on "token" in zone "edge", dry run, client: 127.0.0.1



=== TEST 7: what cannot be decided is denied, and may be tried again
--- config
    location = /t {
        token_revoke       zone=away-deny;
        token_revoke_wait  0;
        try_files          /index.html =404;
    }
--- error_code: 503
--- raw_response_headers_like: \r\nRetry-After: \d+\r\n
--- response_headers
! WWW-Authenticate
--- error_log eval
'token revoke zone "away-deny" has not been synced yet: '
. 'requests with a token are denied'



=== TEST 8: what cannot be decided is allowed
--- config
    location = /t {
        token_revoke           zone=away-allow;
        token_revoke_wait      0;
        token_revoke_on_error  allow;
        add_header             X-Status $token_revoke_status;
        try_files              /index.html =404;
    }
--- response_headers
X-Status: UNAVAILABLE_ALLOWED
--- error_log eval
'token revoke zone "away-allow" has not been synced yet: '
. 'requests with a token are allowed'



=== TEST 9: a dry run does not wait for what cannot be decided
--- config
    location = /t {
        token_revoke          zone=away;
        token_revoke_wait     60s;
        token_revoke_dry_run  on;
        add_header            X-Status $token_revoke_status;
        try_files             /index.html =404;
    }
--- response_headers
X-Status: UNAVAILABLE_ALLOWED



=== TEST 10: without a token nothing has to be decided
--- config
    location = /t {
        token_revoke       zone=away;
        token_revoke_wait  0;
        add_header         X-Status $token_revoke_status;
        try_files          /index.html =404;
    }
--- more_headers
X-Other: x
--- response_headers
X-Status: NONE



=== TEST 11: token_revoke_status is not for what cannot be decided
--- config
    location = /t {
        token_revoke         zone=away;
        token_revoke_wait    0;
        token_revoke_status  403;
        try_files            /index.html =404;
    }
--- error_code: 503
--- raw_response_headers_like: \r\nRetry-After: \d+\r\n



=== TEST 12: error_page shows a page, and the challenge stays
--- config
    location = /t {
        token_revoke  zone=edge;
        error_page    401 /login.html;
        try_files     /index.html =404;
    }
--- user_files
>>> login.html
please log in
--- error_code: 401
--- response_headers eval: ::challenge()
--- response_body
please log in



=== TEST 13: error_page shows a page of a location that refuses the token too
--- config
    token_revoke  zone=edge;
    error_page    401 /login.html;

    location = /t {
        try_files  /index.html =404;
    }
--- user_files
>>> login.html
please log in
--- error_code: 401
--- response_body
please log in



=== TEST 14: error_page leads to a named location, with a status of its own
--- config
    token_revoke  zone=edge;

    location = /t {
        error_page  401 =403 @refused;
        try_files   /index.html =404;
    }

    location @refused {
        add_header  X-Status $token_revoke_status always;
        add_header  X-Match $token_revoke_match always;
        try_files   /refused.html =404;
    }
--- user_files
>>> refused.html
refused
--- error_code: 403
--- response_headers
X-Status: REVOKED
X-Match: token
--- response_body
refused



=== TEST 15: error_page leads to an application
--- config
    token_revoke  zone=edge;

    location = /t {
        error_page  401 = @refused;
        try_files   /index.html =404;
    }

    location @refused {
        proxy_set_header  X-Status $token_revoke_status;
        proxy_set_header  Authorization "";
        proxy_pass        http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- response_body
REVOKED []



=== TEST 16: error_page shows a page for what cannot be decided
--- config
    token_revoke       zone=away;
    token_revoke_wait  0;
    error_page         503 /later.html;

    location = /t {
        try_files  /index.html =404;
    }
--- user_files
>>> later.html
come back later
--- error_code: 503
--- raw_response_headers_like: \r\nRetry-After: \d+\r\n
--- response_body
come back later



=== TEST 17: error_page shows a page for too many tokens
--- config
    token_revoke       zone=edge;
    token_revoke_from  arg:t;
    error_page         400 /bad.html;

    location = /t {
        try_files  /index.html =404;
    }
--- user_files
>>> bad.html
too many
--- request eval
'GET /t?' . CORE::join '&', map { "t=$_" } 1 .. 17
--- error_code: 400
--- response_body
too many
