# TLS to Redis: a CA of one's own, a client certificate, and every way in which
# it can be wrong.  A wrong one is said in one line, and nothing is sent there.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::IP ();
use Test::More;

use TokenRevoke::Nginx qw(start_redis temp_dir);
use TokenRevoke::Port qw(free_port);
use TokenRevoke::TLS;

my $dir = temp_dir();
my $ca = TokenRevoke::TLS->new($dir);
my $other = TokenRevoke::TLS->new($dir, 'other');

$ca->issue('server', names => 'DNS:localhost,IP:127.0.0.1,IP:::1');
$ca->issue('named', names => 'DNS:redis.example');
$ca->issue('old', names => 'DNS:localhost,IP:127.0.0.1', days => -1);
$ca->issue('client');
$other->issue('stranger');


# a Redis with this certificate, and with an entry; its port for TLS

sub secure {
    my ($name, %o) = @_;

    my $port = free_port();
    my $redis = start_redis(%o, conf => [
        '--tls-port', $port, '--bind', '127.0.0.1', '-::1',
        $ca->redis($name, %o), @{ $o{conf} || [] }]);

    $redis->cmd('XADD', 'revoked', '*', 'token', 'bad');

    return ($redis, $port);
}


sub edge {
    my ($url, $zone, %o) = @_;

    return TokenRevoke::Nginx->new(redis => $url, zone => $zone // '', %o,
        location => 'token_revoke_wait 0;')->start;
}


sub follows {
    my ($name, $url, $zone) = @_;

    subtest $name => sub {
        my $nginx = edge($url, $zone);

        ok($nginx->wait_live, 'it is followed');
        is($nginx->status('bad'), 401, 'what is revoked is refused');
        is($nginx->status('good'), 200, 'and nothing else');
        is($nginx->log_count(qr/cannot follow/), 0, 'without a line too many');
        $nginx->finish;
    };
}


sub refused {
    my ($name, $url, $zone, $reason, $redis) = @_;

    subtest $name => sub {
        $redis->cmd('CONFIG', 'RESETSTAT') if $redis;

        my $nginx = edge($url, $zone);

        ok($nginx->wait_log(qr/cannot follow .*: $reason; nothing is/),
           'it is said why') or diag $nginx->log_text;
        is($nginx->status('bad'), 503, 'on_error decides');
        is($nginx->log_count(qr/cannot follow/), 1, 'in one line')
            or diag $nginx->log_text;
        unlike($nginx->log_text, qr/SSL_|\[error\]/, 'and nothing else is');
        unlike($redis->cmd('INFO', 'commandstats') // '',
               qr/cmdstat_(?:auth|xread)/, 'nothing of ours was sent')
            if $redis;
        $nginx->finish;
    };
}


my ($redis, $port) = secure('server');
my $trust = 'ca=' . $ca->ca;

follows('an address', "rediss://127.0.0.1:$port", $trust);
follows('a name', "rediss://localhost:$port", $trust);
follows('a database', "rediss://127.0.0.1:$port/0", $trust);

SKIP: {
    skip 'no IPv6 here: ::1 cannot be connected to', 1
        if !IO::Socket::IP->new(PeerHost => '::1', PeerPort => $port);

    follows('IPv6', "rediss://[::1]:$port", $trust);
}

refused('a CA that has not signed it', "rediss://127.0.0.1:$port",
        'ca=' . $other->ca,
        'its certificate is not accepted: .*certificate.*');
refused('the CAs of the system have not, either',
        "rediss://:secret\@127.0.0.1:$port", '',
        'its certificate is not accepted: .*certificate.*', $redis);


subtest 'more than fits into a piece' => sub {
    $redis->pipeline(map { ['XADD', 'revoked', '*',
                            map { (token => "many-$_") } 1 .. 1000] }
                     1 .. 20);
    $redis->cmd('XADD', 'revoked', '*', 'token', 'last');

    my $nginx = edge("rediss://127.0.0.1:$port", $trust);

    ok($nginx->wait_live, 'a megabyte comes through');
    is($nginx->status('last'), 401, 'to its end');

    $redis->cmd('XADD', 'revoked', '*', 'token', 'later');
    ok($nginx->wait_refused('later'), 'and so does what comes later');

    $redis->kill;
    ok($nginx->wait_log(qr/lost log .*: redis closed the connection/),
       'a lost connection is said as without TLS');

    $redis->start;
    $nginx->reload;
    is($nginx->status('later'), 401, 'rules stay');
    $nginx->finish;
};


