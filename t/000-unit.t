# Runs what is built from t/unit: each program speaks TAP and is a subtest.
# One that is missing, crashes, prints no plan or says nothing has failed.

use strict;
use warnings;

use Test::More;
use TAP::Parser ();

my @names = map { m{([^/]+)\.c$} }
    sort glob 't/unit/test_*.c t/unit/stress_*.c';

ok(scalar @names, 't/unit has tests');

for my $name (@names) {

    my $program = "build/unit/$name";

    if (!-x $program) {
        fail("$name was built (make unit)");
        next;
    }

    subtest $name => sub { run_program($program) };
}

done_testing();


sub run_program {
    my ($program) = @_;

    my $parser = TAP::Parser->new({ exec => [$program], merge => 0 });
    my $said = 0;

    while (my $line = $parser->next) {

        if ($line->is_test) {
            ok($line->is_ok, $line->description =~ s/^- //r);
            $said++;

        } elsif (!$line->is_plan) {
            diag($line->as_string);
        }
    }

    ok($said, 'something was tested');
    ok($parser->is_good_plan, 'there is a plan, and it was kept');

    is(join('; ', $parser->parse_errors), '', 'it speaks TAP');
    is($parser->wait & 127, 0, 'no signal ended it');

    is($parser->exit, 0, 'it says that all went well')
        or diag("$program has exited with status " . $parser->exit);
}
