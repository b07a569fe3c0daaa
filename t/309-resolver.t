# A name in the URL with a "resolver": asked for when nginx runs, again at each
# connect, all addresses of it.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::DNS;
use TokenRevoke::Nginx qw(wait_for start_redis temp_dir);
use TokenRevoke::TLS;

my $dns = TokenRevoke::DNS->new->start;
my $redis = start_redis(port => 1);
my $port = $redis->port;
my $second = start_redis(port => $port, conf => ['--bind', '127.0.0.2']);

$redis->cmd('XADD', 'revoked', '1-1', 'token', 'bad');
$second->cmd('XADD', 'revoked', '1-1', 'token', 'bad');


sub edge {
    my (%o) = @_;

    return TokenRevoke::Nginx->new(
        redis => "redis://redis.test:$port", %o, http => 'resolver '
            . $dns->address . ' valid=1s; ' . ($o{http} // ''))->start;
}


subtest 'a name' => sub {
    $dns->set('redis.test', '127.0.0.1');

    my $nginx = edge();

    is($nginx->status('bad'), 401, 'what is revoked is refused');
    is($nginx->status('good'), 200, 'and nothing else');
    is($nginx->log_count(qr/cannot follow|\[error\]/), 0,
       'without a line too many');

    # it moves, while nginx runs

    $dns->set('redis.test', '127.0.0.2');
    $redis->kill;
    $second->cmd('XADD', 'revoked', '*', 'token', 'moved');

    ok($nginx->wait_refused('moved', 20), 'its new address is found');
    is($nginx->log_count(qr/lost log .*redis closed/), 1,
       'what was lost is said');
    is($nginx->log_count(qr/lost log/), 1, 'in one line');
    $nginx->finish;

    $redis->start;
    $redis->cmd('XADD', 'revoked', '1-1', 'token', 'bad');
};


subtest 'the first of its addresses is dead' => sub {
    $dns->set('redis.test', '127.0.0.3', '127.0.0.1', '127.0.0.4');

    my $nginx = edge();

    is($nginx->status('bad'), 401, 'the others are tried');
    is($nginx->log_count(qr/cannot follow/), 0, 'which is not worth a line');
    $nginx->finish;
};


subtest 'an address and a resolver' => sub {
    my $nginx = edge(redis => "redis://127.0.0.1:$port");

    is($nginx->status('bad'), 401, 'it is what it is');
    $nginx->finish;
};


subtest 'several names' => sub {
    $dns->set('redis.test', '127.0.0.1');

    my $nginx = edge(redis => "redis://none.test:1,redis.test:$port");

    is($nginx->status('bad'), 401, 'one of them is known');
    is($nginx->log_count(qr/cannot follow/), 0, 'which is not worth a line');
    $nginx->finish;
};


subtest 'a name that nobody knows' => sub {
    $dns->set('redis.test');

    my $nginx = edge(location => 'token_revoke_wait 0;');

    ok($nginx->wait_log(qr/cannot\ follow\ .*:\ redis\.test\ could\ not\ be
           \ resolved\ \(3:\ Host\ not\ found\);\ nothing\ is/x),
       'it is said, and nginx has started') or diag $nginx->log_text;
    is($nginx->status('bad'), 503, 'on_error decides');
    is($nginx->log_count(qr/cannot follow/), 1, 'in one line');

    $dns->set('redis.test', '127.0.0.1');
    ok($nginx->wait_refused('bad', 20), 'it is followed when it is known');
    $nginx->finish;
};


subtest 'a resolver that does not answer' => sub {
    $dns->mute(1);

    my $nginx = edge(location => 'token_revoke_wait 0;',
                     http => 'resolver_timeout 200ms;');

    ok($nginx->wait_log(qr/cannot\ follow\ .*:\ redis\.test\ could\ not\ be
           \ resolved\ \(110:\ Operation\ timed\ out\);\ nothing\ is/x),
       'it is said') or diag $nginx->log_text;
    $nginx->finish;
};


subtest 'told to leave in the middle of it' => sub {
    my $asked = $dns->asked('redis.test');
    my $nginx = edge(http => 'resolver_timeout 60s;');

    wait_for { $dns->asked('redis.test') > $asked };
    ok($nginx->plain, 'it serves');
    $nginx->finish;
    $dns->mute(0);
};


subtest 'TLS' => sub {
    my $ca = TokenRevoke::TLS->new(temp_dir());

    $ca->issue('server', names => 'DNS:redis.test');
    $redis->cmd('CONFIG', 'SET', 'tls-cert-file', $ca->file('server.crt'),
                'tls-key-file', $ca->file('server.key'),
                'tls-ca-cert-file', $ca->ca, 'tls-auth-clients', 'no',
                'port', 0, 'tls-port', $port);

    $dns->set('redis.test', '127.0.0.1');

    my $nginx = edge(redis => "rediss://redis.test:$port",
                     zone => 'ca=' . $ca->ca);

    ok($nginx->wait_refused('bad'), 'the certificate is of the name');
    is($nginx->log_count(qr/cannot follow/), 0, 'without a line');
    $nginx->finish;
};


done_testing();
