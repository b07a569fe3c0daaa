# What is deleted from the log is not lifted: XDEL, XTRIM, DEL, RENAME; and
# what another log says does not count.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();


sub revoke { $redis->cmd('XADD', 'revoked', '*', 'token', $_[0]) }


my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    server => <<'_EOC_')->start;
    location = /soon {
        token_revoke zone=edge;
        token_revoke_max_stale 600ms;
        empty_gif;
    }
_EOC_

my @all;


# a token is revoked, then something happens, then another one is revoked

sub after {
    my ($name, $what) = @_;

    subtest $name => sub {
        my $n = @all;

        my $id = revoke("a-$n");
        ok($nginx->wait_refused("a-$n"), 'a token is refused');

        $what->($id);

        revoke("b-$n");
        ok($nginx->wait_refused("b-$n"), 'what comes later is applied');
        push @all, "a-$n", "b-$n";

        is_deeply($nginx->statuses(@all, 'other'),
                  { 401 => scalar @all, 200 => 1 }, 'no rule is lifted');
        is($nginx->status('other', '/soon'), 200, 'and the edge is fresh');
    };
}


# the edge has seen it: two confirmations later

sub seen {
    my $age = sub { $nginx->get('other') =~ /^X-Age: (\d+)/m ? $1 : -1 };

    for (1 .. 2) {
        my $last = $age->();
        wait_for { my $now = $age->(); my $less = $now < $last; $last = $now;
                   $less };
    }
}


after(XDEL => sub { $redis->cmd('XDEL', 'revoked', $_[0]) });
after('XDEL, seen', sub { $redis->cmd('XDEL', 'revoked', $_[0]); seen() });
after('XTRIM to nothing', sub { $redis->cmd(qw(XTRIM revoked MAXLEN 0)) });
after('XTRIM, seen', sub { $redis->cmd(qw(XTRIM revoked MAXLEN 0)); seen() });
after(DEL => sub { $redis->cmd('DEL', 'revoked') });

my $lost = $nginx->log_count(qr/not the one that was/);

after('DEL, seen', sub {
    $redis->cmd('DEL', 'revoked');
    ok($nginx->wait_log(qr/not the one that was/, 5, $lost + 1), 'reported');
    seen();
});

$lost = $nginx->log_count(qr/not the one that was/);

after('RENAME, seen', sub {
    $redis->cmd('RENAME', 'revoked', 'elsewhere');
    ok($nginx->wait_log(qr/not the one that was/, 5, $lost + 1), 'reported');
});

# a log that begins again with lower IDs

$lost = $nginx->log_count(qr/not the one that was/);
$redis->cmd('DEL', 'revoked');
$redis->cmd('XADD', 'revoked', '5-1', 'token', 'low');
ok($nginx->wait_refused('low'), 'a new log with lower IDs is read');
ok($nginx->wait_log(qr/not the one that was/, 5, $lost + 1), 'and reported');
is_deeply($nginx->statuses(@all), { 401 => scalar @all }, 'the rules are kept');

# entries that Redis counts but has not: XSETID

$redis->cmd('XSETID', 'revoked', '9-0');
seen();
is($nginx->status('other', '/soon'), 200, 'an end without an entry is an end');
$redis->cmd('XADD', 'revoked', '9-1', 'token', 'behind');
ok($nginx->wait_refused('behind'), 'and what comes behind it is applied');

# restore lifts, and is the only one to do so

$redis->cmd('XADD', 'revoked', '10-1', 'token', 'low', 'action', 'restore');
ok(wait_for(sub { $nginx->status('low') == 200 }), 'restore lifts a rule');
is($nginx->status('behind'), 401, 'and no other');

# another log of the same Redis

$redis->cmd('XADD', 'another', '*', 'token', 'foreign');
revoke('own');
ok($nginx->wait_refused('own'), 'our log is followed');
is($nginx->status('foreign'), 200, 'and no other');
$nginx->finish;

for my $log ('another', 'a:b{c}', 'with blank') {
    (my $token = "of-$log") =~ s/[^a-z]/-/g;
    $redis->cmd('XADD', $log, '*', 'token', $token);

    $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                     zone => "\"log=$log\"")->start;

    is($nginx->status($token), 401, "log=$log");
    is($nginx->status('own'), 200, 'and no other');
    like($nginx->log_text, qr/follows log "\Q$log\E"/, 'and it is said which');
    $nginx->finish;
}

done_testing();
