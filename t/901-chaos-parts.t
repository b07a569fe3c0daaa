# What the chaos test is made of is tested itself: the checker, by answers of
# an edge that are made up; the proxy and the clients, by a server that says
# what it was told.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use IO::Socket::UNIX ();
use Socket qw(SOCK_STREAM);
use Test::More;

use TokenRevoke::Chaos;
use TokenRevoke::Chaos::Checker;
use TokenRevoke::Chaos::Load;
use TokenRevoke::Chaos::Proxy;
use TokenRevoke::Nginx qw(start_redis wait_for temp_dir);


# An answer, sent at this second and read 10 ms later: passed by rules that
# were confirmed 100 ms before, unless it says otherwise.

sub at {
    my ($sent, %o) = @_;

    return {
        id => 'bad', sent => $sent, got => $sent + 0.01, status => 200,
        verdict => 'PASSED', age => 100, max_stale => 1000, wait => 2000,
        zone => 1, %o,
    };
}


my @refused = (status => 401, verdict => 'REVOKED');
my @allowed = (verdict => 'UNAVAILABLE_ALLOWED', age => 5000, allow => 1);

# "bad" is revoked at 10 s, and Redis says so at 11 s; a step is the name of a
# method and its arguments, or an answer.  The last answer is the one that is
# meant: it breaks a promise, or not.

my @cases = (
    ['revoked and confirmed, it passes' => 1, at(11.2)],
    ['confirmed before it was acknowledged' => 0, at(11.05)],
    ['nothing was asked since' => 0,
        at(15, age => 4500, max_stale => 5000)],
    ['refused' => 0, at(15, @refused)],
    ['unavailable' => 0, at(15, status => 503, verdict => 'UNAVAILABLE')],
    ['no answer' => 0, at(15, status => 0, verdict => 'CLOSED')],
    ['an internal error' => 1, at(15, status => 500)],

    ['an old rule is forgotten' => 1, at(11.05, @refused), at(11.08)],
    ['but not before it was seen' => 0, at(11.05, @refused), at(11.01)],
    ['the earliest answer counts' => 1,
        at(13, @refused), at(11.05, @refused), at(12, age => 5000, @allowed)],
    ['forgotten, and on_error allows it' => 1,
        at(11.05, @refused), at(15, @allowed)],
    ['not known yet, and on_error allows it' => 0, at(15, @allowed)],
    ['another location does not allow it' => 1,
        at(15, @allowed, allow => 0)],

    ['redis loses it before it was seen' => 0,
        [loss_begins => 11.1], [loss_ends => 12], at(13)],
    ['redis loses it after it was refused' => 1,
        at(11.05, @refused), [loss_begins => 11.1], [loss_ends => 12], at(13)],
    ['after another answer has shown that it was applied' => 1,
        at(11.2, id => 'good'), [loss_begins => 11.3], [loss_ends => 12],
        at(13)],
    ['that answer was too early' => 0,
        at(11.05, id => 'good'), [loss_begins => 11.3], [loss_ends => 12],
        at(13)],
    ['while redis loses it' => 0, [loss_begins => 11.1], at(13)],
    ['redis loses others later' => 1,
        at(13, @refused), [loss_begins => 20], at(19)],
    ['a loss that had ended before' => 1,
        [loss_begins => 5], [loss_ends => 9], [revoked => 'new', 10, 11],
        at(11.2, id => 'new')],

    ['revoked while redis loses things, and then a new zone' => 0,
        [loss_begins => 9], [revoked => 'new', 10, 11],
        at(11.05, id => 'new', @refused, status => 503),
        [zone_begins => 2, 11.5], at(12, id => 'new', zone => 2, age => 5)],

    ['a new zone forgets' => 1,
        at(11.05, @refused), [zone_begins => 2, 12], at(13, zone => 2)],
    ['what redis had lost, a new zone need not know' => 0,
        at(11.05, @refused), [loss_begins => 11.1], [loss_ends => 11.2],
        [zone_begins => 2, 12], at(13, zone => 2, @refused),
        at(14, zone => 2)],
    ['nor what redis loses while it learns' => 0,
        at(11.05, @refused), [zone_begins => 2, 12], [loss_begins => 12.1],
        [loss_ends => 12.2], at(12.3, zone => 2, @refused),
        at(13, zone => 2)],
    ['what redis loses later' => 1,
        at(11.05, @refused), [zone_begins => 2, 12], [zone_learnt => 2],
        [loss_begins => 12.1], [loss_ends => 12.2], at(13, zone => 2)],
    ['a new zone that was made before' => 0,
        [zone_begins => 2, 11.01], at(11.05, @refused),
        at(11.08, zone => 2)],
    ['the old zone is still asked' => 1,
        at(11.05, @refused), [zone_begins => 2, 12], at(13)],

    ['a strict answer speaks for now' => 1, at(11.05, strict => 1)],
    ['and not for later' => 0, at(10.9, strict => 1)],

    ['a good token' => 0, at(15, id => 'good')],
    ['a good token is refused' => 1, at(15, id => 'good', @refused)],
    ['a good token, and too old rules' => 1,
        at(15, id => 'good', age => 1001)],
    ['just old enough' => 0, at(15, id => 'good', age => 1000)],
    ['no age at all' => 1, at(15, id => 'good', age => '')],

    ['redis did not say whether' => 0, [maybe => 'perhaps'],
        at(15, id => 'perhaps')],
    ['it was applied' => 0, [maybe => 'perhaps'],
        at(15, id => 'perhaps', @refused)],
    ['and is forgotten' => 1, [maybe => 'perhaps'],
        at(15, id => 'perhaps', @refused), at(16, id => 'perhaps')],

    ['restored' => 0, at(12, @refused), [restored => 'bad', 13, 14], at(15)],
    ['restored, but not confirmed' => 0,
        [restored => 'bad', 13, 14], at(14.05, @refused)],
    ['restored and confirmed, it is refused' => 1,
        [restored => 'bad', 13, 14], at(15, @refused)],
    ['redis loses what restored it' => 0,
        [restored => 'bad', 13, 14], [loss_begins => 15], [loss_ends => 16],
        at(17, @refused)],
    ['nobody knows whether it was restored' => 0,
        [restored => 'bad', 13, undef], at(15, @refused)],

    ['a long wait' => 0, at(15, id => 'good', got => 21.9)],
    ['a wait without an end' => 1, at(15, id => 'good', got => 22.1)],
    ['no answer in so long' => 1,
        at(15, got => 22.1, status => 0, verdict => 'TIMEOUT')],
    ['a wait that is doubled' => 1,
        at(15, id => 'good', wait => 6000, got => 27)],
    ['the worker was stopped meanwhile' => 0,
        [stop_begins => 14], [stop_ends => 16.5],
        at(15, id => 'good', got => 22.1)],
    ['but not for so long' => 1,
        [stop_begins => 14], [stop_ends => 16],
        at(15, id => 'good', got => 23.1)],
);

