#!/usr/bin/env perl

# token-revoke finds the Redis that can be written to: Redis Cluster (MOVED,
# also ASK while the slot is on its way) and Sentinel.  Kills: a redirection
# that is shown as an error, or followed without ASKING; a Sentinel that is
# taken for a Redis, or a replica for the master.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Nginx qw(temp_dir start_redis wait_for);
use TokenRevoke::Port qw(free_port);

my $dir = temp_dir();
my $command = TokenRevoke::Command->new(dir => $dir);


# two masters, each with half of the slots

{
    my @node = map {
        start_redis(port => 1, conf => ['--cluster-enabled', 'yes',
                                        '--cluster-port', free_port()]);
    } 1 .. 2;
    my @url = map { 'redis://127.0.0.1:' . $_->port } @node;

    $node[0]->cmd('CLUSTER', 'ADDSLOTSRANGE', 0, 8191);
    $node[1]->cmd('CLUSTER', 'ADDSLOTSRANGE', 8192, 16383);

    my ($bus) = $node[1]->cmd('CLUSTER', 'NODES') =~ /\@(\d+)/;

    $node[0]->cmd('CLUSTER', 'MEET', '127.0.0.1', $node[1]->port, $bus);

    for my $node (@node) {
        wait_for(sub {
            $node->cmd('CLUSTER', 'INFO')
                =~ /cluster_state:ok.*cluster_known_nodes:2/s;
        }) or die "there is no cluster\n";
    }

    my $slot = $node[0]->cmd('CLUSTER', 'KEYSLOT', 'revoked');
    my ($has, $other) = $slot < 8192 ? (0, 1) : (1, 0);

    for my $url (@url) {
        my $r = $command->run('add', 'sub', 'a', '--create', '--redis', $url);

        is($r->{status}, 0, 'a cluster is written to by any node')
            or diag($r->{err});
    }

    is($node[$has]->cmd('XLEN', 'revoked'), 2, 'the right one has it');

    like($command->run('edges', '--redis', $url[$other])->{out},
         qr/^no edge is registered/, 'the registry is there, too');

    # the slot is on its way, and the log is not there yet

    my @id = map { $_->cmd('CLUSTER', 'MYID') } @node;

    $node[$has]->cmd('DEL', 'revoked');
    $node[$other]->cmd('CLUSTER', 'SETSLOT', $slot, 'IMPORTING', $id[$has]);
    $node[$has]->cmd('CLUSTER', 'SETSLOT', $slot, 'MIGRATING', $id[$other]);

    my $r = $command->run('add', 'sub', 'a', '--create', '--redis', $url[$has]);

    is($r->{status}, 0, 'a redirection for one question is followed')
        or diag($r->{err});
    $node[$_]->cmd('CLUSTER', 'SETSLOT', $slot, 'NODE', $id[$other])
        for $other, $has;
    is($node[$other]->cmd('XLEN', 'revoked'), 1, 'the new node has it');
}


# Sentinel

{
    my $master = start_redis(port => 1);
    my $replica = start_redis(port => 1,
        conf => ['--replicaof', '127.0.0.1 ' . $master->port]);
    my $port = free_port();

    open my $out, '>', "$dir/sentinel.conf" or die "$!\n";
    print $out "port $port\nbind 127.0.0.1\ndir $dir\nlogfile $dir/log\n",
        'sentinel monitor mine 127.0.0.1 ', $master->port, " 1\n";
    close $out;

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        exec 'redis-server', "$dir/sentinel.conf", '--sentinel';
        exit 127;
    }

    my $url = "redis+sentinel://127.0.0.1:$port";
    my $r;

    ok(wait_for(sub {
        $r = $command->run('add', 'sub', 'a', '--create', '--redis',
                           "$url/mine");
        $r->{status} == 0;
    }), 'the master is found by Sentinel') or diag($r->{err});

    cmp_ok($master->cmd('XLEN', 'revoked'), '>=', 1, 'and has it');

    $r = $command->run('add', 'sub', 'a', '--redis', "$url/other");
    is($r->{status}, 1, 'a master that it does not know');
    like($r->{err}, qr/^\S+ \S+ the Sentinel at .* knows no master "other"/,
         'is said');

    $r = $command->run('add', 'sub', 'a', '--redis',
                       "redis://127.0.0.1:$port");
    is($r->{status}, 1, 'a Sentinel is no Redis');
    like($r->{err}, qr/is a Sentinel: name the master/, 'and what to write');

    $r = $command->run('add', 'sub', 'a', '--redis', 'redis+sentinel://'
                       . '127.0.0.1:' . free_port() . '/mine');
    like($r->{err}, qr/cannot be reached/, 'no Sentinel there');

    kill 'KILL', $pid;
    waitpid $pid, 0;
}

done_testing();
