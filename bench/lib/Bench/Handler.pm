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


# $turns times $requests of a row that has an edge of ours: microseconds

sub measure {
    my ($nginx, $row, $turns, $requests) = @_;

    my $target = 'l=' . $nginx->port . ":$row->{other}{path}";
    my (@p25, @p50, @p75, @p99);
    my $first = 0;

    Bench::Cpu::load("-t $row->{tokens} -n $requests", $target);
    _ask($nginx);

    for (1 .. $turns) {
        $first += $requests;
        Bench::Cpu::load("-t $row->{tokens} -o $first -n $requests", $target);

        my ($count, @q) = _ask($nginx);

        die "the probe has counted $count of $requests requests\n"
            if $count < $requests;

        push @p25, $q[0] / 1000;
        push @p50, $q[1] / 1000;
        push @p75, $q[2] / 1000;
        push @p99, $q[3] / 1000;
    }

    return {
        n => $turns * $requests, median => median(@p50), q1 => median(@p25),
        q3 => median(@p75), p99 => median(@p99), max => median(@p99),
    };
}


1;
