# token_revoke_strict when Redis or the follower cannot do what they should:
# nobody waits longer than token_revoke_wait, nobody passes who might be
# revoked, and one line says why.

use strict;
use warnings;

use lib 't/lib';

use IO::Select ();
use IO::Socket::INET ();
use Test::More;
use Time::HiRes qw(time);

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();


sub revoke { $redis->cmd('XADD', 'revoked', '*', 'token', $_[0]) }


my $nginx = TokenRevoke::Nginx->new(
    redis => 'unix:' . $redis->socket, workers => 2, zone => 'timeout=200ms',
    location => 'token_revoke_strict on; token_revoke_wait 20s;',
    server => <<'_EOC_')->start;
    token_revoke zone=edge;
    token_revoke_strict on;
    token_revoke_wait 150ms;
    token_revoke_max_stale 1s;
    add_header X-Status $token_revoke_status always;
    add_header X-Age "$token_revoke_age" always;

    location = /soon {
        empty_gif;
    }
    location = /allow {
        token_revoke_on_error allow;
        empty_gif;
    }
    location = /none {
        token_revoke_wait 0;
        empty_gif;
    }
    location = /dry {
        token_revoke_wait 20s;
        token_revoke_dry_run on;
        empty_gif;
    }
    location = /lax {
        token_revoke_strict off;
        empty_gif;
    }
_EOC_


sub cannot { $nginx->log_count(qr/strict answers of .* cannot be had/) }
sub again  { $nginx->log_count(qr/has strict answers of .* again/) }

sub questions {
    return ($redis->cmd('INFO', 'commandstats')
            =~ /^cmdstat_xinfo\|stream:calls=(\d+)/m)[0] // 0;
}


# The kernel may offer a new connection to a worker that is stopped, and to no
# other one: a connection that another worker has already.

sub connection_of {
    my ($not) = @_;

    for (1 .. 1000) {
        my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $nginx->port) or die $!;

        return $c if on($c, undef, '/') =~ /^X-Worker: (\d+)/m and $1 != $not;
    }
}


sub on {
    my ($c, $token, $uri) = @_;

    my $text = '';

    $c->printflush("HEAD $uri HTTP/1.1\r\nHost: h\r\n"
                   . (defined $token ? "Authorization: Bearer $token\r\n" : '')
                   . "\r\n");

    until ($text =~ /\r\n\r\n/) {
        IO::Select->new($c)->can_read(30) or return '';
        sysread $c, $text, 65536, length $text or return '';
    }

    return $text;
}


# a request in time: after so many ms at most, with some room for a busy machine

sub ends {
    my ($token, $uri, $status, $ms, $name, $c) = @_;

    my $began = time();
    my $text = $c ? on($c, $token, $uri) : $nginx->get($token, $uri, 30);

    is(TokenRevoke::Nginx::status_of($text), $status, $name);
    cmp_ok(1000 * (time() - $began), '<', $ms + 3000, '... in time');

    return $text;
}


revoke('bad');
ok($nginx->wait_refused('bad'), 'a token is refused');

# who does not wait does not ask

is($nginx->status('bad', '/none'), 401, 'no time to wait: a rule refuses');
is($nginx->status('good', '/none'), 503, 'and on_error decides the rest');

my $before = questions();
$nginx->status("good-$_", '/none') for 1 .. 20;
like($nginx->get("good-$_", '/dry'), qr/X-Status: PASSED/, 'a dry run')
    for 1 .. 20;
like($nginx->get('bad', '/dry'), qr/X-Status: REVOKED_DRY_RUN/, 'records');
cmp_ok(questions() - $before, '<', 10, 'and neither asks');
is(cannot(), 1, 'one line');

ok(wait_for(sub { $nginx->status('good'); again() == 1 }),
   'another one when it works again');

# the follower is stopped, the other worker goes on

my ($follower) = $nginx->log_text =~ / (\d+)#\d+: .*follows log/;
my $c = connection_of($follower);
my $text;

kill 'STOP', $follower;

