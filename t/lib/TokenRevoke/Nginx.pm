package TokenRevoke::Nginx;

# An nginx for tests of its life: started, reloaded, told to quit and killed
# by the test itself, in a private directory and on a free port.
#
#     my $n = TokenRevoke::Nginx->new(
#         redis    => 'unix:/path',           # of zone "edge"
#         size     => '4m',
#         zone     => 'timeout=200ms',        # more of token_revoke_zone
#         workers  => 4,
#         location => 'token_revoke_wait 0;', # in "location /"
#         patience => 60,                     # seconds it may take to start
#         http     => '...', server => '...', main => '...');
#         conf     => '...',                  # or the whole nginx.conf
#
#     $n->start;
#     is($n->status('a token'), 401);
#     $n->reload;                             # the master was told, no more
#     $n->finish;                             # graceful; and what was logged?
#
#     my $new = $n->upgrade;                  # USR2: $n is the old nginx then;
#                                             # of one with daemon => 'on'
#     $n->winch;                              # its workers leave
#
# "location /" answers 200 with the token of "Authorization: Bearer", and says
# in a field X-Status what was decided; "/plain" answers without the module.
# The directory is removed when the test ends (TEST_NGINX_NO_CLEAN=1: kept),
# and what still runs then is killed.  TEST_NGINX_USE_VALGRIND is what it is to
# Test::Nginx: nginx runs under valgrind, with these options unless it is 1.

use strict;
use warnings;

use Cwd ();
use Exporter 'import';
use File::Path ();
use File::Spec ();
use File::Temp ();
use IO::Select ();
use IO::Socket::INET ();
use POSIX ();
use Test::More ();
use Time::HiRes ();

use TokenRevoke::Port qw(free_port);
use TokenRevoke::Redis;

our @EXPORT_OK = qw(wait_for temp_dir start_redis new_redis);

my $owner = $$;
my $tmp;
my %groups;                  # process groups of the nginxes that were started

my $patience = $ENV{TEST_NGINX_USE_VALGRIND} ? 10 : 1;

# without anybody to read the results a test still ends, and tidies up

$SIG{PIPE} = 'IGNORE';


END {
    local $?;

    if ($owner == $$) {
        CORE::kill('KILL', -$_) for keys %groups;

        File::Path::remove_tree($tmp)
            if defined $tmp and !$ENV{TEST_NGINX_NO_CLEAN};

        print STDERR "# kept: $tmp\n"
            if defined $tmp and $ENV{TEST_NGINX_NO_CLEAN};
    }
}


sub temp_dir {
    if (!defined $tmp) {
        $tmp = File::Temp::tempdir('token-revoke-XXXXXXXX', TMPDIR => 1);
        chmod 0755, $tmp;
    }

    my $dir = File::Temp::tempdir('XXXXXX', DIR => $tmp);
    chmod 0777, $dir;

    return $dir;
}


# a running TokenRevoke::Redis in a directory of its own

sub start_redis { new_redis(@_)->start }
sub new_redis   { TokenRevoke::Redis->new(dir => temp_dir(), @_) }


# Asks every 2 ms until the answer is true, and returns it; after so many
# seconds the last answer, which is false.  Valgrind has more time.

