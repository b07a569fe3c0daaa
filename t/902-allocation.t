# Each allocation fails in turn, and no rule is lost: while a revocation is
# applied, while the edge connects, while a request is judged, and in a reload
# and a start.
#
# TOKEN_REVOKE_ALLOCATIONS is of how many of a reload's and a start's (8).

use strict;
use warnings;

use lib 't/lib';

use POSIX ();
use Test::More;

use TokenRevoke::Chaos::Checker;
use TokenRevoke::Chaos::Clock;
use TokenRevoke::Failing;
use TokenRevoke::Nginx qw(wait_for start_redis);
use TokenRevoke::Token;

# an allocator of its own is not ours to fail

plan skip_all => 'an nginx with sanitizers has an allocator of its own'
    if ($ENV{TEST_NGINX_BINARY} // '') =~ /asan/ or $ENV{ASAN_OPTIONS}
       or $ENV{TEST_NGINX_USE_VALGRIND};

my $redis = start_redis();
my $failing = TokenRevoke::Failing->new;

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    location => 'token_revoke_wait 5s;');

$failing->run(sub { $nginx->start });
ok($nginx->wait_live, 'live');

# What nginx or we say when there is no memory; and what follows from it.  A
# worker that cannot begin is not replaced by nginx: that is its way.

my @said = (qr/\(12: Cannot allocate memory\)/, qr/no memory/,
            qr/exited with (?:fatal )?code/, qr/SSL_\w+\(\) failed/,
            qr/\w+\(\) failed for token_revoke_zone/,
            qr/no SHA-256 in OpenSSL/);


# An answer, as TokenRevoke::Chaos::Checker wants it.

sub ask {
    my ($id, $token) = @_;

    my $sent = now();
    my $text = $nginx->get($token, '/', 10);
    my $field = sub { $text =~ /^$_[0]: (.*)\r$/m ? $1 : '' };

    return { id => $id, sent => $sent, got => now(), zone => 1,
             status => TokenRevoke::Nginx::status_of($text),
             verdict => $field->('X-Status'), age => $field->('X-Age'),
             max_stale => 300000, wait => 5000 };
}


my $checker = TokenRevoke::Chaos::Checker->new;
my @broken;

sub check {
    my ($answer, $where) = @_;

    # there may be no memory for an answer, which is honest

    return $answer if $answer->{status} == 500;

    my $what = $checker->answer($answer);
    push @broken, "$where: $what (status $answer->{status}, age "
                  . "$answer->{age})" if defined $what;

    return $answer;
}


sub add {
    my ($id, @pairs) = @_;

    my $sent = now();
    $redis->cmd('XADD', 'revoked', '*', @pairs);
    $checker->revoked($id, $sent, now());
}


# What is pushed, and a token that it refuses.

my %entries = (
    token   => sub { ("t-$_[0]", token => sha256_hex("t-$_[0]")) },
    sub     => sub { (jws("{\"sub\":\"s-$_[0]\",\"iat\":1500000000}"),
                      sub => "s-$_[0]") },
    and     => sub { (jws("{\"client_id\":\"c\",\"ver\":\"v-$_[0]\","
                          . '"iat":1500000000}'),
                      client_id => 'c', ver => "v-$_[0]") },
    shape   => sub { (jws("{\"new-$_[0]\":\"x\",\"iat\":1500000000}"),
                      "new-$_[0]" => 'x') },
    long    => sub { (jws("{\"sub\":\"" . 's' x 5000 . "$_[0]\","
                          . '"iat":1500000000}'),
                      sub => 's' x 5000 . $_[0]) },
    many    => sub { my $n = shift;
                     ("many-$n-1000",
                      map { (token => sha256_hex("many-$n-$_")) } 1 .. 1000) },
    restore => sub { ("r-$_[0]", token => sha256_hex("r-$_[0]"),
                      sub => 'x', action => 'restore') },
);


# The n-th allocation after an entry was pushed: when none has failed for a
# while, all have been tried.

sub while_applying {
    my ($kind) = @_;

    my ($worker) = $nginx->workers;
    my ($n, $failures) = (0, 0);

    while ($n < 200) {
        $n++;

        # a new shape for each would be too many of them

        last if $kind eq 'shape' and $n > 30;

        my ($token, @pairs) = $entries{$kind}->($n);
        my $id = "$kind-$n";

        $failing->arm($worker, $n);
        add($id, @pairs);

        wait_for { $failing->failed } 0.05;

        my $failed = $failing->disarm;

        if ($kind eq 'restore') {
            check(ask('good', 'good'), "$id, another token");

        } else {
            my $end = now() + 20;
            my $answer;

            do {
                $answer = check(ask($id, $token), $id);
            } until ($answer->{status} == 401 or now() > $end);

            push @broken, "$id: is not refused" if $answer->{status} != 401;
        }

        $failures++ if $failed;
        last if !$failed and $n > 3;
    }

    return $failures;
}


for my $kind (qw(token sub and shape long many restore)) {
    @broken = ();
    my $n = while_applying($kind);
    is("@broken", '', "$kind: $n allocations, and no rule is lost");
    cmp_ok($n, '>', 0, 'something has failed');
}


# Connecting: the link is closed, and its way back has no memory.

@broken = ();

my $tried = 0;
my $lines = sub { $nginx->log_count(qr/follows log/) };

