# Several zones in one nginx: two logs of one Redis, and another Redis.  None
# has to do with another one.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my @redis = (start_redis(), start_redis());
my @at = map { 'unix:' . $_->socket } @redis;

my $nginx = TokenRevoke::Nginx->new(
    redis => $at[0], workers => 2, http => <<"_EOC_", server => <<'_EOC_');
    token_revoke_zone zone=devices:1m redis=$at[0] log=devices;
    token_revoke_zone zone=partner:1m redis=$at[1] timeout=200ms;
_EOC_
    token_revoke_max_stale 600ms;
    token_revoke_wait 0;

    location = /edge     { token_revoke zone=edge; empty_gif; }
    location = /devices  { token_revoke zone=devices; empty_gif; }
    location = /partner  { token_revoke zone=partner; empty_gif; }
    location = /off      { empty_gif; }
_EOC_
$nginx->start;

ok($nginx->wait_log(qr/follows log/, 5, 3), 'three zones are live');
is($nginx->log_count(qr/zone "$_" follows log/), 1, "$_ is one of them")
    for qw(edge devices partner);

$redis[0]->cmd('XADD', 'revoked', '*', 'token', 'a');
$redis[0]->cmd('XADD', 'devices', '*', 'token', 'b');
$redis[1]->cmd('XADD', 'revoked', '*', 'token', 'c');


# the statuses of three tokens in each of the zones

sub table {
    return join ' | ', map {
        my $zone = $_;
        join ' ', map { $nginx->status($_, "/$zone") } qw(a b c);
    } qw(edge devices partner off);
}


my $table = '401 200 200 | 200 401 200 | 200 200 401 | 200 200 200';

ok(wait_for(sub { table() eq $table }), 'each zone has the rules of its log')
    or diag(table());

# one Redis is gone: its zone alone is old

$redis[1]->kill;
$table = '401 200 200 | 200 401 200 | 503 503 401 | 200 200 200';
ok(wait_for(sub { table() eq $table }), 'one Redis is gone')
    or diag(table());
is($nginx->log_count(qr/zone "partner" was confirmed \d+ ms ago/), 1,
   'its zone is named');
is($nginx->log_count(qr/zone "(?:edge|devices)" (?:lost|was confirmed)/), 0,
   'and no other');

# a reload keeps each

ok($nginx->reload, 'reload');
ok(wait_for(sub { table() eq $table }), 'each zone keeps its rules')
    or diag(table());

# it comes back, without its data

$redis[1]->start;
$redis[1]->cmd('XADD', 'revoked', '*', 'token', 'a');
$table = '401 200 200 | 200 401 200 | 401 200 401 | 200 200 200';
ok(wait_for(sub { table() eq $table }), 'it comes back')
    or diag(table());

$nginx->finish;

done_testing();
