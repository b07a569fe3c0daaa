# "master_process off": one process does everything.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    main => 'master_process off;')->start;

ok($nginx->wait_live, 'the single process follows');
is($nginx->workers, 0, 'it is the only one');

$redis->cmd('XADD', 'revoked', '*', 'token', 'bad');
ok($nginx->wait_refused('bad'), 'and refuses');
is($nginx->status('good'), 200, 'what is revoked');

$nginx->finish;

# and starts again, with the log as it is now

$redis->cmd('XADD', 'revoked', '*', 'token', 'worse');
$nginx->start;
is($nginx->status('worse'), 401, 'it starts again');
is($nginx->stop('TERM'), 0, 'TERM');
$nginx->log_is_clean;

done_testing();
