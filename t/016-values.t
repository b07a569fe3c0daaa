# The directives with one value: the values that they take, those that they do
# not, duplicates, and what is inherited.  What a value does once it is taken
# is seen where it changes an answer: in "inherited" below and in the 1xx
# files.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

# not there: what is decided without Redis depends on the directives alone

$ENV{TEST_NGINX_UNUSED_PORT} = free_port();

default_http_config(<<'_EOC_');
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    token_revoke_zone  zone=away:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;
_EOC_

run_tests();

__DATA__

=== TEST 1: token_revoke_on_error takes each of its values
--- config
    location = /deny {
        token_revoke  zone=edge;
        token_revoke_on_error  deny;
        try_files  /index.html =404;
    }

    location = /allow {
        token_revoke  zone=edge;
        token_revoke_on_error  allow;
        try_files  /index.html =404;
    }

    location = /DENY {
        token_revoke  zone=edge;
        token_revoke_on_error  DENY;
        try_files  /index.html =404;
    }
--- request eval
['GET /deny', 'GET /allow', 'GET /DENY']
--- error_code eval
[(200) x 3]



=== TEST 2: token_revoke_on_error does not take "maybe"
--- config
    token_revoke_on_error  maybe;
--- refused
invalid value "maybe" in "token_revoke_on_error" directive, expected "deny"
    or "allow"



=== TEST 3: token_revoke_on_error does not take an empty value
--- config
    token_revoke_on_error  "";
--- refused
invalid value "" in "token_revoke_on_error" directive, expected "deny" or
    "allow"



=== TEST 4: token_revoke_on_error does not take "on"
--- config
    token_revoke_on_error  on;
--- refused
invalid value "on" in "token_revoke_on_error" directive, expected "deny" or
    "allow"



=== TEST 5: token_revoke_on_error does not take "1"
--- config
    token_revoke_on_error  1;
--- refused
invalid value "1" in "token_revoke_on_error" directive, expected "deny" or
    "allow"



=== TEST 6: token_revoke_on_error has one value
--- config
    token_revoke_on_error  deny allow;
--- refused
invalid number of arguments in "token_revoke_on_error" directive



=== TEST 7: token_revoke_on_error is repeated
--- config
    token_revoke_on_error  deny;
    token_revoke_on_error  deny;
--- refused
"token_revoke_on_error" directive is duplicate



=== TEST 8: token_revoke_wait takes each of its values
--- config
    location = /0 {
        token_revoke  zone=edge;
        token_revoke_wait  0;
        try_files  /index.html =404;
    }

    location = /500ms {
        token_revoke  zone=edge;
        token_revoke_wait  500ms;
        try_files  /index.html =404;
    }

    location = /1s {
        token_revoke  zone=edge;
        token_revoke_wait  1s;
        try_files  /index.html =404;
    }

    location = /60s {
        token_revoke  zone=edge;
        token_revoke_wait  60s;
        try_files  /index.html =404;
    }

    location = /1m {
        token_revoke  zone=edge;
        token_revoke_wait  1m;
        try_files  /index.html =404;
    }
--- request eval
['GET /0', 'GET /500ms', 'GET /1s', 'GET /60s', 'GET /1m']
--- error_code eval
[(200) x 5]



=== TEST 9: token_revoke_wait does not take "-1"
--- config
    token_revoke_wait  -1;
--- refused
invalid value "-1" in "token_revoke_wait" directive, expected a time from 0
    to 60s, like "2s" or "500ms"



=== TEST 10: token_revoke_wait does not take "61s"
--- config
    token_revoke_wait  61s;
--- refused
invalid value "61s" in "token_revoke_wait" directive, expected a time from 0
    to 60s, like "2s" or "500ms"



=== TEST 11: token_revoke_wait does not take "60001ms"
--- config
    token_revoke_wait  60001ms;
--- refused
invalid value "60001ms" in "token_revoke_wait" directive, expected a time
    from 0 to 60s, like "2s" or "500ms"



=== TEST 12: token_revoke_wait does not take "soon"
--- config
    token_revoke_wait  soon;
