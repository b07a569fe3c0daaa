package TokenRevoke::Chaos::Edge;

# The nginx of the chaos test: a daemon, because only one that has left its
# parent upgrades itself, with a location for each way of asking.
#
#     my $e = TokenRevoke::Chaos::Edge->new(redis => 'redis://...')->start;
#     $e->locations;                  # for TokenRevoke::Chaos::Load
#     $e->set(stale => 900)->reload;
#     $e->set(size => '24m', number => 2)->reload;     # a new zone
#     $e->set(number => 3)->upgrade;                   # USR2, WINCH, QUIT
#
# "number" is what the zone's answers are marked with, and has to change with
# its memory.

use strict;
use warnings;

use parent -norequire, 'TokenRevoke::Nginx';

use TokenRevoke::Nginx qw(wait_for);

my %masters;


END {
    local $?;
    CORE::kill('KILL', -$_) for grep { $masters{$_} == $$ } keys %masters;
}


sub new {
    my ($class, %o) = @_;

    return $class->SUPER::new(
        size => '16m', workers => 2, stale => 1500, number => 1, strict => 0,
        zone => 'timeout=500ms', %o);
}


# "stale" is what is set, see answers for what was in force

sub locations {
    my ($self) = @_;

    my @locations = (
        { uri => '/',        wait => 2000 },
        { uri => '/short',   wait => 200 },
        { uri => '/allow',   wait => 200, allow => 1 },
        { uri => '/patient', wait => 6000 },
    );

    push @locations, { uri => '/strict', wait => 2000, strict => 1 }
        if $self->{strict};

    return @locations;
}


sub _location {
    my ($self, $l) = @_;

    my $stale = $l->{uri} =~ /short|allow/ ? $self->{stale} : 300000;
    my $allow = $l->{allow} ? 'token_revoke_on_error allow;' : '';
    my $strict = $l->{strict} ? 'token_revoke_strict on;' : '';

    return <<"_EOC_";
        location = $l->{uri} {
            token_revoke zone=edge;
            token_revoke_wait $l->{wait}ms;
            token_revoke_max_stale ${stale}ms;
            $allow $strict
            add_header X-Status \$token_revoke_status always;
            add_header X-Age \$token_revoke_age always;
            add_header X-Max-Stale $stale always;
            add_header X-Zone $self->{number} always;
            add_header X-Worker \$pid always;
            empty_gif;
        }
_EOC_
}


sub config {
    my ($self) = @_;

    my $module = TokenRevoke::Nginx::_module();
    my $zone = $self->_zone;
    my $locations = join '', map { $self->_location($_) } $self->locations;
    my $temp = join "\n    ", map { "${_}_temp_path logs;" }
        qw(client_body proxy fastcgi uwsgi scgi);

    return <<"_EOC_";
$module
pid logs/nginx.pid;
# an upgraded nginx is told no more than this
env ASAN_OPTIONS;
error_log logs/error.log notice;
worker_processes $self->{workers};
events { worker_connections 512; }
http {
    access_log off;
    $temp
    keepalive_requests 1000;
    token_revoke_log_level info;
    $zone
    server {
        listen 127.0.0.1:$self->{port};
$locations
        location = /plain { return 200 "plain\\n"; }

        # holds the worker that sends it
        location = /long.html {
            limit_rate 100;
            root html;
        }
    }
}
_EOC_
}


sub start {
    my ($self) = @_;

    open my $out, '>', "$self->{dir}/html/long.html" or die "long.html: $!\n";
    print $out 'long ' x 100;
    close $out;

    $self->write_config;

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;
    $self->_exec if $pid == 0;
    waitpid $pid, 0;

    die "nginx does not start:\n" . $self->stderr_text . $self->log_text
        if $? or !wait_for { $self->_pid_file };

    return $self->_is_master($self->_pid_file);
}


sub _is_master {
    my ($self, $pid) = @_;

    # all processes that come of it are of one session

    $masters{$pid} //= $$ if !%masters;
    $self->{pid} = $pid;

    return $self;
}


sub _pid_file {
    my ($self) = @_;
    return TokenRevoke::Nginx::_slurp("$self->{dir}/logs/nginx.pid") =~ /(\d+)/
        ? $1 : 0;
}


# nginx ignores USR2 while the binary that it was made by has not left

sub upgradable {
    my ($self) = @_;

    return wait_for {
        TokenRevoke::Nginx::_slurp("/proc/$self->{pid}/stat")
            !~ /\) \S (\d+) / || !grep { $_ == $1 } $self->processes
    };
}


# The new binary takes over, and the old one is told to leave: it waits for
# those of its workers that somebody still reads from.

sub upgrade {
    my ($self) = @_;

    my $old = $self->{pid};

    $self->write_config;
    CORE::kill('USR2', $old);

    my $new = wait_for {
        my $pid = $self->_pid_file;
        $pid && $pid != $old && CORE::kill(0, $pid) && $pid;
    } 30 or return 0;

    $self->_is_master($new);
    wait_for { $self->workers >= $self->{workers} } 30 or return 0;

    CORE::kill('WINCH', $old);
    CORE::kill('QUIT', $old);

    return 1;
}


# every process of this nginx, old ones too

sub processes {
    my ($self) = @_;

    my ($session) = keys %masters;
    my @pids;

    for my $file (glob '/proc/[0-9]*/stat') {
        my ($pid, $name, $state, $ppid, $group) =
            TokenRevoke::Nginx::_slurp($file)
                =~ /^(\d+) \((.*)\) (\S) (\d+) (\d+)/ or next;
        push @pids, $pid if $group == $session and $state ne 'Z';
    }

    return @pids;
}


# those of them that serve requests and are not leaving

sub serving {
    my ($self) = @_;
    return $self->workers;
}


sub stop {
    my ($self, $signal, $seconds) = @_;

    $self->signal($signal || 'QUIT');

    return wait_for { !$self->processes } $seconds // 30;
}


1;
