# A zone that was full recovers when rules have ended: what did not fit is read
# from the log again, and nothing passes before that.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    size => '1m', workers => 2)->start;

ok($nginx->wait_live, 'live');

my $n = 0;


# tokens that stay revoked for a while

sub push_some {
    my ($until) = @_;

    $redis->cmd('XADD', 'revoked', '*', 'until', $until,
                map { (token => 'short-' . $n++) } 1 .. 2000);
}


sub full { $nginx->log_count(qr/\[error\].*"edge" is full at entry/) }


my $until = time + 6;

$redis->cmd('XADD', 'revoked', '*', 'token', 'kept-1');
$redis->cmd('XADD', 'revoked', '*', 'token', 'lifted');

my $limit = 100;

until (full() or !$limit--) {
    push_some($until);
    wait_for { full() } 0.02;
}

is(full(), 1, 'the zone is full');

push_some($until) for 1 .. 5;
$redis->cmd('XADD', 'revoked', '*', 'token', 'kept-2');
$redis->cmd('XADD', 'revoked', '*', 'token', 'lifted', 'action', 'restore');
$redis->cmd('XADD', 'revoked', '*', 'token', 'kept-3');

ok(wait_for(sub { $nginx->status('other') == 503 }), 'on_error decides');
ok(wait_for(sub { $nginx->status('lifted') == 503 }), 'all of it is read');

my @kept = map { "kept-$_" } 1 .. 3;
my %seen;

ok(wait_for(sub {
    $seen{$nginx->status($_)}++ for @kept;
    return $nginx->status('other') == 200;
}, 30), 'when the others have ended, tokens pass again');

is($seen{200}, undef, 'no revoked token has passed meanwhile');
is_deeply($nginx->statuses(@kept, 'lifted', 'short-0'),
          { 401 => 3, 200 => 2 }, 'all rules are in force, and no others');

ok($nginx->wait_log(qr/\[notice\].*has room again, \d+% of it in use/),
   'that there is room is said');
ok($nginx->wait_log(qr/\[notice\].*holds all rules of log "revoked" again/),
   'and that all is well');
is(full(), 1, 'and nothing else');

# it can become full again

$until = time + 600;
$limit = 100;

until (full() == 2 or !$limit--) {
    push_some($until);
    wait_for { full() == 2 } 0.02;
}

is(full(), 2, 'a second time');
is($nginx->status('other'), 503, 'on_error decides');

$nginx->finish;

done_testing();