for my $case (@cases) {
    my ($name, $broken, @steps) = @$case;

    my $checker = TokenRevoke::Chaos::Checker->new;
    my $last;

    $checker->zone_begins(1, 0);
    $checker->revoked('bad', 10, 11);

    for my $step (@steps) {
        if (ref $step eq 'ARRAY') {
            my ($method, @args) = @$step;
            $checker->$method(@args);

        } else {
            fail("$name: broken before: $last") if defined $last;
            $last = $checker->answer($step);
        }
    }

    is(defined $last ? 1 : 0, $broken, $name) or diag($last // 'nothing');
}


# New memory has learnt the log when a process says so that follows it: one
# that was not there before, and after it was made.  Old ones have left.

{
    package FakeEdge;

    sub new       { bless { log => '', processes => [] }, shift }
    sub set       { }
    sub log_text  { $_[0]{log} }
    sub processes { @{ $_[0]{processes} } }
    sub follows   { $_[0]{log} .= "$_[1]#$_[1]: zone \"edge\" follows log\n" }
}

my $edge = FakeEdge->new;
my $chaos = TokenRevoke::Chaos->new(edge => $edge);
my $learns = sub { $chaos->collect; defined $chaos->checker->learning };

$chaos->checker->zone_begins(1, 0);

$edge->follows(11);
$edge->follows(12);
$edge->{processes} = [10, 12];
$chaos->new_zone;

ok($learns->(), 'a process that has left has not learnt for new memory');
$edge->follows(12);
ok($learns->(), 'nor has one that was there before');
$edge->follows(13);
ok(!$learns->(), 'but one that came after it');


# the proxy, between us and a Redis

my $redis = start_redis();
my $proxy = TokenRevoke::Chaos::Proxy->new(to => $redis->socket)->start;


sub client {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $proxy->port);
}

sub can_read { IO::Select->new($_[0])->can_read($_[1]) }

