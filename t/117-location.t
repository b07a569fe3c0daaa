# Locations: how the directives come to a request, wherever it is led, and what
# nginx answers before or without a check.  Above each test stands which change
# breaks it.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_APP_PORT} = free_port();

default_http_config(<<'_EOC_');
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;

    server {
        listen  $TEST_NGINX_APP_PORT;

        location / {
            return 200 "app $uri\n";
        }

        location /sent-on/ {
            add_header  X-Accel-Redirect $arg_to;
            return      200;
        }
    }
_EOC_

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('user_files', <<'_EOC_') if !defined $block->user_files;
>>> files/one.txt
one
>>> files/index.html
index
_EOC_
});

# "--- log_has": what nginx logs in the end, be it after the answer

add_response_body_check(sub {
    my ($block) = @_;

    my $line = $block->log_has // return;
    chomp $line;

    Test::More::ok(wait_for_log(qr/\Q$line\E/), $block->name . " - $line");
});

run_tests();

__DATA__

=== TEST 1: nested locations inherit, and may differ
# a configuration that is not inherited
--- config
    token_revoke       zone=edge;
    token_revoke_from  bearer arg:t;

    location /files/ {

        location /files/off/ {
            token_revoke  off;
            alias         $TEST_NGINX_SERVER_ROOT/html/files/;

            location /files/off/on/ {
                token_revoke       zone=edge;
                token_revoke_from  arg:t;
                alias              $TEST_NGINX_SERVER_ROOT/html/files/;
            }
        }

        location ~ ^/files/deep/(.+)$ {
            alias  $TEST_NGINX_SERVER_ROOT/html/files/$1;
        }
    }
--- redis eval
::revoked('location-1')
--- request eval
[map { "GET /files/$_" } 'one.txt', 'one.txt?t=location-1',
    'off/one.txt?t=location-1', 'off/on/one.txt', 'off/on/one.txt?t=location-1',
    'deep/one.txt?t=location-1', 'deep/one.txt?t=good']
--- more_headers eval
[('Authorization: Bearer location-1'), ('') x 2,
 ('Authorization: Bearer location-1'), ('') x 3]
--- error_code eval
[401, 401, 200, 200, 401, 401, 200]



=== TEST 2: regex locations, ^~ and =
# a check before the location is found
--- config
    location / {
        token_revoke  zone=edge;
    }

    location ~* \.TXT$ {
        token_revoke       zone=edge;
        token_revoke_from  arg:t;
    }

    location ^~ /files/free/ {
        alias  $TEST_NGINX_SERVER_ROOT/html/files/;
    }

    location = /files/index.html {
        token_revoke       zone=edge;
        token_revoke_from  header:X-Key;
    }
--- redis eval
::revoked('location-2')
--- request eval
[map { "GET /files/$_" } qw(a one.txt one.txt?t=location-2 free/one.txt
                            index.html %69ndex.html x/../index.html)]
--- more_headers eval
[('Authorization: Bearer location-2') x 4, ('X-Key: location-2') x 3]
--- error_code eval
[401, 200, 401, 200, 401, 401, 401]



=== TEST 3: "if" keeps the check, whichever of them the request is in
# a configuration that is not merged into what "if" makes
--- config
    location /t {
        token_revoke       zone=edge;
        token_revoke_from  bearer arg:t;

        if ($arg_a) {
            set  $x 1;
        }

        if ($arg_b) {
            proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT;
        }

        if ($arg_c) {
            break;
        }
    }
--- user_files
>>> t
here
--- redis eval
::revoked('location-3')
--- request eval
[map { ("GET /t?$_&t=good", "GET /t?$_&t=location-3") }
    qw(none=1 a=1 b=1 c=1 a=1&b=1)]
--- error_code eval
[(200, 401) x 5]



=== TEST 4: "if" of the server, and "rewrite" there
# a check before the location is found, or one that leaves out internal requests
--- config
    if ($arg_free) {
        rewrite  ^ /free;
    }

    rewrite  ^/old/(.*) /files/$1;

    location / {
        token_revoke  zone=edge;
    }

    location = /free {
        try_files  /index.html =404;
    }
--- redis eval
::revoked('location-4')
--- request eval
['GET /old/one.txt', 'GET /files/one.txt', 'GET /old/one.txt?free=1']
--- more_headers
Authorization: Bearer location-4
--- error_code eval
[401, 401, 200]



