package TokenRevoke;

# Test::Nginx::Socket for this project.  A test file begins with
#
#     use lib 't/lib';
#     use TokenRevoke;
#
#     run_tests();
#
#     __DATA__
#
# and has a server root, ports and a Redis of its own, so that files can run
# side by side ("prove -j"), as root or not; all of it is gone when it ends
# (TEST_NGINX_NO_CLEAN=1 keeps it).  The plan is "no_plan".
#
# What every block gets:
#
#   load_module         of build/ngx_http_token_revoke_module.so, or of
#                       $TEST_NGINX_TOKEN_REVOKE_MODULE ("" loads none)
#   --- http_config     default_http_config(), if its config has "zone=edge"
#                       and it has no http_config of its own
#   --- no_error_log    [alert] [crit] [emerg], besides its own; less those
#                       that its error_log or may_log names, and less [emerg]
#                       if it must_die
#   --- no_shutdown_error_log   "open socket" and [alert], the same way
#
# Sections of our own:
#
#   --- redis           a line is a command, in words quoted as for a shell:
#                       run when nginx is up, before the first request.  With
#                       "eval" and an array: before the first, second, ...
#                       request.  Then after_redis() is called; by default
#                       it waits until the edge has all of it: see confirmed()
#   --- redis_before    the same, before nginx is started
#   --- refused         what nginx says when it does not start, in one line that
#                       may be folded here: must_die and error_log, and an
#                       empty config unless there is one
#   --- may_log         levels that this block may log: alert crit emerg
#
# A config that names $TEST_NGINX_REDIS_SOCKET has Redis started for it, once:
# after redis_stop() only redis_start() starts it again.  Blocks are run in any
# order, so each begins with an empty Redis, unless keep_redis() was called or
# nginx is only reloaded (TEST_NGINX_USE_HUP=1).

use strict;
use warnings;

use Cwd ();
use File::Path ();
use File::Spec ();
use File::Temp ();
use Text::ParseWords ();
use Time::HiRes ();

use TokenRevoke::Port qw(free_port);
use TokenRevoke::Redis;

my ($tmp, $owner, $redis, $redis_seen);


# What is written first ends last: nginx is stopped before its files go.

END {
    local $?;

    if (defined $tmp && $owner == $$) {
        if ($ENV{TEST_NGINX_NO_CLEAN}) {
            print STDERR "# kept: $tmp\n";

        } else {
            File::Path::remove_tree($tmp);
        }
    }
}


# Test::Nginx reads its environment when it is loaded.

BEGIN {
    $owner = $$;
    $tmp = File::Temp::tempdir('token-revoke-XXXXXXXX', TMPDIR => 1)
        unless $^C;
    $tmp = '/nonexistent' if $^C;
    chmod 0755, $tmp;

    mkdir "$tmp/redis";

    my $module = $ENV{TEST_NGINX_TOKEN_REVOKE_MODULE}
        // Cwd::getcwd() . '/build/ngx_http_token_revoke_module.so';

    die "$module is not there: make module\n"
        if $module ne '' && !-f $module && !$^C;

    $ENV{TEST_NGINX_LOAD_MODULES} = join ' ', grep { defined && $_ ne '' }
        $ENV{TEST_NGINX_LOAD_MODULES}, $module;

    delete $ENV{TEST_NGINX_RANDOMIZE};         # all of it is private anyway

    $ENV{TEST_NGINX_SERVROOT} = "$tmp/servroot";
    $ENV{TEST_NGINX_SERVER_PORT} = $^C ? 1 : free_port();
    $ENV{TEST_NGINX_REDIS_SOCKET} = "$tmp/redis/redis.sock";
    $ENV{TEST_NGINX_TMP} = $tmp;

    # nginx is in the path of root only

    $ENV{TEST_NGINX_BINARY} ||= (grep { -x } map { "$_/nginx" }
        File::Spec->path, '/usr/local/sbin', '/usr/sbin')[0] // 'nginx';

    # settings of the machine have no say in a test

    delete @ENV{qw(http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
                   all_proxy ALL_PROXY REDISCLI_AUTH)};
}

