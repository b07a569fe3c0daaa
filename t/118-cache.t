# Answers that are kept: a revoked token never gets one, whether it is fresh,
# stale, being updated or in slices; the others get it as before.  Above each
# test stands which change breaks it.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_APP_PORT} = free_port();

# /now may be kept for an hour, /past is stale at once; with "X-Fail" both fail

default_http_config(<<'_EOC_');
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
    proxy_cache_path   $TEST_NGINX_SERVER_ROOT/cache keys_zone=cache:1m;

    server {
        listen  $TEST_NGINX_APP_PORT;

        if ($http_x_fail) {
            return 500;
        }

        location = /now {
            add_header  X-Accel-Expires 3600;
            return      200 "app for $http_authorization\n";
        }

        location = /past {
            add_header  X-Accel-Expires @1;
            return      200 "app for $http_authorization\n";
        }

        location = /login {
            add_header  X-Accel-Expires 3600;
            return      200 "login\n";
        }

        location /sliced {
            root  $TEST_NGINX_SERVER_ROOT/html;
        }
    }
_EOC_

# "--- log_has": what nginx logs in the end, be it after the last answer

add_response_body_check(sub {
    my ($block, $body, $i) = @_;

    my $line = $block->log_has;

    return if !defined $line or $i < $#{ $block->request };
    chomp $line;

    Test::More::ok(wait_for_log(qr/\Q$line\E/), $block->name . " - $line");
});

run_tests();

__DATA__

=== TEST 1: a hit is for those who pass
# a check in the content phase, behind the cache
--- config
    location = /now {
        token_revoke  zone=edge;
        proxy_cache   cache;
        proxy_pass    http://127.0.0.1:$TEST_NGINX_APP_PORT;
        add_header    X-Cache $upstream_cache_status always;
    }
--- redis eval
::revoked('cache-1')
--- request eval
[('GET /now') x 5]
--- more_headers eval
[map { "Authorization: Bearer $_" } qw(cache-1 good cache-1 other cache-1)]
--- error_code eval
[401, 200, 401, 200, 401]
--- raw_response_headers_like eval
['401(?!.*X-Cache)', 'X-Cache: MISS', '401(?!.*X-Cache)', 'X-Cache: HIT',
 '401(?!.*X-Cache)']
--- response_body_like eval
['401 Auth', '^app for Bearer good$', '401 Auth', '^app for Bearer good$',
 '401 Auth']



=== TEST 2: who had it a moment ago has it no more
# a check behind the cache; or a pass that is remembered
--- config
    location = /now {
        token_revoke  zone=edge;
        proxy_cache   cache;
        proxy_pass    http://127.0.0.1:$TEST_NGINX_APP_PORT;
        add_header    X-Cache $upstream_cache_status always;
    }
--- redis eval
[undef, undef, ::revoked('cache-2')]
--- request eval
[('GET /now') x 3]
--- more_headers
Authorization: Bearer cache-2
--- error_code eval
[200, 200, 401]
--- raw_response_headers_like eval
['X-Cache: MISS', 'X-Cache: HIT', '401(?!.*X-Cache)']



=== TEST 3: a refusal is not kept for others
# a check in the content phase, or before the location is found
--- config
    location = /now {
        token_revoke       zone=edge;
        proxy_cache        cache;
        proxy_cache_valid  any 1h;
        proxy_pass         http://127.0.0.1:$TEST_NGINX_APP_PORT;
        add_header         X-Cache $upstream_cache_status always;
    }
--- redis eval
::revoked('cache-3')
--- request eval
[('GET /now') x 3]
--- more_headers eval
[map { "Authorization: Bearer $_" } qw(cache-3 good good)]
--- error_code eval
[401, 200, 200]
--- raw_response_headers_like eval
['401', 'X-Cache: MISS', 'X-Cache: HIT']



