package TokenRevoke::DNS;

# A name server that knows what a test tells it, on a free UDP port.
#
#     my $dns = TokenRevoke::DNS->new->start;
#     $dns->set('redis.test', '127.0.0.1', '127.0.0.2');
#     $dns->set('redis.test');                   # no such name
#     $dns->mute(1);                             # it does not answer
#     "resolver @{[ $dns->address ]} valid=1s;"
#     $dns->asked('redis.test');                 # how often
#
# A records alone; all else does not exist.

use strict;
use warnings;

use IO::Socket::INET ();
use POSIX ();

use TokenRevoke::Nginx qw(temp_dir);

my %running;

END {
    local $?;
    kill 'KILL', grep { $running{$_} == $$ } keys %running;
}


sub new {
    my ($class) = @_;

    return bless { dir => temp_dir(), names => {}, mute => 0 }, $class;
}


sub address { "127.0.0.1:$_[0]{port}" }


sub start {
    my ($self) = @_;

    my $socket = IO::Socket::INET->new(Proto => 'udp',
                                       LocalAddr => '127.0.0.1')
        or die "udp: $!\n";

    $self->{port} = $socket->sockport;
    $self->_write;

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        %running = ();
        $self->_serve($socket);
        POSIX::_exit(0);
    }

    $running{$pid} = $$;

    return $self;
}


sub set {
    my ($self, $name, @addresses) = @_;

    $self->{names}{$name} = \@addresses;
    $self->_write;
}


sub mute {
    my ($self, $mute) = @_;

    $self->{mute} = $mute;
    $self->_write;
}


sub asked {
    my ($self, $name) = @_;

    open my $in, '<', "$self->{dir}/asked" or return 0;
    return scalar grep { $_ eq "$name\n" } <$in>;
}


sub _write {
    my ($self) = @_;

    open my $out, '>', "$self->{dir}/names.new" or die "names: $!\n";
    print $out "mute\n" if $self->{mute};
    print $out join(' ', $_, @{ $self->{names}{$_} }), "\n"
        for sort keys %{ $self->{names} };
    close $out;

    rename "$self->{dir}/names.new", "$self->{dir}/names";
}


sub _serve {
    my ($self, $socket) = @_;

    while (1) {
        defined $socket->recv(my $question, 512) or next;

        my %known;

        open my $in, '<', "$self->{dir}/names" or next;
        while (<$in>) {
            my ($name, @addresses) = split;
            $known{$name} = \@addresses;
        }

        my ($id) = unpack 'n', $question;
        my ($name, $at) = ('', 12);

        while (my $len = ord substr $question, $at, 1) {
            $name .= ($name eq '' ? '' : '.') . substr $question, $at + 1, $len;
            $at += $len + 1;
        }

        my ($type) = unpack 'n', substr $question, $at + 1, 2;

        open my $out, '>>', "$self->{dir}/asked" or next;
        syswrite $out, "$name\n";
        close $out;

        next if $known{mute};

        my @addresses = $type == 1 ? @{ $known{$name} || [] } : ();
        my $exists = @{ $known{$name} || [] };

        my $answer = pack('n6', $id, $exists ? 0x8180 : 0x8183, 1,
                          scalar @addresses, 0, 0)
                     . substr $question, 12, $at + 5 - 12;

        $answer .= pack 'n3Nna4', 0xc00c, 1, 1, 1, 4,
            pack 'C4', split /\./ for @addresses;

        $socket->send($answer);
    }
}


1;
