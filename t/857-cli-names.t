#!/usr/bin/env perl

# A rule on a name that no token has ever had matches nothing: edges tell the
# names of the claims that they have seen, and "add" warns of others, but never
# where it would be a guess.  Kills: a warning of a name that was seen, or that
# an edge may have seen; names that are written each second; a path that is
# taken for a name; names that are no text.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Nginx qw(temp_dir start_redis wait_for);
use TokenRevoke::Token qw(jws);

my $redis = start_redis(port => 1);
my $command = TokenRevoke::Command->new(redis => $redis, dir => temp_dir());


sub warned {
    $command->run('add', '--dry-run', '--before', 'always', @_)->{err}
        =~ s/\n\z//r;
}


# edges that are played: of the log "p"

my $p = 0;

sub edge {
    my ($id, $names, %o) = @_;

    my $silent = delete $o{silent};
    my $n = exists $o{names} ? delete $o{names} : @{$names || []};
    my $time = 1000 * (time + ($silent ? -3600 : 3600));

    $redis->cmd('HSET', "{p$p}:edges", $id, JSON::PP->new->encode({
        version => '0.1', time => $time, log => "p$p", state => 'live',
        applied => '0-0', age => 12, rules => 1, percent => 2, tokens => 1000,
        undated => 0, shapes => [], attributes => [], names => $n, %o }));

    $redis->cmd('HSET', "{p$p}:names", $id, JSON::PP->new->encode($names))
        if $names;
}

sub next_log { $redis->cmd('XADD', 'p' . ++$p, '*', 'sub', 'first') }

sub warned_of { warned('--log', "p$p", $_[0], 'a') }

my @some = qw(iss sub iat app.version realm_access given_name);

next_log();
edge('one', \@some);
edge('two', ['tenant']);
edge('gone', ['department'], silent => 1, names => undef);

is(warned_of('subb'),
   'warning: no edge has ever seen a token with "subb" (3000 tokens in all); '
   . 'was "sub" meant?', 'a name that none has seen, near to another');
is(warned_of('zzz'),
   'warning: no edge has ever seen a token with "zzz" (3000 tokens in all): '
   . 'is the name right?', 'or to none');
is(warned_of('realm_acess.roles') =~ s/.*; //r,
   'was "realm_access.roles" meant?', 'a path whose first step is wrong');
is(warned_of('Given_Name') =~ s/.*; //r, 'was "given_name" meant?',
   'the case of a name matters');
like(warned_of('claim.subb'), qr/"subb" .*; was "sub" meant\?$/,
     'an exact name');

like(warned_of('groups'), qr/"groups" .* name right\?$/,
     'a name that others have');

is(warned_of($_), '', "no word about $_")
    for qw(sub tenant realm_access.roles realm_access.a.b app.version.major
           claim.sub department header.xyz kid);

is(warned_of('x' x 64), '', 'nor about one that is too long to be kept');
is(warned_of("a\x01"), '', 'or is no text');

is(warned('--log', "p$p", 'sub', 'a', 'zzz', 'b', 'iss', 'c')
   =~ s/ token.*//sr, 'warning: no edge has ever seen a',
   'one of several');

edge('one', \@some, attributes => ['device']);
like(warned_of('devcie'), qr/; was the attribute "device" meant\?$/,
     'an attribute that is nearly named');

edge('one', \@some, shapes => [{ match => 'sub', tokens => 0 },
                               { match => 'iss+sub', tokens => 0 },
                               { match => 'zzz', tokens => 0 }]);
is(warned_of('sub'), '', 'a name that tokens had, with the first rule on it');
like(warned_of('zzz'), qr/since there are rules on it/,
     'and one that none had');
like(warned('--log', "p$p", 'sub', 'a', 'iss', 'b'), qr/with "iss\+sub" since/,
     'or none had together');

