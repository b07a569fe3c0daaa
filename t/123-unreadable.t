# Users choose what their claims say, and issuers sign it: what common
# verifiers accept matches as it should, and of what cannot be read nobody says
# that it is not revoked.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use Test::More;

use TokenRevoke::Edge qw(token_of);
use TokenRevoke::Nginx qw(wait_for);
use TokenRevoke::Token;

my $always = 'before always';

my $edge = TokenRevoke::Edge->new(
    http => 'large_client_header_buffers 4 64k;'
            . 'token_revoke_attribute device $http_x_device;',
    server => join("\n", map { <<"_EOC_" }
        location = /$_->[0] {
            token_revoke zone=edge;
            $_->[1]
            add_header X-Status \$token_revoke_status always;
            add_header X-Match "\$token_revoke_match" always;
            empty_gif;
        }
_EOC_
        ['allow', 'token_revoke_on_error allow;'],
        ['dry', 'token_revoke_dry_run on;'],
        ['dry-allow', 'token_revoke_dry_run on; token_revoke_on_error allow;'],
    ))->start;


sub long { my ($n) = @_; return '7' x $n }

# read by verifiers, and so by us: [what, payload, name, value, ...]; a value
# that must not match has undef before its name

my @readable = (
    ['half a surrogate pair', '{"sub":"alice","name":"a\ud83d"}',
     sub => 'alice', name => "a\xef\xbf\xbd", undef, name => 'a'],
    ['the other half', '{"sub":"alice","name":"\ude00a"}',
     sub => 'alice', name => "\xef\xbf\xbda"],
    ['the halves the wrong way round', '{"name":"\ude00\ud83d"}',
     name => "\xef\xbf\xbd\xef\xbf\xbd", undef, name => "\xf0\x9f\x98\x80"],
    ['half a pair before an escape', '{"name":"\ud83d\n"}',
     name => "\xef\xbf\xbd\n"],
    ['half a pair in a name', '{"a\ud83d":"x","sub":"alice"}',
     sub => 'alice', "a\xef\xbf\xbd" => 'x'],
    ['a number beyond doubles', '{"sub":"alice","x":1e400,"y":-1e400}',
     sub => 'alice', undef, y => '0'],
    ['a number below doubles', '{"sub":"alice","x":1e-400}',
     sub => 'alice', undef, x => '1'],
    ['an exponent beyond reason', '{"sub":"alice","x":1e99999999999999999999}',
     sub => 'alice', undef, x => '1'],
    ['400 digits', '{"sub":"alice","x":' . long(400) . '}',
     sub => 'alice', x => long(400), undef, x => long(399)],
    ['4,000 digits', '{"sub":"alice","x":' . long(4000) . '}',
     sub => 'alice', undef, x => long(400)],
    ['64 bits and one', '{"x":18446744073709551616,"y":-9223372036854775809}',
     x => '18446744073709551616', y => '-9223372036854775809',
     undef, x => '18446744073709551615', undef, x => '0'],
    ['NUL', '{"sub":"alice","name":"a\u0000b"}',
     sub => 'alice', name => "a\0b", undef, name => 'a'],
    ['NUL in a name', '{"su\u0000b":"bob","sub":"alice"}',
     sub => 'alice', "su\0b" => 'bob', undef, sub => 'bob'],
    ['a name twice', '{"sub":"alice","sub":"bob"}',
     sub => 'alice', sub => 'bob', undef, sub => 'carol'],
    ['a name twice, spelled in two ways', '{"sub":"alice","\u0073ub":"bob"}',
     sub => 'alice', sub => 'bob'],
    ['a name twice, once with null', '{"sub":"alice","sub":null}',
     sub => 'alice'],
    ['an object twice', '{"a":{"b":"x"},"a":{"b":"y"},"a":1}',
     'a.b' => 'x', 'a.b' => 'y', a => '1'],
    ['1,000 arrays', '{"x":' . '[' x 1000 . ']' x 1000 . ',"sub":"alice"}',
     sub => 'alice'],
    ['10,000 arrays', '{"x":' . '[' x 10000 . ']' x 10000 . ',"sub":"alice"}',
     sub => 'alice'],
    ['3,000 objects',
     '{"x":' . '{"y":' x 3000 . '1' . '}' x 3000 . ',"sub":"alice"}',
     sub => 'alice'],
    ['bytes that are not UTF-8', "{\"sub\":\"alice\",\"name\":\"\xff\xc0\"}",
     sub => 'alice'],
    ['a surrogate in bytes', "{\"sub\":\"alice\",\"name\":\"\xed\xa0\xbd\"}",
     sub => 'alice'],
    ['a byte order mark', ["\xef\xbb\xbf{\"sub\":\"alice\"}"], sub => 'alice'],
    ['white space', [" \t\r\n{ \"sub\"\t:\r\n\"alice\" } \n"],
     sub => 'alice'],
    ['as Python writes it', '{"x":NaN,"y":[Infinity,-Infinity],"sub":"alice"}',
     sub => 'alice', undef, x => 'NaN', undef, y => 'Infinity'],
    ['a large claim', '{"x":"' . 'y' x 20000 . '","sub":"alice"}',
     sub => 'alice'],
    ['many claims',
     '{' . join('', map { "\"c$_\":$_," } 1 .. 2000) . '"sub":"alice"}',
     sub => 'alice', c1 => '1', c2000 => '2000', undef, c2 => '1'],
    ['a large array', '{"aud":[' . join(',', map { "\"a$_\"" } 1 .. 60)
     . '],"sub":"alice"}',
     sub => 'alice', aud => 'a1', aud => 'a60', undef, aud => 'a61'],
    ['an empty name', '{"":"x","sub":"alice"}', sub => 'alice'],
);

