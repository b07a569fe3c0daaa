# Passwords and users, and the smallest set of rights (docs/redis.md):
#
#     ACL SETUSER edge on >PASSWORD ~revoked +xread +xrange +xinfo|stream
#
# and "+select" with a database number.  AUTH needs no right.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis temp_dir);

my $redis = start_redis(port => 1, password => 'p@ss:w/rd%');
my $at = '127.0.0.1:' . $redis->port;
my $encoded = 'p%40ss%3Aw%2Frd%25';

$redis->cmd('ACL', 'SETUSER', 'edge', 'on', '>secret', '~revoked',
            '+xread', '+xrange', '+xinfo|stream');
$redis->cmd('ACL', 'SETUSER', 'edge7', 'on', '>secret', '~revoked',
            '+xread', '+xrange', '+xinfo|stream', '+select');
$redis->cmd('ACL', 'SETUSER', 'no-read', 'on', '>secret', '~revoked',
            '+xinfo|stream');
$redis->cmd('ACL', 'SETUSER', 'no-info', 'on', '>secret', '~revoked',
            '+xread', '+xrange');
$redis->cmd('ACL', 'SETUSER', 'no-key', 'on', '>secret', '~other',
            '+xread', '+xrange', '+xinfo|stream');
$redis->cmd('ACL', 'SETUSER', 'off', 'off', '>secret', '~*', '+@all');

$redis->cmd('XADD', 'revoked', '*', 'token', 'bad');
$redis->cmd('SELECT', 7);
$redis->cmd('XADD', 'revoked', '*', 'token', 'seven');
$redis->cmd('SELECT', 0);

my $dir = temp_dir();


sub password_file {
    my ($text) = @_;

    open my $out, '>', "$dir/password" or die "password: $!\n";
    print $out $text;
    close $out;

    return "password_file=$dir/password";
}


sub follows {
    my ($name, $token, @edge) = @_;

    subtest $name => sub {
        my $nginx = TokenRevoke::Nginx->new(@edge)->start;

        is($nginx->status($token), 401, 'what is revoked is refused');
        is($nginx->status('other'), 200, 'and nothing else');
        unlike($nginx->log_text . $nginx->stderr_text,
               qr/p\@ss|p%40ss|secret/, 'no password is in the log');
        $nginx->finish;
    };
}


follows('a password', 'bad', redis => "redis://:$encoded\@$at");
follows('a user and a password', 'bad', redis => "redis://edge:secret\@$at");
follows('the default user by name', 'bad',
        redis => "redis://default:$encoded\@$at");
follows('a user with a database', 'seven',
        redis => "redis://edge7:secret\@$at/7");
follows('a file', 'bad', redis => "redis://$at",
        zone => password_file("p\@ss:w/rd%\n"));
follows('a file without a line end', 'bad', redis => "redis://$at",
        zone => password_file('p@ss:w/rd%'));
follows('a file with more lines', 'bad', redis => "redis://$at",
        zone => password_file("p\@ss:w/rd%\r\nnot this\n"));
follows('a file for a user', 'bad', redis => "redis://edge\@$at",
        zone => password_file("secret\n"));
follows('a file for a socket', 'bad', redis => 'unix:' . $redis->socket,
        zone => password_file("p\@ss:w/rd%\n"));


# The edge starts and says once what Redis says; on_error decides; and there
# is no line for a request or for another attempt.

sub refused {
    my ($name, $said, @edge) = @_;

    subtest $name => sub {
        my $nginx = TokenRevoke::Nginx->new(@edge, location =>
                                            'token_revoke_wait 0;')->start;
        my $before = $redis->cmd('INFO', 'stats');
        my ($n) = $before =~ /total_connections_received:(\d+)/;

        ok($nginx->wait_log(qr/cannot follow log .*: $said/), 'it is said')
            or diag($nginx->log_text);
        is($nginx->status('other'), 503, 'on_error decides');

        ok(wait_for(sub {
            my ($now) = $redis->cmd('INFO', 'stats')
                =~ /total_connections_received:(\d+)/;
            $now >= $n + 3;
        }), 'it is tried again');

        is($nginx->log_count(qr/\[warn\].*cannot follow/), 1, 'one line');
        unlike($nginx->log_text, qr/secret|wrong password/, 'no password');
        $nginx->finish;
    };
}


refused('no password', 'NOAUTH ', redis => "redis://$at");
refused('a wrong password', 'WRONGPASS ', redis => "redis://:wrong\@$at");
refused('a wrong password of a user', 'WRONGPASS ',
        redis => "redis://edge:wrong\@$at");
refused('a user who is off', 'WRONGPASS ', redis => "redis://off:secret\@$at");
refused('no right to read', 'NOPERM .*xrange',
        redis => "redis://no-read:secret\@$at");
refused('no right to ask for the end', 'NOPERM .*xinfo',
        redis => "redis://no-info:secret\@$at");
refused('no right for the key', 'NOPERM .*key',
        redis => "redis://no-key:secret\@$at");
refused('no right for a database', 'NOPERM .*select',
        redis => "redis://edge:secret\@$at/7");

# a password where none is wanted

my $open = start_redis();
my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $open->socket,
                                    zone => password_file("secret\n"))->start;

ok($nginx->wait_log(qr/cannot follow log .*: ERR AUTH /),
   'a password where none is wanted is reported');
$nginx->finish;

# a right that comes later

$nginx = TokenRevoke::Nginx->new(redis => "redis://no-info:secret\@$at")
    ->start;

my $waits = $nginx->ask('bad');
ok($nginx->wait_log(qr/NOPERM/), 'a right is missing');
$redis->cmd('ACL', 'SETUSER', 'no-info', '+xinfo|stream');
is(TokenRevoke::Nginx::status_of($nginx->answer($waits)), 401,
   'it is given, and the edge follows');
ok($nginx->wait_live, 'and says so');
$nginx->finish;

done_testing();
