# Tokens in header fields that the operator names: every line of that name,
# as a whole and behind a scheme.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  header:X-Plex-Token;
        try_files          /index.html =404;
    }
_EOC_

    $block->set_value('request', [('GET /t') x @{ $block->more_headers }]);
});

run_tests();

__DATA__

=== TEST 1: the field has the token, or another one, or nothing
--- redis eval
::revoked('header-1')
--- more_headers eval
['X-Plex-Token: header-1', 'X-Plex-Token: header-2', 'X-Plex-Token:', '']
--- error_code eval
[401, 200, 200, 200]



=== TEST 2: the name is written in any case
--- redis eval
::revoked('header-2')
--- more_headers eval
['x-plex-token: header-2', 'X-PLEX-TOKEN: header-2']
--- error_code eval
[401, 401]



=== TEST 3: fields with other names are not looked at
--- redis eval
::revoked('header-3')
--- more_headers eval
['X-Plex: header-3', 'X-Plex-Token2: header-3', 'X-Plex-Tokem: header-3',
 'Authorization: Bearer header-3']
--- error_code eval
[200, 200, 200, 200]



=== TEST 4: every line counts, whichever comes first
--- redis eval
::revoked('header-4')
--- more_headers eval
["X-Plex-Token: good\nX-Plex-Token: header-4",
 "X-Plex-Token: header-4\nX-Plex-Token: good",
 "X-Plex-Token:\nX-Plex-Token: header-4",
 "X-Plex-Token: a\nX-Other: b\nx-plex-token: header-4\nX-Plex-Token: c"]
--- error_code eval
[401, 401, 401, 401]



=== TEST 5: a line that nginx keeps far behind many others
--- redis eval
::revoked('header-5')
--- more_headers eval
[CORE::join("\n", map { "X-$_: x" } 1 .. 90) . "\nX-Plex-Token: header-5"]
--- error_code eval
[401]



=== TEST 6: a scheme before the token
--- redis eval
::revoked('header-6')
--- more_headers eval
['X-Plex-Token: Bearer header-6', "X-Plex-Token: bearer \t header-6",
 'X-Plex-Token: Token header-6']
--- error_code eval
[401, 401, 401]



=== TEST 7: blanks behind the token
--- redis eval
::revoked('header-7')
--- more_headers eval
['X-Plex-Token: header-7 ', "X-Plex-Token: header-7\t"]
--- error_code eval
[401, 401]



=== TEST 8: the Authorization field can be named too
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  header:Authorization;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('header-8')
--- more_headers eval
['Authorization: header-8', 'Authorization: Bearer header-8',
 'Authorization: Any header-8', 'Authorization: Any header-88']
--- error_code eval
[401, 401, 401, 200]



=== TEST 9: a name with an underscore, where nginx lets such fields in
--- config
    underscores_in_headers  on;

    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  header:x_token;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('header-9')
--- more_headers eval
['X_Token: header-9', 'X-Token: header-9']
--- error_code eval
[401, 200]
