# token_revoke: a location has one zone, none, or that of the level above.
# Inheriting that goes wrong lets revoked tokens pass in silence, so each level
# is asked for a decision.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

run_tests();

__DATA__

=== TEST 1: a location inherits from its server
--- config
    token_revoke  zone=edge;

    location = /t {
        try_files  /index.html =404;
    }
--- redis eval
::revoked('directive-1')
--- request
GET /t
--- more_headers
Authorization: Bearer directive-1
--- error_code: 401



=== TEST 2: a server inherits from "http", and a nested location from its own
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    token_revoke       zone=edge;
--- config
    location /t {
        location /t/nested {
            try_files  /index.html =404;
        }
    }
--- redis eval
::revoked('directive-2')
--- request
GET /t/nested
--- more_headers
Authorization: Bearer directive-2
--- error_code: 401



=== TEST 3: "off" ends what was inherited
--- config
    token_revoke  zone=edge;

    location = /off {
        token_revoke  off;
        try_files     /index.html =404;
    }

    location = /on {
        try_files     /index.html =404;
    }
--- redis eval
::revoked('directive-3')
--- request eval
['GET /off', 'GET /on']
--- more_headers
Authorization: Bearer directive-3
--- error_code eval
[200, 401]



=== TEST 4: "off" is inherited, and a nested location can turn it on again
--- config
    token_revoke  zone=edge;

    location /off {
        token_revoke  off;
        try_files     /index.html =404;

        location /off/off {
            try_files  /index.html =404;
        }

        location /off/on {
            token_revoke  zone=edge;
            try_files     /index.html =404;
        }
    }
--- redis eval
::revoked('directive-4')
--- request eval
['GET /off/off', 'GET /off/on']
--- more_headers
Authorization: Bearer directive-4
--- error_code eval
[200, 401]



=== TEST 5: nothing is checked where nothing is said
--- config
    location = /t {
        try_files  /index.html =404;
    }

    location = /on {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis eval
::revoked('directive-5')
--- request eval
['GET /t', 'GET /on']
--- more_headers
Authorization: Bearer directive-5
--- error_code eval
[200, 401]



=== TEST 6: two locations have two zones
--- http_config
    token_revoke_zone  zone=users:4m redis=unix:$TEST_NGINX_REDIS_SOCKET
                       log=users;
    token_revoke_zone  zone=devices:4m redis=unix:$TEST_NGINX_REDIS_SOCKET
                       log=devices;
--- config
    location = /users {
        token_revoke  zone=users;
        try_files     /index.html =404;
    }

    location = /devices {
        token_revoke  zone=devices;
        try_files     /index.html =404;
    }
--- redis
XADD users * token directive-6-user
XADD devices * token directive-6-device
--- request eval
['GET /users', 'GET /devices', 'GET /users', 'GET /devices']
--- more_headers eval
['Authorization: Bearer directive-6-user',
 'Authorization: Bearer directive-6-user',
 'Authorization: Bearer directive-6-device',
 'Authorization: Bearer directive-6-device']
--- error_code eval
[401, 200, 200, 401]



=== TEST 7: two servers: what one says is not heard in the other
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;

    server {
        listen        $TEST_NGINX_RAND_PORT_1;
        token_revoke  zone=edge;

        location / {
            try_files  /index.html =404;
        }
    }
--- config
    location = /t {
        try_files  /index.html =404;
    }

    location = /other {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    }
--- redis eval
::revoked('directive-7')
--- request eval
['GET /t', 'GET /other']
--- more_headers
Authorization: Bearer directive-7
--- error_code eval
[200, 401]



=== TEST 8: an "if" inherits from its location
--- config
    location = /t {
        token_revoke  zone=edge;

        if ($arg_if) {
            set $seen 1;
        }

        try_files  /index.html =404;
    }
--- redis eval
::revoked('directive-8')
--- request eval
['GET /t?if=1', 'GET /t?if=0']
--- more_headers
Authorization: Bearer directive-8
--- error_code eval
[401, 401]



=== TEST 9: a zone whose name begins like another's is not that one
--- http_config
    token_revoke_zone  zone=edge1:4m redis=unix:$TEST_NGINX_REDIS_SOCKET
                       log=edge1;
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
--- config
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
--- redis
XADD edge1 * token directive-9-other
XADD revoked * token directive-9
--- request eval
['GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer directive-9-other',
 'Authorization: Bearer directive-9']
--- error_code eval
[200, 401]



=== TEST 10: a zone that is not defined
--- config
    location = /t {
        token_revoke  zone=nowhere;
    }
--- refused
unknown zone "nowhere" in "token_revoke" directive, expected the name of a
    "token_revoke_zone"



=== TEST 11: a zone of another module is not ours
--- http_config
    limit_req_zone  $binary_remote_addr zone=limit:1m rate=1r/s;
--- config
    location = /t {
        token_revoke  zone=limit;
    }
--- refused
unknown zone "limit" in "token_revoke" directive, expected the name of a
    "token_revoke_zone"



=== TEST 12: a zone that begins like one that is defined
--- config
    token_revoke  zone=edgewise;

    location = /t {
        token_revoke  zone=edge;
    }
--- refused
unknown zone "edgewise" in "token_revoke" directive



=== TEST 13: a zone without its name
--- config
    token_revoke  zone=;
--- refused
invalid value "zone=" in "token_revoke" directive, expected "zone=NAME" or
    "off"



=== TEST 14: the name alone
--- config
    token_revoke  edge;
--- refused
invalid value "edge" in "token_revoke" directive, expected "zone=NAME" or "off"



=== TEST 15: "on" is not a zone
--- config
    token_revoke  on;
--- refused
invalid value "on" in "token_revoke" directive, expected "zone=NAME" or "off"



=== TEST 16: the directive has a parameter
--- config
    token_revoke;
--- refused
invalid number of arguments in "token_revoke" directive



=== TEST 17: a location has one zone
--- config
    token_revoke  zone=edge zone=other;
--- refused
invalid number of arguments in "token_revoke" directive



=== TEST 18: the directive is repeated
--- config
    token_revoke  zone=edge;
    token_revoke  zone=edge;
--- refused
"token_revoke" directive is duplicate



=== TEST 19: "off" and a zone
--- config
    token_revoke  off;
    token_revoke  zone=edge;
--- refused
"token_revoke" directive is duplicate
