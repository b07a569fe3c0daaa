# Reloads, one after the other and under load, also those that fail when the
# zones have been initialized already: no answer is wrong, and nothing is left
# behind.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use Test::More;

use TokenRevoke::Load;
use TokenRevoke::Nginx qw(wait_for start_redis temp_dir);
use TokenRevoke::Port qw(free_port);

my $redis = start_redis();
my $other = start_redis();


sub revoke {
    my ($redis, @tokens) = @_;
    $redis->cmd('XADD', 'revoked', '*', map { (token => $_) } @tokens);
}


# what the master has open (less channels to its workers) and mapped of ours

sub belongings {
    my ($nginx) = @_;

    open my $in, '<', '/proc/' . $nginx->pid . '/maps' or return;
    my @maps = grep { /memfd:token_revoke:/ } <$in>;

    return sprintf '%d descriptors, %d of zones, %d mappings',
        scalar $nginx->descriptors(qr/^(?!socket:)/),
        scalar $nginx->descriptors(qr/memfd:token_revoke:/), scalar @maps;
}


sub second {
    my ($log) = @_;

    return 'token_revoke_zone zone=second:1m redis=unix:' . $other->socket
        . " log=$log;";
}


revoke($redis, 'bad');
revoke($other, 'worse');

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    workers => 2, http => second('revoked'),
                                    server => <<'_EOC_')->start;
    location = /second { token_revoke zone=second; empty_gif; }
_EOC_

ok($nginx->wait_log(qr/follows log/, 10, 2), 'two zones, two Redis');
is($nginx->status('bad'), 401, 'one has its rules');
is($nginx->status('worse'), 200, 'and not those of the other');
is($nginx->status('worse', '/second'), 401, 'the other has its own');
is($nginx->status('bad', '/second'), 200, 'and no more');

ok($nginx->reload, 'reload');
ok(wait_for(sub { $nginx->workers == 2 }), 'the old workers have left');

my $before = belongings($nginx);

like($before, qr/ 2 of zones, 2 mappings/, 'a descriptor for each zone');

# twenty in a row, each with another max_stale; under valgrind a follower does
# not come to confirm anything before the next one takes over

my $stale = $ENV{TEST_NGINX_USE_VALGRIND} ? 60 : 2;
my $load = TokenRevoke::Load->new(port => $nginx->port)->start;
my @tokens;

for my $i (1 .. 20) {
    push @tokens, "t-$i";
    revoke($redis, $tokens[-1]);
    $nginx->set(location => 'token_revoke_max_stale '
                            . ($stale + $i % 5) . 's;');
    $nginx->write_config;
    $nginx->signal('HUP');
    push @tokens, "u-$i";
    revoke($redis, $tokens[-1]);
    wait_for { $nginx->log_count(qr/reconfiguring$/m) >= $i + 1 };
}

revoke($redis, 'last');
ok($nginx->wait_refused('last'), 'twenty reloads: still following');
is_deeply($nginx->statuses(@tokens), { 401 => scalar @tokens },
          'and nothing was lost');

# two signals at once are one reload or two

for my $i (1 .. 5) {
    $nginx->signal('HUP');
    $nginx->signal('HUP');
    revoke($redis, "twice-$i");
    ok($nginx->wait_refused("twice-$i"), 'HUP, and HUP at once');
}

is($load->wrong('good 200', 'bad 401'), '', 'and all answers were right');

ok(wait_for(sub { belongings($nginx) eq $before and $nginx->workers == 2 }),
   'nothing is left of the older cycles')
    or diag("$before before, " . belongings($nginx));

# those that fail: at the second zone, and behind all of them

my $failed = $nginx->log_count(qr/\[emerg\]/);

for my $i (1 .. 5) {
    $nginx->set(http => second("another-$i"));
    $nginx->write_config;
    $nginx->signal('HUP');
    ok($nginx->wait_log(qr/uses log "another-$i"/), 'the reload fails');
}

# its first zone is new memory when the second one is refused

