package Demo::Stage;

# What the demo runs on: a temporary directory with a Redis, an application and
# two edges in it, and the processes that help.  All of it is gone when the
# demo ends, however it ends; processes are ended by their number.

use strict;
use warnings;

use File::Path ();
use File::Spec ();
use File::Temp ();
use IO::Handle ();
use POSIX ();
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC);
use Time::HiRes ();

use TokenRevoke::Port qw(free_port);
use TokenRevoke::Redis;

use Demo::Conf ();

use constant WORKERS => 2;   # of each edge

my ($owner, $dir, $redis);   # the directory's process, the directory, ...
my %nginx;                   # name => pid of its master process
my %child;                   # pid => 1


# Signals end the demo as an error does: by way of END.
$SIG{$_} = \&_interrupted for qw(INT TERM HUP);
$SIG{PIPE} = 'IGNORE';


sub _interrupted {
    my ($signal) = @_;

    print STDERR "\ninterrupted: everything is stopped and removed\n";
    exit 128 + { HUP => 1, INT => 2, TERM => 15 }->{$signal};
}


END {
    local $?;
    clear();
}


# Ends all processes and removes the directory, if that has not been done.
sub clear {
    return if !defined $dir || $owner != $$;

    local @SIG{qw(INT TERM HUP)} = ('IGNORE') x 3;

    _end($_, 'KILL') for keys %child;
    _end(delete $nginx{$_}, 'TERM') for keys %nginx;
    $redis->kill if $redis;

    File::Path::remove_tree($dir);
    undef $dir;
}


# Makes the directory, which is returned, and starts Redis.
sub open_stage {
    $owner = $$;
    $dir = File::Temp::tempdir('token-revoke-demo-XXXXXXXX', TMPDIR => 1);

    mkdir "$dir/redis";
    $redis = TokenRevoke::Redis->new(dir => "$dir/redis");
    $redis->start;

    return $dir;
}


sub redis { $redis }


# Starts the application, which knows the people, and the edges; returns the
# ports of the edges.
sub start_servers {
    my ($module, @people) = @_;

    # the locks of ports go away with everything else

    local $ENV{TMPDIR} = $dir;
    my @ports = (free_port(), free_port());

    _start('app', Demo::Conf::app($dir, @people));

    for my $i (0 .. $#ports) {
        my $name = 'edge' . ($i + 1);

        _start($name, Demo::Conf::edge(
            name => $name, dir => $dir, port => $ports[$i], workers => WORKERS,
            module => $module, redis => $redis->socket));
    }

    return @ports;
}


sub _nginx {
    return $ENV{NGINX} if $ENV{NGINX};

    return (grep { -x } map { "$_/nginx" }
            File::Spec->path, '/usr/local/sbin', '/usr/sbin')[0] // 'nginx';
}


sub nginx_version {
    my ($version) = qx(${\_nginx()} -v 2>&1) =~ m{nginx/([\d.]+)};

    return $version // '';
}


sub error_log { "$dir/$_[0]/error.log" }


sub error_log_lines {
    my ($name) = @_;

    open my $in, '<', error_log($name) or return;

    return <$in>;
}


# what must never be in an error log, of all servers
sub alarms {
    return map {
        my $name = $_;
        map { "$name: $_" } grep { /\[(?:alert|crit|emerg)\]/ }
                                 error_log_lines($name)
    } qw(app edge1 edge2);
}


sub _start {
    my ($name, $conf) = @_;

    mkdir "$dir/$name" or die "$dir/$name: $!\n";

    open my $out, '>', "$dir/$name/nginx.conf" or die "nginx.conf: $!\n";
    print $out $conf;
    close $out or die "nginx.conf: $!\n";

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDERR, '>', "$dir/$name/stderr";
        { no warnings 'exec';
          exec _nginx(), '-p', "$dir/$name", '-e', error_log($name),
               '-c', "$dir/$name/nginx.conf"; }
        print STDERR "nginx: $!\n";
        POSIX::_exit(127);
    }

    $nginx{$name} = $pid;

    # the number is written when the sockets are open

    until (-s "$dir/$name/nginx.pid") {

        if (waitpid($pid, POSIX::WNOHANG()) == $pid) {
            delete $nginx{$name};
            open my $in, '<', "$dir/$name/stderr";
            die "nginx ($name) does not start:\n", <$in>,
                error_log_lines($name);
        }

        Time::HiRes::sleep(0.005);
    }
}


# Workers finish what they do, and log what they have left behind; the edges
# before the application.
sub stop_servers {
    _end(delete $nginx{$_}, 'QUIT') for reverse sort keys %nginx;
}


# A master process ends its workers; if it does not, or if it shall be killed,
# they are killed with it.
sub _end {
    my ($pid, $signal) = @_;

    my @workers = _children_of($pid);
    kill $signal, $pid, $signal eq 'KILL' ? @workers : ();

    my $until = Time::HiRes::time() + 5;

    while (waitpid($pid, POSIX::WNOHANG()) == 0) {

        if (Time::HiRes::time() > $until) {
            kill 'KILL', $pid, @workers;
            waitpid $pid, 0;
            last;
        }

        Time::HiRes::sleep(0.005);
    }

    delete $child{$pid};
}


sub _children_of {
    my ($pid) = @_;

    open my $in, '<', "/proc/$pid/task/$pid/children" or return;

    return split ' ', <$in> // '';
}


# Runs $code->($socket) in a child and returns the other end.  The child ends
# when the code does; what is left of it is cleared away by the next one.
sub in_child {
    my ($code) = @_;

    waitpid($_, POSIX::WNOHANG()) == $_ and delete $child{$_} for keys %child;

    socketpair my $ours, my $its, AF_UNIX, SOCK_STREAM, PF_UNSPEC
        or die "socketpair: $!\n";

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {

        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);

        close $ours;
        $its->autoflush(1);

        my $ok = eval { $code->($its); 1 };

        print STDERR "in a child: $@" if !$ok;
        close $its;
        POSIX::_exit($ok ? 0 : 1);
    }

    $child{$pid} = 1;
    close $its;
    $ours->autoflush(1);

    return $ours;
}


1;
