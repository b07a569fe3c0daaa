package Demo::Traffic;

# The people go on working while the story is told: two children send requests
# over both edges, at an even pace, and look at every answer.
#
#   spared   tokens that are never revoked: served, always
#   doomed   tokens that will be: served, then refused, and never again served
#            by the edge that has refused once

use strict;
use warnings;

use List::Util qw(sum0);
use Time::HiRes ();

use Demo::Http qw(request);
use Demo::Stage ();

use constant { CHILDREN => 2, PAUSE => 0.001 };

my @counted = qw(sent served refused wrong);


# spared and doomed are lists of tokens
sub start {
    my ($class, $ports, $spared, $doomed) = @_;

    my @children = map {
        my $seed = $_;

        Demo::Stage::in_child(sub {
            my ($socket) = @_;

            srand $seed;
            _work($socket, $ports, $spared, $doomed);
        });
    } 1 .. CHILDREN;

    return bless { children => \@children }, $class;
}


# What was counted up to now: a hash of sent, served, refused and wrong, and
# a text on what was wrong first.
sub counts {
    my ($self) = @_;

    print $_ "?\n" for @{ $self->{children} };

    my @answers = map {
        my $line = readline $_ // die "a client of the traffic has died\n";
        chomp $line;
        [ split ' ', $line, @counted + 1 ]
    } @{ $self->{children} };

    my %counts;

    for my $i (0 .. $#counted) {
        $counts{$counted[$i]} = sum0 map { $_->[$i] } @answers;
    }

    ($counts{first}) = grep { defined } map { $_->[@counted] } @answers;
    $counts{first} //= '';

    return \%counts;
}


# Returns when the last answer has come.
sub stop {
    my ($self) = @_;

    for my $child (@{ delete $self->{children} }) {
        shutdown $child, 1;
        readline $child;
    }
}


# until the other end is closed
sub _work {
    my ($socket, $ports, $spared, $doomed) = @_;

    my %counts = (map({ $_ => 0 } @counted), first => '');
    my @edges = map { { http => Demo::Http->new($_), refused => {} } } @$ports;

    vec(my $control, fileno $socket, 1) = 1;

    while (1) {

        if (select my $ready = $control, undef, undef, PAUSE) {
            defined readline $socket or return;
            print $socket join(' ', @counts{@counted, 'first'}), "\n";
        }

        my $i = int rand @edges;

        # one request of eight comes from those who will be refused

        my $fated = @$doomed && rand() < 0.125;
        my $from = $fated ? $doomed : $spared;
        my $token = $from->[rand @$from];

        my $status = $edges[$i]{http}->ask(request('GET', $token))->{status};

        $counts{sent}++;
        $counts{served}++ if $status == 200;
        $counts{refused}++ if $status == 401;

        my $before = $edges[$i]{refused}{$token->[1]};

        next if $status == 200 && !$before;

        if ($status == 401 && $fated) {
            $edges[$i]{refused}{$token->[1]} = 1;
            next;
        }

        $counts{wrong}++;
        $counts{first} ||= sprintf 'edge %d answered %d to a %s %s', $i + 1,
            $status, $token->[0],
            !$fated ? 'that was never revoked'
            : $before ? 'that it had refused before' : 'that was revoked';
    }
}


1;
