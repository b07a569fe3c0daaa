# Strict questions to a Redis that is slow, cuts its answers or gives wrong
# ones: to them alone, the follower is answered as it should be.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use Time::HiRes qw(time);

use TokenRevoke::FakeRedis;
use TokenRevoke::Nginx qw(wait_for temp_dir);

# each connection has a process of its own: one that reads the log follows it

my $follows = 0;


sub to_strict {
    my ($instead) = @_;

    return sub {
        my ($c, $answer, $how, @cmd) = @_;

        $follows = 1 if $cmd[0] =~ /^(?:XREAD|XRANGE)$/;

        return $answer if $follows or $cmd[0] ne 'XINFO';
        return $instead->($answer, $how, $c);
    };
}


sub always { my ($text) = @_; to_strict(sub { $text }) }

# a log with one entry

sub info {
    my ($id) = @_;

    my ($bulk, $entry) = map { TokenRevoke::FakeRedis->can($_) } qw(bulk entry);

    return TokenRevoke::FakeRedis::array(
        $bulk->('length'), ":1\r\n",
        $bulk->('last-generated-id'), $bulk->($id),
        map { $bulk->($_), $entry->($id, token => 'x') }
            qw(first-entry last-entry));
}


my %sent = (
    good    => to_strict(sub { $_[0] }),
    shut    => to_strict(sub { undef }),
    hello_silent => sub { to_strict(sub { '' })->(@_); $follows ? $_[1] : '' },
    slow    => to_strict(sub { select undef, undef, undef, $_[1]; $_[0] }),
    cut     => to_strict(sub {
        my ($answer, $how, $c) = @_;
        syswrite $c, substr $answer, 0, $how;
        return undef;
    }),
    drip    => to_strict(sub {
        my ($answer, $how, $c) = @_;
        for (split //, $answer) {
            syswrite $c, $_;
            select undef, undef, undef, 0.0005;
        }
        return '';
    }),
    loading => always("-LOADING Redis is loading the dataset\r\n"),
    nil     => always("\$-1\r\n"),
    http    => always("HTTP/1.1 400 Bad Request\r\n\r\n"),
    twice   => to_strict(sub { $_[0] . $_[0] }),
    other   => always(info('0-7')),
    gone    => always("-ERR no such key\r\n"),
);

my $fake = TokenRevoke::FakeRedis->new(dir => temp_dir(), modes => \%sent)
    ->start;
$fake->add('1-1', token => 'bad');

my $nginx = TokenRevoke::Nginx->new(
    redis => 'unix:' . $fake->socket, zone => 'timeout=100ms',
    location => 'token_revoke_strict on; token_revoke_wait 20s;',
    server => <<'_EOC_')->start;
    location = /soon {
        token_revoke zone=edge;
        token_revoke_strict on;
        token_revoke_wait 60ms;
        empty_gif;
    }
    location = /lax {
        token_revoke zone=edge;
        empty_gif;
    }
_EOC_

ok($nginx->wait_refused('bad'), 'a token is refused');
is($nginx->status('good'), 200, 'another one is not');

my $id = 1;


sub add {
    $id++;
    $fake->add("$id-1", token => "t-$id");
    return "t-$id";
}


# what fails: two failures, and nobody waits any more

my @fails = (
    shut => 'redis closed the connection',
    hello_silent => 'redis did not answer',
    'cut 40' => 'redis closed', 'slow 5' => 'redis did not answer',
    loading => 'LOADING Redis is loading', nil => 'unexpected answer to XINFO',
    http => 'not a redis', twice => 'unexpected answer|not a redis',
);

my $n = 0;

while (my ($mode, $said) = splice @fails, 0, 2) {
    subtest $mode => sub {
        $fake->mode($mode);

        my $token = add();
        my $status = $nginx->status('good', '/soon', 5);

        is($status, 503, 'who may not wait for long is answered');
        is($nginx->status('good', '/', 15), 503,
           'and who may, when it has failed twice');
        is($nginx->status('bad'), 401, 'a known rule refuses');
        ok($nginx->plain, 'others are served');

        $fake->mode('good');

        ok(wait_for(sub { $nginx->status('good') == 200 }), 'it recovers');
        is($nginx->status($token), 401, 'nothing was missed');
        is($nginx->log_count(qr/cannot be had/), ++$n, 'one line')
            or diag($nginx->log_text =~ /(.*cannot be had.*)/g);

        ok(wait_for(sub {
            $nginx->status('good');
            $nginx->log_count(qr/has strict answers .* again/) == $n;
        }), 'and another one when it works again');

        # the first request may have been too early to know the reason

        my ($line) = reverse $nginx->log_text =~ /(.*cannot be had.*)/g;
        like($line, qr/had: (?:$said|redis did not answer in time)/, 'why');
    };
}

# what is only slow, or comes in pieces: it is waited for

for my $mode ('slow 0.05', 'drip') {
    subtest $mode => sub {
        $fake->mode($mode);

        my @tokens = (add(), 'good', 'bad', add());
        my @asked = map { $nginx->ask($_) } @tokens;

        is(join(' ', map {
            TokenRevoke::Nginx::status_of($nginx->answer($_))
        } @asked), '401 200 401 401', 'all are decided, and rightly');

        $fake->mode('good');
        ok(wait_for(sub { $nginx->status('good') == 200 }), 'and it goes on');
    };
}

# another log: asked again and again, until it is the right one

for my $mode (qw(other gone)) {
    subtest $mode => sub {
        $fake->mode($mode);

        my $token = add();
        ok(wait_for(sub { $nginx->status($token, '/lax') == 401 }),
           'the follower goes on');

        my $began = time();
        my $asked = $fake->seen(qr/^XINFO/);
        my $waits = $nginx->ask('good');

        is($nginx->status('good', '/soon', 5), 503, 'another log is no answer');
        cmp_ok($fake->seen(qr/^XINFO/) - $asked, '<=',
               10 + (time() - $began) / 0.02, 'and not asked for in a hurry');

        $fake->mode('good');
        is(TokenRevoke::Nginx::status_of($nginx->answer($waits)), 200,
           'who waits is decided when it is the right one again');
    };
}

# nobody is asked for those who are gone

$fake->mode('slow 0.08');

my $first = $nginx->ask('good');
ok(wait_for(sub { $nginx->plain }), 'a question is in flight');
my @gone = map { $nginx->ask('good') } 1 .. 20;
close $_ for @gone;
is(TokenRevoke::Nginx::status_of($nginx->answer($first)), 200, 'it is sent');
$fake->mode('good');
is($nginx->status('good'), 200, 'clients that left are forgotten');

$nginx->finish;
$fake->stop;

done_testing();
