# The challenge of a refusal got lost when its error page was in a location
# with "satisfy any" that lets the client in by another way: nginx hides the
# challenge it finds in r->headers_out.www_authenticate then, because it takes
# it for one of its own access modules.
#
# Fails if ngx_http_token_revoke_answer_revoked() sets that pointer.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

run_tests();

__DATA__

=== TEST 1: an error page under "satisfy any" keeps the challenge
--- config
    satisfy       any;
    allow         127.0.0.1;
    deny          all;
    token_revoke  zone=edge;
    error_page    401 /page.html;

    location = /t {
        try_files  /index.html =404;
    }
--- user_files
>>> page.html
page
--- redis eval
::revoked('challenge-1')
--- request
GET /t
--- more_headers
Authorization: Bearer challenge-1
--- error_code: 401
--- response_body
page
--- raw_response_headers_like eval
'WWW-Authenticate: Bearer error="invalid_token"'



=== TEST 2: so does one that a password opens
--- config
    satisfy               any;
    auth_basic            closed;
    auth_basic_user_file  $TEST_NGINX_SERVER_ROOT/html/users;
    token_revoke          zone=edge;
    token_revoke_from     cookie:session;
    error_page            401 @page;

    location = /t {
        try_files  /index.html =404;
    }

    location @page {
        try_files  /page.html =404;
    }
--- user_files
>>> users
user:{PLAIN}password
>>> page.html
page
--- redis eval
::revoked('challenge-2')
--- request
GET /t
--- more_headers
Authorization: Basic dXNlcjpwYXNzd29yZA==
Cookie: session=challenge-2
--- error_code: 401
--- response_body
page
--- raw_response_headers_like eval
'WWW-Authenticate: Bearer error="invalid_token"'
