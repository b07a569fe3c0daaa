# The follower is stopped, or killed again and again while it writes: the other
# workers go on with what they have, and nothing is lost.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Load;
use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();


sub revoke { $redis->cmd('XADD', 'revoked', '*', map { (token => $_) } @_) }


# the process that has begun to follow last

sub follower {
    my ($nginx) = @_;
    my @pids = $nginx->log_text =~ /(\d+)#\d+: token revoke .* follows log/g;
    return $pids[-1];
}


sub age { $_[0] =~ /^X-Age: (\d+)\r$/m ? $1 : -1 }


# stopped: the age grows, then on_error decides; and it goes on

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    workers => 3,
                                    location => 'token_revoke_max_stale 1s;')
                              ->start;

ok($nginx->wait_live, 'live');
revoke('bad');
ok($nginx->wait_refused('bad'), 'a token is refused');

my $pid = follower($nginx);

kill 'STOP', $pid;
revoke('unseen');

my @ages = map { age($nginx->get('bad')) } 1 .. 20;

is($nginx->status('bad'), 401, 'the follower is stopped: others refuse');
is($nginx->status('unseen'), 200, 'do not know what comes');
ok(wait_for(sub { age($nginx->get('good')) > $ages[-1] }), 'the age grows');
ok(wait_for(sub { $nginx->verdict('good') eq 'UNAVAILABLE' }),
   'beyond max_stale nobody knows');
is($nginx->status('good'), 503, 'which on_error decides');
is($nginx->status('bad'), 401, 'what is revoked is refused');
is($nginx->log_count(qr/longer than token_revoke_max_stale/), 1,
   'and one line says so');

kill 'CONT', $pid;
ok($nginx->wait_refused('unseen'), 'it goes on');
ok(wait_for(sub { $nginx->verdict('good') eq 'PASSED' }), 'and confirms');
is(follower($nginx), $pid, 'the same one');

$nginx->finish;

# killed in the middle of 100,000 rules, with all other workers

$nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                 size => '16m', workers => 2)->start;
ok($nginx->wait_live, 'live');

my $load = TokenRevoke::Load->new(port => $nginx->port)->start;
my @many = map { "many-$_" } 1 .. 100000;
my @left = @many;
my $killed = 0;

while (my @some = splice @left, 0, 1000) {
    revoke(@some);

    if (@left % 4000 == 0 and @left) {
        wait_for { $nginx->workers == 2 };
        $killed += kill 'KILL', $nginx->workers;
    }
}

cmp_ok($killed, '>', 20, "$killed workers were killed");
ok($nginx->wait_refused($many[-1]), 'the log is read to its end');
is_deeply($nginx->statuses(@many, 'bad', 'unseen'), { 401 => 100002 },
          'nothing of it is lost');
is_deeply($nginx->statuses(map { "no-$_" } 1 .. 1000), { 200 => 1000 },
          'and nothing is found that was not there');
is($load->wrong('good 200', 'bad 401'), '',
   'and no answer was wrong meanwhile');

$nginx->finish(qr/exited on signal 9/);

done_testing();
