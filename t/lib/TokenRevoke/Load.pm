package TokenRevoke::Load;

# A client that goes on asking while a test does something to nginx: a process
# of its own, with one connection after the other and many requests on each.
#
#     my $load = TokenRevoke::Load->new(port => $nginx->port)->start;
#     ...
#     my $n = $load->stop;        # { 'good 200' => 5120, 'bad 401' => 640 }
#
# Of eight tokens one is "bad", the others are good ones, each of them new.
# What was not answered because the connection was closed is not counted: a
# worker that leaves closes those that are kept alive.

use strict;
use warnings;

use IO::Select ();
use IO::Socket::INET ();
use POSIX ();
use Time::HiRes ();


sub new {
    my ($class, %o) = @_;

    return bless { batch => 16, pause => 0.002, %o }, $class;
}


sub start {
    my ($self) = @_;

    pipe $self->{result}, my $out or die "pipe: $!\n";

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        close $self->{result};
        $SIG{PIPE} = 'IGNORE';
        $SIG{$_} = 'DEFAULT' for qw(INT HUP);
        $self->_run;
        print $out map { "$_ $self->{count}{$_}\n" } keys %{$self->{count}};
        close $out;
        POSIX::_exit(0);
    }

    $self->{pid} = $pid;

    return $self;
}


# Ends it; how many answers there were of each kind.

sub stop {
    my ($self) = @_;

    kill 'TERM', $self->{pid};

    my $in = $self->{result};
    my %n = map { /^(.*) (\d+)$/ } <$in>;

    waitpid $self->{pid}, 0;

    return \%n;
}


# Ends it, and says what went wrong: kinds of answers but those of @right. Two
# of them have to be there, or nobody has asked.

sub wrong {
    my ($self, @right) = @_;

    my $n = $self->stop;
    my %right = map { $_ => 1 } @right;
    my @missing = map { "no $_" } grep { !$n->{$_} } 'good 200', 'bad 401';

    return join ', ', @missing, map { "$_: $n->{$_}" }
        sort grep { !$right{$_} } keys %$n;
}


sub _run {
    my ($self) = @_;

    local $SIG{TERM} = sub { $self->{ended} = 1 };

    my $number = 0;
    my $parent = getppid;

    until ($self->{ended} or getppid != $parent) {
        my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $self->{port});

        if (!$c) {
            $self->{count}{'no connection'}++;
            next;
        }

        for (1 .. 4) {
            my @tokens = map { $_ % 8 ? "good-$$-" . $number++ : 'bad' }
                0 .. $self->{batch} - 1;

            last if !$self->_ask($c, @tokens);
            Time::HiRes::sleep($self->{pause});
        }
    }
}


sub _ask {
    my ($self, $c, @tokens) = @_;

    $c->printflush(join '', map {
        "HEAD / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer $_\r\n\r\n"
    } @tokens) or return;

    my $select = IO::Select->new($c);
    my $text = '';

    for my $token (@tokens) {
        my $end;

        while (($end = index $text, "\r\n\r\n") < 0) {

            if (!$select->can_read(20)) {
                $self->{count}{'no answer'}++ if !$self->{ended};
                return;
            }

            sysread $c, $text, 65536, length $text or return;
        }

        my ($status) = substr($text, 0, $end + 4, '') =~ /^HTTP\/1.1 (\d+)/;
        my ($kind) = $token =~ /^(good|bad)/;

        $self->{count}{"$kind $status"}++;
    }

    return 1;
}


1;
