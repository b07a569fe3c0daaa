#!/usr/bin/env perl

# token-revoke import that is stopped, loses its Redis or is refused by it: it
# says up to which line all is in force, and goes on there.  Kills: lines that
# are skipped though they are not in the log; a state that is trusted after the
# file or the log has changed; an error that is said in ten lines.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use Time::HiRes ();
use TokenRevoke::Command;
use TokenRevoke::Nginx qw(wait_for temp_dir start_redis new_redis);
use TokenRevoke::Token;

my $redis = start_redis(port => 1);
my $dir = temp_dir();
my $command = TokenRevoke::Command->new(redis => $redis, dir => $dir);

my $n = 30_000;
my @hashes = map { sprintf '%064x', $_ } 1 .. $n;
my $file = "$dir/hashes";

write_file($file, @hashes);


sub write_file {
    my ($name, @lines) = @_;

    open my $out, '>', $name or die "$name: $!\n";
    print $out "$_\n" for @lines;
    close $out;
}


# an empty log

sub begin {
    $redis->cmd('XADD', 'revoked', '*', 'sub', 'x');
    $redis->cmd('XTRIM', 'revoked', 'MAXLEN', 0);
}


# how often each line of the file is in the log: "from-to" of those that are

my %number;
@number{@hashes} = 1 .. $n;

sub times_in_log {
    my @times = (0) x ($n + 1);
    my $from = '-';

    while (1) {
        my $part = $redis->cmd('XRANGE', 'revoked', $from, '+', 'COUNT', 10);
        last unless @$part;

        for my $entry (@$part) {
            for my $value (@{ $entry->[1] }) {
                $times[ $number{$value} ]++ if exists $number{$value};
            }
        }

        $from = "($part->[-1][0]";
    }

    return @times;
}


# values of the last entry

sub last_size {
    my $last = $redis->cmd('XREVRANGE', 'revoked', '+', '-', 'COUNT', 1);
    return scalar grep { $_ eq 'token' } @{ $last->[0][1] };
}


sub missing {
    my @times = times_in_log();
    my @missing = grep { !$times[$_] } 1 .. $n;

    return @missing > 9 ? (@missing[0 .. 8], '...') : @missing;
}


# its writes wait in Redis

sub blocked {
    return wait_for {
        grep { /cmd=xadd/i && /flags=\w*b/ }
             split /\n/, $redis->cmd('CLIENT', 'LIST')
    };
}


sub line_of {
    my ($r) = @_;

    return $r->{err} =~ /lines up to ([\d,]+)/ ? $1 =~ tr/,//dr : 0;
}


# Ctrl-C

begin();
$redis->cmd('CLIENT', 'PAUSE', 60000, 'WRITE');

my $p = $command->start('import', $file);

ok(blocked(), 'an import is on its way');
$p->signal('INT');
$redis->cmd('CLIENT', 'UNPAUSE');

my $r = $p->wait;
my $line = line_of($r);

is($r->{status}, 1, 'Ctrl-C');
like($r->{err}, qr/\A\S+ import: stopped; the lines up to [\d,]+ are in /,
     'says what is in force');
like($r->{err}, qr/; the same command goes on behind them\n\z/,
     'and how to go on');
cmp_ok($line, '>', 0, 'some lines are');
cmp_ok($line, '<', $n, 'and not all');
is(last_size(), 1, 'the last entry of what is left is small');

my @times = times_in_log();
is((grep { $times[$_] == 1 } 1 .. $line), $line, 'they are in the log');

$r = $command->run('import', $file);

is($r->{status}, 0, 'the same command');
like($r->{err}, qr/\A\S+ import: going on behind line [\d,]+, /, 'goes on');
like($r->{out}, qr/^left out: [\d,]+ lines at the top$/m, 'behind that line');
is(join(' ', missing()), '', 'all is in the log then');

@times = times_in_log();
is((grep { $times[$_] == 1 } 1 .. $n), $n, 'once');
is(last_size(), 1, 'and the last entry is small');

$r = $command->run('import', $file);
unlike($r->{err}, qr/going on/, 'a third time it begins with the first line');
is($r->{status}, 0, 'and does no harm');


# a connection that is lost

begin();
$redis->cmd('CLIENT', 'PAUSE', 60000, 'WRITE');
$p = $command->start('import', $file);

ok(blocked(), 'one more import');

my @clients = map { /^id=(\d+) .*cmd=xadd/i ? $1 : () }
                  split /\n/, $redis->cmd('CLIENT', 'LIST');

$redis->cmd('CLIENT', 'KILL', 'ID', $_) for @clients;
$redis->cmd('CLIENT', 'UNPAUSE');

$r = $p->wait;
is($r->{status}, 0, 'after a lost connection it goes on');
like($r->{err}, qr/\A.*; the lines up to \d+ are in Redis, trying again\n\z/,
     'and says so');
is(join(' ', missing()), '', 'nothing is lost');


# a Redis that goes away

