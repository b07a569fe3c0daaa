# A binary upgrade (USR2, WINCH, QUIT) and the way back: old and new nginx have
# the same rules, at any moment, and nobody waits for a sync.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Load;
use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();


sub revoke { $redis->cmd('XADD', 'revoked', '*', map { (token => $_) } @_) }

sub live { $_[0]->log_count(qr/follows log/) }

sub memories { scalar $_[0]->descriptors(qr/memfd:token_revoke:/) }

sub adopted { $_[0]->log_count(qr/goes on with the rules of before/) }


# the token is refused by a worker of each of these nginxes

sub refused_by {
    my ($token, @nginx) = @_;

    my %seen;

    return wait_for {
        my $text = $nginx[0]->get($token);
        my ($worker) = $text =~ /^HTTP\/1.1 401 .*^X-Worker: (\d+)/ms or return;

        for my $i (0 .. $#nginx) {
            $seen{$i} = 1 if grep { $_ == $worker } $nginx[$i]->workers;
        }

        keys %seen == @nginx;
    };
}


my @many = map { "many-$_" } 1 .. 100000;
my @left = ('bad', @many);

while (my @some = splice @left, 0, 1000) {
    revoke(@some);
}

my $old = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                  size => '16m', workers => 2,
                                  daemon => 'on')->start;

ok($old->wait_live, 'live');

# the way there

my $load = TokenRevoke::Load->new(port => $old->port)->start;
revoke('phase-1');

my $new = $old->upgrade;
is(adopted($new), 1, 'the new nginx has the memory of the old one');
ok(refused_by('phase-1', $old, $new), 'both refuse what was revoked before');
revoke('phase-2');
ok(refused_by('phase-2', $old, $new), 'and what is revoked now');

ok($old->winch, 'WINCH: the old workers leave');
revoke('phase-3');
ok(refused_by('phase-3', $new), 'the new ones refuse what comes now');

is($old->stop, 0, 'QUIT: the old master leaves');
revoke('phase-4');
ok(refused_by('phase-4', $new), 'and what comes then');

is($load->wrong('good 200', 'bad 401'), '', 'all answers were right');
is_deeply($new->statuses(@many), { 401 => 100000 }, 'and all rules are there');
is(memories($new), 1, 'the new master has one descriptor of the zone');
is($new->log_count(qr/not been synced/), 0, 'nobody has waited');

# nobody asks Redis for that: it may be away

$redis->freeze;
$old = $new;
$new = $old->upgrade;
ok($old->winch, 'an upgrade without Redis');
is_deeply($new->statuses('phase-4', 'many-1', 'good', 'another'),
          { 401 => 2, 200 => 2 }, 'the new nginx decides');
$redis->thaw;

# and back

my $live = live($new);
$load = TokenRevoke::Load->new(port => $old->port)->start;

$old->signal('HUP');
ok(wait_for(sub { $old->workers == 2 }), 'HUP: the old workers come back');
revoke('back-1');
ok(refused_by('back-1', $old, $new), 'both refuse what is revoked');
is($new->stop, 0, 'QUIT: the new nginx leaves');
revoke('back-2');
ok(refused_by('back-2', $old), 'the old one refuses what comes then');
is($load->wrong('good 200', 'bad 401'), '', 'all answers were right');
is(memories($old), 1, 'one descriptor of the zone');

ok($old->reload, 'it can be reloaded');
revoke('back-3');
ok(refused_by('back-3', $old), 'and goes on');

# the new nginx has another size: the rules of before decide

$old->set(size => '20m');
$redis->freeze;
$new = $old->upgrade;
ok($old->winch && $old->stop eq 0, 'an upgrade with another size');
is_deeply($new->statuses('back-3', 'many-100000', 'good'),
          { 401 => 2, 200 => 1 }, 'without Redis, too');

$old = $new;
$new = $old->upgrade;
ok($old->winch && $old->stop eq 0, 'and another one before it was synced');
is_deeply($new->statuses('back-3', 'many-100000', 'good'),
          { 401 => 2, 200 => 1 }, 'still');
is(memories($new), 2, 'it has the memory of before, too');

$live = live($new);
$redis->thaw;
ok(wait_for(sub { live($new) > $live }), 'it is live');
is_deeply($new->statuses(@many, 'good'), { 401 => 100000, 200 => 1 },
          'with all rules');

# another log is another zone, and it says so

$redis->cmd('XADD', 'another', '*', 'token', 'theirs');
$new->set(zone => 'log=another');
$old = $new;
$new = $old->upgrade;
ok($old->winch && $old->stop eq 0, 'an upgrade with another log');
is_deeply($new->statuses('theirs', 'back-3'), { 401 => 1, 200 => 1 },
          'has the rules of that log');
ok($new->wait_log(qr/cannot go on with the rules of before: they are those of/),
   'and says so');
is(memories($new), 1, 'what it does not use is closed');

# nobody is left

$new->finish;

done_testing();
