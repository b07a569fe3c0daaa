# Everything at random, under load, for a minute: see docs/testing.md, which
# also says what to do with the seed of a run that failed.
#
#     TOKEN_REVOKE_CHAOS_SECONDS   how long (60)
#     TOKEN_REVOKE_CHAOS_SEED      of the faults (printed; else the time)
#     TOKEN_REVOKE_CHAOS_ONLY      names of faults: "silent upgrade"
#     TOKEN_REVOKE_CHAOS_VERBOSE   the faults are shown as they come
#
# With build/asan-nginx/objs/nginx ("make asan") all of it is checked by
# sanitizers, too.  TEST_NGINX_BINARY is another nginx.

use strict;
use warnings;

use lib 't/lib';

use Cwd ();
use File::Temp ();
use Test::More;

my ($reports, $asan);

BEGIN {
    $asan = Cwd::getcwd() . '/build/asan-nginx/objs/nginx';

    if (!$ENV{TEST_NGINX_BINARY} and -x $asan) {
        $reports = File::Temp::tempdir(CLEANUP => 1);
        chmod 0777, $reports;

        $ENV{TEST_NGINX_BINARY} = $asan;
        $ENV{TEST_NGINX_TOKEN_REVOKE_MODULE} = '';
        $ENV{ASAN_OPTIONS} = 'detect_leaks=0:handle_sigill=1:'
                             . 'quarantine_size_mb=8:'
                             . "log_path=$reports/report";
    }
}

use TokenRevoke::Chaos;

my $seed = $ENV{TOKEN_REVOKE_CHAOS_SEED} // time % 1000000;
my $seconds = $ENV{TOKEN_REVOKE_CHAOS_SECONDS} // 60;

diag("seed $seed, $seconds s, ",
     $reports ? 'with sanitizers' : 'without sanitizers of its own');

my $chaos = TokenRevoke::Chaos->new(
    seconds => $seconds, seed => $seed,
    only => $ENV{TOKEN_REVOKE_CHAOS_ONLY},
    strict => !system('grep -q \'"token_revoke_strict"\' *.c'));

$chaos->run;

my @violations = $chaos->violations;

ok(!@violations, 'no promise was broken')
    or diag(join "\n", "seed $seed", @violations, $chaos->timeline);

my $c = $chaos->checker;

diag(sprintf '%d answers: %d of 200, %d of 401, %d of 503, %d none; %d had to '
             . 'be refused; the longest took %.1f s', map { $c->count($_) }
     qw(answers status_200 status_401 status_503 no_answer demanded longest));

cmp_ok($c->count('answers'), '>', 20 * $seconds, 'there was a load');
cmp_ok($c->count('demanded'), '>', 2 * $seconds, 'and something to refuse');
cmp_ok($c->count('status_200'), '>', 5 * $seconds, 'and to let through');

$chaos->edge->log_is_clean(qr/exited on signal 9/);

my @said = $reports ? map { TokenRevoke::Nginx::_slurp($_) }
                      glob "$reports/*" : ();

is(join('', @said), '', 'the sanitizers have nothing to report') if $reports;

done_testing();
