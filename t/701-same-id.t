#!/usr/bin/env perl

# A log that is deleted and begun again, up to an entry with the very ID that
# was applied last: within one millisecond Redis itself gives that ID.  The IDs
# alone say that nothing is new, and the revocation in it was never read.
#
# Red when the number of entries that Redis counts is not compared, in
# ngx_http_token_revoke_ask_compare().

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use TokenRevoke::Nginx qw(start_redis);

my $redis = start_redis();
my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket)->start;

$redis->cmd('XADD', 'revoked', "$_-1", 'token', "old-$_") for 1 .. 3;
ok($nginx->wait_refused('old-3'), 'a log of three entries is applied');
ok($nginx->wait_log(qr/follows log/), 'and confirmed');

# the edge may have to see the three confirmed: the next token waits for that

$redis->cmd('XADD', 'revoked', '3-2', 'token', 'old-4');
ok($nginx->wait_refused('old-4'), 'a fourth entry');

$redis->pipeline(['MULTI'], ['DEL', 'revoked'],
                 ['XADD', 'revoked', '3-2', 'token', 'new'], ['EXEC']);

ok($nginx->wait_refused('new'), 'the first entry of the new log is applied');
is($nginx->log_count(qr/is not the one that was applied/), 1,
   'and it is said that it is another one');
is_deeply($nginx->statuses((map { "old-$_" } 1 .. 4), 'new'), { 401 => 5 },
          'all rules are kept');

$nginx->finish;

done_testing();
