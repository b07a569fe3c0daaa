package Bench::Stage;

# What runs: Redis, nginxes and HAProxy in a directory that is removed at the
# end.  Servers that are measured have the first core, all others the second.

use strict;
use warnings;

use POSIX ();
use Time::HiRes qw(sleep time);

use Bench::Machine qw(slurp which);
use TokenRevoke::Nginx qw(temp_dir wait_for new_redis);
use TokenRevoke::Port qw(free_port);

my $dir;
my %child;                   # what was started here and is to be ended
my $owner = $$;

END {
    local $?;

    if ($owner == $$) {
        kill 'KILL', $_ for keys %child;
    }
}


sub dir  { return $dir //= temp_dir() }
sub file { return dir() . "/$_[0]" }
sub tool { return "build/bench/$_[0]" }


# Redis on the second core

sub redis {
    my (@conf) = @_;

    my $redis = new_redis(conf => \@conf)->start;
    pin($redis->pid, 1);

    return $redis;
}


sub pin {
    my ($pid, $core) = @_;
    system("taskset -a -p -c $core $pid > /dev/null") == 0 or die "taskset\n";
}


sub unpin {
    my ($pid) = @_;
    system("taskset -a -p ffffffff $pid > /dev/null") == 0
        or die "taskset\n";
}


# An nginx with this configuration, which is one of Bench::Conf and told the
# port; returns when it accepts connections.

sub nginx {
    my ($conf, %o) = @_;

    my $nginx = TokenRevoke::Nginx->new(workers => $o{workers} // 1,
                                        patience => 60);

    $nginx->set(conf => $conf->(
        %o, port => $nginx->port, modules => modules(), module => module()));

    return $nginx if $o{only_test};

    return $nginx->start;
}


# its worker, which has its name a moment after the port is open

sub worker {
    my ($nginx) = @_;

    return wait_for { ($nginx->workers)[0] };
}


sub module {
    require Cwd;
    return $ENV{TEST_NGINX_TOKEN_REVOKE_MODULE}
        || Cwd::getcwd() . '/build/ngx_http_token_revoke_module.so';
}


sub probe {
    require Cwd;
    return Cwd::getcwd() . '/' . tool('probe.so');
}


sub modules {
    my ($path) = `@{[ TokenRevoke::Nginx::_binary() ]} -V 2>&1`
        =~ /--modules-path=(\S+)/;

    return $path // '/usr/lib/nginx/modules';
}


# true if our module has this directive: nginx -t is asked

sub has_directive {
    my ($text) = @_;

    my $nginx = TokenRevoke::Nginx->new(
        conf => "load_module @{[ module() ]};\npid nginx.pid;\nevents {}\n"
            . "http { token_revoke_zone zone=z:1m redis=unix:/nowhere;\n"
            . "server { location / { $text } } }\n");

    return $nginx->test_config;
}


sub haproxy {
    my ($conf) = @_;

    my $file = file('haproxy.cfg');

    write_file($file, $conf);

    my $pid = spawn("taskset -c 0 @{[ which('haproxy') ]} -db -f $file");

    wait_for { slurp("/proc/$pid/cmdline") =~ /^\S*haproxy/ };

    return $pid;
}


# a process in the background, its output in a file; ended when we end

sub spawn {
    my ($command, $output) = @_;

    $output //= file('output');

    my $pid = fork;
    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $output;
        open STDERR, '>&', \*STDOUT;
        exec "exec $command" or POSIX::_exit(127);
    }

    $child{$pid} = 1;

    return $pid;
}


sub reap {
    my ($pid, $signal) = @_;

    kill $signal, $pid if $signal;
    waitpid $pid, 0;
    delete $child{$pid};

    return $?;
}


# the output of a command that has to succeed

sub run {
    my ($command) = @_;

    my $text = `$command 2>&1`;
    die "$command\n$text" if $?;

    return $text;
}


sub write_file {
    my ($file, $text) = @_;

    open my $out, '>', $file or die "$file: $!\n";
    print $out $text;
    close $out or die "$file: $!\n";

    return $file;
}


# revokes tokens of bench/push in a log; seconds

sub push_log {
    my ($redis, $log, $kind, $count, $per) = @_;

    return run(tool('push') . ' log ' . $redis->socket
               . " $log $kind- $count $per") + 0;
}


1;
