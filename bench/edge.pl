#!/usr/bin/env perl

# Measures an edge: how soon a revocation is in force, how soon a million are,
# and how much CPU a look-up adds to a request.
#
# usage: bench/edge.pl [revocations] [seconds for each run of wrk]
#
# One Redis and one nginx of its own, on this machine.  There is no verdict
# here: what counts is the ratio within one run.

use strict;
use warnings;

use FindBin ();

BEGIN { chdir "$FindBin::Bin/.." or die "$!\n" }

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use IO::Socket::INET ();
use IO::Socket::UNIX ();
use Time::HiRes qw(time);
use TokenRevoke::Nginx qw(start_redis);

my $revocations = shift // 200;
my $seconds = shift // 2;

my $entries = 1000;
my $tokens = 1000;                     # of an entry
my $pairs = 10;

$| = 1;

print_machine();
latency();
import_and_cpu();


sub print_machine {
    my ($cpu) = slurp('/proc/cpuinfo') =~ /^model name\s*: (.*)$/m;
    my ($nginx) = `@{[ TokenRevoke::Nginx::_binary() ]} -v 2>&1`
        =~ /nginx\/(\S+)/;
    my ($redis) = `redis-server --version` =~ /v=(\S+)/;
    my $cpus = () = slurp('/proc/cpuinfo') =~ /^processor/mg;

    printf "%s, %d cpus; nginx %s, redis %s\n\n", $cpu // 'unknown cpu', $cpus,
        $nginx, $redis;
}


# From Redis's answer to XADD to the answer that refuses the token, on each of
# two workers, with the edge at rest in between.

sub latency {
    my $redis = start_redis();
    my $nginx = TokenRevoke::Nginx->new(
        redis => 'unix:' . $redis->socket, workers => 2, level => 'warn');

    $nginx->start;

    my %worker;

    while (keys %worker < 2) {
        my $c = connect_to($nginx);
        my $answer = ask($c, 'nobody');
        my ($pid) = $answer =~ /^X-Worker: (\d+)/m;
        $worker{$pid} //= $c;
    }

    my $r = IO::Socket::UNIX->new(Peer => $redis->socket) or die "$!\n";
    my @ms;

    for my $i (1 .. $revocations) {
        my $token = "token-$i";
        my $command = command('XADD', 'revoked', '*', 'token',
                              sha256_hex($token));

        Time::HiRes::sleep(0.01);

        syswrite $r, $command;
        sysread $r, my $answer, 4096;

        my $since = time;

        for my $c (values %worker) {
            1 while ask($c, $token) !~ /^HTTP\/1\.1 401/;
            push @ms, (time - $since) * 1000;
        }
    }

    @ms = sort { $a <=> $b } @ms;

    printf "one revocation at rest, from redis's answer to the refusal, "
           . "%d on 2 workers\n", $revocations;
    printf "    p50 %.2f ms, p99 %.2f ms, max %.2f ms\n\n", $ms[@ms / 2],
        $ms[@ms * 0.99], $ms[-1];

    $nginx->stop;
}


sub import_and_cpu {
    my $redis = start_redis();
    my $nginx = TokenRevoke::Nginx->new(
        redis => 'unix:' . $redis->socket, size => '64m', level => 'warn',
        main => 'worker_cpu_affinity 01;',
        server => 'location = /off { empty_gif; }'
            . 'location = /on { token_revoke zone=edge; empty_gif; }');

    $nginx->start;

    import_tokens($redis, $nginx);
    cpu($nginx);

    $nginx->stop;
}


sub import_tokens {
    my ($redis, $nginx) = @_;

    my @commands = map {
        my $e = $_;
        command('XADD', 'revoked', '*',
                map { ('token', sha256_hex("$e-$_")) } 1 .. $tokens);
    } 1 .. $entries;

    my $r = IO::Socket::UNIX->new(Peer => $redis->socket) or die "$!\n";
    my $c = connect_to($nginx);
    my $begin = time;
    my $pid = fork;

    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        write_all($r, $_) for @commands;
        require POSIX;
        POSIX::_exit(0);
    }

    my $answers = 0;

    while ($answers < $entries) {
        sysread $r, my $some, 65536 or die "redis has gone\n";
        $answers += () = $some =~ /\$/g;
    }

    my $pushed = time;
    waitpid $pid, 0;

    1 while ask($c, "$entries-$tokens") !~ /^HTTP\/1\.1 401/;

    my $in_force = time;

    my $missed = grep {
        my $token = 1 + int(rand $entries) . '-' . (1 + int(rand $tokens));
        ask($c, "$token") !~ /^HTTP\/1\.1 401/ and $token !~ /^0/;
    } 1 .. 10000;

    printf "%d tokens in entries of %d\n", $entries * $tokens, $tokens;
    printf "    pushed in %.2f s, in force %.0f ms after the last answer, "
           . "%d of 10000 missed\n\n", $pushed - $begin,
        ($in_force - $pushed) * 1000, $missed;
}


# CPU of the worker in pairs of runs, off and on in turn; the load has the
# other core.

sub cpu {
    my ($nginx) = @_;

    my ($worker) = $nginx->workers;
    my (@off, @on);

    for (1 .. $pairs) {
        push @off, cpu_of($nginx, $worker, '/off');
        push @on, cpu_of($nginx, $worker, '/on');
    }

    my @added = sort { $a <=> $b } map { $on[$_] - $off[$_] } 0 .. $#on;

    printf "cpu a request, opaque tokens of 40 bytes, %d rules, %d pairs\n",
        $entries * $tokens, $pairs;
    printf "    off %.2f us, on %.2f us (medians); added %.2f us "
           . "(median of pairs; %.2f to %.2f)\n",
        median(@off), median(@on), $added[@added / 2], $added[0], $added[-1];
}


sub cpu_of {
    my ($nginx, $worker, $uri) = @_;

    my ($before) = slurp("/proc/$worker/schedstat") =~ /^(\d+)/;

    my $url = 'http://127.0.0.1:' . $nginx->port;
    my $output = `taskset -c 1 wrk -t1 -c8 -d${seconds}s \\
                  -s bench/opaque.lua $url -- $uri 2>&1`;

    my ($after) = slurp("/proc/$worker/schedstat") =~ /^(\d+)/;
    my ($requests) = $output =~ /(\d+) requests in/
        or die "wrk: $output\n";

    die "wrk: $output\n" if $output =~ /Non-2xx/;

    return ($after - $before) / $requests / 1000;
}


sub median {
    my @sorted = sort { $a <=> $b } @_;
    return $sorted[@sorted / 2];
}


sub command {
    return join '', '*' . @_ . "\r\n",
        map { '$' . length($_) . "\r\n$_\r\n" } @_;
}


sub write_all {
    my ($c, $text) = @_;

    my $done = 0;
    $done += syswrite $c, $text, length($text) - $done, $done
        while $done < length $text;
}


sub connect_to {
    my ($nginx) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $nginx->port)
        || die "connect: $!\n";
}


sub ask {
    my ($c, $token) = @_;

    syswrite $c, "HEAD / HTTP/1.1\r\nHost: h\r\n"
                 . "Authorization: Bearer $token\r\n\r\n";

    my $answer = '';

    while ($answer !~ /\r\n\r\n/) {
        sysread $c, $answer, 4096, length $answer or die "nginx has gone\n";
    }

    return $answer;
}


sub slurp {
    my ($file) = @_;

    open my $in, '<', $file or return '';
    local $/;
    return scalar <$in>;
}
