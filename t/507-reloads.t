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

# twenty in a row, each with another max_stale

my $load = TokenRevoke::Load->new(port => $nginx->port)->start;
my @tokens;

for my $i (1 .. 20) {
    push @tokens, "t-$i";
    revoke($redis, $tokens[-1]);
    $nginx->set(location => 'token_revoke_max_stale ' . (2 + $i % 5) . 's;');
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

my $master = $nginx->pid;
my ($fd) = grep { (readlink // '') =~ /memfd:token_revoke:edge/ }
    glob "/proc/$master/fd/*";


sub head_of_zone {
    my ($zone) = @_;
    sysseek $zone, 0, 0;
    sysread $zone, my $head, 64;
    return unpack 'H*', $head;
}


SKIP: {
    # the test's own descriptor is inherited by what it starts

    local $^F = 1000;
    open my $zone, '+<', $fd or skip 'the memory cannot be opened', 2;

    my $head = head_of_zone($zone);

    local $ENV{NGINX} = '';
    ok($nginx->test_config, 'nginx -t');
    is(head_of_zone($zone), $head, 'with the descriptor of a running zone');
    close $zone;
}

# an nginx that is started with somebody's memory of that name

SKIP: {
    my $create = { x86_64 => 319, aarch64 => 279 }->{ (POSIX::uname())[4] }
        or skip 'the number of memfd_create() is not known', 5;

    my $name = 'token_revoke:edge';
    my $foreign = syscall $create, $name, 2;      # MFD_ALLOW_SEALING

    skip 'no memfd_create()', 5 if $foreign < 0;

    open my $file, '+<&=', $foreign;
    syswrite $file, "\xff" x 65536;

    my $second = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket);

    for my $inherited (0, 1) {
        local $ENV{NGINX} = '';
        delete $ENV{NGINX} if !$inherited;

        $second->start;
        ok($second->wait_live, $inherited ? 'handed down' : 'lying about');
        is($second->status('bad'), 401, 'it has the rules of the log');
        $second->finish;
    }

    sysseek $file, 0, 0;
    sysread $file, my $text, 65537;
    is($text, "\xff" x 65536, 'and has left that memory alone');
}

$nginx->finish(qr/uses log "another|bind\(\)/);

done_testing();
