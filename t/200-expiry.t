# The end of a rule: "until" and "ttl".  Ends are kept in units of 16 seconds,
# rounded up.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use Time::HiRes ();

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();
my $now = time;


sub revoke {
    my ($token, @pairs) = @_;
    $redis->cmd('XADD', 'revoked', '*', 'token', $token, @pairs);
}


my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket)->start;

ok($nginx->wait_live, 'live');

# ends soon

revoke('ttl', ttl => 1);
revoke('until', until => $now + 1);
revoke('until-ms', until => 1000 * ($now + 1));
my @soon = qw(ttl until until-ms);

# is over

revoke('past', until => $now - 3600);
revoke('past-ms', until => 1000 * ($now - 3600));
my @past = qw(past past-ms);

# ends late, or never, or is made longer: the later end stands

revoke('far', until => $now + 86400);
revoke('far-ms', until => 1000 * ($now + 86400));
revoke('ttl-far', ttl => 86400);
revoke('ever');
revoke('longer', ttl => 1);
revoke('longer', ttl => 3600);
revoke('shorter', ttl => 3600);
revoke('shorter', ttl => 1);
revoke('ever-again', ttl => 1);
revoke('ever-again');
revoke('ever-and-soon');
revoke('ever-and-soon', ttl => 1);
revoke('both', until => $now + 3600, ttl => 1);
revoke('bad', until => 'tomorrow');
revoke('beyond', until => '99999999999');
my @late = qw(far far-ms ttl-far ever longer shorter ever-again ever-and-soon
              both bad beyond);

# is over by what came last, which is not later

revoke('past-and-far', until => $now + 3600);
revoke('past-and-far', until => $now - 3600);
push @late, 'past-and-far';

ok($nginx->wait_refused('past-and-far'), 'all are applied');

# what ends soon has not ended yet, if the test was as quick as it should be

is_deeply($nginx->statuses(@late), { 401 => scalar @late },
          'those that end late are in force');
is_deeply($nginx->statuses(@past), { 200 => scalar @past },
          'those that are over are not');

my $refused = $nginx->statuses(@soon)->{401} // 0;

SKIP: {
    skip 'this machine is too slow for a second', 1 if time > $now + 1;
    is($refused, scalar @soon, 'those that end soon are in force');
}

# an edge that starts later reads the same

my $other = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket)->start;

ok(wait_for(sub {
    Time::HiRes::sleep(0.05);
    ($nginx->statuses(@soon)->{200} // 0) == @soon;
}, 20), 'they end');
is_deeply($nginx->statuses(@late), { 401 => scalar @late },
          'the others do not');
is_deeply($other->statuses(@soon), { 200 => scalar @soon },
          'on another edge they have ended too');
is_deeply($other->statuses(@late), { 401 => scalar @late },
          'and only they');

# what has ended can be revoked again

revoke('ttl');
ok($nginx->wait_refused('ttl'), 'what has ended can be revoked again');

# and is still known after a reload

ok($nginx->reload, 'reload');
is_deeply($nginx->statuses(@late, @soon),
          { 401 => @late + 1, 200 => @soon - 1 }, 'ends survive a reload');

$_->finish for $nginx, $other;

done_testing();
