# token_revoke_strict asks a master, whatever the edge follows; and one that
# has become a replica is none, though the connection to it goes on.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my ($one, $two) = map {
    start_redis(port => 1, conf => ['--repl-diskless-sync-delay', 0])
} 1 .. 2;

my $master = $one;


sub revoke { $master->cmd('XADD', 'revoked', '*', 'token', $_[0]) }

sub in_sync {
    my ($redis) = @_;
    return wait_for { $redis->cmd('INFO', 'replication')
                      =~ /^master_link_status:up/m };
}

# XINFO that this Redis was asked for

sub questions {
    my ($redis) = @_;
    return ($redis->cmd('INFO', 'commandstats')
            =~ /^cmdstat_xinfo\|stream:calls=(\d+)/m)[0] // 0;
}


revoke('bad');
$two->cmd('REPLICAOF', '127.0.0.1', $one->port);
ok(in_sync($two), 'a replica');

my $nginx = TokenRevoke::Nginx->new(
    redis => 'redis://127.0.0.1:' . $two->port, zone => 'timeout=500ms',
    location => 'token_revoke_strict on; token_revoke_wait 10s;')->start;

is($nginx->status('bad'), 401, 'the edge follows the replica');
is($nginx->status('good'), 200, 'others pass');

my $asked = questions($one);
my ($missed, $held) = (0, 0);

for my $i (1 .. 100) {
    revoke("t-$i");
    $missed++ if $nginx->status("t-$i") != 401;
    $held++ if $nginx->status("good-$i") != 200;
}

is($missed, 0, 'the request after XADD is refused');
is($held, 0, 'others pass');
cmp_ok(questions($one) - $asked, '>=', 100, 'the master is asked');

# they change places: the edge is still connected to both

$two->cmd('REPLICAOF', 'NO', 'ONE');
$one->cmd('REPLICAOF', '127.0.0.1', $two->port);
$master = $two;

my $wrong = 0;

for my $i (1 .. 100) {
    revoke("u-$i");

    my $status = $nginx->status("u-$i");
    $missed++ if $status == 200;
    $wrong++ if $status == 401;
}

is($missed, 0, 'they change places: what the new master knows is not missed');
cmp_ok($wrong, '>', 0, 'and found');
ok(wait_for(sub { $nginx->status('good') == 200 }), 'others pass again');

$asked = questions($two);
$nginx->status("later-$_") for 1 .. 10;
cmp_ok(questions($two) - $asked, '>=', 10, 'the new master is asked');

# no master at all

$two->cmd('REPLICAOF', '127.0.0.1', $one->port);

ok(wait_for(sub { $nginx->status('good') == 503 }, 20), 'two replicas');
is($nginx->status('bad'), 401, 'a known rule refuses');
like($nginx->log_text, qr/strict answers of .* had: .*replica/, 'the reason');

$nginx->finish;

done_testing();
