# What is said first on a connection, INFO and TIME, and what a real Redis
# does not make of it; and two of a Cluster that name each other.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for temp_dir);
use TokenRevoke::FakeRedis;
use TokenRevoke::Port qw(free_port);

sub bulk { TokenRevoke::FakeRedis::bulk(@_) }

sub hello {
    my ($bytes, $only) = @_;

    return sub {
        my ($c, $answer, $how, @cmd) = @_;

        return $answer if "@cmd" !~ ($only // qr/^(?:INFO|TIME)/);
        return ref $bytes ? $bytes->(@cmd) : $bytes;
    };
}


my $huge = "# x\r\n" . 'y' x 100_000 . "\r\nrole:master\r\n";

# it is followed nevertheless

my %harmless = (
    hello_noperm  => hello("-NOPERM this user has no permissions\r\n"),
    hello_unknown => hello("-ERR unknown command\r\n"),
    hello_empty   => hello(bulk(''), qr/^INFO/),
    hello_huge    => hello(bulk($huge), qr/^INFO/),
    hello_bytes   => hello(bulk(join '', map { chr } 0 .. 255), qr/^INFO/),
    hello_early   => hello("*2\r\n\$1\r\n0\r\n\$1\r\n0\r\n", qr/^TIME/),
    hello_late    => hello("*2\r\n\$15\r\n999999999999999\r\n\$1\r\n0\r\n",
                           qr/^TIME/),
);

# it is not, and this is why

my %harmful = (
    hello_loading => [hello("-LOADING Redis is loading\r\n"), 'LOADING Redis'],
    hello_noauth  => [hello("-NOAUTH Authentication required.\r\n"), 'NOAUTH'],
    hello_stall   => [hello(''), 'redis did not answer in time'],
    hello_close   => [hello(sub { undef }), 'redis closed the connection'],
    hello_junk    => [hello("HTTP/1.1 400 Bad Request\r\n\r\n"),
                      'not a redis'],
    hello_half    => [hello("\$100\r\nrole:mas", qr/^INFO/),
                      'redis did not answer in time'],
);


sub fake {
    my ($mode, $sub, %o) = @_;

    my $fake = TokenRevoke::FakeRedis->new(dir => temp_dir(),
                                           modes => { $mode => $sub }, %o);

    $fake->add('1-1', token => 'bad');
    $fake->mode($mode);

    return $fake->start;
}


sub edge {
    my ($fake, %o) = @_;

    return TokenRevoke::Nginx->new(
        redis => $fake->url, zone => 'timeout=200ms',
        location => 'token_revoke_wait 0;', %o)->start;
}


for my $mode (sort keys %harmless) {
    subtest $mode => sub {
        my $fake = fake($mode, $harmless{$mode});
        my $nginx = edge($fake, zone => 'timeout=10s');

        ok($nginx->wait_live, 'it is followed') or diag $nginx->log_text;
        is($nginx->status('bad'), 401, 'what is revoked is refused');
        is($nginx->status('good'), 200, 'and nothing else');
        cmp_ok($fake->seen(qr/^connect/), '<=', 2,
               'over one connection, and one of the registry');
        $nginx->finish;
    };
}


for my $mode (sort keys %harmful) {
    subtest $mode => sub {
        my ($sub, $reason) = @{ $harmful{$mode} };
        my $fake = fake($mode, $sub);
        my $nginx = edge($fake);

        ok($nginx->wait_log(qr/cannot follow .*: $reason.*; nothing is/),
           'it is said why') or diag $nginx->log_text;
        ok($nginx->plain, 'others are answered meanwhile');
        is($nginx->status('bad'), 503, 'on_error decides');

        $fake->mode('good');
        ok($nginx->wait_refused('bad', 20), 'it recovers');
        is($nginx->log_count(qr/cannot follow/), 1, 'and it was said once')
            or diag $nginx->log_text;
        $nginx->finish;
    };
}


subtest 'two that name each other' => sub {
    my @ports = (free_port(), free_port());
    my @fakes = map {
        my $other = $ports[1 - $_];

        fake('moved', sub {
            my ($c, $answer, $how, @cmd) = @_;
            $cmd[0] =~ /^X/ ? "-MOVED 1234 127.0.0.1:$other\r\n" : $answer
        }, port => $ports[$_]);
    } 0, 1;

    my $nginx = edge($fakes[0]);

    ok($nginx->wait_log(qr/cannot follow .*: 127.0.0.1:$ports[1]: MOVED 1234/),
       'it is said') or diag $nginx->log_text;

    wait_for { $fakes[0]->seen(qr/^connect/) >= 4 };

    my ($one, $two) = map { $_->seen(qr/^connect/) } @fakes;

    # and the registry has one connection

    cmp_ok(abs($one - $two), '<=', 2, 'each is tried once a round');
    ok($nginx->plain, 'others are answered meanwhile');
    is($nginx->log_count(qr/cannot follow/), 1, 'in one line');

    $fakes[1]->mode('good');
    ok($nginx->wait_refused('bad', 20), 'it recovers');
    $nginx->finish;
};


done_testing();
