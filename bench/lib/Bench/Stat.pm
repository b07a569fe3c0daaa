package Bench::Stat;

# The arithmetic of the figures, and how the tools that make them are read.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(median quantile summary differences parse_schedstat
                    parse_slice parse_wrk parse_status figure);


# The value below which this share of the others is; between two values it is
# on the line that joins them.

sub quantile {
    my ($q, @values) = @_;

    return if !@values;

    my @sorted = sort { $a <=> $b } @values;
    my $at = $q * $#sorted;
    my $below = int $at;

    return $sorted[$below] if $below == $#sorted;
    return $sorted[$below]
           + ($at - $below) * ($sorted[$below + 1] - $sorted[$below]);
}


sub median { return quantile(0.5, @_) }


sub summary {
    my (@values) = @_;

    return {
        n      => scalar @values,
        median => median(@values),
        q1     => quantile(0.25, @values),
        q3     => quantile(0.75, @values),
        p99    => quantile(0.99, @values),
        min    => quantile(0, @values),
        max    => quantile(1, @values),
    };
}


# what each of the second list is above its neighbour in the first

sub differences {
    my ($base, $other) = @_;

    die "pairs that are none\n" if @$base != @$other;

    return map { $other->[$_] - $base->[$_] } 0 .. $#$base;
}


# nanoseconds that a process has run: the first number of /proc/PID/schedstat

sub parse_schedstat {
    my ($text) = @_;

    my ($ns) = $text =~ /\A(\d+) \d+ \d+\n/ or die "not a schedstat: $text\n";

    return $ns;
}


# a line of bench/load; CPU is nanoseconds a request, of each process

sub parse_slice {
    my ($line) = @_;

    my ($numbers, $statuses) =
        $line =~ /\A(\S+(?: \d+){5} [\d,]+)((?: \d+=\d+)+)\n?\z/
        or die "not a slice: $line\n";

    my ($name, $n, $wall, $p50, $p99, $max, $cpu) = split ' ', $numbers;
    my %status = $statuses =~ / (\d+)=(\d+)/g;

    return {
        name => $name, requests => $n, seconds => $wall / 1e9,
        p50 => $p50, p99 => $p99, max => $max, status => \%status,
        cpu => [map { $_ / $n } split /,/, $cpu],
    };
}


my %unit = (us => 1, ms => 1e3, s => 1e6, m => 60e6);


# what "wrk --latency" prints; latencies in microseconds

sub parse_wrk {
    my ($text) = @_;

    my ($rate) = $text =~ m{^Requests/sec:\s+([\d.]+)}m
        or die "wrk: $text\n";
    my ($bad) = $text =~ /Non-2xx or 3xx responses: (\d+)/;
    my ($errors) = $text =~ /^\s+Socket errors: (.*)/m;

    my %at;

    while ($text =~ /^\s+(\d+)%\s+([\d.]+)(us|ms|s|m)$/mg) {
        $at{$1} = $2 * $unit{$3};
    }

    return {
        rate => $rate, bad => $bad // 0, errors => $errors // '',
        p50 => $at{50}, p99 => $at{99},
    };
}


# a line of /proc/PID/status, in bytes

sub parse_status {
    my ($text, $name) = @_;

    return $text =~ /^\Q$name\E:\s+(\d+) kB$/m ? $1 * 1024 : undef;
}


# three digits that mean something: 0.58, 12.4, 1340

sub figure {
    my ($x) = @_;

    return '-' if !defined $x;

    my $size = abs $x;

    return sprintf $size >= 100 ? '%.0f' : $size >= 10 ? '%.1f' : '%.2f', $x;
}


1;
