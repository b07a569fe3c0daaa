# What operators are told in Redis: which edges follow the log and how far they
# are, and that an entry is in force.  A real edge, and the real command.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP ();
use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);
use TokenRevoke::Token qw(jws);

my $redis = start_redis(port => 1);
my $url = 'redis://127.0.0.1:' . $redis->port;


# what the edges say, by their ids

sub edges {
    my %edges = @{$redis->cmd('HGETALL', '{revoked}:edges')};
    $_ = JSON::PP->new->decode($_) for values %edges;
    return \%edges;
}


# of the only one, when it says so

sub edge {
    my ($says) = @_;

    my $edge;

    wait_for { ($edge) = values %{edges()}; $edge && $says->($edge) };

    return $edge;
}


# that were made to Redis so far

sub connections {
    my ($n) = $redis->cmd('INFO', 'stats') =~ /^total_conn\w+:(\d+)/m;
    return $n;
}


sub command {
    my ($in, @args) = @_;

    local $ENV{TOKEN_REVOKE_REDIS} = $url;

    my $pid = open(my $out, '-|') // die;

    if (!$pid) {
        open STDERR, '>&', \*STDOUT or die;
        open STDIN, '<', '/dev/null' or die;
        exec 'build/token-revoke', @args or exit 126;
    }

    my $text = do { local $/; <$out> };
    close $out;

    return ($? >> 8, $text);
}


my $nginx = TokenRevoke::Nginx->new(redis => $url, workers => 2,
    location => 'token_revoke_attribute device $arg_d;',
    server => 'location /dry { token_revoke zone=edge;'
              . ' token_revoke_dry_run on; }')->start;

my $edge = edge(sub { $_[0]{state} eq 'live' });
my ($id) = keys %{edges()};

is($edge->{state}, 'live', 'an edge registers');
like($id, qr{^[^ /]+/edge/[0-9a-f]{8}$}, "as $id");
is($edge->{log}, 'revoked', 'with its log');
is($edge->{version}, '0.1', 'and version');
is($edge->{applied}, '0-0', 'nothing is applied');
is_deeply($edge->{attributes}, ['device'], 'its attributes');
ok($edge->{dry_run}, 'and that some location only records');
ok(abs($edge->{time} / 1000 - time) < 10, 'when it said so');
is_deeply($edge->{reports}, [], 'nothing has to be looked at');

# rules, and tokens that they could match

my ($status, $text) = command('', qw(add sub alice iss i --create --yes
                                     --wait=20));
is($status, 0, 'a rule is added, and waited for') or diag($text);
like($text, qr/enforced on 1 of 1 registered edges?/, 'one edge says so');
is($redis->cmd('TTL', $_) > 0, 1, 'the answer expires')
    for @{$redis->cmd('KEYS', '{revoked}:ack:*')};

$edge = edge(sub { $_[0]{rules} == 1 });
is($edge->{rules}, 1, 'one rule');
isnt($edge->{applied}, '0-0', 'and what is applied');
is($edge->{retain}, 0, 'for ever');
is_deeply([map { $_->{match} } @{$edge->{shapes}}], ['iss+sub'],
          'the names that rules have');

my $jwt = jws('{"sub":"bob","iss":"i","iat":1750000000}');

is($nginx->status($jwt), 200, 'somebody else') for 1 .. 3;


# a worker adds up what it has counted when a request comes in another second

sub shape {
    $nginx->status('opaque') for 1 .. 8;
    my ($shape) = grep { $_->{match} eq 'iss+sub' } @{$_[0]{shapes}};
    return $shape;
}


$edge = edge(sub { (shape(@_) || { tokens => 0 })->{tokens} == 3 });

is(shape($edge)->{tokens}, 3, 'tokens that had both claims');
cmp_ok($edge->{tokens}, '>', 3, 'of all that were looked up');
cmp_ok($edge->{undated}, '>', 0, 'and the share without issue time');

# an entry that is refused

my $nonce = 'test-nonce_1';

$redis->cmd('XADD', 'revoked', '*', 'ack', $nonce, map { ("c$_" => 1) } 1 .. 9);
ok(wait_for(sub { $redis->cmd('LLEN', "{revoked}:ack:$nonce") }), 'an answer');
is_deeply($redis->cmd('LRANGE', "{revoked}:ack:$nonce", 0, -1),
          ["$id refused"], 'that it is refused');

$edge = edge(sub { @{$_[0]{reports}} });
is_deeply($edge->{reports}, ['refused'], 'which is shown');

# nothing of it is applied, either, when its ORs are multiplied

$redis->cmd('XADD', 'revoked', '*', 'ack', 'many',
            map { (sub => "s$_", iss => "i$_") } 1 .. 300);
ok(wait_for(sub { $redis->cmd('LLEN', '{revoked}:ack:many') }), 'too many');
is_deeply($redis->cmd('LRANGE', '{revoked}:ack:many', 0, -1),
          ["$id refused"], 'are refused');

