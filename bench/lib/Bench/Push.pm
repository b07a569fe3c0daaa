package Bench::Push;

# How soon a revocation is in force: a single one, many, and for an edge that
# starts with nothing; and what others notice of it.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use IO::Socket::INET ();
use IO::Socket::UNIX ();
use Time::HiRes qw(sleep time);

use Bench::Conf ();
use Bench::Cpu ();
use Bench::Machine qw(slurp);
use Bench::Stage ();
use Bench::Stat qw(parse_slice parse_status summary);
use Bench::Tokens qw(opaque write_tokens);
use TokenRevoke::Nginx qw(wait_for);

use constant DEADLINE => 120;          # seconds for anything to be in force


# A connection to one worker, or whichever answers.

sub connect_to {
    my ($nginx) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $nginx->port)
        || die "connect: $!\n";
}


sub ask {
    my ($c, $path, $token) = @_;

    syswrite $c, "HEAD $path HTTP/1.1\r\nHost: h\r\n"
                 . "Authorization: Bearer $token\r\n\r\n";

    my $answer = '';

    while ($answer !~ /\r\n\r\n/) {
        sysread $c, $answer, 4096, length $answer or die "nginx has gone\n";
    }

    return $answer;
}


sub refused { return ask(@_) =~ /^HTTP\/1\.1 401/ }


# one connection to each worker

sub connections {
    my ($nginx, $workers) = @_;

    my %worker;

    for (1 .. 1000) {
        my $c = connect_to($nginx);
        my ($pid) = ask($c, '/worker', 'none') =~ /^X-Worker: (\d+)/m;
        $worker{$pid} //= $c;

        return values %worker if keys %worker == $workers;
    }

    die "a worker does not answer\n";
}


sub _edge {
    my ($redis, $rules, %o) = @_;

    return Bench::Stage::nginx(
        \&Bench::Conf::edge, redis => $redis->socket,
        zones => { revoked => Bench::Systems::size($rules) }, %o);
}


sub wait_live {
    my ($nginx) = @_;

    wait_for { $nginx->log_count(qr/follows log/) } DEADLINE
        or die "the edge does not follow its log\n";
}


# Milliseconds from Redis's answer to XADD to the moment when every worker has
# refused the token; the workers are asked in turn without a pause.

sub latency {
    my ($load, $count) = @_;

    my $redis = Bench::Stage::redis();
    Bench::Stage::unpin($redis->pid);

    my $nginx = _edge($redis, 1e4, workers => 2, affinity => 'auto');
    wait_live($nginx);

    my @c = connections($nginx, 2);
    my $tokens = write_tokens(Bench::Stage::file('others.txt'),
                              map { opaque('passing', $_) } 1 .. 1000);

    my $pid = defined $load
        ? Bench::Stage::spawn(Bench::Stage::tool('load')
            . " $load -d 3600 -t $tokens l=@{[ $nginx->port ]}:/revoked")
        : undef;

    sleep 0.2;

    my @ms = _revoke($redis, $count, @c);

    die "the load has ended: @{[ slurp(Bench::Stage::file('output')) ]}\n"
        if defined $pid and Bench::Stage::reap($pid, 'INT') != 0;

    $nginx->stop;
    $redis->stop;

    return @ms;
}


sub _revoke {
    my ($redis, $count, @workers) = @_;

    my $r = IO::Socket::UNIX->new(Peer => $redis->socket) or die "$!\n";
    my @ms;

    for my $i (1 .. $count) {
        my $token = "single-$i";
        my $hash = sha256_hex($token);

        # as edges are asked in life: between their questions, not with them

        sleep 0.005 + rand 0.01;

        syswrite $r, "*5\r\n\$4\r\nXADD\r\n\$7\r\nrevoked\r\n\$1\r\n*\r\n"
                     . "\$5\r\ntoken\r\n\$64\r\n$hash\r\n";
        sysread $r, my $answer, 4096;

        my $since = time;
        my @left = @workers;

        while (@left) {
            @left = grep { !refused($_, '/revoked', $token) } @left;
            die "not in force\n" if time - $since > DEADLINE;
        }

        push @ms, (time - $since) * 1000;
    }

    return @ms;
}


# Requests at fixed times, a thousand a second, by a client that nobody keeps
# from its core: p50, p99 and max in milliseconds.  With $during, a function,
# for as long as it runs.

sub _others {
    my ($nginx, $tokens, $seconds, $during) = @_;

    my $first = system('chrt -f 10 true 2> /dev/null') == 0 ? 'chrt -f 10' : '';
    my $output = Bench::Stage::file('load.out');
    my $pid = Bench::Stage::spawn(
        "$first taskset -c 1 " . Bench::Stage::tool('load')
        . " -s 1000 -c 64 -d $seconds -t $tokens"
        . " l=@{[ $nginx->port ]}:/revoked", $output);

    if ($during) {
        sleep 0.1;
        $during->();
        Bench::Stage::reap($pid, 'INT');

    } else {
        Bench::Stage::reap($pid);
    }

    my $slice = parse_slice(slurp($output));

    return { map { ($_ => $slice->{$_} / 1e6) } qw(p50 p99 max) };
}


# $count tokens, a thousand to an entry; then an edge that starts with them

sub import_and_cold {
    my ($count) = @_;

    my $redis = Bench::Stage::redis();
    my $empty = _memory($redis);
    my $nginx = _edge($redis, $count);
    my $tokens = write_tokens(Bench::Stage::file('others.txt'),
                              map { opaque('passing', $_) } 1 .. 1000);

    wait_live($nginx);

    my $worker = Bench::Stage::worker($nginx);
    my $zone = _shared($worker);
    my %r = (count => $count);

    $r{rest} = _others($nginx, $tokens, 2);
    $r{during} = _others($nginx, $tokens, 3600, sub {
        $r{push} = Bench::Stage::push_log($redis, 'revoked', 'revoked', $count,
                                          1000);
        my $pushed = time;
        _until_refused($nginx, opaque('revoked', $count - 1));
        $r{force} = (time - $pushed) * 1000;
    });

    $r{missed} = _missed($nginx, $count);
    $r{zone} = (_shared($worker) - $zone) / $count;
    $r{log} = (_memory($redis) - $empty) / $count;

    $nginx->stop;

    my $since = time;
    $nginx = _edge($redis, $count);
    _until_refused($nginx, opaque('revoked', $count - 1));
    $r{last_refused} = time - $since;

    my $c = connect_to($nginx);
    my $passing = opaque('passing', 1);
    1 while ask($c, '/revoked', $passing) !~ /^HTTP\/1\.1 200/;
    $r{cold} = time - $since;
    $r{cold_missed} = _missed($nginx, $count);

    $nginx->stop;
    $redis->stop;

    return \%r;
}


sub _until_refused {
    my ($nginx, $token) = @_;

    my $c = connect_to($nginx);
    my $until = time + DEADLINE;

    until (refused($c, '/revoked', $token)) {
        die "not in force after @{[ DEADLINE ]} s\n" if time > $until;
        sleep 0.001;
    }
}


# of 5,000 tokens that were revoked: how many pass

sub _missed {
    my ($nginx, $count) = @_;

    my $c = connect_to($nginx);

    return scalar grep {
        !refused($c, '/revoked', opaque('revoked', int rand $count))
    } 1 .. 5000;
}


sub _shared { return parse_status(slurp("/proc/$_[0]/status"), 'RssShmem') }


sub _memory {
    my ($redis) = @_;

    my ($used) = $redis->cmd('INFO', 'memory') =~ /^used_memory:(\d+)/m;

    return $used;
}


1;