for my $case (@readable) {
    my ($what, $payload, @pairs) = @$case;

    subtest $what => sub {
        while (defined(my $name = shift @pairs) || @pairs) {
            my $miss = !defined $name;
            $name = shift @pairs if $miss;

            my $value = shift @pairs;
            my $entry = [$name => $value, before => 'always'];

            $edge->apply($entry);

            my $verdict = $edge->verdict($payload);

            # a name can have bytes that no header field has

            $miss ? is($verdict, '', 'another value passes')
                  : ok($verdict ne '' && $verdict !~ /^[1-5]\d\d /,
                       'is refused by it') || diag($verdict);

            $edge->restore($entry);
            is($edge->verdict($payload), '', 'restored');
        }
    };
}


# Tokens that were made by libraries, and what these say of them.

sub fixtures {
    open my $in, '<', 't/fixtures/tokens.json' or die "tokens.json: $!\n";
    local $/;
    return JSON::PP->new->utf8->decode(scalar <$in>);
}

sub bytes { my ($text) = @_; utf8::encode($text); return $text }

my $fixtures = fixtures();

cmp_ok(@$fixtures, '>', 0, 'there are tokens');

for my $f (@$fixtures) {
    subtest "a fixture: $f->{name}" => sub {
        my $token = bytes($f->{token});

        for my $pair (@{ $f->{match} }) {
            my $entry = [(map { bytes($_) } @$pair), before => 'always'];

            $edge->apply($entry);
            like($edge->verdict($token), qr/^(?!$|[1-5]\d\d )/,
                 'refused by ' . bytes($pair->[0]));
            $edge->restore($entry);
        }

        my @misses = map { [(map { bytes($_) } @$_), before => 'always'] }
            @{ $f->{miss} };

        $edge->apply(@misses, 'never here before always');
        is($edge->verdict($token), $f->{unreadable} ? '503 MALFORMED' : '',
           'not by what it has not');
        $edge->restore(@misses, 'never here');

        my $issued = $f->{issued};
        my $cutoff = $issued // 0;

        $edge->apply("all 1 before $cutoff");
        is($edge->verdict($token), defined $issued ? 'all' : 'all (no iat)',
           'its issue time');
        $edge->restore('all 1');

        if (defined $issued) {
            $edge->apply('all 1 before ' . ($issued - 1));
            is($edge->verdict($token), '', 'and no earlier one');
            $edge->restore('all 1');
        }
    };
}

$edge->nginx->finish;


# What no verifier reads, or not all in the same way: payload, or token.

sub part { my ($part) = @_; return token_of('{}') =~ s/\.[^.]*/.$part/r }

my $payload = encode_base64url('{"sub":"bob"}');

my %unreadable = (
    'cut off' => '{"sub":"bob"',
    'cut off in a string' => '{"sub":"bo',
    'cut off in an escape' => '{"sub":"bob\u00',
    'cut off behind a name' => '{"sub":',
    'not closed' => '{"sub":"bob","x":[1}',
    'nothing at all' => part(''),
    'a string' => part(encode_base64url('"bob"')),
    'a number' => part(encode_base64url('7')),
    'null' => part(encode_base64url('null')),
    'an array' => part(encode_base64url('[{"sub":"bob"}]')),
    'an empty array' => part(encode_base64url('[]')),
    'words' => part(encode_base64url('sub bob')),
    'bytes' => part(encode_base64url("\x00\xff\x80")),
    'more behind it' => '{"sub":"bob"} x',
    'two objects' => '{"sub":"bob"}{"sub":"carol"}',
    'NUL behind it' => "{\"sub\":\"bob\"}\0",
    'a raw line break' => "{\"sub\":\"b\nob\"}",
    'a raw NUL' => "{\"sub\":\"bob\0\"}",
    'an unknown escape' => '{"sub":"b\xob"}',
    'other quotes' => "{'sub':'bob'}",
    'no quotes' => '{sub:"bob"}',
    'a comment' => '{/* x */"sub":"bob"}',
    'a comma too many' => '{"sub":"bob",}',
    'a comma too few' => '{"sub":"bob" "x":1}',
    'a number that is none' => '{"sub":"bob","x":0x10}',
    'a leading nought' => '{"sub":"bob","x":010}',
    'UTF-16' => part(encode_base64url("{\0\"\0s\0\"\0:\x001\0}\0")),
    'no base64' => part('!!!!'),
    'one character' => part('e'),
    'padding in the middle' => part(substr($payload, 0, 6) . '=='
                                    . substr($payload, 6)),
    'too many values' =>
        '{"sub":[' . join(',', map { "\"s$_\"" } 1 .. 2000) . ']}',
    'too many values of a name' =>
        '{' . join(',', map { "\"sub\":\"s$_\"" } 1 .. 2000) . '}',
);

