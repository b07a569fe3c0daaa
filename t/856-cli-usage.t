#!/usr/bin/env perl

# What every command of token-revoke does alike: an option that is mistyped, or
# whose value is missing, is said to be, and nothing of it is repeated; an
# answer that cannot be written is a failure, in one line that says what was
# done all the same.  Kills: a command that takes a full disk for success, a
# revocation that is said to be none, an exit status that no help has.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Nginx qw(temp_dir start_redis);

my $dir = temp_dir();
my $redis = start_redis();
my $command = TokenRevoke::Command->new(redis => $redis, dir => $dir);

my $file = "$dir/file";

open my $out, '>', $file or die "$file: $!\n";
print $out "a\nb\nc\n";
close $out;


# options

my $see = qr/^\S+ (\w+): there is no such option; see "token-revoke help \1"\n/;

sub meant { qr/^\S+ \w+: there is no such option; was "--$_[0]" meant\?\n\z/ }

for my $case (
    ['add --resaon x', meant('reason')],
    ['add --resaon=secret', meant('reason')],
    ['add sub x --Create', meant('create')],
    ['restore --dryrun', meant('dry-run')],
    ['accept --yess', meant('yes')],
    ['list --mach x', meant('match')],
    ['edges --forgot x', meant('forget')],
    ['watch --sinse=1h', meant('since')],
    ['trim --jsn', meant('json')],
    ['hash --al', qr/nothing is wrong/, 0],
    ['hash --alll', meant('all')],
    ['import --fromat csv -', meant('format')],
    ['explain --leway 1', meant('leeway')],
    ['import --rediss x', meant('redis')],
    ['explain --secret', $see],
    ['import --secret=1', $see],
    ['hash --secret', $see],
    ['add -secret', $see],
    ['add -jx', $see],
    ['add --until', qr/^\S+ add: --until wants a value\n\z/],
    ['list --log', qr/^\S+ list: --log wants a value\n\z/],
    ['add --json=secret', qr/^\S+ add: --json takes no value\n\z/],
) {
    my ($line, $says, $status) = @$case;

    my $r = $command->run(split(/ /, $line), { stdin => "x\n" });

    is($r->{status}, $status // 2, $line);
    like($r->{err}, $says, 'says so') if !defined $status;
    unlike($r->{err} . $r->{out}, qr/secret/, 'and repeats nothing');
}

my $help = $command->run('help')->{out};
like($help, qr/\b$_ \w/, "exit status $_ is in the overview") for 0 .. 4;


# an answer that cannot be written, and what was done all the same

my $why = 'cannot write the answer: No space left on device';

sub full {
    my ($done, @words) = @_;

    my $r = $command->run(@words, { stdin => "x\n", stdout => '/dev/full' });
    my $name = $words[0];

    $done = $done eq '' ? '' : "; $done all the same";

    is($r->{status}, 1, "@words");
    like($r->{err}, qr/^\S+ $name: $why$done\n\z/, 'in one line');
}

my $entry = 'entry \d+-\d+ is in the log';
my $lines = 'the lines up to 3 are in force';

full('', 'help');
full('', 'help', 'add');
full('', $_, '--help') for qw(add restore accept list edges watch trim hash
                              import explain);
full('', 'list', '--redis', 'unix:/none', '--help');

$redis->cmd('XADD', 'revoked', '*', 'sub', $_) for 1 .. 2000;
$redis->cmd('HSET', '{revoked}:edges', 'x', '{"time":1,"state":"live"}');

for my $json ([], ['--json']) {
    full('', qw(add sub alice --dry-run), @$json);
    full($entry, qw(add sub alice), @$json);
    full($entry, 'accept', @$json);
    full('', 'list', @$json);
    full('', 'edges', @$json);
    full('', qw(watch --since -1h), @$json);
    full('', 'hash', @$json);
    full('', 'explain', @$json);
    full('', 'import', $file, '--dry-run', @$json);
    full($lines, 'import', $file, @$json);
    full($lines, 'import', $file, '--wait=0.1', @$json);
}

is($redis->cmd('XLEN', 'revoked'), 2000 + 2 * (1 + 1 + 2 + 2),
   'what was said to be done is, and no more');

full('what was registered is forgotten', qw(edges --forget x));

$redis->cmd('DEL', 'revoked');
$redis->cmd('XADD', 'revoked', '*', 'sub', 'a', 'until', 1) for 1 .. 3;

full('', qw(trim --dry-run));
full('they were removed', qw(trim --yes));
cmp_ok($redis->cmd('XLEN', 'revoked'), '<', 3, 'they were');

done_testing();
