package Bench::Follow;

# What many edges that follow one log cost its Redis: bench/followers stands
# for them, with the questions that the module asks.

use strict;
use warnings;

use Bench::Stage ();

# seconds between entries grow with the edges, so that each is read by all

sub _pause { return $_[0] < 200 ? 20 : $_[0] / 5 }


# { edges, add: microseconds of Redis for an entry, rest: CPU in percent
# without entries, p50, p99, max: milliseconds until the last edge has it }

sub measure {
    my ($redis, $edges, $entries, $register) = @_;

    my $line = Bench::Stage::run(
        'taskset -c 0 ' . Bench::Stage::tool('followers') . ' '
        . join(' ', $redis->socket, "log-$edges-" . ($register ? 'r' : 'n'),
               $edges, $entries, _pause($edges), $redis->pid,
               $register ? 'register' : ()));

    my (undef, $n, $seconds, $rest, $busy, $p50, $p99, $max) =
        split ' ', $line;

    return {
        edges => $edges,
        add   => ($busy - $rest) / $n / 1000,
        rest  => $rest / $seconds / 1e7,
        p50   => $p50 / 1000, p99 => $p99 / 1000, max => $max / 1000,
    };
}


1;