sub wait_for (&;$) {
    my ($condition, $seconds) = @_;

    my $until = Time::HiRes::time() + ($seconds // 10) * $patience;

    while (1) {
        my $answer = $condition->();
        return $answer if $answer or Time::HiRes::time() > $until;
        Time::HiRes::sleep(0.002);
    }
}


sub new {
    my ($class, %o) = @_;

    my $self = bless {
        workers => 1, size => '4m', zone => '', location => '', http => '',
        server => '', main => '', level => 'notice', daemon => 'off', %o,
        dir => temp_dir(), port => free_port(),
    }, $class;

    mkdir "$self->{dir}/$_" for qw(logs html);

    return $self;
}


sub set {
    my ($self, %o) = @_;
    @$self{keys %o} = values %o;
    return $self;
}

sub dir  { $_[0]{dir} }
sub port { $_[0]{port} }
sub pid  { $_[0]{pid} }


sub _module {
    my $module = $ENV{TEST_NGINX_TOKEN_REVOKE_MODULE}
        // Cwd::getcwd() . '/build/ngx_http_token_revoke_module.so';

    return $module eq '' ? '' : "load_module $module;";
}


sub _binary {
    return $ENV{TEST_NGINX_BINARY}
        || (grep { -x } map { "$_/nginx" }
            File::Spec->path, '/usr/local/sbin', '/usr/sbin')[0]
        || 'nginx';
}


# What it has to say goes to stderr_text(), and log_is_clean() finds it there.

sub _valgrind {
    my $options = $ENV{TEST_NGINX_USE_VALGRIND} or return;

    $options = '--leak-check=full --show-possibly-lost=no --num-callers=50'
        . ' --trace-children=yes --vgdb=no --gen-suppressions=all'
        . ' --suppressions=' . Cwd::getcwd() . '/valgrind.suppress'
        if $options eq '1';

    return qw(valgrind -q), split ' ', $options;
}


sub _zone {
    my ($self) = @_;

    return '' if !defined $self->{redis};

    return "token_revoke_zone zone=edge:$self->{size}"
           . " redis=$self->{redis} $self->{zone};";
}


sub config {
    my ($self) = @_;

    return $self->{conf} if defined $self->{conf};

    my $temp = join "\n    ", map { "${_}_temp_path logs;" }
        qw(client_body proxy fastcgi uwsgi scgi);
    my $check = $self->{check} // 'token_revoke zone=edge;';

    # what the nginx of an upgrade is to know of the environment

    my $env = defined $ENV{ASAN_OPTIONS} ? 'env ASAN_OPTIONS;' : '';

    return <<"_EOC_";
@{[ _module() ]}
$env
daemon $self->{daemon};
pid logs/nginx.pid;
error_log logs/error.log $self->{level};
worker_processes $self->{workers};
$self->{main}
events { worker_connections 512; }
http {
    access_log off;
    $temp
    keepalive_requests 10000000;
    token_revoke_log_level info;
    @{[ $self->_zone ]}
    $self->{http}
    server {
        listen 127.0.0.1:$self->{port};
        location / {
            $check
            $self->{location}
            add_header X-Status \$token_revoke_status always;
            add_header X-Age "\$token_revoke_age" always;
            add_header X-Worker \$pid always;
            empty_gif;
        }
        location = /plain { return 200 "plain\\n"; }
        $self->{server}
    }
}
_EOC_
}


# in one step: nginx may be about to read the one before

sub write_config {
    my ($self) = @_;

    my $file = "$self->{dir}/nginx.conf";

    open my $out, '>', "$file.new" or die "nginx.conf: $!\n";
    print $out $self->config;
    close $out;

    rename "$file.new", $file or die "nginx.conf: $!\n";
}


sub _exec {
    my ($self, @args) = @_;

    open STDIN, '<', '/dev/null';
    open STDOUT, '>>', "$self->{dir}/logs/stderr";
    open STDERR, '>>', "$self->{dir}/logs/stderr";

    no warnings 'exec';
    exec _valgrind(), _binary(), '-p', "$self->{dir}/", '-c', 'nginx.conf',
        '-e', 'logs/error.log', @args;
    POSIX::_exit(127);
}


# "nginx -t": true if it is content; what it said is in stderr_text()

sub test_config {
    my ($self) = @_;

    $self->write_config;

    my $pid = fork;
    $self->_exec('-t') if $pid == 0;
    waitpid $pid, 0;

    return $? == 0;
}


sub stderr_text { _slurp("$_[0]{dir}/logs/stderr") }


# Returns when it accepts connections.

sub start {
    my ($self) = @_;

    $self->write_config;

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        setpgrp 0, 0;
        $self->_exec;
    }

    setpgrp $pid, $pid;
    $groups{$pid} = 1;
    $self->{pid} = $pid;

    $self->_daemon if $self->{daemon} eq 'on';

    my $up = wait_for {
        $self->_gone and return 'gone';
        IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                              PeerPort => $self->{port});
    } $self->{patience};

    die "nginx does not start:\n" . $self->stderr_text . $self->log_text
        if !$up or $up eq 'gone';

    return $self;
}


# Its parent has to have gone, or it ignores USR2: the pid is another then.

