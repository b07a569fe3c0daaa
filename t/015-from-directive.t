# token_revoke_from: which sources can be named, what is said about those that
# cannot, and that a location that names some forgets those of the level above.
# What is found in each source is for the 10x files.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

run_tests();

__DATA__

=== TEST 1: without the directive bearer tokens are checked, and nothing else
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('from-1')
--- request eval
['GET /t', 'GET /t?token=from-1', 'GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer from-1', '', 'Cookie: token=from-1',
 'Authorization: Basic ZnJvbS0xOmZyb20tMQ==']
--- error_code eval
[401, 200, 200, 200]



=== TEST 2: every kind of source in one directive
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  bearer basic auth:Token cookie:session
                           header:X-Token arg:token $arg_other;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('from-2')
--- request eval
['GET /t', 'GET /t', 'GET /t', 'GET /t', 'GET /t', 'GET /t?token=from-2',
 'GET /t?other=from-2', 'GET /t?third=from-2']
--- more_headers eval
['Authorization: Bearer from-2', 'Authorization: Basic ZnJvbS0yOng=',
 'Authorization: Token from-2', 'Cookie: session=from-2', 'X-Token: from-2',
 '', '', '']
--- error_code eval
[401, 401, 401, 401, 401, 401, 401, 200]



=== TEST 3: a source can be named several times with different names
--- config
    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  cookie:a cookie:b header:X-A header:X-B arg:a arg:b;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('from-3')
--- request eval
['GET /t', 'GET /t', 'GET /t', 'GET /t', 'GET /t?a=from-3', 'GET /t?b=from-3']
--- more_headers eval
['Cookie: a=from-3', 'Cookie: b=from-3', 'X-A: from-3', 'X-B: from-3', '', '']
--- error_code eval
[401, 401, 401, 401, 401, 401]



=== TEST 4: sources are inherited
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    token_revoke_from  arg:token;
--- config
    location /t {
        token_revoke  zone=edge;

        location = /t/nested {
            try_files  /index.html =404;
        }
    }
--- redis eval
::revoked('from-4')
--- request eval
['GET /t/nested?token=from-4', 'GET /t/nested']
--- more_headers eval
['', 'Authorization: Bearer from-4']
--- error_code eval
[401, 200]



=== TEST 5: sources replace those of the level above
--- config
    token_revoke       zone=edge;
    token_revoke_from  arg:token;

    location = /t {
        token_revoke_from  cookie:token;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('from-5')
--- request eval
['GET /t?token=from-5', 'GET /t']
--- more_headers eval
['', 'Cookie: token=from-5']
--- error_code eval
[200, 401]



=== TEST 6: sources without a zone check nothing
--- config
    location = /t {
        token_revoke_from  bearer;
        try_files          /index.html =404;
    }
--- request
GET /t
--- more_headers
Authorization: Bearer from-6



=== TEST 7: an unknown source
--- config
    token_revoke_from  body;
--- refused
invalid value "body" in "token_revoke_from" directive, expected "bearer",
    "basic", "auth:SCHEME", "cookie:NAME", "header:NAME", "arg:NAME" or
    "$variable"



=== TEST 8: an unknown source behind a known one
--- config
    token_revoke_from  bearer form:token;
--- refused
invalid value "form:token" in "token_revoke_from" directive, expected "bearer",
    "basic", "auth:SCHEME", "cookie:NAME", "header:NAME", "arg:NAME" or
    "$variable"



=== TEST 9: a source in capitals is unknown
--- config
    token_revoke_from  Bearer;
--- refused
invalid value "Bearer" in "token_revoke_from" directive, expected "bearer"



=== TEST 10: an empty source
--- config
    token_revoke_from  "";
--- refused
invalid value "" in "token_revoke_from" directive, expected "bearer"



=== TEST 11: a cookie without a name
--- config
    token_revoke_from  cookie:;
--- refused
invalid value "cookie:" in "token_revoke_from" directive, expected "bearer"



=== TEST 12: a cookie without a colon
--- config
    token_revoke_from  cookie;
--- refused
invalid value "cookie" in "token_revoke_from" directive, expected "bearer"



=== TEST 13: a header field without a name
--- config
    token_revoke_from  header:;
--- refused
invalid value "header:" in "token_revoke_from" directive, expected "bearer"



=== TEST 14: an argument without a name
--- config
    token_revoke_from  arg:;
--- refused
invalid value "arg:" in "token_revoke_from" directive, expected "bearer"



=== TEST 15: a scheme without a name
--- config
    token_revoke_from  auth:;
--- refused
invalid value "auth:" in "token_revoke_from" directive, expected "bearer"



=== TEST 16: a variable without a name
--- config
    token_revoke_from  $;
--- refused
invalid value "$" in "token_revoke_from" directive, expected "bearer"



=== TEST 17: "bearer" has no name behind it
--- config
    token_revoke_from  bearer:token;
--- refused
invalid value "bearer:token" in "token_revoke_from" directive, expected
    "bearer"



=== TEST 18: "basic" has no name behind it
--- config
    token_revoke_from  basic:user;
--- refused
invalid value "basic:user" in "token_revoke_from" directive, expected "bearer"



=== TEST 19: a header field that cannot exist
--- config
    token_revoke_from  "header:X Token";
--- refused
invalid value "header:X Token" in "token_revoke_from" directive, expected a
    name of letters, digits and "!#$%&'*+-.^_`|~" after the colon



=== TEST 20: a cookie that cannot exist
--- config
    token_revoke_from  "cookie:a=b";
--- refused
invalid value "cookie:a=b" in "token_revoke_from" directive, expected a name



=== TEST 21: a scheme that cannot exist
--- config
    token_revoke_from  auth:a/b;
--- refused
invalid value "auth:a/b" in "token_revoke_from" directive, expected a name



=== TEST 22: a variable that does not exist
--- config
    token_revoke_from  $no_such_variable;
--- refused
unknown "no_such_variable" variable



=== TEST 23: a source that is named twice
--- config
    token_revoke_from  bearer cookie:a bearer;
--- refused
invalid value "bearer" in "token_revoke_from" directive, expected each source
    to be named once



=== TEST 24: a source with a name that is named twice
--- config
    token_revoke_from  cookie:a cookie:a;
--- refused
invalid value "cookie:a" in "token_revoke_from" directive, expected each source
    to be named once



=== TEST 25: the directive has parameters
--- config
    token_revoke_from;
--- refused
invalid number of arguments in "token_revoke_from" directive



=== TEST 26: the directive is repeated
--- config
    token_revoke_from  bearer;
    token_revoke_from  basic;
--- refused
"token_revoke_from" directive is duplicate



=== TEST 27: "off" is not a source
--- config
    token_revoke_from  off;
--- refused
invalid value "off" in "token_revoke_from" directive, expected "bearer"
