# token_revoke_strict in the life of nginx: HTTP/2, two zones, a redirect,
# reload, QUIT and TERM with requests that wait, an old worker that is held, a
# worker that is killed, a single process.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use POSIX ();
use Test::More;
use Time::HiRes ();

use TokenRevoke::H2;
use TokenRevoke::Nginx qw(wait_for start_redis);
use TokenRevoke::Port qw(free_port);

my ($redis, $second) = map { start_redis() } 1 .. 2;


sub revoke { $redis->cmd('XADD', 'revoked', '*', 'token', $_[0]) }

sub status_of { TokenRevoke::Nginx::status_of(@_) }


# an application that thinks for a while and then redirects

my $upstream = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 9)
    or die "listen: $!\n";
my $upstream_port = $upstream->sockport;
my $upstream_pid = fork // die "fork: $!\n";

if ($upstream_pid == 0) {
    while (my $c = $upstream->accept) {
        1 while defined($_ = <$c>) and /\S/;
        Time::HiRes::sleep(0.4);
        print $c "HTTP/1.0 200 OK\r\nX-Accel-Redirect: /strict\r\n\r\n";
        close $c;
    }

    POSIX::_exit(0);
}

END { local $?; kill 'KILL', $upstream_pid if $upstream_pid }

my $h2_port = free_port();
my $strict = 'token_revoke zone=edge; token_revoke_strict on;';

my $nginx = TokenRevoke::Nginx->new(
    redis => 'unix:' . $redis->socket, zone => 'timeout=10s',
    location => 'token_revoke_strict on; token_revoke_wait 20s;',
    http => <<"_EOC_",
    token_revoke_zone zone=two:1m redis=unix:@{[ $second->socket ]}
                      timeout=10s;
    server {
        listen 127.0.0.1:$h2_port http2;
        location / {
            $strict
            token_revoke_wait 20s;
            empty_gif;
        }
    }
_EOC_
    server => <<"_EOC_")->start;
    location = /two {
        token_revoke zone=two;
        token_revoke_strict on;
        token_revoke_wait 300ms;
        empty_gif;
    }
    location = /slow {
        token_revoke zone=edge;
        token_revoke_wait 300ms;
        proxy_pass http://127.0.0.1:$upstream_port;
    }
    location = /strict {
        $strict
        token_revoke_wait 300ms;
        empty_gif;
    }
    location = /short {
        $strict
        token_revoke_wait 300ms;
        empty_gif;
    }
    location = /long {
        limit_rate 1;
        root html;
    }
_EOC_

open my $out, '>', $nginx->dir . '/html/long';
print $out 'x' x 1000000;
close $out;

ok($nginx->wait_live, 'live');

# HTTP/2: many streams of one connection

my $h2 = TokenRevoke::H2->new($h2_port);
my %stream;

for my $i (1 .. 100) {
    revoke("h2-$i") if $i % 2;
    $stream{$i} = $h2->ask('/', [authorization => "Bearer h2-$i"]);
}

$h2->cancel($stream{$_}) for map { 10 * $_ } 1 .. 10;

my @wrong = grep {
    $_ % 10 and $h2->status($stream{$_}) != ($_ % 2 ? 401 : 200)
} 1 .. 100;

is("@wrong", '', 'HTTP/2: each stream is decided, and rightly');

# a redirect, when all the time to wait would be over

is($nginx->status('good', '/slow'), 200, 'only time spent waiting counts');

# another zone

is($nginx->status('good', '/two'), 200, 'another zone has another Redis');
$second->freeze;
is($nginx->status('good', '/two'), 503, 'which is frozen');
is($nginx->status('good'), 200, 'and the first one is not');
$second->thaw;
ok(wait_for(sub { $nginx->status('good', '/two') == 200 }), 'it goes on');

# clients that go while they wait

$redis->freeze;
my @gone = map { $nginx->ask('good') } 1 .. 30;
my $stays = $nginx->ask('good');
ok($nginx->plain, 'requests wait');
close $_ for @gone;
ok($nginx->plain, 'clients leave');
$redis->thaw;
is(status_of($nginx->answer($stays)), 200, 'the one that stays is answered');

