# Redis Sentinel: where the master is now, also when the one that is followed
# was deposed and does not know it yet.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for);
use TokenRevoke::Port qw(free_port);
use TokenRevoke::Sentinel;

my $s = TokenRevoke::Sentinel->new(sentinels => 3, replicas => 2);
my $hosts = $s->hosts;
my $dead = '127.0.0.1:' . free_port();
my $master = $s->master;

$master->cmd('XADD', 'revoked', '*', 'token', 'bad');


sub edge {
    my ($url, %o) = @_;

    return TokenRevoke::Nginx->new(redis => $url, %o)->start;
}


subtest 'the master is found' => sub {
    my $nginx = edge("redis+sentinel://$hosts/main");

    is($nginx->status('bad'), 401, 'what is revoked is refused');
    is($nginx->status('good'), 200, 'and nothing else');
    is($nginx->log_count(qr/cannot follow/), 0, 'without a line too many');
    $nginx->finish;
};


subtest 'the first Sentinel is dead' => sub {
    my $nginx = edge("redis+sentinel://$dead,$hosts/main");

    is($nginx->status('bad'), 401, 'the next one is asked');
    is($nginx->log_count(qr/cannot follow/), 0, 'which is not worth a line');
    $nginx->finish;
};


sub absent {
    my ($name, $url, $reason) = @_;

    subtest $name => sub {
        my $nginx = edge($url, location => 'token_revoke_wait 0;');

        ok($nginx->wait_log(qr/cannot follow .*: $reason; nothing is/),
           'it is said') or diag $nginx->log_text;
        is($nginx->status('bad'), 503, 'on_error decides');
        is($nginx->log_count(qr/cannot follow/), 1, 'in one line');
        $nginx->finish;
    };
}


absent('no Sentinel', "redis+sentinel://$dead/main",
       'sentinel connect\(\) failed \(111: .*');
absent('a master that they do not know', "redis+sentinel://$hosts/other",
       'sentinel 127.0.0.1:\d+: it knows no such master');
absent('a Redis that is no Sentinel',
       'redis+sentinel://127.0.0.1:' . $master->port . '/main',
       "sentinel ERR unknown command 'SENTINEL'.*");


subtest 'a Sentinel with a password' => sub {
    my $locked = TokenRevoke::Sentinel->new(replicas => 0,
                                            password => 'secret');

    $locked->master->cmd('XADD', 'revoked', '*', 'token', 'locked');

    my $nginx = edge('redis+sentinel://:secret@' . $locked->hosts . '/main');

    is($nginx->status('locked'), 401, 'it is said when it is asked for');
    unlike($nginx->log_text, qr/secret|cannot follow/, 'and not in the log');
    $nginx->finish;

    $nginx = edge('redis+sentinel://' . $locked->hosts . '/main',
                  location => 'token_revoke_wait 0;');
    ok($nginx->wait_log(qr/cannot follow .*: sentinel NOAUTH .*; nothing is/),
       'without it that is the reason');
    $nginx->finish;
};


subtest 'the master is deposed, and answers' => sub {
    my $nginx = edge("redis+sentinel://$hosts/main", workers => 2);

    is($nginx->status('bad'), 401, 'the old one is followed');

    my $old = $s->master;
    my $new = $s->failover;

    ok($nginx->wait_log(
           qr/lost log .*: 127\.0\.0\.1:\d+: (?:sentinel names|redis|UNBL)/),
       'it is left, and it is said why') or diag $nginx->log_text;

    wait_for { eval { $new->cmd('XADD', 'revoked', '*', 'token', 'new') } };

    ok($nginx->wait_refused('new', 20), 'the new one is followed');
    is($nginx->status('bad'), 401, 'what was known stays known');
    $nginx->finish;
};


subtest 'the master is killed under load' => sub {
    my $nginx = edge("redis+sentinel://$hosts/main", workers => 2);

    is($nginx->status('bad'), 401, 'it is followed');

    my $old = $s->master;
    my %said;

    $old->kill;

    my $new = $s->wait_other($old);

    wait_for {
        $said{ $nginx->status('bad') }++;
        $said{ good => $nginx->status('good') }++;
        eval { $new->cmd('XADD', 'revoked', '*', 'token', 'later'); 1 }
    } 20;

    wait_for {
        $said{ $nginx->status('bad') }++;
        $nginx->status('later') == 401
    } 20;

    is_deeply([grep { /^\d/ } keys %said], [401],
              'what is revoked was refused all the time');
    is($nginx->status('later'), 401, 'what the new master says is in force');
    is($nginx->status('good'), 200, 'and others pass');

    my @lines = $nginx->log_text =~ /lost log .*/g;
    cmp_ok(scalar @lines, '<=', 6, 'in few lines') or diag join "\n", @lines;
    $nginx->finish;
};


# a worker that leaves while a Sentinel is asked, or is waited for

subtest 'told to leave in the middle of it' => sub {
    my ($sentinel) = $s->sentinels;

    $sentinel->freeze;

    my $nginx = edge('redis+sentinel://127.0.0.1:' . $sentinel->port
                     . '/main', zone => 'timeout=60s');

    ok($nginx->plain, 'it serves');
    $nginx->finish;
    $sentinel->thaw;
};


done_testing();
