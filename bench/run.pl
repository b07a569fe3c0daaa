#!/usr/bin/env perl

# Measures the module and what people use today, side by side, on this
# machine:  make bench [QUICK=1] [ONLY=part,...] [DOCS=1]
#
# Parts: cpu (the systems, in pairs), wrk (throughput and latency), handler
# (time inside the module's handler), instructions (callgrind), push
# (revocations on their way to the edge), follow (what edges cost Redis), core
# (table and decision without nginx); and draw, which draws the pictures of the
# run before again.
#
# What counts is the ratio within one run.  Nothing here is a verdict, except
# that a system which lets a revoked token pass is not measured: the run ends.

use strict;
use warnings;

use FindBin ();

BEGIN { chdir "$FindBin::Bin/.." or die "$!\n" }

use lib 't/lib', 'bench/lib';

use Time::HiRes qw(time);

use Bench::Cpu ();
use Bench::Follow ();
use Bench::Goals ();
use Bench::Handler ();
use Bench::Instructions ();
use Bench::Machine qw(cpus describe note);
use Bench::Plot ();
use Bench::Push ();
use Bench::Report ();
use Bench::Stage ();
use Bench::Stat qw(differences summary);
use Bench::Systems ();

my $quick = $ENV{QUICK};
my %only = map { $_ => 1 } split /,/, $ENV{ONLY} // '';
my $docs = $ENV{DOCS} // (!$quick && !%only);
my $began = time;

$| = 1;

die "two cores are needed: one for the server, one for the load\n"
    if cpus() < 2;

my $report = Bench::Report->new(again => $only{draw});

$report->text(describe());
$report->text("a short run (QUICK=1): too few pairs to tell a microsecond\n")
    if $quick;

systems() if wanted('cpu') || wanted('wrk') || wanted('handler');
instructions() if wanted('instructions');
latency() if wanted('push');
import_and_cold() if wanted('push');
follow() if wanted('follow');
core() if wanted('core');

draw();
my $figures = $report->finish(time - $began);

if ($docs) {
    Bench::Report::put('docs/performance.md', "\n### Goals\n\n"
                       . Bench::Goals::table($report) . "\n$figures");
    Bench::Report::put('README.md', Bench::Goals::systems($report))
        if $report->rows('cpu');
}


sub wanted { return !%only || $only{ $_[0] } }


# a short run has pictures of its own: those of the documents stay, as their
# figures do (DOCS=1 and DOCS=0 say otherwise)

sub draw {
    my $dir = $docs ? 'docs/img' : 'build/bench/img';

    my @drawn = Bench::Plot::draw($report, $dir, note($quick));

    $report->text('drawn: ' . join(', ', @drawn) . "\n") if @drawn;
}


sub systems {
    my $systems = Bench::Systems->new(
        rules  => $quick ? 1e5 : 1e6,
        sizes  => $quick ? [1e4, 1e5, 1e6] : [1e4, 1e5, 1e6, 1e7],
        opaque => $quick ? 20_000 : 200_000,
        jwts   => 20_000,
        say    => sub { $report->text("$_[0]\n") },
    );

    Bench::Cpu::verify($_) for $systems->rows;

    $report->text("every system refuses what is revoked and passes what is"
                  . " not\n");

    cpu($systems) if wanted('cpu');
    wrk($systems) if wanted('wrk');
    handler($systems) if wanted('handler');
}


sub cpu {
    my ($systems) = @_;

    my ($rounds, $requests) = $quick ? (5, 4000) : (24, 5000);

    $report->title("CPU added to a request, $rounds pairs in turn of $requests"
                   . ' requests');

    for my $row ($systems->rows) {
        my $r = Bench::Cpu::measure($row, $rounds, $requests);

        $report->row(cpu => $row->{name}, $row->{label}, 'us', $r,
                     group => $row->{group}, base => $r->{base},
                     asked => $r->{asked});
    }
}


sub wrk {
    my ($systems) = @_;

    my $turns = $quick ? 1 : 3;
    my %rate;

    $report->title("throughput and latency with 32 connections, wrk, $turns"
                   . ' times a second, in turn');

    for (1 .. $turns) {
        for my $row (grep { $_->{group} eq 'systems' } $systems->rows) {
            push @{ $rate{ $row->{name} } }, Bench::Cpu::wrk($row, 1);
        }
    }

    for my $row (grep { $_->{group} eq 'systems' } $systems->rows) {
        my @all = @{ $rate{ $row->{name} } };

        for my $what ([rate => 'requests/s'], [p50 => 'us'], [p99 => 'us']) {
            $report->row(wrk => "$row->{name}-$what->[0]",
                         "$row->{label}, $what->[0]", $what->[1],
                         summary(map { $_->{ $what->[0] } }
                                              @all));
        }
    }
}