# a reload: the old worker answers who waits, with what it is told now

$redis->freeze;
my @waits = map { $nginx->ask($_) } qw(good later);
ok($nginx->plain, 'requests wait');
ok($nginx->reload, 'reload');
$redis->thaw;
is(join(' ', map { status_of($nginx->answer($_)) } @waits), '200 200',
   'the old worker answers');
ok(wait_for(sub { $nginx->workers == 1 }), 'and leaves');
revoke('later');
is($nginx->status('later'), 401, 'the new one goes on');

# an old worker that is held has no link any more, until it needs one

my $long = $nginx->ask(undef, '/long');
sysread $long, my $head, 1;

my $kept = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $nginx->port);
$kept->printflush("HEAD / HTTP/1.1\r\nHost: h\r\n");
ok($nginx->plain, 'a request has begun');
my ($old) = $nginx->workers;
ok($nginx->reload, 'reload');
is(scalar(grep { $_ == $old } $nginx->workers), 1, 'the old worker is held');

revoke('held');
$kept->printflush("Authorization: Bearer held\r\n\r\n");
like(scalar <$kept>, qr/ 401 /, 'what is revoked then is refused there, too');
close $_ for $kept, $long;
ok(wait_for(sub { $nginx->workers == 1 }), 'it leaves');

# a worker that is killed

$nginx->set(workers => 2);
ok($nginx->reload, 'two workers');
ok(wait_for(sub { $nginx->workers == 2 }), 'and no other');
kill 'KILL', $nginx->workers;

my $missed = 0;

for my $i (1 .. 50) {
    revoke("killed-$i");
    wait_for(sub { $nginx->plain });
    my $status = $nginx->status("killed-$i");
    $missed++ if $status != 401 and $status != 0;
}

is($missed, 0, 'workers are killed: nothing is missed by the next ones');

# QUIT while requests wait: told by Redis, or at the end of their patience

$nginx->set(workers => 1);
ok($nginx->reload, 'one worker');
ok(wait_for(sub { $nginx->workers == 1 }), 'and no other');
is($nginx->status('good'), 200, 'it works');

$redis->freeze;
@waits = map { $nginx->ask('good') } 1 .. 3;
ok($nginx->plain, 'requests wait');
$nginx->signal('QUIT');
ok($nginx->wait_log(qr/gracefully shutting down/, 5, 1), 'QUIT');
$redis->thaw;
is(join(' ', map { status_of($nginx->answer($_)) } @waits), '200 200 200',
   'they are answered with what Redis says');
$nginx->finish(qr/signal 9/);

$nginx->start;
ok(wait_for(sub { $nginx->status('good') == 200 }), 'again');
$redis->freeze;
my $short = $nginx->ask('good', '/short');
ok($nginx->plain, 'a request waits');
$nginx->signal('QUIT');
is(status_of($nginx->answer($short)), 503, 'or when they cannot wait longer');
$nginx->finish(qr/signal 9/);
$redis->thaw;

$nginx->start;
ok(wait_for(sub { $nginx->status('good') == 200 }), 'once more');
$redis->freeze;
$stays = $nginx->ask('good');
ok($nginx->plain, 'a request waits');
is($nginx->stop('TERM'), 0, 'TERM: nginx leaves at once');
$nginx->log_is_clean(qr/signal 9/);
$redis->thaw;

# who came before the first sync waits for that, and then for Redis

$redis->freeze;
$nginx->start;
@waits = map { $nginx->ask($_) } qw(good later);
ok($nginx->plain, 'nothing is known yet');
$redis->thaw;
is(join(' ', map { status_of($nginx->answer($_)) } @waits), '200 401',
   'who waits for the first sync may wait for Redis, too');
$nginx->finish(qr/signal 9/);

# one process

$nginx->set(main => 'master_process off;')->start;
revoke('single');
is($nginx->status('single'), 401, 'a single process asks, too');
is($nginx->status('good'), 200, 'and lets others pass');
$nginx->finish(qr/signal 9/);

done_testing();
