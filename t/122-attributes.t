# What the request adds to a token: attributes, which rules match like claims,
# an issue time for tokens that have none, and a leeway for clocks.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Edge;
use TokenRevoke::Nginx qw(wait_for);
use TokenRevoke::Token;

my $t = 1487894400;
my $now = time;
my $day = $now + 86400;


sub location {
    my ($uri, $directives) = @_;

    return <<"_EOC_";
        location = $uri {
            token_revoke zone=edge;
            token_revoke_from bearer header:X-Other;
            $directives
            add_header X-Status \$token_revoke_status always;
            add_header X-Match "\$token_revoke_match" always;
            empty_gif;
        }
_EOC_
}


# Attributes.  "/" has those of its server.

my $edge = TokenRevoke::Edge->new(
    http => 'token_revoke_attribute outer $http_x_outer;',
    server => join("\n",
        'token_revoke_attribute device $http_x_device;',
        'token_revoke_attribute host $host;',
        'token_revoke_attribute pair "$http_x_device/$http_x_tenant";',
        'token_revoke_attribute fixed constant;',
        location('/own', 'token_revoke_attribute tenant $http_x_tenant;'),
        location('/device', 'token_revoke_attribute device $arg_device;'),
        location('/lazy', 'token_revoke_attribute lazy $never_set;'),
        'location = /set { set $never_set 1; return 204; }'))->start;

my $redis = $edge->redis;

my @tv = (undef, 'X-Device: tv');

# entries, then [expected, token, uri, fields]

my @cases = (
    ['an attribute alone, of any token', ['device tv before always'],
     ['attr.device', '{"sub":"alice"}', @tv], ['attr.device', 'opaque', @tv],
     ['', 'opaque'], ['', 'opaque', undef, 'X-Device: tv2'],
     ['', 'opaque', undef, 'X-Device: TV'],
     ['', '{"device":"tv"}']],

    ['an attribute AND a claim', ['device tv sub alice before always'],
     ['sub+attr.device', '{"sub":"alice"}', @tv],
     ['', '{"sub":"bob"}', @tv], ['', '{"sub":"alice"}'], ['', 'opaque', @tv],
     ['', '{"sub":"alice","device":"tv"}']],

    ['two attributes and a claim',
     ['sub alice attr.device tv host www.example.com before always'],
     ['sub+attr.device+attr.host', '{"sub":"alice"}', @tv,
      'Host: www.example.com'],
     ['', '{"sub":"alice"}', undef, 'Host: www.example.com'],
     ['', '{"sub":"alice"}', @tv]],

    ['an attribute AND the header', ['device tv kid k1'],
     ['kid+attr.device', ['{}', '{"alg":"HS256","kid":"k1"}'], @tv],
     ['', '{}', @tv], ['', ['{}', '{"alg":"HS256","kid":"k1"}']]],

    ['an attribute AND one token', ['device tv token one'],
     ['token+attr.device', 'one', @tv], ['', 'one'], ['', 'two', @tv]],

    ['OR of an attribute', ['device tv device car before always'],
     ['attr.device', 'x', @tv], ['attr.device', 'x', undef, 'X-Device: car'],
     ['', 'x', undef, 'X-Device: bus']],

    ['the exact name', ['attr.device tv before always'],
     ['attr.device', 'x', @tv], ['', '{"device":"tv"}']],

    ['the claim of that name', ['claim.device tv before always'],
     ['device', '{"device":"tv"}'], ['', '{"sub":"x"}', @tv]],

    ['several variables in one value', ['pair tv/acme before always'],
     ['attr.pair', 'x', @tv, 'X-Tenant: acme'], ['', 'x', @tv]],

    ['a value without variables', ['fixed constant before always'],
     ['attr.fixed', 'x'], ['', 'x', '/own']],

    ['an empty value is none', [[device => '', before => 'always']],
     ['', 'x'], ['', 'x', undef, 'X-Device:'], ['', 'x', '/device'],
     ['', 'x', '/device?device=']],

    ['own attributes replace those of the level above',
     ['device tv before always', 'tenant acme before always',
      'outer x before always', 'host h before always'],
     ['attr.device', 'x', '/', 'X-Device: tv'],
     ['', 'x', '/own', 'X-Device: tv', 'X-Outer: x'],
     ['attr.tenant', 'x', '/own', 'X-Tenant: acme', 'X-Device: tv'],
     ['', 'x', '/', 'X-Tenant: acme', 'X-Outer: x', 'Host: other'],
     ['attr.host', 'x', '/'], ['', '{"tenant":"acme"}', '/', 'Host: other']],

    ['the same name with another value', ['device tv before always'],
     ['attr.device', 'x', '/device?device=tv'],
     ['', 'x', '/device?device=car', 'X-Device: tv'],
     ['', 'x', '/device', 'X-Device: tv']],

    ['a cut-off refuses all opaque tokens with that attribute',
     ["device tv before $t"],
     ['attr.device (no iat)', 'x', @tv], ['attr.device (no iat)', 'y', @tv],
     ['attr.device', qq({"iat":$t}), @tv],
     ['', qq({"iat":$now}), @tv], ['', 'x']],
);

