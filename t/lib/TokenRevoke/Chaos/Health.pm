package TokenRevoke::Chaos::Health;

# What the processes of an edge hold: memory of their own, and descriptors.
#
#     my $h = TokenRevoke::Chaos::Health->new(edge => $edge);
#     $h->measure('start');
#     $h->watch;                       # often; costs nothing most of the time
#     $h->quiet(sub { my ($ok, $what) = @_; ... });    # at the end
#
# A process may grow by "growth" megabytes after its first five seconds.

use strict;
use warnings;

use TokenRevoke::Chaos::Clock;
use TokenRevoke::Nginx qw(wait_for);


sub new {
    my ($class, %o) = @_;

    return bless {
        growth => 48, spare => 4, first => {}, most => {}, seen => {},
        next => 0, %o,
    }, $class;
}


# megabytes that no other process has

sub memory {
    my ($pid) = @_;
    return TokenRevoke::Nginx::_slurp("/proc/$pid/status")
        =~ /^RssAnon:\s+(\d+) kB/m ? $1 / 1024 : 0;
}


sub descriptors {
    my ($pid) = @_;
    return scalar(() = glob "/proc/$pid/fd/*");
}


sub measure {
    my ($self, $when) = @_;

    my $edge = $self->{edge};

    wait_for { $edge->workers >= $edge->{workers} };

    $self->{$when} = {
        master  => descriptors($edge->pid),
        workers => [map { descriptors($_) } $edge->workers],
    };
}


sub watch {
    my ($self) = @_;

    my $now = now();

    return if $now < $self->{next};
    $self->{next} = $now + 1;

    for my $pid ($self->{edge}->pid, $self->{edge}->workers) {
        my $seen = $self->{seen}{$pid} //= $now;
        my $memory = memory($pid) or next;

        push @{ $self->{series}{$pid} }, int $memory;

        $self->{most}{$pid} = $memory
            if $memory > ($self->{most}{$pid} // 0);
        $self->{first}{$pid} //= $memory if $now - $seen >= 5;
    }
}


# the process that has grown most, by how many megabytes, and what it had in
# each second

sub grown {
    my ($self) = @_;

    my %grown = map { ($_ => $self->{most}{$_} - $self->{first}{$_}) }
        keys %{ $self->{first} };
    my ($pid) = sort { $grown{$b} <=> $grown{$a} } keys %grown;

    return (0, 0, '') if !$pid;
    return ($pid, $grown{$pid}, "@{ $self->{series}{$pid} }");
}


# Without clients, and with workers that are new: nothing is left of those who
# were there before.

sub quiet {
    my ($self, $say) = @_;

    my $edge = $self->{edge};

    $edge->reload;

    my $left = wait_for { $edge->processes == 1 + $edge->{workers} } 30;

    $say->($left, 'old processes do not leave');

    $self->measure('quiet');

    my ($old, $new) = @$self{qw(start quiet)};
    my ($few) = sort { $a <=> $b } @{ $old->{workers} };
    my ($many) = sort { $b <=> $a } @{ $new->{workers} };

    $say->($new->{master} <= $old->{master} + $self->{spare},
           "the master has $new->{master} descriptors,"
           . " it began with $old->{master}");
    $say->($many <= $few + $self->{spare},
           "a worker has $many descriptors, the first ones had $few");

    my ($pid, $grown, $series) = $self->grown;

    $say->($grown <= $self->{growth},
           sprintf 'process %d has grown by %d MB: %s', $pid, $grown, $series);
}


1;
