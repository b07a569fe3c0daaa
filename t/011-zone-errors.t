# token_revoke_zone, as it must not be written.  nginx does not start, and says
# which parameter is wrong and what was expected of it.

use lib 't/lib';
use TokenRevoke;

run_tests();

__DATA__

=== TEST 1: a zone has a name and a size
--- http_config
    token_revoke_zone  redis=unix:/nowhere;
--- refused
"token_revoke_zone" directive needs "zone=NAME:SIZE"



=== TEST 2: a zone has a Redis
--- http_config
    token_revoke_zone  zone=edge:4m;
--- refused
"token_revoke_zone" directive needs "redis=URL"



=== TEST 3: the directive has parameters
--- http_config
    token_revoke_zone;
--- refused
invalid number of arguments in "token_revoke_zone" directive



=== TEST 4: a name without a size
--- http_config
    token_revoke_zone  zone=edge redis=unix:/nowhere;
--- refused
invalid value "edge" in "token_revoke_zone" directive, expected a name and a
    size, like "edge:1g"



=== TEST 5: a size without a name
--- http_config
    token_revoke_zone  zone=:4m redis=unix:/nowhere;
--- refused
invalid value ":4m" in "token_revoke_zone" directive, expected a name and a
    size, like "edge:1g"



=== TEST 6: an empty size
--- http_config
    token_revoke_zone  zone=edge: redis=unix:/nowhere;
--- refused
invalid value "edge:" in "token_revoke_zone" directive, expected a name and
    a size of 1m or more, like "edge:1g"



=== TEST 7: a size in an unknown unit
--- http_config
    token_revoke_zone  zone=edge:4t redis=unix:/nowhere;
--- refused
invalid value "edge:4t" in "token_revoke_zone" directive, expected a name
    and a size of 1m or more, like "edge:1g"



=== TEST 8: a size in two units
--- http_config
    token_revoke_zone  zone=edge:4mm redis=unix:/nowhere;
--- refused
invalid value "edge:4mm" in "token_revoke_zone" directive, expected a name
    and a size of 1m or more, like "edge:1g"



=== TEST 9: a negative size
--- http_config
    token_revoke_zone  zone=edge:-4m redis=unix:/nowhere;
--- refused
invalid value "edge:-4m" in "token_revoke_zone" directive, expected a name
    and a size of 1m or more, like "edge:1g"



=== TEST 10: a size that is not a whole number
--- http_config
    token_revoke_zone  zone=edge:1.5g redis=unix:/nowhere;
--- refused
invalid value "edge:1.5g" in "token_revoke_zone" directive, expected a name
    and a size of 1m or more, like "edge:1g"



=== TEST 11: one byte less than the smallest size
--- http_config
    token_revoke_zone  zone=edge:262143 redis=unix:/nowhere;
--- refused
invalid value "edge:262143" in "token_revoke_zone" directive, expected a
    name and a size of 1m or more, like "edge:1g"



=== TEST 12: a size of nothing
--- http_config
    token_revoke_zone  zone=edge:0 redis=unix:/nowhere;
--- refused
invalid value "edge:0" in "token_revoke_zone" directive, expected a name and
    a size of 1m or more, like "edge:1g"



=== TEST 13: a size beyond what a number holds
--- http_config
    token_revoke_zone  zone=edge:9999999999999g redis=unix:/nowhere;
--- refused
invalid value "edge:9999999999999g" in "token_revoke_zone" directive,
    expected a name and a size of 1m or more, like "edge:1g"



=== TEST 14: an empty name and size
--- http_config
    token_revoke_zone  zone= redis=unix:/nowhere;
--- refused
invalid value "zone=" in "token_revoke_zone" directive, expected a value
    after "="



=== TEST 15: an empty URL
--- http_config
    token_revoke_zone  zone=edge:4m redis=;
--- refused
invalid value "redis=" in "token_revoke_zone" directive, expected a value
    after "="



=== TEST 16: an empty log
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere log=;
--- refused
invalid value "log=" in "token_revoke_zone" directive, expected a value
    after "="



=== TEST 17: an empty timeout
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere timeout=;
--- refused
invalid value "timeout=" in "token_revoke_zone" directive, expected a value
    after "="



=== TEST 18: an empty name of a password file
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere password_file=;
--- refused
invalid value "password_file=" in "token_revoke_zone" directive, expected a
    value after "="



=== TEST 19: two names
--- http_config
    token_revoke_zone  zone=edge:4m zone=edge:8m redis=unix:/nowhere;
--- refused
duplicate parameter "zone" in "token_revoke_zone" directive



=== TEST 20: two URLs
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere redis=unix:/there;
--- refused
duplicate parameter "redis" in "token_revoke_zone" directive



=== TEST 21: two logs, though they are the same
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere log=a log=a;
--- refused
duplicate parameter "log" in "token_revoke_zone" directive



=== TEST 22: two timeouts
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere timeout=1s timeout=2s;
--- refused
duplicate parameter "timeout" in "token_revoke_zone" directive



=== TEST 23: two password files
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere
                       password_file=$TEST_NGINX_SERVER_ROOT/html/index.html
                       password_file=$TEST_NGINX_SERVER_ROOT/html/index.html;
--- refused
duplicate parameter "password_file" in "token_revoke_zone" directive



=== TEST 24: an unknown parameter
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere stream=revoked;
--- refused
invalid parameter "stream" in "token_revoke_zone" directive, expected "zone=",
    "redis="



=== TEST 25: a parameter in capitals is unknown
--- http_config
    token_revoke_zone  ZONE=edge:4m redis=unix:/nowhere;
--- refused
invalid parameter "ZONE" in "token_revoke_zone" directive, expected "zone=",
    "redis="



=== TEST 26: a parameter without "="
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere log;
--- refused
invalid parameter "log" in "token_revoke_zone" directive, expected "zone=",
    "redis="



=== TEST 27: a timeout that is too short
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere timeout=9ms;
--- refused
invalid value "9ms" in "token_revoke_zone" directive, expected a time from
    10ms to 60s in "timeout="



=== TEST 28: no timeout
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere timeout=0;
--- refused
invalid value "0" in "token_revoke_zone" directive, expected a time from
    10ms to 60s in "timeout="



=== TEST 29: a timeout that is too long
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere timeout=60001ms;
--- refused
invalid value "60001ms" in "token_revoke_zone" directive, expected a time
    from 10ms to 60s in "timeout="



=== TEST 30: a timeout in words
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere timeout=soon;
--- refused
invalid value "soon" in "token_revoke_zone" directive, expected a time from
    10ms to 60s in "timeout="



=== TEST 31: a zone is defined twice
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere;
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere;
--- refused
duplicate zone "edge" in "token_revoke_zone" directive



=== TEST 32: a zone is defined twice with two sizes
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere;
    token_revoke_zone  zone=edge:8m redis=unix:/nowhere;
--- refused
shared memory zone "edge"



=== TEST 33: the name of a zone is that of another module's
--- http_config
    limit_req_zone     $binary_remote_addr zone=edge:4m rate=1r/s;
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere;
--- refused
the shared memory zone "edge" is already declared for a different use



=== TEST 34: a zone in a server
--- config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere;
--- refused
"token_revoke_zone" directive is not allowed here



=== TEST 35: a zone in a location
--- config
    location / {
        token_revoke_zone  zone=edge:4m redis=unix:/nowhere;
    }
--- refused
"token_revoke_zone" directive is not allowed here



=== TEST 36: a zone outside of "http"
--- main_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere;
--- refused
"token_revoke_zone" directive is not allowed here