=== TEST 4: a page of the refusal is kept, as a page
# an answer of our own, past error_page
--- config
    token_revoke  zone=edge;
    proxy_cache   cache;
    error_page    401 /login;
    add_header    X-Cache $upstream_cache_status always;

    location / {
        proxy_pass  http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- redis eval
::revoked('cache-4')
--- request eval
[('GET /now') x 3]
--- more_headers eval
[map { "Authorization: Bearer $_" } qw(cache-4 cache-4 good)]
--- error_code eval
[401, 401, 200]
--- raw_response_headers_like eval
['X-Cache: MISS', '(?=.*X-Cache: HIT)(?=.*WWW-Authenticate: Bearer)',
 'X-Cache: MISS']
--- response_body eval
["login\n", "login\n", "app for Bearer good\n"]



=== TEST 5: what is stale is for those who pass, when the application fails
# a check in the content phase; or a decision that is left to the application
--- config
    location = /past {
        token_revoke           zone=edge;
        proxy_cache            cache;
        proxy_cache_use_stale  http_500;
        proxy_pass             http://127.0.0.1:$TEST_NGINX_APP_PORT;
        add_header             X-Cache $upstream_cache_status always;
    }
--- redis eval
::revoked('cache-5')
--- request eval
[('GET /past') x 4]
--- more_headers eval
['Authorization: Bearer good', "Authorization: Bearer good\nX-Fail: 1",
 "Authorization: Bearer cache-5\nX-Fail: 1", 'Authorization: Bearer cache-5']
--- error_code eval
[200, 200, 401, 401]
--- raw_response_headers_like eval
['X-Cache: MISS', 'X-Cache: STALE', '401(?!.*X-Cache)', '401(?!.*X-Cache)']



=== TEST 6: what is stale is updated in the background for those who pass
# nothing of ours: this shows that the next test sees what it looks for
--- config
    location = /past {
        token_revoke                   zone=edge;
        proxy_cache                    cache;
        proxy_cache_use_stale          updating;
        proxy_cache_background_update  on;
        proxy_pass                     http://127.0.0.1:$TEST_NGINX_APP_PORT;
        add_header                     X-Cache $upstream_cache_status always;
    }
--- redis eval
::revoked('cache-6')
--- request eval
[('GET /past') x 2]
--- more_headers
Authorization: Bearer good
--- raw_response_headers_like eval
['X-Cache: MISS', 'X-Cache: STALE']
--- error_code eval
[200, 200]
--- log_has
http subrequest "/past?"



=== TEST 7: a revoked token does not make anybody update
# a check in the content phase
--- config
    location = /past {
        token_revoke                   zone=edge;
        proxy_cache                    cache;
        proxy_cache_use_stale          updating;
        proxy_cache_background_update  on;
        proxy_pass                     http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- redis eval
::revoked('cache-7')
--- request eval
[('GET /past') x 3]
--- more_headers eval
[map { "Authorization: Bearer $_" } qw(good cache-7 cache-7)]
--- error_code eval
[200, 401, 401]
--- no_error_log
http subrequest "/past



=== TEST 8: slices: the whole, a range, and none for a revoked token
# a check in the content phase
--- config
    location /sliced {
        slice             10;
        token_revoke      zone=edge;
        proxy_cache       cache;
        proxy_cache_key   $uri$slice_range;
        proxy_set_header  Range $slice_range;
        proxy_pass        http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- user_files
>>> sliced
0123456789abcdefghijABCDEFGHIJ
--- redis eval
::revoked('cache-8')
--- request eval
[('GET /sliced') x 5]
--- more_headers eval
['Authorization: Bearer good',
 "Authorization: Bearer good\nRange: bytes=8-11",
 "Authorization: Bearer cache-8\nRange: bytes=8-11",
 'Authorization: Bearer cache-8', 'Authorization: Bearer good']
--- error_code eval
[200, 206, 401, 401, 200]
--- response_body_like eval
['^0123456789abcdefghijABCDEFGHIJ$', '^89ab$', '401 Auth', '401 Auth',
 '^0123456789abcdefghijABCDEFGHIJ$']



=== TEST 9: a copy that proxy_store has made
# a check in the content phase
--- config
    location = /now {
        token_revoke   zone=edge;
        root           $TEST_NGINX_SERVER_ROOT/html;
        error_page     404 = @fetch;
        log_not_found  off;
    }

    location @fetch {
        token_revoke  zone=edge;
        root          $TEST_NGINX_SERVER_ROOT/html;
        proxy_store   on;
        proxy_pass    http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }
--- redis eval
::revoked('cache-9')
--- request eval
[('GET /now') x 4]
--- more_headers eval
[map { "Authorization: Bearer $_" } qw(cache-9 good cache-9 other)]
--- error_code eval
[401, 200, 401, 200]
--- response_body_like eval
['401 Auth', '^app for Bearer good$', '401 Auth', '^app for Bearer good$']
