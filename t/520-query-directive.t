# token_revoke_query: what nginx -t says of it.

use strict;
use warnings;

use lib 't/lib';
use TokenRevoke;

run_tests();

__DATA__

=== TEST 1: it needs a Redis
--- refused
"token_revoke_query" directive needs "redis=URL"
--- http_config
    token_revoke_query SISMEMBER revoked $token_revoke_token;



=== TEST 2: it needs a command
--- refused
"token_revoke_query" directive needs a command, like "SISMEMBER"
--- http_config
    token_revoke_query redis=unix:/nowhere timeout=1s;



=== TEST 3: the URL is looked at, and not repeated
--- refused
invalid "redis=" URL in "token_revoke_query" directive:
--- http_config
    token_revoke_query redis=http://user:secret@h EXISTS a;
--- no_error_log
secret



=== TEST 4: a parameter that it does not have
--- refused
invalid value "tiemout=1s" in "token_revoke_query" directive, expected
"redis=", "timeout=", "password_file=", "ca=", "cert=", "key=" or a command,
which has no variables
--- http_config
    token_revoke_query redis=unix:/nowhere tiemout=1s EXISTS a;



=== TEST 5: a parameter that is repeated
--- refused
duplicate parameter "redis" in "token_revoke_query" directive
--- http_config
    token_revoke_query redis=unix:/nowhere redis=unix:/nowhere EXISTS a;



=== TEST 6: a time-out that is too short
--- refused
invalid value "1ms" in "token_revoke_query" directive, expected a time from
10ms to 60s in "timeout="
--- http_config
    token_revoke_query redis=unix:/nowhere timeout=1ms EXISTS a;



=== TEST 7: a client does not choose the command
--- refused
invalid value "$arg_command" in "token_revoke_query" directive, expected
--- http_config
    token_revoke_query redis=unix:/nowhere $arg_command a;



=== TEST 8: a command that waits
--- refused
invalid value "BLPOP" in "token_revoke_query" directive, expected a command
that Redis answers without waiting
--- http_config
    token_revoke_query redis=unix:/nowhere BLPOP a 0;



=== TEST 9: XREAD that waits
--- refused
invalid value "XREAD" in "token_revoke_query" directive, expected a command
that Redis answers without waiting
--- http_config
    token_revoke_query redis=unix:/nowhere XREAD COUNT 1 block 0 STREAMS a 0;



=== TEST 10: XREAD that a client could let wait
--- refused
invalid value "xread" in "token_revoke_query" directive, expected a command
--- http_config
    token_revoke_query redis=unix:/nowhere xread $arg_a 0 STREAMS a 0;



=== TEST 11: a command that changes the connection
--- refused
invalid value "select" in "token_revoke_query" directive, expected a command
that leaves the connection as it is
--- http_config
    token_revoke_query redis=unix:/nowhere select 1;



=== TEST 12: a variable without a name
--- refused
invalid value "a:$" in "token_revoke_query" directive, expected variables to
be "$name" or "${name}", and captures to be named
--- http_config
    token_revoke_query redis=unix:/nowhere EXISTS a:$;



=== TEST 13: a capture without a name
--- refused
invalid value "a:$1" in "token_revoke_query" directive, expected variables
--- http_config
    token_revoke_query redis=unix:/nowhere EXISTS a:$1;



=== TEST 14: a brace that is not closed
--- refused
invalid value "${arg_a" in "token_revoke_query" directive, expected variables
--- http_config
    token_revoke_query redis=unix:/nowhere EXISTS ${arg_a;



=== TEST 15: a variable that nobody knows
--- refused
unknown "nobody_knows" variable
--- http_config
    token_revoke_query redis=unix:/nowhere EXISTS a:$nobody_knows;



=== TEST 16: off, and not off
--- refused
"token_revoke_query" directive is off already
--- http_config
    token_revoke_query off;
    token_revoke_query redis=unix:/nowhere EXISTS a;



=== TEST 17: not off, and off
--- refused
"token_revoke_query" directive is not off already
--- http_config
    token_revoke_query redis=unix:/nowhere EXISTS a;
    token_revoke_query off;



=== TEST 18: too many words
--- refused eval
'"token_revoke_query" directive has a command of more than 64 words'
--- http_config eval
"token_revoke_query redis=unix:/nowhere EXISTS" . " a" x 64 . ";"



=== TEST 19: TLS without a certificate to trust, as with a zone
--- refused
"token_revoke_query" directive has "ca=" without TLS, expected
"redis=rediss://..."
--- http_config
    token_revoke_query redis=unix:/nowhere ca=a.pem EXISTS a;



=== TEST 20: nobody answers
--- http_config
    token_revoke_query redis=unix:/nowhere EXISTS a;
--- config
    location = /t {
        return 200 "none\n";
    }
--- request
GET /t
--- response_body
none
--- error_log
redis "unix:/nowhere": connect() failed (2: No such file or directory); requests



=== TEST 21: requests with a token do not wait then
--- http_config
    token_revoke_query redis=unix:/nowhere timeout=60s EXISTS a;
--- config
    location = /t { empty_gif; }
--- request
GET /t
--- more_headers
Authorization: Bearer t
--- error_code: 503
--- response_headers
Retry-After: 5
--- error_log
token revoke cannot query redis "unix:/nowhere"