sub handler {
    my ($systems) = @_;

    my ($turns, $requests) = $quick ? (3, 3000) : (15, 5000);
    my $nginx = Bench::Handler::start($systems);

    $report->title("time inside the handler, $turns times $requests requests,"
                   . ' in turn');

    my @rows = grep { $_->{group} =~ /^(?:rules|jwt)$/
                      && $_->{name} !~ /^rules-more/ } $systems->rows;
    my $seen = Bench::Handler::measure($nginx, \@rows, $turns, $requests);

    for my $row (@rows) {
        my $r = $seen->{ $row->{name} };

        $report->row(handler => $row->{name}, $row->{label}, 'us', $r,
                     group => $row->{group}, p99 => $r->{p99});
    }

    my @sizes = grep { /^rules-/ } map { $_->{name} } @rows;

    $report->row(handler => 'rules-more', 'the most above the fewest rules',
                 'us', summary(differences(map { $seen->{$_}{turns} }
                                               @sizes[0, -1])));

    $nginx->stop;
}


sub instructions {
    $report->title('instructions of a request, callgrind');

    Bench::Instructions::measure($quick ? 500 : 2000, sub {
        my ($name, $label, $cost) = @_;

        my $sum = Bench::Instructions::by_object($cost);

        $report->row(instructions => $name, $label, '', summary($sum->{all}),
                     ours => $sum->{ours}, libcrypto => $sum->{libcrypto},
                     note => Bench::Instructions::worst($cost, 8));
    });
}


sub latency {
    my $count = $quick ? 100 : 1000;

    $report->title("one revocation, from Redis's answer to the refusal by"
                   . " every one of 2 workers, $count times");

    for my $mode ([rest => 'at rest', undef],
                  [rate => 'under 1,000 requests a second', '-s 1000 -c 16'],
                  [full => 'under full load', '-c 32'])
    {
        my ($name, $label, $load) = @$mode;
        my @ms = Bench::Push::latency($load, $count);

        $report->values("latency-$name", @ms);
        $report->row(latency => $name, $label, 'ms', summary(@ms),
                     p99 => summary(@ms)->{p99}, max => summary(@ms)->{max});
    }
}


sub import_and_cold {
    for my $count ($quick ? 1e6 : (1e6, 1e7)) {
        my $r = Bench::Push::import_and_cold($count);
        my $words = Bench::Systems::words($count);

        $report->title("$words tokens, a thousand to an entry");

        for my $line (
            [push => 'pushed', 's', $r->{push}],
            [force => "in force after Redis's last answer", 'ms', $r->{force}],
            [missed => 'of 5,000 tried, not refused', '', $r->{missed}],
            [rest50 => 'other requests at rest, p50', 'ms', $r->{rest}{p50}],
            [rest99 => '... p99', 'ms', $r->{rest}{p99}],
            [during50 => '... during the import, p50', 'ms',
             $r->{during}{p50}],
            [during99 => '... p99', 'ms', $r->{during}{p99}],
            [zone => 'of the zone, a rule', 'bytes', $r->{zone}],
            [log => 'of Redis, a rule', 'bytes', $r->{log}],
            [cold => 'from starting nginx to live', 's', $r->{cold}],
            [cold_missed => 'of 5,000 tried then, not refused', '',
             $r->{cold_missed}])
        {
            my ($name, $label, $unit, $value) = @$line;

            $report->row(import => "$name-$count", $label, $unit,
                         summary($value));
        }
    }
}


sub follow {
    my $redis = Bench::Stage::redis();
    my $entries = $quick ? 20 : 100;

    $report->title('CPU of Redis that edges cost which follow one log,'
                   . " $entries entries");

    for my $case (_crowds()) {
        my ($name, $label, $edges, %o) = @$case;
        my $r = Bench::Follow::measure($redis, $edges, $entries, %o);

        $report->row(follow => "add-$name", "$label: an entry", 'us',
                     summary($r->{add}));
        $report->row(follow => "rest-$name", '... at rest', '% of a core',
                     summary($r->{rest}));
        $report->row(follow => "last-$name", '... until the last edge has it',
                     'ms', { %{ summary($r->{p50}) }, n => $entries },
                     p99 => $r->{p99});
    }

    $redis->stop;
}


# how many edges, and what of them

sub _crowds {
    my @crowds = ([1 => '1 edge', 1], [10 => '10 edges', 10],
                  [100 => '100 edges', 100], [1000 => '1,000 edges', 1000]);

    push @crowds, [registered => '1,000 edges, each registered', 1000,
                   register => 1],
        [large => '100 edges, entries of 1,000 tokens', 100, tokens => 1000]
        if !$quick;

    return @crowds;
}


# two programs of the core alone print what they have to say

sub core {
    my @commands = map { Bench::Stage::tool('judge') . " $_" }
        $quick ? 1e5 : (1e4, 1e6, 1e7);

    push @commands, Bench::Stage::tool('table') if !$quick;

    for my $command (@commands) {
        $report->text("\n$command\n"
                      . Bench::Stage::run("taskset -c 0 $command"));
    }
}
