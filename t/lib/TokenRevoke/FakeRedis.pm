package TokenRevoke::FakeRedis;

# A Redis that does as it is told, on a unix socket or a "port": it knows just
# what the edge asks, and fails in whatever way a test wants.
#
#     my $fake = TokenRevoke::FakeRedis->new(dir => $dir)->start;
#     $fake->add('1-1', token => 'bad');       # an entry of the log
#     $fake->mode('stall');                    # from the next answer on
#     $fake->seen(qr/XREAD/);                  # how many lines of its diary
#
# A mode is the name of a sub of "modes", or one of those below, and a word for
# it: "cut 17".  The sub gets the connection, the bytes of the right answer,
# that word and the command, and returns what is sent; "undef" closes the
# connection.  What the edge asks first, INFO and TIME, is answered rightly,
# unless the name of the mode begins with "hello".  Modes, log and diary are
# files: the fake is another process, with
# one more for each connection.

use strict;
use warnings;

use IO::Socket::INET ();
use IO::Socket::UNIX ();
use POSIX ();
use Socket qw(SOCK_STREAM);
use Time::HiRes ();

my %running;

END {
    local $?;
    CORE::kill('KILL', -$_) for grep { $running{$_} == $$ } keys %running;
}


my %modes = (
    good  => sub { $_[1] },
    close => sub { undef },
    stall => sub { '' },
    half  => sub { substr $_[1], 0, length($_[1]) / 2 },
);


sub new {
    my ($class, %o) = @_;

    my $self = bless { modes => {}, log => 'revoked', %o }, $class;

    $self->{modes} = { %modes, %{ $self->{modes} } };
    $self->_write("$self->{dir}/$_", '') for qw(entries diary mode);
    $self->mode('good');

    return $self;
}


sub socket { "$_[0]{dir}/fake.sock" }

sub url {
    my ($self) = @_;
    return $self->{port} ? "redis://127.0.0.1:$self->{port}"
                         : 'unix:' . $self->socket;
}


sub _write {
    my ($self, $file, $text) = @_;

    open my $out, '>', "$file.new" or die "$file: $!\n";
    print $out $text;
    close $out;
    rename "$file.new", $file;
}


sub _append {
    my ($self, $name, $text) = @_;

    open my $out, '>>', "$self->{dir}/$name" or die "$name: $!\n";
    syswrite $out, $text;
    close $out;
}


sub _read {
    my ($self, $name) = @_;

    open my $in, '<', "$self->{dir}/$name" or return '';
    local $/;
    return scalar(<$in>) // '';
}


sub mode {
    my ($self, $mode) = @_;

    $self->_write("$self->{dir}/mode", $mode) if defined $mode;
    return $self->_read('mode');
}


sub add {
    my ($self, $id, @pairs) = @_;
    $self->_append('entries', join("\t", $id, @pairs) . "\n");
}


# a line for each connection ("connect") and command ("XREAD BLOCK ...")

sub seen {
    my ($self, $pattern) = @_;
    return scalar grep { $_ =~ $pattern } split /\n/, $self->_read('diary');
}


sub start {
    my ($self) = @_;

    unlink $self->socket;

    my $listener = $self->{port}
        ? IO::Socket::INET->new(LocalAddr => "127.0.0.1:$self->{port}",
                                Listen => 64, ReuseAddr => 1)
        : IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $self->socket,
                                Listen => 64);
    die $self->url . ": $!\n" if !$listener;
    chmod 0777, $self->socket if !$self->{port};

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        setpgrp 0, 0;
        %running = ();
        $SIG{CHLD} = 'IGNORE';
        $SIG{PIPE} = 'IGNORE';

        while (1) {
            my $c = $listener->accept or next;
            my $child = fork;

            if (defined $child and $child == 0) {
                eval { $self->_serve($c); 1 }
                    or $self->_append('diary', "error: $@");
                POSIX::_exit(0);
            }

            close $c;
        }
    }

    setpgrp $pid, $pid;
    $running{$pid} = $$;
    $self->{pid} = $pid;

    return $self;
}


sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} or return;

    CORE::kill('KILL', -$pid);
    waitpid $pid, 0;
    delete $running{$pid};
    unlink $self->socket;
}


sub _serve {
    my ($self, $c) = @_;

    $self->_append('diary', "connect\n");

    if ($self->mode eq 'refuse') {
        close $c;
        return;
    }

    while (my @cmd = _command($c)) {
        $self->_append('diary', "@cmd\n");

        my $answer = $self->_answer($c, @cmd);
        my ($mode, $how) = split ' ', $self->mode;

        $answer = $self->{modes}{$mode}->($c, $answer, $how, @cmd)
            if $cmd[0] !~ /^(?:INFO|TIME)$/ or $mode =~ /^hello/;

        last if !defined $answer;
        syswrite $c, $answer;
    }

    close $c;
}


sub _command {
    my ($c) = @_;

    my $line = <$c>;
    return if !defined $line or $line !~ /^\*(\d+)/;

    my @words;

    for (1 .. $1) {
        my ($len) = <$c> =~ /^\$(\d+)/;
        read $c, my $word, $len + 2;
        push @words, substr $word, 0, $len;
    }

    return @words;
}


sub bulk  { '$' . length($_[0]) . "\r\n$_[0]\r\n" }
sub array { '*' . @_ . "\r\n" . join '', @_ }
sub entry { my $id = shift; array(bulk($id), array(map { bulk($_) } @_)) }


sub _number {
    my ($ms, $seq) = split /-/, $_[0];
    return $ms * 1e6 + ($seq // 0);
}


# what a Redis would say; a blocked XREAD waits for an entry or another mode

sub _answer {
    my ($self, $c, @cmd) = @_;

    return "+OK\r\n" if $cmd[0] =~ /^(?:AUTH|SELECT)$/;
    return array(map { bulk($_) } time, 0) if $cmd[0] eq 'TIME';
    return bulk($cmd[1] eq 'replication' ? "role:master\r\n" : '')
        if $cmd[0] eq 'INFO';

    return ":1\r\n" if $cmd[0] eq 'HSET';

    if ($cmd[0] eq 'XINFO') {
        my @all = $self->_entries;
        my ($first, $last) = @all[0, -1];

        return "-ERR no such key\r\n" if !@all;

        return array(bulk('length'), ':' . @all . "\r\n",
                     bulk('last-generated-id'), bulk($last->[0]),
                     bulk('groups'), ":0\r\n",
                     bulk('first-entry'), entry(@$first),
                     bulk('last-entry'), entry(@$last));
    }

    if ($cmd[0] eq 'XRANGE') {
        my $id = _number($cmd[2]);
        return array(map { entry(@$_) }
                     grep { _number($_->[0]) == $id } $self->_entries);
    }

    my $after = _number($cmd[-1]);
    my $block = $cmd[1] eq 'BLOCK' ? $cmd[2] / 1000 : 0;
    my $until = Time::HiRes::time() + $block;
    my $mode = $self->mode;
    my @new;

    while (1) {
        @new = grep { _number($_->[0]) > $after } $self->_entries;
        last if @new or Time::HiRes::time() >= $until
                or $self->mode ne $mode;
        Time::HiRes::sleep(0.005);
    }

    return "*-1\r\n" if !@new;

    return array(array(bulk($self->{log}), array(map { entry(@$_) } @new)));
}


sub _entries {
    my ($self) = @_;
    return map { [split /\t/] } split /\n/, $self->_read('entries');
}


1;
