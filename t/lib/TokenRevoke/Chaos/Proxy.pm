package TokenRevoke::Chaos::Proxy;

# What is between an edge and its Redis: forwards bytes, until it is told to
# do it badly.
#
#     my $p = TokenRevoke::Chaos::Proxy->new(dir => $dir, to => $socket)->start;
#     $p->port;                        # where the edge connects to
#     $p->mode('silent');              # from the next byte on
#     $p->to($other);                  # and all connections are closed
#
#     good            forwards
#     silent          keeps connections, forwards nothing: half-open
#     slow MS         each piece of an answer comes so much later
#     cut N           closes when N bytes more of answers have been sent
#     refuse          accepts and closes at once, closes what is open
#
# It is a process of its own, which ends with its parent.  An order is obeyed
# when mode() or to() returns.

use strict;
use warnings;

use IO::Select ();
use IO::Socket::INET ();
use IO::Socket::UNIX ();
use POSIX ();
use Socket qw(SOCK_STREAM);

use TokenRevoke::Chaos::Clock;


sub new {
    my ($class, %o) = @_;
    return bless { mode => 'good', number => 0, %o }, $class;
}


sub port { $_[0]{port} }


sub start {
    my ($self) = @_;

    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', Listen => 64, ReuseAddr => 1)
        or die "proxy: $!\n";
    $self->{port} = $listener->sockport;

    pipe my $orders, $self->{orders} or die "pipe: $!\n";
    pipe $self->{done}, my $done or die "pipe: $!\n";

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        close $self->{$_} for qw(orders done);
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        $SIG{PIPE} = 'IGNORE';

        eval { $self->_run($listener, $orders, $done); 1 }
            or print STDERR "# proxy: $@";
        POSIX::_exit(0);
    }

    $self->{orders}->autoflush(1);
    $self->{pid} = $pid;

    return $self;
}


sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} or return;

    kill 'KILL', $pid;
    waitpid $pid, 0;
}


sub mode { shift->_order('mode', @_) }
sub to   { shift->_order('to', @_) }


sub _order {
    my ($self, @words) = @_;

    print { $self->{orders} } "@words\n";
    sysread $self->{done}, my $byte, 1 or die "proxy: it has gone\n";
}


# The rest runs in the process of its own.

sub _run {
    my ($self, $listener, $orders, $done) = @_;

    $self->{select} = IO::Select->new($listener, $orders);
    $self->{pairs} = {};             # descriptor => the connection's half

    my $parent = getppid;

    while (getppid == $parent) {
        for my $ready ($self->{select}->can_read($self->_patience)) {

            if ($ready == $orders) {
                sysread $orders, my $text, 4096 or return;
                $self->_obey($_) for split /\n/, $text;
                syswrite $done, 'x' x ($text =~ tr/\n//);
                last;

            } elsif ($ready == $listener) {
                $self->_accept($listener->accept);

            } elsif ($self->{mode} ne 'silent') {
                my $half = $self->{pairs}{fileno $ready // -1};
                $self->_forward($half) if $half;
            }
        }

        $self->_late;
    }
}


# silent: what is readable stays so, and is not looked at all the time

sub _patience {
    my ($self) = @_;

    $self->_watch($self->{mode} ne 'silent');

    return 0.005 if grep { @{ $_->{late} } } values %{ $self->{pairs} };
    return 1;
}


sub _watch {
    my ($self, $on) = @_;

    return if ($self->{watching} // 1) == $on;
    $self->{watching} = $on;

    for my $half (values %{ $self->{pairs} }) {
        $on ? $self->{select}->add($half->{from})
            : $self->{select}->remove($half->{from});
    }
}


sub _obey {
    my ($self, $order) = @_;

    my ($what, @words) = split ' ', $order;

    if ($what eq 'to') {
        $self->{to} = $words[0];
        $self->_close_all;
        return;
    }

    ($self->{mode}, $self->{number}) = @words;
    $self->_close_all if $self->{mode} eq 'refuse';
}


sub _accept {
    my ($self, $client) = @_;

    return if !$client or $self->{mode} eq 'refuse';

    my $server = IO::Socket::UNIX->new(Type => SOCK_STREAM,
                                       Peer => $self->{to}) or return;

    $client->blocking(0);

    my $up = { from => $client, to => $server, late => [] };
    my $down = { from => $server, to => $client, late => [], answers => 1 };

    $self->{pairs}{fileno $_->{from}} = $_ for $up, $down;

    return if $self->{mode} eq 'silent';
    $self->{select}->add($client, $server);
}


sub _close {
    my ($self, $half) = @_;

    for my $c (@$half{qw(from to)}) {
        next if !defined fileno $c;
        delete $self->{pairs}{fileno $c};
        $self->{select}->remove($c);
        close $c;
    }
}


sub _close_all {
    my ($self) = @_;
    my @halves = values %{ $self->{pairs} };
    $self->_close($_) for @halves;
}


sub _forward {
    my ($self, $half) = @_;

    sysread $half->{from}, my $bytes, 65536
        or return $self->_close($half);

    my $mode = $half->{answers} ? $self->{mode} : 'good';

    if ($mode eq 'slow') {
        push @{ $half->{late} }, [now() + $self->{number} / 1000, $bytes];
        return;
    }

    if ($mode eq 'cut' and length $bytes >= $self->{number}) {
        $self->_send($half, substr $bytes, 0, $self->{number});
        $self->{number} = 1 + int rand 400;
        return $self->_close($half);
    }

    $self->{number} -= length $bytes if $mode eq 'cut';

    # what is late stays in front of what is not

    @{ $half->{late} } ? push @{ $half->{late} }, [now(), $bytes]
                       : $self->_send($half, $bytes);
}


sub _send {
    my ($self, $half, $bytes) = @_;

    my $to = $half->{to};

    while (length $bytes) {
        my $n = syswrite $to, $bytes;

        if (defined $n) {
            substr $bytes, 0, $n, '';

        } elsif (!$!{EAGAIN} or !IO::Select->new($to)->can_write(1)) {
            return $self->_close($half);
        }
    }
}


sub _late {
    my ($self) = @_;

    return if $self->{mode} eq 'silent';

    for my $half (values %{ $self->{pairs} }) {
        while (@{ $half->{late} } and $half->{late}[0][0] <= now()) {
            $self->_send($half, (shift @{ $half->{late} })->[1]);
            last if !defined fileno $half->{to};
        }
    }
}


1;