wait_for(sub {
    $text = on($c, 'good', '/soon');
    $text =~ /^X-Age: (\d+)/m and $1 > 1000;
});

like($text, qr/X-Status: PASSED/,
     'all that Redis has is applied: that is fresh, whatever the age');
like(on($c, 'good', '/lax'), qr/ 503 /, 'who does not ask cannot know');

revoke('late');

for my $token (qw(late good)) {
    ends($token, '/soon', 503, 150, "not all is applied: $token", $c);
    like(ends($token, '/allow', 200, 150, 'and with "allow"', $c),
         qr/X-Status: UNAVAILABLE_ALLOWED/, 'it is said');
}

like(on($c, 'bad', '/soon'), qr/ 401 /, 'what is known is refused');
is(cannot(), 2, 'one line again');
like($nginx->log_text,
     qr/"edge": strict .* had: not all .* in time; .* \d+ ms ago.*denied/,
     'with the reason');

kill 'CONT', $follower;
is($nginx->status('late'), 401, 'it goes on');
is($nginx->status('good', '/soon'), 200, 'and so do others');
ok(wait_for(sub { $nginx->status('good'); again() == 2 }), 'which is said');

# the log is another one: nothing is missed, and it is not far to the next one

my ($missed, $held) = (0, 0);

for my $i (1 .. 15) {
    my @id = $i % 3 == 0 ? "5-$i" : '*';

    $redis->cmd('DEL', 'revoked');
    $redis->cmd('XADD', 'revoked', @id, 'token', "new-$i");
    $missed++ if $nginx->status("new-$i") != 401;
    $held++ if $nginx->status("good-$i") != 200;
}

is($missed, 0, 'a log that is another one: the request after XADD is refused');
is($held, 0, 'others pass');
is($nginx->status($_), 401, "$_ is still refused") for qw(bad late new-1 new-9);

$redis->cmd('DEL', 'revoked');
is($nginx->status('good'), 200, 'the log is gone');
is($nginx->status('bad'), 401, 'and no rule with it');
is(cannot(), 2, 'nobody had to be told');

# Redis is frozen

revoke('bad-2');
is($nginx->status('bad-2'), 401, 'it goes on');

$redis->freeze;
ends('good', '/soon', 503, 150, 'frozen: who asks waits');
is($nginx->status('bad-2', '/soon'), 401, 'what is known is refused');

ok(wait_for(sub {
    my $began = time();
    $nginx->status('good') == 503 and time() - $began < 0.1;
}), 'after a while nobody waits any more, though he might');

ok($nginx->plain, 'others are served');
is(cannot(), 3, 'one line');
$redis->thaw;
ok(wait_for(sub { $nginx->status('good') == 200 }), 'it goes on');
ok(wait_for(sub { $nginx->status('good'); again() == 3 }), 'which is said');

# killed, and back without its data

$redis->kill;
ok(wait_for(sub { $nginx->status('good', '/soon') == 503 }), 'killed');
ok(wait_for(sub {
    my $began = time();
    $nginx->status('good') == 503 and time() - $began < 0.1;
}), 'and nobody waits');
is($nginx->status('bad-2'), 401, 'what is known is refused');
is(cannot(), 4, 'one line');

$redis->start;
revoke('bad-3');

ok(wait_for(sub { $nginx->status('good') == 200 }), 'it is back, empty');

$missed = 0;

for my $i (1 .. 50) {
    revoke("back-$i");
    $missed++ if $nginx->status("back-$i") == 200;
}

is($missed, 0, 'and nothing is missed');
is($nginx->status($_), 401, "$_ is refused") for qw(bad bad-2 bad-3 back-50);

# something else under the key

$redis->cmd('SET', 'revoked', 'x');
ends('good', '/soon', 503, 150, 'a string under the key is no answer');
is($nginx->status('bad'), 401, 'what is known is refused');
$redis->cmd('DEL', 'revoked');
revoke('right');
is($nginx->status('right', '/', 25), 401, 'a log again')
    if ok(wait_for(sub { $nginx->status('good') == 200 }), 'it recovers');

$nginx->finish;

done_testing();
