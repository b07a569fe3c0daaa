# token_revoke_attribute, token_revoke_issued_at and token_revoke_leeway: what
# they take, and what they do not.  What they do is in 122-attributes.t.

use lib 't/lib';
use TokenRevoke;

run_tests();

__DATA__

=== TEST 1: token_revoke_attribute takes a name and a value
--- config
    token_revoke_attribute  host $host;

    location = /t {
        token_revoke            zone=edge;
        token_revoke_attribute  device "$http_x_device_id";
        token_revoke_attribute  user-agent $http_user_agent;
        token_revoke_attribute  HOST "$scheme://$host";
        token_revoke_attribute  fixed value;
        token_revoke_attribute  none "";
        try_files               /index.html =404;
    }
--- request
GET /t
--- error_code: 200


=== TEST 2: token_revoke_attribute: a name with a dot
--- config
    token_revoke_attribute  app.version $host;
--- refused
invalid value "app.version" in "token_revoke_attribute" directive, expected
    a name without dots that is not a field of the log or a registered claim


=== TEST 3: token_revoke_attribute: an empty name
--- config
    token_revoke_attribute  "" $host;
--- refused
invalid value "" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 4: token_revoke_attribute: a name with a prefix
--- config
    token_revoke_attribute  attr.device $host;
--- refused
invalid value "attr.device" in "token_revoke_attribute" directive, expected
    a name without dots that is not a field of the log or a registered claim


=== TEST 5: token_revoke_attribute: "token" is a field of the log
--- config
    token_revoke_attribute  token $host;
--- refused
invalid value "token" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 6: token_revoke_attribute: "all" is a field of the log
--- config
    token_revoke_attribute  all $host;
--- refused
invalid value "all" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 7: token_revoke_attribute: "before" is a field of the log
--- config
    token_revoke_attribute  before $host;
--- refused
invalid value "before" in "token_revoke_attribute" directive, expected a
    name without dots that is not a field of the log or a registered claim


=== TEST 8: token_revoke_attribute: "until" is a field of the log
--- config
    token_revoke_attribute  until $host;
--- refused
invalid value "until" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 9: token_revoke_attribute: "ttl" is a field of the log
--- config
    token_revoke_attribute  ttl $host;
--- refused
invalid value "ttl" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 10: token_revoke_attribute: "action" is a field of the log
--- config
    token_revoke_attribute  action $host;
--- refused
invalid value "action" in "token_revoke_attribute" directive, expected a
    name without dots that is not a field of the log or a registered claim


=== TEST 11: token_revoke_attribute: "reason" is a field of the log
--- config
    token_revoke_attribute  reason $host;
--- refused
invalid value "reason" in "token_revoke_attribute" directive, expected a
    name without dots that is not a field of the log or a registered claim


=== TEST 12: token_revoke_attribute: "by" is a field of the log
--- config
    token_revoke_attribute  by $host;
--- refused
invalid value "by" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 13: token_revoke_attribute: "ack" is a field of the log
--- config
    token_revoke_attribute  ack $host;
--- refused
invalid value "ack" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 14: token_revoke_attribute: "kid" is in the JOSE header
--- config
    token_revoke_attribute  kid $host;
--- refused
invalid value "kid" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 15: token_revoke_attribute: "alg" is in the JOSE header
--- config
    token_revoke_attribute  alg $host;
--- refused
invalid value "alg" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 16: token_revoke_attribute: "typ" is in the JOSE header
--- config
    token_revoke_attribute  typ $host;
--- refused
invalid value "typ" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 17: token_revoke_attribute: "sub" is a registered claim
--- config
    token_revoke_attribute  sub $host;
--- refused
invalid value "sub" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 18: token_revoke_attribute: "iss" is a registered claim
--- config
    token_revoke_attribute  iss $host;
--- refused
invalid value "iss" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 19: token_revoke_attribute: "aud" is a registered claim
--- config
    token_revoke_attribute  aud $host;
--- refused
invalid value "aud" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 20: token_revoke_attribute: "exp" is a registered claim
--- config
    token_revoke_attribute  exp $host;
--- refused
invalid value "exp" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 21: token_revoke_attribute: "nbf" is a registered claim
--- config
    token_revoke_attribute  nbf $host;
--- refused
invalid value "nbf" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 22: token_revoke_attribute: "iat" is a registered claim
--- config
    token_revoke_attribute  iat $host;
--- refused
invalid value "iat" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 23: token_revoke_attribute: "jti" is a registered claim
--- config
    token_revoke_attribute  jti $host;
--- refused
invalid value "jti" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 24: token_revoke_attribute: "sid" is a registered claim
--- config
    token_revoke_attribute  sid $host;
--- refused
invalid value "sid" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 25: token_revoke_attribute: "client_id" is a registered claim
--- config
    token_revoke_attribute  client_id $host;
--- refused
invalid value "client_id" in "token_revoke_attribute" directive, expected a
    name without dots that is not a field of the log or a registered claim


=== TEST 26: token_revoke_attribute: "azp" is a registered claim
--- config
    token_revoke_attribute  azp $host;
--- refused
invalid value "azp" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 27: token_revoke_attribute: "email" is a registered claim
--- config
    token_revoke_attribute  email $host;
--- refused
invalid value "email" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 28: token_revoke_attribute: "scope" is a registered claim
--- config
    token_revoke_attribute  scope $host;
--- refused
invalid value "scope" in "token_revoke_attribute" directive, expected a name
    without dots that is not a field of the log or a registered claim


