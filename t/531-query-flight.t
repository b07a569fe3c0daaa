# token_revoke_query with 10,000 requests in flight, and a Redis that is slow,
# cuts its answers anywhere, closes in the middle or says too much: no token
# ever gets the answer of another one.

use strict;
use warnings;

use lib 't/lib';

use IO::Select ();
use IO::Socket::UNIX ();
use POSIX ();
use Socket qw(SOCK_STREAM);
use Test::More;
use Time::HiRes qw(sleep);

use TokenRevoke::H2;
use TokenRevoke::Nginx qw(wait_for temp_dir);
use TokenRevoke::Port qw(free_port);

my ($connections, $streams) = (80, 125);
my $all = $connections * $streams;

my $seed = $ENV{TEST_TOKEN_REVOKE_SEED} // time;
srand $seed;
diag("TEST_TOKEN_REVOKE_SEED=$seed") if $ENV{TEST_TOKEN_REVOKE_SEED};

my $dir = temp_dir();
my $socket = "$dir/fake.sock";


# The fake: it reads what "plan" says when it has a question and nothing to do.
#
#     hold N CUT CLOSE   take N questions, then answer in pieces of at most CUT
#                        bytes, and close after CLOSE bytes of them (0: do not)
#     slow MS            answer the first half; the rest after MS
#     more               answer, and once more what nobody has asked

sub plan_is {
    open my $out, '>', "$dir/plan.new" or die $!;
    print $out $_[0];
    close $out;
    rename "$dir/plan.new", "$dir/plan";
}

sub fake_plan {
    open my $in, '<', "$dir/plan" or return 'hold', 1, 1e9, 0;
    return split ' ', <$in>;
}


sub fake_answer {
    my ($command) = @_;

    return "+OK\r\n" if $command !~ /EXISTS/;
    return $command =~ /:bad-/ ? ":1\r\n" : ":0\r\n";
}


sub serve {
    my ($c) = @_;

    my ($in, $out, $n) = ('', '', 0);
    my ($plan, $first, $second, $third) = ('hold', 1, 1e9, 0);

    while (sysread $c, $in, 1 << 20, length $in) {

        while ($in =~ /\G\*2\r\n((?:\$\d+\r\n[^\r]*\r\n){2})/gc) {
            my $command = $1;

            if ($command =~ /\r\nINFO\r\n/) {
                syswrite $c, "\$13\r\nrole:master\r\n\r\n";
                next;
            }

            ($plan, $first, $second, $third) = fake_plan() if $n++ == 0;
            $out .= fake_answer($command);
        }

        substr $in, 0, pos($in) // 0, '';
        next if $n == 0;

        if ($plan eq 'hold') {
            next if $n < $first;

            $out = substr $out, 0, $third if $third;

            while ($out ne '') {
                syswrite $c, substr $out, 0, 1 + int(rand $second), '';
                sleep(0.0002) if rand() < 0.1;
            }

            return if $third;
        }

        if ($plan eq 'slow') {
            next if $n < $all;
            syswrite $c, substr $out, 0, length($out) / 8 * 4, '';
            sleep($first / 1000);
            syswrite $c, $out;
        }

        if ($plan eq 'more') {
            next if $n < $first;
            syswrite $c, "$out:0\r\n:1\r\n";
        }

        ($out, $n) = ('', 0);
    }
}

plan_is('hold 1 1000000000 0');

my $listener = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $socket,
                                     Listen => 16) or die $!;
chmod 0777, $socket;
my $fake = fork // die "fork: $!\n";

if ($fake == 0) {
    $SIG{PIPE} = 'IGNORE';

    while (my $c = $listener->accept) {
        serve($c);
        close $c;
    }

    POSIX::_exit(0);
}

END { local $?; kill 'KILL', $fake if $fake }

my $port = free_port();
my $query = '$token_revoke_token_raw; empty_gif;';

my $nginx = TokenRevoke::Nginx->new(check => '', http => <<"_EOC_");
    client_header_timeout 300s;
    server {
        listen 127.0.0.1:$port http2;
        location / {
            token_revoke_query redis=unix:$socket timeout=20s
                               EXISTS long:$query
        }
        location /short {
            token_revoke_query redis=unix:$socket timeout=3s
                               EXISTS short:$query
        }
    }
_EOC_

$nginx->set(conf => $nginx->config
                    =~ s/worker_connections 512/worker_connections 22000/r);
$nginx->start;


# $n requests at once, every other one revoked; how many answers there were of
# each kind, and how many were those of somebody else

sub flight {
    my ($uri, $n) = @_;

    my (%kinds, @h2, @asked);

    for my $i (0 .. $n - 1) {
        my $h2 = $h2[$i / $streams] ||= TokenRevoke::H2->new($port);
        my $kind = $i % 2 ? 'bad' : 'good';
        push @asked, [$h2, $kind,
                      $h2->ask($uri, [authorization => "Bearer $kind-$i"])];
    }

    $_->flush for @h2;

    for (@asked) {
        my ($h2, $kind, $stream) = @$_;
        $kinds{"$kind " . $h2->status($stream, 60)}++;
    }

    return \%kinds;
}


sub is_right {
    my ($kinds, $name) = @_;

    my @wrong = grep { !/^(?:good 200|bad 401|\w+ 503)$/ } keys %$kinds;

    is(join(', ', map { "$_: $kinds->{$_}" } @wrong), '', "$name: none wrong");
}


my $half = $all / 2;

# all are asked before the first one is answered, in one piece or in many

for my $cut (1_000_000, 7, 2000) {
    plan_is("hold $all $cut 0");
    is_deeply(flight('/', $all), { 'good 200' => $half, 'bad 401' => $half },
              "10,000 in flight, answers in pieces of up to $cut bytes");
}

# the connection ends, between two answers or within one

for my $n (1 .. 4) {
    my $bytes = 1 + int rand 4 * $all - 1;

    plan_is("hold $all 3000 $bytes");
    my $kinds = flight('/', $all);
    is_right($kinds, "closed after $bytes bytes of answers");

    my $answered = int $bytes / 4;
    is(($kinds->{'good 200'} // 0) + ($kinds->{'bad 401'} // 0), $answered,
       'what was answered was used');
    is(($kinds->{'good 503'} // 0) + ($kinds->{'bad 503'} // 0),
       $all - $answered, 'the rest is left to on_error');

    plan_is('hold 1 100 0');
    ok(wait_for(sub { (flight('/', 1))->{'good 200'} }), 'it is up again');
}

# too late: the answers come, and are for nobody

plan_is('slow 3200');
my $kinds = flight('/short', $all);
is_right($kinds, 'half of the answers are late');
cmp_ok(($kinds->{'good 200'} // 0) + ($kinds->{'bad 401'} // 0), '<=', $half,
       'they are not used');

plan_is('hold 1 100 0');
ok(wait_for(sub { (flight('/short', 1))->{'good 200'} }), 'then it goes on');
is_deeply(flight('/', 1000), { 'good 200' => 500, 'bad 401' => 500 },
          'with the right answers');

# answers that nobody has asked for

plan_is('more 10');
$kinds = flight('/', 10);
is_right($kinds, 'answers to no question');
plan_is('hold 1 100 0');
ok(wait_for(sub {
    my $again = flight('/', 100);
    is_right($again, 'and after them') if grep { !/503/ } keys %$again;
    ($again->{'good 200'} // 0) == 50;
}), 'it goes on');

$nginx->finish(qr/worker_connections/);

done_testing();