begin();
$redis->cmd('CLIENT', 'PAUSE', 60000, 'WRITE');
$p = $command->start('import', $file);

ok(blocked(), 'one more');
$redis->kill;

ok(wait_for { open my $in, '<', "$p->{file}.err"; grep { /trying/ } <$in> },
   'Redis is gone');
$p->signal('INT');
$r = $p->wait;

is($r->{status}, 1, 'Ctrl-C while it tries');
like($r->{err}, qr/: stopped; nothing was revoked; .*\n\z/, 'says so');

$redis->start;


# a log that takes one entry more: the one with all but the last value

write_file("$dir/few", @hashes[0 .. 23], '', $hashes[24], '');
$redis->cmd('DEL', 'revoked');
$redis->cmd('XADD', 'revoked', '18446744073709551615-18446744073709551614',
            'sub', 'x');

$r = $command->run('import', "$dir/few");

is($r->{status}, 1, 'a log that is full');
is(line_of($r), 25, 'the lines before the last value are in force');
is(last_size(), 24, 'which are in one entry');

$redis->cmd('DEL', 'revoked');
begin();


# a full Redis

sub fill { fill_with($file, @_) }

sub fill_with {
    my ($name, @options) = @_;

    begin();
    $redis->cmd('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    $redis->cmd('CONFIG', 'SET', 'maxmemory', $redis->cmd('INFO', 'memory')
                =~ /^used_memory:(\d+)/m ? $1 + 1_200_000 : die);

    my $r = $command->run('import', $name, '--batch', 100, @options);
    $redis->cmd('CONFIG', 'SET', 'maxmemory', 0);

    return $r;
}

$r = fill();
$line = line_of($r);

is($r->{status}, 1, 'a full Redis');
like($r->{err}, qr/\A\S+ import: .*full.*; the lines up to [\d,]+ are .*\n\z/,
     'in one line');
cmp_ok($line, '>', 0, 'some lines are in force');

@times = times_in_log();
is((grep { $times[$_] } 1 .. $line), $line, 'they are in the log');

$r = $command->run('import', $file);
is($r->{status}, 0, 'with more room');
like($r->{err}, qr/going on behind line/, 'it goes on');
is(join(' ', missing()), '', 'nothing is lost');


# an entry that waits for more of its end must not be counted as written

my $ends = "$dir/ends";
my @ends = map { jws('{"n":' . $_ . ',"exp":' . (time + 3600) . '}') } 1 .. 9;

write_file($ends, $ends[0], @hashes[0 .. 9_999], @ends[1 .. 8],
           @hashes[10_000 .. $n - 1]);

sub in_log {
    my %in;

    $in{$_} = 1 for map { @{ $_->[1] } }
                        @{ $redis->cmd('XRANGE', 'revoked', '-', '+') };

    return scalar grep { $in{ identity($_) } } @_;
}

$r = fill_with($ends, '--batch', 1000);

is(in_log($ends[0]), 0, 'the first line waits for others of its end');
cmp_ok($redis->cmd('XLEN', 'revoked'), '>', 5, 'others are in force');
like($r->{err}, qr/; a part of the first lines is in force; /, 'it is said');

$r = fill_with($ends);
$line = line_of($r);

cmp_ok($line, '>', 0, 'some lines are in force');
is(in_log($ends[0]), 1, 'the first one is');

$r = $command->run('import', $ends);
is(in_log(@ends), 9, 'all are then');
is(join(' ', missing()), '', 'and all others');


# a state that is of no use

$line = line_of(fill());
$redis->cmd('DEL', 'revoked');
begin();

$r = $command->run('import', $file);
is($r->{status}, 0, 'the log has lost what was written');
like($r->{err}, qr/\A.* the log has lost .*: beginning with the first line\n/,
     'it begins again');
is(join(' ', missing()), '', 'nothing is lost');

$redis->cmd('ACL', 'SETUSER', 'oncall', 'on', '>pw', '~revoked', '-@all',
            '+xadd');

my $reader = $command;

$command = TokenRevoke::Command->new(
    dir => $dir, env => {
        TOKEN_REVOKE_REDIS => 'redis://oncall:pw@127.0.0.1:' . $redis->port });

is(fill()->{status}, 1, 'who may not read the log');
$r = $command->run('import', $file);
is($r->{status}, 0, 'may import');
like($r->{err}, qr/cannot be looked at .*: beginning with the first line\n/,
     'and begins again');
is(join(' ', missing()), '', 'nothing is lost');

$command = $reader;
fill();
utime 1, 1, $file;

$r = $command->run('import', $file);
like($r->{err}, qr/file has changed since .*: beginning with the first line\n/,
     'another file');

fill();
$r = $command->run('import', $file, '--restart');
unlike($r->{err}, qr/going on/, '--restart');
is(join(' ', missing()), '', 'begins with the first line');

fill();
$r = $command->run('import', $file, '--match', 'jti');
unlike($r->{err}, qr/going on/, 'another import');