--- refused
invalid value "soon" in "token_revoke_wait" directive, expected a time from
    0 to 60s, like "2s" or "500ms"



=== TEST 13: token_revoke_wait does not take an empty value
--- config
    token_revoke_wait  "";
--- refused
invalid value "" in "token_revoke_wait" directive, expected a time from 0 to
    60s, like "2s" or "500ms"



=== TEST 14: token_revoke_wait does not take "1x"
--- config
    token_revoke_wait  1x;
--- refused
invalid value "1x" in "token_revoke_wait" directive, expected a time from 0
    to 60s, like "2s" or "500ms"



=== TEST 15: token_revoke_wait has one value
--- config
    token_revoke_wait  0 500ms;
--- refused
invalid number of arguments in "token_revoke_wait" directive



=== TEST 16: token_revoke_wait is repeated
--- config
    token_revoke_wait  0;
    token_revoke_wait  0;
--- refused
"token_revoke_wait" directive is duplicate



=== TEST 17: token_revoke_max_stale takes each of its values
--- config
    location = /100ms {
        token_revoke  zone=edge;
        token_revoke_max_stale  100ms;
        try_files  /index.html =404;
    }

    location = /5m {
        token_revoke  zone=edge;
        token_revoke_max_stale  5m;
        try_files  /index.html =404;
    }

    location = /1d {
        token_revoke  zone=edge;
        token_revoke_max_stale  1d;
        try_files  /index.html =404;
    }

    location = /365d {
        token_revoke  zone=edge;
        token_revoke_max_stale  365d;
        try_files  /index.html =404;
    }
--- request eval
['GET /100ms', 'GET /5m', 'GET /1d', 'GET /365d']
--- error_code eval
[(200) x 4]



=== TEST 18: token_revoke_max_stale does not take "0"
--- config
    token_revoke_max_stale  0;
--- refused
invalid value "0" in "token_revoke_max_stale" directive, expected a time
    from 100ms to 365d, like "5m"



=== TEST 19: token_revoke_max_stale does not take "99ms"
--- config
    token_revoke_max_stale  99ms;
--- refused
invalid value "99ms" in "token_revoke_max_stale" directive, expected a time
    from 100ms to 365d, like "5m"



=== TEST 20: token_revoke_max_stale does not take "366d"
--- config
    token_revoke_max_stale  366d;
--- refused
invalid value "366d" in "token_revoke_max_stale" directive, expected a time
    from 100ms to 365d, like "5m"



=== TEST 21: token_revoke_max_stale does not take an empty value
--- config
    token_revoke_max_stale  "";
--- refused
invalid value "" in "token_revoke_max_stale" directive, expected a time from
    100ms to 365d, like "5m"



=== TEST 22: token_revoke_max_stale does not take "off"
--- config
    token_revoke_max_stale  off;
--- refused
invalid value "off" in "token_revoke_max_stale" directive, expected a time
    from 100ms to 365d, like "5m"



=== TEST 23: token_revoke_max_stale does not take "99999999999999999999d"
--- config
    token_revoke_max_stale  99999999999999999999d;
--- refused
invalid value "99999999999999999999d" in "token_revoke_max_stale" directive,
    expected a time from 100ms to 365d, like "5m"



=== TEST 24: token_revoke_max_stale has one value
--- config
    token_revoke_max_stale  100ms 5m;
--- refused
invalid number of arguments in "token_revoke_max_stale" directive



=== TEST 25: token_revoke_max_stale is repeated
--- config
    token_revoke_max_stale  100ms;
    token_revoke_max_stale  100ms;
--- refused
"token_revoke_max_stale" directive is duplicate



=== TEST 26: token_revoke_status takes each of its values
--- config
    location = /400 {
        token_revoke  zone=edge;
        token_revoke_status  400;
        try_files  /index.html =404;
    }

    location = /401 {
        token_revoke  zone=edge;
        token_revoke_status  401;
        try_files  /index.html =404;
    }

    location = /403 {
        token_revoke  zone=edge;
        token_revoke_status  403;
        try_files  /index.html =404;
    }

    location = /404 {
        token_revoke  zone=edge;
        token_revoke_status  404;
        try_files  /index.html =404;
    }

    location = /503 {
        token_revoke  zone=edge;
        token_revoke_status  503;
        try_files  /index.html =404;
    }

    location = /599 {
        token_revoke  zone=edge;
        token_revoke_status  599;
        try_files  /index.html =404;
    }
