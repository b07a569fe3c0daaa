#!/usr/bin/env perl

# token-revoke add, restore and accept: what the operator says is what is in
# the log, what is likely to be a mistake is said, and a token never leaves.
# Kills: a cut-off that is left to Redis's clock, "always" lost for a token, a
# log that is made without being asked for, a raw token in the log, a question
# that is taken for answered, a restore that lifts more than it says.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Nginx qw(temp_dir start_redis);
use TokenRevoke::Token;

my $redis = start_redis();
my $dir = temp_dir();
my $command = TokenRevoke::Command->new(redis => $redis, dir => $dir);

my $logs = 0;


# Runs a command on a log of its own (or that of --log): the outcome, with the
# fields of the last entry.

sub run_on {
    my ($log, $name, @args) = @_;

    my $r = $command->run($name, '--log', $log, @args);
    my ($last) = @{ $redis->cmd('XREVRANGE', $log, '+', '-', 'COUNT', 1) };

    $r->{fields} = $last ? $last->[1] : [];

    return $r;
}

sub add { run_on('log' . ++$logs, 'add', '--create', @_) }

sub field {
    my ($r, $name) = @_;

    my @values;

    for (my $i = 0; $i < @{ $r->{fields} }; $i += 2) {
        push @values, $r->{fields}[$i + 1] if $r->{fields}[$i] eq $name;
    }

    return join ' ', @values;
}


# what is written