for (['one does not tell', undef, names => undef],
     ['one has had too many to tell', \@some, names => undef],
     ['one is telling just now', \@some, names => 7],
     ['one has told nothing yet', undef, names => 0],
     ['one is of an older version', [], names => undef],
     ['one has told what cannot be read', {}, names => 0])
{
    my ($what, $names, %o) = @$_;

    next_log();
    edge('one', \@some);
    edge('two', $names, %o);

    is(warned_of('zzz'), '', "no guess if $what");
    is(warned_of('subb'), 'warning: no edge knows of a token with "subb"; '
       . 'was "sub" meant?', 'but what is likely');
    is(warned_of('amr'), '', 'not of a claim that is registered');
}

next_log();
edge('one', [], tokens => 0);
is(warned_of('zzz'), '', 'nor if there were no tokens');

next_log();
edge('one', \@some, silent => 1);
is(warned_of('zzz'), '', 'nor if nobody is there');


# a real one

$redis->cmd('XADD', 'revoked', '1-1', 'token', 'x');

my $nginx = TokenRevoke::Nginx->new(workers => 2,
    redis => 'redis://127.0.0.1:' . $redis->port)->start;
$nginx->wait_live;

my ($id) = @{$redis->cmd('HKEYS', '{revoked}:edges')};


# what it says: the number of the names, and the names

sub says { JSON::PP->new->decode($redis->cmd('HGET', '{revoked}:edges', $id)) }

sub names {
    my $text = $redis->cmd('HGET', '{revoked}:names', $id);
    return $text ? join ' ', sort @{JSON::PP->new->utf8->decode($text)} : '-';
}

sub named {
    my ($names) = @_;

    wait_for { names() eq $names };
    is(names(), $names, $_[1]);
}

# two reports later

sub later {
    for (1, 2) {
        my $time = says()->{time};
        wait_for { says()->{time} > $time };
    }
}

ok(wait_for { names() eq '' }, 'no token, no names');
is(says()->{names}, 0, 'and it says so');

is($nginx->status(jws('{"sub":"a","iat":1750000000,"realm_access":'
                      . '{"roles":["x"]},"a\"b":1,"n\u00e9":2}')), 200,
   'a token') for 1 .. 4;

my $first = "a\"b iat n\xe9 realm_access sub";

named($first, 'how its claims are called, the outermost ones');
ok(wait_for { says()->{names} == 5 }, 'five');

is(warned('sub', 'a'), '', 'what it had');
is(warned('realm_access.roles', 'a'), '', 'and what it may have had');
like(warned('subb', 'a'), qr/no edge has ever seen .* was "sub" meant\?$/,
     'and what it had not');

my $json = JSON::PP->new->utf8->decode($command->run('edges', '-j')->{out});
is(join(' ', sort @{$json->{names}}), $first, 'edges --json has them');

$redis->cmd('DEL', '{revoked}:names');
later();
is(names(), '-', 'at rest they are not written');
like(warned('subb', 'a'), qr/knows of a token/, 'so it is not known');
$json = JSON::PP->new->utf8->decode($command->run('edges', '-j')->{out});
is($json->{names}, undef, 'and null');

is($nginx->status(jws('{"sub":"a","\u0001":1,"x\u007f":1,"subb":1,"'
                      . 'y' x 64 . '":1}')), 200, 'another token');
named("$first subb", 'with all that is text they are written again');
ok(wait_for { says()->{names} == 6 }, 'six');
is(warned('subb', 'b'), '', 'now a token had it');

$redis->cmd('DEL', '{revoked}:names');
ok($nginx->reload, 'a reload');
named("$first subb", 'nothing is forgotten, and it is written at once');

is($nginx->status(jws('{' . join(',', map { "\"random-$_\":1" } 1 .. 200)
                      . '}')), 200, 'names by the hundred');
ok(wait_for { !defined says()->{names} }, 'there is no end of it');
is(warned('zzz', 'a'), '', 'so that nothing can be said of others');
cmp_ok(length($redis->cmd('HGET', '{revoked}:names', $id)), '<', 8192,
       'nor are there more');

$nginx->finish;

is($command->run('edges', '--forget', $id)->{status}, 0, 'one that is gone');
is($redis->cmd('EXISTS', '{revoked}:edges', '{revoked}:names'), 0,
   'is forgotten with its names');

done_testing();
