package Bench::Handler;

# Time inside the module's handler, measured there (bench/probe): what is left
# of noise is that of the processor alone.

use strict;
use warnings;

use Bench::Conf ();
use Bench::Cpu ();
use Bench::Push ();
use Bench::Stage ();
use Bench::Stat qw(median);
use TokenRevoke::Nginx qw(wait_for);


# an edge like that of the systems, with the probe in it

sub start {
    my ($systems) = @_;

    my $zones = $systems->zones;

    my $nginx = Bench::Stage::nginx(
        \&Bench::Conf::edge, redis => $systems->redis->socket,
        zones => $zones, probe => Bench::Stage::probe());

    wait_for { $nginx->log_count(qr/follows log/) >= keys %$zones } 120
        or die "the edge with the probe does not follow its logs\n";

    return $nginx;
}


# what the probe has counted since it was asked last

sub _ask {
    my ($nginx) = @_;

    my ($count, @quantiles) = split ' ',
        $nginx->get(undef, '/probe') =~ s/.*\r\n\r\n//sr;

    return ($count, @quantiles);
}


# nanoseconds of $requests of a row that has an edge of ours: the quantiles

sub _sample {
    my ($nginx, $row, $first, $requests) = @_;

    my $target = 'l=' . $nginx->port . ":$row->{other}{path}";

    Bench::Cpu::load("-t $row->{tokens} -o $first -n $requests", $target);

    my ($count, @q) = _ask($nginx);

    die "the probe has counted $count of $requests requests\n"
        if $count < $requests;

    return \@q;
}


# $turns times $requests of each row, in turn, since the machine changes in the
# course of minutes: microseconds, { name => { n, median, q1, q3, p99, max,
# turns: the medians } }

sub measure {
    my ($nginx, $rows, $turns, $requests) = @_;

    my %seen;

    for my $turn (0 .. $turns) {
        for my $row (@$rows) {
            my $q = _sample($nginx, $row, $turn * $requests, $requests);

            # the first time they are new to the worker

            push @{ $seen{ $row->{name} } }, $q if $turn > 0;
        }
    }

    return { map { $_ => _summary($turns * $requests, @{ $seen{$_} }) }
             keys %seen };
}


sub _summary {
    my ($n, @samples) = @_;

    my ($q1, $median, $q3, $p99) = map {
        my $i = $_;
        [map { $_->[$i] / 1000 } @samples];
    } 0 .. 3;

    return {
        n => $n, turns => $median,
        median => median(@$median), q1 => median(@$q1), q3 => median(@$q3),
        p99 => median(@$p99), max => median(@$p99),
    };
}


1;
