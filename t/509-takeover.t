# Two nginxes after a binary upgrade: the newer one follows as soon as it can,
# also when its follower is killed again and again, and the older one does when
# the newer one has left.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();


sub revoke { $redis->cmd('XADD', 'revoked', '*', 'token', $_[0]) }


# the process that has begun to follow last, if it is a worker of this nginx

sub follows {
    my ($nginx) = @_;

    my @pids = $nginx->log_text =~ /(\d+)#\d+: token revoke .* follows log/g;
    return (grep { $_ == $pids[-1] } $nginx->workers)[0];
}


my $old = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                  workers => 2, daemon => 'on')->start;

ok($old->wait_live, 'live');
revoke('before');
ok($old->wait_refused('before'), 'the old nginx follows');

my $new = $old->upgrade;

ok(wait_for(sub { follows($new) }), 'the new one takes over, unasked');
revoke('both');
ok($old->wait_refused('both'), 'and goes on');

for my $i (1 .. 5) {
    my $pid = follows($new);

    last if !ok($pid, 'the new nginx follows');

    kill 'KILL', $pid;
    revoke("killed-$i");
    ok(wait_for(sub { my $p = follows($new); $p and $p != $pid }),
       'its follower is killed: the next one is its own, too');
    ok($old->wait_refused("killed-$i"), 'and goes on');
}

# the old one has two workers with number 0 now: those of WINCH and HUP

my @kept = map { $old->begin('before') } 1 .. 4;

$old->signal('WINCH');
ok($old->wait_log(qr/gracefully shutting down/), 'WINCH: some are held');
$old->signal('HUP');
ok(wait_for(sub { $old->workers > 2 }), 'HUP: there are more workers now');
revoke('winch');
ok($old->wait_refused('winch'), 'somebody follows');
ok(wait_for(sub { follows($new) }), 'the new nginx does');
is(join(' ', map { $old->end($_) } @kept), '401 401 401 401',
   'who was kept is answered, and rightly');

is($new->stop, 0, 'the new nginx leaves');
ok(wait_for(sub { $old->workers and follows($old) }), 'the old one follows');
revoke('back');
ok($old->wait_refused('back'), 'and goes on');

ok($old->reload, 'it can be reloaded');
revoke('reloaded');
ok($old->wait_refused('reloaded'), 'and goes on');
is_deeply($old->statuses('before', 'both', 'winch', 'back', 'reloaded',
                         map({ "killed-$_" } 1 .. 5), 'good'),
          { 401 => 10, 200 => 1 }, 'nothing was lost');

$old->finish(qr/exited on signal 9/);

done_testing();
