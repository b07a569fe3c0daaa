#!/usr/bin/env perl

# What is written about token-revoke: "help" of each command, the manual page
# that is made of it, and docs/token-revoke.md, whose commands are run as they
# stand and whose ACL user can do all of them.  Kills: an option that is not in
# the help, a command that is in no document, a right that is missing.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Docs;
use TokenRevoke::Nginx qw(temp_dir start_redis);

my $dir = temp_dir();
my $redis = start_redis(port => 1);
my $command = TokenRevoke::Command->new(redis => $redis, dir => $dir);


sub text_of {
    my ($file) = @_;

    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}


# help

my $overview = $command->run('help');

is($overview->{status}, 0, 'help');

my @commands = $overview->{out} =~ /^    (\w+) /mg;

is_deeply([sort @commands],
          [sort qw(add restore import explain list edges watch trim accept
                   hash help)], 'all commands are there');

my $document = text_of('docs/token-revoke.md');

for my $name (grep { $_ ne 'help' } @commands) {
    my $r = $command->run('help', $name);

    is($r->{status}, 0, "help $name");
    like($r->{out}, qr/^usage: token-revoke $name/, 'usage');
    like($r->{out}, qr/^exit status: /m, 'exit statuses');
    unlike($r->{out}, qr/^.{80}/m, 'fits a terminal');
    is($command->run($name, '--help')->{out}, $r->{out}, "$name --help");
    like($document, qr/^\|\ `$name`\ \|/mx, 'it is in the document');
    is($command->run($name, '--no-such-option')->{status}, 2, 'wrong option');
}

is($command->run('nothing')->{status}, 2, 'no such command');
is($command->run()->{status}, 2, 'no command');


# options of the source are in the help

for my $file (glob 'src/cli/cli_*.c') {
    my $source = text_of($file);
    my @names = $source =~ /^    \{ "([\w-]+)", (?:no|required|optional)_/mg;

    for my $name (@names) {
        ok((grep { $command->run('help', $_)->{out} =~ /--$name\b/ }
            'add', $file =~ /cli_([a-z]+)/), "$file: --$name is in the help");
    }
}


# the manual page

my ($binary) = grep { -x } 'build/token-revoke', $command->{binary};
my $page = `$^X tools/manual.pl $binary`;

is($?, 0, 'a manual page');
like($page, qr/^\.SS \Q$_\E$/m, "has $_") for grep { $_ ne 'help' } @commands;

SKIP: {
    skip 'man is not here', 2
        if system('command -v man groff > /dev/null 2>&1');

    open my $out, '>', "$dir/token-revoke.1" or die "$!\n";
    print $out $page;
    close $out;

    my $shown = `LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l \\
                 '$dir/token-revoke.1' 2> '$dir/warnings'`;

    is(text_of("$dir/warnings"), '', 'without warnings');
    like($shown, qr/--wait\[=SECONDS\]/, 'it can be read');
}


# the document

my %variables = (
    TOKEN => 'a-token',
    TOKEN_REVOKE_REDIS => 'unix:' . $redis->socket,
);

for my $block (TokenRevoke::Docs::blocks('docs/token-revoke.md', 'sh')) {
    my ($status, $output) =
        TokenRevoke::Docs::run($redis, $block->{text}, \%variables);

    is($status, 0, "docs/token-revoke.md:$block->{line} can be run")
        or diag($output);
}


# its ACL user

my $operator = TokenRevoke::Command->new(dir => $dir,
    env => { TOKEN_REVOKE_REDIS => 'redis://operator:secret@127.0.0.1:'
                                   . $redis->port });

for (['add', 'sub', 'a'], ['add', 'sub', 'a', '--wait=0.1'],
     ['restore', 'sub', 'a', '--wait=0.1'], ['list'],
     ['edges'], ['edges', '--forget', 'x'],
     ['accept', '--wait=0.1'], ['trim', '--yes'])
{
    my $r = $operator->run(@$_);

    is($r->{status}, "@$_" =~ /wait/ ? 3 : 0, "the operator may @$_");
    unlike($r->{out} . $r->{err}, qr/NOPERM|may not/, 'all of it');
}

is($redis->cmd('ACL', 'LOG')->[0], undef, 'nothing was denied');

like($operator->run('add', 'sub', 'a', '--create', '--log', 'other')->{err},
     qr/NOPERM.*nothing was revoked/, 'but not elsewhere');

done_testing();
