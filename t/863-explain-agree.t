#!/usr/bin/env perl

# What token-revoke explain says of a token, the edge does: a table of entries
# and tokens, each of them asked of both.  Kills: another idea of arrays, ANDs,
# ORs, cut-offs, issue times, header parameters, identities, or of what wins.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Edge qw(token_of);
use TokenRevoke::Nginx qw(temp_dir);
use TokenRevoke::Token;

my $now = time;
my $old = $now - 1000;

my $edge = TokenRevoke::Edge->new(location => <<'_EOC_')->start;
    token_revoke_from bearer;
    token_revoke_attribute device tv-1;
    token_revoke_attribute nothing "";
    token_revoke_leeway 30s;
_EOC_

# hundreds of times: the build without sanitizers is quicker

my $command = TokenRevoke::Command->new(
    redis => $edge->redis, dir => temp_dir(), binary => 'build/token-revoke');
my @request = qw(--attribute device=tv-1 --attribute nothing= --leeway 30s);

my $many = join ',', map { qq("g$_") } 1 .. 80;
my $huge = join ',', map { qq("g$_") } 1 .. 99;
my $hash = sha256_hex('some');

my %tokens = (
    opaque    => 'opaque-token',
    hash      => $hash,
    capitals  => uc $hash,
    alice     => qq({"sub":"alice","iat":$now}),
    old       => qq({"sub":"alice","iat":$old}),
    undated   => '{"sub":"alice"}',
    text      => '{"sub":"alice","iat":"x"}',
    two       => qq({"sub":"alice","iat":$now,"iat":$old}),
    future    => qq({"sub":"alice","iat":99999999999}),
    ms        => qq({"sub":"alice","iat":${old}999}),
    fraction  => qq({"sub":"alice","iat":$old.9}),
    aud       => qq({"sub":["alice","bob"],"aud":["a","b"],"iat":$old}),
    numbers   => qq({"sub":10.0,"n":true,"m":null,"o":{},"iat":$old}),
    nested    => qq({"r":{"x":["admin"]},"r.y":"z","iat":$old}),
    twice     => qq({"sub":"bob","sub":"alice","iat":$old}),
    kid       => [qq({"sub":"eve","iat":$now}), '{"alg":"x","kid":"k1"}'],
    kidclaim  => qq({"kid":"k1","alg":"none","iat":$old}),
    device    => qq({"device":"tv-9","iat":$old}),
    surrogate => qq({"sub":"alice","name":"\\ud83d","iat":$old}),
    broken    => qq({"sub":"alice","iat":$old),
    many      => qq({"sub":"alice","groups":[$many],"iat":$old}),
    huge      => qq({"groups":[$huge],"sub":"alice","iat":$old}),
    jwe       => join('.', map { encode_base64url($_) }
                           '{"alg":"dir","enc":"x","kid":"k1"}', qw(a b c d)),
);

my $alice = token_of($tokens{alice});
my $short = $old + 990;

my @logs = (
    ['sub alice'],
    ["sub alice before $old"],
    ["sub alice before @{[ $old - 29 ]}"],
    ["sub alice before @{[ $old - 31 ]}"],
    ['sub alice before always'],
    ['claim.sub alice claim.iat ' . $now],
    ["sub alice sub bob aud b before $old"],
    ['sub 10', 'n true', 'm null'],
    ['r.x admin before always'],
    ['r.y z'],
    ['kid k1'],
    ['header.kid k1 claim.sub eve'],
    ['claim.kid k1 header.alg x', 'claim.alg none'],
    ['device tv-1'],
    ['device tv-1 sub alice before always'],
    ['claim.device tv-9'],
    ['device tv-9 before always', 'attr.nothing x', 'nothing x'],
    ["all 1 before $short"],
    ['all 1 sub alice'],
    ["token $hash"],
    ['token ' . sha256_hex($alice), 'token opaque-token'],
    ['token ' . identity($alice) . " before $old"],
    ['token ' . identity($alice) . ' sub alice'],
    ['token ' . identity($alice) . ' sub eve'],
    ["sub alice before $old", "sub alice before $now", 'sub alice before 5'],
    ['sub alice', 'sub alice before always', 'sub alice action restore'],
    ['sub alice sub bob', 'sub alice action restore'],
    ['sub alice', "sub alice before 5 until @{[ $now + 900 ]}"],
    ["sub alice until @{[ $now - 900 ]}"],
    ['sub alice ttl 1000', 'sub bob before nonsense'],
    ['sub alice action nonsense', 'claim. x'],
    ['groups g90 before always'],
    ['groups g1 groups g2 sub alice'],
);

# the edge forgets a kind of rule some time after its last rule: these stay

$edge->apply('claim.stays x before always', 'header.stays x before always');

my $asked = 0;

for my $entries (@logs) {

    my @ids = $edge->apply(@$entries);
    my @differ;

    my %running = map { $_ => start($tokens{$_}) } sort keys %tokens;

    for my $name (sort keys %tokens) {
        my $verdict = $edge->verdict(token_of($tokens{$name}));
        my $said = said($running{$name});

        push @differ, "$name: edge '$verdict', explain '$said'"
            if $verdict ne $said;

        $asked++;
    }

    is(join("\n", @differ), '', join ' | ', @$entries);

    $edge->restore(grep { !/nonsense|claim\. x/ } @$entries);
}

cmp_ok($asked, '>', 700, 'many pairs');

# an error log without alerts: the edge has refused two entries

$edge->nginx->finish(qr/is not applied|refuses|has an/);

done_testing();


sub start {
    my ($token) = @_;

    return $command->start('explain', '--json', @request,
                           { stdin => token_of($token) . "\n" });
}


# as Edge's verdict() has it

sub said {
    my ($process) = @_;

    my $r = $process->wait;

    return "status $r->{status}: $r->{err}" if $r->{status} != 0;

    my $json = JSON::PP::decode_json($r->{out});

    return $json->{match} if $json->{verdict} eq 'refused';
    return '' if $json->{verdict} eq 'passes';
    return '503 MALFORMED' if $json->{verdict} eq 'unreadable';
    return $json->{verdict};
}
