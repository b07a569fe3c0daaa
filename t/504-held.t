# An old worker that is held by a long answer does not follow any more, still
# refuses what the new one learns, and leaves when the answer ends.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();


sub connections {
    my $list = $redis->cmd('CLIENT', 'LIST');
    return scalar grep { !/\bcmd=client/ } split /\n/, $list;
}


my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    server => <<'_EOC_')->start;
    location = /long {
        limit_rate 1;
        root html;
    }
_EOC_

open my $out, '>', $nginx->dir . '/html/long';
print $out 'x' x 1000000;
close $out;

ok($nginx->wait_live, 'live');
my ($old) = $nginx->workers;

my $long = $nginx->ask(undef, '/long');
sysread $long, my $head, 1;
is($head, 'H', 'a long answer has begun');

# a connection that stays with the old worker: its second request comes later

my $kept = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $nginx->port);
$kept->printflush("HEAD / HTTP/1.1\r\nHost: h\r\n");

ok(wait_for(sub { connections() == 2 }),
   'two connections to Redis: to read the log, and to be seen');
ok($nginx->reload, 'reload');
ok($nginx->wait_log(qr/follows log/, 5, 2), 'the new worker follows');

is(scalar(grep { $_ == $old } $nginx->workers), 1, 'the old worker is there');
ok(wait_for(sub { connections() == 2 }), 'and has left Redis');

$redis->cmd('XADD', 'revoked', '*', 'token', 'bad');
ok($nginx->wait_refused('bad'), 'the new worker refuses');

$kept->printflush("Authorization: Bearer bad\r\n\r\n");
like(scalar <$kept>, qr/ 401 /, 'and the old one does');
is(connections(), 2, 'still two connections');

close $kept;
close $long;

ok(wait_for(sub { $nginx->workers == 1 }), 'the old worker leaves');

$nginx->finish;

done_testing();
