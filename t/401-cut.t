# The connection ends in the middle of an answer, wherever that is: what was
# complete is applied, the rest is read again.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use Time::HiRes ();

use TokenRevoke::FakeRedis;
use TokenRevoke::Nginx qw(wait_for temp_dir);

my $fake;


# so many bytes of one answer to this command, and no more

sub cut_once {
    my ($command) = @_;

    return sub {
        my ($c, $answer, $bytes, @cmd) = @_;

        return $answer if $cmd[0] ne $command or $answer =~ /^\*-1/;

        $fake->mode('good');
        syswrite $c, substr $answer, 0, $bytes;

        return undef;
    };
}


$fake = TokenRevoke::FakeRedis->new(
    dir   => temp_dir(),
    modes => {
        read => cut_once('XREAD'),
        info => cut_once('XINFO'),
        slow => sub {
            my ($c, $answer) = @_;

            for my $byte (split //, $answer) {
                syswrite $c, $byte;
                Time::HiRes::sleep(0.001);
            }

            return '';
        },
    });

# started when "$fake" is known to the processes that it starts

$fake->start;

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $fake->socket,
                                    zone => 'timeout=100ms')->start;

ok($nginx->wait_live, 'live');

my $n = 0;


sub bytes_of_read {
    my ($id) = @_;
    return length TokenRevoke::FakeRedis::array(
        TokenRevoke::FakeRedis::array(
            TokenRevoke::FakeRedis::bulk('revoked'),
            TokenRevoke::FakeRedis::array(
                TokenRevoke::FakeRedis::entry("$id-1", token => "a-$id"),
                TokenRevoke::FakeRedis::entry("$id-2", token => "b-$id"))));
}


sub cut {
    my ($mode, $bytes) = @_;

    $n++;
    $fake->mode("$mode $bytes");
    $fake->_append('entries', "$n-1\ttoken\ta-$n\n$n-2\ttoken\tb-$n\n");

    return $nginx->wait_refused("b-$n");
}


my @missed;

for my $bytes (0 .. bytes_of_read(100) - 1) {
    cut('read', $bytes) or push @missed, $bytes;
}

is("@missed", '', "XREAD is cut at $n places");
cmp_ok($nginx->log_count(qr/lost log .*: redis closed/), '>=', $n / 2,
       'and each time it is noticed');

my $cuts = $n;
@missed = ();

for (my $bytes = 0; $bytes < 330; $bytes += 7) {
    cut('info', $bytes) or push @missed, $bytes;
}

is("@missed", '', 'XINFO is cut at ' . ($n - $cuts) . ' places');
is_deeply($nginx->statuses((map { ("a-$_", "b-$_") } 1 .. $n), 'c-1'),
          { 401 => 2 * $n, 200 => 1 }, 'all is refused that should be');
ok($nginx->plain, 'nginx is well');

# byte by byte, and slower than the time-out: as long as something comes

my $lost = $nginx->log_count(qr/lost log/);

$fake->mode('slow');
$fake->add('999-1', token => 'slow-1');
ok($nginx->wait_refused('slow-1'), 'a slow answer is an answer');
is($nginx->log_count(qr/lost log/), $lost, 'and no failure');
$fake->mode('good');

$nginx->finish;

done_testing();
