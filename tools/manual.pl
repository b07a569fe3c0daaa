#!/usr/bin/env perl

# The manual page of token-revoke, made of what its "help" says.
#
# usage: perl tools/manual.pl build/token-revoke > token-revoke.1

use strict;
use warnings;

my ($binary) = @ARGV;

die "usage: perl tools/manual.pl build/token-revoke\n" if !defined $binary;


# what "help" prints; nothing of the user's environment is in it

sub help {
    open my $in, '-|', $binary, 'help', @_ or die "$binary: $!\n";
    local $/;
    my $text = <$in>;
    close $in or die "$binary help @_: it fails\n";

    return $text;
}


# text as it stands

sub verbatim {
    my ($text) = @_;

    $text =~ s/\\/\\e/g;
    $text =~ s/-/\\-/g;
    $text =~ s/^([.'])/\\&$1/mg;
    $text =~ s/\n+\z/\n/;

    return ".EX\n$text.EE\n";
}


my $overview = help();
my @commands = $overview =~ /^    (\w+) /mg;
my ($version) = grep { defined } map { /^Changes with \S+ (\S+)/ ? $1 : undef }
                                 do { open my $in, '<', 'CHANGES'; <$in> };

print qq(.TH TOKEN-REVOKE 1 "" "ngx_http_token_revoke_module )
    . ($version // '') . qq("\n);
print <<'END';
.SH NAME
token-revoke \- end tokens that nginx accepts
.SH SYNOPSIS
.B token-revoke
.I COMMAND
.RI [ OPTION ]...
.SH DESCRIPTION
Writes revocations into the log that ngx_http_token_revoke_module follows, a
Redis stream, and says what is in force.
.PP
END
print verbatim($overview =~ s/\A.*?\n\n.*?\n\n//sr =~ s/\nexit status:.*//sr);
print ".SH COMMANDS\n";

for my $command (grep { $_ ne 'help' } @commands) {
    print ".SS $command\n", verbatim(help($command));
}

print <<'END';
.SH ENVIRONMENT
.TP
.B TOKEN_REVOKE_REDIS
the URL of Redis, if there is no
.B \-\-redis
.TP
.B TOKEN_REVOKE_LOG
the key of the log, if there is no
.B \-\-log
.TP
.B TOKEN_REVOKE_PASSWORD
the password, if the URL has none and there is no
.B \-\-password\-file
.TP
.B NO_COLOR
if it is not empty, nothing is in colour
.SH EXIT STATUS
0: all was done; 1: it was not, and standard error says why; 2: wrong usage;
3: it was done, and some edges have not said that they have it.
Commands that have others say so.
.SH SEE ALSO
.BR nginx (8),
.BR redis\-cli (1)
END
