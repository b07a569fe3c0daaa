# Where the password of a Redis comes from, and that no message repeats it: a
# wrong line of the configuration ends in tickets and in the logs of a build.
# The password is SECRET: every block looks for that word in all that
# nginx wrote.

use lib 't/lib';
use TokenRevoke;

$ENV{TEST_NGINX_PASSWORD_FILE}
    = "$ENV{TEST_NGINX_SERVROOT}/html/password";
$ENV{TEST_NGINX_UNUSED_PORT} = free_port();

my $redis = start_redis(password => 'SECRET', port => 1);

$ENV{TEST_NGINX_LOCKED_SOCKET} = $redis->socket;
$ENV{TEST_NGINX_LOCKED_PORT} = $redis->port;

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('no_error_log', 'SECRET');
    $block->set_value('user_files', [[password => $block->password]])
        if defined $block->password;
});

run_tests();

__DATA__

=== TEST 1: the password comes from the first line of a file
--- init
TokenRevoke::wait_for_log(qr/zone "file-lf" follows log/)
    or Test::More::fail('the password was not taken');
--- password eval
"SECRET\nof the edge\n"
--- http_config
    token_revoke_zone  zone=file-lf:4m redis=unix:$TEST_NGINX_LOCKED_SOCKET
                       password_file=$TEST_NGINX_PASSWORD_FILE;
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- request
GET /t



=== TEST 2: the line may end as on Windows
--- init
TokenRevoke::wait_for_log(qr/zone "file-crlf" follows log/)
    or Test::More::fail('the password was not taken');
--- password eval
"SECRET\r\n"
--- http_config
    token_revoke_zone  zone=file-crlf:4m redis=unix:$TEST_NGINX_LOCKED_SOCKET
                       password_file=$TEST_NGINX_PASSWORD_FILE;
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- request
GET /t



=== TEST 3: the line may have no end
--- init
TokenRevoke::wait_for_log(qr/zone "file-end" follows log/)
    or Test::More::fail('the password was not taken');
--- password eval
'SECRET'
--- http_config
    token_revoke_zone  password_file=$TEST_NGINX_PASSWORD_FILE
                    zone=file-end:4m redis=unix:$TEST_NGINX_LOCKED_SOCKET;
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- request
GET /t



=== TEST 4: a password that Redis does not know is not in the log
--- init
TokenRevoke::wait_for_log(qr/zone "wrong" cannot follow log .*WRONGPASS/)
    or Test::More::fail('nothing was said');
--- password eval
"SECRET but not this one\n"
--- http_config
    token_revoke_zone  zone=wrong:4m redis=unix:$TEST_NGINX_LOCKED_SOCKET
                       password_file=$TEST_NGINX_PASSWORD_FILE;
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- request
GET /t



=== TEST 5: a Redis that is not there is named without the password
--- init
TokenRevoke::wait_for_log(
    qr{cannot follow log "revoked" of redis "redis://127\.0\.0\.1:\d+"})
    or Test::More::fail('nothing was said');
--- http_config
    token_revoke_zone  zone=away:4m
            redis=redis://user:SECRET@127.0.0.1:$TEST_NGINX_UNUSED_PORT;
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- request
GET /t



=== TEST 6: a user is in the URL, the password in a file
--- init
TokenRevoke::wait_for_log(qr/zone "user" follows log/)
    or Test::More::fail('the password was not taken');
--- password eval
"SECRET\n"
--- http_config
    token_revoke_zone  zone=user:4m password_file=$TEST_NGINX_PASSWORD_FILE
                       redis=redis://default@127.0.0.1:$TEST_NGINX_LOCKED_PORT;
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- request
GET /t



=== TEST 7: user and password are in the URL
--- init
TokenRevoke::wait_for_log(qr/zone "url" follows log/)
    or Test::More::fail('the password was not taken');
--- http_config
    token_revoke_zone  zone=url:4m
            redis=redis://default:SECRET@127.0.0.1:$TEST_NGINX_LOCKED_PORT;
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- request
GET /t



=== TEST 8: a password without a user is in the URL, percent-encoded
--- init
TokenRevoke::wait_for_log(qr/zone "encoded" follows log/)
    or Test::More::fail('the password was not taken');
--- http_config
    token_revoke_zone  zone=encoded:4m
            redis=redis://:%53ECRET@127.0.0.1:$TEST_NGINX_LOCKED_PORT;
