package Bench::Plot;

# Pictures of the figures, as SVG and as PNG, by gnuplot.  Colours are those
# of Okabe and Ito, which can be told apart by everybody; what differs in
# colour differs in shape or place, too.

use strict;
use warnings;

use Bench::Stage ();
use Bench::Stat qw(figure);

use constant {
    BLUE   => '#0072B2',
    ORANGE => '#E69F00',
    RED    => '#D55E00',
    GREEN  => '#009E73',
    GREY   => '#666666',
};


# $report has the figures, $dir gets the pictures, $note is shown below them

sub draw {
    my ($report, $dir, $note) = @_;

    my @drawn;

    mkdir $dir;

    push @drawn, _gnuplot("$dir/systems", 860, 420, $note, _systems($report))
        if grep { $_->{group} eq 'systems' } $report->rows('cpu');
    push @drawn, _gnuplot("$dir/rules", 720, 400, $note, _rules($report))
        if grep { $_->{group} eq 'rules' } $report->rows('cpu');
    push @drawn, _gnuplot("$dir/latency", 720, 480, $note, _latency($report))
        if $report->rows('latency');

    return @drawn;
}


sub _gnuplot {
    my ($file, $width, $height, $note, $script) = @_;

    my %terminal = (
        svg => qq{svg size $width,$height font "DejaVu Sans,13" }
            . 'background "#ffffff"',
        png => sprintf('pngcairo size %d,%d font "DejaVu Sans,12" fontscale 2'
                       . ' linewidth 2 pointscale 1.6 background "#ffffff"',
                       2 * $width, 2 * $height),
    );

    for my $type (sort keys %terminal) {
        my $commands = Bench::Stage::write_file(
            Bench::Stage::file('plot.gp'), <<"_EOC_");
set terminal $terminal{$type}
set output "$file.$type"
set termoption noenhanced
set border 3 linecolor rgb "@{[ GREY ]}"
set tics nomirror textcolor rgb "#000000"
set grid linecolor rgb "#dddddd" linetype 1
set label 99 "$note" at screen 0.99, screen 0.025 right \\
    font ",9" textcolor rgb "@{[ GREY ]}"
set bmargin 5
$script
_EOC_

        Bench::Stage::run("gnuplot $commands");
    }

    return "$file.svg", "$file.png";
}


