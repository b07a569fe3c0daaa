#!/usr/bin/env perl

# Checks what a formatter cannot, one line a finding: 80 columns, C files of
# 500 lines at most, what is logged, what is tested for NULL, what is left
# behind in a test.
#
# usage: perl tools/lint.pl FILE...
#
# C files, tests (.t) and other Perl files (.pm, .pl) have rules of their own.
# exit status: 0 nothing found; 1 something was, and printed; 2 a file could
# not be read

use strict;
use warnings;

# a C file that is longer has two subjects

my $LINES = 500;

my $found = 0;


sub finding {
    my ($file, $line, $what) = @_;

    print "$file:$line: $what\n";
    $found++;
}


# for every file

sub lint_line {
    my ($file, $n, $s) = @_;

    finding($file, $n, 'line is over 80 columns') if length $s > 80;
    finding($file, $n, 'tab') if $s =~ /\t/;
    finding($file, $n, 'trailing space') if $s =~ /\s$/;
}


sub lint_test {
    my ($file, $lines) = @_;

    for my $i (0 .. $#$lines) {
        my ($n, $s) = ($i + 1, $lines->[$i]);

        lint_line($file, $n, $s);

        finding($file, $n, 'ONLY or LAST left behind')
            if $s =~ /^--- (?:ONLY|LAST)\b/;

        finding($file, $n, 'a literal port: use a $TEST_NGINX_ variable')
            if $s =~ /127\.0\.0\.1:\d{4,5}\b/;

        finding($file, $n, 'a literal plan: use no_plan or done_testing')
            if $s =~ /\btests\s*=>\s*\d/;
    }
}


# a definition starts two empty lines below whatever ends above it

sub lint_distance {
    my ($file, $i, $l) = @_;

    return if $l->[$i] !~ /^\}/ or $i + 2 > $#$l;

    finding($file, $i + 3, 'two empty lines between definitions')
        if $l->[$i + 1] eq '' and $l->[$i + 2] ne ''
           and $l->[$i + 2] !~ /^#/;
}


# an allocation is tested in the next lines of code; a test or a benchmark that
# has no memory may well crash

sub lint_allocation {
    my ($file, $i, $l, $code) = @_;

    return if $file =~ m{(?:^|/)(?:t|bench)/};

    return if $code !~ /^\s+([\w.>*\[\]()-]+)\s=\s(?:\([^)]*\)\s)?
                        (?:malloc|calloc|realloc|strdup
                        |ngx_(?:p?n?c?p?alloc|palloc|pcalloc|pnalloc|calloc
                              |alloc|slab_c?alloc(?:_locked)?|list_push
                              |array_(?:push(?:_n)?|create)
                              |get_connection))\(/x;

    my ($var, $j) = ($1, $i);

    $j++ while $j < $#$l and $l->[$j] !~ /;\s*$/;

    my @next = grep { /\S/ } @$l[$j + 1 .. ($j + 5 > $#$l ? $#$l : $j + 5)];
    my $text = join '', @next[0 .. ($#next > 2 ? 2 : $#next)];

    finding($file, $i + 1, "$var is not tested for NULL")
        if $text !~ /\Q$var\E\s+[!=]=\s+NULL|^\s+return/m;
}


# log texts: lower case, no full stop, no secret

sub lint_log {
    my ($file, $i, $l) = @_;

    return if $l->[$i] !~ /ngx_(?:conf_)?log_(?:error|debug)\d?\(/;

    my $last = $i + 3 > $#$l ? $#$l : $i + 3;
    my $text = join "\n", @$l[$i .. $last];
    $text =~ s/;.*//s;

    finding($file, $i + 1, 'log text starts with a capital')
        if $text =~ /"([^"]*)"/ and $1 =~ /^[A-Z][a-z]/;

    finding($file, $i + 1, 'log text ends with a full stop')
        if $text =~ /\w\."\s*[,)]/;

    finding($file, $i + 1, 'a token in the log: log its fingerprint')
        if $text =~ /&\s*(?:\w+(?:->|\.))?token\s*[,)]/;
}


sub lint_c {
    my ($file, $l) = @_;

    my $in_comment = 0;

    for my $i (0 .. $#$l) {
        my ($n, $s) = ($i + 1, $l->[$i]);

        lint_line($file, $n, $s);

        (my $code = $s) =~ s/"(?:\\.|[^"\\])*"/""/g;
        $code =~ s{/\*.*?\*/}{}g;

        finding($file, $n, 'a // comment')
            if !$in_comment && $code =~ m{//};

        lint_distance($file, $i, $l);
        lint_allocation($file, $i, $l, $code);
        lint_log($file, $i, $l);

        $in_comment = 1 if $code =~ m{/\*};
        $in_comment = 0 if $code =~ m{\*/};
    }

    finding($file, $LINES + 1, "file has over $LINES lines") if @$l > $LINES;

    finding($file, 2, 'no copyright notice at the top')
        if join("\n", @$l[0 .. ($#$l < 5 ? $#$l : 5)]) !~ /^ \* Copyright/m;
}


for my $file (@ARGV) {

    open my $in, '<', $file or do {
        print STDERR "$file: $!\n";
        exit 2;
    };

    my @lines = <$in>;
    close $in;

    finding($file, scalar @lines, 'no newline at the end')
        if @lines and $lines[-1] !~ /\n\z/;

    s/\n\z// for @lines;

    if ($file =~ /\.t$/) {
        lint_test($file, \@lines);

    } elsif ($file =~ /\.[ch]$/) {
        lint_c($file, \@lines);

    } else {
        lint_line($file, $_ + 1, $lines[$_]) for 0 .. $#lines;
    }
}

exit($found ? 1 : 0);
