package Bench::Cpu;

# CPU of a request: each row and its base in turn, by bench/load on the second
# core, and before that the proof that the row refuses what is revoked.

use strict;
use warnings;

use Bench::Stage ();
use Bench::Stat qw(parse_slice parse_wrk summary differences median);


sub _target {
    my ($name, $t, $pids) = @_;

    return "$name=$t->{port}:$t->{path}:" . join ',', @{ $pids // $t->{pids} };
}


# the slices of one run of bench/load, by name of the target

sub load {
    my ($options, @targets) = @_;

    my %slices;

    for my $line (split /\n/, Bench::Stage::run(
        'taskset -c 1 ' . Bench::Stage::tool('load')
        . " $options '" . join("' '", @targets) . "'"))
    {
        my $slice = parse_slice($line);
        push @{ $slices{ $slice->{name} } }, $slice;
    }

    return \%slices;
}


# dies unless all of so many requests were answered with what is expected

sub expect {
    my ($label, $status, $expected, $requests) = @_;

    return if ($status->{$expected} // 0) == $requests and keys %$status == 1;

    die "$label: of $requests requests "
        . join(', ', map { "$status->{$_} were answered with $_" }
               sort keys %$status) . ", not with $expected\n";
}


# Dies unless every revoked token is refused and every other one passes.

sub verify {
    my ($row) = @_;

    my $target = _target('other', $row->{other});
    my ($n) = `wc -l < $row->{revoked}` =~ /(\d+)/;

    for my $case ([$row->{tokens}, 200, 2000],
                  [$row->{revoked}, $row->{lets_all} ? 200 : 401, $n])
    {
        my ($file, $expected, $requests) = @$case;

        my $slices = load("-t $file -n $requests -c 8", $target);

        expect($row->{label}, $slices->{other}[0]{status}, $expected,
               $requests);
    }
}


# n, median and quartiles of what a request of this row costs more than one of
# its base, in microseconds of the server and of those it asks

sub measure {
    my ($row, $rounds, $requests) = @_;

    my $slices = load("-t $row->{tokens} -r $rounds -n $requests"
                      . " -w $requests -c $row->{connections}",
                      _target('base', $row->{base},
                              [$row->{base}{pids}[0]]),
                      _target('other', $row->{other}));

    for my $slice (map { @$_ } values %$slices) {
        expect($row->{label}, $slice->{status}, 200, $slice->{requests});
    }

    my @base = map { $_->{cpu}[0] / 1000 } @{ $slices->{base} };
    my @other = map { $_->{cpu}[0] / 1000 } @{ $slices->{other} };
    my @asked = map {
        my $c = $_->{cpu};
        my $sum = 0;
        $sum += $c->[$_] / 1000 for 1 .. $#$c;
        $sum;
    } @{ $slices->{other} };

    return {
        %{ summary(differences(\@base, \@other)) },
        base => median(@base), other => median(@other),
        asked => median(@asked),
    };
}


# requests a second and latency, by wrk

sub wrk {
    my ($row, $seconds) = @_;

    my $t = $row->{other};

    my $result = parse_wrk(Bench::Stage::run(
        "taskset -c 1 wrk -t1 -c32 -d${seconds}s --latency"
        . " -s bench/tokens.lua http://127.0.0.1:$t->{port}"
        . " -- $t->{path} $row->{tokens}"));

    die "$row->{label}: wrk says $result->{bad} bad answers,"
        . " errors: $result->{errors}\n"
        if $result->{bad} or $result->{errors} ne '';

    return $result;
}


1;
