# Redis Cluster: three masters, the log is on one of them.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Cluster;
use TokenRevoke::Nginx qw(wait_for);
use TokenRevoke::Port qw(free_port);

my $cluster = TokenRevoke::Cluster->new;
my ($first, $second) = $cluster->others('revoked');
my $owner = $cluster->owner('revoked');
my $dead = '127.0.0.1:' . free_port();

$owner->cmd('XADD', 'revoked', '*', 'token', 'bad');


sub edge {
    my ($node, %o) = @_;

    return TokenRevoke::Nginx->new(
        redis => 'redis://' . (ref $node ? '127.0.0.1:' . $node->port : $node),
        %o)->start;
}


# how often a node was told to go on with what it does not own yet

sub asked {
    my ($node) = @_;

    return $node->cmd('INFO', 'commandstats') =~ /cmdstat_asking:calls=(\d+)/
           ? $1 : 0;
}


subtest 'the one that has the log' => sub {
    my $nginx = edge($owner);

    is($nginx->status('bad'), 401, 'what is revoked is refused');
    is($nginx->status('good'), 200, 'and nothing else');
    $nginx->finish;
};


subtest 'another one' => sub {
    my $nginx = edge($first);

    is($nginx->status('bad'), 401, 'it says where the log is');
    is($nginx->log_count(qr/cannot follow|lost log/), 0,
       'which is not worth a line');
    $nginx->finish;
};


subtest 'the first host is dead' => sub {
    my $nginx = edge("$dead,127.0.0.1:" . $first->port);

    is($nginx->status('bad'), 401, 'the second one knows, too');
    $nginx->finish;
};


subtest 'strict' => sub {
    my $nginx = edge($first, location => 'token_revoke_strict on;');

    is($nginx->status('bad'), 401, 'what is revoked is refused');
    is($nginx->status('good'), 200, 'and nothing else');

    $owner->cmd('XADD', 'revoked', '*', 'token', 'strict');
    is($nginx->status('strict'), 401, 'at once');

    # back: those who ask while it moves wait a little, and are not denied

    $cluster->migrate('revoked', $second);
    is($nginx->status('good'), 200, 'one that asks when the slot has moved');
    $cluster->migrate('revoked', $owner);
    is($nginx->status('good'), 200, 'and when it has moved back');
    is($nginx->status('strict'), 401, 'what is revoked stays refused');
    is($nginx->log_count(qr/cannot be had/), 0, 'which is not worth a line');
    $nginx->finish;
};


subtest 'the slot moves' => sub {
    my $nginx = edge($owner);

    is($nginx->status('bad'), 401, 'the owner is followed');

    $cluster->migrate('revoked', $second);
    $second->cmd('XADD', 'revoked', '*', 'token', 'moved');

    ok($nginx->wait_refused('moved'), 'the new owner is followed');
    is($nginx->status('bad'), 401, 'what was known stays known');
    $nginx->finish;
};


subtest 'the slot is on its way' => sub {
    my $nginx = edge($owner);

    ok($nginx->wait_refused('moved'), 'the owner is followed');

    $cluster->migrate_begin('revoked', $first);

    $first->pipeline(['ASKING'],
                     ['XADD', 'revoked', '*', 'token', 'on its way']);

    ok($nginx->wait_refused('on its way'), 'the next owner is asked');
    cmp_ok(asked($first), '>', 2, 'as one that is not the owner yet');

    $cluster->migrate_end('revoked', $first);
    $first->cmd('XADD', 'revoked', '*', 'token', 'arrived');

    ok($nginx->wait_refused('arrived'), 'and followed when it is');
    $nginx->finish;
};


subtest 'the owner is killed' => sub {
    my $nginx = edge($second);

    ok($nginx->wait_refused('arrived'), 'it is followed');

    $first->kill;

    ok($nginx->wait_log(qr/lost log .*: 127\.0\.0\.1:\d+: redis closed/),
       'it is said which was lost');
    is($nginx->status('bad'), 401, 'what was known stays known');

    $first->start;
    $first->cmd('XADD', 'revoked', '*', 'token', 'back')
        if wait_for { $first->cmd('CLUSTER', 'INFO') =~ /state:ok/ } 20;

    ok($nginx->wait_refused('back', 20), 'it is followed again');
    cmp_ok($nginx->log_count(qr/lost log/), '<=', 2,
           'and what the others say meanwhile is one line at most');
    $nginx->finish;
};


done_testing();
