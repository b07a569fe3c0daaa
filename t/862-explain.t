#!/usr/bin/env perl

# token-revoke explain: what is printed.  Kills: a token on the command line, a
# rule that is left out or shown though it was lifted, control bytes that reach
# the terminal.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Nginx qw(temp_dir start_redis new_redis);
use TokenRevoke::Token;

my $redis = start_redis();
my $dir = temp_dir();
my $command = TokenRevoke::Command->new(redis => $redis, dir => $dir);

my $now = time;
my $token = jws(qq({"sub":"al\\u0069ce","aud":["forum","shop"],"iat":$now,)
                . qq("realm":{"roles":["admin"]},"exp":1487894400}),
                '{"alg":"HS256","kid":"key-1"}');


sub explained {
    my ($token, @options) = @_;

    my $r = $command->run('explain', @options, { stdin => "$token\n" });

    is($r->{status}, 0, "explain @options");
    is($r->{err}, '', 'nothing is wrong');

    return $r->{out};
}


sub json_of { JSON::PP::decode_json(explained(@_, '--json')) }
sub add { $redis->cmd('XADD', 'revoked', '*', @_) }


# a token, and no rule

my $out = explained($token);

like($out, qr/^kind +a signed JWT; its signature is not checked/m, 'kind');
like($out, qr/^identity +@{[ identity($token) ]}$/m, 'identity');
like($out, qr/^or +@{[ sha256_hex($token) ]}$/m, 'and the other one');
like($out, qr/^header +alg  "HS256"\n +kid  "key-1"$/m, 'header');
like($out, qr/^claims +sub  "alice"\n +aud  \["forum","shop"\]\n/m, 'claims');
like($out, qr/^ +realm  \{"roles":\["admin"\]\}$/m, 'nested ones');
like($out, qr/^issued +20\d\d-\d\d-\d\d .*UTC$/m, 'issue time');
like($out, qr/^expired +2017-02-24 00:00:00 UTC$/m, 'end');
like($out, qr/^verdict +passes/m, 'no rule refuses it');

my $json = json_of($token);

is_deeply([@$json{qw(kind identity others issued expires verdict rules)}],
          ['jws', identity($token), [sha256_hex($token)], $now, 1487894400,
           'passes', []], 'the same in JSON');
is($json->{claims}{sub}, 'alice', 'with the claims');
is($json->{header}{kid}, 'key-1', 'and the header');


# rules

my @ids = (
    add('sub', 'alice', 'reason', "she \e[31mcalled", 'by', 'bob'),
    add('aud', 'shop', 'aud', 'other', 'before', 1487894400),
    add('realm.roles', 'admin', 'until', $now + 600),
    add('sub', 'eve'),
    add('token', identity($token), 'token', 'f' x 64, 'reason', 'leaked'),
    add('claim.sub', 'bob', 'sub', 'carol'),
    add('kid', 'key-1', 'sub', 'alice', 'before', 'always'),
);

$out = explained($token);

for my $case (
    [0, qr/sub alice\n +issued until .* UTC\n +reason "she .*x1b.*"\n +by bob/],
    [1, qr/aud shop\n +issued until 2017-.*; this token was issued later/],
    [2, qr/realm\.roles admin\n +issued until .*, until 20/],
    [4, qr/token @{[ identity($token) ]}\n +whenever .*\n +reason "leaked"/],
    [6, qr/kid key-1 sub alice\n +whenever issued/],
) {
    my ($i, $text) = @$case;
    like($out, qr/^ +$ids[$i]  $text/m, "rule $i");
}

unlike($out, qr/$ids[$_]/, "not rule $_") for 3, 5;
unlike($out, qr/\e/, 'no control byte');
like($out, qr/^verdict +refused now, by token$/m, 'it is refused');

$json = json_of($token);

is_deeply([map { $_->{id} } @{ $json->{rules} }], [@ids[0, 1, 2, 4, 6]],
          'the same in JSON');
is_deeply([map { $_->{refuses} ? 1 : 0 } @{ $json->{rules} }],
          [1, 0, 1, 1, 1], 'which of them refuse');
is($json->{verdict}, 'refused', 'the verdict');
is($json->{match}, 'token', 'and what it is by');
is($json->{rules}[0]{reason}, "she \e[31mcalled", 'whose reason');


# what does not hold any more

add('token', identity($token), 'action', 'restore');
add('sub', 'alice', 'action', 'restore');
add('realm.roles', 'admin', 'action', 'restore');
add('sub', 'alice', 'kid', 'key-1', 'action', 'restore');
add('sub', 'alice', 'until', $now - 60, 'reason', 'over');

$out = explained($token);
like($out, qr/^verdict +passes/m, 'restored');
unlike($out, qr/$ids[$_]/, 'and not shown') for 0, 2, 4, 6;

$out = explained($token, '--all');
like($out, qr/^verdict +passes/m, 'restored');
like($out, qr/^ +$ids[4]  token .*\n.*; restored$/m, 'shown and marked');
is_deeply([map { $_->{state} } grep { $_->{id} eq $ids[4] }
               @{ json_of($token, '--all')->{rules} }], ['restored'], 'JSON');


# attributes

my $id = add('attr.device', 'tv', 'sub', 'alice', 'before', 'always');

is(json_of($token)->{verdict}, 'depends', 'an attribute that was not given');
like(explained($token), qr/^verdict +depends on attributes.*--attribute/m,
     'says so');