for my $n (1 .. 60) {
    my ($worker) = $nginx->workers;

    $failing->arm($worker, $n);
    $redis->cmd('CLIENT', 'KILL', 'TYPE', 'normal');
    add("link-$n", token => sha256_hex("link-$n"));

    wait_for { $failing->failed } 0.3;
    last if !$failing->disarm;
    $tried++;

    my $end = now() + 20;
    1 until check(ask("link-$n", "link-$n"), "link $n")->{status} == 401
            or now() > $end;
    push @broken, "link-$n: is not refused" if now() > $end;
}

is("@broken", '', "connecting: $tried allocations, and no rule is lost");
cmp_ok($tried, '>', 3, 'something has failed');


# A request: there is no answer, or an honest one.

@broken = ();

sub while_judging {
    my ($id, $token, @right) = @_;

    my $n = 0;

    while ($n++ < 200) {
        my ($worker) = $nginx->workers;

        $failing->arm($worker, $n);

        my $answer = check(ask($id, $token), "request $n");

        push @broken, "request $n for $id: status $answer->{status}"
            if !grep { $answer->{status} == $_ } @right, 0, 500, 503;

        last if !$failing->disarm;
    }

    return $n;
}

my $jwt = jws('{"sub":"s-1","aud":["a","b"],"iat":1500000000}');
my $jwe = join '.', map { MIME::Base64::encode_base64url($_) }
    '{"alg":"dir","enc":"A128GCM"}', '', 'iv', 'text', 'tag';

add('jwe', token => sha256_hex($jwe));
ok($nginx->wait_refused($jwe), 'a JWE is refused');

for my $case (['token-1', 't-1', 401], ['good', 'another', 200],
              ['sub-1', $jwt, 401], ['jwe', $jwe, 401],
              ['good', jws('{"sub":"nobody","x":"' . 'y' x 6000 . '"}'), 200])
{
    my $n = while_judging(@$case);
    is("@broken", '', "a request for $case->[0]: $n allocations");
}


# A reload and a start make many allocations: some of them, more of the first,
# which are the configuration's, than of the last.

sub some {
    my ($most) = @_;
    my $want = $ENV{TOKEN_REVOKE_ALLOCATIONS} // 8;

    my %n = map { (int($most * (1 - $_ / $want) ** 2) + 1 => 1) } 0 .. $want;
    return sort { $a <=> $b } keys %n;
}

sub count_allocations {
    my ($what) = @_;

    $failing->arm(-1, 2**30);
    $what->();

    my $n = 2**30 - $failing->left;

    $failing->disarm;

    return $n;
}

# the master and its workers, which are one group

sub kill_all {
    CORE::kill('KILL', -$nginx->pid) if $nginx->pid;
    $nginx->stop('KILL');
}

sub restart {
    kill_all();
    $failing->run(sub { $nginx->start });
    wait_for { $nginx->status('t-1') == 401 };
}

@broken = ();

my ($reloaded, $kept, $left) = (0, 0, 0);
my $most = count_allocations(sub { $nginx->reload });

for my $n (some($most)) {
    my $loaded = $nginx->log_count(qr/start worker process \d/);
    my $failed = $nginx->log_count(qr/\[emerg\]/);

    $failing->arm(-1, $n);
    $nginx->signal('HUP');

    wait_for {
        $nginx->log_count(qr/start worker process \d/) > $loaded
            or $nginx->log_count(qr/\[emerg\]/) > $failed
    } 5;
    wait_for { $failing->failed } 0.1;
    $failing->disarm;

    $nginx->log_count(qr/start worker process \d/) > $loaded
        ? $reloaded++ : $kept++;

    if (!$nginx->workers) {
        $left++;
        restart();
        next;
    }

    check(ask('token-1', 't-1'), "reload $n") for 1 .. 3;
    add("reload-$n", token => sha256_hex("reload-$n"));

    my $end = now() + 20;
    1 until check(ask("reload-$n", "reload-$n"), "reload $n")->{status} == 401
            or !$nginx->workers or now() > $end;

    if (!$nginx->workers) {
        $left++;
        restart();

    } elsif (now() > $end) {
        push @broken, "reload-$n: is not refused";
    }
}

is("@broken", '', "reload, $most allocations: $reloaded times it worked, "
                  . "$kept times it did not, $left times nginx had no worker");

$nginx->stop;

@broken = ();

my ($started, $not) = (0, 0);

$most = count_allocations(sub { $failing->run(sub { $nginx->start }) });
kill_all();

for my $n (some($most)) {
    my $all = $nginx->log_text . $nginx->stderr_text;

    $failing->arm(-1, $n);

    my $up = eval { $failing->run(sub { $nginx->start }); 1 };

    wait_for { $failing->failed } 0.05;
    $failing->disarm;

    if (!$up or !wait_for { $nginx->workers } 1) {
        push @broken, "start $n: it does not say why"
            if $nginx->log_text . $nginx->stderr_text eq $all;
        kill_all();
        $not++;
        next;
    }

    $started++;

    my $end = now() + 10;
    1 until check(ask('token-1', 't-1'), "start $n")->{status} == 401
            or !$nginx->workers or now() > $end;
    push @broken, "start $n: is not refused"
        if $nginx->workers and now() > $end;

    kill_all();
}

is("@broken", '', "start, $most allocations: $started times it worked, "
                  . "$not times it did not");

$nginx->log_is_clean(@said);

done_testing();
