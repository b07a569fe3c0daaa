# redis= of token_revoke_zone: which URLs there are, and what is said about
# those that are wrong or that this version does not know.  Where Redis is
# reached with them, and how, is for the 3xx files.

use lib 't/lib';
use TokenRevoke;

$ENV{TEST_NGINX_UNUSED_PORT} = free_port();

add_block_preprocessor(sub {
    my ($block) = @_;

    return if defined $block->refused;

    $block->set_value('request', 'GET /t');
    $block->set_value('config', <<'_EOC_');
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
_EOC_
});

run_tests();

__DATA__

=== TEST 1: a host and a port
--- http_config
    token_revoke_zone  zone=edge:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT;



=== TEST 2: a host that has a name
--- http_config
    token_revoke_zone  zone=edge:4m
                       redis=redis://localhost:$TEST_NGINX_UNUSED_PORT;



=== TEST 3: an IPv6 address
--- http_config
    token_revoke_zone  zone=edge:4m
                       redis=redis://[::1]:$TEST_NGINX_UNUSED_PORT;



=== TEST 4: a database
--- http_config
    token_revoke_zone  zone=edge:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT/15;



=== TEST 5: a slash without a database
--- http_config
    token_revoke_zone  zone=edge:4m
                       redis=redis://127.0.0.1:$TEST_NGINX_UNUSED_PORT/;



=== TEST 6: a user and a password
--- http_config
    token_revoke_zone  zone=edge:4m
            redis=redis://edge:secret@127.0.0.1:$TEST_NGINX_UNUSED_PORT/1;



=== TEST 7: a password with percent-encoded delimiters
--- http_config
    token_revoke_zone  zone=edge:4m
            redis=redis://:a%40b%2Fc%3A@127.0.0.1:$TEST_NGINX_UNUSED_PORT;



=== TEST 8: a scheme in capitals
--- http_config
    token_revoke_zone  zone=edge:4m
                       redis=REDIS://127.0.0.1:$TEST_NGINX_UNUSED_PORT;



=== TEST 9: a socket and a database
--- http_config
    token_revoke_zone  zone=edge:4m
                       redis=unix:$TEST_NGINX_REDIS_SOCKET?db=3;



=== TEST 10: a host without a scheme
--- http_config
    token_revoke_zone  zone=edge:4m redis=127.0.0.1:$TEST_NGINX_UNUSED_PORT;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: expected
    redis://[user:password@]host[:port][/db] or unix:/path[?db=N]



=== TEST 11: an unknown scheme
--- http_config
    token_revoke_zone  zone=edge:4m redis=http://127.0.0.1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: expected
    redis://[user:password@]host[:port][/db] or unix:/path[?db=N]



=== TEST 12: TLS
--- http_config
    token_revoke_zone  zone=edge:4m
                       redis=rediss://127.0.0.1:$TEST_NGINX_UNUSED_PORT;



=== TEST 13: Sentinel
--- http_config
    token_revoke_zone  zone=edge:4m
                       redis=redis+sentinel://127.0.0.1:1,localhost:1/main/2;



=== TEST 14: several hosts
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://127.0.0.1:1,localhost:1;



=== TEST 15: no host
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: no host



=== TEST 16: a port without a host
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://:$TEST_NGINX_UNUSED_PORT;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: no host



=== TEST 17: a port of nothing
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://127.0.0.1:;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: invalid port



=== TEST 18: port 0
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://127.0.0.1:0;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: invalid port



=== TEST 19: a port that is too large
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://localhost:65536;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: invalid port



=== TEST 20: a port in words
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://127.0.0.1:redis;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: invalid port



=== TEST 21: a database in words
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://127.0.0.1/main;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: invalid database
    number



=== TEST 22: a negative database
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://127.0.0.1/-1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: invalid database
    number



=== TEST 23: a database below a database
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://127.0.0.1/1/2;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: invalid database
    number



=== TEST 24: a database of a socket in words
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere?db=main;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: invalid database
    number



=== TEST 25: an unknown parameter of a socket
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere?database=1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: expected
    redis://[user:password@]host[:port][/db] or unix:/path[?db=N]



=== TEST 26: a parameter of a host
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://127.0.0.1?db=1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: unexpected "?" or "#"



=== TEST 27: a socket without a path
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: expected
    redis://[user:password@]host[:port][/db] or unix:/path[?db=N]



=== TEST 28: a socket with a relative path
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:redis.sock;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: expected
    redis://[user:password@]host[:port][/db] or unix:/path[?db=N]



=== TEST 29: a socket with a path that the system cannot connect to
--- http_config eval
'    token_revoke_zone  zone=edge:4m redis=unix:/' . 'x' x 200 . ';'
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: the path of the
    socket is too long



=== TEST 30: an IPv6 address without brackets
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://::1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: an IPv6 address must
    be in brackets



=== TEST 31: an IPv6 address with one bracket
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://[::1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: no "]" after the IPv6
    address



=== TEST 32: an IPv6 address that is none
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://[1:2];
--- refused
in "redis=redis://[1:2]:6379" of "token_revoke_zone" directive



=== TEST 33: a host that nobody knows
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://nobody.invalid;
--- refused
host not found in "redis=redis://nobody.invalid:6379" of "token_revoke_zone"
    directive



=== TEST 34: a variable is not a URL
--- http_config
    token_revoke_zone  zone=edge:4m redis=$redis_url;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: expected
    redis://[user:password@]host[:port][/db] or unix:/path[?db=N]
