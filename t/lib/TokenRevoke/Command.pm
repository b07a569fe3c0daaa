package TokenRevoke::Command;

# The operator's command, run by a test:
#
#     my $c = TokenRevoke::Command->new(redis => $redis, dir => $dir);
#
#     my $r = $c->run('import', '-', { stdin => "token\n" });
#     is($r->{status}, 0);                  # and {out}, {err}
#     $c->run('list', { stdout => '/dev/full' });
#
#     my $p = $c->start('import', $file, { stdin => $fh });
#     $p->signal('INT');
#     my $r = $p->wait;
#
#     my $t = $c->terminal('import', $file);   # stderr is one, and stdin
#     $t->expect(qr/41%/);  $t->type("y\n");
#     my $r = $t->wait;                     # {out} alone, {err} what was shown
#
# It is the build with sanitizers, if there is one ("binary" may name another),
# and never knows the files of whoever runs the test: HOME is a directory of
# its own.

use strict;
use warnings;

use IO::Select ();
use POSIX ();

my %running;                 # pid => the process that started it

END {
    local $?;

    for my $pid (grep { $running{$_} == $$ } keys %running) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
}


sub new {
    my ($class, %o) = @_;

    my ($binary) = grep { -x } 'build/asan/token-revoke', 'build/token-revoke';
    die "the command is not built\n" unless $binary;

    return bless { binary => $binary, n => 0, %o }, $class;
}


sub env {
    my ($self) = @_;

    return (HOME => $self->{dir},
            $self->{redis}
                ? (TOKEN_REVOKE_REDIS => 'unix:' . $self->{redis}->socket)
                : (), %{ $self->{env} || {} });
}


sub run { my $self = shift; return $self->start(@_)->wait }


sub start {
    my ($self, @args) = @_;

    my %o = ref $args[-1] eq 'HASH' ? %{ pop @args } : ();

    my $file = "$self->{dir}/run-" . ++$self->{n};
    my $stdin = $o{stdin};

    if (defined $stdin and !ref $stdin) {
        open my $out, '>:raw', "$file.in" or die "$file.in: $!\n";
        print $out $stdin;
        close $out;

        undef $stdin;
        open $stdin, '<:raw', "$file.in" or die "$file.in: $!\n";
    }

    my $pid = $self->_fork(sub {
        open STDIN, '<&', $stdin if defined $stdin;
        open STDIN, '<', '/dev/null' unless defined $stdin;
        open STDOUT, '>', $o{stdout} // "$file.out";
        open STDERR, '>', "$file.err";
    }, \%o, @args);

    return bless { pid => $pid, file => $file },
                 'TokenRevoke::Command::Process';
}


sub terminal {
    my ($self, @args) = @_;

    require IO::Pty;

    my %o = ref $args[-1] eq 'HASH' ? %{ pop @args } : ();

    my $file = "$self->{dir}/run-" . ++$self->{n};
    my $pty = IO::Pty->new;

    $pty->slave->set_raw if $o{raw};
    $pty->set_winsize(24, $o{columns} || 80);

    my $pid = $self->_fork(sub {
        $pty->make_slave_controlling_terminal;

        my $slave = $pty->slave;
        close $pty;

        open STDIN, '<&', $slave;
        open STDOUT, '>', "$file.out";
        open STDERR, '>&', $slave;
    }, \%o, @args);

    $pty->close_slave;

    return bless { pid => $pid, file => $file, pty => $pty, shown => '' },
                 'TokenRevoke::Command::Process';
}


sub _fork {
    my ($self, $files, $o, @args) = @_;

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        $SIG{INT} = $SIG{PIPE} = 'DEFAULT';
        $files->();

        my %env = ($self->env, %{ $o->{env} || {} });
        delete @ENV{ grep { /^(?:TOKEN_REVOKE|XDG)_/ } keys %ENV };
        $ENV{$_} = $env{$_} for keys %env;

        { no warnings 'exec'; exec $self->{binary}, @args; }
        print STDERR "$self->{binary}: $!\n";
        POSIX::_exit(127);
    }

    $running{$pid} = $$;

    return $pid;
}


package TokenRevoke::Command::Process;

use Time::HiRes ();


sub signal { kill $_[1], $_[0]{pid} }
sub type { $_[0]{pty}->syswrite($_[1]) }


# what a terminal shows until it is this, or nothing for ten seconds

sub expect {
    my ($self, $pattern) = @_;

    my $until = Time::HiRes::time() + 10;

    while ($self->{shown} !~ $pattern) {
        my $left = $until - Time::HiRes::time();

        return 0 if $left < 0 or !$self->_more($left);
    }

    return 1;
}


sub _more {
    my ($self, $timeout) = @_;

    return 0 unless IO::Select->new($self->{pty})->can_read($timeout);

    return sysread $self->{pty}, $self->{shown}, 65536, length $self->{shown};
}


# { status, signal, out, err }; it is killed if it takes half a minute

sub wait {
    my ($self) = @_;

    my $until = Time::HiRes::time() + 30;

    while (waitpid($self->{pid}, POSIX::WNOHANG()) == 0) {

        if (Time::HiRes::time() > $until) {
            kill 'KILL', $self->{pid};
        }

        if ($self->{pty}) {
            $self->_more(0.01);

        } else {
            Time::HiRes::sleep(0.002);
        }
    }

    delete $running{ $self->{pid} };

    my %r = (status => $? >> 8, signal => $? & 127);

    if ($self->{pty}) {
        1 while $self->_more(0);
    }

    for my $what (qw(out err)) {
        local $/;
        open my $in, '<:raw', "$self->{file}.$what" or next;
        $r{$what} = <$in> // '';
    }

    $r{err} = $self->{shown} if $self->{pty};

    return \%r;
}


1;
