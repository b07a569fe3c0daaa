# The table grows from nothing to 200,000 rules while requests are decided:
# none is decided wrongly, then or later.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use POSIX ();
use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    size => '8m', workers => 2)->start;

ok($nginx->wait_live, 'live');
$redis->cmd('XADD', 'revoked', '*', 'token', 'first');
ok($nginx->wait_refused('first'), 'a rule is applied');

# asks all the time, until it is told to stop, for one that is revoked and many
# that are not

my $stop = $nginx->dir . '/stop';
my $asked = $nginx->dir . '/asked';
my $asking = fork;

if ($asking == 0) {
    my ($round, %n) = (0);

    until (-e $stop and $round > 3) {
        $round++;
        my $n = $nginx->statuses('first', map { "other-$round-$_" } 1 .. 200);
        $n{$_} += $n->{$_} for keys %$n;
    }

    open my $out, '>', $asked;
    print $out join ' ', $round, map { "$_=$n{$_}" } sort keys %n;
    close $out;
    POSIX::_exit(0);
}

for my $i (0 .. 199) {
    $redis->cmd('XADD', 'revoked', '*',
                map { (token => sha256_hex("t-$i-$_")) } 1 .. 1000);
}

ok($nginx->wait_refused('t-199-1000', 20), '200,000 tokens are revoked');

open my $out, '>', $stop;
close $out;
waitpid $asking, 0;

open my $in, '<', $asked;
my ($rounds, $answers) = split / /, <$in>, 2;
close $in;

is($answers, '200=' . 200 * $rounds . " 401=$rounds",
   "meanwhile $rounds rounds of requests were decided rightly");

my %n;

for my $i (0 .. 199) {
    my $n = $nginx->statuses(map { "t-$i-$_" } 1 .. 1000);
    $n{$_} += $n->{$_} for keys %$n;
}

is_deeply(\%n, { 401 => 200_000 }, 'every one is refused');
is_deeply($nginx->statuses(map { "other-$_" } 1 .. 20_000), { 200 => 20_000 },
          'and no other');
is($nginx->log_count(qr/full|lost/), 0, 'and there is nothing to report');

$nginx->finish;

done_testing();