--- config
    location = /t {
        try_files  /index.html =404;
    }
--- request
GET /t



=== TEST 9: a password file that is not there
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere
                       password_file=/nowhere/password;
--- refused
open() "/nowhere/password" failed (2: No such file or directory)



=== TEST 10: a password file is looked for beside nginx.conf
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere
                       password_file=nothere;
--- refused
/conf/nothere" failed (2: No such file or directory)



=== TEST 11: an empty password file
--- password eval
''
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere
                       password_file=$TEST_NGINX_PASSWORD_FILE;
--- refused
/password" in "token_revoke_zone" directive, expected a file with a password
    in its first line



=== TEST 12: a password file with an empty first line
--- password eval
"\nSECRET\n"
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere
                       password_file=$TEST_NGINX_PASSWORD_FILE;
--- refused
/password" in "token_revoke_zone" directive, expected a file with a password
    in its first line



=== TEST 13: a password file that is too long
--- password eval
'SECRET' x 1000
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere
                       password_file=$TEST_NGINX_PASSWORD_FILE;
--- refused
/password" in "token_revoke_zone" directive, expected a file with a password
    in its first line



=== TEST 14: a directory is not a password file
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere
                       password_file=$TEST_NGINX_SERVER_ROOT/html;
--- refused
/html" in "token_revoke_zone" directive, expected a file with a password in
    its first line



=== TEST 15: a password in the URL and a file
--- password eval
'SECRET'
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://:SECRET@127.0.0.1
                       password_file=$TEST_NGINX_PASSWORD_FILE;
--- refused
"token_revoke_zone" directive has a password in "redis=" and a
    "password_file="



=== TEST 16: a file and a password in the URL
--- password eval
'SECRET'
--- http_config
    token_revoke_zone  zone=edge:4m password_file=$TEST_NGINX_PASSWORD_FILE
                       redis=redis://:SECRET@127.0.0.1;
--- refused
"token_revoke_zone" directive has a password in "redis=" and a
    "password_file="



=== TEST 17: an empty password in the URL
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://:@127.0.0.1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: empty password



=== TEST 18: a percent sign in the password must be encoded
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://:SECRET%@127.0.0.1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: invalid
    percent-encoding in the password



=== TEST 19: a slash in the password must be encoded
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://:SECRET/x@127.0.0.1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive



=== TEST 20: an at sign in the password must be encoded
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://:SECRET@x@127.0.0.1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: more than one "@"



=== TEST 21: a wrong port does not show the password
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://:SECRET@127.0.0.1:0;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: invalid port



=== TEST 22: a wrong scheme does not show the password
--- http_config
    token_revoke_zone  zone=edge:4m redis=redsi://:SECRET@127.0.0.1;
--- refused
invalid "redis=" URL in "token_revoke_zone" directive: expected redis://



=== TEST 23: an unknown host does not show the password
--- http_config
    token_revoke_zone  zone=edge:4m redis=redis://:SECRET@nobody.invalid;
--- refused
host not found in "redis=redis://nobody.invalid:6379" of



=== TEST 24: a second URL does not show its password
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere
                       redis=redis://:SECRET@127.0.0.1;
--- refused
duplicate parameter "redis" in "token_revoke_zone" directive



=== TEST 25: a URL whose parameter is misspelt does not show its password
--- http_config
    token_revoke_zone  zone=edge:4m rdis=redis://:SECRET@127.0.0.1;
--- refused
invalid parameter "rdis" in "token_revoke_zone" directive, expected "zone=",
    "redis="



=== TEST 26: a URL without its parameter does not show its password
--- http_config
    token_revoke_zone  zone=edge:4m redis://:SECRET@127.0.0.1;
--- refused
invalid parameter "redis" in "token_revoke_zone" directive, expected
    "zone=", "redis="



=== TEST 27: a URL without its parameter, and "=" in the password
--- http_config
    token_revoke_zone  zone=edge:4m redis://:SECRET=@127.0.0.1;
--- refused
invalid parameter "redis" in "token_revoke_zone" directive, expected
    "zone=", "redis="



=== TEST 28: a password that was given as a parameter is not shown
--- http_config
    token_revoke_zone  zone=edge:4m redis=unix:/nowhere password=SECRET;
--- refused
invalid parameter "password" in "token_revoke_zone" directive, expected
    "zone=", "redis="
