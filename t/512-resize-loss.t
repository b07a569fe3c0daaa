# New memory knows what the log holds when it reads it.  What Redis has lost,
# and only the memory before still had, ends then: the operator is told, and
# is shown it until he accepts it.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis(port => 1,
                        conf => ['--repl-diskless-sync-delay', 0]);
my $nginx = TokenRevoke::Nginx->new(
    redis => 'unix:' . $redis->socket, zone => 'edge=one', workers => 2)->start;

my $marks = 0;


sub revoke { $redis->cmd('XADD', 'revoked', '*', 'token', $_) for @_ }
sub live   { $nginx->log_count(qr/follows log/) }
sub new    { $nginx->log_count(qr/is new: the rules of before decide/) }
sub losses { $nginx->log_count(qr/all rules are kept/) }
sub ended  { $nginx->log_count(qr/\[warn\].*has lost end when it is synced/) }
sub gaps   { $nginx->log_count(qr/\[warn\].*was trimmed up to/) }

sub may_read { $redis->cmd('ACL', 'SETUSER', 'default', "$_[0]xread") }


# what the edge says has to be looked at, when it says so of this entry

sub reports {
    my $token = 'mark-' . live() . '-' . ++$marks;
    my $id = $redis->cmd('XADD', 'revoked', '*', 'token', $token);
    my $edge;

    wait_for {
        my $text = $redis->cmd('HGET', '{revoked}:edges', 'one') // '{}';
        $edge = JSON::PP->new->decode($text);
        ($edge->{applied} // '') ge $id;
    };

    return join ' ', @{ $edge->{reports} };
}


# another size; and it is done when the new memory is live

sub resize {
    my ($size, $meanwhile) = @_;

    my ($live, $new) = (live(), new());

    $nginx->set(size => $size);
    ok($nginx->reload, "$size: reload");
    is(new(), $new + 1, 'other memory');
    $meanwhile->() if $meanwhile;
    ok(wait_for(sub { live() > $live }), 'it is live');
}


revoke('kept', 'gone');
ok($nginx->wait_refused('gone'), 'two rules');
ok($nginx->wait_live, 'are confirmed');

resize('8m');
is(ended(), 0, 'nothing was lost');
is(reports(), '', 'and nothing has to be looked at');
is_deeply($nginx->statuses('kept', 'gone', 'good'), { 401 => 2, 200 => 1 },
          'all is in force');


# before the new memory has read the log, that is deleted

may_read('-');

resize('5m', sub {
    ok($nginx->wait_log(qr/nothing is known yet/), 'it cannot read the log');
    is_deeply($nginx->statuses('kept', 'gone', 'good'), { 401 => 2, 200 => 1 },
              'the rules of before decide');

    $redis->cmd('DEL', 'revoked');
    revoke('kept');
    ok(wait_for(sub { ended() == 1 }), 'it is another log: that is said');
    is($nginx->status('gone'), 401, 'before it makes a difference');

    may_read('+');
});

is($nginx->status('gone'), 200, 'what was lost has ended');
is($nginx->status('kept'), 401, 'what is there has not');
is(reports(), 'loss', 'it has to be looked at');
is(ended(), 1, 'and was said once');

$redis->cmd('XADD', 'revoked', '*', 'action', 'accept');
ok($nginx->wait_log(qr/accepts loss/), 'somebody has');
is(reports(), '', 'and it is shown no more');


# a loss that the memory before has reported, and nobody has accepted

revoke('gone');
ok($nginx->wait_refused('gone'), 'another rule');

$redis->cmd('DEL', 'revoked');
revoke('kept');

ok(wait_for(sub { losses() == 1 }), 'a loss');
is(reports(), 'loss', 'that is shown');
is($nginx->status('gone'), 401, 'all rules are kept');

resize('6m');
is(ended(), 2, 'new memory does not have them: that is said');
is($nginx->status('gone'), 200, 'what was lost has ended');
is(reports(), 'loss', 'and is still to be looked at');

resize('7m');
is(reports(), 'loss', 'whatever memory comes');

$redis->cmd('XADD', 'revoked', '*', 'action', 'accept');
ok($nginx->wait_log(qr/accepts loss/, 10, 2), 'until it is accepted');

my $ended = ended();

resize('8m');
is(ended(), $ended, 'then new memory has nothing to say');
is(reports(), '', 'nor to show');


# entries that neither has seen

may_read('-');

resize('4m', sub {
    ok($nginx->wait_log(qr/nothing is known yet/, 10, 2), 'it cannot read');
    revoke('unseen');
    $redis->cmd('XTRIM', 'revoked', 'MAXLEN', 0);
    ok(wait_for(sub { gaps() > 0 }), 'a gap is one of the new memory, too');
    may_read('+');
});

is(reports(), 'gap', 'which is shown');


# another server, which has not got so far: the rules of before are newer

my $behind = start_redis(port => 1);

$behind->cmd('REPLICAOF', '127.0.0.1', $redis->port);
ok(wait_for(sub { $behind->cmd('INFO', 'replication') =~ /link_status:up/ }),
   'a replica');
$behind->cmd('REPLICAOF', '127.0.0.1', 1);

revoke('newer');
ok($nginx->wait_refused('newer'), 'that is cut off, before one more rule');

$ended = ended();

$nginx->set(size => '5m', redis => 'unix:' . $behind->socket);
ok($nginx->reload, 'is where the log is to be found now');
ok($nginx->wait_log(qr/replica is behind what was applied; nothing is known/),
   'which is noticed');
is($nginx->status('newer'), 401, 'the rules of before go on deciding');

$nginx->set(redis => 'unix:' . $redis->socket);

my $live = live();

ok($nginx->reload && wait_for(sub { live() > $live }), 'back to the master');
is($nginx->status('newer'), 401, 'with the newest rule');
is(ended(), $ended, 'nothing was lost');
is(losses(), 1, 'but that once');

$nginx->finish(qr/NOPERM|is not the one that was applied|was trimmed up to/);

done_testing();