=== TEST 5: "rewrite ... last" and "break": the last location decides
# a check in the rewrite phase
--- config
    location /last/ {
        token_revoke  zone=edge;
        rewrite       ^/last/(.*) /free/$1 last;
    }

    location /break/ {
        token_revoke  zone=edge;
        rewrite       ^/break/(.*) /files/$1 break;
    }

    location /strict/ {
        rewrite  ^/strict/(.*) /break/$1 last;
    }

    location /free/ {
        alias  $TEST_NGINX_SERVER_ROOT/html/files/;
    }
--- redis eval
::revoked('location-5')
--- request eval
[map { "GET /$_/one.txt" } qw(last break strict free)]
--- more_headers
Authorization: Bearer location-5
--- error_code eval
[200, 401, 401, 200]



=== TEST 6: what nginx answers before anybody is asked
# a check before the location is found; docs/directives.md says so
--- config
    token_revoke  zone=edge;

    location /proxied/ {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }

    location = /return {
        return  204;
    }

    location = /redirect {
        rewrite  ^ http://other.example/ redirect;
    }

    location = /internal {
        internal;
    }

    location = /large {
        client_max_body_size  10;
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- redis eval
::revoked('location-6')
--- request eval
['GET /proxied', 'GET /return', 'GET /redirect', 'GET /internal',
 "POST /large\n" . 'x' x 11, "POST /large\n" . 'x' x 10]
--- more_headers
Authorization: Bearer location-6
--- error_code eval
[301, 204, 302, 404, 413, 401]



=== TEST 7: what is answered from files is checked before
# a check in the content phase: it tells which directories there are
--- config
    location / {
        token_revoke  zone=edge;
        autoindex     on;
    }
--- redis eval
::revoked('location-7')
--- request eval
[map { ("GET $_", "GET $_") } '/files', '/files/', '/', '/missing/']
--- more_headers eval
[('Authorization: Bearer location-7', 'Authorization: Bearer good') x 4]
--- error_code eval
[401, 301, 401, 200, 401, 200, 401, 404]



=== TEST 8: alias and index
# a pass that is kept over the redirect of an index
--- config
    location /alias/ {
        alias         $TEST_NGINX_SERVER_ROOT/html/files/;
        token_revoke  zone=edge;
    }

    location = /alias/index.html {
        alias              $TEST_NGINX_SERVER_ROOT/html/files/index.html;
        token_revoke       zone=edge;
        token_revoke_from  arg:t bearer;
    }
--- redis eval
::revoked('location-8')
--- request eval
['GET /alias/one.txt', 'GET /alias/', 'GET /alias/', 'GET /alias/?t=location-8']
--- more_headers eval
['Authorization: Bearer location-8', 'Authorization: Bearer location-8',
 'Authorization: Bearer good', 'Authorization: Bearer good']
--- error_code eval
[401, 401, 200, 401]



=== TEST 9: X-Accel-Redirect into a stricter location, a named one, a freer one
# a pass that is kept over redirects
--- config
    location /sent-on/ {
        token_revoke  zone=edge;
        proxy_pass    http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }

    location /strict/ {
        internal;
        alias              $TEST_NGINX_SERVER_ROOT/html/files/;
        token_revoke       zone=edge;
        token_revoke_from  bearer header:X-Key;
    }

    location @strict {
        root               $TEST_NGINX_SERVER_ROOT/html/files;
        token_revoke       zone=edge;
        token_revoke_from  bearer header:X-Key;
        try_files          /one.txt =404;
    }

    location /free/ {
        internal;
        alias  $TEST_NGINX_SERVER_ROOT/html/files/;
    }
--- redis eval
::revoked('location-9')
--- request eval
[map { ("GET /sent-on/?to=$_", "GET /sent-on/?to=$_") }
    qw(/strict/one.txt @strict /free/one.txt)]
--- more_headers eval
[("Authorization: Bearer good\nX-Key: location-9",
  "Authorization: Bearer good\nX-Key: good") x 3]
--- error_code eval
[(401, 200) x 2, 200, 200]
--- response_body_like eval
[('401 Authorization', '^one$') x 2, '^one$', '^one$']



=== TEST 10: internal locations, reached in every way
# a check that leaves out internal requests
--- config
    token_revoke  zone=edge;

    location = /try {
        token_revoke  off;
        try_files     /nothing /internal/one.txt;
    }

    location = /rewrite {
        rewrite  ^ /internal/one.txt;
    }

    location = /error {
        token_revoke  off;
        error_page    404 = /internal/one.txt;
    }

    location = /named {
        token_revoke  off;
        try_files     /nothing @named;
    }

    location @named {
        root       $TEST_NGINX_SERVER_ROOT/html/files;
        try_files  /one.txt =404;
    }

    location /internal/ {
        internal;
        alias  $TEST_NGINX_SERVER_ROOT/html/files/;
    }
--- redis eval
::revoked('location-10')
--- request eval
[map { ("GET /$_", "GET /$_") } qw(try rewrite error named internal/one.txt)]
--- more_headers eval
[('Authorization: Bearer location-10', 'Authorization: Bearer good') x 5]
--- error_code eval
[(401, 200) x 4, 404, 404]



=== TEST 11: SSI: includes are not checked, as docs/directives.md says
# a check of subrequests: what is refused would be a hole in the page
--- config
    location = /page.html {
        default_type       text/html;
        ssi                on;
        token_revoke       zone=edge;
    }

    location = /part {
        token_revoke       zone=edge;
        token_revoke_from  bearer header:X-Key;
        proxy_pass         http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- user_files
>>> page.html
[<!--#include virtual="/part" --><!--#include virtual="/part" -->]
--- redis eval
::revoked('location-11')
--- request eval
['GET /page.html', 'GET /page.html', 'GET /part']
--- more_headers eval
["Authorization: Bearer good\nX-Key: location-11",
 'Authorization: Bearer location-11',
 "Authorization: Bearer good\nX-Key: location-11"]
--- error_code eval
[200, 401, 401]
--- response_body_like eval
['^\[app /part\napp /part\n\]$', '401 Authorization', '401 Authorization']



=== TEST 12: what is added before and after a body
# a refusal of subrequests; to a refusal of ours nothing is added
--- config
    token_revoke  zone=edge;

    location = /files/one.txt {
        addition_types        *;
        add_before_body       /before;
        add_after_body        /after;
        error_page            401 /files/index.html;
    }

    location ~ ^/(before|after)$ {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }

    location = /files/index.html {
    }
--- redis eval
::revoked('location-12')
--- request eval
['GET /files/one.txt', 'GET /files/one.txt']
--- more_headers eval
['Authorization: Bearer good', 'Authorization: Bearer location-12']
--- response_body eval
["app /before\none\napp /after\n", "index\n"]
--- error_code eval
[200, 401]



=== TEST 13: a mirror that checks gets a copy of each request that passes
# a check of subrequests: the copy would be refused where more is looked at
--- config
    location = /t {
        mirror        /mirror;
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }

    location = /mirror {
        internal;
        token_revoke       zone=edge;
        token_revoke_from  header:X-Key;
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT/copy;
    }
--- redis eval
::revoked('location-13')
--- request
GET /t
--- more_headers
Authorization: Bearer good
X-Key: location-13
--- log_has
http request line: "GET /copy HTTP/1.0"
--- no_error_log
token revoke: token



=== TEST 14: PUT and DELETE write and remove nothing when they are refused
# a check in the content phase
--- config
    location /files/ {
        token_revoke  zone=edge;
        dav_methods   PUT DELETE;
    }
--- redis eval
::revoked('location-14')
--- request eval
["PUT /files/new.txt\nnew\n", 'DELETE /files/one.txt', 'GET /files/new.txt',
 'GET /files/one.txt', 'DELETE /files/one.txt']
--- more_headers eval
['Authorization: Bearer location-14', 'Authorization: Bearer location-14',
 ('Authorization: Bearer good') x 3]
--- error_code eval
[401, 401, 404, 200, 204]



=== TEST 15: a location by a variable of the request
# a check that leaves out internal requests
--- config
    token_revoke  zone=edge;

    location = /t {
        try_files  /nothing /$arg_to;
    }

    location = /free {
        token_revoke  off;
        try_files     /index.html =404;
    }

    location = /strict {
        token_revoke_from  header:X-Key;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('location-15')
--- pipelined_requests eval
['GET /t?to=strict', 'GET /t?to=free', 'GET /t?to=strict']
--- more_headers eval
['X-Key: location-15', 'X-Key: location-15', 'X-Key: good']
--- error_code eval
[401, 200, 200]
