package TokenRevoke::Proxy;

# A network between an edge and a Redis, that does what networks do.
#
#     my $p = TokenRevoke::Proxy->new(dir => $dir, to => $redis->socket);
#     $p->start;  $p->url;
#     $p->mode('silent');       # connections stay, nothing passes any more
#     $p->mode('slow 20');      # each piece of 16 bytes 20 ms later
#     $p->mode('cut 500');      # closed after at most so many bytes
#     $p->mode('good');
#
# A process for each connection; the mode is a file.  What was held back while
# it was silent is lost, as with a firewall that has forgotten a connection.

use strict;
use warnings;

use IO::Select ();
use IO::Socket::INET ();
use IO::Socket::UNIX ();
use POSIX ();
use Socket qw(SOCK_STREAM);
use Time::HiRes ();

use TokenRevoke::Port qw(free_port);

my %running;

END {
    local $?;
    CORE::kill('KILL', -$_) for grep { $running{$_} == $$ } keys %running;
}


sub new {
    my ($class, %o) = @_;

    my $self = bless { port => free_port(), %o }, $class;

    return $self->mode('good');
}


sub url { "redis://127.0.0.1:$_[0]{port}" }


sub mode {
    my ($self, $mode) = @_;

    my $file = "$self->{dir}/mode";

    if (defined $mode) {
        open my $out, '>', "$file.new" or die "$file: $!\n";
        print $out $mode;
        close $out;
        rename "$file.new", $file;
        return $self;
    }

    open my $in, '<', $file or return '';
    return scalar <$in>;
}


sub start {
    my ($self) = @_;

    my $listener = IO::Socket::INET->new(
        LocalAddr => "127.0.0.1:$self->{port}", Listen => 64, ReuseAddr => 1)
        or die $self->url . ": $!\n";

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        setpgrp 0, 0;
        %running = ();
        $SIG{CHLD} = $SIG{PIPE} = 'IGNORE';

        while (1) {
            my $c = $listener->accept or next;

            if (!fork) {
                srand $$;
                $self->_pass($c);
                POSIX::_exit(0);
            }

            close $c;
        }
    }

    setpgrp $pid, $pid;
    $running{$pid} = $$;

    return $self;
}


sub _pass {
    my ($self, $client) = @_;

    my $server = IO::Socket::UNIX->new(Type => SOCK_STREAM,
                                       Peer => $self->{to}) or return;
    my $select = IO::Select->new($client, $server);
    my ($left, $lost);

    while (my @ready = $select->can_read) {
        for my $from (@ready) {
            sysread $from, my $bytes, 65536 or return;

            my ($mode, $how) = split ' ', $self->mode;
            my $to = $from == $client ? $server : $client;

            $lost = 1 if $mode eq 'silent';
            next if $lost;

            if ($mode eq 'cut' and $to == $client) {
                $left //= int rand $how;
                syswrite $to, substr $bytes, 0, $left;
                return if ($left -= length $bytes) <= 0;

            } elsif ($mode eq 'slow' and $to == $client) {

                for my $piece ($bytes =~ /(.{1,16})/gs) {
                    Time::HiRes::sleep($how / 1000);
                    syswrite $to, $piece;
                }

            } else {
                syswrite $to, $bytes;
            }
        }
    }
}


1;
