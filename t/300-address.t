# Where Redis is: socket, TCP, IPv6, database number; and nobody there.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::IP ();
use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis temp_dir);
use TokenRevoke::Port qw(free_port);

my $redis = start_redis(port => 1, conf => ['--bind', '127.0.0.1', '-::1']);
my $port = $redis->port;


# in this database only

sub revoke {
    my ($db, $token) = @_;

    $redis->cmd('SELECT', $db);
    $redis->cmd('XADD', 'revoked', '*', 'token', $token);
}


sub follows {
    my ($name, $url, $said, $token, $other) = @_;

    subtest $name => sub {
        my $nginx = TokenRevoke::Nginx->new(redis => $url)->start;

        is($nginx->status($token), 401, 'what is revoked there is refused');
        is($nginx->status($other), 200, 'and nothing else');
        like($nginx->log_text, qr/of redis "\Q$said\E"/, 'where it is is said');
        $nginx->finish;
    };
}


revoke(0, 'zero');
revoke(7, 'seven');

my $socket = $redis->socket;

follows('a socket', "unix:$socket", "unix:$socket", 'zero', 'seven');
follows('a database of a socket', "unix:$socket?db=7", "unix:$socket?db=7",
        'seven', 'zero');
follows('TCP', "redis://127.0.0.1:$port", "redis://127.0.0.1:$port", 'zero',
        'seven');
follows('a database', "redis://127.0.0.1:$port/7",
        "redis://127.0.0.1:$port/7", 'seven', 'zero');
follows('a name', "redis://localhost:$port", "redis://localhost:$port",
        'zero', 'seven');

SKIP: {
    skip 'no IPv6 here: ::1 cannot be connected to', 1
        if !IO::Socket::IP->new(PeerHost => '::1', PeerPort => $port);

    follows('IPv6', "redis://[::1]:$port", "redis://[::1]:$port", 'zero',
            'seven');
}


# an edge starts without Redis, and says so once

sub absent {
    my ($name, $url, $said) = @_;

    subtest $name => sub {
        my $nginx = TokenRevoke::Nginx->new(redis => $url, location =>
                                            'token_revoke_wait 0;')->start;

        ok($nginx->wait_log(qr/cannot follow log .*: \Q$said\E.*; nothing is/),
           'it is said');
        is($nginx->status('zero'), 503, 'on_error decides');
        is($nginx->status('other'), 503, 'for each token');
        is($nginx->status(undef), 200, 'and for no request without');
        is($nginx->log_count(qr/cannot follow/), 1, 'in one line');
        unlike($nginx->log_text, qr/\[error\]/, 'and nothing else is');
        $nginx->finish;
    };
}


my $free = free_port();

absent('nobody listens', "redis://127.0.0.1:$free",
       'connect() failed (111: Connection refused)');
absent('no such socket', 'unix:/nonexistent/redis.sock',
       'connect() failed (2: No such file or directory)');
absent('no such database', "unix:$socket?db=99",
       'ERR DB index is out of range');

# a name that means nothing is refused before nginx starts

my $nginx = TokenRevoke::Nginx->new(redis => 'redis://redis.invalid:6379');

ok(!$nginx->test_config, 'a name without an address is refused');
like($nginx->stderr_text,
     qr{\[emerg\] host not found in "redis=redis://redis\.invalid:6379"},
     'and it is said which');

done_testing();
