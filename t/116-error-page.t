# Error pages of a refusal: shown once, with the fields of the refusal, whether
# they are a file, a named location or another server's; and what access_log
# and post_action say afterwards.  Above each test stands which change breaks
# it.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_APP_PORT} = free_port();
$ENV{TEST_NGINX_UNUSED_PORT} = free_port();

my $http = <<'_EOC_';
    log_format  told '$status $token_revoke_status $token_revoke_source '
                     '$token_revoke_match $token_revoke_token $uri';
    log_format  after '$args';
    access_log  $TEST_NGINX_SERVER_ROOT/logs/TOLD told;

    map $status $told {
        volatile;
        default  $status:$token_revoke_status:$token_revoke_source;
    }

    server {
        listen      $TEST_NGINX_APP_PORT;
        access_log  off;

        location / {
            return 200 "app $request_method $uri $http_content_length\n";
        }

        location = /after {
            access_log  $TEST_NGINX_SERVER_ROOT/logs/TOLD after;
            return      204;
        }

        location = /unauthorized {
            add_header  WWW-Authenticate 'Bearer realm="app"' always;
            return      401;
        }

        location = /sent-on {
            add_header  X-Accel-Redirect /page.html;
            return      200;
        }
    }
_EOC_

my $edge = <<'_EOC_' . $http;
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
_EOC_

my $away = <<'_EOC_' . $http;
    token_revoke_zone  zone=away:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;
    token_revoke_wait  0;
_EOC_


# "--- told": what is in that log, one for each block, after the last request;
# for [TOKEN] the hash of TOKEN is expected

my $blocks = 0;

sub told {
    my $dir = Test::Nginx::Util::server_root() . '/logs';

    open my $in, '<', "$dir/told-$blocks.log" or return '';
    return CORE::join '', grep { !m{ /ver$} } <$in>;
}

add_block_preprocessor(sub {
    my ($block) = @_;

    my $conf = $block->config =~ /zone=away/ ? $away : $edge;

    $blocks++;
    $block->set_value('http_config', $conf =~ s/TOLD/told-$blocks.log/gr);
    $block->set_value('user_files', ">>> page.html\npage\n");
    $block->set_value('request', 'GET /t') if !defined $block->request;
});

add_response_body_check(sub {
    my ($block, $body, $i) = @_;

    my $request = $block->request;
    my $expected = $block->told;

    return if !defined $expected or ref $request and $i < $#$request;

    $expected =~ s/\[([\w-]+)\]/sha256_hex($1)/ge;

    wait_for { told() eq $expected };
    Test::More::is(told(), $expected, $block->name . ' - told');
});

run_tests();

__DATA__

=== TEST 1: error_page 401 is a location that checks, too
# a refusal that is not kept: the page is refused again, nginx's own is shown
--- config
    token_revoke  zone=edge;
    error_page    401 /page.html;

    location = /t {
        try_files  /index.html =404;
    }
--- redis eval
::revoked('page-1')
--- more_headers
Authorization: Bearer page-1
--- error_code: 401
--- response_body
page
--- raw_response_headers_like eval
'WWW-Authenticate: Bearer error="invalid_token"(?!.*WWW-Authenticate)'
--- told
401 REVOKED bearer token [page-1] /page.html



=== TEST 2: error_page 401 is a named location
# a decision that is lost with the context of the module
--- config
    location = /t {
        token_revoke  zone=edge;
        error_page    401 @page;
        try_files     /index.html =404;
    }

    location @page {
        token_revoke       zone=edge;
        token_revoke_from  arg:t bearer;
        try_files          /page.html =404;
    }
--- redis eval
::revoked('page-2')
--- request
GET /t?t=page-2
--- more_headers
Authorization: Bearer page-2
--- error_code: 401
--- response_body
page
--- raw_response_headers_like eval
'WWW-Authenticate: Bearer error="invalid_token"(?!.*WWW-Authenticate)'
--- told
401 REVOKED bearer token [page-2] /page.html



