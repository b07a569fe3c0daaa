# A zone with another size is other memory.  Until it has learnt what the log
# holds, the rules of before decide: a revoked token is never passed, a good
# one never refused, and nobody waits.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Load;
use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();


sub revoke { $redis->cmd('XADD', 'revoked', '*', map { (token => $_) } @_) }

sub live { $_[0]->log_count(qr/follows log/) }

sub memories { scalar $_[0]->descriptors(qr/memfd:token_revoke:/) }


revoke('bad');
revoke(map { "many-$_" } 1000 * $_ + 1 .. 1000 * $_ + 1000) for 0 .. 19;

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    workers => 2, server => <<'_EOC_')->start;
    location = /strict {
        token_revoke zone=edge;
        token_revoke_strict on;
        token_revoke_wait 50ms;
        empty_gif;
    }
_EOC_

ok($nginx->wait_live, 'live');
is(memories($nginx), 1, 'the master has a descriptor of the zone');
is(scalar(map { $nginx->descriptors(qr/memfd:/, $_) } $nginx->workers), 0,
   'and the workers have none');

# under load, larger and smaller

my $load = TokenRevoke::Load->new(port => $nginx->port)->start;

for my $size (qw(8m 3m 16m 4m)) {
    my $live = live($nginx);

    $nginx->set(size => $size);
    ok($nginx->reload, "$size: reload");
    ok(wait_for(sub { live($nginx) > $live }), 'it is live again');
    is_deeply($nginx->statuses('bad', 'many-1', 'many-20000', 'good'),
              { 401 => 3, 200 => 1 }, 'with all rules');
}

is($load->wrong('good 200', 'bad 401'), '', 'and all answers were right');

ok($nginx->reload, 'one more reload');
ok(wait_for(sub { memories($nginx) == 1 }), 'gives the old memory back');

# Redis is not there: the old rules decide, through reloads that follow

$redis->cmd('XADD', 'revoked', '*', 'sub', 'alice', 'before', 'always');
my $alice = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.';
my $bob = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.';

ok($nginx->wait_refused($alice), 'a rule of another shape');
is($nginx->status($bob), 200, 'which others pass');

my $frozen = live($nginx);

$redis->freeze;
$nginx->set(size => '8m');
ok($nginx->reload, 'another size, and Redis does not answer');

for my $i (1 .. 2) {
    is_deeply($nginx->statuses('bad', 'many-20000', $alice, $bob, 'good'),
              { 401 => 3, 200 => 2 }, 'the rules of before decide');
    like($nginx->get('good'), qr/^X-Age: \d+\r$/m, 'with their age');
    ok($nginx->reload, 'reload');
}

is($nginx->status('good', '/strict'), 503, 'but not where it is strict');
is($nginx->status('bad', '/strict'), 401, 'unless they refuse');

$nginx->set(size => '12m');
ok($nginx->reload, 'yet another size');
is_deeply($nginx->statuses('bad', 'many-20000', $alice, $bob, 'good'),
          { 401 => 3, 200 => 2 }, 'the rules of before decide');
is(live($nginx), $frozen, 'nothing was confirmed');

# an old worker that is held by a connection has the old memory

my @kept = map { $nginx->begin($_) } 'bad', 'good';

$nginx->set(size => '10m');
ok($nginx->reload, 'a connection is kept over a change of size');
is(join(' ', map { $nginx->end($_) } @kept), '401 200',
   'the old worker answers, and rightly');

# too old: wait for what is to come, but not with each of the many

$nginx->set(location =>
            'token_revoke_max_stale 200ms; token_revoke_wait 10ms;');
ok($nginx->reload, 'a smaller max_stale');
is($nginx->status('bad'), 401, 'a revoked token is refused');
ok(wait_for(sub { $nginx->status('good') == 503 }),
   'a good one has waited for nothing');

is_deeply($nginx->statuses(($alice) x 20), { 401 => 20 },
          'claims of before are not those of after') for 1 .. 4;

$nginx->set(location =>
            'token_revoke_max_stale 200ms; token_revoke_wait 20s;');
ok($nginx->reload, 'and time to wait');

my $waits;

ok(wait_for(sub {
    $waits = $nginx->ask('good');
    !IO::Select->new($waits)->can_read(0.05);
}), 'one waits');
revoke_later();
is(TokenRevoke::Nginx::status_of($nginx->answer($waits)), 200,
   'and is answered when the new rules are there');
ok($nginx->wait_refused('later'), 'which go on');
is_deeply($nginx->statuses('bad', 'many-20000', $alice, $bob, 'good'),
          { 401 => 3, 200 => 2 }, 'and are complete');


sub revoke_later {
    $redis->thaw;
    revoke('later');
}


# another log is another set of rules, whatever the size

$nginx->set(size => '5m', zone => 'log=another');
$nginx->write_config;
$nginx->signal('HUP');
ok($nginx->wait_log(qr/"edge" uses log "another" while previously it used log/),
   'another log is refused, also with another size');
is($nginx->status('bad'), 401, 'and nothing has changed');

$nginx->finish(qr/uses log "another"/);

done_testing();