($redis, $port) = secure('named');
refused('another name', "rediss://127.0.0.1:$port", $trust,
        'its certificate is not accepted: it has another name', $redis);
refused('another name than a name', "rediss://:secret\@localhost:$port",
        $trust, 'its certificate is not accepted: it has another name', $redis);

($redis, $port) = secure('old');
refused('an expired one', "rediss://127.0.0.1:$port", $trust,
        'its certificate is not accepted: certificate has expired', $redis);


($redis, $port) = secure('server', clients => 1);

sub client {
    my ($name) = @_;
    return join ' ', $trust, map {
        ($_ eq 'crt' ? 'cert=' : 'key=') . $ca->file("$name.$_")
    } qw(crt key);
}

follows('a client certificate', "rediss://127.0.0.1:$port", client('client'));


subtest 'without a client certificate' => sub {
    my $nginx = edge("rediss://127.0.0.1:$port", $trust);

    ok($nginx->wait_log(qr/cannot follow .*: TLS: .*alert.*;/),
       'it is refused') or diag $nginx->log_text;
    is($nginx->status('bad'), 503, 'on_error decides');
    $nginx->finish;
};


subtest 'with one of another CA' => sub {
    my $nginx = edge("rediss://127.0.0.1:$port", client('stranger'));

    ok($nginx->wait_log(qr/cannot follow .*: TLS: .*alert.*;/),
       'it is refused') or diag $nginx->log_text;
    $nginx->finish;
};


subtest 'a reload' => sub {
    my $nginx = edge('unix:' . $redis->socket);

    ok($nginx->wait_refused('bad'), 'without TLS');

    $nginx->set(redis => "rediss://127.0.0.1:$port", zone => client('client'));
    $nginx->reload;
    ok($nginx->wait_log(qr/ follows log .*rediss:/), 'and then with it');

    $redis->cmd('XADD', 'revoked', '*', 'token', 'reloaded');
    ok($nginx->wait_refused('reloaded'), 'what comes later is in force');

    $nginx->set(zone => client('client') . ' cert=nowhere.crt');
    $nginx->write_config;
    $nginx->signal('HUP');
    ok($nginx->wait_log(qr/\[emerg\] .*duplicate parameter "cert"/),
       'a wrong one changes nothing');

    $redis->cmd('XADD', 'revoked', '*', 'token', 'again');
    ok($nginx->wait_refused('again'), 'it goes on as before');
    is($nginx->stop, 0, 'it leaves');
};


# one end speaks TLS and the other one does not

my $plain = start_redis(port => 1);

refused('a Redis without TLS', 'rediss://127.0.0.1:' . $plain->port,
        "$trust timeout=200ms",
        'TLS(?:: wrong version number| handshake timed out)', $plain);
refused('TLS that was not asked for', "redis://127.0.0.1:$port", '',
        '(?:not a redis|redis closed the connection)');


subtest 'nobody answers the handshake' => sub {
    $redis->freeze;

    my $nginx = edge("rediss://127.0.0.1:$port", "$trust timeout=100ms");

    ok($nginx->wait_log(qr/cannot follow .*: TLS handshake timed out/),
       'it is said');
    $nginx->finish;

    # told to leave in the middle of one

    $nginx = edge("rediss://127.0.0.1:$port", "$trust timeout=60s");

    ok($nginx->plain, 'it serves');
    $nginx->finish;

    $redis->thaw;
};


# several hosts, and a password; the certificate is not that of the first

my ($named, $named_port) = secure('named', password => 'secret');
($redis, $port) = secure('server', password => 'secret');

follows('the next host has the right name', "rediss://:secret\@127.0.0.1:"
        . "$named_port,127.0.0.1:$port", $trust);

done_testing();
