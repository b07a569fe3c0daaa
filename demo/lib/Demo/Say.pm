package Demo::Say;

# What the demo says: plain text, with colours on a terminal.

use strict;
use warnings;

use Exporter 'import';
use Text::Wrap ();

our @EXPORT_OK = qw(heading say_text say_code say_ok say_log figures commas);

my $colours = -t STDOUT && ($ENV{TERM} // 'dumb') ne 'dumb'
              && !exists $ENV{NO_COLOR};

$| = 1;


sub _paint {
    my ($colour, $text) = @_;

    return $colours ? "\e[${colour}m$text\e[m" : $text;
}


# filled to the width of a page, $first before its first line
sub _fill {
    my ($first, $rest, $text) = @_;

    local $Text::Wrap::columns = 79;
    local $Text::Wrap::huge = 'overflow';
    local $Text::Wrap::unexpand = 0;
    local $Text::Wrap::break = qr/ /;

    return Text::Wrap::wrap($first, $rest, $text) . "\n";
}


sub heading {
    my ($text) = @_;

    print "\n", _paint('1', $text), "\n\n";
}


sub say_text { print _fill('  ', '  ', join ' ', @_) }


# what is typed, configured or answered, a line each
sub say_code {
    my (@lines) = @_;

    print "\n";
    print _paint('36', _fill('      ', '          ', $_)) for @lines;
    print "\n";
}


# what was to be shown, and holds
sub say_ok {
    my $text = _fill('  ok  ', '      ', join ' ', @_);
    my $ok = _paint('32', 'ok');

    $text =~ s/^  ok/  $ok/;
    print $text;
}


# a line of a server's log, which is longer than a line of a page
sub say_log {
    my ($line) = @_;

    print "\n", _paint('33', _fill('      ', '      ', $line)), "\n";
}


# names and values in two columns
sub figures {
    my (@pairs) = @_;

    while (my ($name, $value) = splice @pairs, 0, 2) {
        printf "  %-28s%s\n", $name, $value;
    }
}


# 1234567 is 1,234,567
sub commas {
    my ($number) = @_;

    1 while $number =~ s/^(\d+)(\d{3})/$1,$2/;

    return $number;
}


1;
