# token_revoke_zone, as it is meant to be written: every parameter, in every
# order, and every spelling of a size.  Each block starts nginx with it and
# sees a revoked token refused, so a parameter that is accepted and then
# ignored is found as well.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

my $location = <<'_EOC_';
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
_EOC_

# one token of its own for each block: with TEST_NGINX_USE_HUP=1 a zone lives on

my $n = 0;

add_block_preprocessor(sub {
    my ($block) = @_;

    my $bad = 'zone-' . ++$n;
    my ($log) = $block->http_config =~ /\blog=([^\s;]+)/;
    my $redis = revoked($bad);

    $redis =~ s/revoked/$log/ if defined $log;

    $block->set_value('config', $location) if !defined $block->config;

    return if defined $block->request;

    $block->set_value('redis', $redis);
    $block->set_value('request', ['GET /t', 'GET /t']);
    $block->set_value('more_headers', ["Authorization: Bearer $bad",
                                       'Authorization: Bearer good']);
    $block->set_value('error_code', [401, 200]);
});

run_tests();

__DATA__

=== TEST 1: a name, a size and a URL are enough
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;



=== TEST 2: the URL comes before the name
--- http_config
    token_revoke_zone  redis=unix:$TEST_NGINX_REDIS_SOCKET zone=edge:4m;



=== TEST 3: all parameters in one order
--- http_config
    token_revoke_zone  zone=all:4m redis=unix:$TEST_NGINX_REDIS_SOCKET
                       log=other timeout=1s
                       password_file=$TEST_NGINX_SERVER_ROOT/html/password;
--- user_files
>>> password
unused
--- config
    location = /t {
        try_files /index.html =404;
    }
--- request
GET /t



=== TEST 4: all parameters in the opposite order
--- http_config
    token_revoke_zone  password_file=$TEST_NGINX_SERVER_ROOT/html/password
                       timeout=1s log=other
                       redis=unix:$TEST_NGINX_REDIS_SOCKET zone=all:4m;
--- user_files
>>> password
unused
--- config
    location = /t {
        try_files /index.html =404;
    }
--- request
GET /t



=== TEST 5: another log is followed than "revoked"
--- http_config
    token_revoke_zone  zone=logs:4m redis=unix:$TEST_NGINX_REDIS_SOCKET
                       log=app:revoked;
--- config
    location = /t {
        token_revoke  zone=logs;
        try_files     /index.html =404;
    }



=== TEST 6: a timeout in milliseconds
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET
                       timeout=500ms;



=== TEST 7: the shortest timeout
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET
                       timeout=10ms;
--- request
GET /t



=== TEST 8: the longest timeout
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET
                       timeout=60s;



=== TEST 9: a size in bytes
--- http_config
    token_revoke_zone  zone=edge:4194304 redis=unix:$TEST_NGINX_REDIS_SOCKET;



=== TEST 10: a size with "k"
--- http_config
    token_revoke_zone  zone=edge:4096k redis=unix:$TEST_NGINX_REDIS_SOCKET;



=== TEST 11: a size with "M"
--- http_config
    token_revoke_zone  zone=edge:4M redis=unix:$TEST_NGINX_REDIS_SOCKET;



=== TEST 12: a size with "g" costs only the memory that is used
--- http_config
    token_revoke_zone  zone=big:1g redis=unix:$TEST_NGINX_REDIS_SOCKET;
--- config
    location = /t {
        token_revoke  zone=big;
        try_files     /index.html =404;
    }



=== TEST 13: the smallest size
--- http_config
    token_revoke_zone  zone=small:1m redis=unix:$TEST_NGINX_REDIS_SOCKET;
--- config
    location = /t {
        token_revoke  zone=small;
        try_files     /index.html =404;
    }



=== TEST 14: database 0 may be written
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET?db=0;
--- request
GET /t



=== TEST 15: two zones follow the same log
--- http_config
    token_revoke_zone  zone=first:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    token_revoke_zone  zone=second:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
--- config
    location = /t {
        token_revoke  zone=second;
        try_files     /index.html =404;
    }



=== TEST 16: a zone is defined after the server that uses it
--- http_config
    server {
        listen  $TEST_NGINX_RAND_PORT_1;

        location = /t {
            token_revoke  zone=edge;
            try_files     /index.html =404;
        }
    }

    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
--- config
    location = /t {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    }
