# A backlog of 300,000 rules arrives, with the largest entries that there may
# be, with nonsense among them: requests are answered meanwhile, and all rules
# are in force at the end.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Load;
use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();
my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    size => '32m', workers => 2)->start;


sub xadd { ['XADD', 'revoked', '*', @_] }

sub tokens {
    my ($name, @numbers) = @_;
    return map { "$name-$_" } @numbers;
}

sub pairs { map { (token => $_) } @_ }


$redis->pipeline(xadd(token => 'bad'));
ok($nginx->wait_refused('bad') && $nginx->wait_live, 'an edge is live');

my $load = TokenRevoke::Load->new(port => $nginx->port)->start;

# entries of 16,384 pairs, and of one

$redis->pipeline(xadd(pairs(tokens('large', $_ * 16384 + 1
                                            .. ($_ + 1) * 16384))))
    for 0 .. 17;
$redis->pipeline(map { xadd(pairs(tokens('small', $_))) } 1 .. 6000);
$redis->pipeline(xadd(pairs(tokens('too-large', 1 .. 16385))));
$redis->pipeline(xadd(token => 'end'));

ok($nginx->wait_refused('end', 30), 'all of it is read');

is_deeply($nginx->statuses(tokens('large', map { $_ * 97 + 1 } 0 .. 3039),
                           tokens('small', 1 .. 6000),
                           tokens('large', 1, 16384, 16385, 294912)),
          { 401 => 3040 + 6000 + 4 }, 'and in force');
is_deeply($nginx->statuses(tokens('large', 0, 294913), tokens('small', 0, 6001),
                           tokens('too-large', 1, 16385)),
          { 200 => 6 }, 'and nothing else');
is($nginx->log_count(qr/\[warn\].*entry \S+ of log .*it is not applied/), 1,
   'one entry was over the limit');

# what no edge can understand, between what it can

my @nonsense = (
    ['x' => ''], [before => 'x'], [action => 'explode', token => 'n'],
    ['' => ''], ["\0\n\xff" => "\xff\0"], [until => -1], [action => 'restore'],
    [('x' x 300) => 1], [token => ''], [map { ("c$_" => 1) } 1 .. 9],
    ['claim.' => 1], [all => 1, until => 1],
);

$redis->pipeline(map {
    (xadd(@{ $nonsense[$_ % @nonsense] }), xadd(pairs(tokens('sense', $_))))
} 1 .. 3000);
$redis->pipeline(xadd(token => 'end-2'));

ok($nginx->wait_refused('end-2', 30), 'nonsense does not stop it');
is_deeply($nginx->statuses(tokens('sense', 1 .. 3000)), { 401 => 3000 },
          'what is none is in force');
cmp_ok($nginx->log_count(qr/\[warn\].*entry \S+ of log/), '<', 200,
       'nor does it fill the log');
is($nginx->log_count(qr/lost log/), 0, 'the link is never lost');
is($load->wrong('good 200', 'bad 401'), '',
   'requests were answered rightly all the time');

$nginx->finish;

# the same backlog, for an edge that is new, and while it waits for it

my $new = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                  size => '32m')->start;
my $waits = $new->ask('end-2');

ok($new->plain, 'others are answered');
is(TokenRevoke::Nginx::status_of($new->answer($waits, 30)), 401,
   'a request that waited for all of it');
ok($new->wait_live(30), 'it is live');
is_deeply($new->statuses('bad', tokens('large', 1, 294912),
                         tokens('small', 6000), tokens('sense', 3000), 'good'),
          { 401 => 5, 200 => 1 }, 'all is in force');
$new->finish;


done_testing();
