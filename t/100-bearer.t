# Bearer tokens in the Authorization header field: in which spellings a
# revoked one is found, and what is left alone.  A source that is not read, a
# scheme that is compared byte by byte, or blanks that are not skipped make
# blocks of this file fail.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
_EOC_

    my $headers = $block->more_headers;

    $block->set_value('request', [('GET /t') x @$headers])
        if ref $headers and !defined $block->request;
    $block->set_value('request', 'GET /t') if !defined $block->request;
});

run_tests();

__DATA__

=== TEST 1: a revoked token is refused, another one passes, and so does none
--- redis eval
::revoked('bearer-1')
--- more_headers eval
['Authorization: Bearer bearer-1', 'Authorization: Bearer bearer-11', '']
--- error_code eval
[401, 200, 200]



=== TEST 2: the scheme is written in any case
--- redis eval
::revoked('bearer-2')
--- more_headers eval
['Authorization: bearer bearer-2', 'Authorization: BEARER bearer-2',
 'Authorization: bEaReR bearer-2']
--- error_code eval
[401, 401, 401]



=== TEST 3: the name of the field is written in any case
--- redis eval
::revoked('bearer-3')
--- more_headers eval
['authorization: Bearer bearer-3', 'AUTHORIZATION: Bearer bearer-3']
--- error_code eval
[401, 401]



=== TEST 4: several blanks and tabs are before the token, and behind it
--- redis eval
::revoked('bearer-4')
--- more_headers eval
['Authorization: Bearer  bearer-4', "Authorization: Bearer\tbearer-4",
 "Authorization: Bearer \t \tbearer-4", 'Authorization: Bearer bearer-4  ',
 "Authorization: Bearer bearer-4\t"]
--- error_code eval
[401, 401, 401, 401, 401]



=== TEST 5: DPoP tokens are bearer tokens that are bound to a key
--- redis eval
::revoked('bearer-5')
--- more_headers eval
['Authorization: DPoP bearer-5', 'Authorization: dpop bearer-5',
 'Authorization: DPoP other']
--- error_code eval
[401, 401, 200]



=== TEST 6: other schemes are not looked at
--- redis eval
::revoked('bearer-6')
--- more_headers eval
['Authorization: Digest bearer-6', 'Authorization: Bearers bearer-6',
 'Authorization: bearer-6', 'Proxy-Authorization: Bearer bearer-6',
 'X-Authorization: Bearer bearer-6']
--- error_code eval
[200, 200, 200, 200, 200]



=== TEST 7: a scheme without a token is none
--- redis eval
::revoked('bearer-7')
--- more_headers eval
['Authorization: Bearer', 'Authorization: Bearer ', 'Authorization:']
--- error_code eval
[200, 200, 200]



=== TEST 8: a token is compared by its bytes
--- redis eval
::revoked('Bearer-8')
--- more_headers eval
['Authorization: Bearer Bearer-8', 'Authorization: Bearer bearer-8',
 'Authorization: Bearer Bearer-', 'Authorization: Bearer Bearer-88']
--- error_code eval
[401, 200, 200, 200]



=== TEST 9: two Authorization fields do not hide a token behind another
--- redis eval
::revoked('bearer-9')
--- more_headers eval
["Authorization: Bearer other\nAuthorization: Bearer bearer-9",
 "Authorization: Bearer bearer-9\nAuthorization: Bearer other",
 "Authorization: Basic eDp5\nAuthorization: Bearer bearer-9"]
--- error_code_like eval
['40[01]', '40[01]', '40[01]']



=== TEST 10: a very long token
--- redis eval
::revoked('x' x 7000)
--- more_headers eval
['Authorization: Bearer ' . 'x' x 7000, 'Authorization: Bearer ' . 'x' x 7001]
--- error_code eval
[401, 200]



=== TEST 11: bytes beyond ASCII
--- redis eval
::revoked("bearer-\xff\xfe")
--- more_headers eval
["Authorization: Bearer bearer-\xff\xfe", "Authorization: Bearer bearer-\xff"]
--- error_code eval
[401, 200]



=== TEST 12: a scheme that the operator names
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  auth:Token;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('bearer-12')
--- more_headers eval
['Authorization: Token bearer-12', "Authorization: TOKEN \tbearer-12",
 'Authorization: Bearer bearer-12', 'Authorization: Tokens bearer-12']
--- error_code eval
[401, 401, 200, 200]



=== TEST 13: two schemes that the operator names, and bearer tokens
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  auth:Token auth:ApiKey bearer;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('bearer-13')
--- more_headers eval
['Authorization: Token bearer-13', 'Authorization: apikey bearer-13',
 'Authorization: Bearer bearer-13', 'Authorization: Other bearer-13']
--- error_code eval
[401, 401, 401, 200]