for my $case (@cases) {
    my ($name, $entries, @expected) = @$case;

    subtest $name => sub {
        $edge->apply(@$entries);

        is($edge->verdict(@$_[1 .. $#$_]), $_->[0],
           join ' ', map { ref ? "@$_" : $_ // '/' } @$_[1 .. $#$_])
            for @expected;

        $edge->restore(@$entries);
        is($edge->verdict(@$_[1 .. $#$_]), '', 'restored') for @expected;
    };
}

# nginx warns when it evaluates a variable that was never set

sub evaluated {
    return $edge->nginx->log_count(qr/using uninitialized "never_set"/);
}

is($edge->verdict('x', '/lazy'), '', 'with rules on other attributes');
is($edge->verdict('{"lazy":"x"}', '/lazy'), '', 'and again');
is(evaluated(), 0, 'an attribute that no rule uses is not evaluated');

$edge->apply('lazy x sub alice before always');

is($edge->verdict('x', '/lazy'), '', 'with a rule');
is(evaluated(), 1, 'one that a rule uses is');
is($edge->verdict('x', '/own'), '', 'elsewhere');
is(evaluated(), 1, 'only where it is defined');
is($edge->verdict(undef, '/lazy'), '200 NONE', 'without a token');
is(evaluated(), 1, 'it is not');

$edge->nginx->finish;


# The names of a zone change: what a bare name means changes with them.

$edge = TokenRevoke::Edge->new->start;

$edge->apply('device tv before always', 'claim.rack r before always',
             'sub alice before always');
is($edge->verdict('{"device":"tv"}'), 'device', 'without attributes: a claim');

my $live = $edge->nginx->log_count(qr/follows log/);

sub reload {
    my (@names) = @_;

    $edge->nginx->set(server => join '', map {
        "token_revoke_attribute $_ \$http_x_$_;"
    } @names);

    ok($edge->nginx->reload, "reload with @names");
    ok($edge->nginx->wait_log(qr/follows log/, 10, ++$live), 'it follows');
}

sub reread {
    return $edge->nginx->log_count(
        qr/zone "edge" has other attributes than before: /
        . 'log "revoked" is read from its start');
}

reload('device', 'rack');
is(reread(), 1, 'the log is read from its start');
ok(wait_for(sub { $edge->verdict('x', @tv) eq 'attr.device' }),
   'what was a claim is an attribute');
is($edge->verdict('x', undef, 'X-Rack: r'), '', 'but not by an exact name');
is($edge->verdict('{"rack":"r"}'), 'rack', 'which still holds');
is($edge->verdict('{"sub":"alice"}'), 'sub', 'nothing else has changed');
is($edge->verdict('{"sub":"bob"}'), '', 'at all');

reload('rack', 'device');
is(reread(), 1, 'their order does not matter');
is($edge->verdict('x', @tv), 'attr.device', 'the rule is there');

reload('rack', 'device', 'third');
is(reread(), 2, 'one more is other attributes');
ok(wait_for(sub { $edge->verdict('x', @tv) eq 'attr.device' }), 'with it');

reload();
is(reread(), 3, 'and none at all, too');
ok(wait_for(sub { $edge->verdict('{"device":"tv"}') eq 'device' }),
   'it is a claim again');
is($edge->verdict('x', @tv), '', 'there are no attributes');

$edge->apply('third x before always');
is($edge->verdict('{"third":"x"}'), 'third', 'what comes now is a claim');
is($edge->verdict('{"sub":"alice"}'), 'sub', 'and the rest is as it was');

$edge->nginx->finish;


# Issue times and leeway.

$edge = TokenRevoke::Edge->new(
    http => <<'_EOC_',
    map $http_authorization $by_prefix {
        ~old_       1487894400;
        ~new_       1487894401;
        ~ms_        1487894400999;
        ~late_      1487894401000;
        ~fraction_  1487894400.9;
        ~newer_     1487894401.5;
        ~empty_     "";
        ~word_      tomorrow;
        ~mixed_     1487894401x;
        ~hex_       0x7fffffff;
        ~signed_    -5;
        ~years_     99999999999;
        default     none;
    }

    map $token_revoke_claim_nbf $mapped {
        ~^(?<nbf>\d+)$  $nbf;
    }
_EOC_
    server => join("\n",
        location('/nbf', 'token_revoke_issued_at $token_revoke_claim_nbf;'),
        location('/map', 'token_revoke_issued_at $by_prefix;'),
        location('/mapped', 'token_revoke_issued_at $mapped;'),
        location('/fixed', 'token_revoke_issued_at 1487894401;'),
        location('/none', 'token_revoke_issued_at "";'),
        location('/leeway', 'token_revoke_leeway 30s;'),
        location('/half', 'token_revoke_leeway 500ms;'),
        location('/day', 'token_revoke_leeway 1d;'),
        location('/nbf-leeway', 'token_revoke_leeway 30s;'
                 . 'token_revoke_issued_at $token_revoke_claim_nbf;')),
    )->start;

$edge->apply("all 1 before $t");

my $after = $t + 1;

for my $case (
    ['/nbf', qq({"nbf":$t}), 'all'], ['/nbf', qq({"nbf":$after}), ''],
    ['/nbf', qq({"nbf":${t}999}), 'all'], ['/nbf', qq({"nbf":${after}000}), ''],
    ['/nbf', qq({"nbf":"$after"}), ''], ['/nbf', qq({"nbf":[$after,1]}), ''],
    ['/nbf', qq({"iat":$t,"nbf":$after}), 'all'],
    ['/nbf', qq({"iat":$after,"nbf":$t}), ''],
    ['/nbf', qq({"iat":"x","nbf":$after}), ''],
    ['/nbf', qq({"iat":null,"nbf":$t}), 'all'],
    ['/nbf', qq({"iat":@{[ $day + 900 ]},"nbf":$after}), ''],
    ['/nbf', qq({"iat":@{[ $day + 900 ]},"nbf":$t}), 'all'],
    ['/nbf', '{"nbf":"soon"}', 'all (no iat)'],
    ['/nbf', '{"nbf":null}', 'all (no iat)'], ['/nbf', '{}', 'all (no iat)'],
    ['/nbf', qq({"nbf":@{[ $day + 900 ]}}), 'all (no iat)'],
    ['/nbf', qq({"nbf":@{[ $day - 900 ]}}), ''],
    ['/nbf', 'opaque', 'all (no iat)'],
    ['/mapped', qq({"nbf":$t}), 'all'], ['/mapped', qq({"nbf":$after}), ''],
    ['/mapped', '{}', 'all (no iat)'],
    ['/map', 'old_1', 'all'], ['/map', 'new_1', ''], ['/map', 'ms_1', 'all'],
    ['/map', 'late_1', ''], ['/map', 'fraction_1', 'all'],
    ['/map', 'newer_1', ''], ['/map', 'empty_1', 'all (no iat)'],
    ['/map', 'word_1', 'all (no iat)'], ['/map', 'mixed_1', 'all (no iat)'],
    ['/map', 'hex_1', 'all (no iat)'], ['/map', 'years_1', 'all (no iat)'],
    ['/map', 'other', 'all (no iat)'],
    ['/fixed', 'opaque', ''], ['/fixed', '{}', ''],
    ['/fixed', qq({"iat":$t}), 'all'],
    ['/none', 'opaque', 'all (no iat)'], ['/none', qq({"iat":$after}), ''],
    ['/', 'new_1', 'all (no iat)'], ['/', qq({"nbf":$after}), 'all (no iat)'],
    ['/leeway', qq({"iat":@{[ $t + 30 ]}}), 'all'],
    ['/leeway', qq({"iat":@{[ $t + 31 ]}}), ''],
    ['/leeway', qq({"iat":$t}), 'all'], ['/leeway', 'x', 'all (no iat)'],
    ['/half', qq({"iat":$after}), 'all'],
    ['/half', qq({"iat":@{[ $t + 2 ]}}), ''],
    ['/day', qq({"iat":@{[ $t + 86400 ]}}), 'all'],
    ['/day', qq({"iat":@{[ $t + 86401 ]}}), ''],
    ['/nbf-leeway', qq({"nbf":@{[ $t + 30 ]}}), 'all'],
    ['/nbf-leeway', qq({"nbf":@{[ $t + 31 ]}}), ''],
    ['/', qq({"iat":$after}), ''])
{
    my ($uri, $token, $expected) = @$case;

    is($edge->verdict($token, $uri), $expected, "$uri: $token");
}

# each token has its own

my ($old, $new) = (qq({"nbf":$t}), qq({"nbf":$after}));

for my $uri ('/nbf', '/mapped') {
    for my $case ([$old, $new, 'all'], [$new, $old, 'all'], [$new, $new, ''],
                  [$new, '{}', 'all (no iat)'])
    {
        is($edge->verdict({ Authorization => $case->[0],
                            'X-Other' => $case->[1] }, $uri),
           $case->[2], "$uri: $case->[0] and $case->[1]");
    }
}

$edge->nginx->finish;


# Names that an attribute cannot have.

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket);

sub accepted {
    my ($name) = @_;

    $nginx->set(server => "token_revoke_attribute \"$name\" \$host;");
    return $nginx->test_config ? 1 : 0;
}

my @fields = qw(token all before until ttl action reason by ack kid alg typ);
my @registered = qw(iss sub aud exp nbf iat jti name email azp nonce auth_time
                    at_hash acr amr sid cnf act scope client_id may_act roles
                    groups entitlements events phone_number address);

is(accepted($_), 0, "not as a name: \"$_\"")
    for @fields, @registered, '', '.', 'a.b', 'attr.x', 'claim.x', '.x', 'x.',
        'n' x 257;

is(accepted($_), 1, "as a name: \"$_\"")
    for qw(host device ip x Sub subject tok claim attr header _ 1), 'n' x 256,
        'with blank', "zo\xc3\xab";

done_testing();
