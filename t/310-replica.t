# Replicas: followed as a master is, passed over when they are cut off, and
# never asked what only a master may answer.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);
use TokenRevoke::Port qw(free_port);

my $dead = '127.0.0.1:' . free_port();
my $master = start_redis(port => 1, conf => [
    '--repl-diskless-sync-delay', 0, '--repl-ping-replica-period', 1]);
my @replicas = map { replica_of($master->port) } 1 .. 2;

$master->cmd('XADD', 'revoked', '*', 'token', 'bad');

# one that is new says that its link is up before it has got what came last

for my $replica (@replicas) {
    wait_for { $replica->cmd('XLEN', 'revoked') };
}


sub replica_of {
    my ($port) = @_;

    my $redis = start_redis(port => 1, conf => [
        '--replicaof', "127.0.0.1 $port", '--repl-timeout', 2]);

    wait_for { linked($redis) } if $port == $master->port;

    return $redis;
}


sub linked { $_[0]->cmd('INFO', 'replication') =~ /master_link_status:up/ }

sub at { join ',', map { ref $_ ? '127.0.0.1:' . $_->port : $_ } @_ }

sub edge {
    my ($hosts, %o) = @_;
    return TokenRevoke::Nginx->new(redis => "redis://$hosts", %o)->start;
}


# true if an edge has read its log since then

sub forget { $_[0]->cmd('CONFIG', 'RESETSTAT') }

sub followed {
    my ($redis) = @_;
    return $redis->cmd('INFO', 'commandstats') =~ /cmdstat_(?:xread|xinfo)/;
}


subtest 'a replica is followed' => sub {
    forget($master);

    my $nginx = edge(at($replicas[0]));

    is($nginx->status('bad'), 401, 'what is revoked is refused');
    is($nginx->status('good'), 200, 'and nothing else');

    $master->cmd('XADD', 'revoked', '*', 'token', 'later');
    ok($nginx->wait_refused('later'), 'what comes later, too');
    ok(!followed($master), 'the master is left in peace');
    $nginx->finish;
};


subtest 'a replica whose link is down is passed over' => sub {
    my $cut = replica_of(free_port());
    my $nginx = edge(at($cut, $replicas[0]));

    is($nginx->status('bad'), 401, 'the next one is followed');
    is($nginx->log_count(qr/cannot follow/), 0, 'which is not worth a line');
    ok(!followed($cut), 'nobody reads what it has');
    $nginx->finish;

    # not if there is no other

    $cut->cmd('REPLICAOF', 'NO', 'ONE');
    $cut->cmd('XADD', 'revoked', '*', 'token', 'old');
    $cut->cmd('REPLICAOF', '127.0.0.1', free_port());

    for my $hosts (at($cut), at($dead, $cut)) {
        forget($cut);
        $nginx = edge($hosts);

        ok(wait_for { followed($cut) }, 'then it is followed');
        ok($nginx->wait_refused('old'), 'and its rules are in force');
        $nginx->finish;
    }
};


subtest 'strict asks the master' => sub {
    for my $hosts (at($replicas[0], $master), at($replicas[0])) {
        my $nginx = edge($hosts, location => 'token_revoke_strict on;');
        my $token = 'strict ' . length $hosts;

        forget($master);

        is($nginx->status('bad'), 401, 'what is revoked is refused');
        is($nginx->status('good'), 200, 'and nothing else');

        $master->cmd('XADD', 'revoked', '*', 'token', $token);
        is($nginx->status($token), 401, 'what was written is in force');
        ok(followed($master), 'the master was asked');
        $nginx->finish;
    }
};


subtest 'the replica that is followed is killed' => sub {
    my $nginx = edge(at(@replicas));

    is($nginx->status('bad'), 401, 'one is followed');

    $replicas[0]->kill;
    ok($nginx->wait_log(qr/ follows log/, 10, 2), 'then the other one');

    $master->cmd('XADD', 'revoked', '*', 'token', 'other');
    ok($nginx->wait_refused('other'), 'and what it says is in force');
    is($nginx->log_count(qr/lost log/), 1, 'which is one line');
    $nginx->finish;

    $replicas[0]->start;
};


subtest 'the master is killed' => sub {
    my $nginx = edge(at($master, @replicas));

    is($nginx->status('bad'), 401, 'it is followed');

    $master->kill;
    ok($nginx->wait_log(qr/lost log .*: redis closed/), 'it is said');

    # whom an operator makes the next one

    $replicas[1]->cmd('REPLICAOF', 'NO', 'ONE');
    $replicas[1]->cmd('XADD', 'revoked', '*', 'token', 'next');

    ok($nginx->wait_refused('next', 20), 'the next master is found');
    is($nginx->status('bad'), 401, 'what was known stays known');
    $nginx->finish;
};


done_testing();