=== TEST 29: token_revoke_attribute: a name is said twice
--- config
    token_revoke_attribute  device $host;
    token_revoke_attribute  host $host;
    token_revoke_attribute  device $http_x_device;
--- refused
invalid value "device" in "token_revoke_attribute" directive, expected each
    attribute to be said once


=== TEST 30: token_revoke_attribute needs a value
--- config
    token_revoke_attribute  device;
--- refused
invalid number of arguments in "token_revoke_attribute" directive


=== TEST 31: token_revoke_attribute has one value
--- config
    token_revoke_attribute  device $host $uri;
--- refused
invalid number of arguments in "token_revoke_attribute" directive


=== TEST 32: token_revoke_attribute: an unknown variable
--- config
    token_revoke_attribute  device $no_such_variable;
--- refused
unknown "no_such_variable" variable


=== TEST 33: token_revoke_issued_at takes a value with variables
--- config
    token_revoke_issued_at  1487894400;

    location = /t {
        token_revoke            zone=edge;
        token_revoke_issued_at  $token_revoke_claim_nbf;
        try_files               /index.html =404;
    }
--- request
GET /t
--- error_code: 200


=== TEST 34: token_revoke_issued_at is repeated
--- config
    token_revoke_issued_at  1;
    token_revoke_issued_at  1;
--- refused
"token_revoke_issued_at" directive is duplicate


=== TEST 35: token_revoke_issued_at needs a value
--- config
    token_revoke_issued_at;
--- refused
invalid number of arguments in "token_revoke_issued_at" directive


=== TEST 36: token_revoke_issued_at has one value
--- config
    token_revoke_issued_at  1 2;
--- refused
invalid number of arguments in "token_revoke_issued_at" directive


=== TEST 37: token_revoke_issued_at: an unknown variable
--- config
    token_revoke_issued_at  $no_such_variable;
--- refused
unknown "no_such_variable" variable


=== TEST 38: token_revoke_leeway takes each of its values
--- config
    location = /0 {
        token_revoke         zone=edge;
        token_revoke_leeway  0;
        try_files            /index.html =404;
    }

    location = /1ms {
        token_revoke         zone=edge;
        token_revoke_leeway  1ms;
        try_files            /index.html =404;
    }

    location = /500ms {
        token_revoke         zone=edge;
        token_revoke_leeway  500ms;
        try_files            /index.html =404;
    }

    location = /30s {
        token_revoke         zone=edge;
        token_revoke_leeway  30s;
        try_files            /index.html =404;
    }

    location = /5m {
        token_revoke         zone=edge;
        token_revoke_leeway  5m;
        try_files            /index.html =404;
    }

    location = /24h {
        token_revoke         zone=edge;
        token_revoke_leeway  24h;
        try_files            /index.html =404;
    }

    location = /1d {
        token_revoke         zone=edge;
        token_revoke_leeway  1d;
        try_files            /index.html =404;
    }
--- request eval
[map { "GET /$_" } qw(0 1ms 500ms 30s 5m 24h 1d)]
--- error_code eval
[(200) x 7]


=== TEST 39: token_revoke_leeway does not take -1
--- config
    token_revoke_leeway  -1;
--- refused
invalid value "-1" in "token_revoke_leeway" directive, expected a time from
    0 to 1d, like "30s"


=== TEST 40: token_revoke_leeway does not take 25h
--- config
    token_revoke_leeway  25h;
--- refused
invalid value "25h" in "token_revoke_leeway" directive, expected a time from
    0 to 1d, like "30s"


=== TEST 41: token_revoke_leeway does not take 2d
--- config
    token_revoke_leeway  2d;
--- refused
invalid value "2d" in "token_revoke_leeway" directive, expected a time from
    0 to 1d, like "30s"


=== TEST 42: token_revoke_leeway does not take 86401
--- config
    token_revoke_leeway  86401;
--- refused
invalid value "86401" in "token_revoke_leeway" directive, expected a time
    from 0 to 1d, like "30s"


=== TEST 43: token_revoke_leeway does not take 86400001ms
--- config
    token_revoke_leeway  86400001ms;
--- refused
invalid value "86400001ms" in "token_revoke_leeway" directive, expected a
    time from 0 to 1d, like "30s"


=== TEST 44: token_revoke_leeway does not take soon
--- config
    token_revoke_leeway  soon;
--- refused
invalid value "soon" in "token_revoke_leeway" directive, expected a time
    from 0 to 1d, like "30s"


=== TEST 45: token_revoke_leeway does not take an empty value
--- config
    token_revoke_leeway  "";
--- refused
invalid value "" in "token_revoke_leeway" directive, expected a time from 0
    to 1d, like "30s"


=== TEST 46: token_revoke_leeway does not take 1x
--- config
    token_revoke_leeway  1x;
--- refused
invalid value "1x" in "token_revoke_leeway" directive, expected a time from
    0 to 1d, like "30s"


=== TEST 47: token_revoke_leeway has one value
--- config
    token_revoke_leeway  0 1s;
--- refused
invalid number of arguments in "token_revoke_leeway" directive


=== TEST 48: token_revoke_leeway needs a value
--- config
    token_revoke_leeway;
--- refused
invalid number of arguments in "token_revoke_leeway" directive


=== TEST 49: token_revoke_leeway is repeated
--- config
    token_revoke_leeway  1s;
    token_revoke_leeway  1s;
--- refused
"token_revoke_leeway" directive is duplicate
