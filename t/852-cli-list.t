#!/usr/bin/env perl

# token-revoke list says what an edge refuses: entries by chance, and each
# token of a small world is refused by the edge just if a rule of the list
# matches it.  A log with more rules than are kept gives the same as a small
# one.  Kills: a restore that lifts too much, a cut-off or an end that is not
# the later one, an ended rule that stands, a name under two spellings, a rule
# lost or doubled between the two readings of a long log.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Edge;
use TokenRevoke::Nginx qw(temp_dir);
use TokenRevoke::Token;

my $seed = $ENV{TEST_SEED} // time;
srand $seed;

my $dir = temp_dir();
my $edge = TokenRevoke::Edge->new->start;
my $redis = $edge->redis;
my $command = TokenRevoke::Command->new(redis => $redis, dir => $dir);

my $now = time;
my @times = map { $now - 1000 * $_ } 1 .. 4;


sub any { $_[rand @_] }

sub list {
    my $r = $command->run('list', '--json', @_);

    is($r->{status}, 0, "list @_") or diag($r->{err});

    return map { JSON::PP->new->utf8->decode($_) } split /\n/, $r->{out};
}


# one entry of a small world

sub entry {
    my @pairs = (any('sub', 'claim.sub'), any(qw(a b c)));

    push @pairs, 'sub', any(qw(a b c)) if rand() < 0.2;
    push @pairs, any('iss', 'claim.iss'), any(qw(x y)) if rand() < 0.4;

    return (@pairs, 'action', 'restore') if rand() < 0.2;

    push @pairs, 'before', any('always', @times, map { $_ . '000' } @times);
    push @pairs, 'until', any($now - 1, $now + 10000, $now + 20000)
        if rand() < 0.4;

    return @pairs;
}


sub refused {
    my ($claims, $rules) = @_;

    for my $rule (@$rules) {
        my $match = $rule->{match};

        next if grep { ($claims->{$_} // '') ne $match->{$_} } keys %$match;

        return 1 if $rule->{before} eq 'always'
                    or $claims->{iat} <= $rule->{before};
    }

    return 0;
}


for my $round (1 .. 4) {
    $edge->apply(map { [entry()] } 1 .. 25);

    my @rules = list();
    my $wrong = 0;

    for my $sub (qw(a b c)) {
        for my $iss (qw(x y)) {
            for my $iat (map { $_ + 1, $_ } @times) {
                my $claims = { sub => $sub, iss => $iss, iat => $iat };
                my $status = $edge->status(
                    qq({"sub":"$sub","iss":"$iss","iat":$iat}));

                $wrong++ if ($status == 401) != refused($claims, \@rules);
            }
        }
    }

    is($wrong, 0, "round $round: the edge refuses what is listed");
}


# filters

$redis->cmd('DEL', 'small');
$redis->cmd('XADD', 'small', '1-1', @$_)
    for ['sub', 'old', 'by', 'me', 'reason', "a\nb"];
$redis->cmd('XADD', 'small', '*', @$_)
    for ['sub', 'alice', 'iss', 'x', 'by', 'you'],
        ['token', sha256_hex('t'), 'token', sha256_hex('u'), 'by', 'me'],
        ['sub', 'gone', 'until', $now - 100], ['reason', 'no match'],
        ['sub', 'back'], ['sub', 'back', 'action', 'restore'];

sub matches {
    join ' ', map { my $m = $_->{match}; map { $m->{$_} } sort keys %$m }
        list('--log', 'small', @_);
}

is(matches(), join(' ', 'old x alice', sha256_hex('t'), sha256_hex('u')),
   'all rules, in their order');
is(matches('--match', 'sub'), 'old x alice', '--match NAME');
is(matches('--match', 'claim.sub=alice'), 'x alice', '--match NAME=VALUE');
is(matches('--match', 'sub', '--match', 'iss'), 'x alice', 'several');
is(matches('--match', 'token=' . uc sha256_hex('u')), sha256_hex('u'),
   'a token');
is(matches('--by', 'you'), 'x alice', '--by');
is(matches('--since', '-1h', '--match', 'sub'), 'x alice', '--since');
is(matches('--ended'), 'gone back', '--ended');

{
    my $r = $command->run('list', '--log', 'small');

    like($r->{out}, qr/ by me: a\\x0ab$/m, 'control bytes are escaped');
    like($r->{out}, qr/^\d+-\d+  token [0-9a-f]{64} and 1 more, whenever/m,
         'values of an entry are on one line');
    like($r->{err}, qr/^entry \d+-\d+ has no match: no edge applies it$/m,
         'what no edge applies is named');
    like($r->{err}, qr/^4 shown; 4 in force, in a log of 7$/m, 'and the sum');

    is($command->run('list', '--log', 'none')->{status}, 1,
       'a log that is not there is no empty list');
    is($command->run('list', 'sub')->{status}, 2, 'wrong usage');
    is($command->run('list', '--match', 'token=x')->{status}, 2, 'again');
}


# more rules than are kept: the log is read twice

my $quick = TokenRevoke::Command->new(redis => $redis, dir => $dir,
                                      binary => 'build/token-revoke');

$redis->cmd('XADD', 'long', '*', 'sub', 'first', 'before', 100);

for my $n (0 .. 209) {
    $redis->cmd('XADD', 'long', '*',
                map { ('token', sprintf '%064x', 1000 * $n + $_) } 1 .. 1000);
}

$redis->cmd('XADD', 'long', '*', @$_)
    for ['sub', 'first', 'before', 50, 'by', 'again'],
        ['token', sprintf('%064x', 5), 'action', 'restore'],
        ['token', sprintf('%064x', 7), 'until', $now + 1000],
        ['token', sprintf('%064x', 9), 'reason', 'again'];

{
    my $r = $quick->run('list', '--log', 'long');

    is($r->{status}, 0, 'a long log');
    like($r->{err}, qr/^210000 shown; 210000 in force, in a log of 215$/m,
         'has all its rules once');
    like($r->{out}, qr/sub first, issued until 1970-01-01 00:01:40.* again$/m,
         'what is there twice is folded');
    like($r->{out}, qr/ token 0{63}1 and 996 more, whenever/m,
         'what is there once is not');
    like($r->{out}, qr/ token 0{63}9, whenever issued: again$/m,
         'the last word stands') or diag($r->{out} =~ s/.*\n(?=.*\n.*\n)//sr);
}

diag("TEST_SEED=$seed") unless Test::More->builder->is_passing;

done_testing();