--- request eval
['GET /400', 'GET /401', 'GET /403', 'GET /404', 'GET /503', 'GET /599']
--- error_code eval
[(200) x 6]



=== TEST 27: token_revoke_status does not take "399"
--- config
    token_revoke_status  399;
--- refused
invalid value "399" in "token_revoke_status" directive, expected a status
    code from 400 to 599



=== TEST 28: token_revoke_status does not take "600"
--- config
    token_revoke_status  600;
--- refused
invalid value "600" in "token_revoke_status" directive, expected a status
    code from 400 to 599



=== TEST 29: token_revoke_status does not take "200"
--- config
    token_revoke_status  200;
--- refused
invalid value "200" in "token_revoke_status" directive, expected a status
    code from 400 to 599



=== TEST 30: token_revoke_status does not take an empty value
--- config
    token_revoke_status  "";
--- refused
invalid value "" in "token_revoke_status" directive, expected a status code
    from 400 to 599



=== TEST 31: token_revoke_status does not take "ok"
--- config
    token_revoke_status  ok;
--- refused
invalid value "ok" in "token_revoke_status" directive, expected a status
    code from 400 to 599



=== TEST 32: token_revoke_status does not take "401x"
--- config
    token_revoke_status  401x;
--- refused
invalid value "401x" in "token_revoke_status" directive, expected a status
    code from 400 to 599



=== TEST 33: token_revoke_status does not take "-401"
--- config
    token_revoke_status  -401;
--- refused
invalid value "-401" in "token_revoke_status" directive, expected a status
    code from 400 to 599



=== TEST 34: token_revoke_status does not take "4294967697"
--- config
    token_revoke_status  4294967697;
--- refused
invalid value "4294967697" in "token_revoke_status" directive, expected a
    status code from 400 to 599



=== TEST 35: token_revoke_status has one value
--- config
    token_revoke_status  400 401;
--- refused
invalid number of arguments in "token_revoke_status" directive



=== TEST 36: token_revoke_status is repeated
--- config
    token_revoke_status  400;
    token_revoke_status  400;
--- refused
"token_revoke_status" directive is duplicate



=== TEST 37: token_revoke_dry_run takes each of its values
--- config
    location = /on {
        token_revoke  zone=edge;
        token_revoke_dry_run  on;
        try_files  /index.html =404;
    }

    location = /off {
        token_revoke  zone=edge;
        token_revoke_dry_run  off;
        try_files  /index.html =404;
    }

    location = /On {
        token_revoke  zone=edge;
        token_revoke_dry_run  On;
        try_files  /index.html =404;
    }
--- request eval
['GET /on', 'GET /off', 'GET /On']
--- error_code eval
[(200) x 3]



=== TEST 38: token_revoke_dry_run does not take "yes"
--- config
    token_revoke_dry_run  yes;
--- refused
invalid value "yes" in "token_revoke_dry_run" directive, expected "on" or
    "off"



=== TEST 39: token_revoke_dry_run does not take "1"
--- config
    token_revoke_dry_run  1;
--- refused
invalid value "1" in "token_revoke_dry_run" directive, expected "on" or
    "off"



=== TEST 40: token_revoke_dry_run does not take an empty value
--- config
    token_revoke_dry_run  "";
--- refused
invalid value "" in "token_revoke_dry_run" directive, expected "on" or "off"



=== TEST 41: token_revoke_dry_run does not take "dry"
--- config
    token_revoke_dry_run  dry;
--- refused
invalid value "dry" in "token_revoke_dry_run" directive, expected "on" or
    "off"



=== TEST 42: token_revoke_dry_run has one value
--- config
    token_revoke_dry_run  on off;
--- refused
invalid number of arguments in "token_revoke_dry_run" directive



=== TEST 43: token_revoke_dry_run is repeated
--- config
    token_revoke_dry_run  on;
    token_revoke_dry_run  on;