$redis->cmd('XADD', 'revoked', '*', "c$_" => '', action => 'x') for 1 .. 3;
my @last = map { $_->[0] } reverse
    @{$redis->cmd('XREVRANGE', 'revoked', '+', '-', 'COUNT', 4)};

$edge = edge(sub { $_[0]{refused} == 5 });
is_deeply($edge->{refused_ids}, \@last, 'the last four are named');

($status, $text) = command('', 'edges');
is($status, 0, 'token-revoke edges');
like($text, qr/\Q$id\E/, 'shows the edge') or diag($text);
like($text, qr/refused, not applied: @last\b/m,
     'and what has to be looked at') or diag($text);

($status, $text) = command('', qw(accept --wait=20));
is($status, 0, 'token-revoke accept') or diag($text);
$edge = edge(sub { !@{$_[0]{reports}} });
is_deeply($edge->{reports}, [], 'it is accepted');

# many at once: more answers than are taken in a turn, over one connection

my $connections = connections();
my $end = $redis->cmd('EVAL', q(local id
    for i = 1, 60 do
        id = redis.call('XADD', KEYS[1], '*', 'token', 't', 'ack', 'once-' .. i)
    end
    return id), 1, 'revoked');

$edge = edge(sub { $_[0]{applied} eq $end });
is(scalar @{$redis->cmd('KEYS', '{revoked}:ack:once-*')}, 60, '60 answers');

my $time = $edge->{time};
edge(sub { $_[0]{time} > $time });
is(connections(), $connections, 'and no connection was lost on the way');

# its name stays for the life of the zone, a loss is shown

ok($nginx->reload, 'a reload');
$redis->cmd('DEL', '{revoked}:edges');
edge(sub { $_[0]{state} eq 'live' });
is_deeply([keys %{edges()}], [$id], 'the same edge');

$redis->cmd('DEL', 'revoked');
$redis->cmd('XADD', 'revoked', '1-1', 'token', 'x');
$edge = edge(sub { @{$_[0]{reports}} });
is_deeply($edge->{reports}, ['loss'], 'a loss is shown');

$nginx->finish;

# a name of one's own, and a user who may not write

$redis->cmd('ACL', 'SETUSER', 'reader', 'on', '>secret', '~revoked', '-@all',
            '+xread', '+xrange', '+xinfo|stream', '+info', '+time');

$nginx = TokenRevoke::Nginx->new(
    redis => 'redis://reader:secret@127.0.0.1:' . $redis->port,
    zone => 'edge=ams-3')->start;

ok($nginx->wait_live, 'an edge that may only read follows');
ok($nginx->wait_log(qr/\[warn\].*cannot register .*NOPERM.* edge "ams-3"/),
   'and says that it is not seen');
is($nginx->log_count(qr/cannot register/), 1, 'once');
$redis->cmd('XADD', 'revoked', '*', 'token', 'y', 'ack', 'n');
ok($nginx->wait_refused('y'), 'it goes on following');
is($nginx->log_count(qr/\[warn\]/), $nginx->log_count(qr/cannot reg|keeps no/),
   'without another line');
$nginx->finish;

# the user of the documentation may

$redis->cmd('ACL', 'SETUSER', 'edge', 'on', '>secret', 'resetkeys',
            '%R~revoked', '%RW~{revoked}:*', '-@all', '+xread', '+xrange',
            '+xinfo|stream', '+info', '+time', '+hset', '+rpush', '+expire',
            '+multi', '+exec');

$redis->cmd('DEL', '{revoked}:edges');

$nginx = TokenRevoke::Nginx->new(
    redis => 'redis://edge:secret@127.0.0.1:' . $redis->port,
    zone => 'edge=ams-3 retain=1h')->start;

$edge = edge(sub { $_[0]{state} eq 'live' });
is_deeply([keys %{edges()}], ['ams-3'], 'edge= names it');
is($edge->{retain}, 3600, 'how long it keeps what has no end');

($status, $text) = command('', qw(add token), 'a' x 64, '--wait=20');
is($status, 0, 'it answers') or diag($text);
like($text, qr/enforced on 1 of 1/, 'by its name') or diag($text);

# from a replica the master is written to

$redis->cmd('CONFIG', 'SET', 'repl-diskless-sync-delay', 0);

my $replica = start_redis(port => 1, conf => [
    '--replicaof', '127.0.0.1 ' . $redis->port]);

wait_for { $replica->cmd('XLEN', 'revoked') };
$nginx->finish;
$redis->cmd('DEL', '{revoked}:edges');

$nginx = TokenRevoke::Nginx->new(
    redis => 'redis://127.0.0.1:' . $replica->port, zone => 'edge=far')->start;

$edge = edge(sub { $_[0]{state} eq 'live' });
is_deeply([keys %{edges()}], ['far'], 'an edge that follows a replica');

($status, $text) = command('', qw(add token), 'b' x 64, '--wait=20');
is($status, 0, 'answers') or diag($text);

$nginx->finish;

done_testing();
