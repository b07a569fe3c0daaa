# What error.log says about a refusal: the identity of the token and where it
# was, at the level that the location asks for, and never the token itself.
# nginx's own lines show whole requests at debug level; ours are those with
# "token revoke".

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_UNUSED_PORT} = free_port();

# the token of every block is RAW, and a number

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('no_error_log', [qr/token revoke.*RAW/,
                                       $block->no_error_log // ()]);
    $block->set_value('request', 'GET /t') if !defined $block->request;
});

run_tests();

__DATA__

=== TEST 1: the identity, the source, the zone and the client
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('RAW1')
--- more_headers
Authorization: Bearer RAW1
--- error_code: 401
--- error_log eval
'token revoke: token "' . ::sha256_hex('RAW1')
. '" of "bearer" is revoked by a rule on "token" in zone "edge", '
. 'client: 127.0.0.1'



=== TEST 2: the level is "notice" by default
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('RAW2')
--- more_headers
Authorization: Bearer RAW2
--- error_code: 401
--- error_log eval
qr/\[notice\] .*token revoke: token/



=== TEST 3: the level "info"
--- config
    location = /t {
        token_revoke            zone=edge;
        token_revoke_log_level  info;
        try_files               /index.html =404;
    }
--- redis eval
::revoked('RAW3')
--- more_headers
Authorization: Bearer RAW3
--- error_code: 401
--- error_log eval
qr/\[info\] .*token revoke: token/



=== TEST 4: the level "warn"
--- config
    location = /t {
        token_revoke            zone=edge;
        token_revoke_log_level  warn;
        try_files               /index.html =404;
    }
--- redis eval
::revoked('RAW4')
--- more_headers
Authorization: Bearer RAW4
--- error_code: 401
--- error_log eval
qr/\[warn\] .*token revoke: token/



=== TEST 5: the level "error"
--- config
    location = /t {
        token_revoke            zone=edge;
        token_revoke_log_level  error;
        try_files               /index.html =404;
    }
--- redis eval
::revoked('RAW5')
--- more_headers
Authorization: Bearer RAW5
--- error_code: 401
--- error_log eval
qr/\[error\] .*token revoke: token/



=== TEST 6: a level below that of the log says nothing
--- config
    location = /t {
        error_log  logs/error.log warn;

        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('RAW6')
--- more_headers
Authorization: Bearer RAW6
--- error_code: 401
--- no_error_log eval
qr/token revoke: token/



=== TEST 7: a token in an argument is not repeated with the request line
--- config
    location = /t {
        token_revoke            zone=edge;
        token_revoke_from       arg:token;
        token_revoke_log_level  error;
        try_files               /index.html =404;
    }
--- redis eval
::revoked('RAW7')
--- request
GET /t?token=RAW7
--- more_headers
Referer: http://localhost/?token=RAW7
--- error_code: 401
--- error_log eval
'"' . ::sha256_hex('RAW7') . '" of "arg:token" is revoked'



=== TEST 8: a signed token is named by what was signed
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  cookie:session;
        try_files          /index.html =404;
    }
--- redis eval
::revoked(::jws('{"sub":"RAW8"}'))
--- more_headers eval
'Cookie: session=' . ::jws('{"sub":"RAW8"}') . 'x'
--- error_code: 401
--- error_log eval
'"' . ::identity(::jws('{"sub":"RAW8"}')) . '" of "cookie:session" is revoked'



=== TEST 9: the revoked one of several tokens is named
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  bearer $arg_a header:X-Key;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('RAW9')
--- request
GET /t?a=RAW-other
--- more_headers
Authorization: Bearer RAW-good
X-Key: RAW9
--- error_code: 401
--- error_log eval
'"' . ::sha256_hex('RAW9') . '" of "header:X-Key" is revoked'



=== TEST 10: what passes is not logged
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('RAW10')
--- more_headers
Authorization: Bearer RAW-good
--- no_error_log eval
qr/token revoke: /



=== TEST 11: a raw token that an operator wrote is not repeated
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis
XADD revoked * token RAW11 aud abcdef-RAW11-of-an-operator
XADD revoked * token RAW11 until RAW11
XADD revoked * sub abcdef-RAW11-of-an-operator
XADD revoked * action RAW11 token RAW11
--- more_headers
Authorization: Bearer RAW11
--- error_code: 401
--- error_log
it is not applied



=== TEST 12: a refusal without a decision does not repeat the token
--- http_config
    token_revoke_zone  zone=away:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;
--- config
    location = /t {
        token_revoke       zone=away;
        token_revoke_from  arg:token;
        token_revoke_wait  0;
        try_files          /index.html =404;
    }
--- request
GET /t?token=RAW12
--- error_code: 503
--- error_log
token revoke zone "away" has not been synced yet



=== TEST 13: the client is the one that realip knows
--- config
    location = /t {
        set_real_ip_from  127.0.0.1;
        real_ip_header    X-Forwarded-For;

        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('RAW13')
--- more_headers
Authorization: Bearer RAW13
X-Forwarded-For: 192.0.2.7
--- error_code: 401
--- error_log
is revoked by a rule on "token" in zone "edge", client: 192.0.2.7
