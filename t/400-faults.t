# A Redis that fails in every way: nginx says once what is wrong, goes on
# deciding by what it knows, answers others meanwhile, and follows again as
# soon as Redis behaves.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use Time::HiRes ();

use TokenRevoke::FakeRedis;
use TokenRevoke::Nginx qw(wait_for temp_dir);


# for one command only, the other is answered as it should be

sub only {
    my ($command, $instead) = @_;

    return sub {
        my ($c, $answer, $how, @cmd) = @_;
        return $cmd[0] eq $command ? $instead : $answer;
    };
}


sub always {
    my ($instead) = @_;
    return sub { $instead };
}


my $unexpected = 'unexpected answer to X(?:READ|RANGE|INFO STREAM)';

# name, what is sent, what is said

my @faults = (
    refuse      => undef, 'redis closed the connection',
    close       => undef, 'redis closed the connection',
    stall       => undef, 'redis did not answer in time',
    half        => undef, 'redis did not answer in time|not a redis',
    no_info     => only('XINFO', ''), 'redis did not answer in time',
    only_info   => only('XREAD', ''), 'did not answer in time|' . $unexpected,
    half_close  => sub {
        my ($c, $answer) = @_;
        syswrite $c, substr $answer, 0, length($answer) / 2;
        return undef;
    }, 'redis closed the connection',

    http        => always("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"),
                   'not a redis',
    ssh         => always("SSH-2.0-OpenSSH_9.2\r\n"), 'not a redis',
    garbage     => always(join '', map { chr(($_ * 167 + 11) % 256) } 1 .. 999),
                   'not a redis',
    push        => always(">2\r\n+message\r\n+x\r\n"), 'not a redis',
    no_line     => always('+' . 'A' x 3_000_000), 'not a redis',

    loading     => always("-LOADING Redis is loading the dataset\r\n"),
                   'LOADING Redis is loading the dataset',
    noperm      => only('XINFO', "-NOPERM no permissions to run 'xinfo'\r\n"),
                   "NOPERM no permissions to run 'xinfo'",
    no_xread    => only('XREAD', "-ERR unknown command\r\n"),
                   'ERR unknown command',
    moved       => always("-MOVED 3999 redis-2:7000\r\n"),
                   'redis named "redis-2" and there is no resolver',
    escape      => always("-ERR \e[31m\0\a\xff x\r\n"), 'ERR \?\[31m\?\?\? x',
    long_error  => always('-ERR ' . 'x' x 10000 . "\r\n"), 'ERR x{90}',
    empty_error => always("-\r\n"), ': ;',

    nil         => always("\$-1\r\n"), $unexpected,
    nil_array   => only('XINFO', "*-1\r\n"), $unexpected,
    number      => always(":42\r\n"), $unexpected,
    ok          => always("+OK\r\n"), $unexpected,
    empty       => only('XINFO', "*0\r\n"), $unexpected,
    two_logs    => only('XREAD', "*2\r\n*-1\r\n*-1\r\n"), $unexpected,
    bad_id      => only('XREAD', "*1\r\n*2\r\n\$1\r\nr\r\n*1\r\n*2\r\n"
                                 . "+1-x\r\n*2\r\n+token\r\n+x\r\n"),
                   $unexpected,
    bad_info    => only('XINFO', "*4\r\n+length\r\n:-1\r\n+last-generated-id"
                                 . "\r\n+0-0\r\n"), $unexpected,

    nested      => always("*1\r\n" x 100), 'not a redis|' . $unexpected,
    huge_bulk   => always("\$2147483647\r\nabc"),
                   'redis did not answer in time|not a redis',
    huge_array  => always("*2147483647\r\n*2147483647\r\n"),
                   'redis did not answer in time|not a redis',
    huge_number => always("\$99999999999999999999999\r\n"), 'not a redis',
    bad_length  => always("\$-7\r\n"), 'not a redis',

    twice       => sub { $_[1] . $_[1] }, 'not a redis|' . $unexpected,
    unasked     => sub { $_[1] . "+OK\r\n" }, 'not a redis|' . $unexpected,
);

my (@names, %sent, %said);

while (my ($name, $sent, $said) = splice @faults, 0, 3) {
    push @names, $name;
    $sent{$name} = $sent if $sent;
    $said{$name} = $said;
}

# XREAD and XINFO are outstanding when the fault begins, the next connection
# begins with XRANGE and XINFO: the same fault can have two faces

my $faces = 2;

my $fake = TokenRevoke::FakeRedis->new(dir => temp_dir(), modes => \%sent)
    ->start;
$fake->add('1-1', token => 'bad');

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $fake->socket,
                                    zone => 'timeout=100ms',
                                    location => 'token_revoke_wait 0;')->start;

ok($nginx->wait_refused('bad') && $nginx->wait_live, 'a token is refused');

my $id = 1;


# lines about a link that failed

sub said { $nginx->log_count(qr/\[warn\].*(?:lost|cannot follow) log/) }


for my $name (@names) {
    my $live = $nginx->log_count(qr/follows log/);
    my $lines = said();
    my $tries = $fake->seen(qr/^connect/);

    $fake->mode($name);

    my $slow = 0;

    my $tried = wait_for {
        my $began = Time::HiRes::time();
        $nginx->plain or $slow++;
        $slow++ if Time::HiRes::time() - $began > 3;
        $fake->seen(qr/^connect/) >= $tries + 3;
    };

    my @verdicts = ($nginx->status('bad'), $nginx->status('good'));

    $id++;
    $fake->add("$id-1", token => "after-$name");
    $fake->mode('good');

    my $back = $nginx->wait_refused("after-$name");
    my $now = $nginx->wait_log(qr/follows log/, 5, $live + 1);

    my $text = $nginx->log_text;
    my @all = $text =~ /\[warn\].*(?:lost|cannot follow) log .*/g;
    my @new = @all[$lines .. $#all];

    subtest $name => sub {
        ok($tried, 'it is tried again');
        is($slow, 0, 'others are answered meanwhile');
        is("@verdicts", '401 200', 'rules and age decide');
        ok($back && $now, 'it recovers');
        ok(@new && @new <= $faces, 'it is said once')
            or diag(join "\n", @new);
        like("@new", qr/$said{$name}/, 'what is wrong');
    };
}

is(join(' ', $nginx->workers), ($nginx->log_text =~ /worker process (\d+)/)[0],
   'one worker did all that');

$nginx->finish;

# the same before anything is known

for my $name (qw(refuse stall half http loading nil nested)) {
    my $cold = TokenRevoke::FakeRedis->new(dir => temp_dir(), modes => \%sent)
        ->start;
    $cold->add('1-1', token => 'bad');
    $cold->mode($name);

    my $edge = TokenRevoke::Nginx->new(redis => 'unix:' . $cold->socket,
                                       zone => 'timeout=100ms')->start;

    subtest "$name, at the start" => sub {
        my $waits = $edge->ask('bad');

        ok(wait_for(sub { $cold->seen(qr/^connect/) >= 3 }), 'tried again');
        ok($edge->plain, 'others are answered');
        is($edge->log_count(qr/cannot follow log .* nothing is known yet/), 1,
           'one line');

        $cold->mode('good');
        is(TokenRevoke::Nginx::status_of($edge->answer($waits)), 401,
           'a request that waited is decided rightly');
        $edge->finish;
    };

    $cold->stop;
}

done_testing();
