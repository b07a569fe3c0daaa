# A short run of each target of t/fuzz, on its corpus and what follows from it:
# its property holds (see the head of its source).  The number of runs is
# fixed, and so is the seed; "make fuzz" is the long run.

use strict;
use warnings;

use File::Path qw(make_path remove_tree);
use Test::More;

my $runs = 20000;

my @names = map { m{fuzz_([^/]+)\.c$} } sort glob 't/fuzz/fuzz_*.c';

if (system("tools/fuzzing.sh '@{[ $ENV{FUZZ_CC} // 'clang' ]}' 2>/dev/null")) {
    plan skip_all => 'the runtime of libFuzzer is not here';
}

ok(scalar @names, 't/fuzz has targets');

for my $name (@names) {

    my $program = "build/fuzz/fuzz_$name";

    if (!-x $program) {
        fail("$program was built (make fuzzers)");
        next;
    }

    my @corpus = glob "t/fuzz/corpus/$name/*";
    my $found = "build/fuzz/short/$name";

    ok(scalar @corpus, "$name has a corpus");

    # what is found is forgotten, so that each run is the same

    remove_tree($found);
    make_path($found);

    my $options = "-runs=$runs -seed=1 -artifact_prefix=build/fuzz/$name-";
    my $said = `$program $options $found t/fuzz/corpus/$name 2>&1`;

    is($?, 0, "$name: the property holds") or diag(substr $said, -4000);
    ok($said =~ /^Done $runs runs/m, "$name: all runs were made");
}

done_testing();
