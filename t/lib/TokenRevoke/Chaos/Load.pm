package TokenRevoke::Chaos::Load;

# Clients that never stop asking: each of these processes keeps a number of
# connections busy, and reports every answer.
#
#     my $l = TokenRevoke::Chaos::Load->new(
#         port => $port, seed => 7, connections => 12, pause => 0.02,
#         locations => [{ uri => '/short', wait => 200 }, ...],
#         good => [[$id, $token], ...])->start;
#
#     $l->revoked($id, $token);       # is asked for from now on
#     for my $answer ($l->answers) { ... }      # what has come in
#     $l->stop;
#
# An answer is a hash as TokenRevoke::Chaos::Checker wants it, with the "uri",
# and a key for each field of the location's own ("allow", "strict").  Times
# are taken before a request is written and after its answer was read, so the
# process can be late without anything being measured too short.
#
# A request that has no answer after "patience" seconds is reported with status
# 0 and verdict TIMEOUT, and its connection is closed.

use strict;
use warnings;

use IO::Handle ();
use IO::Poll qw(POLLIN);
use IO::Socket::INET ();
use POSIX ();

use TokenRevoke::Chaos::Clock;

my @fields = qw(sent got id status verdict age max_stale zone worker location);


sub new {
    my ($class, %o) = @_;

    return bless {
        connections => 12, pause => 0.02, patience => 60, seed => 1,
        text => '', %o,
    }, $class;
}


sub start {
    my ($self) = @_;

    pipe my $orders, $self->{orders} or die "pipe: $!\n";
    pipe $self->{reports}, my $reports or die "pipe: $!\n";

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        close $self->{$_} for qw(orders reports);
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        $SIG{PIPE} = 'IGNORE';

        eval { $self->_run($orders, $reports); 1 }
            or print STDERR "# load: $@";
        POSIX::_exit(0);
    }

    $self->{orders}->autoflush(1);
    $self->{reports}->blocking(0);
    $self->{pid} = $pid;

    return $self;
}


sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} or return;

    print { $self->{orders} } "stop\n";
    $self->{reports}->blocking(1);

    my @answers = $self->answers;

    waitpid $pid, 0;

    return @answers;
}


sub revoked {
    my ($self, $id, $token) = @_;
    print { $self->{orders} } "$id $token\n";
}


# all that has come in; after stop() all there is

sub answers {
    my ($self) = @_;

    1 while sysread $self->{reports}, $self->{text}, 1 << 20,
                    length $self->{text};

    my @answers;
    my $end = rindex $self->{text}, "\n";

    for my $line (split /\n/, substr $self->{text}, 0, $end + 1, '') {
        my %a;

        @a{@fields} = split /\t/, $line, -1;
        push @answers, { %{ $self->{locations}[$a{location}] }, %a };
    }

    return @answers;
}


# The rest runs in the process of its own.

sub _run {
    my ($self, $orders, $reports) = @_;

    srand $self->{seed};

    $orders->blocking(0);
    $reports->blocking(0);

    my $poll = IO::Poll->new;

    $self->{poll} = $poll;
    $self->{said} = '';
    $self->{bad} = [];
    $self->{slots} = [map { { next => now() + $_ * 0.001 } }
                      1 .. $self->{connections}];

    $poll->mask($orders => POLLIN);

    my $parent = getppid;

    while (getppid == $parent) {
        $poll->poll(0.002);

        last if $poll->events($orders) and !$self->_orders($orders);

        for my $slot (@{ $self->{slots} }) {
            $self->_read($slot) if $slot->{asked}
                                   and $poll->events($slot->{c});
            $self->_next($slot);
        }

        my $n = length $self->{said} ? syswrite $reports, $self->{said} : 0;
        substr $self->{said}, 0, $n, '' if $n;
    }

    $reports->blocking(1);
    syswrite $reports, $self->{said};
}


# false when there will be no more of them

sub _orders {
    my ($self, $orders) = @_;

    my $n = sysread $orders, $self->{order}, 65536,
        length($self->{order} //= '');

    return 0 if defined $n and $n == 0;

    push @{ $self->{bad} }, [$1, $2]
        while $self->{order} =~ s/\A(\S+) (\S+)\n//;

    return $self->{order} ne "stop\n";
}


sub _next {
    my ($self, $slot) = @_;

    my $now = now();

    if ($slot->{asked}) {
        $self->_report($slot, 0, 'TIMEOUT')
            if $now > $slot->{asked} + $self->{patience};
        return;
    }

    return if $now < $slot->{next};

    $slot->{next} = $now + 0.05;

    if (!$slot->{c}) {
        $slot->{c} = IO::Socket::INET->new(
            PeerAddr => '127.0.0.1', PeerPort => $self->{port}) or return;
        $slot->{c}->blocking(0);
        $self->{poll}->mask($slot->{c} => POLLIN);
    }

    $self->_ask($slot);
}


# one in two is a good one, one in four was revoked just now

sub _token {
    my ($self) = @_;

    my $bad = $self->{bad};

    return @{ $self->{good}[rand @{ $self->{good} }] }
        if rand() < 0.5 or !@$bad;

    my $first = rand() < 0.5 && @$bad > 20 ? $#$bad - 19 : 0;

    return @{ $bad->[$first + int rand(@$bad - $first)] };
}


sub _ask {
    my ($self, $slot) = @_;

    my ($id, $token) = $self->_token;
    my $n = int rand @{ $self->{locations} };

    @$slot{qw(id location text)} = ($id, $n, '');

    $slot->{asked} = now();

    syswrite $slot->{c}, "GET $self->{locations}[$n]{uri} HTTP/1.1\r\n"
                         . "Host: h\r\nAuthorization: Bearer $token\r\n\r\n"
        or $self->_report($slot, 0, 'CLOSED');
}


sub _read {
    my ($self, $slot) = @_;

    my $n = sysread $slot->{c}, $slot->{text}, 65536, length $slot->{text};

    if (!defined $n) {
        $self->_report($slot, 0, 'CLOSED') if !$!{EAGAIN};
        return;
    }

    return $self->_report($slot, 0, 'CLOSED') if $n == 0;

    return if $slot->{text} !~ /\AHTTP\/1\.1 (\d+) .*?\r\n\r\n/s;

    my ($status, $head) = ($1, $&);
    my ($body) = $head =~ /^Content-Length: (\d+)\r$/m
        or die "no length: $head";

    $self->_report($slot, $status, _field($head, 'X-Status'), $head)
        if length $slot->{text} >= length($head) + $body;
}


sub _field { $_[0] =~ /^\Q$_[1]\E: (.*)\r$/m ? $1 : '' }


sub _report {
    my ($self, $slot, $status, $verdict, $head) = @_;

    my $got = now();

    $self->{said} .= join("\t", $slot->{asked}, $got, $slot->{id}, $status,
        $verdict, map({ _field($head // '', $_) }
                      qw(X-Age X-Max-Stale X-Zone X-Worker)),
        $slot->{location}) . "\n";

    $slot->{asked} = 0;
    $slot->{next} = $got + rand 2 * $self->{pause};

    return if $head and $head !~ /^Connection: close\r$/m;

    $self->{poll}->remove($slot->{c});
    close delete $slot->{c};
}


1;