# nothing but attributes and tokens in the log, so far

$edge = TokenRevoke::Edge->new(
    http => $edge->nginx->{http}, server => $edge->nginx->{server})->start;

my @names = sort keys %unreadable;


sub all_are {
    my ($expected, $what, @uri) = @_;

    my @other = grep {
        $edge->verdict($unreadable{$_}, @uri) ne $expected
    } @names;

    is(join(', ', @other), '', $what);
}


all_are('', 'no rules: they pass');

$edge->apply('token other', 'device tv before always',
             'token another device car');
all_are('', 'no rules on claims: they pass');
all_are('attr.device', 'unless a rule on attributes matches', '/',
        'X-Device: tv');

my $hash = identity(token_of($unreadable{'cut off'}));

$edge->apply([token => $hash]);
is($edge->verdict($unreadable{'cut off'}), 'token', 'or one on the token');
$edge->restore([token => $hash]);

$edge->apply("all 1 $always");
all_are('all', 'or one on all tokens');
$edge->restore('all 1');
$edge->apply('all 1 before 5');
is($edge->verdict($unreadable{'cut off'}), 'all (no iat)',
   'whose issue time is not known');
$edge->restore('all 1');

$edge->apply('sub alice iss i before 5');

all_are('503 MALFORMED', 'a rule on claims: nobody knows');
all_are('200 MALFORMED', 'token_revoke_on_error allow', '/allow');
all_are('200 MALFORMED', 'a dry run', '/dry');
all_are('200 MALFORMED', 'a dry run that allows', '/dry-allow');

my $answer = $edge->get($unreadable{'cut off'});
like($answer, qr/^Retry-After: \d+\r$/m, 'the client is told to come again');
unlike($answer, qr/^WWW-Authenticate/m, 'and not to get another token');

is($edge->verdict('{"sub":"alice"}'), '', 'others pass');
is($edge->verdict('opaque'), '', 'opaque ones');
is($edge->verdict('opaque.with.dots'), '', 'with dots, too');
is($edge->verdict(['{"sub":"alice","iss":"i"', '{"typ":"JWT"}']), '',
   'a header without alg');
is($edge->verdict(['{"sub":"alice","iss":"i"', '{"alg":256}']), '',
   'or with an alg that is no string');
is($edge->verdict(undef), '200 NONE', 'no token');

$edge->apply([token => $hash]);

for my $case (['/', 'token'], ['/allow', 'token'], ['/dry', '200 token']) {
    is($edge->verdict($unreadable{'cut off'}, $case->[0]), $case->[1],
       "$case->[0]: one that is revoked is refused as such");
}

$edge->restore([token => $hash]);
all_are('attr.device', 'or by an attribute', '/', 'X-Device: tv');

$edge->apply("kid k1");
is($edge->verdict(['{"sub":', '{"alg":"HS256","kid":"k1"}']), 'kid',
   'a rule on the header matches');
is($edge->verdict(['{"sub":', '{"alg":"HS256","kid":"k2"}']), '503 MALFORMED',
   'and another one does not');
$edge->restore('kid k1');

# it ends with the last rule on claims

$edge->restore('sub alice iss i');
ok(wait_for(sub { $edge->verdict($unreadable{'cut off'}) eq '' }, 20),
   'without rules on claims they pass again');
all_are('', 'all of them');

# too many combinations, though not too many values

$edge->apply("aud a aud2 b $always");

my $crowd = '{"aud":[' . join(',', map { "\"x$_\"" } 1 .. 40) . '],"aud2":['
    . join(',', map { "\"y$_\"" } 1 .. 40) . ']}';

is($edge->verdict($crowd), '503 MALFORMED', 'too many combinations');
is($edge->verdict($crowd, '/allow'), '200 MALFORMED', 'are left to on_error');

$edge->apply('token ' . identity(token_of($crowd)));
is($edge->verdict($crowd), 'token', 'but known rules refuse');

$edge->nginx->finish;

done_testing();