--- refused
"token_revoke_dry_run" directive is duplicate



=== TEST 44: token_revoke_log_level takes each of its values
--- config
    location = /info {
        token_revoke  zone=edge;
        token_revoke_log_level  info;
        try_files  /index.html =404;
    }

    location = /notice {
        token_revoke  zone=edge;
        token_revoke_log_level  notice;
        try_files  /index.html =404;
    }

    location = /warn {
        token_revoke  zone=edge;
        token_revoke_log_level  warn;
        try_files  /index.html =404;
    }

    location = /error {
        token_revoke  zone=edge;
        token_revoke_log_level  error;
        try_files  /index.html =404;
    }

    location = /NOTICE {
        token_revoke  zone=edge;
        token_revoke_log_level  NOTICE;
        try_files  /index.html =404;
    }
--- request eval
['GET /info', 'GET /notice', 'GET /warn', 'GET /error', 'GET /NOTICE']
--- error_code eval
[(200) x 5]



=== TEST 45: token_revoke_log_level does not take "debug"
--- config
    token_revoke_log_level  debug;
--- refused
invalid value "debug" in "token_revoke_log_level" directive, expected
    "info", "notice", "warn" or "error"



=== TEST 46: token_revoke_log_level does not take "crit"
--- config
    token_revoke_log_level  crit;
--- refused
invalid value "crit" in "token_revoke_log_level" directive, expected "info",
    "notice", "warn" or "error"



=== TEST 47: token_revoke_log_level does not take "emerg"
--- config
    token_revoke_log_level  emerg;
--- refused
invalid value "emerg" in "token_revoke_log_level" directive, expected
    "info", "notice", "warn" or "error"



=== TEST 48: token_revoke_log_level does not take an empty value
--- config
    token_revoke_log_level  "";
--- refused
invalid value "" in "token_revoke_log_level" directive, expected "info",
    "notice", "warn" or "error"



=== TEST 49: token_revoke_log_level does not take "off"
--- config
    token_revoke_log_level  off;
--- refused
invalid value "off" in "token_revoke_log_level" directive, expected "info",
    "notice", "warn" or "error"



=== TEST 50: token_revoke_log_level has one value
--- config
    token_revoke_log_level  info notice;
--- refused
invalid number of arguments in "token_revoke_log_level" directive



=== TEST 51: token_revoke_log_level is repeated
--- config
    token_revoke_log_level  info;
    token_revoke_log_level  info;
--- refused
"token_revoke_log_level" directive is duplicate



=== TEST 52: the directives do nothing where no zone is used
--- config
    location = /t {
        token_revoke_on_error  deny;
        token_revoke_wait  0;
        token_revoke_max_stale  100ms;
        token_revoke_status  400;
        token_revoke_dry_run  on;
        token_revoke_log_level  info;
        try_files  /index.html =404;
    }
--- request
GET /t
--- more_headers
Authorization: Bearer value



=== TEST 53: token_revoke_on_error is inherited and overridden
--- config
    token_revoke           zone=away;
    token_revoke_wait      0;
    token_revoke_on_error  allow;

    location /t {
        try_files  /index.html =404;

        location = /t/deny {
            token_revoke_on_error  deny;
            try_files              /index.html =404;
        }

        location = /t/allow {
            try_files  /index.html =404;
        }
    }
--- http_config eval: TokenRevoke::default_http_config()
--- request eval
['GET /t/allow', 'GET /t/deny']
--- more_headers
Authorization: Bearer value-none
--- error_code eval
[200, 503]



=== TEST 54: token_revoke_on_error is "deny" by default
--- config
    token_revoke       zone=away;
    token_revoke_wait  0;

    location = /t {
        try_files  /index.html =404;
    }
--- http_config eval: TokenRevoke::default_http_config()
--- request
GET /t
--- more_headers
Authorization: Bearer value-none
--- error_code: 503



=== TEST 55: token_revoke_status is inherited and overridden
--- config
    token_revoke         zone=edge;
    token_revoke_status  403;

    location = /403 {
        try_files  /index.html =404;
    }

    location = /404 {
        token_revoke_status  404;
        try_files            /index.html =404;
    }
