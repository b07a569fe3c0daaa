# examples/*.conf: each is accepted by "nginx -t" as it stands, and does what
# its first lines say, with another port and another Redis.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);
use TokenRevoke::Token;

my $redis = start_redis();


sub example {
    my ($name) = @_;

    open my $in, '<', "examples/$name.conf" or die "$name: $!\n";
    local $/;
    return scalar <$in>;
}


# that example, running; its root is a directory of the test's own

sub edge {
    my ($name) = @_;

    my $nginx = TokenRevoke::Nginx->new(check => '');
    my $port = TokenRevoke::Port::free_port();
    my $root = $nginx->dir . '/html';
    my $text = example($name);

    open my $out, '>', "$root/index.html" or die $!;
    print $out "hello\n";
    close $out;

    $text =~ s/listen 8080/listen 127.0.0.1:$port/ or die $name;
    $text =~ s{root  /var/www/html}{root $root};
    $text =~ s{redis=redis://[^\s;]+}{'redis=unix:' . $redis->socket}ge;

    $nginx->set(http => $text)->start;
    $nginx->{port} = $port;

    return $nginx;
}


for my $file (glob 'examples/*.conf') {
    my ($name) = $file =~ m{([^/]+)\.conf$};

    ok(TokenRevoke::Nginx->new(check => '', http => example($name))
           ->test_config, "$file is accepted");
}

my $jwt = jws('{"jti":"one","sub":"alice"}');
my $other = jws('{"jti":"two","sub":"bob"}');

subtest 'query-set' => sub {
    my $nginx = edge('query-set');

    is($nginx->status('abc'), 200, 'a token');
    $redis->cmd('SADD', 'revoked_tokens', sha256_hex('abc'));
    is($nginx->status('abc'), 401, 'is revoked by the next request');
    is($nginx->status('abc', '/health'), 204, 'but not where nobody asks');

    $nginx->finish;
};

subtest 'query-jti' => sub {
    my $nginx = edge('query-jti');

    is($nginx->status($jwt), 200, 'a JWT');
    $redis->cmd('SET', 'revoked:jti:one', 1, 'EX', 3600);
    is($nginx->status($jwt), 401, 'is revoked by its jti');
    is($nginx->status($other), 200, 'and no other');
    $redis->cmd('HSET', 'blocked_users', 'bob', 1488000000);
    is($nginx->status($other), 401, 'or by its user');
    $redis->cmd('HDEL', 'blocked_users', 'bob');
    is($nginx->status($other), 200, 'until he may sign in again');
    $redis->stop;
    is($nginx->status($jwt), 200, 'without Redis it passes');
    $redis->start;

    $nginx->finish;
};

subtest 'query-zone' => sub {
    my $nginx = edge('query-zone');

    ok($nginx->wait_live, 'the zone is live');
    is($nginx->status($jwt), 200, 'a JWT');
    $redis->cmd('SADD', 'revoked_tokens', identity($jwt));
    is($nginx->status($jwt), 401, 'is revoked by the set');
    $redis->cmd('XADD', 'revoked', '*', 'sub', 'bob');
    ok($nginx->wait_refused($other), 'another one by the log');

    like(TokenRevoke::Nginx::_slurp($nginx->dir . '/logs/revoked.log'),
         qr/401 REVOKED "query SISMEMBER" [0-9a-f]{64}\n/, 'and is logged');

    $nginx->finish;
};

done_testing();
