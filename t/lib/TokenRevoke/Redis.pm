package TokenRevoke::Redis;

# A Redis of a test's own: started on a unix socket (and a TCP port, if asked
# for) in a temporary directory, stopped when the test ends, however it ends.
#
#     my $r = TokenRevoke::Redis->new(dir => $dir, port => 1,
#                                     password => 'secret',
#                                     conf => ['--appendonly', 'yes']);
#     $r->start;
#     $r->cmd('XADD', 'revoked', '*', 'sub', 'alice');
#     $r->freeze; $r->thaw;              # stalled, as by a debugger
#     $r->stop;   $r->start;             # the directory is kept in between
#     $r->kill;                          # no chance to write anything
#
# "port => 1" chooses a free port, see $r->port; with "conf" comes whatever
# redis-server takes on its command line, and with "file" its configuration.

use strict;
use warnings;

use IO::Socket::INET ();
use IO::Socket::UNIX ();
use POSIX ();
use Socket qw(SOCK_STREAM);
use Time::HiRes ();

use TokenRevoke::Port qw(free_port);

my %running;                 # pid => the process that started it


# A test that is interrupted runs its END blocks, as one that ends.

$SIG{INT} = $SIG{TERM} = $SIG{HUP} = sub { exit 1 };

END {
    local $?;

    for my $pid (grep { $running{$_} == $$ } keys %running) {
        kill 'CONT', $pid;
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
}


sub new {
    my ($class, %o) = @_;

    my $port = $o{port} || 0;
    $port = free_port() if $port == 1;

    return bless {
        dir      => $o{dir},
        socket   => $o{socket} || "$o{dir}/redis.sock",
        port     => $port,
        password => $o{password},
        conf     => $o{conf} || [],
        file     => $o{file},
        program  => $o{program} || 'redis-server',
    }, $class;
}


sub socket { $_[0]{socket} }
sub port   { $_[0]{port} }
sub pid    { $_[0]{pid} }
sub log    { "$_[0]{dir}/redis.log" }


# Returns when the server answers; dies with the end of its log if it does not.

sub start {
    my ($self) = @_;

    return $self if $self->{pid};

    my @cmd = ($self->{program}, $self->{file} // (), '--port', $self->{port},
               '--bind', '127.0.0.1', '--unixsocket', $self->{socket},
               '--unixsocketperm', '777', '--dir', $self->{dir},
               '--save', '', '--appendonly', 'no', '--daemonize', 'no',
               '--logfile', $self->log,
               defined $self->{password}
                   ? ('--requirepass', $self->{password}) : (),
               @{ $self->{conf} });

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', '/dev/null';
        open STDERR, '>>', $self->log;
        { no warnings 'exec'; exec @cmd; }
        print STDERR "redis-server: $!\n";
        POSIX::_exit(127);
    }

    $running{$pid} = $$;
    $self->{pid} = $pid;

    my $until = Time::HiRes::time() + 10;

    until (eval { $self->cmd('PING'); 1 } or $@ =~ /^redis: NO(?:AUTH|PERM)/) {

        if (waitpid($pid, POSIX::WNOHANG()) == $pid
            or Time::HiRes::time() > $until)
        {
            $self->kill;
            die "redis-server does not start:\n" . $self->log_end;
        }

        Time::HiRes::sleep(0.002);
    }

    return $self;
}


sub log_end {
    my ($self) = @_;

    open my $in, '<', $self->log or return '';
    my @lines = <$in>;

    return join '', @lines > 5 ? @lines[-5 .. -1] : @lines;
}


sub stop { $_[0]->_end('TERM') }
sub kill { $_[0]->_end('KILL') }


sub _end {
    my ($self, $signal) = @_;

    my $pid = delete $self->{pid} or return;

    close delete $self->{connection} if $self->{connection};

    CORE::kill($signal, $pid);
    CORE::kill('CONT', $pid);
    waitpid $pid, 0;
    delete $running{$pid};

    unlink $self->{socket};
}


sub freeze { CORE::kill('STOP', $_[0]{pid}) }
sub thaw   { CORE::kill('CONT', $_[0]{pid}) }


# Sends one command and returns its answer: a string, a number, undef for nil
# or a reference to an array.  An error of Redis dies as "redis: ERR ...",
# inside of an array it is a TokenRevoke::Redis::Error, which is a string too.

sub cmd {
    my ($self, @words) = @_;

    $self->{connection} ||= $self->_connect;

    my $answer = eval {
        $self->_send(@words);
        $self->_answer;
    };

    if ($@) {
        delete $self->{connection};
        die $@;
    }

    die "redis: $$answer\n" if ref $answer eq 'TokenRevoke::Redis::Error';

    return $answer;
}


# Several commands, each a reference to its words, sent before the first
# answer is read; returns the answers, dies as cmd() does.

sub pipeline {
    my ($self, @commands) = @_;

    $self->{connection} ||= $self->_connect;

    my @answers = eval {
        $self->_send(@$_) for @commands;
        map { scalar $self->_answer } @commands;
    };

    if ($@) {
        delete $self->{connection};
        die $@;
    }

    for my $answer (@answers) {
        die "redis: $$answer\n" if ref $answer eq 'TokenRevoke::Redis::Error';
    }

    return @answers;
}


sub _connect {
    my ($self) = @_;

    $self->{connection} = IO::Socket::UNIX->new(
        Type => SOCK_STREAM, Peer => $self->{socket})
        or die "redis: $self->{socket}: $!\n";

    if (defined $self->{password}) {
        $self->_send('AUTH', $self->{password});
        my $answer = $self->_answer;
        die "redis: $$answer\n" if ref $answer;
    }

    return $self->{connection};
}


sub _send {
    my ($self, @words) = @_;

    my $out = '*' . @words . "\r\n";

    for my $word (@words) {
        my $bytes = $word;
        utf8::encode($bytes) if utf8::is_utf8($bytes);
        $out .= '$' . length($bytes) . "\r\n$bytes\r\n";
    }

    local $SIG{PIPE} = 'IGNORE';

    $self->{connection}->printflush($out)
        or die "redis: the connection is closed\n";
}


sub _answer {
    my ($self) = @_;

    my $in = $self->{connection};
    my $line = <$in>;

    die "redis: the connection was closed\n" unless defined $line;

    $line =~ s/\r\n\z//;
    my $type = substr $line, 0, 1, '';

    return $line if $type eq '+' or $type eq ':';
    return bless \$line, 'TokenRevoke::Redis::Error' if $type eq '-';
    return undef if $line eq '-1';
    return [ map { scalar $self->_answer } 1 .. $line ] if $type eq '*';

    die "redis: cannot read \"$type$line\"\n" if $type ne '$';

    read $in, my $bytes, $line + 2;

    return substr $bytes, 0, $line;
}


package TokenRevoke::Redis::Error;

use overload '""' => sub { ${ $_[0] } }, fallback => 1;


1;
