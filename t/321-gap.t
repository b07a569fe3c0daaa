# A log that was trimmed before it was read: that is the operator's act, so
# nothing is refused for it, but he is told, until he accepts it.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();
my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    workers => 2)->start;

my $n = 0;


sub revoke { map { $redis->cmd('XADD', 'revoked', '*', 'token', $_) } @_ }


# the process whose connection Redis has closed cannot read: the edge is away

sub away {
    my ($what) = @_;

    my @workers = $nginx->workers;

    kill STOP => @workers;
    $redis->cmd('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    $what->();
    kill CONT => @workers;

    my $token = 'back-' . ++$n;

    revoke($token);
    ok($nginx->wait_refused($token), 'the edge is back');
}


# while the connection stays

sub stopped {
    my ($what) = @_;

    my @workers = $nginx->workers;

    kill STOP => @workers;
    $what->();
    kill CONT => @workers;

    my $token = 'back-' . ++$n;

    revoke($token);
    ok($nginx->wait_refused($token), 'the edge goes on');
}


sub gaps   { $nginx->log_count(qr/\[warn\].*was trimmed up to/) }
sub losses { $nginx->log_count(qr/is not the one that was applied/) }


revoke(map { "a-$_" } 1 .. 10);
ok($nginx->wait_refused('a-10'), 'ten entries are applied');
ok($nginx->wait_live, 'and confirmed');

away(sub { $redis->cmd('XTRIM', 'revoked', 'MAXLEN', 3) });
is(gaps(), 0, 'what was applied may be trimmed');

away(sub {
    revoke('b-1', 'b-2');
    $redis->cmd('XTRIM', 'revoked', 'MAXLEN', 0);
});
is(gaps(), 1, 'what was not is missed');
is($nginx->status('b-1'), 200, 'nothing is refused for that');
is($nginx->status('a-1'), 401, 'and nothing is lifted');

away(sub {
    revoke(map { "c-$_" } 1 .. 5);
    $redis->cmd('XTRIM', 'revoked', 'MAXLEN', 2);
});
is(gaps(), 2, 'trimmed up to the middle of what was not applied');
is_deeply($nginx->statuses('c-4', 'c-5'), { 401 => 2 }, 'the rest is applied');

stopped(sub {
    revoke(map { "d-$_" } 1 .. 5);
    $redis->cmd('XTRIM', 'revoked', 'MAXLEN', 2);
});
is(gaps(), 3, 'on a connection that stays as well');

# what is deleted one by one is meant

away(sub {
    my @ids = revoke('e-1', 'e-2', 'e-3');
    $redis->cmd('XDEL', 'revoked', $ids[1]);
});
is(gaps(), 3, 'an entry in the middle');

away(sub {
    my ($id) = (revoke('f-1'))[-1];
    $redis->cmd('XDEL', 'revoked', $id);
});
is(gaps(), 3, 'the last entry');

is(losses(), 0, 'nothing of it is a loss');

revoke('g-1');
$redis->cmd('XADD', 'revoked', '*', 'action', 'accept');
revoke('g-2');
ok($nginx->wait_refused('g-2'), 'an entry that accepts');
is($nginx->log_count(qr/accepts gap/), 1, 'the gap is accepted, and only that');
is($nginx->log_count(qr/accepts/), 1, 'and only once');

$nginx->finish;

# rules that would have ended are not missed

$nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                 zone => 'retain=1h', workers => 2)->start;
ok($nginx->wait_live, 'an edge that keeps rules for an hour');

my $old = (time - 7200) * 1000;

$redis->cmd('DEL', 'revoked');
$redis->cmd('XADD', 'revoked', $old + $_ . '-0', 'token', "h-$_") for 1 .. 3;
$redis->cmd('XADD', 'revoked', $old + 4 . '-0', 'token', 'h-4',
            'until', time + 600);
ok($nginx->wait_refused('h-4'), 'it has read an old log');

away(sub {
    $redis->cmd('XADD', 'revoked', $old + $_ . '-0', 'token', "h-$_")
        for 5 .. 8;
    $redis->cmd('XTRIM', 'revoked', 'MAXLEN', 2);
});
is(gaps(), 0, 'old entries are trimmed');

$nginx->finish;

done_testing();