sub _quoted {
    my ($text) = @_;

    $text =~ s/["\\]//g;

    return qq{"$text"};
}


# bars that lie, the cheapest at the top: the server's own CPU, and behind it
# that of those it asks

sub _systems {
    my ($report) = @_;

    my @rows = sort {
        $b->{median} + ($b->{asked} // 0) <=> $a->{median} + ($a->{asked} // 0)
    } grep { $_->{group} eq 'systems' } $report->rows('cpu');

    my ($own, $asked, $text, $tics, $n) = ('', '', '', '', 0);

    for my $row (@rows) {
        my $x = $row->{median} < 0 ? 0 : $row->{median};
        my $end = $x + ($row->{asked} // 0);
        my ($low, $high) = ($n - 0.32, $n + 0.32);

        $own .= "0 $n 0 $x $low $high\n";
        $asked .= "$x $n $x $end $low $high\n" if $row->{asked};
        $text .= "$end $n " . _quoted(figure($row->{median})
            . ($row->{asked} ? ' + ' . figure($row->{asked}) : '')) . "\n";
        $tics .= ', ' if $n;
        $tics .= _quoted($row->{label}) . " $n";
        $n++;
    }

    # an empty block cannot be plotted

    $asked = "0 0 0 0 0 0\n" if $asked eq '';

    return <<"_EOC_";
set title "CPU that checking one opaque token adds to a request"
set xlabel "microseconds a request (median of pairs)"
set ytics ($tics) scale 0
set yrange [-0.6:@{[ $n - 0.4 ]}]
set xrange [0:*]
set offsets 0, graph 0.14, 0, 0
unset grid
set grid xtics linecolor rgb "#dddddd" linetype 1
set key top right reverse Left samplen 2 spacing 1.2
set style fill solid 1.0 noborder
\$own << EOD
${own}EOD
\$asked << EOD
${asked}EOD
\$text << EOD
${text}EOD
plot \$own using 1:2:3:4:5:6 with boxxyerror linecolor rgb "@{[ BLUE ]}" \\
        title "in the server that checks", \\
    \$asked using 1:2:3:4:5:6 with boxxyerror linecolor rgb "@{[ ORANGE ]}" \\
        fillstyle pattern 2 border rgb "@{[ ORANGE ]}" \\
        title "in Redis, and in the service that is asked", \\
    \$text using 1:2:3 with labels left offset character 0.8, 0 notitle
_EOC_
}


sub _rules {
    my ($report) = @_;

    my @rows = grep { $_->{name} =~ /^rules-\d/ } $report->rows('cpu');
    my ($lua) = grep { $_->{name} eq 'lua-dict' } $report->rows('cpu');
    my ($data, $tics) = ('', '');

    for my $row (@rows) {
        my ($n) = $row->{name} =~ /-(\d+)$/;
        my $words = $row->{label} =~ s/ rules//r;

        $data .= "$n $row->{median} $row->{q1} $row->{q3} "
            . _quoted(figure($row->{median})) . "\n";
        $tics .= ($tics ne '' ? ', ' : '') . _quoted($words) . " $n";
    }

    my ($last) = $rows[-1]{name} =~ /-(\d+)$/;
    my ($reference, $high) = ('', 2);

    if ($lua) {
        $reference = ", $lua->{median} with lines linetype 1 dashtype 2"
            . ' linecolor rgb "' . ORANGE . '" title "Lua, shared dictionary,'
            . ' for comparison"';
        $high = $lua->{median} * 1.25;
    }

    return <<"_EOC_";
set title "CPU that an opaque token adds to a request, by rules in the zone"
set xlabel "rules"
set ylabel "microseconds a request"
set logscale x
set xtics ($tics)
set xrange [5000:@{[ $last * 2.5 ]}]
set yrange [0:$high < *]
set key center right reverse Left samplen 3
\$data << EOD
${data}EOD
plot \$data using 1:2:3:4 with yerrorlines linewidth 1.5 pointtype 7 \\
        linecolor rgb "@{[ BLUE ]}" \\
        title "this module, median and quartiles", \\
    \$data using 1:2:5 with labels left offset character 0.8, 0.8 notitle \\
    $reference
_EOC_
}


sub _latency {
    my ($report) = @_;

    my %look = (
        rest => ['linetype 1 dashtype 1 linecolor rgb "' . BLUE . '"', 1],
        rate => ['linetype 1 dashtype 2 linecolor rgb "' . GREEN . '"', 2],
        full => ['linetype 1 dashtype 4 linecolor rgb "' . RED . '"', 3],
    );

    my @plots;

    for my $row ($report->rows('latency')) {
        my $file = "$report->{dir}/latency-$row->{name}.txt";

        push @plots, qq{"$file" using 1:((\$0 + 1) * 100.0 / $row->{n})}
            . " with steps linewidth 2 $look{ $row->{name} }[0] title "
            . _quoted(sprintf '%s (p99 %s ms)', $row->{label},
                      figure($row->{p99}));
    }

    my $plots = join ", \\\n    ", @plots;

    return <<"_EOC_";
set title "One revocation: from Redis's answer until every worker refuses"
set xlabel "milliseconds"
set ylabel "percent of revocations"
set logscale x
set xtics (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
set yrange [0:101]
set ytics 0, 25, 100
set autoscale xfixmax
set bmargin at screen 0.35
set key at screen 0.1, screen 0.22 left top vertical maxrows 3 reverse Left \\
    samplen 4 spacing 1.2
plot $plots
_EOC_
}


1;