sub said {
    my ($c, $seconds) = @_;

    return 'nothing' if !can_read($c, $seconds // 10);

    my $n = sysread $c, my $text, 4096;
    return $n ? $text : 'closed';
}


my $c = client();

print $c "PING\r\n";
is(said($c), "+PONG\r\n", 'good: an answer');

$proxy->mode('silent');
print $c "PING\r\n";
is(said($c, 0.1), 'nothing', 'silent: none');

my $other = client();
print $other "PING\r\n";
is(said($other, 0.1), 'nothing', 'silent: nor on a new connection');

$proxy->mode('good');
is(said($c), "+PONG\r\n", 'and it comes when it is good again');

$proxy->mode('slow', 300);
print $c "PING\r\n";
is(said($c, 0.1), 'nothing', 'slow: not yet');
is(said($c), "+PONG\r\n", 'but then');

$proxy->mode('cut', 3);
print $c "PING\r\n";
is(said($c), '+PO', 'cut: the beginning of an answer');
is(said($c), 'closed', 'and then no more');

$proxy->mode('good');
$c = client();
print $c "PING\r\n";
is(said($c), "+PONG\r\n", 'good: an answer');
$proxy->mode('refuse');
is(said($c), 'closed', 'refuse: closed');
is(said(client()), 'closed', 'and a new one is, too');

$proxy->mode('good');
$c = client();
print $c "PING\r\n";
is(said($c), "+PONG\r\n", 'good: an answer');

my $second = start_redis();
$second->cmd('SET', 'who', 'second');
$proxy->to($second->socket);
is(said($c), 'closed', 'somebody else: closed');
$c = client();
print $c "GET who\r\n";
is(said($c), "\$6\r\nsecond\r\n", 'and a new one leads there');

$proxy->stop;
is(client(), undef, 'stopped');


# the clients: what they report is what the server has said

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64)
    or die "listen: $!\n";

my $load = TokenRevoke::Chaos::Load->new(
    port => $server->sockport, connections => 1, pause => 0.001,
    patience => 0.5, locations => [{ uri => '/x', wait => 7, allow => 1 }],
    good => [['good-1', 'the-token']])->start;


# reads one request, and answers with that; what was asked for

sub serve {
    my ($on, $text) = @_;

    my $request = '';

    sysread $on, $request, 4096, length $request or return 'closed'
        until $request =~ /\r\n\r\n/;
    syswrite $on, $text if defined $text;

    return $request;
}

sub answer_with {
    return "HTTP/1.1 $_[0] X\r\nContent-Length: 3\r\nX-Status: $_[1]\r\n"
           . "X-Age: 17\r\nX-Max-Stale: 900\r\nX-Zone: 4\r\nX-Worker: 55\r\n"
           . ($_[2] // '') . "\r\nabc";
}

my @got;

sub next_answer {
    wait_for { @got or push @got, $load->answers };
    return shift @got;
}


my $on = $server->accept;
my $before = TokenRevoke::Chaos::Clock::now();

like(serve($on, answer_with(200, 'PASSED')),
     qr{^GET /x HTTP/1.1\r\n.*^Authorization: Bearer the-token\r$}ms,
     'a client asks');

my $a = next_answer();

is_deeply({ map { ($_ => $a->{$_}) } grep { !/^(?:sent|got)$/ } keys %$a },
          { uri => '/x', wait => 7, allow => 1, id => 'good-1', status => 200,
            verdict => 'PASSED', age => 17, max_stale => 900, zone => 4,
            worker => 55, location => 0 }, 'and tells what it was told');
ok($a->{sent} <= $a->{got}, 'sent before it was read');

my $half = answer_with(401, 'REVOKED', "Connection: close\r\n");

serve($on, substr $half, 0, 60);
is_deeply([$load->answers], [], 'half an answer is none');
syswrite $on, substr $half, 60;

is(next_answer()->{verdict}, 'REVOKED', 'on the same connection');
is(serve($on), 'closed', 'which is closed when the server wants that');

$on = $server->accept;
serve($on);
close $on;
is(next_answer()->{verdict}, 'CLOSED', 'a connection is closed on it');

$on = $server->accept;
serve($on);
is(next_answer()->{verdict}, 'TIMEOUT', 'it does not wait for ever');
is(serve($on), 'closed', 'and leaves');

$on = $server->accept;
$load->revoked('bad-1', 'the-bad-token');

my %seen;

for (1 .. 200) {
    serve($on, answer_with(200, 'PASSED'))
        =~ /Bearer the-(bad-)?token/ and $seen{ $1 // '' }++;
    last if keys %seen == 2;
}

is(join(' ', sort keys %seen), ' bad-', 'a revoked token is asked for, too');

close $on;
close $server;

$load->stop;
ok(!kill(0, $load->{pid} // 2**22), 'stopped');

done_testing();
