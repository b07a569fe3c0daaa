# $token_revoke_match, _token, _source and _age: what they say about a
# decision, and that none of them ever is a token.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_UNUSED_PORT} = free_port();

default_http_config(<<'_EOC_');
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    token_revoke_zone  zone=away:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;

    log_format  revoke  'match=$token_revoke_match token=$token_revoke_token '
                        'source=$token_revoke_source age=$token_revoke_age;';
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

=== TEST 1: a revoked token
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
--- access_log eval
[qr/^match=token token=@{[ ::sha256_hex('RAW1') ]} source=bearer age=\d+;$/]
--- no_access_log
RAW



=== TEST 2: a revoked token in a dry run
--- config
    location = /t {
        token_revoke          zone=edge;
        token_revoke_dry_run  on;
        try_files             /index.html =404;
    }
--- redis eval
::revoked('RAW2')
--- more_headers
Authorization: Bearer RAW2
--- access_log eval
[qr/^match=token token=@{[ ::sha256_hex('RAW2') ]} source=bearer age=\d+;$/]



=== TEST 3: a token that passes has an identity too, and no match
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- more_headers
Authorization: Bearer RAW3
--- access_log eval
[qr/^match=- token=@{[ ::sha256_hex('RAW3') ]} source=bearer age=\d+;$/]



=== TEST 4: without a token
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis
XADD revoked * token RAW4
--- access_log eval
[qr/^match=- token=- source=- age=\d+;$/]



=== TEST 5: without the module
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- more_headers
Authorization: Bearer RAW5
--- access_log
match=- token=- source=- age=-;



=== TEST 6: nothing is known: there is no age
--- config
    location = /t {
        token_revoke       zone=away;
        token_revoke_wait  0;
        try_files          /index.html =404;
    }
--- more_headers
Authorization: Bearer RAW6
--- error_code: 503
--- access_log eval
[qr/^match=- token=@{[ ::sha256_hex('RAW6') ]} source=bearer age=-;$/]



=== TEST 7: a signed token is known by what was signed
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- more_headers eval
'Authorization: Bearer ' . ::jws('{"sub":"alice"}')
--- access_log eval
my $id = ::identity(::jws('{"sub":"alice"}'));
[qr/^match=- token=$id source=bearer age=\d+;$/]



=== TEST 8: of several tokens the revoked one is told
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  bearer arg:a cookie:b;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('RAW8')
--- request
GET /t?a=RAW8
--- more_headers
Authorization: Bearer RAW-one
Cookie: b=RAW-two
--- error_code: 401
--- access_log eval
[qr/^match=token token=@{[ ::sha256_hex('RAW8') ]} source=arg:a age=\d+;$/]



=== TEST 9: the source is told as it is written in the configuration
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  cookie:S header:X-Key arg:a $http_x_var auth:Key
                           basic;
        add_header         X-Source $token_revoke_source;
        try_files          /index.html =404;
    }
--- request eval
['GET /t', 'GET /t', 'GET /t?a=RAW9', 'GET /t', 'GET /t', 'GET /t']
--- more_headers eval
['Cookie: S=RAW9', 'x-key: RAW9', '', 'X-Var: RAW9', 'Authorization: key RAW9',
 'Authorization: Basic UkFXOTo=']
--- response_headers eval
['X-Source: cookie:S', 'X-Source: header:X-Key', 'X-Source: arg:a',
 'X-Source: $http_x_var', 'X-Source: auth:Key', 'X-Source: basic']



=== TEST 10: too many tokens: none of them is told
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  arg:t;
        try_files          /index.html =404;
    }
--- request eval
'GET /t?' . CORE::join '&', map { "t=RAW$_" } 1 .. 17
--- error_code: 400
--- access_log eval
[qr/^match=- token=- source=- age=/]



=== TEST 11: in the request to an application, on behalf of a token that passes
--- config
    location = /t {
        token_revoke      zone=edge;
        proxy_set_header  X-Token $token_revoke_token;
        proxy_set_header  X-Match $token_revoke_match;
        proxy_pass        http://127.0.0.1:$TEST_NGINX_SERVER_PORT/app;
    }

    location = /app {
        return  200 "$http_x_token $http_x_match\n";
    }
--- more_headers
Authorization: Bearer RAW11
--- response_body eval
::sha256_hex('RAW11') . " \n"



=== TEST 12: a client cannot set them
--- config
    location = /t {
        add_header  X-Token "[$token_revoke_token]";
        try_files   /index.html =404;
    }
--- request
GET /t?token_revoke_token=x
--- more_headers
token-revoke-token: x
Cookie: token_revoke_token=x
--- response_headers
X-Token: []