fill('--before', 1487894400);
$r = $command->run('import', $file, '--before', 1487894400);
like($r->{err}, qr/going on/, 'the same cut-off');
is(join(' ', missing()), '', 'nothing is lost');

SKIP: {
    my ($state) = glob "$dir/.local/state/token-revoke/*";
    ok(!defined $state || -s $state, 'no state of what is done is left');
}


# standard input

begin();
pipe my $read, my $write or die "pipe: $!\n";

$redis->cmd('CLIENT', 'PAUSE', 60000, 'WRITE');

$p = $command->start('import', '-', { stdin => $read });
close $read;

$write->autoflush;
print $write map { "$_\n" } @hashes[0 .. 9999];

ok(blocked(), 'from a pipe');
$redis->cmd('CLIENT', 'UNPAUSE');

# the last thousand is kept for the nonce

ok(wait_for { $redis->cmd('XLEN', 'revoked') == 9 },
   'what was read is written while there is no more');
$p->signal('INT');

$r = $p->wait;
close $write;
$line = line_of($r);

is($r->{status}, 1, 'Ctrl-C');
like($r->{err}, qr/; the same input with --skip $line goes on behind them\n\z/,
     'says how to go on');

@times = times_in_log();
is((grep { $times[$_] } 1 .. $line), $line, 'the lines are in the log');

open my $in, '<', $file or die "$file: $!\n";
$r = $command->run('import', '-', '--skip', $line, { stdin => $in });

is($r->{status}, 0, '--skip');
is(join(' ', missing()), '', 'nothing is lost');


# one line each

my $none = new_redis();
my $replica = start_redis(conf => ['--replicaof', '127.0.0.1', 1]);
my $secret = start_redis(password => 'secret');

$redis->cmd('SET', 'string', 'x');

for my $case (
    ['no log', [], qr/no log "other" .* --create/, '--log', 'other'],
    ['a string', [], qr/; nothing was revoked/, '--log', 'string'],
    ['no Redis', [redis => $none], qr/; nothing was revoked/],
    ['a replica', [redis => $replica], qr/; nothing was revoked/],
    ['no password', [redis => $secret], qr/; nothing was revoked/],
) {
    my ($name, $options, $says, @options) = @$case;

    $r = TokenRevoke::Command->new(redis => $redis, dir => $dir, @$options)
        ->run('import', '-', '--timeout', 1, @options, { stdin => "abc\n" });

    is($r->{status}, 1, $name);
    like($r->{err}, qr/\Atoken-revoke import: [^\n]*\n\z/, 'one line')
        or diag($r->{err});
    like($r->{err}, $says, 'that says what is in force');
    unlike($r->{err}, qr/secret/, 'and no secret');
}

# the bar: more lines than may be on their way to Redis

my $more = "$dir/more";
write_file($more, (@hashes) x 4);

begin();
$redis->cmd('CLIENT', 'PAUSE', 60000, 'WRITE');

$p = $command->terminal('import', $more);
ok(blocked(), 'on a terminal');

Time::HiRes::sleep(0.15);            # a picture is shown ten times a second
$redis->cmd('CLIENT', 'UNPAUSE');

$r = $p->wait;
is($r->{status}, 0, 'imported');
like($r->{err}, qr{\r\[=*>?\ *\]\ +\d+%\ \ [\d,]+\ lines\ \ [\d,]+/s
                   (?:\ \ \d+:\d\d\ left)?\e\[K}x,
     'there is a bar with rate and time left');
like($r->{err}, qr/\r\e\[K\z/, 'which goes away');
like($r->{out}, qr/^tokens written: 120,000, in 121 entries/, 'in the end');

begin();
$redis->cmd('CLIENT', 'PAUSE', 60000, 'WRITE');

$p = $command->terminal('import', $more, { columns => 20 });
ok(blocked(), 'on a small one');

Time::HiRes::sleep(0.15);
$redis->cmd('CLIENT', 'UNPAUSE');

$r = $p->wait;
my @shown = split /[\r\n]|\e\[K/, $r->{err};
ok(grep({ /\d+%/ } @shown), 'a picture was shown');
is(join(' ', grep { length > 19 } @shown), '', 'no line is wider than it');

$p = $command->terminal('import', '-');
ok($p->expect(qr/One token a line, then Ctrl-D:/), 'there is a prompt');
Time::HiRes::sleep(0.2);
$p->type("abc\n\x04");
$r = $p->wait;
is($r->{status}, 0, 'a token is typed');
like($r->{out}, qr/^tokens written: 1, in 1 entry/, 'and written');
unlike($r->{err}, qr/lines/, 'without a bar');

# a pipe that says nothing for a while

pipe $read, $write or die "pipe: $!\n";
$p = $command->start('import', '-', { stdin => $read });
close $read;

Time::HiRes::sleep(0.2);
$write->autoflush;
print $write "abc\n";
close $write;

$r = $p->wait;
is($r->{status}, 0, 'a slow pipe');

done_testing();