=== TEST 3: error_page 401 is a page of another server
# an answer of our own, past error_page
--- config
    token_revoke  zone=edge;
    error_page    401 /page;

    location = /t {
        try_files  /index.html =404;
    }

    location = /page {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- redis eval
::revoked('page-3')
--- more_headers
Authorization: Bearer page-3
--- error_code: 401
--- response_body eval
"app GET /page \n"
--- raw_response_headers_like eval
'WWW-Authenticate: Bearer error="invalid_token"'
--- told
401 REVOKED bearer token [page-3] /page



=== TEST 4: a refused POST leads to a named page of another server
# a check that throws the body away, or an answer of our own
--- config
    token_revoke  zone=edge;
    error_page    401 @page;

    location = /t {
        try_files  /index.html =404;
    }

    location @page {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- redis eval
::revoked('page-4')
--- pipelined_requests eval
["POST /t\nbody", "POST /t\nbody"]
--- more_headers
Authorization: Bearer page-4
--- error_code eval
[401, 401]
--- response_body eval
["app POST /t 4\n", "app POST /t 4\n"]



=== TEST 5: the page itself is unauthorized at the other server
# a refusal that is not kept: pages of pages, until nginx gives up
--- config
    token_revoke           zone=edge;
    error_page             401 /page;
    recursive_error_pages  on;

    location = /t {
        try_files  /index.html =404;
    }

    location = /page {
        error_page              401 /page.html;
        proxy_intercept_errors  on;
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT/unauthorized;
    }
--- redis eval
::revoked('page-5')
--- more_headers
Authorization: Bearer page-5
--- error_code: 401
--- response_body
page
--- raw_response_headers_like eval
'error="invalid_token".*realm="app"'
--- told
401 REVOKED bearer token [page-5] /page.html



=== TEST 6: recursive_error_pages, and the page is where it was refused
# a refusal that is not kept: a loop
--- config
    token_revoke           zone=edge;
    error_page             401 /t;
    recursive_error_pages  on;

    location = /t {
        try_files  /page.html =404;
    }
--- redis eval
::revoked('page-6')
--- more_headers
Authorization: Bearer page-6
--- error_code: 401
--- response_body
page
--- no_error_log
redirection cycle
--- told
401 REVOKED bearer token [page-6] /page.html



=== TEST 7: recursive_error_pages, and there is no page
# a refusal that is not kept: the page for 404 would be refused with 401
--- config
    token_revoke           zone=edge;
    error_page             401 /missing;
    error_page             404 /page.html;
    recursive_error_pages  on;

    location / {
    }
--- redis eval
::revoked('page-7')
--- more_headers
Authorization: Bearer page-7
--- error_code: 404
--- response_body
page
--- told
404 REVOKED bearer token [page-7] /page.html



=== TEST 8: a refusal of the application is not taken for ours
# a check that has not seen the right location; a status from what is answered
--- config
    location = /t {
        token_revoke            zone=edge;
        proxy_intercept_errors  on;
        error_page              401 /page.html;
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT/unauthorized;
    }
--- more_headers
Authorization: Bearer good
--- error_code: 401
--- response_body
page
--- raw_response_headers_like eval
'realm="app"'
--- told
401 PASSED bearer - [good] /page.html



=== TEST 9: error_page 503 keeps Retry-After: a location
# a refusal for want of knowledge that is not kept
--- config
    token_revoke  zone=away;
    error_page    503 /page.html;

    location = /t {
        try_files  /index.html =404;
    }
--- more_headers
Authorization: Bearer good
--- error_code: 503
--- response_body
page
--- raw_response_headers_like eval
'Retry-After: 5(?!.*Retry-After)'
--- told
503 UNAVAILABLE bearer - [good] /page.html



=== TEST 10: error_page 503 keeps Retry-After: named, of another server
# the same; the page is not checked, so docs/directives.md warns of applications
--- config
    token_revoke  zone=away;
    error_page    503 @page;

    location = /t {
        try_files  /index.html =404;
    }

    location @page {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- more_headers
Authorization: Bearer good
--- error_code: 503
--- response_body eval
"app GET /t \n"
--- raw_response_headers_like eval
'Retry-After: 5(?!.*Retry-After)'
--- told
503 UNAVAILABLE bearer - [good] /t



=== TEST 11: another status, by its page
# an answer of our own, past error_page
--- config
    token_revoke         zone=edge;
    token_revoke_status  403;
    error_page           403 /page.html;

    location = /t {
        try_files  /index.html =404;
    }
--- redis eval
::revoked('page-11')
--- more_headers
Authorization: Bearer page-11
--- error_code: 403
--- response_body
page
--- told
403 REVOKED bearer token [page-11] /page.html



=== TEST 12: a page with another status, and a page elsewhere
# an answer of our own, past error_page
--- config
    token_revoke  zone=edge;

    location = /t {
        error_page  401 =410 /page.html;
    }

    location = /elsewhere {
        error_page  401 http://login.example/;
    }

    location = /page.html {
    }
--- redis eval
::revoked('page-12')
--- request eval
['GET /t', 'GET /elsewhere']
--- more_headers
Authorization: Bearer page-12
--- error_code eval
[410, 302]
--- raw_response_headers_like eval
['410 Gone', 'Location: http://login.example/']
--- told
410 REVOKED bearer token [page-12] /page.html
302 REVOKED bearer token [page-12] /elsewhere



=== TEST 13: the page of too many tokens
# too many tokens as a refusal that is not kept
--- config
    token_revoke       zone=edge;
    token_revoke_from  header:X-Key;
    error_page         400 /page.html;

    location = /t {
        try_files  /index.html =404;
    }
--- more_headers eval
CORE::join "\n", map { "X-Key: t$_" } 1 .. 17
--- error_code: 400
--- response_body
page
--- told
400 MALFORMED - - - /page.html



=== TEST 14: HEAD has the fields of the page and no body
# an answer of our own, past error_page
--- config
    token_revoke  zone=edge;
    error_page    401 /page.html;

    location = /t {
        try_files  /index.html =404;
    }
--- redis eval
::revoked('page-14')
--- request
HEAD /t
--- more_headers
Authorization: Bearer page-14
--- error_code: 401
--- response_body
--- raw_response_headers_like eval
'^(?=.*Content-Length: 5)(?=.*WWW-Authenticate: Bearer)'



=== TEST 15: a body that is too large is told before, and its page is checked
# a check that leaves out internal requests
--- config
    token_revoke  zone=edge;

    location = /t {
        client_max_body_size  1k;
        error_page            413 /page.html;
    }

    location = /page.html {
    }
--- redis eval
::revoked('page-15')
--- request eval
[("POST /t\n" . 'x' x 2000) x 2]
--- more_headers eval
['Authorization: Bearer page-15', 'Authorization: Bearer good']
--- error_code eval
[401, 413]
--- response_body_like eval
['401 Authorization Required', '^page$']



=== TEST 16: a page of another server may lead on by X-Accel-Redirect
# a refusal that is kept for one redirect only
--- config
    token_revoke  zone=edge;
    error_page    401 /page;

    location = /t {
        try_files  /index.html =404;
    }

    location = /page {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT/sent-on;
    }
--- redis eval
::revoked('page-16')
--- more_headers
Authorization: Bearer page-16
--- error_code: 401
--- response_body
page
--- told
401 REVOKED bearer token [page-16] /page.html



=== TEST 17: the page of a request that passed says that it passed
# a decision that is lost with the context of the module
--- config
    token_revoke  zone=edge;
    error_page    404 /page.html;

    location / {
    }

    location = /page.html {
        token_revoke  off;
    }
--- request
GET /missing
--- more_headers
Authorization: Bearer good
--- error_code: 404
--- response_body
page
--- told
404 PASSED bearer - [good] /page.html



=== TEST 18: post_action of a refused request, of a passed one, of none
# a decision that post_action makes again, or cannot see
--- config
    location = /t {
        token_revoke  zone=edge;
        post_action   /after;
        try_files     /index.html =404;
    }

    location = /after {
        token_revoke       zone=edge;
        token_revoke_from  arg:t;
        access_log         off;
        proxy_pass
            http://127.0.0.1:$TEST_NGINX_APP_PORT/after?$told;
    }
--- redis eval
::revoked('page-18')
--- request eval
['GET /t?t=page-18', 'GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer page-18', 'Authorization: Bearer good', '']
--- error_code eval
[401, 200, 200]
--- told
401:REVOKED:bearer
200:PASSED:bearer
200::
