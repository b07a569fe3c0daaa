# Tokens in cookies: every cookie of that name in every Cookie field, in the
# spellings that applications undo (quotes, percent-encoding).

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('config', <<'_EOC_');
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  cookie:session;
        try_files          /index.html =404;
    }
_EOC_

    $block->set_value('request', [('GET /t') x @{ $block->more_headers }]);
});

run_tests();

__DATA__

=== TEST 1: alone, first, last and between others
--- redis eval
::revoked('cookie-1')
--- more_headers eval
['Cookie: session=cookie-1', 'Cookie: session=cookie-1; a=b',
 'Cookie: a=b; session=cookie-1', 'Cookie: a=b; session=cookie-1; c=d']
--- error_code eval
[401, 401, 401, 401]



=== TEST 2: other values and other names pass
--- redis eval
::revoked('cookie-2')
--- more_headers eval
['Cookie: session=cookie-22', 'Cookie: xsession=cookie-2',
 'Cookie: sessions=cookie-2', 'Cookie: other=cookie-2', 'Cookie: session=',
 'Cookie: session', 'Cookie:', 'Set-Cookie: session=cookie-2', '']
--- error_code eval
[(200) x 9]



=== TEST 3: two cookies of one name, whichever comes first
--- redis eval
::revoked('cookie-3')
--- more_headers eval
['Cookie: session=good; session=cookie-3',
 'Cookie: session=cookie-3; session=good',
 'Cookie: session=; session=cookie-3',
 'Cookie: session; session=cookie-3']
--- error_code eval
[401, 401, 401, 401]



=== TEST 4: two Cookie fields, whichever comes first
--- redis eval
::revoked('cookie-4')
--- more_headers eval
["Cookie: session=good\nCookie: session=cookie-4",
 "Cookie: session=cookie-4\nCookie: session=good",
 "Cookie: a=b\nCookie: c=d\nCookie: e=f; session=cookie-4"]
--- error_code eval
[401, 401, 401]



=== TEST 5: a quoted value
--- redis eval
::revoked('cookie-5')
--- more_headers eval
['Cookie: session="cookie-5"', 'Cookie: a="b"; session="cookie-5"; c="d"',
 'Cookie: session="cookie-55"']
--- error_code eval
[401, 401, 200]



=== TEST 6: a percent-encoded value, in capitals and small letters
--- redis eval
::revoked('cookie-6/a+b=')
--- more_headers eval
['Cookie: session=cookie-6%2Fa%2Bb%3D', 'Cookie: session=cookie-6%2fa%2bb%3d',
 'Cookie: session=%63ookie-6/a+b=', 'Cookie: session=cookie-6/a+b=',
 'Cookie: session="cookie-6%2Fa%2Bb%3D"']
--- error_code eval
[401, 401, 401, 401, 401]



=== TEST 7: a token that has a percent sign is found as it is written
--- redis eval
::revoked('cookie%2d7')
--- more_headers eval
['Cookie: session=cookie%2d7', 'Cookie: session=cookie-7']
--- error_code eval
[401, 200]



=== TEST 8: broken percent-encoding is not a failure
--- redis eval
::revoked('cookie-8%')
--- more_headers eval
['Cookie: session=cookie-8%', 'Cookie: session=%', 'Cookie: session=%4',
 'Cookie: session=%zz', 'Cookie: session="']
--- error_code eval
[401, 200, 200, 200, 200]



=== TEST 9: blanks around the name and the value, and none behind ";"
--- redis eval
::revoked('cookie-9')
--- more_headers eval
['Cookie: a=b;session=cookie-9', 'Cookie: a=b;  session=cookie-9 ; c=d',
 'Cookie: session = cookie-9', "Cookie: a=b;\tsession=cookie-9",
 'Cookie: ;; session=cookie-9;']
--- error_code eval
[401, 401, 401, 401, 401]



=== TEST 10: a signed token
--- redis eval
::revoked(::jws('{"sub":"cookie-10"}'))
--- more_headers eval
['Cookie: session=' . ::jws('{"sub":"cookie-10"}'),
 'Cookie: session=' . ::jws('{"sub":"other"}')]
--- error_code eval
[401, 200]
