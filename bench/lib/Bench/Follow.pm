package Bench::Follow;

# What many edges that follow one log cost its Redis: bench/followers stands
# for them, with the questions that the module asks.

use strict;
use warnings;

use Bench::Stage ();

# seconds between entries grow with the edges, so that each is read by all

my $logs = 0;

sub _pause { return $_[0] < 200 ? 20 : $_[0] / 5 }


# { edges, add: microseconds of Redis for an entry, rest: CPU in percent
# without entries, p50, p99, max: milliseconds until the last edge has it }

# %o: tokens (of an entry), register (each edge writes itself into a hash)

sub measure {
    my ($redis, $edges, $entries, %o) = @_;

    my $tokens = $o{tokens} // 1;

    my $line = Bench::Stage::run(
        'taskset -c 0 ' . Bench::Stage::tool('followers') . ' '
        . join(' ', $redis->socket, 'log-' . ++$logs, $edges, $entries,
               _pause($edges), $redis->pid, $tokens,
               $o{register} ? 'register' : ()));

    my (undef, $n, $rest, $busy, $p50, $p99, $max) = split ' ', $line;

    return {
        edges => $edges,
        add   => $busy / $n / 1000,
        rest  => $rest / 1e7,
        p50   => $p50 / 1000, p99 => $p99 / 1000, max => $max / 1000,
    };
}


1;
