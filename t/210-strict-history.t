# Two that say they are the master: a strict answer of one says nothing of an
# edge that follows the other.
#
# What makes it fail: in trv_strict_compare() no look at the lineage; in
# trv_lineage_compare() one that was deposed like any other; no lineage from
# ..._apply_confirm() or ..._apply_follow(), or in ..._strict_look() no question
# for a wish that was made again.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis temp_dir);

my $said = qr/strict answers of .* cannot be had: .*is not of the history/;
my $asks = 'info';
my $follows = 'x(?:read|info|range)';
my $here = temp_dir() . '/redis.sock';

my ($one, $two) = map {
    start_redis(port => 1, conf => ['--repl-diskless-sync-delay', 0])
} 1 .. 2;


# an address, behind which is another Redis from now on

sub move {
    my ($redis) = @_;

    symlink $redis->socket, "$here.new" or die "$here: $!\n";
    rename "$here.new", $here or die "$here: $!\n";
}


# one of an edge's connections is closed, that on which this was said last

sub cut {
    my ($redis, $command) = @_;

    my ($id) = $redis->cmd('CLIENT', 'LIST')
               =~ /^id=(\d+) .* cmd=$command\b/m;

    ok($id, "a connection with $command") or return;
    $redis->cmd('CLIENT', 'KILL', 'ID', $id);
}


sub revoke { shift->cmd('XADD', 'revoked', @_) }

# both as new, "two" a replica with the log of "one", and an edge; then "two" is
# promoted, and those connections of the edge go there on which this was said

sub edge {
    my (%o) = @_;

    $_->cmd('REPLICAOF', 'NO', 'ONE') for $one, $two;
    $_->cmd('FLUSHALL') for $one, $two;

    revoke($one, '100-1', 'token', 'bad');

    $two->cmd('REPLICAOF', '127.0.0.1', $one->port);
    ok((wait_for { $two->cmd('INFO', 'replication')
                   =~ /^master_link_status:up/m
                   and $two->cmd('XLEN', 'revoked') }), 'a replica');

    move($one);

    my $nginx = TokenRevoke::Nginx->new(
        redis => "unix:$here", zone => 'timeout=500ms',
        location => "token_revoke_strict on; token_revoke_wait $o{wait};",
        server => 'location = /known { token_revoke zone=edge; empty_gif; }')
        ->start;

    is($nginx->status('bad'), 401, 'the edge knows the log');
    is($nginx->status('good'), 200, 'others pass');

    $two->cmd('REPLICAOF', 'NO', 'ONE');
    move($two);

    cut($one, $_) for @{$o{moves}};

    return $nginx;
}


# how often this one was asked for the end of the log

sub questions {
    my ($redis) = @_;
    return ($redis->cmd('INFO', 'commandstats')
            =~ /^cmdstat_xinfo\|stream:calls=(\d+)/m)[0] // 0;
}


subtest 'the deposed one is followed, the promoted one is asked' => sub {
    my $nginx = edge(moves => [$asks], wait => '300ms');

    my $before = questions($two);

    ok((wait_for { $nginx->status('good') == 200
                   and questions($two) > $before }),
       'nothing was added: what the edge knows is what it has');
    is($nginx->status('bad'), 401, 'and that is refused');
    is($nginx->log_count($said), 0, 'nothing is said');

    # an entry that the edge gets hides that one is missing

    revoke($two, '100-2', 'token', 'missing');
    revoke($two, '100-4', 'token', 'gone');
    $two->cmd('XDEL', 'revoked', '100-4');

    revoke($one, '100-3', 'token', 'elsewhere');
    ok($nginx->wait_refused('elsewhere'), 'it follows the deposed one');

    my %got;

    $got{$nginx->status('missing')}++ for 1 .. 10;

    is_deeply(\%got, { 503 => 10 }, 'what the other one has is not missed');
    is($nginx->status('bad'), 401, 'what is known is refused');
    is($nginx->log_count($said), 1, 'it is said once');

    $one->cmd('REPLICAOF', '127.0.0.1', $two->port);

    ok($nginx->wait_refused('missing'),
       'the deposed one learns of it: what was missing is refused');
    ok((wait_for { $nginx->status('good') == 200 }), 'others pass');
    is($nginx->status('elsewhere'), 401, 'nothing is lost');

    $nginx->finish;
};


subtest 'the promoted one is followed, the deposed one is asked' => sub {
    my $nginx = edge(moves => [$follows], wait => '300ms');

    ok((wait_for { $nginx->status('good') == 503 }),
       'it does not count, though nothing was added');

    revoke($two, '100-2', 'token', 'new');
    ok($nginx->wait_refused('new'), 'what is followed is refused');
    is($nginx->log_count($said), 1, 'it is said once');

    cut($one, $asks);

    ok((wait_for { $nginx->status('good') == 200 }),
       'the promoted one is asked: others pass');
    ok((wait_for { $nginx->status('good');
                   $nginx->log_count(qr/has strict answers of .* again/) }),
       'and it is said');

    $nginx->finish;
};


subtest 'who waits for one is not served by the entries of the other' => sub {
    my $nginx = edge(moves => [$asks, $follows], wait => '2s');
    my $before = questions($two);

    ok((wait_for { $nginx->status('good') == 200
                   and questions($two) > $before + 20 }),
       'the promoted one is followed, and asked');

    # the follower has to go back, and the deposed one lets it wait; to read
    # what that has takes longer than to look after those who wait

    $one->cmd('EVAL', <<'_EOC_', 0);
for i = 3, 30000 do
    redis.call('XADD', 'revoked', '100-' .. i, 'token', 'elsewhere-' .. i)
end
_EOC_
    move($one);
    $one->freeze;
    cut($two, $follows);
    revoke($two, '100-2', 'token', 'missing');

    $before = questions($two);

    my $waits = $nginx->ask('missing');

    ok((wait_for { questions($two) > $before }), 'it was answered, and waits');

    $one->thaw;
    ok((wait_for { $nginx->status('elsewhere-30000', '/known') == 401 }),
       'the deposed one is followed');

    $before = questions($two);
    ok((wait_for { questions($two) > $before }), 'it is asked again');
    like($nginx->answer($waits), qr/^HTTP\S+ 503/, 'and does not pass');

    $nginx->finish;
};


done_testing();
