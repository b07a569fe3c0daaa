# The network between an edge and its Redis: a connection that is half open, one
# that is slow, and one that ends anywhere.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis temp_dir);
use TokenRevoke::Proxy;

my $redis = start_redis();
my $proxy = TokenRevoke::Proxy->new(dir => temp_dir(), to => $redis->socket)
    ->start;


sub revoke { $redis->cmd('XADD', 'revoked', '*', 'token', $_) for @_ }


revoke('bad');

my $nginx = TokenRevoke::Nginx->new(
    redis => $proxy->url, zone => 'timeout=300ms', workers => 2,
    server => <<'_EOC_')->start;
    location = /soon {
        token_revoke zone=edge;
        token_revoke_max_stale 600ms;
        empty_gif;
    }
_EOC_


sub lost { $nginx->log_count(qr/\[warn\].*lost log/) }


ok($nginx->wait_refused('bad') && $nginx->wait_live, 'a log is followed');

# half open: both sides believe in it

$proxy->mode('silent');
revoke('later');
ok(wait_for(sub { lost() }), 'it is silent, which is noticed');
ok(wait_for(sub { $nginx->status('good', '/soon') == 503 }),
   'what is known becomes too old');
is($nginx->status('bad', '/soon'), 401, 'what is revoked is refused');
is($nginx->status('good'), 200, 'where there is patience it decides');
ok($nginx->plain, 'others are answered');
is($nginx->log_count(qr/max_stale of 600 ms/), 1, 'one line says so');

$proxy->mode('good');
ok($nginx->wait_refused('later'), 'it is there again');
ok(wait_for(sub { $nginx->status('good', '/soon') == 200 }), 'and fresh');
is(lost(), 1, 'one line about the link');
like($nginx->log_text, qr/lost log .*: redis did not answer in time; deciding/,
     'which says why');

# slow: slower than the time-out, but something comes all the time

$proxy->mode('slow 20');
revoke('slow');
ok($nginx->wait_refused('slow'), 'a slow answer is an answer');
is(lost(), 1, 'and no failure');
$proxy->mode('good');

# cut anywhere, again and again

my @all;

for my $n (1 .. 40) {
    push @all, "cut-$n";
    $proxy->mode('cut 3000') if $n % 4 == 1;
    revoke($all[-1]);
    $nginx->status('good');
    $proxy->mode('good') if $n % 4 == 0;
    $nginx->wait_refused($all[-1]) if $n % 4 == 0;
}

ok($nginx->wait_refused($all[-1]), 'a connection that is cut anywhere');
is_deeply($nginx->statuses(@all, 'good'), { 401 => 40, 200 => 1 },
          'all is in force');
is($nginx->log_count(qr/is not the one that was applied|was trimmed/), 0,
   'nothing is taken for a loss');
ok(wait_for(sub { $nginx->status('good', '/soon') == 200 }), 'and fresh');

$nginx->finish;


done_testing();
