# Redis comes late, goes, comes back empty, freezes, and has something else
# under the key.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for new_redis temp_dir);

my $redis = new_redis();


sub revoke { $redis->cmd('XADD', 'revoked', '*', 'token', $_[0]) }


my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    zone => 'timeout=200ms', workers => 2,
                                    server => <<'_EOC_')->start;
    token_revoke zone=edge;
    token_revoke_wait 0;

    location = /soon {
        token_revoke_max_stale 600ms;
        empty_gif;
    }
    location = /soon-allow {
        token_revoke_max_stale 600ms;
        token_revoke_on_error allow;
        add_header X-Status $token_revoke_status always;
        empty_gif;
    }
_EOC_


sub lines { $nginx->log_count(qr/\[warn\].*(?:lost|cannot follow) log/) }


# one line says that the rules are too old, whoever asks for what

sub too_old { $nginx->log_count(qr/longer than token_revoke_max_stale/) }


# late

ok($nginx->wait_log(qr/cannot follow log/), 'Redis is not there');
$redis->start;
revoke('bad');
ok($nginx->wait_refused('bad'), 'it comes, and is followed');
is($nginx->status('good', '/soon'), 200, 'others are served');

# gone

is(too_old(), 0, 'nothing is too old yet');
my $n = lines();
$redis->kill;
ok(wait_for(sub { lines() > $n }), 'it is killed, which is noticed');
is($nginx->status('good'), 200, 'others are served by what is known');
is($nginx->status('bad'), 401, 'what is revoked stays refused');

ok(wait_for(sub { $nginx->status('good', '/soon') == 503 }),
   'after token_revoke_max_stale on_error decides');
like($nginx->get('good', '/soon-allow'),
     qr/^HTTP\/1.1 200 .*X-Status: UNAVAILABLE_ALLOWED/s, 'as it says');
is($nginx->status('bad', $_), 401, 'what is revoked stays refused')
    for '/soon', '/soon-allow';
is($nginx->status('good'), 200, 'another location has more patience');
is($nginx->status(undef, '/soon'), 200, 'and no token needs none');
$nginx->status("t$_", '/soon') for 1 .. 20;
is(too_old(), 1, 'one line says so');
cmp_ok(lines(), '<=', $n + 3, 'and one for each reason, not for each attempt');

# back, without its data

$redis->start;
ok(wait_for(sub { $nginx->status('good', '/soon') == 200 }),
   'it is back, and others are served again');
is($nginx->log_count(qr/log "revoked" .* is not the one .* \d+-\d+/), 1,
   'the loss is reported');
is($nginx->status('bad'), 401, 'and the rule is kept');

revoke('later');
ok($nginx->wait_refused('later'), 'it is followed');
is($nginx->log_count(qr/not the one that was/), 1, 'and the loss is said once');

# with its data: nothing was lost

$redis->cmd('SAVE');
my $follows = $nginx->log_count(qr/follows log/);
$redis->kill;
ok(wait_for(sub { lines() > $n + 1 }), 'it is killed again');
$redis->start;
ok($nginx->wait_log(qr/follows log/, 10, $follows + 1),
   'it comes back with its data');
is($nginx->log_count(qr/not the one that was/), 1, 'and nothing is lost');
is($nginx->status($_), 401, 'the rules are there') for qw(bad later);

# frozen: it does not answer

$n = lines();
$redis->freeze;
ok($nginx->wait_log(qr/lost log .*: redis did not answer in time/),
   'it is frozen, which is noticed');
ok($nginx->plain, 'others are answered');
ok(wait_for(sub { $nginx->status('good', '/soon') == 503 }),
   'what was known is too old after a while');
is($nginx->status('bad', '/soon'), 401, 'and what is revoked is refused');
is(too_old(), 2, 'one line again');
is(lines(), $n + 1, 'and one');
$redis->thaw;
ok(wait_for(sub { $nginx->status('good', '/soon') == 200 }),
   'it goes on, and so do we');

# the wrong thing under the key

$n = lines();
$redis->cmd('SET', 'revoked', 'a string');
ok($nginx->wait_log(qr/lost log .*: (?:-?WRONGTYPE|UNBLOCKED)/),
   'a string under the key is reported');

my $tries = sub {
    $redis->cmd('INFO', 'stats') =~ /total_connections_received:(\d+)/;
    return $1;
};
my $before = $tries->();

ok(wait_for(sub { $tries->() >= $before + 3 }), 'it is tried again');
cmp_ok(lines(), '<=', $n + 2, 'without a line for each attempt');
is($nginx->status('bad'), 401, 'what is revoked stays refused');

$redis->cmd('DEL', 'revoked');
revoke('right');
ok($nginx->wait_refused('right'), 'the right type again: it is followed');
ok(wait_for(sub { $nginx->status('good', '/soon') == 200 }),
   'and others are served');

$nginx->finish;

done_testing();
