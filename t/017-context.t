# Where the directives may stand: in "http", "server" and "location", and
# nowhere else.  In an "if" they would look as if the decision could depend on
# a variable, and it could not.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

my $directives = <<'_EOC_';
    token_revoke            zone=edge;
    token_revoke_from       bearer;
    token_revoke_on_error   deny;
    token_revoke_wait       1s;
    token_revoke_max_stale  1m;
    token_revoke_status     403;
    token_revoke_dry_run    off;
    token_revoke_strict     on;
    token_revoke_log_level  info;
_EOC_

sub all { $directives }

run_tests();

__DATA__

=== TEST 1: all of them in "http"
--- http_config eval
'    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
' . ::all()
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- redis eval
::revoked('context-1')
--- request
GET /t
--- more_headers
Authorization: Bearer context-1
--- error_code: 403



=== TEST 2: all of them in "server"
--- config eval
::all() . '
    location = /t {
        try_files  /index.html =404;
    }'
--- redis eval
::revoked('context-2')
--- request
GET /t
--- more_headers
Authorization: Bearer context-2
--- error_code: 403



=== TEST 3: all of them in "location"
--- config eval
"    location = /t {\n" . ::all() . '
        try_files  /index.html =404;
    }'
--- redis eval
::revoked('context-3')
--- request
GET /t
--- more_headers
Authorization: Bearer context-3
--- error_code: 403



=== TEST 4: all of them in a named location
--- config eval
"    location = /t {
        try_files  /nothing \@named;
    }

    location \@named {\n" . ::all() . '
        try_files  /index.html =404;
    }'
--- redis eval
::revoked('context-4')
--- request
GET /t
--- more_headers
Authorization: Bearer context-4
--- error_code: 403



=== TEST 5: all of them in a location with a regular expression
--- config eval
"    location ~ ^/t\$ {\n" . ::all() . '
        try_files  /index.html =404;
    }'
--- redis eval
::revoked('context-5')
--- request
GET /t
--- more_headers
Authorization: Bearer context-5
--- error_code: 403



=== TEST 6: token_revoke in an "if"
--- config
    location = /t {
        if ($arg_x) {
            token_revoke  zone=edge;
        }
    }
--- refused
"token_revoke" directive is not allowed here



=== TEST 7: token_revoke_from in an "if"
--- config
    if ($arg_x) {
        token_revoke_from  bearer;
    }
--- refused
"token_revoke_from" directive is not allowed here



=== TEST 8: token_revoke_on_error in an "if"
--- config
    location = /t {
        if ($arg_x) {
            token_revoke_on_error  allow;
        }
    }
--- refused
"token_revoke_on_error" directive is not allowed here



=== TEST 9: token_revoke_dry_run in "limit_except"
--- config
    location = /t {
        limit_except GET {
            token_revoke_dry_run  on;
        }
    }
--- refused
"token_revoke_dry_run" directive is not allowed here



=== TEST 10: token_revoke in "upstream"
--- http_config
    upstream u {
        server        127.0.0.1;
        token_revoke  off;
    }
--- refused
"token_revoke" directive is not allowed here



=== TEST 11: token_revoke outside of "http"
--- main_config
    token_revoke  off;
--- refused
"token_revoke" directive is not allowed here



=== TEST 12: token_revoke_wait outside of "http"
--- main_config
    token_revoke_wait  1s;
--- refused
"token_revoke_wait" directive is not allowed here



=== TEST 13: token_revoke_max_stale in "events"
--- config
--- main_config
    events {
        token_revoke_max_stale  1s;
    }
--- refused
"token_revoke_max_stale" directive is not allowed here