is(json_of($token, '--attribute', 'device=tv')->{verdict}, 'refused', 'given');
is(json_of($token, '--attribute', 'device=tv')->{match}, 'sub+attr.device',
   'and what it is by');
is(json_of($token, '--attribute', 'device=pc')->{verdict}, 'passes',
   'another value');
is(json_of($token, '--attribute', 'device=')->{verdict}, 'passes', 'empty');

add('device', 'radio', 'before', 'always');
is(json_of('opaque')->{verdict}, 'passes', 'a bare name is a claim');
is(json_of('opaque', '--attribute', 'device=radio')->{verdict}, 'refused',
   'unless there is an attribute of that name');


# other tokens

$out = explained("  Bearer abc \r");
like($out, qr/^kind +opaque/m, 'opaque');
like($out, qr/^identity +@{[ sha256_hex('abc') ]}$/m, 'without what is around');
like($out, qr/^issued +not known/m, 'without issue time');

$out = explained(join '.', map { encode_base64url($_) }
                         '{"alg":"dir","enc":"x"}', '', 'a', 'b', 'c');
like($out, qr/^kind +an encrypted JWT/m, 'JWE');
like($out, qr/^header +alg  "dir"\n +enc  "x"$/m, 'its header');
unlike($out, qr/^claims/m, 'and no claims');

$out = explained(encode_base64url('{"alg":"x"}') . '.'
               . encode_base64url("{\"sub\":\"\e[2J\"") . '.x');
like($out, qr/^claims +cannot be read as JSON: "\{/m, 'claims that are cut');
like($out, qr/^verdict +cannot be compared with all rules/m, 'the verdict');
unlike($out, qr/\e/, 'no control byte');

$out = explained(jws("{\"a\":\"\xff\xc2\x9b\\u001b[2J\",\"\\u001b\":1,"
                     . "\"n\":1e400,"
                   . "\"d\":1,\"d\":{\"x\":\"\e\"}}"));
unlike($out, qr/[\x00-\x09\x0b-\x1f\x7f-\xff]/, 'nor in odd claims');
like($out, qr/^ +n  1e400\n +d  1\n +d  \{/m, 'all members are shown');
is(ref json_of(jws('{"d":1,"d":2}'))->{claims}, '', 'JSON: a string then');

like(explained(jws('{}')), qr/^claims +empty$/m, 'no claims');
is(json_of('abc', '--issued-at', 1487894400)->{issued}, 1487894400,
   '--issued-at');


# more values than an edge compares

my $crowd = jws('{"group":[' . join(',', map { qq("g$_") } 1 .. 99) . ']}');

add('group', 'other', 'before', 'always');
is(json_of($crowd)->{verdict}, 'unreadable', 'too many values for a rule');

add('group', 'other', 'action', 'restore');
is(json_of($crowd)->{verdict}, 'passes', 'which is of no matter when restored');


# wrong usage, and no Redis

for my $case (
    [2, qr/list of processes/, $token],
    [2, qr/list of processes/, '--', $token],
    [2, qr/no such option/, "--$token"],
    [2, qr/NAME=VALUE/, '--attribute', 'device'],
    [2, qr/--leeway is a time/, '--leeway', 'x'],
    [2, qr/--issued-at is a time/, '--issued-at', 'x'],
) {
    my ($status, $says, @options) = @$case;
    my $r = $command->run('explain', @options, { stdin => "abc\n" });

    is($r->{status}, $status, $says);
    like($r->{err}, $says, 'says so');
    unlike("$r->{out}$r->{err}", qr/\Q$token\E/, 'and does not repeat it');
}

my $r = $command->run('explain', { stdin => " \n\n" });
is($r->{status}, 1, 'no token');
like($r->{err}, qr/no token on standard input/, 'says so');

$r = $command->run('explain', { stdin => "\nabc\ndef\n" });
is($r->{status}, 0, 'two tokens');
like($r->{out}, qr/@{[ sha256_hex('abc') ]}/, 'the first one is explained');
like($r->{err}, qr/one token at a time/, 'and it is said');

$r = TokenRevoke::Command->new(redis => new_redis(), dir => $dir)
    ->run('explain', { stdin => "abc\n" });
is($r->{status}, 1, 'no Redis');
like($r->{out}, qr/^identity +@{[ sha256_hex('abc') ]}/m,
     'what it is needs none');
like($r->{err}, qr/\A[^\n]*whether the token is refused is not known[^\n]*\n\z/,
     'the rest is said to be missing');

$r = $command->run('explain', '--log', 'nothing', { stdin => "abc\n" });
is($r->{status}, 0, 'no log');
like($r->{out}, qr/^verdict +passes/m, 'no rule');

# a pipe that stays open

pipe my $read, my $write or die "pipe: $!\n";
my $open = $command->start('explain', { stdin => $read });

$write->autoflush;
print $write "abc\n";
$r = $open->wait;
close $write;

is($r->{signal}, 0, 'the end of the pipe is not waited for');
like($r->{out}, qr/@{[ sha256_hex('abc') ]}/, 'the token is explained');


# a terminal

my $p = $command->terminal('explain');
ok($p->expect(qr/One token, then Enter:/), 'there is a prompt');
$p->type("abc\n");
$r = $p->wait;
like($r->{out}, qr/@{[ sha256_hex('abc') ]}/, 'and an answer');

done_testing();
