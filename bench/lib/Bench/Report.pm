package Bench::Report;

# What was measured: printed as it comes, and kept as data for the pictures
# and as tables for docs/performance.md.
#
#     build/bench/data/PART.tsv    name, label, unit, n, median, quartiles, ...
#     build/bench/report.md

use strict;
use warnings;

use Bench::Stat qw(figure);

my @columns = qw(n median q1 q3 p99 max);


sub new {
    my ($class, %o) = @_;

    my $self = bless {
        dir => 'build/bench/data', file => 'build/bench/report.md', %o,
        rows => {},
    }, $class;

    mkdir $self->{dir};
    return $self->_load if $o{again};

    unlink glob "$self->{dir}/*.tsv";

    open $self->{out}, '>', $self->{file} or die "$self->{file}: $!\n";

    return $self;
}


# the rows of the run before

sub _load {
    my ($self) = @_;

    for my $file (glob "$self->{dir}/*.tsv") {
        my ($part) = $file =~ m{([^/]+)\.tsv$};

        open my $in, '<', $file or die "$file: $!\n";

        while (my $line = <$in>) {
            chomp $line;

            my %row;
            (@row{qw(name group label unit), @columns}, my @more) =
                split /\t/, $line;
            %row = (%row, map { split /=/ } @more);

            push @{ $self->{rows}{$part} }, \%row;
        }

        close $in;
    }

    open $self->{out}, '>', '/dev/null' or die "$!\n";

    return $self;
}


# In the document it is a block of text as it is.

sub text {
    my ($self, $text) = @_;

    print $text;

    print { $self->{out} } "\n```\n" if !$self->{in_text};
    $self->{in_text} = 1;

    print { $self->{out} } $text;
}


sub _close_text {
    my ($self) = @_;

    print { $self->{out} } "```\n" if delete $self->{in_text};
}


sub title {
    my ($self, $title) = @_;

    printf "\n%s\n", $title;
    printf "    %-52s %8s %18s  %s\n", '', 'median', 'quartiles', 'n';

    $self->_close_text;

    print { $self->{out} } "\n### \u$title\n\n",
        "| what | median | quartiles | n | |\n|---|---|---|---|---|\n";
}


# %more is kept with the data and shown as "name value", but for "note", a text
# that is shown alone

sub row {
    my ($self, $part, $name, $label, $unit, $r, %more) = @_;

    my $group = delete $more{group} // '';
    my $note = delete $more{note} // '';
    my $remark = join ', ', map { "$_ " . figure($more{$_}) }
        grep { $more{$_} } sort keys %more;

    printf "    %-52s %8s %8s to %-7s %3d  %s%s\n", $label,
        figure($r->{median}), figure($r->{q1}), figure($r->{q3}), $r->{n},
        $unit, $remark ne '' ? " ($remark)" : '';
    print "        $_\n" for split /, /, $note;

    $remark .= ($remark ne '' ? '; ' : '') . $note if $note ne '';

    # what was measured once has no spread

    my $spread = $r->{n} > 1
        ? figure($r->{q1}) . ' to ' . figure($r->{q3}) : '';

    printf { $self->{out} } "| %s | %s %s | %s | %d | %s |\n", $label,
        figure($r->{median}), $unit, $spread, $r->{n}, $remark;

    push @{ $self->{rows}{$part} }, {
        name => $name, label => $label, unit => $unit, group => $group,
        %$r, %more,
    };

    open my $data, '>>', "$self->{dir}/$part.tsv" or die "$part.tsv: $!\n";
    print $data join("\t", $name, $group, $label, $unit,
                     map({ sprintf '%.6g', $_ } @$r{@columns}),
                     map({ "$_=" . sprintf '%.6g', $more{$_} }
                         sort keys %more)), "\n";
    close $data;
}


# all values of something, for a picture of how they are distributed

sub values {
    my ($self, $name, @values) = @_;

    open my $out, '>', "$self->{dir}/$name.txt" or die "$name.txt: $!\n";
    print $out "$_\n" for sort { $a <=> $b } @values;
    close $out;
}


# rows of a part, as they were given

sub rows {
    my ($self, $part) = @_;
    return @{ $self->{rows}{$part} // [] };
}


# how long it took; returns the figures as text

sub finish {
    my ($self, $seconds) = @_;

    $self->text(sprintf "\ntook %.0f s\n", $seconds);
    $self->_close_text;
    close $self->{out};

    return _slurp($self->{file});
}


# what stands between the marks of a document

sub put {
    my ($document, $figures) = @_;

    my $text = _slurp($document);

    $text =~ s/(<!--\ make\ bench\ -->\n).*
               (?=<!--\ end\ of\ make\ bench\ -->)/$1$figures/xs
        or die "$document: no marks\n";

    open my $out, '>', $document or die "$document: $!\n";
    print $out $text;
    close $out;
}


sub _slurp {
    my ($file) = @_;

    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}


1;
