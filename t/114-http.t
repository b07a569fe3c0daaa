# Methods, versions of HTTP and connections that are kept open.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

$ENV{TEST_NGINX_APP_PORT} = free_port();
$ENV{TEST_NGINX_H2_PORT} = free_port();

my $h2 = `curl --version 2>/dev/null` =~ /\bHTTP2\b/;

default_http_config(<<'_EOC_');
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;

    server {
        listen  $TEST_NGINX_APP_PORT;

        location / {
            return 200 "$request_method\n";
        }
    }
_EOC_

# asks for /t in HTTP/2, with these fields

sub h2 {
    my ($code, @fields) = @_;

    my @cmd = ('curl', '-s', '--http2-prior-knowledge', '-o', '/dev/null',
               '-w', '%{http_version} %{http_code}', '--max-time', 5,
               (map { ('-H', $_) } @fields),
               "http://127.0.0.1:$ENV{TEST_NGINX_H2_PORT}/t");

    SKIP: {
        Test::More::skip('curl knows no HTTP/2', 1) if !$h2;

        open my $out, '-|', @cmd or die "curl: $!\n";
        Test::More::is(join('', <$out>), "2 $code", "HTTP/2: @fields");
    }
}

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location = /t {
        token_revoke      zone=edge;
        proxy_set_header  X-Status $token_revoke_status;
        proxy_pass        http://127.0.0.1:$TEST_NGINX_APP_PORT;
    }

    location = /zone {
        token_revoke  zone=edge;
    }
_EOC_

    $block->set_value('http_config', default_http_config());
});

run_tests();

__DATA__

=== TEST 1: every method is checked
--- redis eval
::revoked('http-1')
--- request eval
[map { "$_ /t" } qw(GET POST PUT DELETE PATCH OPTIONS PROPFIND STRANGE)]
--- more_headers
Authorization: Bearer http-1
--- error_code eval
[(401) x 8]



=== TEST 2: every method passes with another token
--- request eval
[map { "$_ /t" } qw(GET POST PUT DELETE PATCH OPTIONS PROPFIND)]
--- more_headers
Authorization: Bearer good
--- response_body eval
[map { "$_\n" } qw(GET POST PUT DELETE PATCH OPTIONS PROPFIND)]



=== TEST 3: HEAD is refused without a body
--- redis eval
::revoked('http-3')
--- request eval
['HEAD /t', 'HEAD /t']
--- more_headers eval
['Authorization: Bearer http-3', 'Authorization: Bearer good']
--- error_code eval
[401, 200]
--- response_body eval
['', '']
--- raw_response_headers_like eval
['WWW-Authenticate: Bearer error="invalid_token"', '']



=== TEST 4: HTTP/1.0
--- redis eval
::revoked('http-4')
--- request eval
['GET /t HTTP/1.0', 'GET /t HTTP/1.0']
--- more_headers eval
['Authorization: Bearer http-4', 'Authorization: Bearer good']
--- error_code eval
[401, 200]



=== TEST 5: several requests on one connection are decided one by one
--- redis eval
::revoked('http-5')
--- pipelined_requests eval
['GET /t', 'GET /t', 'GET /t', 'GET /t']
--- more_headers eval
['Authorization: Bearer good', 'Authorization: Bearer http-5', '',
 'Authorization: Bearer http-5']
--- error_code eval
[200, 401, 200, 401]



=== TEST 6: a body that was refused is read, and the next request is understood
--- redis eval
::revoked('http-6')
--- pipelined_requests eval
["POST /t\n" . 'x' x 1000, 'GET /t']
--- more_headers eval
['Authorization: Bearer http-6', 'Authorization: Bearer good']
--- error_code eval
[401, 200]



=== TEST 7: a large body passes
--- request eval
"POST /t\n" . 'x' x 100000
--- more_headers
Authorization: Bearer good
--- response_body
POST



=== TEST 8: a chunked body
--- redis eval
::revoked('http-9')
--- request eval
['POST /t
4
body
0

', 'POST /t
4
body
0

']
--- more_headers eval
["Transfer-Encoding: chunked\nAuthorization: Bearer http-9",
 "Transfer-Encoding: chunked\nAuthorization: Bearer good"]
--- error_code eval
[401, 200]



=== TEST 9: HTTP/2, where a client cuts the Cookie field as it likes
--- config
    listen  $TEST_NGINX_H2_PORT http2;

    location = /t {
        token_revoke       zone=edge;
        token_revoke_from  bearer cookie:session;
        try_files          /index.html =404;
    }
--- redis eval
::revoked('http-9b')
--- init
::h2(401, 'Cookie: session=http-9b');
::h2(401, 'Cookie: a=b; session=http-9b; c=d');
::h2(401, 'Cookie: a=b', 'Cookie: session=http-9b', 'Cookie: c=d');
::h2(401, 'Authorization: Bearer http-9b');
::h2(200, 'Authorization: Bearer good', 'Cookie: session=good');
--- request
GET /t
