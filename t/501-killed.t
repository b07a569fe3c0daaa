# A worker that is killed is replaced, and following goes on.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();


sub revoke { $redis->cmd('XADD', 'revoked', '*', 'token', $_[0]) }


# the process that follows has written the last of these lines

sub follower {
    my ($nginx) = @_;
    my @pids = $nginx->log_text =~ /(\d+)#\d+: token revoke .* follows log/g;
    return $pids[-1];
}


my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    workers => 4)->start;

ok($nginx->wait_live, 'live');

revoke('first');
ok($nginx->wait_refused('first'), 'a token is refused');

# by each of the workers: until all have answered once

my %seen;

ok(wait_for {
    my $text = $nginx->get('first');
    my ($worker) = $text =~ /^X-Worker: (\d+)/m;
    $seen{$worker}{ TokenRevoke::Nginx::status_of($text) }++;
    keys %seen == 4;
}, 'four workers answered');

is(join(' ', map { keys %$_ } values %seen), '401 401 401 401',
   'and all of them refused');

for my $i (1 .. 3) {
    my $pid = follower($nginx);

    ok(scalar(grep { $_ == $pid } $nginx->workers), 'the follower is known');

    kill 'KILL', $pid;
    revoke("while-$i");

    ok(wait_for { follower($nginx) != $pid }, 'killed, it is replaced');
    ok($nginx->wait_refused("while-$i"), 'what came meanwhile is applied');

    revoke("after-$i");
    ok($nginx->wait_refused("after-$i"), 'and what comes later is');
    is($nginx->status('first'), 401, 'and no rule is lost');
    is($nginx->status('another'), 200, 'and no other token is refused');
}

# killed while it applies a lot

my @tokens = map { "many-$_" } 1 .. 30000;
my $pid = follower($nginx);
my @left = @tokens;

while (my @some = splice @left, 0, 1000) {
    $redis->cmd('XADD', 'revoked', '*', map { (token => $_) } @some);
    kill 'KILL', $pid if @left == 15000;
}

ok($nginx->wait_refused($tokens[-1]), 'killed while it applies a lot');
is_deeply($nginx->statuses(@tokens), { 401 => scalar @tokens },
          'nothing of it is lost');
is_deeply($nginx->statuses(map { "no-$_" } 1 .. 1000), { 200 => 1000 },
          'and nothing is found that was not there');

# another one of the workers is none of the follower's business

my $lines = $nginx->log_count(qr/follows log/);
my $follower = follower($nginx);
my ($innocent) = grep { $_ != $follower } $nginx->workers;

kill 'KILL', $innocent;
ok(wait_for { !grep { $_ == $innocent } $nginx->workers
              and $nginx->workers == 4 },
   'a worker that does not follow is killed');
revoke('end');
ok($nginx->wait_refused('end'), 'following goes on');
is($nginx->log_count(qr/follows log/), $lines, 'and was not interrupted');

$nginx->finish(qr/exited on signal 9/);

# one that is stopped still is the writer: its successor waits for it

$nginx->set(workers => 1)->start;
ok($nginx->wait_refused('end'), 'one worker');

my ($old) = $nginx->workers;

kill 'STOP', $old;
$nginx->signal('HUP');
ok(wait_for(sub { $nginx->workers == 2 }), 'it is stopped, another is there');

my ($new) = grep { $_ != $old } $nginx->workers;

ok(wait_for(sub { $nginx->get('end', '/', 1) =~ /^X-Worker: $new\r$/m }),
   'which answers');
revoke('not-yet');
is($nginx->status('not-yet', '/', 1), 200, 'but does not write')
    for 1 .. 20;

kill 'CONT', $old;
ok($nginx->wait_refused('not-yet'), 'until the old one has left');
$nginx->finish(qr/exited on signal 9/);

done_testing();