use Test::Nginx::Socket;

our @EXPORT = qw(
    redis redis_start redis_stop redis_kill keep_redis start_redis free_port
    wait_for wait_for_log default_http_config after_redis error_log_text
    confirmed
);

my $http_config = <<'_EOC_';
    token_revoke_zone  zone=edge:4m redis=unix:$TEST_NGINX_REDIS_SOCKET;
_EOC_

my $after_redis = sub { confirmed(zones_of($_[0])) };


# The test file gets what Test::Nginx::Socket exports, and then ours.

sub import {
    my $caller = caller;

    eval "package $caller; Test::Nginx::Socket->import('no_plan'); 1"
        or die $@;

    no strict 'refs';

    *{"${caller}::$_"} = \&{"TokenRevoke::$_"} for @EXPORT;
}


# the Redis of this file

sub _redis {
    $redis ||= TokenRevoke::Redis->new(dir => "$tmp/redis");
    return $redis;
}


# Starts it, again after redis_stop().  Its log and data are in a directory
# that stays, but nothing is written there unless CONFIG SET or "conf" says so.

sub redis_start {
    $redis_seen = 1;
    return _redis()->start;
}


sub redis_stop { _redis()->stop }
sub redis_kill { _redis()->kill }


# One command to it, see TokenRevoke::Redis::cmd().

sub redis {
    my (@words) = @_;

    redis_start() unless $redis_seen;

    return _redis()->cmd(@words);
}


# Another one: start_redis(port => 1, password => 'secret', conf => [...]).

sub start_redis {
    my (%o) = @_;

    my $dir = File::Temp::tempdir('redis-XXXXXX', DIR => $tmp);

    return TokenRevoke::Redis->new(dir => $dir, %o)->start;
}


# Asks every 2 ms until the answer is true, and returns it; after so many
# seconds the last answer, which is false.  A test waits for what it waits
# for, and never for a time.  Valgrind has more time.

