#!/usr/bin/env perl

# Registered edges, as they write themselves into Redis, and what --wait makes
# of their answers; watch and trim.  The edges are played here.  Kills: an
# answer of somebody else that counts, a silent edge that is waited for or left
# out, a warning that is not given, an entry that is removed while it is in
# force or before an edge has applied it.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Nginx qw(temp_dir start_redis wait_for);
use TokenRevoke::Token;

my $redis = start_redis();
my $dir = temp_dir();
my $command = TokenRevoke::Command->new(redis => $redis, dir => $dir);

my $hash = '{revoked}:edges';


sub edge {
    my ($id, %o) = @_;

    my $silent = delete $o{silent};
    my $to = delete $o{hash};

    # not silent for as long as the test takes

    my $time = 1000 * (time + ($silent ? -$silent : 3600));

    $redis->cmd('HSET', $to // $hash, $id, JSON::PP->new->encode({
        version => '0.1', time => $time, log => 'revoked', state => 'live',
        applied => '0-0', age => 12, rules => 1, percent => 2, tokens => 1000,
        overflow => JSON::PP::false, reports => [], refused => 0,
        undated => 0, shapes => [], attributes => [],
        dry_run => JSON::PP::false, %o }));
}


# answers for the entry that is written next

sub answers {
    my ($p, $before, @answers) = @_;

    my $entry;

    wait_for(sub {
        ($entry) = @{ $redis->cmd('XREVRANGE', 'revoked', '+', '-', 'COUNT', 1)
                      || [] };
        $entry and $entry->[0] ne $before;
    }) or return;

    my %fields = @{ $entry->[1] };

    like($fields{ack} // '', qr/^[\w-]{22}$/, 'the entry has a nonce');

    $redis->cmd('RPUSH', "{revoked}:ack:$fields{ack}", $_) for @answers;
}


sub waiting {
    my ($answers, @options) = @_;

    my ($last) = @{ $redis->cmd('XREVRANGE', 'revoked', '+', '-', 'COUNT', 1) };
    my $p = $command->start('add', 'sub', 'alice', '--wait', @options);

    answers($p, $last->[0], @$answers);

    return $p->wait;
}


$redis->cmd('XADD', 'revoked', '*', 'sub', 'first');


# nobody is there

{
    my $r = $command->run('add', 'sub', 'a', '--wait');

    is($r->{status}, 3, 'nobody can confirm');
    like($r->{out}, qr/^no edge is registered for this log/m, 'which is said');

    like($command->run('edges')->{out}, qr/^no edge is registered/, 'by edges');
}


# all of them, some of them

edge('ams-1');
edge('ams 2');

{
    my $r = waiting(['ams-1 ok', 'ams 2 ok', 'ams-1 ok', 'other ok', 'x']);

    is($r->{status}, 0, 'all have answered');
    like($r->{out},
         qr/^enforced on 2 of 2 registered edges, slowest ams.[12] [\d.]+ ms$/m,
         'it says so');
}

{
    my $r = waiting(['ams-1 ok', 'other ok'], '--wait=0.5');

    is($r->{status}, 3, 'one has not answered');
    like($r->{out}, qr/^enforced on 1 of 2 registered edges/m, 'counted');
    like($r->{out}, qr/^  ams 2 has not answered within 0\.5 s/m, 'named');
}

{
    my $r = waiting(['ams-1 refused', 'ams 2 overflow']);

    is($r->{status}, 3, 'none enforces it');
    like($r->{out}, qr/^enforced on 0 of 2 registered edges$/m, 'counted');
    like($r->{out}, qr/^  ams-1 has refused the entry/m, 'one has refused it');
    like($r->{out}, qr/^  ams 2 has a full zone/m, 'one is full');
}

edge('gone', silent => 1800);
$redis->cmd('HSET', $hash, "bad\e[31m", 'not JSON');

{
    my $r = waiting(['ams-1 ok', 'ams 2 ok'], '--wait=600');

    is($r->{status}, 3, 'a silent edge has not answered, nor is waited for');
    like($r->{out}, qr/^enforced on 2 of 4 registered edges/m, 'it counts');
    like($r->{out}, qr/^  gone has been silent since .* UTC \(30 min\)$/m,
         'it says since when');
    like($r->{out}, qr/^  bad\\x1b\[31m is silent/m, 'another is unreadable');

    $r = waiting(['ams-1 ok', 'ams 2 ok'], '--json');
    my $wait = JSON::PP->new->utf8->decode($r->{out})->{wait};

    is("$wait->{enforced}/$wait->{registered}", '2/4', 'in JSON');
    is_deeply([map { $_->{answer} } @{ $wait->{edges} }],
              [qw(ok ok missing missing)], 'each of them');
}


# the table

{
    edge('ams-3', overflow => JSON::PP::true, reports => ['loss'],
         undated => 0.25, dry_run => JSON::PP::true);

    my $r = $command->run('edges');

    is($r->{status}, 0, 'edges');
    like($r->{out}, qr/^EDGE +STATE +AGE/m, 'is a table');
    like($r->{out}, qr/^ams-1 +live +12 ms +0-0 +1 +2% +1000 +0\.1/m, 'a row');
    like($r->{out}, qr/^ams-3 .*zone is full, dry run, loss, 25% without/m,
         'remarks');
    like($r->{out}, qr/^gone +silent since .* \(30 min\)/m, 'a silent one');
    like($r->{out}, qr/^3 of 5 registered edges are not silent$/m, 'the sum');

    my %json = map { $_->{edge} => $_ }
        map { JSON::PP->new->utf8->decode($_) }
            split /\n/, $command->run('edges', '--json')->{out};

    is($json{'ams-3'}{reports}[0], 'loss', 'in JSON');
    ok($json{gone}{silent} && !$json{'ams-1'}{silent}, 'and who is silent');

    $r = $command->run('edges', '--forget', 'gone', '--forget', "bad\e[31m",
                       '--forget', 'nobody', '--forget', 'ams-3');
    is($r->{status}, 0, '--forget');
    like($r->{out}, qr/^gone is forgotten$/m, 'one that is gone');
    like($r->{out}, qr/^nobody is not registered$/m, 'one that is not there');
    like($r->{out}, qr/^ams-3 is forgotten, but it is not silent/m,
         'one that will be back');
    is_deeply([sort @{ $redis->cmd('HKEYS', $hash) }], ['ams 2', 'ams-1'],
              'they are removed');
}

{
    $redis->cmd('XADD', '{app}revoked', '*', 'sub', 'a');
    edge('app-1', hash => '{app}revoked:edges');

    like($command->run('edges', '--log', '{app}revoked')->{out}, qr/^app-1 /m,
         'a log with a hash tag has it in all its keys');
}


# Ctrl-C ends the waiting: what was done is said

{
    my $n = $redis->cmd('XLEN', 'revoked');
    my $p = $command->start('add', 'sub', 'alice', '--wait=20');

    wait_for { $redis->cmd('XLEN', 'revoked') > $n };
    $p->signal('INT');

    my $r = $p->wait;

    is($r->{status}, 3, 'Ctrl-C: it is written');
    like($r->{out}, qr/^revoked sub alice/, 'which is said');
    like($r->{out}, qr/^  ams-1 had not answered when the waiting was stopped/m,
         'and who has not answered');

}


# what has no end of its own lasts as long as the edges keep it

{
    my @log = ('--log', 'k');

    $redis->cmd('XADD', 'k', '1000-1', 'sub', 'a');
    $redis->cmd('XADD', 'k', '*', 'sub', 'b');

    my %o = (hash => '{k}:edges', applied => '9999999999999-0');

    edge('short', %o, retain => 60);
    edge('long', %o, retain => 3600, silent => 60);

    my $r = $command->run('list', @log);

    unlike($r->{out}, qr/sub a/, 'a rule that all edges have forgotten');
    like($r->{out}, qr/sub b, .*until/, 'and one that they have not');

    $r = $command->run('trim', '--dry-run', @log);
    like($r->{out}, qr/^needed no more: 1,/m, 'the first one can go');

    edge('ever', %o);

    like($command->run('list', @log)->{out}, qr/sub a.*sub b/s,
         'one edge keeps them for ever');
    like($command->run('trim', '--dry-run', @log)->{out},
         qr/^needed no more: 0$/m, 'and they stay');

    $r = $command->run('trim', '--yes', '--log', 'nosuch');

    is($r->{status}, 1, 'there is no such log');
    like($r->{err}, qr/has no log "nosuch" in database 0; are/, 'says trim');

    $r = $command->run('lsit');

    is($r->{status}, 2, 'there is no such command');
    like($r->{err}, qr/; was "list" meant\?$/, 'and what was meant');
}


# warnings

sub warned { $command->run('add', @_)->{err} }

edge('ams-1', tokens => 1000, undated => 0.5, attributes => ['device'],
     shapes => [{ match => 'sub', tokens => 900 },
                { match => 'app.version+client_id', tokens => 30 },
                { match => 'tenant', tokens => 0 }]);

is(warned('sub', 'a', '--before', 'always'), '', 'nothing to warn of');
is(warned('app.version', '4.2', '--before', 'always'), '',
   'a name that was seen with others');
like(warned('subb', 'a'), qr/knows of a token with "subb"; was "sub" meant\?/,
     'a name that is not in use, and what was meant');
like(warned('devce', 'a'),
     qr/knows of a token with "devce"; was the attribute "device" meant\?/,
     'an attribute that is nearly named');
unlike(warned('foo', 'a'), qr/"foo"/,
       'a new name, of edges that do not tell what they have seen');
like(warned('tenant', 'a'),
     qr/no edge has seen a token with "tenant" since there are rules/,
     'a name that is in use and matches nothing');
like(warned('befor', 1, 'sub', 'a'), qr/"befor" is taken .* "before" meant/,
     'a name near to a field of the log');
like(warned('device', 'tv', '--before', 'always'),
     qr/"device" is defined on 1 of 2 edges/, 'an attribute');
like(warned('all', 1, '--yes'), qr/25 % of the tokens .* no issue time/,
     'a cut-off and tokens without issue time');
unlike(warned('all', 1, '--yes', '--before', 'always'), qr/issue time/,
       'not with "always"');


# watch

{
    my $p = $command->start('watch', '--json');

    # not before it follows

    wait_for(sub { grep { /cmd=xread/ } split /\n/,
                       $redis->cmd('CLIENT', 'LIST') });

    $command->run('add', 'sub', "a\nb", '--reason', 'r');
    $redis->cmd('XADD', 'revoked', '*', 'reason', 'nothing');
    $redis->cmd('XADD', 'revoked', '*', 'token', 'raw-token');
    $command->run('restore', 'sub', 'a', '--yes');

    wait_for(sub { -s "$p->{file}.out" && text($p) =~ /"restore"/ });
    $p->signal('INT');

    my $r = $p->wait;
    my @seen = map { JSON::PP->new->utf8->decode($_) } split /\n/, $r->{out};

    is($r->{status}, 0, 'Ctrl-C ends it well');
    is(scalar @seen, 4, 'each entry was seen');
    is($seen[0]{match}{sub}[0], "a\nb", 'with what it says');
    ok($seen[1]{refused}, 'one cannot be applied');
    is($seen[2]{match}{token}[0], sha256_hex('raw-token'),
       'a raw token is shown by its identity');
    unlike($r->{out}, qr/raw-token/, 'only');

    $p = $command->start('watch', '--since', '-1h');
    wait_for(sub { text($p) =~ /restore sub "a"/ });
    $p->signal('INT');
    $r = $p->wait;
    is($r->{status}, 0, '--since');
    like($r->{out}, qr/^\S+ \S+ UTC  revoke sub "first", issued until/m,
         'begins earlier');
    unlike($r->{out}, qr/\e/, 'and has no colour in a file');
}

sub text {
    my ($p) = @_;

    open my $in, '<', "$p->{file}.out" or return '';
    local $/;
    return <$in> // '';
}


# trim

sub ids { join ' ', map { $_->[0] } @{ $redis->cmd('XRANGE', 't', '-', '+') } }

sub fill {
    my (@entries) = @_;

    my $n = 0;

    $redis->cmd('DEL', 't', '{t}:edges');
    $redis->cmd('XADD', 't', (1000 * ++$n) . '-0', @$_) for @entries;
}

sub trim { $command->run('trim', '--log', 't', @_) }

my @ended = ('sub', 'e', 'until', time - 1000);

fill([@ended], ['sub', 'r'], ['sub', 'r', 'action', 'restore'],
     ['sub', 'twice', 'before', 5], ['sub', 'twice', 'before', 9],
     ['sub', 'a'], [@ended], ['sub', 'last']);

{
    my $r = trim();

    is($r->{status}, 1, 'trim asks');
    like($r->{err}, qr/no terminal to ask; nothing was removed/, 'and is told');
    like($r->{out}, qr/^entries: 8; rules in force: 3, ended: 2, restored: 1$/m,
         'it shows what there is');
    like($r->{out}, qr/^needed no more: 4, those before 5000-0 /m,
         'and what it would do');
    is(ids(), join(' ', map { $_ . '000-0' } 1 .. 8), 'nothing is removed');

    is(trim('--dry-run')->{status}, 0, '--dry-run');
    is(ids(), join(' ', map { $_ . '000-0' } 1 .. 8), 'removes nothing');

    my $before = $command->run('list', '--log', 't')->{out};

    is(trim('--yes')->{status}, 0, '--yes');
    is(ids(), join(' ', map { $_ . '000-0' } 5 .. 8), 'removes it');
    is($command->run('list', '--log', 't')->{out}, $before,
       'what is in force is the same');

    $r = trim('--yes', '--json');
    is(JSON::PP->new->decode($r->{out})->{removed}, 0, 'there is no more');
}

fill(['sub', 'x', 'before', 9, 'until', time + 1000],
     ['sub', 'x', 'before', 5, 'until', time + 9000], ['sub', 'y']);
trim('--yes');
is(ids(), '1000-0 2000-0 3000-0', 'what gives a rule its cut-off stays');

fill([@ended], [@ended], [@ended]);
edge('slow', hash => '{t}:edges', applied => '2000-0');
edge('dead', hash => '{t}:edges', applied => '1000-0', silent => 100);

{
    my $r = trim('--yes');

    is(ids(), '2000-0 3000-0', 'what an edge has not applied stays');
    like($r->{out}, qr/^others stay until the edge slow has applied/m, 'named');
    like($r->{out}, qr/^the edge dead is silent/m, 'a silent one is named');
}

fill([@ended], [@ended]);
trim('--yes');
is(ids(), '2000-0', 'the last entry stays');

{
    my $t = $command->terminal('trim', '--log', 't');

    is($t->wait->{status}, 0, 'nothing to do is no question');

    fill([@ended], ['sub', 'a']);
    $t = $command->terminal('trim', '--log', 't');
    ok($t->expect(qr/Remove them\? \[y\/N\] /), 'a terminal is asked');
    $t->type("y\n");
    is($t->wait->{status}, 0, 'yes');
    is(ids(), '2000-0', 'it is done');
}

done_testing();