--- redis eval
::revoked('value-status')
--- http_config eval: TokenRevoke::default_http_config()
--- request eval
['GET /403', 'GET /404']
--- more_headers
Authorization: Bearer value-status
--- error_code eval
[403, 404]



=== TEST 56: token_revoke_status is 401 by default
--- config
    token_revoke  zone=edge;

    location = /t {
        try_files  /index.html =404;
    }
--- redis eval
::revoked('value-default')
--- http_config eval: TokenRevoke::default_http_config()
--- request
GET /t
--- more_headers
Authorization: Bearer value-default
--- error_code: 401



=== TEST 57: token_revoke_dry_run is inherited and overridden
--- config
    token_revoke          zone=edge;
    token_revoke_dry_run  on;

    location = /on {
        try_files  /index.html =404;
    }

    location = /off {
        token_revoke_dry_run  off;
        try_files             /index.html =404;
    }
--- redis eval
::revoked('value-dry')
--- http_config eval: TokenRevoke::default_http_config()
--- request eval
['GET /on', 'GET /off']
--- more_headers
Authorization: Bearer value-dry
--- error_code eval
[200, 401]



=== TEST 58: token_revoke_log_level is inherited and overridden
--- http_config eval: TokenRevoke::default_http_config()
--- config
    token_revoke            zone=edge;
    token_revoke_log_level  error;

    location = /t {
        token_revoke_log_level  warn;
        try_files               /index.html =404;
    }
--- redis eval
::revoked('value-level')
--- request
GET /t
--- more_headers
Authorization: Bearer value-level
--- error_code: 401
--- error_log eval
qr/\[warn\] .*token revoke: token/



=== TEST 59: token_revoke_strict takes each of its values
--- config
    location = /on {
        token_revoke  zone=edge;
        token_revoke_strict  on;
        try_files  /index.html =404;
    }

    location = /off {
        token_revoke  zone=edge;
        token_revoke_strict  off;
        try_files  /index.html =404;
    }

    location = /On {
        token_revoke  zone=edge;
        token_revoke_strict  On;
        try_files  /index.html =404;
    }
--- request eval
['GET /on', 'GET /off', 'GET /On']
--- error_code eval
[(200) x 3]



=== TEST 60: token_revoke_strict does not take "yes"
--- config
    token_revoke_strict  yes;
--- refused
invalid value "yes" in "token_revoke_strict" directive, expected "on" or
    "off"



=== TEST 61: token_revoke_strict does not take an empty value
--- config
    token_revoke_strict  "";
--- refused
invalid value "" in "token_revoke_strict" directive, expected "on" or "off"



=== TEST 62: token_revoke_strict does not take a zone
--- config
    token_revoke_strict  zone=edge;
--- refused
invalid value "zone=edge" in "token_revoke_strict" directive, expected "on"
    or "off"



=== TEST 63: token_revoke_strict has one value
--- config
    token_revoke_strict  on off;
--- refused
invalid number of arguments in "token_revoke_strict" directive



=== TEST 64: token_revoke_strict has a value
--- config
    token_revoke_strict;
--- refused
invalid number of arguments in "token_revoke_strict" directive



=== TEST 65: token_revoke_strict is repeated
--- config
    token_revoke_strict  on;
    token_revoke_strict  on;
--- refused
"token_revoke_strict" directive is duplicate



=== TEST 66: token_revoke_strict is inherited and overridden
--- config
    token_revoke         zone=away;
    token_revoke_strict  on;
    token_revoke_wait    0;

    location = /on {
        add_header  X-Status $token_revoke_status always;
        try_files   /index.html =404;
    }

    location = /dry {
        token_revoke_dry_run  on;
        add_header  X-Status $token_revoke_status always;
        try_files   /index.html =404;
    }
--- http_config eval: TokenRevoke::default_http_config()
--- request eval
['GET /on', 'GET /dry']
--- more_headers
Authorization: Bearer value-strict
--- error_code eval
[503, 200]
--- response_headers eval
['X-Status: UNAVAILABLE', 'X-Status: UNAVAILABLE_ALLOWED']
