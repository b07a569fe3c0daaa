package TokenRevoke::Docs;

# What the documents say in fenced blocks, so that a test can do it:
#
#     my @blocks = TokenRevoke::Docs::blocks('README.md', 'nginx');
#
# and a directory where "redis-cli" is a redis-cli of a private Redis and
# "token-revoke" the command that was built:
#
#     my ($status, $output, $hash) =
#         TokenRevoke::Docs::run($redis, $commands, { TOKEN => '...' });

use strict;
use warnings;

use Cwd ();
use File::Temp ();


# ({ line => 12, text => "..." }, ...): the blocks of this language

sub blocks {
    my ($file, $language) = @_;

    open my $in, '<', $file or die "$file: $!\n";

    my ($block, @blocks);

    while (<$in>) {
        if (/^```(\w*)\s*$/) {
            if ($block) {
                push @blocks, $block if $block->{language} eq $language;
                undef $block;

            } else {
                $block = { language => $1, line => $. + 1, text => '' };
            }

        } elsif ($block) {
            $block->{text} .= $_;
        }
    }

    die "$file: a block without an end\n" if $block;

    return @blocks;
}


# Runs shell commands as they stand.  Returns the exit status of the first one
# that fails, or 0, what was printed, and the value of $HASH at the end.

sub run {
    my ($redis, $commands, $variables) = @_;

    my $dir = File::Temp::tempdir('token-revoke-XXXXXXXX', TMPDIR => 1,
                                  CLEANUP => 1);
    my ($cli) = grep { -x } map { "$_/redis-cli" } split /:/, $ENV{PATH};

    die "redis-cli is not here\n" if !defined $cli;

    _write("$dir/redis-cli", "#!/bin/sh\nexec $cli -e -s '" . $redis->socket
                             . "' \"\$\@\"\n");
    chmod 0755, "$dir/redis-cli";

    _write("$dir/hashes.txt", join '', map { "$_\n" }
                                       @{ $variables->{hashes} || [] });
    _write("$dir/run", "set -e\n$commands\nprintf %s \"\$HASH\" > hash\n");

    local $ENV{PATH} = join ':', $dir, Cwd::getcwd() . '/build', $ENV{PATH};
    local @ENV{keys %$variables} = values %$variables;

    my $output = `cd $dir && sh run 2>&1 < /dev/null`;

    return ($? >> 8, $output, _read("$dir/hash"));
}


sub _write {
    my ($file, $text) = @_;

    open my $out, '>', $file or die "$file: $!\n";
    print $out $text;
    close $out;
}


sub _read {
    my ($file) = @_;

    open my $in, '<', $file or return '';
    local $/;
    return scalar(<$in>) // '';
}


1;