{
    my $from = time;
    my $r = add('sub', 'alice', '--reason', 'password reset');
    my $to = time;

    is($r->{status}, 0, 'a user is revoked');
    is(field($r, 'sub'), 'alice', 'by name');
    is(field($r, 'reason'), 'password reset', 'with the reason');
    like(field($r, 'by'), qr/^[^@]+\@./, 'and who it was');
    ok(field($r, 'before') >= $from && field($r, 'before') <= $to,
       'the cut-off is written, from the clock of this side');
    like($r->{out}, qr/^revoked sub alice, issued until \d{4}-.* UTC \(entry /,
         'and said');
    is($r->{err}, '', 'nothing else is said');
}

for (['jti', 'abc'], ['sid', 'abc'], ['kid', 'key-1'], ['claim.jti', 'abc'],
     ['token', sha256_hex('x')])
{
    is(field(add(@$_), 'before'), 'always', "$_->[0] is refused for ever");
}

is(field(add('sub', 'a', 'sub', 'b'), 'sub'), 'a b', 'a name twice is OR');
is(field(add('sub', 'a', '--before', 'always'), 'before'), 'always',
   '--before always');
is(field(add('sub', 'a', '--before', '2017-02-24T00:00:00Z'), 'before'),
   1487894400, '--before as a date');
is(field(add('sub', 'a', '--before', '2017-02-24T01:30:00+01:30'), 'before'),
   1487894400, 'with a zone');
is(field(add('sub', 'a', '--before', '1487894400123'), 'before'), 1487894400,
   'in milliseconds');
is(field(add('sub', 'a', 'before', '1487894400'), 'before'), 1487894400,
   '"before" among the match, as with redis-cli');
is(field(add('sub', 'a', '--ttl', '2h'), 'ttl'), 7200, '--ttl 2h');

{
    my $until = field(add('sub', 'a', '--until', '+30d'), 'until');

    ok(abs($until - time - 30 * 86400) < 60, '--until +30d');
}

is(add('all')->{status}, 1, 'everybody is not revoked by the way');
is(field(add('all', '--yes'), 'all'), 1, 'but with --yes');
is(add('iss', 'https://idp.example')->{status}, 1, 'nor is an issuer');
is(add('iss', 'https://idp.example', 'sub', 'a')->{status}, 0,
   'but one user of an issuer');
is_deeply(add('all')->{fields}, [], 'and nothing is written then');


# tokens

{
    my $jwt = jws('{"sub":"alice"}');
    my $r = add('--token', '-', { stdin => "secret-1\n Bearer $jwt \n\n"
                                           . sha256_hex('x') . "\n" });

    is(field($r, 'token'), join(' ', identity('secret-1'), identity($jwt),
                                sha256_hex('x')),
       'tokens of standard input are written by their identities');
    is(field($r, 'before'), 'always', 'for ever');

    unlike($redis->cmd('DUMP', "log$logs"), qr/secret-1/, 'and nothing else');
}

for (['token', 'secret-2'], ['--token', 'secret-2'],
     ['sub', jws('{"sub":"a"}')], ['secret-2'], ['--secret-2'])
{
    my $r = add(@$_);

    is($r->{status}, 2, 'a token is not an argument');
    is_deeply($r->{fields}, [], 'nothing is written');
    unlike($r->{out} . $r->{err}, qr/secret-2|eyJ/, 'and it is not repeated');
}

is(add('--token', '-', { stdin => "\n \n" })->{status}, 1, 'no token at all');


# wrong usage

for (['add'], ['add', 'sub'], ['add', 'sub', 'a', '--before', 'noon'],
     ['add', 'sub', 'a', '--until', '-1h'], ['add', 'sub', 'a', '--ttl', '1x'],
     ['add', 'sub', 'a', '--wait=no'], ['add', 'sub', 'a', '--nothing'],
     ['add', 'sub', 'a', 'action', 'restore'], ['add', 'sub', 'a', 'ack', 'x'],
     ['add', 'sub', 'a', 'before', '1', '--before', '2'],
     ['restore'], ['restore', 'sub', 'a', '--until', '+1h'],
     ['accept', 'sub', 'a'])
{
    my $r = $command->run(@$_);

    is($r->{status}, 2, "@$_: wrong usage");
    like($r->{err}, qr/^token-revoke $_->[0]: \S[^\n]+\n\z/, 'in one line');
}

for (['sub', 'x' x 8193], ['x' x 257, 'a'], [map { ("n$_", 1) } 1 .. 9],
     ['claim.', 'x'], [map { ('sub', $_, 'aud', $_) } 1 .. 257])
{
    my $r = add(@$_);

    is($r->{status}, 1, 'what edges would refuse is not written');
    like($r->{err}, qr/edges would not apply this entry, it (?:has|would)/,
         'and why');
    is_deeply($r->{fields}, [], 'nothing is there');
}


# the log is not made by accident

{
    my $r = run_on('nolog', 'add', 'sub', 'a');

    is($r->{status}, 1, 'a log that is not there is not made');
    like($r->{err}, qr/has no log "nolog" in database 0; nothing was revoked; /,
         'which is said');
    is($redis->cmd('EXISTS', 'nolog'), 0, 'it is not there');
}

{
    my $r = run_on('dry', 'add', 'sub', 'a b', '--create', '--dry-run');

    like($r->{out}, qr/^would write: XADD "dry" \* sub "a b" before "\d+" by /,
         '--dry-run shows the entry');
    is($redis->cmd('EXISTS', 'dry'), 0, 'and writes nothing');
}


# JSON

{
    my $r = add('sub', "a\x1b[31m\xff", '--json', '--by', 'me');
    my $json = eval { JSON::PP->new->utf8->decode($r->{out}) } || {};

    is($json->{fields}[0][1], "a\x1b[31m\x{fffd}", 'JSON is JSON');
    is($json->{id}, $redis->cmd('XREVRANGE', $json->{log}, '+', '-')->[0][0],
       'with the ID of the entry');
    unlike($r->{out}, qr/[^\n -~]/, 'in ASCII');

    $r = add('sub', "a\x1b[31m\xff", '--by', 'me');
    like($r->{out}, qr/sub "a\\x1b\[31m\\xff"/,
         'and for people it is escaped');
}


# restore: what it lifts and what it leaves

{
    $command->run('add', @$_, '--create', '--log', 'r')
        for ['sub', 'alice', '--by', 'bob', '--reason', 'lost phone'],
            ['sub', 'alice', '--before', 'always'],
            ['sub', 'alice', 'iss', 'x'], ['sub', 'carol'];

    my $r = run_on('r', 'restore', 'claim.sub', 'alice', '--by', 'me');

    is($r->{status}, 0, 'a restore');
    is(field($r, 'action'), 'restore', 'is written');
    is(field($r, 'before'), '', 'without a cut-off');
    like($r->{err}, qr/^lifts\ \d+-\d+\ \ sub\ alice,\ issued\ until\ .*
                       by\ bob:\ lost\ phone$/mx, 'it says what it lifts');
    like($r->{err}, qr/^lifts .* sub alice, whenever issued/m,
         'with "always" too');
    like($r->{err}, qr/^leaves .* iss x sub alice/m, 'and what it does not');
    unlike($r->{err}, qr/carol|warning/, 'and nothing of others');

    $r = run_on('r', 'restore', 'sub', 'alice');

    is($r->{status}, 0, 'again');
    like($r->{err}, qr/^warning: nothing in force has just this match/m,
         'there is nothing to lift');
}

{
    my $r = run_on('r', 'accept', '--reason', 'seen');

    is($r->{status}, 0, 'accept');
    is(field($r, 'action'), 'accept', 'is written');
}


# a terminal is asked

{
    my $log = 'log' . ++$logs;
    my $t = $command->terminal('add', 'all', '--create', '--log', $log);

    ok($t->expect(qr/refuses every token of everybody.*\[y\/N\] /s),
       'everybody is asked about');
    $t->type("\n");
    is($t->wait->{status}, 1, 'no answer is no');
    is($redis->cmd('EXISTS', $log), 0, 'nothing is written');

    $t = $command->terminal('add', 'all', '--create', '--log', $log);
    $t->expect(qr/\[y\/N\] /);
    $t->type("y\n");
    is($t->wait->{status}, 0, 'yes is yes');
    is($redis->cmd('XLEN', $log), 1, 'it is written');

    $t = $command->terminal('add', 'sub', 'a', 'befor', '1', '--log', $log);
    ok($t->expect(qr/"befor" is taken for .* was "before" meant\?/),
       'a name that is nearly a field of the log');
    ok($t->expect(qr/all the same\? \[y\/N\] /), 'is asked about');
    $t->type("n\n");
    is($t->wait->{status}, 1, 'no is no');
}

done_testing();
