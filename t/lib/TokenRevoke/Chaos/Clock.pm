package TokenRevoke::Chaos::Clock;

# The clock that the module dates its confirmations by, in seconds: one that
# counts sleep and does not jump.  All times of the chaos test are its.

use strict;
use warnings;

use Exporter 'import';
use Time::HiRes ();

our @EXPORT = qw(now);


sub CLOCK_BOOTTIME { 7 }
sub now { Time::HiRes::clock_gettime(CLOCK_BOOTTIME) }


1;
