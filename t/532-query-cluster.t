# token_revoke_query and a Redis Cluster: the set is on another node, its slot
# moves, or is about to; a replica; a master that Sentinel knows.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Cluster;
use TokenRevoke::Nginx qw(wait_for start_redis);
use TokenRevoke::Sentinel;

my $cluster = TokenRevoke::Cluster->new;
my ($first, $second) = $cluster->others('set');
my $owner = $cluster->owner('set');

$owner->cmd('SADD', 'set', 'bad', map { "bad-$_" } 1 .. 100);


sub asked {
    my ($node) = @_;

    return $node->cmd('INFO', 'commandstats')
        =~ /cmdstat_sismember:calls=(\d+)/ ? $1 : 0;
}


my $nginx = TokenRevoke::Nginx->new(
    check => '', location => 'token_revoke_query'
        . ' redis=redis://127.0.0.1:' . $first->port
        . ' timeout=5s SISMEMBER set $token_revoke_token_raw;',
    server => 'location = /otherwise { token_revoke_query'
        . ' redis=redis://127.0.0.1:' . $first->port
        . ' EXISTS set:$token_revoke_token_raw; empty_gif; }',
)->start;

my @tokens = map { ("good-$_", "bad-$_") } 1 .. 100;
my $right = { 200 => 100, 401 => 100 };

is($nginx->status('bad'), 401, 'the node says where the set is');
is($nginx->status('good'), 200, 'and it is asked there');
is_deeply($nginx->statuses(@tokens), $right, 'many');
is(asked($first), 0, 'the first one has answered nothing');

# the slot moves, with all questions of a pass on their way to the old node

$cluster->migrate('set', $second);
is_deeply($nginx->statuses(@tokens), $right,
          'questions that are redirected are asked again');
ok(asked($second) >= 200, 'of the new owner');

$cluster->migrate_begin('set', $owner);
is_deeply($nginx->statuses(@tokens), $right, 'a slot that is on its way');
$cluster->migrate_end('set', $owner);
is_deeply($nginx->statuses(@tokens), $right, 'and has come');

is($nginx->log_count(qr/cannot query|failed:/), 0, 'none of it is a failure');

# keys of many slots are not for one connection; nobody is let in for it

my %seen = map { $nginx->status("good-$_", '/otherwise') => 1 } 1 .. 30;
is(join(' ', grep { !/^(?:200|503)$/ } keys %seen), '',
   'keys of many slots: an answer or none');

ok(wait_for(sub { $nginx->status('bad') == 401 }), 'the set goes on');

$nginx->finish;

# a replica may be asked

my $master = start_redis(port => 1);
my $replica = start_redis(conf => ['--replicaof', '127.0.0.1',
                                   $master->port]);

$master->cmd('SADD', 'set', 'bad');
ok(wait_for(sub { $replica->cmd('SCARD', 'set') }), 'a replica');

$nginx = TokenRevoke::Nginx->new(
    check => '', location => 'token_revoke_query'
        . ' redis=unix:' . $replica->socket
        . ' SISMEMBER set $token_revoke_token_raw;')->start;

is($nginx->status('bad'), 401, 'answers, too');
is($nginx->status('good'), 200, 'and with no');
$nginx->finish;

# with Sentinel the master is, whoever it is

my $s = TokenRevoke::Sentinel->new(sentinels => 1, replicas => 1);

$s->master->cmd('SADD', 'set', 'bad');

$nginx = TokenRevoke::Nginx->new(
    check => '', location => 'token_revoke_query'
        . ' redis=redis+sentinel://' . $s->hosts . '/main'
        . ' timeout=5s SISMEMBER set $token_revoke_token_raw;')->start;

is($nginx->status('bad'), 401, 'Sentinel names the master');
$s->failover;
ok(wait_for(sub { eval { $s->master->cmd('SADD', 'set', 'new') } }),
   'there is another one');
ok($nginx->wait_refused('new', 20), 'which Sentinel names, too');
is($nginx->status('good'), 200, 'and which answers');
$nginx->finish;

done_testing();
