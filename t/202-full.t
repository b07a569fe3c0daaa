# A zone that gets full: no revocation is lost in silence.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    size => '1m', workers => 2,
                                    server => <<'_EOC_')->start;
    location = /allow {
        token_revoke zone=edge;
        token_revoke_on_error allow;
        add_header X-Status $token_revoke_status always;
        empty_gif;
    }
_EOC_

ok($nginx->wait_live, 'live');

my (@tokens, @ids);


sub push_some {
    my ($n) = @_;

    my @new = map { 't-' . (@tokens + $_) } 1 .. $n;

    push @tokens, @new;
    push @ids, $redis->cmd('XADD', 'revoked', '*',
                           map { (token => $_) } @new);
}


sub warned { $nginx->log_count(qr/\[warn\].*"edge" of \d+ bytes is 8\d% full/) }
sub full   { $nginx->log_count(qr/\[error\].*"edge" is full at entry/) }


# slowly, so that there is time to warn

my $limit = 100;

until (warned() or !$limit--) {
    push_some(500);
    $nginx->wait_refused($tokens[-1]) or last;
    wait_for { warned() } 0.15 if @tokens > 5000;
}

is(warned(), 1, 'at 80 % there is a warning');
is(full(), 0, 'before it is full');
is_deeply($nginx->statuses(@tokens, 'other'),
          { 401 => scalar @tokens, 200 => 1 }, 'all is as ever');

$limit = 100;

until (full() or !$limit--) {
    push_some(500);
    wait_for { full() } 0.02;
}

is(full(), 1, 'it is full, and that is said');
like($nginx->log_text, qr/is full at entry (?:@{[ join '|', @ids ]}):/,
     'with the entry that did not fit');

# more than fits

push_some(500) for 1 .. 10;
$redis->cmd('XADD', 'revoked', '*', 'token', $tokens[0], 'by', 'me');
ok(wait_for(sub { $nginx->status('other') == 503 }), 'on_error decides');

my $n = $nginx->statuses(@tokens);

is($n->{200}, undef, 'no token that was revoked passes');
cmp_ok($n->{401}, '>=', 5000, 'those that fit are refused');
cmp_ok($n->{401} + $n->{503}, '==', @tokens, 'and the others are too');

like($nginx->get('other'), qr/^HTTP\/1.1 503 .*^Retry-After: \d+\r$/ms,
     'a token that no rule matches: 503 with Retry-After');
is($nginx->verdict('other'), 'UNAVAILABLE', 'UNAVAILABLE');
like($nginx->get('other', '/allow'),
     qr/^HTTP\/1.1 200 .*X-Status: UNAVAILABLE_ALLOWED/s,
     'token_revoke_on_error allow: it passes, and that is said');
is($nginx->status($tokens[0], '/allow'), 401, 'a revoked one does not');
is($nginx->status(undef), 200, 'no token needs no rule');
is(full() . warned(), 11, 'nothing is said twice');

# rules can still be lifted

$redis->cmd('XADD', 'revoked', '*', 'token', $tokens[0], 'action', 'restore');
ok(wait_for(sub { $nginx->status($tokens[0]) == 503 }), 'restore works');

# a reload alone changes nothing, a larger zone does

ok($nginx->reload, 'reload');
is($nginx->status('other'), 503, 'it is as full as before');
is($nginx->status($tokens[1]), 401, 'with the rules that it has');

$nginx->set(size => '4m');
ok($nginx->reload, 'reload with a larger zone');
ok(wait_for(sub { $nginx->status('other') == 200 }), 'that is not full');
is_deeply($nginx->statuses(@tokens),
          { 401 => @tokens - 1, 200 => 1 }, 'and has all rules');

$nginx->finish;

done_testing();