sub wait_for (&;$) {
    my ($condition, $seconds) = @_;

    my $patience = $ENV{TEST_NGINX_USE_VALGRIND} ? 10 : 1;
    my $until = Time::HiRes::time() + ($seconds // 5) * $patience;

    while (1) {
        my $answer = $condition->();
        return $answer if $answer or Time::HiRes::time() > $until;
        Time::HiRes::sleep(0.002);
    }
}


# what nginx has written to error.log since it was started

sub error_log_text {
    open my $in, '<', server_root() . '/logs/error.log' or return '';
    local $/;
    return scalar <$in>;
}


sub wait_for_log {
    my ($pattern, $seconds) = @_;

    return wait_for { error_log_text() =~ $pattern } $seconds;
}


# The http_config of blocks that have none, but "zone=edge" in their config.

sub default_http_config {
    ($http_config) = @_ if @_;
    return $http_config;
}


# The zones of a block that follow the Redis of this file: name => log.

sub zones_of {
    my ($block) = @_;

    my $text = $block->http_config // '';
    my %zones;

    while ($text =~ /^\s*token_revoke_zone\s([^;]*);/mg) {
        my $zone = $1;

        $zone =~ /\bredis=unix:\$TEST_NGINX_REDIS_SOCKET(?!\S)/ or next;
        my ($name) = $zone =~ /\bzone=([^:\s]+):/ or next;
        my ($log) = $zone =~ /\blog=(\S+)/;

        $zones{$name} = $log // 'revoked';
    }

    return %zones;
}


# Returns when each of these zones, name => log, has confirmed what its log
# holds now.  nginx says so at debug level, which Test::Nginx asks for.

sub confirmed {
    my (%zones) = @_;

    for my $name (sort keys %zones) {
        my $info = eval { redis('XINFO', 'STREAM', $zones{$name}) };

        next if !$info and $@ =~ /no such key/;
        die $@ if $@;

        my $id = { @$info }->{'last-generated-id'};

        wait_for_log(qr/zone "\Q$name\E" is confirmed up to $id$/m)
            or Test::More::fail("zone \"$name\" has not confirmed $id");
    }
}


# What is called when the commands of a block's redis section have been run,
# instead of waiting for its zones.

sub after_redis (&) {
    ($after_redis) = @_;
}


sub _run_redis {
    my ($text) = @_;

    return if !defined $text or $text !~ /\S/;

    for my $line (split /\n/, $text) {
        next if $line =~ /^\s*(?:#|$)/;
        redis(Text::ParseWords::shellwords($line));
    }
}


# the commands of section $name of a block that come before request $i

sub _redis_of {
    my ($block, $name, $i) = @_;

    my $text = $block->$name;

    return ref $text eq 'ARRAY' ? $text->[$i] : $i == 0 ? $text : undef;
}


my $current;                 # the block that is run


sub _before_request {
    my ($i) = @_;

    my $text = _redis_of($current, 'redis', $i);

    return if !defined $text;

    _run_redis($text);
    $after_redis->($current);
}


my $keep;


# Redis keeps what it has from block to block.

sub keep_redis { $keep = 1 }


# called by Test::Nginx, see _block()

sub before_start {
    if (!$keep and !$Test::Nginx::Util::UseHup and _redis()->pid) {
        my $keys = redis('KEYS', '*');
        redis('DEL', @$keys) if @$keys;
    }

    _run_redis(_redis_of($current, 'redis_before', 0));
}

sub before_first_request { _before_request(0) }


# the patterns of a section of Test::Nginx, as a list

sub _patterns {
    my ($value) = @_;

    return () if !defined $value;
    return @$value if ref $value eq 'ARRAY';
    return $value if ref $value;
    return grep { $_ ne '' } split /\n/, $value;
}


# the section with the defaults added that the block does not ask for

sub _forbid {
    my ($block, $name, @defaults) = @_;

    my @own = _patterns($block->$name);
    my $wanted = join "\n", _patterns($block->error_log),
        _patterns($block->shutdown_error_log),
        map { "[$_]" } split ' ', $block->may_log // '';

    $wanted .= '[emerg]' if defined $block->must_die;

    my @added = grep {
        my $default = $_;
        index($wanted, $default) < 0 and !grep { $_ eq $default } @own
    } @defaults;

    $block->set_value($name, [@own, @added]) if @own or @added;
}


sub _refused {
    my ($block) = @_;

    my $text = join ' ', split /\s*\n\s*/, $block->refused;

    $block->set_value('config', '') if !defined $block->config;
    $block->set_value('must_die', '');
    $block->set_value('error_log', [$text]);
}


sub _block {
    my ($block) = @_;

    $current = $block;

    _refused($block) if defined $block->refused;

    $block->set_value('http_config', $http_config)
        if !defined $block->http_config
           and ($block->config // '') =~ /\bzone=edge\b/;

    _forbid($block, 'no_error_log', '[alert]', '[crit]', '[emerg]');
    _forbid($block, 'no_shutdown_error_log', 'open socket', '[alert]');

    # nginx says why it does not start, and Test::Nginx warns of what is said
    # unless it is expected

    if (defined $block->must_die) {
        $block->set_value('suppress_stderr', '');
        $block->set_value('error_log', [_patterns($block->error_log),
                                        '[emerg]'])
            if defined $block->error_log
               and index(join("\n", _patterns($block->error_log)), '[emerg')
                   < 0;
    }

    my $all = join '', map { $block->$_ // '' }
                           qw(main_config http_config config);

    redis_start() if !$redis_seen and $all =~ /\$\{?TEST_NGINX_REDIS_SOCKET\b/;

    $block->set_value('post_setup_server_root',
                      'TokenRevoke::before_start();'
                      . ($block->post_setup_server_root // ''));

    $block->set_value('init', 'TokenRevoke::before_first_request();'
                              . ($block->init // ''))
        if defined $block->redis;
}


add_block_preprocessor(\&_block);

# the answer to request $i has come: what belongs before the next one

add_response_body_check(sub {
    my ($block, $body, $i) = @_;

    _before_request($i + 1);
});

master_on();
no_root_location();


1;
