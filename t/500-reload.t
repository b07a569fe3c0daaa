# A reload keeps the rules, and following goes on where it was: nothing is
# read twice, nothing is lost, and one connection to Redis is left.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();


sub revoke { $redis->cmd('XADD', 'revoked', '*', map { (token => $_) } @_) }


# connections of edges: all but ours

sub followers {
    return scalar grep { /\bcmd=(?:xread|xinfo)/ }
        split /\n/, $redis->cmd('CLIENT', 'LIST');
}


my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    workers => 2)->start;

ok($nginx->wait_live, 'live');

revoke(map { "before-$_" } 1 .. 50);
ok($nginx->wait_refused('before-50'), 'a rule is applied');

# MONITOR shows what is asked after the reload

my $monitor = IO::Socket::UNIX->new(Peer => $redis->socket);
$monitor->printflush("MONITOR\r\n");
is(scalar <$monitor>, "+OK\r\n", 'every command is seen');

ok($nginx->reload, 'reload');
ok($nginx->wait_log(qr/follows log/, 5, 2), 'the new worker follows');

is($nginx->status('before-1'), 401, 'a rule is kept');
is_deeply($nginx->statuses((map { "before-$_" } 1 .. 50), 'other'),
          { 401 => 50, 200 => 1 }, 'all of them, and no more');

revoke('after');
ok($nginx->wait_refused('after', 2), 'and what comes later is applied');

my $asked = '';

$monitor->blocking(0);
wait_for {
    sysread $monitor, $asked, 65536, length $asked;
    $asked =~ /"after"/;
};
close $monitor;

like($asked, qr/"XREAD"/, 'the log was asked for');
unlike($asked, qr/"XREAD".*"0(?:-0)?"\r$/m, 'not from its start');

# many reloads, one after the other, while tokens are revoked

my @tokens;

for my $i (1 .. 10) {
    push @tokens, "early-$i";
    revoke($tokens[-1]);
    $nginx->write_config;
    $nginx->signal('HUP');
    push @tokens, "late-$i";
    revoke($tokens[-1]);
    wait_for { $nginx->log_count(qr/reconfiguring$/m) >= $i + 1 };
}

revoke('last');
ok($nginx->wait_refused('last'), 'ten reloads: still following');
is_deeply($nginx->statuses(@tokens), { 401 => scalar @tokens },
          'and nothing was lost');

ok(wait_for(sub { $nginx->workers == 2 }), 'the old workers have gone');
ok(wait_for(sub { followers() == 1 }), 'one of the new ones follows');

# another size is other memory, which learns what the log holds

$nginx->set(size => '8m');
my $live = $nginx->log_count(qr/follows log/);
ok($nginx->reload, 'reload with another size');
is($nginx->status('before-1'), 401, 'a request waits for the first sync');
ok($nginx->wait_log(qr/follows log/, 5, $live + 1), 'it is live again');
is_deeply($nginx->statuses(@tokens, 'other'),
          { 401 => scalar @tokens, 200 => 1 }, 'with all rules');

# another log is another set of rules: refused, and the old one stays

$nginx->set(zone => 'log=another');
$nginx->write_config;
$nginx->signal('HUP');

my $refusal = '[emerg]...: token_revoke_zone "edge" uses log "another" while'
    . ' previously it used log "revoked"';
$refusal = join '.*', map { quotemeta } split /\.\.\./, $refusal;

ok($nginx->wait_log($refusal),
   'another log is refused, and both are named');

$nginx->set(zone => '');
revoke('still');
ok($nginx->wait_refused('still'), 'and the old one is followed');

# what a reload may change

my $other = start_redis(port => 1, password => 'secret');
$other->cmd('XADD', 'revoked', '99999999999999-1', 'token', 'elsewhere');

$live = $nginx->log_count(qr/follows log/);
$nginx->set(redis => 'redis://:secret@127.0.0.1:' . $other->port);
ok($nginx->reload, 'reload with another Redis');
ok($nginx->wait_refused('elsewhere'), 'it is followed');
is($nginx->status('still'), 401, 'and the rules are kept');
is(followers(), 0, 'the other one is left');

$nginx->finish(qr/uses log "another"/);

done_testing();