sub _daemon {
    my ($self) = @_;

    waitpid $self->{pid}, 0;
    delete $groups{ $self->{pid} };

    # which it writes when its parent has gone

    $self->{pid} = wait_for { _slurp("$self->{dir}/logs/nginx.pid") =~ /^\d+$/m
                              and $& }
        or die "nginx does not start:\n" . $self->stderr_text;

    $groups{ $self->{pid} } = 1;
    $self->{adopted} = 1;
}


sub signal {
    my ($self, $signal) = @_;
    CORE::kill($signal, $self->{pid});
}


# A reload with the configuration as it is now.  Returns when the new workers
# run, and the old ones have been told to leave.

sub reload {
    my ($self) = @_;

    my @before = $self->workers;
    my $started = $self->log_count(qr/start worker process \d/);

    $self->write_config;
    $self->signal('HUP');

    return wait_for {
        $self->log_count(qr/start worker process \d/)
            >= $started + $self->{workers}
        and !grep { !$self->_leaving($_) } @before
    };
}


# true if this worker has been told to leave, or is gone

sub _leaving {
    my ($self, $pid) = @_;

    return !CORE::kill(0, $pid)
        || $self->log_count(qr/ $pid#$pid: gracefully shutting down/);
}


# the processes whose parent is the master, less those whose name is $not

sub workers {
    my ($self) = @_;

    my @pids;

    for my $pid (split ' ',
                 _slurp("/proc/$self->{pid}/task/$self->{pid}/children"))
    {
        my $name = _slurp("/proc/$pid/cmdline");

        # of a process under valgrind this is how valgrind was started

        push @pids, $pid
            if $name =~ /worker process/
               or $name =~ /valgrind/
               and $self->log_count(qr/start worker process $pid$/m);
    }

    return @pids;
}


# A binary upgrade with the configuration as it is now.  Returns the new nginx,
# whose workers run; the old one has its workers, too.

sub upgrade {
    my ($self) = @_;

    my $pidfile = "$self->{dir}/logs/nginx.pid";
    my $started = $self->log_count(qr/start worker process \d/);

    $self->write_config;
    $self->signal('USR2');

    wait_for {
        -e "$pidfile.oldbin"
        and _slurp($pidfile) =~ /^(\d+)$/m
        and $self->log_count(qr/start worker process \d/)
            >= $started + $self->{workers}
    } or die "no new nginx:\n" . $self->log_text;

    return bless { %$self, pid => _slurp($pidfile) + 0 }, ref $self;
}


# Its workers leave, their master stays.

sub winch {
    my ($self) = @_;

    $self->signal('WINCH');

    return wait_for { !$self->workers };
}


# true if the master has gone; whose child it is does not matter

sub _gone {
    my ($self) = @_;

    return waitpid($self->{pid}, POSIX::WNOHANG()) == $self->{pid}
        if !$self->{adopted};

    return _slurp("/proc/$self->{pid}/stat") !~ /^\d+ \(.*\) [^Z]/;
}


# the descriptors of a process, as what they are: what matches

sub descriptors {
    my ($self, $pattern, $pid) = @_;

    $pid //= $self->{pid};

    # one that is closed meanwhile has no name

    return grep { length and /$pattern/ }
        map { readlink // '' } glob "/proc/$pid/fd/*";
}


# QUIT or TERM; the exit status (0 after an upgrade, where nobody knows it), or
# undef if it does not leave

sub stop {
    my ($self, $signal, $seconds) = @_;

    my $pid = $self->{pid} or return;

    $self->signal($signal || 'QUIT');

    wait_for { $self->_gone } $seconds
        or return;

    my $status = $self->{adopted} ? 0 : $?;

    delete $self->{pid};
    delete $groups{$pid} if !-e "$self->{dir}/logs/nginx.pid";

    return $status;
}


# Ends it, and tests that it left as it should and logged nothing it should
# not: what @may match is taken out of the log first.

sub finish {
    my ($self, @may) = @_;

    my $status = $self->stop('QUIT');

    Test::More::is($status, 0, 'nginx left when it was told to');
    $self->log_is_clean(@may);
}


sub log_is_clean {
    my ($self, @may) = @_;

    my @bad = grep {
        my $line = $_;
        $line =~ /\[(?:alert|crit|emerg)\]|open[ ]socket|Sanitizer
                  |^==\d+==/x
            and !grep { $line =~ $_ } @may
    } split /\n/, $self->log_text . $self->stderr_text;

    Test::More::is(join("\n", @bad), '', 'no alert in the error log');
}


sub _slurp {
    my ($file) = @_;

    open my $in, '<', $file or return '';
    local $/;
    return scalar(<$in>) // '';
}


sub log_text { _slurp("$_[0]{dir}/logs/error.log") }

sub log_count {
    my ($self, $pattern) = @_;
    return scalar(() = $self->log_text =~ /$pattern/g);
}

sub wait_log {
    my ($self, $pattern, $seconds, $times) = @_;
    return wait_for { $self->log_count($pattern) >= ($times // 1) } $seconds;
}


# Sends a request for $token (undef: without one), and returns the connection.

sub ask {
    my ($self, $token, $uri) = @_;

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $self->{port})
        or return;

    my $auth = defined $token ? "Authorization: Bearer $token\r\n" : '';

    local $SIG{PIPE} = 'IGNORE';
    $c->printflush('GET ' . ($uri // '/') . " HTTP/1.0\r\nHost: h\r\n"
                   . "$auth\r\n");

    return $c;
}


# A request of which the last byte is missing, so that a worker is held by it,
# and the status that it gets with it.

sub begin {
    my ($self, $token) = @_;

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $self->{port})
        or return;

    # the first request says that a worker has the connection

    $c->printflush("HEAD /plain HTTP/1.1\r\nHost: h\r\n\r\n");
    { local $/ = "\r\n\r\n"; readline $c }

    $c->printflush("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                   . "Authorization: Bearer $token\r\n\r");

    return $c;
}

sub end {
    my ($self, $c) = @_;

    $c->printflush("\n");

    return status_of($self->answer($c));
}


# The whole answer, or '' if none comes in so many seconds.

sub answer {
    my ($self, $c, $seconds) = @_;

    return '' if !$c;

    my $until = Time::HiRes::time() + ($seconds // 10) * $patience;
    my $select = IO::Select->new($c);
    my $text = '';

    while (1) {
        my $left = $until - Time::HiRes::time();
        return '' if $left <= 0 or !$select->can_read($left);
        sysread $c, $text, 65536, length $text or return $text;
    }
}


sub get {
    my ($self, $token, $uri, $seconds) = @_;
    return $self->answer($self->ask($token, $uri), $seconds);
}


# 200, 401, 503, ...; 0 without an answer

sub status {
    my ($self, @args) = @_;
    return status_of($self->get(@args));
}


sub status_of { $_[0] =~ /^HTTP\/1\.\d (\d+)/ ? $1 : 0 }


# what $token_revoke_status says of this token

sub verdict {
    my ($self, @args) = @_;
    return $self->get(@args) =~ /^X-Status: (\S+)\r$/m ? $1 : '';
}


sub plain { $_[0]->get(undef, '/plain', 3) =~ /^plain$/m }


# Asks for many tokens on one connection, and returns how many answers there
# were of each status: { 200 => 3, 401 => 1000 }.

sub statuses {
    my ($self, @tokens) = @_;

    my (%n, $text);

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $self->{port})
        or return {};

    while (my @some = splice @tokens, 0, 500) {
        $c->printflush(join '', map {
            "HEAD / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer $_\r\n\r\n"
        } @some);

        my $left = @some;
        $text = '';

        while ($left) {
            sysread $c, $text, 65536, length $text or return \%n;

            while ($text =~ s/\AHTTP\/1\.1 (\d+).*?\r\n\r\n//s) {
                $n{$1}++;
                $left--;
            }
        }
    }

    return \%n;
}


# Waits until a token is refused by every worker that answers.

sub wait_refused {
    my ($self, $token, $seconds) = @_;
    return wait_for { $self->status($token) == 401 } $seconds;
}


# Waits until the zone has been confirmed once.

sub wait_live {
    my ($self, $seconds) = @_;
    return $self->wait_log(qr/follows log/, $seconds);
}


1;
