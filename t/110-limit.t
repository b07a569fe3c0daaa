# How many tokens a request may have: 16.  More are a bad request, since not
# to look at some of them would be a way around a revocation.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  arg:t cookie:t header:X-T;
        add_header         X-Status $token_revoke_status always;
        try_files          /index.html =404;
    }
_EOC_
});

# so many different tokens in arguments

sub args { join '&', map { "t=good-$_" } 1 .. $_[0] }

run_tests();

__DATA__

=== TEST 1: 16 tokens pass
--- request eval
'GET /t?' . ::args(16)
--- response_headers
X-Status: PASSED



=== TEST 2: 17 tokens are a bad request
--- request eval
'GET /t?' . ::args(17)
--- error_code: 400
--- response_headers
X-Status: MALFORMED



=== TEST 3: the last of 16 tokens is revoked
--- redis eval
::revoked('limit-3')
--- request eval
['GET /t?' . ::args(15) . '&t=limit-3', 'GET /t?t=limit-3&' . ::args(15)]
--- error_code eval
[401, 401]



=== TEST 4: 17 tokens of which one is revoked do not pass
--- redis eval
::revoked('limit-4')
--- request eval
['GET /t?' . ::args(16) . '&t=limit-4', 'GET /t?t=limit-4&' . ::args(16)]
--- error_code_like eval
['40[01]', '40[01]']



=== TEST 5: tokens of several sources are counted together
--- request eval
['GET /t?' . ::args(14), 'GET /t?' . ::args(15)]
--- more_headers
Cookie: t=cookie
X-T: header
--- error_code eval
[200, 400]



=== TEST 6: one token that is repeated is one
--- request eval
'GET /t?' . CORE::join '&', ('t=good') x 100
--- response_headers
X-Status: PASSED



=== TEST 7: empty tokens are none
--- request eval
'GET /t?' . CORE::join '&', ('t=') x 100
--- response_headers
X-Status: NONE



=== TEST 8: other arguments are none
--- request eval
'GET /t?' . CORE::join '&', map { "u=$_" } 1 .. 100
--- response_headers
X-Status: NONE



=== TEST 9: a dry run lets too many tokens pass, and says so
--- config
    location = /t {
        token_revoke          zone=edge;
        token_revoke_from     arg:t;
        token_revoke_dry_run  on;
        add_header            X-Status $token_revoke_status;
        try_files             /index.html =404;
    }
--- request eval
'GET /t?' . ::args(17)
--- response_headers
X-Status: MALFORMED



=== TEST 10: 16 signed tokens, as large as a request can be
--- request
GET /t
--- more_headers eval
CORE::join "\n",
    map { 'X-T: ' . ::jws(qq({"sub":"$_","x":") . 'x' x 1100 . '"}') } 1 .. 16
--- response_headers
X-Status: PASSED



=== TEST 11: 16 percent-encoded tokens pass
--- request eval
'GET /t?' . CORE::join '&', map { "t=%67ood%2D$_" } 1 .. 16
--- response_headers
X-Status: PASSED
