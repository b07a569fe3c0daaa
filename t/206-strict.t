# token_revoke_strict: the request after XADD has returned is refused, in any
# worker, without waiting for anything; and what it costs Redis does not grow
# with the number of requests.

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
    redis => 'unix:' . $redis->socket, workers => 2,
    location => 'token_revoke_strict on; token_revoke_wait 10s;',
    server => <<'_EOC_')->start;
    location = /lax {
        token_revoke zone=edge;
        add_header X-Worker $pid always;
        empty_gif;
    }
_EOC_

# XINFO that nginx has asked for

sub questions {
    my ($calls) = $redis->cmd('INFO', 'commandstats')
        =~ /^cmdstat_xinfo\|stream:calls=(\d+)/m;
    return $calls // 0;
}


# a log that does not exist is an empty one

is($nginx->verdict('good'), 'PASSED', 'an empty log is an answer');

# the request after XADD, 500 times, on whatever worker takes it

my ($missed, $other, %worker) = (0, 0);

for my $i (1 .. 500) {
    revoke("t-$i");

    my $text = $nginx->get("t-$i");
    $missed++ if TokenRevoke::Nginx::status_of($text) != 401;
    $worker{$1}++ if $text =~ /^X-Worker: (\d+)/m;

    $other++ if $i % 10 == 0 and $nginx->status("good-$i") != 200;
}

is($missed, 0, 'the request after XADD is refused, 500 times in a row');
is($other, 0, 'others are not');
is(scalar keys %worker, 2, 'and both workers were asked');

# who asks and who does not

my $before = questions();
my $n = 0;

$nginx->status("t-$_") == 401 and $n++ for 1 .. 100;
is($n, 100, 'a known rule refuses at once');
$nginx->status("t-$_", '/lax') for 1 .. 20;
$nginx->status("new-$_", '/lax') for 1 .. 20;
$nginx->status(undef) for 1 .. 20;

# the follower asks, too: once a second

cmp_ok(questions() - $before, '<', 10,
       'who is refused, not strict or has no token does not ask');

$before = questions();
$nginx->status("new-$_") for 1 .. 20;
cmp_ok(questions() - $before, '>=', 20, 'one after the other, each asks');


# as many requests as there are tokens, on so many connections at the same time

sub pour {
    my ($connections, @tokens) = @_;

    my (@c, %n);
    my $each = @tokens / $connections;

    for (1 .. $connections) {
        my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $nginx->port) or die $!;
        push @c, { socket => $c, text => '', left => 0 };
    }

    my $asked = questions();
    my $began = time();
    my $select = IO::Select->new(map { $_->{socket} } @c);
    my %of = map { $_->{socket} => $_ } @c;

    my $ask = sub {
        my ($c) = @_;
        my $token = shift @tokens;

        return $select->remove($c->{socket}) if !defined $token;

        syswrite $c->{socket}, "HEAD / HTTP/1.1\r\nHost: h\r\n"
            . "Authorization: Bearer $token\r\n\r\n";
    };

    $ask->($_) for @c;

    while ($select->count) {
        my @ready = $select->can_read(10) or last;

        for my $socket (@ready) {
            my $c = $of{$socket};

            sysread $socket, $c->{text}, 65536, length $c->{text}
                or return { gone => 1 };

            if ($c->{text} =~ s/\AHTTP\/1\.1 (\d+).*?\r\n\r\n//s) {
                $n{$1}++;
                $ask->($c);
            }
        }
    }

    return { %n, ms => 1000 * (time() - $began),
             questions => questions() - $asked };
}


# two workers: one question each in a millisecond, and the follower's own

my $few = pour(8, map { "few-$_" } 1 .. 200);
my $many = pour(64, map { "many-$_" } 1 .. 2000);

is($few->{200}, 200, '200 requests on 8 connections pass');
is($many->{200}, 2000, '2,000 requests on 64 connections pass');

for my $run ($few, $many) {
    cmp_ok($run->{questions}, '<=', 2 * $run->{ms} + 10,
           "$run->{questions} questions of two workers in $run->{ms} ms");
}

cmp_ok($many->{questions}, '<', 500, 'many requests share a question');
cmp_ok($many->{questions} / 2000, '<', $few->{questions} / 200,
       'the more there are, the more share one');

# while they pour in, tokens are revoked and asked for at once

my $pid = fork // die "fork: $!\n";

if ($pid == 0) {
    delete $redis->{connection};           # that is the one of our parent
    pour(16, map { "while-$_" } 1 .. 3000);
    require POSIX;
    POSIX::_exit(0);
}

$missed = $n = 0;

while (waitpid($pid, POSIX::WNOHANG()) == 0 and $n < 2000) {
    revoke('under-' . ++$n);
    $missed++ if $nginx->status("under-$n") != 401;
}

waitpid $pid, 0;

cmp_ok($n, '>', 10, "$n tokens are revoked meanwhile");
is($missed, 0, 'and each is refused at once');

$nginx->finish;
is($nginx->log_count(qr/strict answers/), 0, 'nothing to be told');

done_testing();
