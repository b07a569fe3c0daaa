# Entries that cannot be understood: each is named in the log, and the next
# good one is applied all the same.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis(conf => ['--save', '']);

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    size => '8m')->start;

ok($nginx->wait_live, 'live');

my $n = 0;


# Not more than ten lines a second are written: the next second is waited for.

sub next_second {
    my $now = time;
    wait_for { time > $now };
}


# an entry, and behind it a good one that must be applied

sub add {
    my (@pairs) = @_;

    my $id = $redis->cmd('XADD', 'revoked', '*', @pairs);

    $n++;
    $redis->cmd('XADD', 'revoked', '*', 'token', "good-$n");

    return $nginx->wait_refused("good-$n") ? $id : '';
}


sub lines_of { my ($id) = @_; $nginx->log_text =~ /\[warn\].*entry $id .*/g }


my $kib = 1024;
my @over = map { (token => sha256_hex("over-$_")) } 1 .. 16385;
my @most = map { (token => sha256_hex("most-$_")) } 1 .. 16384;

# name, pairs, what is said, tokens that are refused, tokens that are not

my @cases = (
    ['a reason alone', [reason => 'x'], 'has no match'],
    ['an empty token', [token => ''], 'has no match'],
    ['blanks for a token', [token => '  '], 'has no match'],
    ['an unknown action', [token => 'a1', action => 'destroy'],
     'has an unknown action', [], ['a1']],
    ['16,385 pairs', \@over, 'has too many pairs', [],
     ['over-1', 'over-16384', 'over-16385']],
    ['16,384 pairs', \@most, undef, ['most-1', 'most-16384'], []],
    ['a name of 257 bytes', ['n' x 257 => 'x', token => 'b1'],
     'has too long a name', [], ['b1']],
    ['a value over 8 KiB', [token => 'b2', reason => 'x' x (8 * $kib + 1)],
     'has too long a value', [], ['b2']],
    ['a value of 8 KiB', [token => 'b3', reason => 'x' x (8 * $kib)],
     undef, ['b3']],
    ['a value of 2 MB', [token => 'b4', reason => 'x' x (2048 * $kib)],
     'has too long a value', [], ['b4']],
    ['a name of 2 MB', ['n' x (2048 * $kib) => 'x', token => 'b5'],
     'has too long a name', [], ['b5']],
    ['a token of 2 MB', [token => 'x' x (2048 * $kib), token => 'b6'],
     'has too long a value', [], ['b6']],
    ['nine names', [token => 'b7', map { ("f$_" => 'x') } 1 .. 8],
     'has too many different names', [], ['b7']],
    ['a bad "before"', [token => 'c1', before => 'noon'],
     'has an invalid "before", the rest of it is applied', ['c1']],
    ['a bad "until"', [token => 'c2', until => 'later'],
     'has an invalid "until" or "ttl", the rest of it is applied', ['c2']],
    ['a bad "ttl"', [token => 'c3', ttl => '-1'],
     'has an invalid "until" or "ttl", the rest of it is applied', ['c3']],
    ['an empty token and another', [token => '', token => 'c4'],
     'has an empty token, the rest of it is applied', ['c4']],
    ['a claim besides', [sub => 'alice', token => 'd1'], undef, [], ['d1']],
    ['NUL in a value', [token => "e1\0e2", token => 'e3'], undef, ['e3'],
     ['e1', 'e2']],
    ['control bytes', ["\e[31m\a" => "\r\nforged\n", token => 'e4'],
     undef, [], ['e4']],
    ['control bytes in an action', [token => 'e5', action => "\e[2J\n[crit]"],
     'has an unknown action', [], ['e5']],
    ['invalid UTF-8', [token => "\xff\xfe\xc0\x80", token => 'e6',
                       reason => "\xed\xa0\x80"], undef, ['e6']],
    ['format letters', [token => '%s%n%V', action => '%n%s%V'],
     'has an unknown action'],
);

for my $case (@cases) {
    my ($name, $pairs, $said, $refused, $served) = @$case;

    next_second() if $n % 8 == 7;

    subtest $name => sub {
        my $id = add(@$pairs);

        ok($id, 'the next entry is applied');

        my @lines = lines_of($id);

        is(scalar @lines, defined $said ? 1 : 0, 'it is said, or not');
        like($lines[0], qr/\Q$said\E/, 'what is wrong') if defined $said;
        is($nginx->status($_), 401, 'refused') for @{ $refused || [] };
        is($nginx->status($_), 200, 'not refused') for @{ $served || [] };
    };
}

unlike($nginx->log_text, qr/[\e\a\0]|^forged/m,
       'no control byte is in the log');
is($nginx->log_count(qr/lost log/), 0, 'and the link was never lost');

# far more of them than anybody wants to read

my $before = $nginx->log_count(qr/\[warn\].*entry/);

next_second();
my $began = time;
$redis->cmd('XADD', 'revoked', '*', 'reason', "flood $_") for 1 .. 1000;
$redis->cmd('XADD', 'revoked', '*', 'token', 'behind');
ok($nginx->wait_refused('behind'), 'a thousand of them');

my $lines = $nginx->log_count(qr/\[warn\].*entry/) - $before;

cmp_ok($lines, '>=', 1, 'are reported');
cmp_ok($lines, '<=', 10 * (time - $began + 1), 'but not each of them');
is($nginx->log_count(qr/more entries in this second are only counted/) > 0, 1,
   'and that is said');

$nginx->finish;

# what the log began with is no different

$nginx->start;
is($nginx->status($_), 401, "$_ is refused from the start")
    for "good-$n", 'most-16384', 'b3', 'c1', 'c2', 'c3', 'c4', 'behind';
is($nginx->status($_), 200, "$_ is not") for qw(a1 over-1 b2 b4 b5 b6 d1 e5);
$nginx->finish;

done_testing();
