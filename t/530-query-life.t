# token_revoke_query in the life of nginx and of Redis: killed, frozen, idle,
# over TLS; clients that go, HTTP/2, reload, QUIT, and an old worker.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use Test::More;

use TokenRevoke::H2;
use TokenRevoke::Nginx qw(wait_for start_redis temp_dir);
use TokenRevoke::Port qw(free_port);
use TokenRevoke::TLS;

my $redis = start_redis();
my $url = 'unix:' . $redis->socket;
my $h2_port = free_port();


sub revoke { $redis->cmd('SADD', 'set', $_[0]) }

sub query {
    my ($timeout, $more) = @_;
    return "token_revoke_query redis=$url timeout=$timeout"
           . ' SISMEMBER set $token_revoke_token_raw;' . ($more // '')
           . ' add_header X-Status $token_revoke_status always;'
           . ' empty_gif;';
}

sub status_of { TokenRevoke::Nginx::status_of(@_) }

sub asked {
    my ($info) = $redis->cmd('INFO', 'commandstats');
    return $info =~ /cmdstat_sismember:calls=(\d+)/ ? $1 : 0;
}

sub clients {
    my ($list) = $redis->cmd('CLIENT', 'LIST');
    return scalar grep { !/cmd=client/ } split /\n/, $list;
}


my $nginx = TokenRevoke::Nginx->new(
    check => '', level => 'info',
    http => <<"_EOC_",
    server {
        listen 127.0.0.1:$h2_port http2;
        location / { @{[ query('20s') ]} }
    }
_EOC_
    location => "token_revoke_query redis=$url"
                . ' SISMEMBER set $token_revoke_token_raw;',
    server => <<"_EOC_")->start;
    location = /slow { @{[ query('20s') ]} }
    location = /allow { @{[ query('100ms', 'token_revoke_on_error allow;') ]} }
    location = /both {
        token_revoke_query redis=$url timeout=20s
                           SISMEMBER never \$token_revoke_token_raw;
        @{[ query('100ms') ]}
    }
    location = /long {
        limit_rate 1;
        root html;
    }
_EOC_

open my $out, '>', $nginx->dir . '/html/long';
print $out 'x' x 1000000;
close $out;

revoke('bad');

is($nginx->status('bad'), 401, 'the first request is answered');
is($nginx->status('good'), 200, 'and the second');
is(clients(), 1, 'one connection for all locations');

# HTTP/2: many streams of one connection; some are cancelled

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

# a time-out: Redis is silent, and the connection is not lost at once

my $asked = asked();
$redis->freeze;
is($nginx->verdict('good'), 'UNAVAILABLE', 'frozen: it is waited in vain');
is($nginx->verdict('good'), 'UNAVAILABLE', 'the next does not wait');
is($nginx->verdict('good', '/allow'), 'UNAVAILABLE_ALLOWED', 'allowed');
is($nginx->verdict('good', '/both'), 'UNAVAILABLE', 'or of two one in vain');
ok($nginx->wait_log(qr/query "SISMEMBER" of redis "unix:\S+" failed: redis d/),
   'that is said');
$redis->thaw;
ok(wait_for(sub { asked() == $asked + 2 }),
   'one was asked, and one that would have waited longer');
ok(wait_for(sub { $nginx->status('good') == 200 }), 'it goes on');
is($nginx->status('bad'), 401, 'and answers are for whom they are');
is($nginx->log_count(qr/cannot query/), 0, 'over the same connection');

# a client that waits longer

$redis->freeze;
my @waits = map { $nginx->ask($_, '/slow') } qw(good bad);
ok($nginx->plain, 'requests wait');
$redis->thaw;
is(join(' ', map { status_of($nginx->answer($_)) } @waits), '200 401',
   'and are answered');

# clients that go while they wait: what was asked was asked

$redis->freeze;
my @gone = map { $nginx->ask('good', '/slow') } 1 .. 30;
my @stay = map { $nginx->ask($_, '/slow') } qw(bad good bad);
ok($nginx->plain, 'requests wait');
close $_ for @gone;
ok($nginx->plain, 'clients leave');
$redis->thaw;
is(join(' ', map { status_of($nginx->answer($_)) } @stay), '401 200 401',
   'those who stay get their own answers');

# killed, with requests that wait; then nobody waits

$redis->freeze;
@waits = map { $nginx->ask('good', '/slow') } 1 .. 3;
ok($nginx->plain, 'requests wait');
$redis->kill;
is(join(' ', map { status_of($nginx->answer($_)) } @waits), '503 503 503',
   'Redis is killed: they are answered at once');
ok($nginx->wait_log(qr/cannot query redis "unix:\S+": redis closed/),
   'and why is said');
is($nginx->status('good', '/slow'), 503, 'nobody waits while it is down');
is($nginx->verdict('good', '/allow'), 'UNAVAILABLE_ALLOWED', 'or allowed');
$redis->start;
revoke('bad');
ok(wait_for(sub { $nginx->status('good') == 200 }), 'Redis is back');
is($nginx->status('bad'), 401, 'with its set');
ok($nginx->wait_log(qr/can query redis "unix:\S+" again/), 'that is said, too');
is($nginx->log_count(qr/cannot query/), 1, 'each change once');

# Redis closes what is idle

ok(wait_for(sub {
    $redis->cmd('CLIENT', 'LIST') =~ / age=(?:[2-9]|\d\d) .* cmd=sismember/
}), 'the connection is not new');
$redis->cmd('CLIENT', 'KILL', 'TYPE', 'normal');
ok(wait_for(sub { clients() == 1 }), 'there is another one at once');
is($nginx->status('bad'), 401, 'a connection that was closed while idle');
is($nginx->log_count(qr/cannot query/), 1, 'is no failure');

# a reload: the old worker answers who waits

$redis->freeze;
@waits = map { $nginx->ask($_, '/slow') } qw(good bad);
ok($nginx->plain, 'requests wait');
ok($nginx->reload, 'reload');
$redis->thaw;
is(join(' ', map { status_of($nginx->answer($_)) } @waits), '200 401',
   'the old worker answers');
ok(wait_for(sub { $nginx->workers == 1 }), 'and leaves');
is($nginx->status('bad'), 401, 'the new one goes on');

# no request is lost by a reload

my $load = fork // die "fork: $!\n";

if ($load == 0) {
    my $n = 0;
    while (!-e $nginx->dir . '/enough') {
        my $status = $nginx->status('good');
        $n++ if $status != 200;
    }
    POSIX::_exit($n ? 1 : 0);
}

$nginx->reload for 1 .. 5;
open $out, '>', $nginx->dir . '/enough';
close $out;
waitpid $load, 0;
is($?, 0, 'reloads: all requests are answered, none is left to on_error');

# an old worker that is held has no connection, until it needs one

ok(wait_for(sub { $nginx->workers == 1 }), 'one worker');
my $long = $nginx->ask(undef, '/long');
sysread $long, my $head, 1;
my $kept = $nginx->begin('bad');
my ($old) = $nginx->workers;
ok($nginx->reload, 'reload');
is(scalar(grep { $_ == $old } $nginx->workers), 1, 'the old worker is held');
ok(wait_for(sub { clients() == 1 }), 'and has no connection');
is($nginx->end($kept), 401, 'what comes there is asked for, too');
ok(wait_for(sub { clients() == 1 }), 'over a connection for that alone');
close $long;
ok(wait_for(sub { $nginx->workers == 1 }), 'it leaves');
ok(wait_for(sub { clients() == 1 }), 'with its connection');

# QUIT while requests wait

$redis->freeze;
@waits = map { $nginx->ask($_, '/slow') } qw(good bad good);
ok($nginx->plain, 'requests wait');
my $leaving = $nginx->log_count(qr/gracefully shutting down/);
$nginx->signal('QUIT');
ok($nginx->wait_log(qr/gracefully shutting down/, 5, $leaving + 1), 'QUIT');
$redis->thaw;
is(join(' ', map { status_of($nginx->answer($_)) } @waits), '200 401 200',
   'they are answered with what Redis says');
$nginx->finish;

# TERM does not wait

$nginx->start;
is($nginx->status('bad'), 401, 'again');
$redis->freeze;
my $stays = $nginx->ask('good', '/slow');
ok($nginx->plain, 'a request waits');
is($nginx->stop('TERM'), 0, 'TERM: nginx leaves at once');
$redis->thaw;
$nginx->log_is_clean;

# one process, over TLS, with a password, a user and a database

my $dir = temp_dir();
my $port = free_port();
my $ca = TokenRevoke::TLS->new($dir, 'ca');
$ca->issue('redis', names => 'IP:127.0.0.1');

my $locked = start_redis(conf => ['--tls-port', $port, $ca->redis('redis')]);

$locked->cmd('ACL', 'SETUSER', 'edge', 'on', '>secret', '-@all',
             '+sismember', '+select',
             '%R~set');
$locked->cmd('SELECT', 3);
$locked->cmd('SADD', 'set', 'bad');

my $secure = "token_revoke_query redis=rediss://edge:secret\@127.0.0.1:$port/3"
          . " ca=$dir/ca.crt timeout=5s";

my $tls = TokenRevoke::Nginx->new(
    check => '', main => 'master_process off;',
    location => "$secure SISMEMBER set \$token_revoke_token_raw;",
    server => <<"_EOC_")->start;
    location = /forbidden {
        $secure GET \$token_revoke_token_raw;
        empty_gif;
    }
_EOC_

is($tls->status('bad'), 401, 'TLS, a user, a database, one process');
is($tls->status('good'), 200, 'and no');
is($tls->status('good', '/forbidden'), 503, 'what the user may not do');
ok($tls->wait_log(qr/query "GET" of redis "rediss:\S+" failed: NOPERM/),
   'is said');
$tls->finish;

done_testing();
