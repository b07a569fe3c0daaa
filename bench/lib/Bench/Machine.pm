package Bench::Machine;

# What the figures were made on.  No names of hosts.

use strict;
use warnings;

use Exporter 'import';
use File::Spec ();
use POSIX ();

our @EXPORT_OK = qw(slurp which cpus describe note);


sub slurp {
    my ($file) = @_;

    open my $in, '<', $file or return '';
    local $/;
    return scalar(<$in>) // '';
}


sub which {
    my ($name) = @_;

    return (grep { -x } map { "$_/$name" }
            File::Spec->path, '/usr/local/sbin', '/usr/sbin')[0];
}


sub cpus { return scalar(() = slurp('/proc/cpuinfo') =~ /^processor/mg) }


sub _version {
    my ($name, $argument, $pattern) = @_;

    my $path = which($name) or return;
    my $text = `$path $argument 2>&1`;

    return $text =~ $pattern ? "$name $1" : undef;
}


sub _package {
    my ($name) = @_;

    my $text = `dpkg-query -W -f '\${Version}' $name 2>/dev/null`;

    return $text =~ /^(?:\d+:)?([^-]+)/ ? "$name $1" : undef;
}


sub _cpu {
    my ($cpu) = slurp('/proc/cpuinfo') =~ /^model name\s*: (.*)$/m;
    return $cpu // 'unknown cpu';
}


sub _date { return POSIX::strftime('%Y-%m-%d', gmtime) }


# one line, for pictures; a machine that was busy is said to have been

my $busy = _load();

sub _load { return slurp('/proc/loadavg') =~ /^(\S+)/ ? $1 : 0 }


sub note {
    my ($quick) = @_;

    my $nginx = _version('nginx', '-v', qr/nginx\/(\S+)/) // '';

    return join ', ', _cpu(), $nginx, _date(),
        'make bench' . ($quick ? ' QUICK=1' : ''),
        $busy > cpus() ? "on a busy machine (load $busy)" : ();
}


sub describe {
    my ($memory) = slurp('/proc/meminfo') =~ /^MemTotal:\s+(\d+)/;
    my ($os) = slurp('/etc/os-release') =~ /^PRETTY_NAME="(.*)"/m;
    my ($kernel) = (POSIX::uname())[2] =~ /^(\d+\.\d+)/;

    my @versions = grep { defined } (
        _version('nginx', '-v', qr/nginx\/(\S+)/),
        _version('redis-server', '--version', qr/v=(\S+)/),
        _version('haproxy', '-v', qr/version (\d[\d.]*)/),
        _version('wrk', '-v', qr/wrk\s+\S*?(\d[\d.]+)/),
        _package('libnginx-mod-http-lua'),
        _package('libluajit-5.1-2'),
        _package('libssl3'),
        _version('valgrind', '--version', qr/valgrind-(\S+)/),
    );

    my $flags = slurp('/proc/cpuinfo') =~ /^flags\s*:.* sha_ni\b/m
        ? 'with' : 'without';

    return _date() . "\n"
        . sprintf("%s, %d cpus, %.0f GB, %s SHA instructions; %s, Linux %s\n",
                  _cpu(), cpus(), ($memory // 0) / 1048576,
                  $flags, $os // 'unknown system', $kernel)
        . join(', ', @versions) . "\n"
        . "load of the machine before: $busy\n";
}


1;
