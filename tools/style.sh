#!/bin/sh

# The layout of C files, by uncrustify.  Idioms of nginx that it does not
# know are made equal on both sides before they are compared.
#
# usage: tools/style.sh FILE...    (others than *.c and *.h are left out)
#
# exit status: 0 all files have the layout; 1 some do not, the difference was
# printed; 2 nothing could be checked

set -u
cd "$(dirname "$0")/.." || exit 2

# its layout changes from release to release

pinned=0.72

version=$(uncrustify --version 2> /dev/null | sed 's/^[^0-9]*\([0-9.]*\).*/\1/')

case $version in
$pinned*)
    ;;
'')
    echo "tools/style.sh: uncrustify is not here: tools/setup.sh test" >&2
    exit 2
    ;;
*)
    echo "style: not checked, uncrustify is $version, $pinned is meant" >&2
    exit 0
    ;;
esac

norm='
    s/^ *\(ngx_null_command\|ngx_http_null_variable\)$/\1/
    s/^ *|NGX_/|NGX_/
    s/\(unsigned *[a-z0-9_]*\) : \([0-9]\)/\1:\2/
    s/^ *\([!=]= \)/\1/
    /^.\{81\}/s/^\( *\)\(.*)\) {$/\1\2\n\1{/
    s/for ( ; ; )/for ( ;; )/
    s|for ( /\* void \*/ ;|for ( /* void */;|
    s/\([a-z0-9]_t\) *(\*/\1 (*/'

# Where aligned arguments would pass column 80, all of them stand further left.
# usage: perl -e "$shift_left" FILE STYLED    prints the file, such lines styled

shift_left='
    open my $a, "<", $ARGV[0]; my @a = <$a>;
    open my $b, "<", $ARGV[1]; my @b = <$b>;
    my $i = 0;

    while (@a == @b && $i < @a) {
        my ($j, $long, $left) = ($i, 0);

        for ( ; $j < @a && $a[$j] ne $b[$j]; $j++) {
            my ($x) = $a[$j] =~ /^( *)/;
            my ($y) = $b[$j] =~ /^( *)/;
            my $by = length($y) - length($x);

            last if substr($a[$j], length $x) ne substr($b[$j], length $y)
                    || $by <= 0 || defined $left && $by != $left;

            $left = $by;
            $long = 1 if length $b[$j] > 81;
        }

        @a[$i .. $j - 1] = @b[$i .. $j - 1] if $long;
        $i = $j > $i ? $j : $i + 1;
    }

    print @a;'

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 2' HUP INT TERM
rc=0

for f in "$@"; do
    case $f in *.c | *.h) ;; *) continue ;; esac

    uncrustify -q -l C -c .uncrustify.cfg -f "$f" > "$tmp/is" || exit 2
    sed -e "$norm" "$f" > "$tmp/was"
    sed -e "$norm" "$tmp/is" > "$tmp/b"
    perl -e "$shift_left" "$tmp/was" "$tmp/b" > "$tmp/a"
    diff -u --label "$f" --label "$f (nginx style)" "$tmp/a" "$tmp/b" || rc=1
done

exit $rc
