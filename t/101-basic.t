# Basic credentials: the user name and the password are a token each, because
# API keys travel in both places.

use lib 't/lib';
use MIME::Base64 qw(encode_base64);
use TokenRevoke;
use TokenRevoke::Token;

sub basic { 'Authorization: Basic ' . encode_base64($_[0], '') }

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('config', <<'_EOC_');
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  basic;
        try_files          /index.html =404;
    }
_EOC_

    $block->set_value('request', [('GET /t') x @{ $block->more_headers }]);
});

run_tests();

__DATA__

=== TEST 1: a token as the user name, with a password, an empty one and none
--- redis eval
::revoked('basic-1')
--- more_headers eval
[::basic('basic-1:x'), ::basic('basic-1:'), ::basic('basic-1')]
--- error_code eval
[401, 401, 401]



=== TEST 2: a token as the password, with a user name and without one
--- redis eval
::revoked('basic-2')
--- more_headers eval
[::basic('x:basic-2'), ::basic(':basic-2')]
--- error_code eval
[401, 401]



=== TEST 3: other credentials pass
--- redis eval
::revoked('basic-3')
--- more_headers eval
[::basic('x:y'), ::basic(''), ::basic(':'), ::basic('xbasic-3:basic-3x'),
 'Authorization: Bearer basic-3', 'Authorization: Basic basic-3']
--- error_code eval
[200, 200, 200, 200, 200, 200]



=== TEST 4: the scheme is in any case, and several blanks are behind it
--- redis eval
::revoked('basic-4')
--- more_headers eval
['Authorization: basic YmFzaWMtNDp4', "Authorization: BASIC  \tYmFzaWMtNDp4"]
--- error_code eval
[401, 401]



=== TEST 5: base64 without its padding, and with blanks behind it
--- redis eval
::revoked('basic-5', 'basic-5b')
--- more_headers eval
['Authorization: Basic YmFzaWMtNTp4eQ', 'Authorization: Basic YmFzaWMtNTp4eQ=',
 'Authorization: Basic YmFzaWMtNTp4eQ==  ']
--- error_code eval
[401, 401, 401]



=== TEST 6: a password may have colons in it
--- redis eval
::revoked('a:b:c')
--- more_headers eval
[::basic('user:a:b:c'), ::basic('user:a:b:d')]
--- error_code eval
[401, 200]



=== TEST 7: what is not base64 is not a failure
--- redis eval
::revoked('basic-7')
--- more_headers eval
['Authorization: Basic', 'Authorization: Basic !', 'Authorization: Basic ====',
 'Authorization: Basic A']
--- error_code eval
[200, 200, 200, 200]



=== TEST 8: a signed token as the password
--- redis eval
::revoked(::jws('{"sub":"basic-8"}'))
--- more_headers eval
[::basic('oauth2:' . ::jws('{"sub":"basic-8"}')),
 ::basic('oauth2:' . ::jws('{"sub":"basic-8b"}'))]
--- error_code eval
[401, 200]
