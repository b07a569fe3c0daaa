# Several hosts in one URL: addresses of one replicated log, tried in turn.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(start_redis);
use TokenRevoke::Port qw(free_port);

my @redis = map { start_redis(port => 1) } 1 .. 2;
my ($first, $second) = map { '127.0.0.1:' . $_->port } @redis;
my $dead = '127.0.0.1:' . free_port();

$_->cmd('XADD', 'revoked', '1-1', 'token', 'bad') for @redis;


subtest 'the first one is dead' => sub {
    my $nginx = TokenRevoke::Nginx->new(redis => "redis://$dead,$first")
                                  ->start;

    is($nginx->status('bad'), 401, 'the second one is asked');
    is($nginx->status('good'), 200, 'and believed');
    is($nginx->log_count(qr/cannot follow/), 0, 'which is not worth a line');
    $nginx->finish;
};


subtest 'all of them are dead' => sub {
    my $other = '127.0.0.1:' . free_port();
    my $nginx = TokenRevoke::Nginx->new(redis => "redis://$dead,$other",
        location => 'token_revoke_wait 0;')->start;

    ok($nginx->wait_log(
           qr/cannot follow .*: \Q$other\E: connect\(\) failed \(111/),
       'it is said of the last one that was tried');
    is($nginx->status('bad'), 503, 'on_error decides');
    is($nginx->log_count(qr/cannot follow/), 1, 'in one line');
    $nginx->finish;
};


subtest 'the one that is used is killed' => sub {
    my $nginx = TokenRevoke::Nginx->new(redis => "redis://$first,$second")
                                  ->start;

    is($nginx->status('bad'), 401, 'the first one is followed');

    $redis[0]->kill;

    ok($nginx->wait_log(qr/lost log .*: \Q$first\E: redis closed/),
       'what was lost is said, and where');
    ok($nginx->wait_log(qr/ follows log/, 10, 2), 'the other one is followed');

    $redis[1]->cmd('XADD', 'revoked', '*', 'token', 'worse');
    ok($nginx->wait_refused('worse'), 'and what it says is in force');
    is($nginx->status('bad'), 401, 'what was known stays known');

    # back again: a round begins behind the one that was lost

    $redis[0]->start;
    $redis[1]->kill;

    ok($nginx->wait_log(qr/ follows log/, 10, 3), 'the first one again');
    is($nginx->status('worse'), 401, 'a rule that it does not know stays');
    $nginx->finish;
};


done_testing();
