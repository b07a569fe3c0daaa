# Tokens in the arguments of a request: all that have the name, as they are
# now and as the client sent them, percent-encoded or not.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  arg:access_token;
        try_files          /index.html =404;
    }
_EOC_
});

run_tests();

__DATA__

=== TEST 1: alone, first, last and between others
--- redis eval
::revoked('arg-1')
--- request eval
['GET /t?access_token=arg-1', 'GET /t?access_token=arg-1&a=b',
 'GET /t?a=b&access_token=arg-1', 'GET /t?a=b&access_token=arg-1&c=d']
--- error_code eval
[401, 401, 401, 401]



=== TEST 2: other values and other names pass
--- redis eval
::revoked('arg-2')
--- request eval
['GET /t?access_token=arg-22', 'GET /t?xaccess_token=arg-2',
 'GET /t?access_tokens=arg-2', 'GET /t?token=arg-2', 'GET /t?access_token=',
 'GET /t?access_token', 'GET /t?', 'GET /t?=arg-2', 'GET /t?arg-2',
 'GET /t?&&&']
--- error_code eval
[(200) x 10]



=== TEST 3: repeated, whichever comes first
--- redis eval
::revoked('arg-3')
--- request eval
['GET /t?access_token=good&access_token=arg-3',
 'GET /t?access_token=arg-3&access_token=good',
 'GET /t?access_token=&access_token=arg-3',
 'GET /t?access_token&access_token=arg-3']
--- error_code eval
[401, 401, 401, 401]



=== TEST 4: the value is percent-encoded
--- redis eval
::revoked('arg-4/a+b=')
--- request eval
['GET /t?access_token=arg-4%2Fa%2Bb%3D', 'GET /t?access_token=arg-4%2fa%2bb%3d',
 'GET /t?access_token=%61rg-4/a%2bb=', 'GET /t?access_token=arg-4/a+b=',
 'GET /t?access_token=arg-4/a+c=']
--- error_code eval
[401, 401, 401, 401, 200]



=== TEST 5: the name is percent-encoded
--- redis eval
::revoked('arg-5')
--- request eval
['GET /t?access%5Ftoken=arg-5', 'GET /t?access%5ftoken=arg-5',
 'GET /t?%61%63cess_token=arg-5', 'GET /t?access_toke%6e=%61rg-5']
--- error_code eval
[401, 401, 401, 401]



=== TEST 6: broken percent-encoding is not a failure
--- redis eval
::revoked('arg-6%')
--- request eval
['GET /t?access_token=arg-6%', 'GET /t?access_token=%',
 'GET /t?access_token=%4', 'GET /t?access_token=%zz', 'GET /t?%=arg-6%']
--- error_code eval
[401, 200, 200, 200, 200]



=== TEST 7: a plus may mean itself or a blank
--- redis eval
::revoked('arg 7', 'arg+7b')
--- request eval
['GET /t?access_token=arg+7', 'GET /t?access_token=arg%207',
 'GET /t?access_token=arg+7b', 'GET /t?access_token=arg%2B7b']
--- error_code eval
[401, 401, 401, 401]



=== TEST 8: a "?" or a "#" in the arguments does not hide what follows
--- redis eval
::revoked('arg-8')
--- request eval
['GET /t?a=b?c&access_token=arg-8', 'GET /t??&access_token=arg-8']
--- error_code eval
[401, 401]



=== TEST 9: arguments that a rewrite took away were sent all the same
--- config
    location = /t {
        rewrite  ^ /new? last;
    }

    location = /new {
        token_revoke       zone=edge;
        token_revoke_from  arg:access_token;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('arg-9')
--- request eval
['GET /t?access_token=arg-9', 'GET /t?access_token=good']
--- error_code eval
[401, 200]



=== TEST 10: arguments that a rewrite has added are seen
--- config
    location ~ ^/token/(.*)$ {
        rewrite  ^/token/(.*)$ /new?access_token=$1 last;
    }

    location = /new {
        token_revoke       zone=edge;
        token_revoke_from  arg:access_token;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('arg-10')
--- request eval
['GET /token/arg-10', 'GET /token/good', 'GET /token/good?access_token=arg-10']
--- error_code eval
[401, 200, 401]



=== TEST 11: arguments that were set to others
--- config
    location = /t {
        set  $args access_token=good;

        token_revoke       zone=edge;
        token_revoke_from  arg:access_token;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('arg-11')
--- request eval
['GET /t?access_token=arg-11', 'GET /t?access_token=other']
--- error_code eval
[401, 200]



=== TEST 12: a body is not read
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  arg:access_token;
        proxy_pass         http://127.0.0.1:$TEST_NGINX_SERVER_PORT/ok;
    }

    location = /ok {
        return 204;
    }
--- redis eval
::revoked('arg-12')
--- request
POST /t
access_token=arg-12
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- error_code: 204



=== TEST 13: a signed token
--- redis eval
::revoked(::jws('{"sub":"arg-13"}'))
--- request eval
['GET /t?access_token=' . ::jws('{"sub":"arg-13"}'),
 'GET /t?access_token=' . ::jws('{"sub":"other"}')]
--- error_code eval
[401, 200]