$nginx->set(size => '8m');
$nginx->write_config;
$nginx->signal('HUP');
ok($nginx->wait_log(qr/uses log "another-5"/, 10, 2), 'and with a new size');

my $port = free_port();
my $taken = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1,
                                  LocalPort => $port);

ok($taken, 'a port is in use');

$nginx->set(http => second('revoked')
                    . " server { listen 127.0.0.1:$port; }");
$nginx->write_config;
$nginx->signal('HUP');
ok($nginx->wait_log(qr/still could not bind/), 'the reload fails');

is(belongings($nginx), $before, 'nothing is left of those that failed');
is($nginx->workers, 2, 'the workers have stayed');

revoke($redis, 'then');
revoke($other, 'then too');
ok($nginx->wait_refused('then'), 'and follow');
is_deeply($nginx->statuses(@tokens, 'good'),
          { 401 => scalar @tokens, 200 => 1 }, 'with all rules');

# "nginx -t" is a process of its own that touches nothing of this

close $taken;
$nginx->set(size => '4m', http => second('revoked'));

my $master = $nginx->pid;
my ($fd) = grep { (readlink // '') =~ /memfd:token_revoke:edge/ }
    glob "/proc/$master/fd/*";


sub content {
    my ($zone, $size) = @_;

    sysseek $zone, 0, 0;
    my $text;

    sysread $zone, $text, $size;
    return $text;
}


# what a test has open is inherited by what it starts

$^F = 1000;
open my $zone, '+<', $fd or die "$fd: $!\n";

my $head = content($zone, 64);
my $whole = content($zone, 8 << 20);

{
    local $ENV{NGINX} = '';
    ok($nginx->test_config, 'nginx -t');
}

is(unpack('H*', content($zone, 64)), unpack('H*', $head),
   'with the descriptor of a running zone');
close $zone;


# a memfd of that name with something in it

sub foreign {
    my ($text, $sealed) = @_;

    my $create = { x86_64 => 319, aarch64 => 279 }->{ (POSIX::uname())[4] }
        or return;

    my $name = 'token_revoke:edge';
    my $fd = syscall $create, $name, 2;           # MFD_ALLOW_SEALING

    return if $fd < 0;

    open my $file, '+<&=', $fd;
    syswrite $file, $text, length $text;
    fcntl $file, 1033, 2 if $sealed;              # F_ADD_SEALS, F_SEAL_SHRINK

    return $file;
}


# an nginx that is started with it goes on with what is right in all respects

my $layout = $whole;
substr $layout, 0, 1, chr(1 ^ ord $whole);

for my $case (
    [ 'a zone that was handed down', 1, $whole, 1, 1 ],
    [ 'one that lies about',         0, $whole, 1, 0 ],
    [ 'one that can be cut short',   1, $whole, 0, 0 ],
    [ 'one that was cut short',      1, substr($whole, 0, 1 << 20), 1, 0 ],
    [ 'another layout',              1, $layout, 1, 0 ],
    [ 'no zone at all',              1, 'x' x 65536, 1, 0 ],
    [ 'an empty one',                1, '', 1, 0 ],
) {
    my ($name, $handed, $text, $sealed, $right) = @$case;

  SKIP: {
        my $file = foreign($text, $sealed)
            or skip 'memfd_create() cannot be called', 6;

        my $started = TokenRevoke::Nginx->new(
            redis => 'unix:' . $redis->socket);

        {
            local $ENV{NGINX} = '';
            delete $ENV{NGINX} if !$handed;
            $started->start;
        }

        # the writer of the copy is that of the zone, which does not leave

        ok($right || $started->wait_live, $name);
        is($started->log_count(qr/goes on with the rules of before/), $right,
           $right ? 'is used' : 'is not');
        is_deeply($started->statuses('bad', @tokens, 'good'),
                  { 401 => 1 + @tokens, 200 => 1 },
                  'it has the rules of the log');
        $started->finish;

        ok(content($file, 8 << 20) eq $text, 'that memory was left alone')
            if !$right;
    }
}

$nginx->finish(qr/uses log "another|bind\(\)/);

done_testing();
